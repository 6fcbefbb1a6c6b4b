package ldap

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/behorig/behorig/schema"
)

// plan decides what is to be done for one person, from what the account is a member of.
//
//	change            the groups that it needs                      and
//	grant a role      in, where it is not in yet                    makes the account, switched off, where that is missing
//	grant an account  in, where there is an account group           makes the account, switches it on, sets its last day
//	revoke either     out, but for those that something needs       switches the account off where this was the last group
//	                  that stays
func (b *batch) plan(ctx context.Context, x *task) {
	granted, revoked := b.split(x)
	if x.account == nil && x.elsewhere != nil {
		b.failAll(x.changes, x.elsewhere)
		return
	}
	if x.account == nil && !b.create(ctx, x, granted) {
		return
	}
	if err := b.t.ambiguous(x.who, x.account); err != nil {
		b.failAll(x.changes, err)
		return
	}
	direct := map[string]string{} // folded to as it is written
	for _, g := range x.account.groups {
		if b.t.mapping.mapped(g) {
			direct[fold(g)] = g
		}
	}
	in := func(g string) bool { return direct[g] != "" || x.via[g] != "" }
	held := b.t.mapping.held(in, b.mappedOf(x, direct))
	// An account that is off gives nothing, whatever groups of accounts it is in. They are left before it is switched on, or it would be given what nobody granted.
	var stale []schema.Key
	if x.wantsAccount && !x.account.in {
		for k := range held {
			if k.Role == "" && !slices.ContainsFunc(granted, func(i int) bool { return b.key(i) == k }) {
				stale = append(stale, k)
				delete(held, k)
			}
		}
	}
	after := b.after(held, granted, revoked)
	needed := b.needed(after)
	for _, k := range stale {
		groups, _ := b.t.mapping.of(k)
		for _, g := range groups {
			switch written := direct[fold(g)]; {
			case written == "" || needed[fold(g)]:
			case fold(g) == fold(x.account.primary):
				b.failAll(x.changes, x.primary())
				return
			default:
				b.op(x, written, true, granted[0])
			}
		}
	}
	for _, i := range granted {
		for _, g := range b.groupsOf(i) {
			if !in(fold(g)) {
				b.op(x, g, false, i)
			}
		}
	}
	for _, i := range revoked {
		b.revoke(x, i, direct, held, needed)
	}
	b.follow(x, revoked, held, after)
	if !b.moves(revoked, held) {
		b.last(x, revoked, direct)
	}
}

// split parts a person's changes, without those that have failed already.
func (b *batch) split(x *task) (granted, revoked []int) {
	for _, i := range x.changes {
		if b.changes[i].To != nil {
			granted = append(granted, i)
		} else {
			revoked = append(revoked, i)
		}
	}
	return granted, revoked
}

// key is what a change is about, without the person.
func (b *batch) key(i int) schema.Key {
	k := b.changes[i].Key
	k.Person = ""
	return k
}

func (b *batch) groupsOf(i int) []string {
	groups, _ := b.t.mapping.of(b.key(i)) // sort has seen that there is no error
	return groups
}

// mappedOf are all mapped groups that the account is in, by itself or by way of another.
func (b *batch) mappedOf(x *task, direct map[string]string) []string {
	groups := sortedNames(direct)
	for _, g := range sortedNames(x.via) {
		if direct[g] == "" {
			groups = append(groups, g)
		}
	}
	return groups
}

// after is what is held when the changes have been made.
func (b *batch) after(held map[schema.Key]bool, granted, revoked []int) map[schema.Key]bool {
	after := map[schema.Key]bool{}
	for k := range held {
		after[k] = true
	}
	for _, i := range revoked {
		delete(after, b.key(i))
	}
	for _, i := range granted {
		after[b.key(i)] = true
	}
	return after
}

// needed are the groups (folded) that some keys need.
func (b *batch) needed(keys map[schema.Key]bool) map[string]bool {
	needed := map[string]bool{}
	for k := range keys {
		groups, _ := b.t.mapping.of(k)
		for _, g := range groups {
			needed[fold(g)] = true
		}
	}
	return needed
}

// op notes that the account is to be put in a group or taken out of it, for one more change.
func (b *batch) op(x *task, group string, remove bool, change int) {
	key := fold(group)
	w := b.works[key]
	if w == nil {
		w = &work{dn: group}
		b.works[key] = w
	}
	at := slices.IndexFunc(w.ops, func(o *op) bool { return o.task == x && o.remove == remove })
	if at < 0 {
		o := &op{task: x, group: key, member: x.account.dn, remove: remove}
		w.ops, x.ops = append(w.ops, o), append(x.ops, o)
		at = len(w.ops) - 1
	}
	if !slices.Contains(w.ops[at].changes, change) {
		w.ops[at].changes = append(w.ops[at].changes, change)
	}
}

// revoke takes the account out of the groups of a role or account that nothing else needs.
func (b *batch) revoke(x *task, i int, direct map[string]string, held map[schema.Key]bool, needed map[string]bool) {
	groups := b.groupsOf(i)
	did := false
	for _, g := range groups {
		key := fold(g)
		if needed[key] {
			continue
		}
		if key == fold(x.account.primary) {
			x.stuck = true
			b.fail(i, x.primary())
		} else if written := direct[key]; written != "" {
			b.op(x, written, true, i)
			did = true
		}
	}
	if !held[b.key(i)] {
		return
	}
	// It is lost as soon as one of its groups is left for good.
	if slices.ContainsFunc(groups, func(g string) bool { return !needed[fold(g)] && x.via[fold(g)] == "" }) {
		return
	}
	for _, g := range groups {
		if through := x.via[fold(g)]; through != "" && !needed[fold(g)] {
			b.fail(i, fmt.Errorf("%s is in %s by way of the group %s: take the person out of that, or that out of %s", x.who, shownDN(g), shownDN(through), shownDN(g)))
			return
		}
	}
	if !did && len(groups) > 0 {
		b.fail(i, fmt.Errorf("all groups of %s are needed by what %s keeps; give the role a group of its own", roleName(b.key(i)), x.who))
	}
}

// follow settles the accounts that have no group of their own: such a one is gone when the last role of its system is.
func (b *batch) follow(x *task, revoked []int, held, after map[schema.Key]bool) {
	for _, i := range revoked {
		k := b.key(i)
		if k.Role != "" || b.t.mapping.rule(k.System, "") != nil {
			continue
		}
		var keeps []string
		for other := range after {
			if other.System == k.System && other.Role != "" {
				keeps = append(keeps, roleName(other))
			}
		}
		slices.Sort(keeps)
		if len(keeps) > 0 && x.account.in {
			b.fail(i, fmt.Errorf("%s keeps %s, and the account of %s is there as long as a role is; take the roles away, or write account: {group: …} for %s", x.who, strings.Join(keeps, ", "), k.System, k.System))
			continue
		}
		if x.stuck && b.needed(rolesOf(held, k.System))[fold(x.account.primary)] {
			b.fail(i, x.primary())
		}
		for _, o := range x.ops {
			if o.remove && slices.ContainsFunc(o.changes, func(j int) bool { return b.changes[j].System == k.System }) {
				o.changes = append(o.changes, i)
			}
		}
	}
}

// last decides whether the account is to be switched off: this batch takes its last mapped group. The change that then waits for it, so that one
// which failed is tried again, is that of the account or else the last.
func (b *batch) last(x *task, revoked []int, direct map[string]string) {
	leaves := map[string]bool{}
	for _, o := range x.ops {
		if !o.remove {
			return
		}
		leaves[o.group] = true
	}
	stay := len(direct) - len(leaves)
	if x.stuck {
		stay-- // it keeps that group, and is not to sign in
	}
	if len(leaves) == 0 && !x.stuck || stay > 0 || len(x.via) > 0 || x.wantsAccount || x.account.off || stranger(x.who) || !b.t.ends(x.who) {
		return
	}
	x.off = true
	for _, i := range revoked {
		// An account without a group of its own goes with its roles, and is no change that can wait by itself.
		owns := slices.ContainsFunc(x.ops, func(o *op) bool { return slices.Contains(o.changes, i) }) && len(b.groupsOf(i)) > 0
		if owns && (x.carrier < 0 || b.changes[i].Role == "" || b.changes[x.carrier].Role != "") {
			x.carrier = i
		}
	}
}

// moves tells that a role goes whose account, which has no group of its own, is not taken: another role of it is to come.
func (b *batch) moves(revoked []int, held map[schema.Key]bool) bool {
	takes := func(k schema.Key) bool {
		return slices.ContainsFunc(revoked, func(i int) bool { return b.key(i) == k })
	}
	for k := range held {
		if account := k.Account(); k.Role != "" && b.t.mapping.rule(k.System, "") == nil && !takes(account) {
			return true
		}
	}
	return false
}

// ends tells whether somebody who has lost all is to be switched off, by the options.
func (t *Target) ends(who string) bool {
	switch t.options.Accounts.Disable {
	case "never":
		return false
	case "ended":
		p, err := t.people().Person(who)
		return err == nil && len(p.Jobs) == 0
	}
	return true
}

func roleName(k schema.Key) string {
	switch {
	case k.Role == "":
		return "the account of " + k.System
	case k.Unit != "":
		return k.System + "/" + k.Role + " in " + k.Unit
	}
	return k.System + "/" + k.Role
}

// shownDN is a DN as an error shows it.
func shownDN(dn string) string { return schema.Mask(dn) }
