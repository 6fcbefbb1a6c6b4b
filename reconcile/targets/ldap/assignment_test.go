package ldap

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/targettest"
	"github.com/behorig/behorig/schema"
)

// catalogue is a folder of assignments that the test has to itself.
func catalogue(t testing.TB) (d *directory, folder string) {
	d = ready(t)
	folder = strings.Replace(d.people, ",ou=people,", ",ou=assignments,", 1)
	r := ldap.NewAddRequest(folder, nil)
	r.Attribute("objectClass", []string{"organizationalUnit"})
	d.must(d.admin.Add(r))
	return d, folder
}

// assigning is a targets.yaml for assignments of two systems in one folder. account says where the systems' accounts are, until what keeps the last day.
func (d *directory) assigning(folder string, account bool, until string) string {
	system := func(s string) string {
		group := ""
		if account {
			group = fmt.Sprintf(`account: {group: "CN=%s,%s"}, `, s, d.roles)
		}
		return fmt.Sprintf(`, %sassignment: {base: "%s", rdn: "cn={hsaId}-{system}-{unit}-{role}", classes: [behorigAssignment], dates: time, roles: {r: "Vård och behandling"}, attributes: {behorigHsaId: "{hsaId}", behorigUnit: "{unit}", behorigRole: "{role}", description: "{system}"%s}}`,
			group, folder, until)
	}
	return d.targets(fmt.Sprintf("    users: {base: \"%s\"}\n    groups: {base: \"%s\", placeholder: \"%s\"}\n", d.people, d.roles, nobodyDN), system("a"), system("b"))
}

const dated = `, behorigUntil: "{until}", behorigFrom: "{from}"`

// entries are the assignments there, from outside.
func (d *directory) entries(folder string) []*ldap.Entry {
	d.t.Helper()
	r, err := d.admin.Search(ldap.NewSearchRequest(folder, ldap.ScopeSingleLevel, ldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", nil, nil))
	d.must(err)
	return r.Entries
}

func TestAssignmentsKeepThePromises(t *testing.T) {
	d, folder := catalogue(t)
	targettest.Run(t, targettest.Options{
		Fresh: func(t *testing.T) func() reconcile.Target {
			d.reset()
			for _, e := range d.entries(folder) {
				d.must(d.admin.Del(ldap.NewDelRequest(e.DN, nil)))
			}
			return func() reconcile.Target { return d.open(t, d.assigning(folder, true, ""), nil) }
		},
		Systems: [2]string{"a", "b"}, Roles: [2]string{"r", "s"}, Units: [2]string{"u", "v"},
		Undated:  true,
		Disabled: func(_ *testing.T, _ reconcile.Target, _, person string) bool { return d.off(person) },
	})
}

// An assignment keeps its last day, is moved, and ends by being deleted.
func TestDatedAssignments(t *testing.T) {
	d, folder := catalogue(t)
	target := d.open(t, d.assigning(folder, false, dated), nil)
	role := schema.Key{System: "a", Role: "r", Unit: "u", Person: "ada"}
	account := role.Account()
	if target.Undated(role) || !target.Undated(account) {
		t.Errorf("got undated %v and %v, want the account alone", target.Undated(role), target.Undated(account))
	}
	soon, late := schema.Day(2026, 12, 24), schema.Day(2027, 6, 30)
	grant := func(d schema.Date) *schema.Grant { return &schema.Grant{Until: d} }
	for _, c := range []struct {
		from, to *schema.Grant
		status   reconcile.Status
		until    string
	}{
		{nil, grant(soon), reconcile.Done, "20261224230000Z"},
		{nil, grant(soon), reconcile.Already, "20261224230000Z"},
		{grant(soon), grant(late), reconcile.Done, "20270630220000Z"},
		{grant(late), grant(0), reconcile.Done, ""},
		{grant(0), grant(soon), reconcile.Done, "20261224230000Z"},
	} {
		if got, err := target.Apply(t.Context(), reconcile.Change{Key: role, From: c.from, To: c.to}); err != nil || got != c.status {
			t.Fatalf("%v: got %s, error %v, want %s", c.to, got, err, c.status)
		}
		state, err := target.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(state, schema.State{account: {}, role: *c.to}); diff != "" {
			t.Fatalf("read (-got +want):\n%s", diff)
		}
		e := d.entries(folder)
		if len(e) != 1 || e[0].GetAttributeValue("behorigUntil") != c.until || e[0].GetAttributeValue("behorigFrom") != "20261122230000Z" {
			t.Fatalf("got %v, want one entry until %s", e, c.until)
		}
	}
	if want := "cn=SE5560000000-T001-a-u-Vård och behandling," + folder; fold(d.entries(folder)[0].DN) != fold(want) {
		t.Errorf("got %s, want %s", d.entries(folder)[0].DN, want)
	}
	// The account is there as long as an assignment is.
	says(t, apply(t, target, "- a ada")[0], "ada keeps an assignment")
	made(t, target, "+ a/s/v ada")
	made(t, target, "- a ada", "- a/r/u ada", "- a/s/v ada")
	if e := d.entries(folder); len(e) != 0 {
		t.Errorf("got %v, want none", e)
	}
	if got := apply(t, target, "- a/r/u ada", "- a ada"); !cmp.Equal(got, []string{"already", "already"}) {
		t.Errorf("got %v, want already", got)
	}
	holds(t, target)
}

// What somebody else entered is read by what it says, whatever it is called; what is no assignment of ours is left alone.
func TestAssignmentsOfOthers(t *testing.T) {
	d, folder := catalogue(t)
	target := d.open(t, d.assigning(folder, false, dated), nil)
	add := func(name string, attributes ...string) {
		r := ldap.NewAddRequest("cn="+name+","+folder, nil)
		r.Attribute("objectClass", []string{"behorigAssignment"})
		for i := 0; i < len(attributes); i += 2 {
			r.Attribute(attributes[i], []string{attributes[i+1]})
		}
		d.must(d.admin.Add(r))
	}
	one := []string{"behorigHsaId", "se5560000000-t001", "behorigUnit", "U", "behorigRole", "vård och behandling", "description", "A"}
	add("for hand", one...)
	add("twice", one...)
	add("stranger", "behorigHsaId", "SE5560000000-X9", "behorigUnit", "u", "behorigRole", "s", "description", "a")
	add("another role", "behorigHsaId", "SE5560000000-T001", "behorigUnit", "u", "behorigRole", "Administration", "description", "a")
	add("another system", "behorigHsaId", "SE5560000000-T001", "behorigUnit", "u", "behorigRole", "s", "description", "c")
	add("no role", "behorigHsaId", "SE5560000000-T001", "behorigUnit", "u", "description", "a")
	holds(t, target, "a ada", "a/r/u ada", "a @se5560000000-x9", "a/s/u @se5560000000-x9")
	made(t, target, "- a/r/u ada", "- a ada", "- a/s/u @se5560000000-x9")
	holds(t, target)
	if got := len(d.entries(folder)); got != 3 {
		t.Errorf("got %d entries, want the 3 that are nothing of ours", got)
	}
	// Whom the entry cannot name gets none, and an account list says what there is.
	without := d.open(t, d.assigning(folder, false, dated), map[string]string{"people/bo.yaml": "name: Bo\nlogin: bo\nemployments:\n  - {unit: u, title: x, form: permanent, from: 2020-01-01}\n"})
	says(t, apply(t, without, "+ a/r/u bo")[0], "bo: ", "needs {hsaId}")
	made(t, target, "+ a/r/u ada")
	accounts, err := target.Accounts(t.Context())
	if err != nil || len(accounts) != 1 || accounts[0].HSAID != "SE5560000000-T001" || len(accounts[0].Grants) != 2 {
		t.Errorf("got %v, error %v, want ada's one", accounts, err)
	}
	// A day that cannot be read is an error: the list would not be true.
	r := ldap.NewAddRequest("cn=bad,"+folder, nil)
	r.Attribute("objectClass", []string{"behorigAssignment"})
	for i := 0; i < len(one); i += 2 {
		r.Attribute(one[i], []string{one[i+1]})
	}
	r.Attribute("behorigUntil", []string{"20270630" + "22Z"})
	d.must(d.admin.Add(r))
	if _, err := target.Read(t.Context()); err == nil {
		t.Error("got no error, want one of a day that cannot be read")
	}
}

// A role that is not given per unit has no unit in its entry, though the attributes have a place for one.
func TestAssignmentWithoutAUnit(t *testing.T) {
	d, folder := catalogue(t)
	system := fmt.Sprintf(`, assignment: {base: "%s", rdn: "uid={login}-{system}-{role}", classes: [inetOrgPerson], attributes: {employeeNumber: "{login}", l: "{unit}", title: "{role}", description: "{system}", cn: x, sn: x}}`, folder)
	targets := d.targets(fmt.Sprintf("    users: {base: \"%s\"}\n    groups: {base: \"%s\", placeholder: \"%s\"}\n", d.people, d.roles, nobodyDN), system, system)
	target := d.open(t, targets, map[string]string{"systems/a.yaml": "name: S\nowner: chef\ndesk: it\nroles: {r: {name: R}, s: {name: S, perUnit: false}}\n"})
	made(t, target, "+ a/s ada")
	holds(t, target, "a ada", "a/s ada")
	if got := apply(t, target, "+ a/s ada"); !cmp.Equal(got, []string{"already"}) {
		t.Errorf("got %v, want already", got)
	}
	made(t, target, "- a/s ada", "- a ada")
	holds(t, target)
	if left := d.entries(folder); len(left) > 0 {
		t.Errorf("got %d entries left, want none", len(left))
	}
}
