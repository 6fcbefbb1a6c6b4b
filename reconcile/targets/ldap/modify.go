package ldap

import (
	"context"
	"fmt"
	"slices"

	"github.com/go-ldap/ldap/v3"
)

// most is how many members one request changes at most.
const most = 1000

// changeGroups makes the memberships so: each group by one request, several groups at once. Groups are left before any is entered within one request.
func (b *batch) changeGroups(ctx context.Context) {
	var works []*work
	for _, key := range sortedNames(b.works) {
		works = append(works, b.works[key])
	}
	_ = b.t.several(ctx, len(works), func(_ context.Context, i int) error {
		w := works[i]
		ops := slices.DeleteFunc(slices.Clone(w.ops), func(o *op) bool { return o.err != nil })
		slices.SortStableFunc(ops, func(x, y *op) int { return order(y.remove) - order(x.remove) })
		for chunk := range slices.Chunk(ops, most) {
			b.t.change(ctx, w, chunk)
		}
		return nil
	})
}

func order(remove bool) int {
	if remove {
		return 1
	}
	return 0
}

// change makes some memberships of one group so. A request is made whole or not at all: if the server refuses some value, halves are tried, so that
// one that is at fault fails alone.
func (t *Target) change(ctx context.Context, w *work, ops []*op) {
	err := t.pool.modify(ctx, t.modification(w.dn, ops, false))
	c := code(err)
	switch {
	case err == nil:
		for _, o := range ops {
			o.did = true
		}
		return
	case c == ldap.LDAPResultObjectClassViolation && t.options.Groups.Placeholder != "" && slices.ContainsFunc(ops, func(o *op) bool { return o.remove }):
		// The last member goes, and the group must have one.
		if err = t.pool.modify(ctx, t.modification(w.dn, ops, true)); err == nil {
			for _, o := range ops {
				o.did = true
			}
			return
		}
	case c == ldap.LDAPResultNoSuchObject:
		if t.group(ctx, w, ops) {
			return
		}
	}
	if byValue[code(err)] && !readOnly(err) {
		if len(ops) > 1 {
			half := len(ops) / 2
			t.change(ctx, w, ops[:half])
			t.change(ctx, w, ops[half:])
			return
		}
		if t.so(ctx, w.dn, ops[0]) {
			return
		}
	}
	veil := slices.ContainsFunc(ops, func(o *op) bool { return t.veiled(o.task.who) })
	err = explain("change the members of "+shownDN(w.dn), err, veil)
	if c == ldap.LDAPResultObjectClassViolation {
		err = fmt.Errorf("%w; a group that must have a member needs groups: {placeholder: …}", err)
	}
	for _, o := range ops {
		o.err = err
	}
}

// byValue are result codes that one value of several may be the cause of. That a member is there already is 68 in AD (Samba says so even to the
// permissive control), 20 elsewhere; that it is gone is 53 in AD, 16 elsewhere; that there is no such entry is 32.
var byValue = map[uint16]bool{
	ldap.LDAPResultNoSuchAttribute: true, ldap.LDAPResultAttributeOrValueExists: true, ldap.LDAPResultEntryAlreadyExists: true,
	ldap.LDAPResultUnwillingToPerform: true, ldap.LDAPResultNoSuchObject: true, ldap.LDAPResultConstraintViolation: true,
	ldap.LDAPResultInvalidAttributeSyntax: true, ldap.LDAPResultInvalidDNSyntax: true,
}

// modification is one request. The permissive control asks for what is so already to be no error; who does not know it passes it over.
func (t *Target) modification(dn string, ops []*op, fill bool) *ldap.ModifyRequest {
	r := ldap.NewModifyRequest(dn, []ldap.Control{ldap.NewControlString(controlPermissive, false, "")})
	var out, in []string
	for _, o := range ops {
		if o.remove {
			out = append(out, o.member)
		} else {
			in = append(in, o.member)
		}
	}
	if fill {
		in = append(in, t.options.Groups.Placeholder)
	}
	if len(out) > 0 {
		r.Delete(t.accounts.groups.Member, out)
	}
	if len(in) > 0 {
		r.Add(t.accounts.groups.Member, in)
	}
	return r
}

// so tells whether a membership that the server would not change is as it is to be.
func (t *Target) so(ctx context.Context, group string, o *op) bool {
	e, err := t.one(ctx, group, "(objectClass=*)", "1.1")
	if err != nil || e == nil {
		return false
	}
	member, err := t.one(ctx, group, "("+t.accounts.groups.Member+"="+ldap.EscapeFilter(o.member)+")", "1.1")
	return err == nil && (member == nil) == o.remove
}

// group deals with a group that is not there: nobody needs to be taken out of it, and where somebody is to be put in it is made if the options say so. It
// tells whether that is all there was to it; the group may be there, and a member be what is missing.
func (t *Target) group(ctx context.Context, w *work, ops []*op) bool {
	there, err := t.one(ctx, w.dn, "(objectClass=*)", "1.1")
	if err != nil || there != nil {
		return false
	}
	in := slices.DeleteFunc(slices.Clone(ops), func(o *op) bool { return o.remove })
	switch {
	case len(in) == 0:
	case t.options.Groups.Create:
		err = t.createGroup(ctx, w, in)
	default:
		err = fmt.Errorf("there is no group %s; make it, or write groups: {create: true}", shownDN(w.dn))
	}
	for _, o := range in {
		o.err, o.did = err, err == nil
	}
	return true
}

// createGroup makes a group with its first members.
func (t *Target) createGroup(ctx context.Context, w *work, in []*op) error {
	values := attributes{}
	if t.accounts.ad {
		values.set("sAMAccountName", leaf(w.dn))
	}
	values.name(w.dn)
	r := values.request(w.dn, t.accounts.groups.Classes)
	var members []string
	veil := false
	for _, o := range in {
		members = append(members, o.member)
		veil = veil || t.veiled(o.task.who)
	}
	if t.options.Groups.Placeholder != "" {
		members = append(members, t.options.Groups.Placeholder)
	}
	r.Attribute(t.accounts.groups.Member, members)
	return explain("make the group "+shownDN(w.dn), t.pool.add(ctx, r), veil)
}
