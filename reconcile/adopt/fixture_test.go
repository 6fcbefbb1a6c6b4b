package adopt_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/adopt"
	"github.com/behorig/behorig/schema"
)

var on = schema.Day(2026, 12, 1)

// catalogue is a repository without people: two directories, a register that knows keys, and a system in each.
var catalogue = map[string]string{
	"behorig.yaml": "organisation: Prov\n",
	"targets.yaml": `targets:
  ad: {kind: ldap, protect: [svc-behorig, "CN=Skydd,OU=X"]}
  scim: {kind: scim}
  reg: {kind: register}
systems: {journal: {target: ad}, planering: {target: scim}, dorr: {target: reg}}
`,
	"systems/journal.yaml":   "name: Journal\nowner: chef\ndesk: it\nroles: {lasa: {}, skriva: {}, admin: {perUnit: false}}\n",
	"systems/planering.yaml": "name: Planering\nowner: chef\ndesk: it\nroles: {planera: {}}\n",
	"systems/dorr.yaml":      "name: Dörr\nowner: chef\ndesk: it\nroles: {nyckel: {}}\n",
	"units/norr.yaml":        "name: Hemtjänst Norr\nmanager: chef\naliases: [gamla-norr]\n",
	"units/soder.yaml":       "name: Söder\nmanager: chef\n",
	"people/chef.yaml":       "name: Chef Provsson\nlogin: chef0001\nemployments: [{unit: norr, form: permanent, from: 2020-01-01, access: [{system: journal, role: lasa}]}]\n",
}

func files(more map[string]string) fstest.MapFS {
	tree := fstest.MapFS{}
	for _, m := range []map[string]string{catalogue, more} {
		for path, text := range m {
			tree[path] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return tree
}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

// input is what a proposal is made of: the files, an HR list ("" none) and accounts.
func input(t fataler, tree fs.FS, staff string, accounts ...adopt.Account) adopt.Input {
	t.Helper()
	o, err := schema.Load(tree)
	if err != nil {
		t.Fatalf("got %v, want a tree that loads", err)
	}
	in := adopt.Input{Org: o, On: on, Until: on + 180, Match: adopt.Rules, Manager: "chef", Accounts: adopt.Sorted(accounts)}
	for _, key := range o.PersonKeys() {
		p, err := o.Person(key)
		if err != nil {
			t.Fatalf("got %v, want a person who loads", err)
		}
		in.People = append(in.People, p)
	}
	if staff != "" {
		var faults schema.Faults
		if in.Staff, faults = adopt.ParseStaff("staff.csv", []byte(staff)); len(faults) > 0 {
			t.Fatalf("got %v, want a list with no faults", faults)
		}
		in.HasStaff = true
	}
	return in
}

// ad and scim are accounts with facts "login|name|employee number|HSA-id" that hold a role in norr.
func ad(facts string) adopt.Account   { return account("ad", "journal", "lasa", facts) }
func scim(facts string) adopt.Account { return account("scim", "planering", "planera", facts) }

func account(target, system, role, facts string) adopt.Account {
	f := append(strings.Split(facts, "|"), "", "", "")
	return adopt.Account{Target: target, Account: reconcile.Account{
		ID: "id-" + facts, Login: f[0], Name: f[1], EmployeeID: f[2], HSAID: f[3], Enabled: true,
		Grants: []reconcile.Holding{{System: system}, {System: system, Role: role, Unit: "norr"}},
	}}
}

// reg is an account of a target that knows keys alone.
func reg(key string) adopt.Account {
	return adopt.Of("reg", schema.State{
		{System: "dorr", Person: key}: {}, {System: "dorr", Role: "nyckel", Unit: "norr", Person: key}: {},
	})[0]
}

// told is what became of each account, a line each: "ad anli linked anna.lindqvist hsaId".
func told(p *adopt.Proposal, in adopt.Input) string {
	var b strings.Builder
	for i, e := range p.Entries {
		fmt.Fprintln(&b, strings.TrimSpace(strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s %s", e.Target, in.Accounts[i].Login, e.Class, e.Person, e.By)), " ")))
	}
	return b.String()
}

// load lays a proposal over a tree and loads it, with all of its people.
func load(t fataler, tree fstest.MapFS, p *adopt.Proposal) (*schema.Org, fstest.MapFS) {
	t.Helper()
	over := fstest.MapFS{}
	for path, f := range tree {
		over[path] = f
	}
	made, err := p.Files("sv")
	if err != nil {
		t.Fatalf("got %v, want files", err)
	}
	for _, f := range made {
		if over[f.Path] != nil {
			t.Fatalf("got %s, which is there already, want new files alone", f.Path)
		}
		over[f.Path] = &fstest.MapFile{Data: f.Raw}
	}
	o, err := schema.Load(over)
	if err != nil {
		t.Fatalf("got %v, want a tree that loads", err)
	}
	for _, key := range o.PersonKeys() {
		if _, err := o.Person(key); err != nil {
			t.Fatalf("got %v, want a person who loads", err)
		}
	}
	return o, over
}

func lines(s string) string { return strings.TrimLeft(s, "\n") }
