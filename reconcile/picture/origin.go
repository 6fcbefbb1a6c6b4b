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
	if known {
		return found
	}
	if o, err := a.Repo.Origin(rev, file, line); err == nil {
		found = &Origin{Origin: o}
		if a.Orders != nil {
			if known, ok := a.Orders(o.Commit); ok {
				found.Order = known
			}
		}
		found.Author, found.Subject = a.discreet(o, person)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.origins == nil {
		a.origins = map[string]*Origin{}
	}
	a.origins[id] = found
	return found
}

// ordered is who ordered the line of an entry, as it read then.
func (a *Archive) ordered(e ledger.Entry) *Origin {
	if commit := commitOf(e.Revision); commit != "" {
		return a.Origin(commit, e.Source, e.Person)
	}
	return nil
}

// mostCatalogues is how many old catalogues are kept at once.
const mostCatalogues = 50

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

// discreet is what a commit says of itself without numbers in clear and the names of people whose data are protected. The subject may be of anybody; the author
// is somebody who orders, or whom the line is for.
func (a *Archive) discreet(o repo.Origin, about string) (author, subject string) {
	a.secrets.Do(func() {
		var mu sync.Mutex
		a.Org.Each(func(p *schema.Person, _ error) {
			if p.Protected {
				mu.Lock()
				defer mu.Unlock()
				a.hidden = append(a.hidden, p)
			}
		})
		slices.SortFunc(a.hidden, func(p, q *schema.Person) int { return strings.Compare(p.Key, q.Key) })
		a.orderers = orderers(a.Org)
	})
	author, subject = o.Author, o.Subject
	for _, p := range a.hidden {
		if subject = p.Blot(subject); p.Key == about || a.orderers[p.Key] {
			author = p.Blot(author)
		}
	}
	return schema.Mask(author), schema.Mask(subject)
}

// orderers are all who order: managers, deputies, and whose signatures count.
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
	return who
}
