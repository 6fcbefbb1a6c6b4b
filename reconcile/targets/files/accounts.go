package files

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile"
)

// Accounts implements [reconcile.Lister] for the systems that have a user list.
func (t *Target) Accounts(ctx context.Context) ([]reconcile.Account, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []reconcile.Account
	for _, system := range t.Systems {
		l := t.layouts[system]
		if l.Listing == nil {
			return nil, fmt.Errorf("%s has no user list (listing in targets.yaml), so its accounts cannot be listed", system)
		}
		s, err := t.newestListing(ctx, l)
		if err != nil {
			return nil, err
		}
		byID := map[string]*reconcile.Account{}
		for i := range s.accounts {
			byID[s.accounts[i].ID] = &s.accounts[i]
		}
		for k, until := range s.state {
			if a := byID[strings.TrimPrefix(k.Person, "@")]; a != nil {
				a.Grants = append(a.Grants, reconcile.Holding{System: system, Role: k.Role, Unit: k.Unit, Until: until})
			}
		}
		for i := range s.accounts {
			slices.SortFunc(s.accounts[i].Grants, func(a, b reconcile.Holding) int {
				return slices.Compare([]string{a.Role, a.Unit}, []string{b.Role, b.Unit})
			})
		}
		all = append(all, s.accounts...)
	}
	return all, nil
}
