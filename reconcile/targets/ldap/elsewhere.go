package ldap

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/reconcile/targets/kind"
)

// findElsewhere looks in all of the directory for the accounts of people who have none below users.base: one that was moved, or that users.filter no longer
// passes. A second account must not be made beside it, and what it holds is not gone.
func (b *batch) findElsewhere(ctx context.Context) {
	var missing []string
	for _, who := range sortedNames(b.tasks) {
		if !stranger(who) && b.tasks[who].account == nil {
			missing = append(missing, who)
		}
	}
	filters := together(b.t.valuesOf(missing))
	for _, base := range b.t.server.contexts {
		for _, filter := range filters {
			q := query{base, "(&(|" + b.t.accounts.anybody + b.t.accounts.users.Filter + ")" + filter + ")", b.t.accounts.attributes()}
			err := b.t.search(ctx, q, func(e *ldap.Entry) {
				a := b.t.account(e)
				if x := b.tasks[a.owner]; x != nil && x.account == nil && x.elsewhere == nil && !b.t.isAssignment(a.key) {
					x.elsewhere = b.t.outside(a)
				}
			})
			if c := code(err); c == ldap.LDAPResultNoSuchObject || c == ldap.LDAPResultInsufficientAccessRights {
				continue // that part is not ours to see
			}
			for _, who := range missing {
				if x := b.tasks[who]; err != nil && x.elsewhere == nil {
					x.elsewhere = err
				}
			}
		}
	}
}

// outside is the error of somebody whose account is where the target does not look.
func (t *Target) outside(a *account) error {
	at := ": " + shownDN(a.dn)
	if a.veiled {
		at = ""
	}
	return fmt.Errorf("%s has an account outside users.base or users.filter%s; widen it or move it back", a.owner, at)
}

// isAssignment tells that an entry, by its folded DN, is below a folder of assignments.
func (t *Target) isAssignment(key string) bool {
	for _, e := range t.entries {
		if strings.HasSuffix(key, ","+fold(e.base)) {
			return true
		}
	}
	return false
}

// names tells whether a value is that of somebody whose data are protected.
func (t *Target) names(value string) bool {
	for _, by := range []kind.By{kind.ByLogin, kind.ByEmployeeID, kind.ByHSAID} {
		for _, key := range t.people().Bearers(by, value) {
			if t.veiled(key) {
				return true
			}
		}
	}
	return false
}
