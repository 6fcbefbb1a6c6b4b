package ldap

import (
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"
)

// someone is a person's file, of somebody whom no other test's folder has: the server is searched as a whole for those who have no account.
func someone(login, more string) map[string]string {
	return map[string]string{"people/" + login + ".yaml": "name: Hemlig Person\nlogin: " + login + "\nemployeeId: E-" + login + "\n" + more + "employments:\n  - {unit: u, title: x, form: permanent, from: 2020-01-01}\n"}
}

// folder makes a folder and gives its DN.
func (d *directory) folder(name, above string) string {
	d.t.Helper()
	r := ldap.NewAddRequest("ou="+name+","+above, nil)
	r.Attribute("objectClass", []string{"organizationalUnit"})
	d.must(d.admin.Add(r))
	return r.DN
}

// gone takes an entry away when the test ends.
func (d *directory) gone(dn string) {
	d.t.Cleanup(func() { d.must(d.admin.Del(ldap.NewDelRequest(dn, nil))) })
}

// An account with somebody else's employee number is somebody else's, whatever its login.
func TestAnAccountThatContradictsIsNotTaken(t *testing.T) {
	d := ready(t)
	target := d.open(t, d.usual(""), someone("tagen", ""))
	d.gone(d.user("tagen"))
	d.set(d.userDN("tagen"), "employeeNumber", "77777")
	for _, got := range apply(t, target, "+ a tagen", "+ a/r/u tagen") {
		says(t, got, "tagen has no account below users.base")
	}
	d.members("a-r-u")
	if !d.off("tagen") {
		t.Error("got the other's account on, want left alone")
	}
	d.member("a-r-u", d.userDN("tagen"), true)
	holds(t, target, "a/r/u @tagen")
	made(t, target, "- a/r/u @tagen")
	d.members("a-r-u")
	// One that says nothing is taken, and one of which only the login is known.
	d.set(d.userDN("tagen"), "employeeNumber")
	made(t, target, "+ a/r/u tagen")
	d.members("a-r-u", "tagen")
}

// Two strangers who share a name are told apart by nothing: neither is touched, and neither is said to be out.
func TestStrangersThatShareAName(t *testing.T) {
	d := ready(t)
	target := d.open(t, d.usual(""), nil)
	robot := ldap.NewAddRequest("cn=Robot Ett,"+d.people, nil)
	robot.Attribute("objectClass", []string{"inetOrgPerson"})
	robot.Attribute("sn", []string{"x"})
	d.must(d.admin.Add(robot))
	d.member("a-r-u", robot.DN, true) // it has no login
	for _, ou := range []string{"ett", "tva"} {
		r := ldap.NewAddRequest("uid=dubbel,"+d.folder(ou, d.people), nil)
		r.Attribute("objectClass", []string{"inetOrgPerson"})
		r.Attribute("sn", []string{"x"})
		r.Attribute("cn", []string{"x"})
		d.must(d.admin.Add(r))
		d.member("a-s-u", r.DN, true)
		d.member("a-s-v", "uid=borta,ou="+ou+",dc=other", true)
	}
	holds(t, target, "a/r/u @robot ett", "a/s/u @dubbel", "a/s/v @borta")
	// The keys have spaces, which a change's text has not.
	gone := change(t, "- a/r/u @x")
	gone.Person = "@robot ett"
	if status, err := target.Apply(t.Context(), gone); status != "done" || err != nil {
		t.Errorf("got %s, %v, want done", status, err)
	}
	says(t, apply(t, target, "- a/s/u @dubbel")[0], "@dubbel has 2 accounts that fit alike", "narrow users.filter")
	says(t, apply(t, target, "- a/s/v @borta")[0], "@borta has 2 accounts that fit alike")
	d.members("a-s-u", "dubbel", "dubbel")
	holds(t, target, "a/s/u @dubbel", "a/s/v @borta")
	d.member("a-s-u", "uid=dubbel,ou=ett,"+d.people, false)
	d.must(d.admin.Del(ldap.NewDelRequest("uid=dubbel,ou=ett,"+d.people, nil)))
	d.member("a-s-v", "uid=borta,ou=ett,dc=other", false)
	made(t, target, "- a/s/u @dubbel", "- a/s/v @borta")
	holds(t, target)
}

// An account that was moved out of users.base is not said to be without access, and nobody gets a second one beside it.
func TestAccountMovedOutside(t *testing.T) {
	d := ready(t)
	for _, c := range []struct {
		name, more string
		hidden     bool
	}{{"flyttad", "", false}, {"dold", "protected: true\n", true}} {
		files := someone(c.name, c.more)
		target := d.open(t, d.usual("    accounts: {create: true}\n"), files)
		made(t, target, "+ a "+c.name)
		away := "uid=" + c.name + "," + d.folder("ledig-"+c.name, strings.SplitN(d.people, ",", 2)[1])
		d.member("a", d.userDN(c.name), false)
		d.must(d.admin.ModifyDN(ldap.NewModifyDNRequest(d.userDN(c.name), "uid="+c.name, true, strings.SplitN(away, ",", 2)[1])))
		d.member("a", away, true)
		for _, got := range apply(t, target, "- a "+c.name, "- a/r/u "+c.name, "+ a/s/u "+c.name) {
			says(t, got, c.name+" has an account outside users.base or users.filter", "widen it or move it back")
			if strings.Contains(got, away) == c.hidden {
				t.Errorf("got %s, want its DN only of who is not protected", got)
			}
		}
		d.members("a", c.name)
		d.members("a-s-u")
		if d.entry(d.userDN(c.name), "1.1") != nil {
			t.Error("got a second account, want none")
		}
		wider := d.open(t, strings.Replace(d.usual(""), `users: {base: "`+d.people+`"`, `users: {base: "`+strings.SplitN(away, ",", 2)[1]+`"`, 1), files)
		made(t, wider, "- a "+c.name)
		d.members("a")
		for _, dn := range []string{away, strings.SplitN(away, ",", 2)[1]} {
			d.must(d.admin.Del(ldap.NewDelRequest(dn, nil)))
		}
	}
}

// Of somebody whose data are protected neither a second account nor one outside users.base is called by its login.
func TestSecondAccountsOfProtected(t *testing.T) {
	d := ready(t)
	target := d.open(t, d.usual(""), someone("hemlig", "protected: true\n"))
	d.gone(d.user("hemlig"))
	second := d.user("hemlig.person", "displayName", "Hemlig Person")
	d.gone(second)
	d.set(second, "employeeNumber", "E-hemlig")
	elsewhere := ldap.NewAddRequest("cn=Hemlig Person,ou=service,"+d.Vars["BASE"], nil)
	elsewhere.Attribute("objectClass", []string{"inetOrgPerson"})
	elsewhere.Attribute("sn", []string{"x"})
	elsewhere.Attribute("employeeNumber", []string{"E-hemlig"})
	d.must(d.admin.Add(elsewhere))
	d.gone(elsewhere.DN)
	var want []string
	for group, dn := range map[string]string{"a-r-u": second, "a-r-v": elsewhere.DN} {
		d.member(group, dn, true)
		want = append(want, strings.ReplaceAll(group, "-", "/")+" @id-"+d.entry(dn, "entryUUID").GetAttributeValue("entryUUID"))
	}
	d.member("a-s-u", "uid=hemlig,ou=borta,dc=other", true)
	holds(t, target, append(want, "a/s/u @id-unknown")...)
	made(t, target, "- a/s/u @id-unknown", "- "+want[0], "- "+want[1])
	holds(t, target)
	// The person's own is found all the same.
	made(t, target, "+ a/r/u hemlig")
	d.members("a-r-u", "hemlig")
}

// A personnummer in a DN is not shown where two accounts fit alike.
func TestTwinsWithPersonnummer(t *testing.T) {
	d := ready(t)
	d.must(d.admin.Del(ldap.NewDelRequest(d.userDN("bo"), nil)))
	for _, name := range []string{"199001012385", "200002292399"} {
		d.user(name)
		d.set(d.userDN(name), "employeeNumber", "E-bo")
	}
	target := d.open(t, d.usual(""), nil)
	got := apply(t, target, "+ a bo")
	says(t, got[0], "bo has 2 accounts that fit alike, uid=••••••••••••,ou=")
	if strings.Contains(got[0], "2385") || strings.Contains(got[0], "2399") {
		t.Errorf("got %s, want no personnummer", got[0])
	}
	if diff := cmp.Diff(d.of("a"), []string{}); diff != "" {
		t.Errorf("members of a (-got +want):\n%s", diff)
	}
}
