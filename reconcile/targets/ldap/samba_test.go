package ldap

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
)

// readyAD is the Active Directory with all users, switched off, and the usual groups.
func readyAD(t testing.TB) *directory {
	d := samba(t)
	d.reset()
	return d
}

func TestHandWorkIsSeenInAD(t *testing.T) {
	d := readyAD(t)
	target := d.open(t, d.usual(""), nil)
	made(t, target, "+ a ada", "+ a/r/u ada")
	d.member("a-s-v", d.userDN("bo"), true)
	if d.entry(d.groupDN("team"), "1.1") == nil {
		d.group("team")
	}
	d.set(d.groupDN("team"), "member", d.userDN("p0"))
	d.member("a-r-v", d.groupDN("team"), true)
	d.member("a-r-v", d.Vars["ADMIN_DN"], true)
	holds(t, target, "a ada", "a/r/u ada", "a/s/v bo", "a/r/v p0", "a/r/v @administrator")
	got := apply(t, target, "- a/r/v p0", "+ a/r/v p0", "- a/s/v bo", "- a/r/v @administrator")
	says(t, got[0], "by way of the group CN=team")
	if diff := cmp.Diff(got[1:], []string{"already", "done", "done"}); diff != "" {
		t.Errorf("statuses (-got +want):\n%s", diff)
	}
	if d.flags(d.Vars["ADMIN_DN"])&flagDisabled != 0 {
		t.Error("got the administrator switched off, want left alone")
	}
}

// Samba refuses what is so already even to the permissive control.
func TestChangesThatSomebodyElseMadeMeanwhileInAD(t *testing.T) {
	d := readyAD(t)
	target := d.open(t, d.usual(""), nil)
	d.must(target.connect(t.Context()))
	d.member("a-r-u", d.userDN("p1"), true)
	w := &work{dn: d.groupDN("a-r-u")}
	for i := range 8 {
		name := fmt.Sprintf("p%d", i)
		w.ops = append(w.ops, &op{task: &task{who: name}, member: d.userDN(name), remove: i > 4})
	}
	w.ops = append(w.ops, &op{task: &task{who: "gone"}, member: d.userDN("gone")})
	target.change(t.Context(), w, w.ops)
	for _, o := range w.ops {
		if gone := o.task.who == "gone"; gone != (o.err != nil) {
			t.Errorf("%s: got error %v, want one: %v", o.task.who, o.err, gone)
		}
	}
	d.members("a-r-u", "p0", "p1", "p2", "p3", "p4")
}

// The service user may write below its folders and nowhere else; the error says what right is missing, and for what.
func TestRightsInAD(t *testing.T) {
	d := readyAD(t)
	base := d.Vars["BASE"]
	targets := strings.Replace(d.usual(""), fmt.Sprintf("groups: {base: \"%s\"", d.roles), fmt.Sprintf("groups: {base: \"%s\"", base), 1)
	targets = strings.Replace(targets, "CN=a-r-{unit},"+d.roles, "CN=Guests-{unit},CN=Users,"+base, 1)
	if r := ldap.NewAddRequest("CN=Guests-u,CN=Users,"+base, nil); d.entry(r.DN, "1.1") == nil {
		r.Attribute("objectClass", []string{"group"})
		d.must(d.admin.Add(r))
	}
	target := d.open(t, targets, nil)
	got := target.ApplyAll(t.Context(), []reconcile.Change{change(t, "+ a/r/u ada"), change(t, "+ a/s/u ada")})
	if got[0].Err == nil || reconcile.Passing(got[0].Err) || got[1].Err != nil {
		t.Fatalf("got %v, want a final error and then none", got)
	}
	says(t, got[0].Err.Error(), "change the members of CN=Guests-u,CN=Users", "bindDN may not do that; delegate the right to it", "code 50")
}

func TestProbe(t *testing.T) {
	answers := func(probes []reconcile.Probe) map[string]reconcile.Answer {
		got := map[string]reconcile.Answer{}
		for _, p := range probes {
			if p.What.Sv == "" || (p.Do.Sv == "") != (p.Do.En == "") {
				t.Errorf("got %v, want both languages", p)
			}
			got[p.What.En] = p.Answer
		}
		return got
	}
	const y, n, u = reconcile.Yes, reconcile.No, reconcile.Unknown
	t.Run("ad", func(t *testing.T) {
		d := readyAD(t)
		d.must(d.admin.Del(ldap.NewDelRequest(d.groupDN("b-s-v"), nil)))
		more := "    accounts: {create: true}\n"
		want := map[string]reconcile.Answer{
			"sign in to the directory": y, "lists page by page": y, "change members that are so already": y, "the same clock as the server": y, "read " + d.people: y, "read " + d.roles: y,
			"find the roles' groups: 9 of 10 are there": n, "change members": y, "switch accounts on and off": y, "make accounts": y,
		}
		probes := d.open(t, d.usual(more), nil).Probe(t.Context())
		if diff := cmp.Diff(answers(probes), want); diff != "" {
			t.Errorf("the service user (-got +want):\n%s", diff)
		}
		says(t, fmt.Sprint(probes), "CN=b-s-v,")
		d.Vars["BIND_DN"], d.Vars["BIND_PASSWORD"] = d.userDN("p0"), password
		d.set(d.userDN("p0"), "userAccountControl", "512")
		want["change members"], want["switch accounts on and off"], want["make accounts"] = n, n, n
		probes = d.open(t, d.usual(more), nil).Probe(t.Context())
		if diff := cmp.Diff(answers(probes), want); diff != "" {
			t.Errorf("an ordinary user (-got +want):\n%s", diff)
		}
		says(t, fmt.Sprint(probes), "delegate the right to write member below OU=Grupper")
	})
	t.Run("openldap", func(t *testing.T) {
		d := ready(t)
		want := map[string]reconcile.Answer{
			"sign in to the directory": y, "lists page by page": y, "change members that are so already": u, "read " + d.people: y, "read ou=none," + d.roles: n, "read the groups": n,
			"write in the directory": u, "switch accounts off with effect": y,
		}
		targets := strings.ReplaceAll(d.usual(""), d.roles, "ou=none,"+d.roles)
		got := answers(d.open(t, targets, nil).Probe(t.Context()))
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("(-got +want):\n%s", diff)
		}
	})
}

// Why AD refuses the tool's own account is told.
func TestRefusedByAD(t *testing.T) {
	d := readyAD(t)
	for _, c := range []struct{ name, value, password, want string }{
		{"ada", "512", "fel", "the password is wrong"},
		{"ada", "514", password, "the account is disabled"},
	} {
		d.set(d.userDN(c.name), "userAccountControl", c.value)
		d.Vars["BIND_DN"], d.Vars["BIND_PASSWORD"] = d.userDN(c.name), c.password
		_, err := d.open(t, d.usual(""), nil).Read(t.Context())
		if err == nil || reconcile.Passing(err) {
			t.Fatalf("got error %v, want a final one", err)
		}
		says(t, err.Error(), c.want)
	}
}

// TestSambaKeepsThePromises is the conformance suite on Active Directory.
func TestSambaKeepsThePromises(t *testing.T) { conformance(t, readyAD(t), 5) }
