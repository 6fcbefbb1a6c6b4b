package adopt_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/adopt"
	"github.com/behorig/behorig/schema"
)

// Few values, so that they meet; some of them such as no file may have.
var (
	names  = rapid.SampledFrom([]string{"", "Cia Dahl", "Dag Ström", "Eva Lund", "Örjan Berg", "Ida-Maria Falk", "Jo Ny", "Anna Ek", "Ek, Anna", "Anna Berg", "Åsa Öberg", "Asa Oberg", "Suryani", "Bo Ek", "王伟", "x\ny: z", "Bo 900101-2385", "true", "Chef Provsson"})
	logins = rapid.SampledFrom([]string{"", "u1", "u2", "u3", "u4", "u5", "u6", "anek", "ANEK", "boek", "asob", "199001012385", "svc-x", "a b", "chef0001", "../x"})
	ids    = rapid.SampledFrom([]string{"", "", "", "1", "2", "3", "4", "5", "0x3", "9001012385", "a/b"})
	hsas   = rapid.SampledFrom([]string{"", "", "SE5560000000-A", "se5560000000-a", "SE5560000000-B", "SE1"})
	units  = rapid.SampledFrom([]string{"", "norr", "Norr", "soder", "lunden", "Lunden Väst", "../x", "gamla-norr", "199001012385", "%"})
	days   = rapid.SampledFrom([]schema.Date{0, 0, on - 1, on, on + 9, on + 999})
	roles  = rapid.SampledFrom([][2]string{{"journal", ""}, {"journal", "lasa"}, {"journal", "admin"}, {"journal", "x"}, {"planering", ""}, {"planering", "planera"}, {"y", "z"}})
)

func drawAccounts(t *rapid.T) []adopt.Account {
	var all []adopt.Account
	for i := range rapid.IntRange(0, 10).Draw(t, "accounts") {
		target := rapid.SampledFrom([]string{"ad", "scim", "reg"}).Draw(t, "target")
		if target == "reg" {
			all = append(all, reg(rapid.SampledFrom([]string{"anna.ek", "chef", "@x", "bo.ek", "suryani", "9001012385"}).Draw(t, "key")))
			continue
		}
		a := adopt.Account{Target: target, Account: reconcile.Account{
			ID: fmt.Sprint(i), Login: logins.Draw(t, "login"), Name: names.Draw(t, "name"), EmployeeID: ids.Draw(t, "id"), HSAID: hsas.Draw(t, "hsa"),
			Enabled: rapid.IntRange(0, 9).Draw(t, "enabled") > 0,
		}}
		if good := rapid.IntRange(0, 3).Draw(t, "good"); good > 0 {
			a.Grants = map[string]adopt.Account{"ad": ad(""), "scim": scim("")}[target].Grants
		}
		for range rapid.IntRange(0, 3).Draw(t, "grants") {
			role := roles.Draw(t, "role")
			a.Grants = append(a.Grants, reconcile.Holding{System: role[0], Role: role[1], Unit: units.Draw(t, "unit"), Until: days.Draw(t, "until")})
		}
		all = append(all, a)
	}
	return all
}

func drawStaff(t *rapid.T) string {
	if rapid.IntRange(0, 3).Draw(t, "list") > 0 {
		return ""
	}
	rows := "namn;anstnr;login;enhet;från;till\n"
	for i := range rapid.IntRange(0, 4).Draw(t, "staff") {
		name := rapid.SampledFrom([]string{"Anna Ek", "Åsa Öberg", "Bo Ek", "Suryani"}).Draw(t, "staff name")
		rows += fmt.Sprintf("%s;%d;%s;%s;%s;%s\n", name, i, rapid.SampledFrom([]string{"", "", "s" + fmt.Sprint(i)}).Draw(t, "staff login"),
			rapid.SampledFrom([]string{"", "norr", "Lunden", "Lunden Väst"}).Draw(t, "staff unit"), rapid.SampledFrom([]string{"", "2020-01-01", "2027-01-01"}).Draw(t, "from"),
			rapid.SampledFrom([]string{"", "2027-02-01"}).Draw(t, "to"))
	}
	return rows
}

// Whatever targets hold: each account has one class, what is written is new and loads, no personnummer is written or shown, each person has a login and
// numbers of their own, what is adopted is what is held and no more, and the order of accounts is nothing. Made again over what was written, nothing is
// written, nothing is lost, and nobody is linked to another.
func TestLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tree := files(nil)
		accounts, staff := drawAccounts(t), drawStaff(t)
		in := input(t, tree, staff, accounts...)
		in.Match = rapid.SampledFrom([][]adopt.Rule{adopt.Rules, adopt.Rules, {adopt.ByHSAID}, {adopt.ByName}, {adopt.ByEmployeeID, adopt.ByLogin}}).Draw(t, "match")
		in.Unit = rapid.SampledFrom([]string{"", "norr", "ny"}).Draw(t, "unit of others")
		p := adopt.Propose(in)
		total := 0
		for _, c := range adopt.Classes {
			total += p.Count(c)
		}
		if total != len(accounts) {
			t.Fatalf("got %d accounts with a class, want %d: %+v", total, len(accounts), p.Entries)
		}
		o, over := load(t, tree, p)
		if said := unkeyed(p) + written(over); strings.Contains(said, "2385") || strings.Contains(said, "900101") {
			t.Fatalf("got a personnummer in %s, want none", said)
		}
		alone(t, o)
		held(t, o, in, p)
		in.Accounts = adopt.Sorted(rapid.Permutation(accounts).Draw(t, "order"))
		if diff := cmp.Diff(adopt.Propose(in).People, p.People); diff != "" {
			t.Fatalf("in another order, got (-), want (+):\n%s", diff)
		}
		again(t, over, in, p)
		cutShort(t, tree, in, p)
	})
}

// unkeyed is what of a proposal is shown.
func unkeyed(p *adopt.Proposal) string {
	var b strings.Builder
	for _, e := range p.Entries {
		fmt.Fprintln(&b, e.Target, e.Shown, e.Class, e.By, e.Person, e.Why)
	}
	for _, l := range p.Loose {
		fmt.Fprintln(&b, l.Shown, l.System, l.Role, l.Unit, l.Why)
	}
	fmt.Fprintln(&b, p.Missing)
	return b.String()
}

func written(tree map[string]*fstest.MapFile) string {
	var b strings.Builder
	for path, f := range tree {
		fmt.Fprintln(&b, path, string(f.Data))
	}
	return b.String()
}

// alone holds that no login or number is of two people.
func alone(t *rapid.T, o *schema.Org) {
	whose := map[string]string{}
	for _, key := range o.PersonKeys() {
		p, err := o.Person(key)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []string{"login " + p.Login, "id " + p.EmployeeID, "hsa " + p.HSAID} {
			v = strings.ToLower(v)
			if other := whose[v]; other != "" && !strings.HasSuffix(v, " ") {
				t.Fatalf("got %s of %s and %s, want one alone", v, other, key)
			}
			whose[v] = key
		}
	}
}

// held holds that what new people are to have is what linked accounts hold.
func held(t *rapid.T, o *schema.Org, in adopt.Input, p *adopt.Proposal) {
	have := schema.State{}
	for _, e := range p.Entries {
		if e.Class == adopt.Linked {
			for _, k := range e.Keys {
				have[k] = schema.Grant{}
			}
		}
	}
	for _, made := range p.People {
		of, err := o.Person(made.Key)
		if err != nil {
			t.Fatal(err)
		}
		ordered := map[schema.Key]bool{}
		for _, l := range o.Lines(of) {
			if ordered[l.Key] {
				t.Fatalf("got %v ordered twice, want it once", l.Key)
			}
			ordered[l.Key] = true
		}
		for k, g := range schema.Want(o.Lines(of), on) {
			if _, ok := have[k]; !ok || g.Until == 0 || g.Until > in.Until {
				t.Fatalf("got %v until %s, want what is held until %s at most", k, g.Until, in.Until)
			}
			delete(have, k)
		}
	}
	for k := range have {
		if p.Knows(k.Person) {
			t.Fatalf("got %v held and not wanted, want it adopted", k)
		}
	}
}

// again makes a proposal over what the first wrote.
func again(t *rapid.T, over map[string]*fstest.MapFile, in adopt.Input, p *adopt.Proposal) {
	tree := files(nil)
	for path, f := range over {
		tree[path] = f
	}
	next := input(t, tree, "", in.Accounts...)
	next.Staff, next.HasStaff, next.Unit, next.Match = in.Staff, in.HasStaff, in.Unit, in.Match
	q := adopt.Propose(next)
	if len(q.People) != 0 || len(q.Units) != 0 {
		t.Fatalf("got %+v, %+v, want nothing more to write", q.People, q.Units)
	}
	before := map[adopt.ID]adopt.Entry{}
	for _, e := range p.Entries {
		before[e.ID] = e
	}
	if cmp.Diff(in.Accounts, next.Accounts) != "" {
		t.Fatal("got other accounts, want the same")
	}
	for i, e := range q.Entries {
		was := before[e.ID]
		if was.Class == adopt.Linked && (e.Class != adopt.Linked || e.Person != was.Person) {
			t.Fatalf("got %+v of %+v, want it linked to %s as before", e, in.Accounts[i], was.Person)
		}
	}
}

// cutShort holds that a run that was killed after some files is made whole by the next.
func cutShort(t *rapid.T, tree fstest.MapFS, in adopt.Input, p *adopt.Proposal) {
	all, err := p.Files("sv")
	if err != nil {
		t.Fatal(err)
	}
	n := rapid.IntRange(0, len(all)).Draw(t, "files before the cut")
	for _, f := range all[:n] {
		tree[f.Path] = &fstest.MapFile{Data: f.Raw}
	}
	next := input(t, tree, "", in.Accounts...)
	next.Staff, next.HasStaff, next.Unit, next.Match = in.Staff, in.HasStaff, in.Unit, in.Match
	rest, err := adopt.Propose(next).Files("sv")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rest, all[n:], cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("after %d files, got (-), want (+):\n%s", n, diff)
	}
}
