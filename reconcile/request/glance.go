package request

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Glance is [Judge] for a page that answers while somebody types. A login or number that is new is looked for in what is known of everybody
// (reconcile.Desire.Marks, of the same revision) and not in everybody's files, which takes a second in a whole municipality. Before an order is sent it is judged.
func Glance(ctx context.Context, src reconcile.Source, by string, files []File, marks reconcile.Marks) (*Verdict, error) {
	if err := within(files); err != nil {
		return nil, err
	}
	over := Apply(src.Org.Files(), files)
	head, err := src.Org.WithPeople(over, paths(files))
	if err != nil {
		return Judge(ctx, src, by, files)
	}
	var known []File
	var twice []Hindrance
	for _, f := range files {
		key := personOf(f.Path)
		p, err := head.Person(key)
		if key == "" || err != nil || f.Raw == nil {
			continue
		}
		before := &schema.Person{Key: key, Path: p.Path}
		if src.Org.Knows(key) {
			if before, err = src.Org.Person(key); err != nil {
				continue
			}
		}
		fresh := news(before, p)
		if len(fresh) == 0 {
			continue
		}
		if raw := familiar(src.Org, before, p); raw != nil {
			known = append(known, File{p.Path, raw})
			twice = append(twice, bearers(src, by, head, files, p, fresh, marks)...)
		}
	}
	if len(known) == 0 {
		return Judge(ctx, src, by, files)
	}
	base := src
	if base.Org, err = src.Org.WithPeople(Apply(src.Org.Files(), known), paths(known)); err != nil {
		return Judge(ctx, src, by, files)
	}
	base.Engine = src.Engine.For(base.Org)
	j, err := review(ctx, base, by, files)
	if err != nil {
		return nil, err
	}
	for _, h := range twice {
		j.add(h)
	}
	return j.finished(), nil
}

func paths(files []File) []string {
	all := make([]string, len(files))
	for i, f := range files {
		all[i] = f.Path
	}
	return all
}

// mark is a login or number of a person, by the rule's case.
type mark struct{ noun, value string }

// marksOf are what must be nobody else's.
func marksOf(p *schema.Person) []mark {
	return []mark{{"login", p.Login}, {"hsaId", p.HSAID}, {"employeeId", p.EmployeeID}}
}

// news are those that a person has and had not.
func news(before, after *schema.Person) []mark {
	var all []mark
	for i, m := range marksOf(after) {
		if m.value != "" && m.value != marksOf(before)[i].value {
			all = append(all, m)
		}
	}
	return all
}

// familiar is a person's file as it was, but with the logins and numbers that it is to have, so that they are not new; and with another name, so that the file
// is seen to change all the same. Of somebody who was not there it is that and nothing else.
func familiar(o *schema.Org, before, after *schema.Person) []byte {
	if o.Path(before.Key) == "" {
		raw, err := (&schema.Person{Name: "–", Login: after.Login, HSAID: after.HSAID, EmployeeID: after.EmployeeID, Key: after.Key}).Write("")
		if err != nil {
			return nil
		}
		return raw
	}
	was, ok := schema.ReadText(o.Files(), before.Path)
	if !ok {
		return nil
	}
	edits := []schema.Edit{{Path: "name", Value: "–"}}
	for _, m := range news(before, after) {
		edits = append(edits, schema.Edit{Path: m.noun, Value: m.value})
	}
	raw, err := schema.Alter([]byte(was), edits...)
	if err != nil {
		return nil
	}
	return raw
}

// bearers are the hindrances of what somebody else has already: in the revision, or in the same request.
func bearers(src reconcile.Source, by string, head *schema.Org, files []File, p *schema.Person, fresh []mark, marks reconcile.Marks) []Hindrance {
	hashes := map[string]bool{}
	for _, m := range fresh {
		hashes[reconcile.Mark(m.value)] = true
	}
	others := map[string]bool{}
	for key, theirs := range marks {
		if key != p.Key && slices.ContainsFunc(theirs, func(h string) bool { return hashes[h] }) {
			others[key] = true
		}
	}
	for _, f := range files {
		if key := personOf(f.Path); key != "" && key != p.Key {
			others[key] = true
		}
	}
	var found []Hindrance
	for _, key := range slices.Sorted(maps.Keys(others)) {
		other, err := head.Person(key)
		if err != nil {
			continue
		}
		for _, theirs := range marksOf(other) {
			for _, mine := range fresh {
				if theirs.noun == mine.noun && strings.EqualFold(theirs.value, mine.value) {
					found = append(found, twiceOf(src, by, p.Key, key, mine.noun))
				}
			}
		}
	}
	return found
}

// twiceOf says that two people have the same, in the words of the rule reference.
func twiceOf(src reconcile.Source, by, person, other, noun string) Hindrance {
	h := Hindrance{Rule: "reference", Level: Stop, Do: hints["reference "+noun], Person: person, Who: []string{by}}
	for _, r := range src.Engine.Rules() {
		if r.Name == h.Rule {
			h.What = r.Cases[noun].Message.With("person", person, "other", other)
		}
	}
	return h
}
