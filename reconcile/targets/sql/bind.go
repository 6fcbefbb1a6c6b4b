package sql

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// bind reads one system's statements and finds what is wrong with them.
func bind(c kind.Config, key string, o options) (*system, schema.Faults) {
	var b binding
	faults := c.Binding(key, &b)
	s := &system{key: key, by: kind.By(cmp.Or(b.Match, "login")), undated: b.Undated}
	fault := func(path string, what, do schema.Text) {
		faults = append(faults, c.BindingFault(key, path, what, do))
	}
	var units []string
	for u := range c.Org.Units {
		units = append(units, u)
	}
	s.roles = naming(c.Roles(key), b.Roles, "roles", fault)
	for _, role := range c.Roles(key) {
		if b.Roles != nil && b.Roles[role] == "" {
			fault("roles", schema.Text{Sv: "rollen " + role + " saknas", En: "role " + role + " is missing"},
				schema.Text{Sv: "lägg till raden " + role + ": databasens namn på den", En: "add the line " + role + ": the database's name of it"})
		}
	}
	s.units = naming(units, b.Units, "units", fault)

	known := slices.Concat(whom, things)
	for _, each := range []struct {
		option, text string
		into         *statement
	}{
		{"read", b.Read, &s.read},
		{"account", b.Account, &s.account},
		{"disable", b.Disable, &s.disable},
		{"grant", b.Grant, &s.grant},
		{"change", b.Change, &s.change},
		{"revoke", b.Revoke, &s.revoke},
	} {
		if each.text == "" {
			continue // that account and the like are missing is a fault already
		}
		params := known
		if each.option == "read" {
			params = always
		}
		parsed, wrong := parse(each.text, o.dialect(), params)
		if wrong != nil {
			fault(each.option, wrong.what, wrong.do)
			continue
		}
		parsed.option = each.option
		*each.into = parsed
	}
	s.check(c, b, o, fault)
	if s.change.text == "" && s.grant.text != "" {
		s.change, s.changesByGrant = s.grant, true
	}
	return s, faults
}

// First words that a statement may have. What opens or ends a transaction, or makes and drops tables, is not among them.
var (
	reading = map[dialect][]string{postgres: {"SELECT", "WITH", "TABLE", "VALUES"}, lite: {"SELECT", "WITH", "VALUES"}}
	writing = map[dialect][]string{
		postgres: {"INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "SELECT", "CALL"},
		lite:     {"INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"},
	}
)

// check finds what is wrong with a system's statements beside their writing.
func (s *system) check(c kind.Config, b binding, o options, fault func(path string, what, do schema.Text)) {
	begins := func(st statement, words []string) {
		if st.text != "" && !slices.Contains(words, st.words[0]) {
			list := strings.Join(words, ", ")
			fault(st.option, schema.Text{Sv: "satsen börjar med " + st.words[0], En: "the statement begins with " + st.words[0]},
				schema.Text{Sv: "börja den med något av: " + list, En: "begin it with one of: " + list})
		}
	}
	begins(s.read, reading[o.dialect()])
	uses := func(st statement, why schema.Text, names ...string) {
		if st.text != "" && !st.uses(names...) {
			list := ":" + strings.Join(names, ", :")
			fault(st.option, schema.Text{Sv: "satsen säger inte " + why.Sv, En: "the statement does not say " + why.En},
				schema.Text{Sv: "använd någon av: " + list, En: "use one of: " + list})
		}
	}
	for _, st := range []statement{s.account, s.disable, s.grant, s.change, s.revoke} {
		begins(st, writing[o.dialect()])
		uses(st, schema.Text{Sv: "vem den gäller", En: "whom it is about"}, whom...)
		if st.uses("identity") && !o.Identity {
			fault(st.option, schema.Text{Sv: ":identity används utan att målet tillåter det", En: ":identity is used and the target does not allow it"},
				schema.Text{Sv: "skriv identity: true på målet, eller ta bort :identity", En: "write identity: true on the target, or remove :identity"})
		}
	}
	roles := c.Roles(s.key)
	perUnit := slices.ContainsFunc(roles, func(r string) bool { return c.PerUnit(s.key, r) })
	for _, st := range []statement{s.grant, s.change, s.revoke} {
		if len(roles) > 1 {
			uses(st, schema.Text{Sv: "vilken roll den gäller", En: "which role it is about"}, "role")
		}
		if perUnit {
			uses(st, schema.Text{Sv: "vilken enhet den gäller, fast någon roll ges per enhet (annars: perUnit: false i systemets fil)", En: "which unit it is about, though some role is given per unit (else: perUnit: false in the system's file)"}, "unit", "unitName")
		}
	}
	for _, st := range []statement{s.grant, s.change} {
		if !s.undated {
			uses(st, schema.Text{Sv: "till när rollen gäller (annars: undated: true)", En: "until when the role holds (else: undated: true)"}, "until")
		}
	}
	for option, text := range map[string]string{"grant": b.Grant, "revoke": b.Revoke} {
		if text == "" && len(roles) > 0 {
			fault("", schema.Text{Sv: option + " saknas, och " + s.key + " har roller", En: option + " is missing, and " + s.key + " has roles"},
				schema.Text{Sv: "lägg till raden " + option + ": satsen", En: "add the line " + option + ": the statement"})
		}
	}
	if s.grant.text != "" && b.Change == "" && !s.undated && s.grant.words[0] == "INSERT" && !s.grant.says("OR REPLACE") && (!s.grant.says("ON CONFLICT") || s.grant.says("DO NOTHING")) {
		fault("grant", schema.Text{Sv: "change saknas, och grant ändrar inte en rad som finns", En: "change is missing, and grant does not change a row that is there"},
			schema.Text{Sv: "skriv change: UPDATE …, eller ON CONFLICT … DO UPDATE i grant, eller undated: true", En: "write change: UPDATE …, or ON CONFLICT … DO UPDATE in grant, or undated: true"})
	}
}

// names are a database's names of our keys.
type names struct {
	theirs map[string]string // by our key
	ours   map[string]string // by theirs, in small letters
}

// naming puts together what keys are called; those not in given are called by themselves.
func naming(keys []string, given map[string]string, option string, fault func(path string, what, do schema.Text)) names {
	n := names{map[string]string{}, map[string]string{}}
	slices.Sort(keys)
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if slices.Contains(keys, key) {
			continue
		}
		do := schema.Text{Sv: "ta bort raden", En: "remove the line"}
		if meant := schema.Nearest(key, keys); meant != "" {
			do = schema.Text{Sv: "skriv " + meant, En: "write " + meant}
		}
		fault(option+"/"+key, schema.Text{Sv: "nyckeln " + schema.Quote(key) + " finns inte", En: "key " + schema.Quote(key) + " does not exist"}, do)
	}
	for _, key := range keys {
		theirs := cmp.Or(given[key], key)
		if other, twice := n.ours[strings.ToLower(theirs)]; twice {
			fault(option, schema.Text{Sv: other + " och " + key + " heter båda " + schema.Quote(theirs), En: other + " and " + key + " are both called " + schema.Quote(theirs)},
				schema.Text{Sv: "ge dem olika namn", En: "give them different names"})
			continue
		}
		n.theirs[key], n.ours[strings.ToLower(theirs)] = theirs, key
	}
	return n
}

// their is the database's name of a key.
func (n names) their(key string) string { return cmp.Or(n.theirs[key], key) }

// our is the key that a name of the database's stands for. A name of nothing that we know is itself, made fit to be shown, and is told apart from
// a key of ours that is called something else.
func (n names) our(theirs string) string {
	if key, ok := n.ours[strings.ToLower(theirs)]; ok {
		return key
	}
	shown := kind.Clean(theirs)
	if _, taken := n.theirs[strings.ToLower(shown)]; taken {
		return "=" + shown
	}
	return shown
}
