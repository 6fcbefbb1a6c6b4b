package adopt_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/adopt"
	"github.com/behorig/behorig/schema"
)

// with is an account with other grants than its one: "system/role/unit/until".
func with(a adopt.Account, grants ...string) adopt.Account {
	a.Grants = nil
	for _, g := range grants {
		part := append(strings.Split(g, "/"), "", "", "")
		h := reconcile.Holding{System: part[0], Role: part[1], Unit: part[2]}
		if part[3] != "" {
			h.Until, _ = schema.ParseDate(part[3])
		}
		a.Grants = append(a.Grants, h)
	}
	return a
}

// The file of a person, whole.
func TestFiles(t *testing.T) {
	t.Parallel()
	a := with(ad("anek|Ek, Anna|17|se5560000000-a1"), "journal", "journal/lasa/norr", "journal/skriva/Soder", "journal/admin", "journal/skriva/gamla-norr", "journal/lasa/SÖDER", "journal/lasa/lunden")
	b := with(scim("anna@x.se|Anna Ek|17"), "planering", "planering/planera/norr//2027-01-31")
	b.Grants[1].Until = schema.Day(2027, 1, 31)
	tree := files(nil)
	for name, c := range map[string]struct{ staff, want string }{
		"made of accounts": {"", lines(`
name: Anna Ek
login: anek
employeeId: "17"
hsaId: SE5560000000-a1
employments:
  # Övertagen vid import: enhet och anställningsform är antagna, kontrollera
  - unit: norr
    form: permanent
    from: 2026-12-01
    access:
      - {system: journal, role: admin, until: 2027-05-30, adopted: true}
      - {system: journal, role: lasa, unit: lunden, from: 2026-12-01, until: 2027-05-30, reason: Övertagen vid import 2026-12-01, adopted: true}
      - {system: journal, role: lasa, until: 2027-05-30, adopted: true}
      - {system: journal, role: lasa, unit: soder, from: 2026-12-01, until: 2027-05-30, reason: Övertagen vid import 2026-12-01, adopted: true}
      - {system: journal, role: skriva, until: 2027-05-30, adopted: true}
      - {system: journal, role: skriva, unit: soder, from: 2026-12-01, until: 2027-05-30, reason: Övertagen vid import 2026-12-01, adopted: true}
      - {system: planering, role: planera, until: 2027-01-31, adopted: true}
`)},
		"of the HR list": {"namn;anstnr;enhet;form;befattning;från;till\nAnna Ek-Berg;17;Söder;vikarie;Undersköterska;2026-01-01;2027-03-31\nAnna Ek-Berg;17;Lunden;timavlönad;;2026-02-01;\nAnna Ek-Berg;17;norr;fast;;2020-01-01;2020-12-31\n", lines(`
name: Anna Ek-Berg
login: anek
employeeId: "17"
hsaId: SE5560000000-a1
employments:
  - unit: soder
    title: Undersköterska
    form: substitute
    from: 2026-01-01
    until: 2027-03-31
    access:
      - {system: journal, role: admin, until: 2027-03-31, adopted: true}
      - {system: journal, role: lasa, unit: norr, from: 2026-12-01, until: 2027-03-31, reason: Övertagen vid import 2026-12-01, adopted: true}
      - {system: journal, role: lasa, until: 2027-03-31, adopted: true}
      - {system: journal, role: skriva, unit: norr, from: 2026-12-01, until: 2027-03-31, reason: Övertagen vid import 2026-12-01, adopted: true}
      - {system: journal, role: skriva, until: 2027-03-31, adopted: true}
      - {system: planering, role: planera, unit: norr, from: 2026-12-01, until: 2027-01-31, reason: Övertagen vid import 2026-12-01, adopted: true}
  - unit: lunden
    form: hourly
    from: 2026-02-01
    access:
      - {system: journal, role: lasa, until: 2027-05-30, adopted: true}
  - {unit: norr, form: permanent, from: 2020-01-01, until: 2020-12-31}
`)},
	} {
		p := adopt.Propose(input(t, tree, c.staff, a, b))
		_, over := load(t, tree, p)
		var key string
		if len(p.People) == 1 {
			key = p.People[0].Path
		}
		if over[key] == nil {
			t.Fatalf("%s: got %+v, want one person", name, p.Entries)
		}
		if diff := cmp.Diff(string(over[key].Data), c.want); diff != "" {
			t.Errorf("%s: got (-), want (+):\n%s", name, diff)
		}
		unit := "name: lunden\nmanager: chef\n"
		if c.staff != "" {
			unit = "name: Lunden\nmanager: chef\n"
		}
		if got := string(over["units/lunden.yaml"].Data); got != unit {
			t.Errorf("%s: got %q, want %q", name, got, unit)
		}
	}
}

// What no line can order is left, with its reason; the rest of the account is adopted.
func TestLoose(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		staff string
		grant string
		want  string // a part of why; "" for a grant that is adopted
		class adopt.Class
	}{
		{"good", "", "journal/lasa/norr", "", adopt.Linked},
		{"a role that the catalogue has not", "", "journal/radera/norr", "ingen sådan roll", adopt.Unordered},
		{"a system that the catalogue has not", "", "okant/lasa/norr", "ingen sådan roll", adopt.Unordered},
		{"no unit where there must be one", "", "journal/lasa/", "rollen ges per enhet", adopt.Unordered},
		{"a unit where there must be none", "", "journal/admin/norr", "rollen ges inte per enhet", adopt.Unordered},
		{"a way out", "", "journal/lasa/..%..%etc", "", adopt.Linked},
		{"no key at all", "", "journal/lasa/%%%", "ingen nyckel", adopt.Unordered},
		{"a personnummer for a unit", "", "journal/lasa/199001012385", "ingen nyckel", adopt.Unordered},
		{"over", "", "journal/lasa/norr/2026-11-30", "sista dag har passerat", adopt.Unordered},
		{"last day today", "", "journal/lasa/norr/2026-12-01", "", adopt.Linked},
		{"no role", "", "journal//", "ingen roll", adopt.Unordered},
		{"no account in the system", "", "planering/planera/norr", "inget konto i systemet", adopt.Unordered},
		{"no unit of the person", "", "journal/admin", "var personen arbetar", adopt.Unordered},
		{"a unit in the list", "namn;enhet\nAnna Ek;norr\n", "journal/admin", "", adopt.Linked},
		{"left", "namn;enhet;till\nAnna Ek;norr;2026-11-30\n", "journal/lasa/norr", "inte anställd", adopt.Unordered},
		{"not begun", "namn;enhet;från\nAnna Ek;norr;2026-12-02\n", "journal/lasa/norr", "inte anställd", adopt.Unordered},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tree := files(nil)
			a := with(ad("anek|Anna Ek"), "journal", strings.ReplaceAll(c.grant, "%", "\x00"))
			for i := range a.Grants {
				a.Grants[i].Unit = strings.ReplaceAll(a.Grants[i].Unit, "\x00", "/")
			}
			p := adopt.Propose(input(t, tree, c.staff, a))
			load(t, tree, p)
			e := p.Entries[0]
			if e.Class != c.class || (e.Person != "") != (c.class == adopt.Linked) {
				t.Errorf("got %+v, want class %s", e, c.class)
			}
			if c.want == "" && (len(p.Loose) > 0 || len(p.People) != 1) || !strings.Contains(e.Why.Sv, c.want) {
				t.Errorf("got %+v, %+v, want %q", e, p.Loose, c.want)
			}
			for _, u := range p.Units {
				if strings.ContainsAny(u.Path[len("units/"):], `/\`) {
					t.Errorf("got %s, want a file in units", u.Path)
				}
			}
		})
	}
}

// Of somebody whose file is there, the file stays: what it does not order is said, with the line to add.
func TestMissing(t *testing.T) {
	t.Parallel()
	tree := files(nil)
	a := with(ad("chef0001|Chef Provsson"), "journal", "journal/lasa/norr", "journal/skriva/norr", "journal/lasa/soder")
	p := adopt.Propose(input(t, tree, "", a))
	if len(p.People) != 0 || p.Entries[0].Class != adopt.Linked {
		t.Errorf("got %+v, want no file and a linked account", p)
	}
	var got []string
	for _, m := range p.Missing {
		got = append(got, m.Path+" "+m.Line)
	}
	want := []string{
		"people/chef.yaml {system: journal, role: lasa, unit: soder, from: 2026-12-01, until: 2027-05-30, reason: Övertagen vid import 2026-12-01, adopted: true}",
		"people/chef.yaml {system: journal, role: skriva, until: 2027-05-30, adopted: true}",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
}

// An account that its target does not take for the person's is nobody's, and the person is made of the others, or not at all.
func TestUnseen(t *testing.T) {
	t.Parallel()
	tree := files(nil)
	in := input(t, tree, "", ad("a1|Anna Ek"), scim("x|Anna Ek"))
	p := adopt.Propose(in)
	held := schema.State{}
	for _, k := range p.Entries[0].Keys {
		held[k] = schema.Grant{}
	}
	unseen := p.Unseen(held)
	if diff := cmp.Diff(unseen, []adopt.ID{p.Entries[1].ID}); diff != "" || len(p.Entries[0].Keys) != 2 {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
	in.Unseen = map[adopt.ID]bool{unseen[0]: true}
	p = adopt.Propose(in)
	if got := told(p, in); got != "ad a1 linked anna.ek name\nscim x unmatched anna.ek name\n" || len(p.Unseen(held)) != 0 {
		t.Errorf("got %s, want the account of scim unmatched", got)
	}
	if o, _ := load(t, tree, p); len(p.People[0].Employments[0].Access) != 1 || !o.Knows("anna.ek") {
		t.Errorf("got %+v, want the line of ad alone", p.People[0])
	}
	in.Unseen[p.Entries[0].ID] = true
	if p = adopt.Propose(in); len(p.People) != 0 || p.Entries[0].Person != "" {
		t.Errorf("got %+v, want nobody", p)
	}
}

// What a system holds is hostile: it becomes a value of a file or nothing, and is shown on one line without a number.
func TestHostile(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 600)
	tree := files(nil)
	accounts := []adopt.Account{
		ad("../../etc/passwd|Eve\nprotected: true\n\"x\"|../17|SE55-x"),
		ad("b|no|0123"), ad("c|" + long), ad("d|Anna: {x: !!y} # *a &b"), ad("e|\u202eAnna\u0000 Bo|-"), ad("f|王伟"), ad("g|Bo 900101-2385|900101.2385"),
		ad(long + "|Rolf Ek"), ad("~|true"), ad("i|'\""), ad("j|- Bo"),
	}
	accounts[1].ID = "CN=Bo 19900101-2385,OU=" + long
	accounts[2].ID, accounts[2].Login, accounts[2].Name = "CN=199001012385\n"+long, "", ""
	in := input(t, tree, "", accounts...)
	p := adopt.Propose(in)
	o, _ := load(t, tree, p)
	for i, e := range p.Entries {
		if strings.ContainsAny(e.Shown, "\n\x00\u202e") || strings.Contains(e.Shown, "2385") || len(e.Shown) > 400 {
			t.Errorf("got %q of %q, want one short line without a number", e.Shown, in.Accounts[i].Name)
		}
	}
	var names []string
	for _, m := range p.People {
		got, err := o.Person(m.Key)
		if err != nil || got.Name != m.Name || got.Protected {
			t.Errorf("got %+v, error %v, want %q", got, err, m.Name)
		}
		names = append(names, got.Name+"="+m.Key+"="+got.Login)
	}
	slices.Sort(names)
	want := []string{
		"'\"=i=i", "- Bo=bo=j", "Anna Bo=anna.bo=e", "Anna: {x: !!y} # *a &b=anna.x.y..a.b=d", "Eve protected: true \"x\"=eve.protected.true.x=", "Rolf Ek=rolf.ek=", "no=no=b", "true=true=", "王伟=f=f",
	}
	for i := range want {
		want[i] = strings.ReplaceAll(want[i], "x.y..a.b", "x.y.a.b")
	}
	if diff := cmp.Diff(names, want); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
}

// A personnummer in a login or number is found however it is parted, also beside letters and when the target has masked it.
func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, v := range []string{"199001012385", "900101-2385", "900101.2385", "se9001012385", "u_199001012385x", "19900101–2385", "900101+2385", "•••-2385"} {
		p := adopt.Propose(input(t, files(nil), "", ad(v+"|Anna Ek"), scim("anek|Bo Ek|"+v)))
		if e := p.Entries[0]; e.Class != adopt.Unmatched || strings.Contains(e.Shown, "2385") {
			t.Errorf("%q: got %+v, want the account unmatched and the number hidden", v, e)
		}
		if len(p.People) != 0 && p.People[0].EmployeeID != "" {
			t.Errorf("%q: got %+v, want no employee number", v, p.People[0])
		}
	}
	p := adopt.Propose(input(t, files(nil), "", ad("9001012386|Anna Ek|20260101")))
	if p.Entries[0].Class != adopt.Linked {
		t.Errorf("got %+v, want a number that is no personnummer let through", p.Entries[0])
	}
}

// What is switched off or is never to be touched is not looked at, and takes part in no link.
func TestPassed(t *testing.T) {
	t.Parallel()
	off, own, skydd := ad("old|Anna Ek|17"), ad("SVC-behorig|Anna Ek|17"), ad("x|Anna Ek|17")
	off.Enabled, skydd.ID = false, "cn=skydd,ou=x"
	in := input(t, files(nil), "", ad("anek|Anna Ek|17"), off, own, skydd)
	want := "ad SVC-behorig passed\nad anek linked anna.ek made\nad old passed\nad x passed\n"
	if got := told(adopt.Propose(in), in); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A unit's name that two units have is neither's.
func TestUnitOfTwo(t *testing.T) {
	t.Parallel()
	tree := files(map[string]string{"units/a.yaml": "name: Solhaga\nmanager: chef\n", "units/b.yaml": "name: solhaga\nmanager: chef\n"})
	p := adopt.Propose(input(t, tree, "namn;enhet\nAnna Ek;Solhaga\nBo Ek;B\n", ad("a|Anna Ek"), scim("b|Bo Ek")))
	got := map[string]string{}
	for _, of := range p.People {
		got[of.Key] = of.Employments[0].Unit
	}
	if diff := cmp.Diff(got, map[string]string{"anna.ek": "norr", "bo.ek": "b"}); diff != "" || len(p.Units) > 0 {
		t.Errorf("units %v, got (-), want (+):\n%s", p.Units, diff)
	}
}

// Somebody whose data are protected is their key alone, whatever the accounts say, also where they are in dispute.
func TestProtected(t *testing.T) {
	t.Parallel()
	tree := files(map[string]string{
		"people/p7.yaml":   "name: Vendela Exempelgren\nlogin: vend\nprotected: true\nemployments: [{unit: norr, form: permanent, from: 2020-01-01}]\n",
		"people/otto.yaml": "name: Otto Ek\nlogin: otto\nemployeeId: \"17\"\nemployments: [{unit: norr, form: permanent, from: 2020-01-01}]\n",
	})
	accounts := []adopt.Account{
		ad("vend|Vendela E|99"), reg("@x8"), scim("x9|Vendela Annan|99"), scim("v2|Vendela Exempelgren"), scim("vend|V Exempelgren|17"), reg("@v3"), ad("x|Exempelgren, Vendela"),
	}
	accounts[0].Grants = append(accounts[0].Grants, reconcile.Holding{System: "journal", Role: "okand"})
	p := adopt.Propose(input(t, tree, "", accounts...))
	for _, e := range p.Entries {
		if s := strings.ToLower(e.Shown + e.Why.Sv + e.Why.En); strings.Contains(s, "vend") || strings.Contains(s, "exempel") {
			t.Errorf("got %+v, want the key alone", e)
		}
	}
	for _, l := range p.Loose {
		if strings.Contains(strings.ToLower(l.Shown), "vend") {
			t.Errorf("got %+v, want the key alone", l)
		}
	}
}
