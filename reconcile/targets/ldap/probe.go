package ldap

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// prober collects what the target may do.
type prober struct {
	t      *Target
	probes []reconcile.Probe
}

func (p *prober) say(answer reconcile.Answer, sv, en, doSv, doEn string) {
	p.probes = append(p.probes, reconcile.Probe{What: schema.Text{Sv: sv, En: en}, Answer: answer, Do: schema.Text{Sv: doSv, En: doEn}})
}

func yes(ok bool) reconcile.Answer {
	if ok {
		return reconcile.Yes
	}
	return reconcile.No
}

// Probe implements [reconcile.Prober]. It writes nothing; AD tells what it would allow, OpenLDAP does not.
func (t *Target) Probe(ctx context.Context) []reconcile.Probe {
	p := &prober{t: t}
	if err := t.connect(ctx); err != nil {
		p.say(reconcile.No, "logga in i katalogen", "sign in to the directory", err.Error(), err.Error())
		return p.probes
	}
	how := map[bool]string{true: "TLS", false: "plain"}[t.pool.tls != nil]
	p.say(reconcile.Yes, "logga in i katalogen", "sign in to the directory", t.server.name()+", "+how, t.server.name()+", "+how)
	p.server()
	p.bases(ctx)
	p.groups(ctx)
	p.rights(ctx)
	p.lock(ctx)
	return p.probes
}

// server tells what the server offers, and how its clock stands.
func (p *prober) server() {
	s := p.t.server
	if s.paging {
		p.say(reconcile.Yes, "listor sida för sida", "lists page by page", "", "")
	} else {
		p.say(reconcile.No, "listor sida för sida", "lists page by page", "servern måste ge hela listor på en gång: höj dess gräns för bindDN", "the server must give whole lists at once: raise its limit for bindDN")
	}
	if s.permissive {
		p.say(reconcile.Yes, "ändra medlemmar som redan är som de ska", "change members that are so already", "", "")
	} else {
		p.say(reconcile.Unknown, "ändra medlemmar som redan är som de ska", "change members that are so already", "servern säger inte om den kan (permissive modify); det går ändå, med några anrop till", "the server does not say whether it can (permissive modify); it works all the same, with some more requests")
	}
	if s.clock.IsZero() {
		return
	}
	skew := time.Since(s.clock).Round(time.Second)
	p.say(yes(skew.Abs() < 5*time.Minute), "samma klocka som servern", "the same clock as the server", "skillnaden är "+skew.String(), "the difference is "+skew.String())
}

// bases tells which of the folders are there.
func (p *prober) bases(ctx context.Context) {
	var bases []string
	for _, dn := range []string{p.t.options.Users.Base, p.t.options.Accounts.Base, p.t.options.Groups.Base} {
		if dn != "" && !slices.Contains(bases, dn) {
			bases = append(bases, dn)
		}
	}
	for _, e := range p.t.entries {
		if !slices.Contains(bases, e.base) {
			bases = append(bases, e.base)
		}
	}
	for _, dn := range bases {
		e, err := p.t.one(ctx, dn, "(objectClass=*)", "1.1")
		switch {
		case err != nil:
			p.say(reconcile.No, "läsa "+dn, "read "+dn, err.Error(), err.Error())
		case e == nil:
			p.say(reconcile.No, "läsa "+dn, "read "+dn, "den finns inte eller syns inte för bindDN", "it is not there, or bindDN may not see it")
		default:
			p.say(reconcile.Yes, "läsa "+dn, "read "+dn, "", "")
		}
	}
}

// groups lists the groups of the mapping that are not there.
func (p *prober) groups(ctx context.Context) {
	t := p.t
	if len(t.mapping.rules) == 0 {
		return
	}
	there := map[string]bool{}
	err := t.search(ctx, query{t.options.Groups.Base, "(&" + t.groupFilter() + t.mapping.filter() + ")", []string{"1.1"}}, func(e *ldap.Entry) { there[fold(e.DN)] = true })
	if err != nil {
		p.say(reconcile.No, "läsa grupperna", "read the groups", err.Error(), err.Error())
		return
	}
	missing := t.wanted()
	of := len(missing)
	missing = slices.DeleteFunc(missing, func(g string) bool { return there[fold(g)] })
	whatSv, whatEn := fmt.Sprintf("hitta rollernas grupper: %d av %d finns", of-len(missing), of), fmt.Sprintf("find the roles' groups: %d of %d are there", of-len(missing), of)
	switch {
	case len(missing) == 0:
		p.say(reconcile.Yes, whatSv, whatEn, "", "")
	case t.options.Groups.Create:
		p.say(reconcile.Yes, whatSv, whatEn, "de som saknas skapas när de behövs", "those that are missing are made when they are needed")
	default:
		p.say(reconcile.No, whatSv, whatEn, "skapa, eller skriv groups: {create: true}:\n"+strings.Join(missing, "\n"), "make, or write groups: {create: true}:\n"+strings.Join(missing, "\n"))
	}
}

// wanted are the groups that the catalogue's roles and units may need, sorted.
func (t *Target) wanted() []string {
	var all []string
	for _, r := range t.mapping.rules {
		units := []string{""}
		if r.perUnit {
			units = nil
			for _, key := range sortedNames(t.config.Org.Units) {
				role, u := t.config.Org.Role(r.system, r.role), t.config.Org.Units[key]
				if role == nil || len(role.UnitKinds) == 0 || slices.Contains(role.UnitKinds, u.Kind) {
					units = append(units, key)
				}
			}
		}
		for _, u := range units {
			groups, err := t.mapping.of(schema.Key{System: r.system, Role: r.role, Unit: u})
			if err == nil {
				all = append(all, groups...)
			}
		}
	}
	slices.Sort(all)
	return slices.CompactFunc(all, func(a, b string) bool { return fold(a) == fold(b) })
}

// rights tells what bindDN may write. AD keeps attributes that say so (MS-ADTS 3.1.1.4.5.20 and on).
func (p *prober) rights(ctx context.Context) {
	t := p.t
	member := t.accounts.groups.Member
	if !t.server.ad {
		p.say(reconcile.Unknown, "skriva i katalogen", "write in the directory", "OpenLDAP säger det inte utan att man skriver; se efter serverns access-regler för bindDN", "OpenLDAP does not tell without a write; look at the server's access rules for bindDN")
		return
	}
	if len(t.mapping.rules) > 0 {
		p.effective(ctx, t.options.Groups.Base, "(&"+t.groupFilter()+t.mapping.filter()+")", []string{member}, "ändra medlemmar", "change members")
		switches := []string{"userAccountControl"}
		if t.accounts.lock.Attribute != "" {
			switches = []string{t.accounts.lock.Attribute}
		}
		if t.accounts.expires != "none" {
			switches = append(switches, t.accounts.expiresAt)
		}
		p.effective(ctx, t.options.Users.Base, t.accounts.users.Filter, switches, "slå på och stänga av konton", "switch accounts on and off")
	}
	if base := t.options.Accounts.Base; t.options.Accounts.Create {
		p.children(ctx, cmp.Or(base, t.options.Users.Base), t.accounts.classes, "skapa konton", "make accounts")
	}
	if t.options.Groups.Create {
		p.children(ctx, t.options.Groups.Base, t.accounts.groups.Classes, "skapa grupper", "make groups")
	}
	for _, e := range t.entries {
		p.children(ctx, e.base, e.classes, "skapa uppdrag i "+e.system, "make assignments of "+e.system)
	}
}

// effective asks what attributes of some entry below a folder may be written.
func (p *prober) effective(ctx context.Context, base, filter string, attributes []string, sv, en string) {
	var entry *ldap.Entry
	err := p.t.pool.do(ctx, func(l *link) error {
		p.t.pool.requests.Add(1)
		r := ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 1, 0, false, filter, []string{"allowedAttributesEffective"}, nil)
		result, err := l.Search(r)
		if result != nil && len(result.Entries) > 0 {
			entry = result.Entries[0]
		}
		if code(err) == ldap.LDAPResultSizeLimitExceeded {
			return nil // one is what was asked for
		}
		return err
	})
	if err != nil || entry == nil {
		p.say(reconcile.Unknown, sv, en, "det finns ingen post under "+base+" att fråga om", "there is no entry below "+base+" to ask about")
		return
	}
	p.allowed(entry.GetEqualFoldAttributeValues("allowedAttributesEffective"), attributes, base, sv, en)
}

// children asks what entries may be made in a folder: of the last class, which is what they are.
func (p *prober) children(ctx context.Context, base string, classes []string, sv, en string) {
	entry, err := p.t.one(ctx, base, "(objectClass=*)", "allowedChildClassesEffective")
	if err != nil || entry == nil {
		p.say(reconcile.Unknown, sv, en, base+" kan inte läsas", base+" cannot be read")
		return
	}
	p.allowed(entry.GetEqualFoldAttributeValues("allowedChildClassesEffective"), classes[len(classes)-1:], base, sv, en)
}

func (p *prober) allowed(may, need []string, base, sv, en string) {
	var lacks []string
	for _, n := range need {
		if !slices.ContainsFunc(may, func(m string) bool { return strings.EqualFold(m, n) }) {
			lacks = append(lacks, n)
		}
	}
	if len(lacks) == 0 {
		p.say(reconcile.Yes, sv, en, "", "")
		return
	}
	list := strings.Join(lacks, ", ")
	p.say(reconcile.No, sv, en, "delegera skrivrätt till "+list+" under "+base+" för bindDN", "delegate the right to write "+list+" below "+base+" to bindDN")
}

// lock tells whether switching off takes effect: in OpenLDAP only under a password policy with pwdLockout (slapo-ppolicy(5)).
func (p *prober) lock(ctx context.Context) {
	t := p.t
	if t.accounts.lock.Attribute != "pwdAccountLockedTime" || len(t.mapping.rules) == 0 || t.options.Accounts.Disable == "never" {
		return
	}
	policies, locking := 0, 0
	for _, base := range t.server.contexts {
		err := t.search(ctx, query{base, "(objectClass=pwdPolicy)", []string{"pwdLockout"}}, func(e *ldap.Entry) {
			policies++
			if ok, _ := strconv.ParseBool(strings.ToLower(e.GetEqualFoldAttributeValue("pwdLockout"))); ok {
				locking++
			}
		})
		if err != nil {
			policies = 0
			break
		}
	}
	sv, en := "stänga av konton med verkan", "switch accounts off with effect"
	switch {
	case policies == 0:
		p.say(reconcile.Unknown, sv, en, "ingen lösenordspolicy (pwdPolicy) syns: utan en med pwdLockout TRUE verkar pwdAccountLockedTime inte", "no password policy (pwdPolicy) is seen: without one with pwdLockout TRUE, pwdAccountLockedTime has no effect")
	case locking == 0:
		p.say(reconcile.No, sv, en, "sätt pwdLockout: TRUE i lösenordspolicyn; annars verkar pwdAccountLockedTime inte", "set pwdLockout: TRUE in the password policy; else pwdAccountLockedTime has no effect")
	default:
		p.say(reconcile.Yes, sv, en, "", "")
	}
}
