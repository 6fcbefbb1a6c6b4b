package ldap

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
)

// account is one user of the directory.
type account struct {
	dn, key    string // as the server writes it, and folded
	id         string
	login      string
	employeeID string
	hsaID      string
	name       string
	owner      string // the person's key, or a stranger's
	rank       int    // how surely it is the owner's: the lower the surer
	flags      int    // userAccountControl
	off        bool   // switched off
	ends       string // its last day, as the directory writes it
	in         bool   // may sign in: it is not off and has not ended
	groups     []string
	sid        string   // of its primary group, which AD lists among neither the group's members nor the account's groups; "" where there is none
	primary    string   // DN of that group, where the mapping knows it
	twins      []string // DNs of others that are the owner's just as surely
	veiled     bool     // some value of it is that of somebody whose data are protected
}

// userAccountControl's bits (MS-ADTS 2.2.16).
const (
	flagDisabled = 0x2
	flagNormal   = 0x200
)

// attributes are those that an account is read by.
func (r *accountRules) attributes() []string {
	names := []string{r.users.Name, "cn", r.id}
	for _, by := range []kind.By{kind.ByLogin, kind.ByEmployeeID, kind.ByHSAID} {
		if a := r.attribute[by]; a != "" {
			names = append(names, a)
		}
	}
	if r.ad {
		names = append(names, "userAccountControl", "objectSid", "primaryGroupID")
	}
	if r.lock.Attribute != "" {
		names = append(names, r.lock.Attribute)
	}
	if r.expires != "none" {
		names = append(names, r.expiresAt)
	}
	return names
}

// account makes an account of an entry.
func (t *Target) account(e *ldap.Entry) *account {
	r := t.accounts
	a := &account{
		dn: e.DN, key: fold(e.DN), login: e.GetEqualFoldAttributeValue(r.users.Login), name: cmp.Or(e.GetEqualFoldAttributeValue(r.users.Name), e.GetEqualFoldAttributeValue("cn")),
		employeeID: e.GetEqualFoldAttributeValue(r.users.EmployeeID), id: identifier(e.GetEqualFoldRawAttributeValue(r.id)),
	}
	if r.users.HSAID != "" {
		a.hsaID = e.GetEqualFoldAttributeValue(r.users.HSAID)
	}
	if r.lock.Attribute != "" {
		a.off = slices.ContainsFunc(e.GetEqualFoldAttributeValues(r.lock.Attribute), func(v string) bool { return strings.EqualFold(v, r.lock.Locked) })
	} else if r.ad {
		a.flags, _ = strconv.Atoi(e.GetEqualFoldAttributeValue("userAccountControl"))
		a.off = a.flags&flagDisabled != 0
	}
	if r.expires != "none" {
		a.ends = e.GetEqualFoldAttributeValue(r.expiresAt)
	}
	a.in = !a.off && !t.expired(r.parseEnd(a.ends))
	if r.users.MemberOf != "" {
		a.groups = e.GetEqualFoldAttributeValues(r.users.MemberOf)
	}
	a.sid = primarySID(e.GetEqualFoldRawAttributeValue("objectSid"), e.GetEqualFoldAttributeValue("primaryGroupID"))
	t.own(a, e)
	return a
}

// own finds whose an account is: by the first way, in order, that knows a value of it.
func (t *Target) own(a *account, e *ldap.Entry) {
	r, people := t.accounts, t.people()
	for i, by := range r.match {
		for _, v := range e.GetEqualFoldAttributeValues(r.attribute[by]) {
			key, ok := people.Match(by, v)
			if !ok {
				continue
			}
			a.veiled = a.veiled || t.veiled(key)
			if !t.contradicts(key, e, r.match[:i]) {
				a.owner = key
				a.rank = t.rankOf(key, e)
				return
			}
		}
	}
	a.owner = reconcile.Stranger(a.shown())
}

// contradicts tells that an entry has another value than a person where a surer way looks: then it is somebody else's, whatever else they share.
func (t *Target) contradicts(key string, e *ldap.Entry, surer []kind.By) bool {
	p, err := t.people().Person(key)
	return err == nil && slices.ContainsFunc(surer, func(by kind.By) bool {
		v, there := p.Value(by), e.GetEqualFoldAttributeValues(t.accounts.attribute[by])
		return v != "" && len(there) > 0 && !slices.ContainsFunc(there, func(x string) bool { return strings.EqualFold(x, v) })
	})
}

// rankOf is how an entry's values fit a person's: a bit for each way that does not, the first way's the highest.
func (t *Target) rankOf(key string, e *ldap.Entry) int {
	person, err := t.people().Person(key)
	if err != nil {
		return 0
	}
	rank := 0
	for _, by := range t.accounts.match {
		rank <<= 1
		if v := person.Value(by); v == "" || !slices.ContainsFunc(e.GetEqualFoldAttributeValues(t.accounts.attribute[by]), func(x string) bool { return strings.EqualFold(x, v) }) {
			rank |= 1
		}
	}
	return rank
}

// shown is what an account that is nobody's is called: its login or its name in the directory, unless that bears a personnummer or is not fit to be shown, or
// leads to somebody whose data are protected.
func (a *account) shown() string {
	name := cmp.Or(a.login, leaf(a.dn))
	if a.veiled || kind.Clean(name) != name {
		return "id-" + cmp.Or(a.id, "unknown")
	}
	return name
}

// settle decides, of all accounts that are by some way a person's, which one is: the one that fits best. The others are strangers, so that what they
// hold is seen; those that fit just as well are its twins.
func settle(accounts []*account) {
	best := map[string]*account{}
	slices.SortFunc(accounts, func(a, b *account) int { return strings.Compare(a.key, b.key) })
	for _, a := range accounts {
		if b := best[a.owner]; b == nil || a.rank < b.rank {
			best[a.owner] = a
		}
	}
	for _, a := range accounts {
		b := best[a.owner]
		switch {
		case a == b || strings.HasPrefix(a.owner, "@"):
		case a.rank == b.rank:
			b.twins = append(b.twins, a.dn)
		default:
			a.owner = reconcile.Stranger(a.shown())
		}
	}
}

// find finds the accounts of people and strangers, by their keys.
func (t *Target) find(ctx context.Context, keys []string) (map[string]*account, error) {
	var all []*account
	seen, asked := map[string]bool{}, map[string]bool{}
	for len(keys) > 0 {
		for _, filter := range together(t.valuesOf(keys)) {
			q := query{t.options.Users.Base, "(&" + t.accounts.users.Filter + filter + ")", append(t.accounts.attributes(), t.memberOf()...)}
			err := t.search(ctx, q, func(e *ldap.Entry) {
				if a := t.account(e); !seen[a.key] {
					seen[a.key] = true
					all = append(all, a)
				}
			})
			if err != nil {
				return nil, err
			}
		}
		for _, k := range keys {
			asked[k] = true
		}
		// A stranger's login may lead to the second account of somebody: whose the first is must be known to tell.
		keys = nil
		for _, a := range all {
			if !asked[a.owner] && !stranger(a.owner) {
				asked[a.owner] = true
				keys = append(keys, a.owner)
			}
		}
	}
	settle(all)
	found := map[string]*account{}
	for _, a := range all {
		if b := found[a.owner]; b == nil || len(a.twins) > 0 {
			found[a.owner] = a
		} else if stranger(a.owner) {
			b.twins = append(b.twins, a.dn)
		}
	}
	return found, nil
}

// valuesOf are what people and strangers can be found by, by attribute.
func (t *Target) valuesOf(keys []string) map[string][]string {
	values := map[string][]string{}
	add := func(attribute, v string) {
		if v != "" && attribute != "" && !slices.Contains(values[attribute], v) {
			values[attribute] = append(values[attribute], v)
		}
	}
	for _, key := range keys {
		if login, is := strings.CutPrefix(key, "@"); is {
			add(t.accounts.users.Login, login)
			if id, is := strings.CutPrefix(login, "id-"); is {
				add(t.accounts.id, rawIdentifier(id))
			}
			continue
		}
		person, err := t.people().Person(key)
		if err != nil {
			continue // no account can be found by what nobody knows
		}
		for _, by := range t.accounts.match {
			add(t.accounts.attribute[by], person.Value(by))
		}
	}
	return values
}

// together makes filters of values by attribute: one filter while they are few, since each is a request.
func together(values map[string][]string) []string {
	var filters []string
	total := 0
	for _, attribute := range sortedNames(values) {
		total += len(values[attribute])
		filters = append(filters, anyOf(attribute, values[attribute])...)
	}
	if total <= 300 && len(filters) > 1 {
		return []string{"(|" + strings.Join(filters, "") + ")"}
	}
	return filters
}

// memberOf is the attribute in which the server keeps a user's groups, if any.
func (t *Target) memberOf() []string {
	if a := t.accounts.users.MemberOf; a != "" {
		return []string{a}
	}
	return nil
}

// ambiguous is the error of somebody with several accounts that fit alike.
func (t *Target) ambiguous(key string, a *account) error {
	if len(a.twins) == 0 {
		return nil
	}
	if a.veiled || t.veiled(key) {
		return fmt.Errorf("%s has %d accounts that fit alike; narrow users.filter", key, len(a.twins)+1)
	}
	var others []string
	for _, dn := range a.twins {
		others = append(others, shownDN(dn))
	}
	return fmt.Errorf("%s has %d accounts that fit alike, %s and %s; narrow users.filter, or let users.match tell them apart", key, len(a.twins)+1, shownDN(a.dn), strings.Join(others, ", "))
}

// identifier is an entry's own identifier as text; AD gives it as 16 bytes.
func identifier(raw []byte) string {
	if len(raw) == 16 {
		return hex.EncodeToString(raw)
	}
	return string(raw)
}

// rawIdentifier is what [identifier] made its text of.
func rawIdentifier(text string) string {
	if raw, err := hex.DecodeString(text); err == nil && len(raw) == 16 {
		return string(raw)
	}
	return text
}
