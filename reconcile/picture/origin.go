package picture

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/schema"
)

// commitOf is the commit of a revision as the ledger has it ("c0ffee…", "c0ffee…+worktree", "folder").
func commitOf(revision string) string {
	commit, _, _ := strings.Cut(revision, "+")
	if len(commit) != 40 || strings.Trim(commit, "0123456789abcdef") != "" {
		return ""
	}
	return commit
}

// Origin is who ordered a line ("people/anna.yaml:12") of a commit, branch or tag ("": the newest), without what tells who somebody is whose data are
// protected. person is whose line it is. nil: it is not known, since there is no git, or the commit or the line is not there.
func (a *Archive) Origin(rev, source, person string) *Origin {
	file, number, _ := strings.Cut(source, ":")
	line, err := strconv.Atoi(number)
	if a.Repo == nil || err != nil {
		return nil
	}
	id := rev + " " + source + " " + person
	a.mu.Lock()
	found, known := a.origins[id]
	a.mu.Unlock()
	if !known {
		if o, err := a.Repo.Origin(rev, file, line); err == nil {
			found = &Origin{Origin: o}
			found.Author, found.Subject = a.discreet(o, person)
		}
		a.mu.Lock()
		if a.origins == nil || len(a.origins) >= mostOrigins {
			a.origins = map[string]*Origin{}
		}
		a.origins[id] = found
		a.mu.Unlock()
	}
	if found == nil || a.Orders == nil {
		return found
	}
	told := *found
	if o, ok := a.Orders(found.Commit); ok {
		told.Order, told.Approved = o, nil
		told.Merger, _ = a.discreet(repo.Origin{Author: o.Merger}, person)
		for _, who := range o.Approved {
			who, _ = a.discreet(repo.Origin{Author: who}, person)
			told.Approved = append(told.Approved, who)
		}
	}
	return &told
}

// ordered is who ordered the line of an entry, as it read then.
func (a *Archive) ordered(e ledger.Entry) *Origin {
	if commit := commitOf(e.Revision); commit != "" {
		return a.Origin(commit, e.Source, e.Person)
	}
	return nil
}

// These are how many old catalogues, and origins of lines, are kept at once.
const (
	mostCatalogues = 50
	mostOrigins    = 100_000
)

// catalogue is that of a commit, nil if it is not there or does not load.
func (a *Archive) catalogue(commit string) *schema.Org {
	if a.Repo == nil || commit == "" {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	o, known := a.catalogues[commit]
	if known {
		return o
	}
	if tree, err := a.Repo.At(commit); err == nil {
		if o, err = schema.LoadCatalogue(tree.FS, "targets.yaml"); err != nil {
			o = nil
		}
	}
	if a.catalogues == nil || len(a.catalogues) >= mostCatalogues {
		a.catalogues = map[string]*schema.Org{}
	}
	a.catalogues[commit] = o
	return o
}

// blotter takes what tells who a person is out of a text.
type blotter struct {
	person string
	blot   func(text string) string
}

// discreet is what a commit says of itself without numbers in clear and the names of people whose data are protected. The subject may be of anybody; the author
// is somebody who orders, or whom the line is for.
func (a *Archive) discreet(o repo.Origin, about string) (author, subject string) {
	a.secrets.Do(func() {
		a.hidden = a.blotters()
		a.orderers = orderers(a.Org)
	})
	author, subject = o.Author, o.Subject
	for _, p := range a.hidden {
		if subject = p.blot(subject); p.person == about || a.orderers[p.person] {
			author = p.blot(author)
		}
	}
	return schema.Mask(author), schema.Mask(subject)
}

// blotters are those of all whose data are protected.
func (a *Archive) blotters() (all []blotter) {
	var mu sync.Mutex
	add := func(p *schema.Person, _ error) {
		if p != nil && p.Protected {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, blotter{p.Key, p.Blotter()})
		}
	}
	if a.Protected == nil {
		a.Org.Each(add)
	} else {
		for _, key := range a.Protected() {
			add(a.Org.Person(key))
		}
	}
	slices.SortFunc(all, func(p, q blotter) int { return strings.Compare(p.person, q.person) })
	return all
}

// orderers are all who order or approve: managers, deputies, owners, and whose signatures count.
func orderers(o *schema.Org) map[string]bool {
	who := map[string]bool{}
	for _, u := range o.Units {
		who[u.Manager] = true
		for _, d := range u.Deputies {
			who[d.Person] = true
		}
	}
	for key := range o.Signers {
		who[key] = true
	}
	for _, keys := range o.Owners {
		for _, key := range keys {
			who[key] = true
		}
	}
	return who
}
