package portal

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/schema"
)

// newcomers are the people whom an order that waits brings, and whom the branch does not know yet: as the order's own commit has them. What was read of the same
// commit before is taken over.
func (p *Portal) newcomers(n *Now, s *Sent) []*schema.Person {
	if was := p.now.Load(); was != nil && was.revision == n.revision {
		if old := was.Order(s.Order); old != nil && old.Commit == s.Commit && old.Progress == s.Progress {
			return old.New
		}
	}
	var paths []string
	for _, file := range s.Paths {
		if key := personOf(file); slices.Contains(s.People, key) && !n.revision.Org.Knows(key) {
			paths = append(paths, file)
		}
	}
	if len(paths) == 0 {
		return nil
	}
	head, err := p.Mirror.Repo().Revision(s.Commit)
	if err != nil {
		return nil // the order's page says that what is in it is not known
	}
	org, err := n.revision.Org.WithPeople(head.FS, paths)
	if err != nil {
		return nil
	}
	var all []*schema.Person
	for _, key := range s.People {
		if n.revision.Org.Knows(key) {
			continue
		}
		if h, err := org.Person(key); err == nil && h != nil {
			all = append(all, h)
		}
	}
	return all
}

// newcomer is somebody whom an order that waits brings; nil: nobody of that key.
func (n *Now) newcomer(key string) *schema.Person {
	for _, s := range n.Sent {
		for _, h := range s.New {
			if h.Key == key {
				return h
			}
		}
	}
	return nil
}

// arriving are whom orders that wait bring, by key: another new person must have another key, whichever is merged first. Of whom no file could be read, the key
// is known alone.
func (n *Now) arriving() map[string]*schema.Person {
	all := map[string]*schema.Person{}
	for _, s := range n.Sent {
		if s.Progress != Waiting {
			continue
		}
		for _, file := range s.Paths {
			if key := personOf(file); key != "" && !n.Org.Knows(key) {
				all[key] = nil
			}
		}
		for _, h := range s.New {
			all[h.Key] = h
		}
	}
	return all
}

// personOf is the key of the person whose file it is; "" of another file.
func personOf(file string) string {
	if !strings.HasPrefix(file, "people/") {
		return ""
	}
	return strings.TrimSuffix(path.Base(file), ".yaml")
}

// newcomerRows are those whom orders that wait bring to some of the viewer's units, as the list shows them: with the order in the place of a page of their own.
func (x *visit) newcomerRows(units map[string]bool, q string) []personRow {
	var all []personRow
	for _, s := range x.Now.Sent {
		if s.Progress != Waiting && s.Progress != Clashing {
			continue
		}
		for _, h := range s.New {
			var posts []string
			for _, e := range h.Employments {
				if units[e.Unit] {
					posts = append(posts, x.postOf(report.Post{Unit: e.Unit, Title: e.Title, Form: e.Form, From: e.From, Until: e.Until}))
				}
			}
			if posts == nil || !x.Viewer.Sees(h) || !x.matches(&picture.Person{PersonPart: &report.PersonPart{Key: h.Key}}, q) {
				continue
			}
			all = append(all, personRow{
				Key: h.Key, Name: x.name(h.Key), To: "/orders/" + s.Order, Posts: posts, Badges: []badgeView{{"merge", x.t("stage-merge")}},
				Matters: []matterView{{"merge", x.t("people-order-waits", "kind", x.kindName(s.Kind)), "/orders/" + s.Order}},
			})
		}
	}
	slices.SortFunc(all, func(a, b personRow) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Key, b.Key))
	})
	return all
}
