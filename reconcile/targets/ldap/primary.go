package ldap

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/schema"
)

// primarySID is the security identifier of an account's primary group: the account's own with another last part (MS-DTYP 2.4.2.2, MS-ADTS 3.1.1.4.5.11).
func primarySID(own []byte, rid string) string {
	n, err := strconv.ParseUint(rid, 10, 32)
	if err != nil || len(own) < 12 {
		return ""
	}
	return string(binary.LittleEndian.AppendUint32(slices.Clone(own[:len(own)-4]), uint32(n)))
}

// memberAttributes are those that a group is read by.
func (t *Target) memberAttributes() []string {
	if t.accounts.ad {
		return []string{t.accounts.groups.Member, "objectSid"}
	}
	return []string{t.accounts.groups.Member}
}

// joinPrimaries puts the accounts below users.base among the members of their primary groups, by these groups' security identifiers.
func (t *Target) joinPrimaries(accounts []*account, groups map[string]*group) {
	if !t.accounts.ad {
		return
	}
	known := map[string]string{}
	for _, a := range accounts {
		if g := groups[a.sid]; a.sid != "" && g != nil {
			g.members = append(g.members, a.dn)
			known[a.sid] = g.dn
		} else if a.sid != "" {
			known[a.sid] = ""
		}
	}
	t.learn(known)
}

// learn keeps which groups the mapping knows that are primary ones, by their security identifiers: mostly none, of the same few for everybody.
func (t *Target) learn(known map[string]string) {
	t.primaryMu.Lock()
	defer t.primaryMu.Unlock()
	if t.primary == nil {
		t.primary = map[string]string{}
	}
	maps.Copy(t.primary, known)
}

// primaries adds to the groups of accounts the primary ones that the mapping knows.
func (t *Target) primaries(ctx context.Context, accounts []*account) error {
	var unknown []string
	asked := map[string]string{}
	t.primaryMu.Lock()
	for _, a := range accounts {
		_, known := t.primary[a.sid]
		if _, twice := asked[a.sid]; a.sid != "" && !known && !twice {
			asked[a.sid] = ""
			unknown = append(unknown, a.sid)
		}
	}
	t.primaryMu.Unlock()
	for _, base := range t.server.contexts {
		for _, filter := range anyOf("objectSid", unknown) {
			err := t.search(ctx, query{base, filter, []string{"objectSid"}}, func(e *ldap.Entry) {
				if t.mapping.mapped(e.DN) {
					asked[string(e.GetEqualFoldRawAttributeValue("objectSid"))] = e.DN
				}
			})
			if err != nil {
				return err
			}
		}
	}
	t.learn(asked)
	t.primaryMu.Lock()
	defer t.primaryMu.Unlock()
	for _, a := range accounts {
		if dn := t.primary[a.sid]; a.sid != "" && dn != "" {
			a.primary, a.groups = dn, append(a.groups, dn)
		}
	}
	return nil
}

// primary is the error of an account that cannot leave a group: AD has no account without a primary one.
func (x *task) primary() error {
	return fmt.Errorf("%s is in %s, and it is the account's primary group; change that first", x.who, shownDN(x.account.primary))
}

// rolesOf are the roles of a system among what is held.
func rolesOf(held map[schema.Key]bool, system string) map[schema.Key]bool {
	roles := maps.Clone(held)
	maps.DeleteFunc(roles, func(k schema.Key, _ bool) bool { return k.System != system || k.Role == "" })
	return roles
}
