package ldap

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// Accounts implements [reconcile.Lister]: every user below users.base, who is outside it and in a mapped group, and who is named in an assignment, with what
// they hold. What is or bears a personnummer is left out of an account.
func (t *Target) Accounts(ctx context.Context) ([]reconcile.Account, error) {
	if err := t.connect(ctx); err != nil {
		return nil, err
	}
	all := map[string]*reconcile.Account{} // by folded DN, or by the value that an assignment names
	if len(t.mapping.rules) > 0 {
		s, err := t.survey(ctx)
		if err != nil {
			return nil, err
		}
		for _, accounts := range []map[string]*account{s.accounts, s.outside} {
			for key, a := range accounts {
				all[key] = a.listed()
			}
		}
		t.each(s, func(k schema.Key, a *account) {
			all[a.key].Grants = append(all[a.key].Grants, reconcile.Holding{System: k.System, Role: k.Role, Unit: k.Unit})
		})
	}
	for _, e := range t.entries {
		if err := t.listAssignments(ctx, e, all); err != nil {
			return nil, err
		}
	}
	var list []reconcile.Account
	for _, key := range sortedNames(all) {
		a := all[key]
		slices.SortFunc(a.Grants, func(x, y reconcile.Holding) int {
			return cmp.Or(strings.Compare(x.System, y.System), strings.Compare(x.Role, y.Role), strings.Compare(x.Unit, y.Unit))
		})
		a.Grants = slices.CompactFunc(a.Grants, func(x, y reconcile.Holding) bool { return x == y })
		list = append(list, *a)
	}
	return list, nil
}

// listed is an account as it is shown.
func (a *account) listed() *reconcile.Account {
	return &reconcile.Account{
		ID: cmp.Or(a.id, a.shown()), Login: unnumbered(a.login), Name: kind.Clean(a.name), EmployeeID: unnumbered(a.employeeID), HSAID: unnumbered(a.hsaID), Enabled: a.in,
	}
}

// unnumbered is a value that bears no personnummer, or else nothing.
func unnumbered(v string) string {
	if schema.Mask(v) != v {
		return ""
	}
	return v
}

func (t *Target) listAssignments(ctx context.Context, e *assignments, all map[string]*reconcile.Account) error {
	follows := t.mapping.rule(e.system, "") == nil
	known := map[string]*reconcile.Account{} // by what the entries name people by, in lower case
	for _, key := range sortedNames(all) {
		if v := *valueOf(all[key], e.by); v != "" {
			known[strings.ToLower(v)] = all[key]
		}
	}
	return e.list(ctx, t, "", func(a assigned, entry *ldap.Entry) {
		value := ""
		if values, ok := match(e.attributes[e.person], entry.GetEqualFoldAttributeValues(e.person)); ok {
			value = values[string(e.by)]
		}
		account := known[strings.ToLower(value)]
		if account == nil {
			account = &reconcile.Account{ID: unnumbered(value), Enabled: true}
			*valueOf(account, e.by) = unnumbered(value)
			known[strings.ToLower(value)], all["assignment "+strings.ToLower(value)] = account, account
		}
		account.Grants = append(account.Grants, reconcile.Holding{System: e.system, Role: a.key.Role, Unit: a.key.Unit, Until: a.until})
		if follows {
			account.Grants = append(account.Grants, reconcile.Holding{System: e.system})
		}
	})
}

// valueOf is where an account has what entries name people by. An account has no person's key; that is kept as its own name.
func valueOf(a *reconcile.Account, by kind.By) *string {
	switch by {
	case kind.ByHSAID:
		return &a.HSAID
	case kind.ByEmployeeID:
		return &a.EmployeeID
	case kind.ByLogin:
		return &a.Login
	}
	return &a.ID
}
