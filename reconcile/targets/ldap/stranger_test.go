package ldap

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
)

// What nobody of the repository holds is listed by its own name, and can be taken away; strangers are never switched off.
func TestStrangers(t *testing.T) {
	d := ready(t)
	d.user("konsult")
	outside := ldap.NewAddRequest("cn=Robot,ou=service,"+d.Vars["BASE"], nil)
	outside.Attribute("objectClass", []string{"organizationalRole"})
	d.must(d.admin.Add(outside))
	t.Cleanup(func() { d.must(d.admin.Del(ldap.NewDelRequest(outside.DN, nil))) })
	target := d.open(t, d.usual(""), nil)
	unlock := ldap.NewModifyRequest(d.userDN("konsult"), nil)
	unlock.Replace("pwdAccountLockedTime", nil)
	d.must(d.admin.Modify(unlock))
	for _, dn := range []string{d.userDN("konsult"), outside.DN, "uid=gone,ou=elsewhere,dc=other"} {
		d.member("a", dn, true)
		d.member("a-r-u", dn, true)
	}
	holds(t, target, "a @konsult", "a/r/u @konsult", "a @robot", "a/r/u @robot", "a/r/u @gone")
	made(t, target, "- a @konsult", "- a/r/u @konsult", "- a @robot", "- a/r/u @robot", "- a/r/u @gone")
	holds(t, target)
	if d.off("konsult") {
		t.Error("got the stranger switched off, want left alone")
	}
	says(t, apply(t, target, "+ a/r/u @konsult")[0], "nothing is given to a stranger")
	if got := apply(t, target, "- a/r/u @konsult", "- a/r/u @never"); !cmp.Equal(got, []string{"already", "already"}) {
		t.Errorf("got %v, want already", got)
	}
}

// A personnummer that somebody has as login is not shown, and the access is found and taken all the same.
func TestStrangerWithPersonnummerAsLogin(t *testing.T) {
	d := ready(t)
	d.user("199001012385")
	d.member("a-r-u", d.userDN("199001012385"), true)
	target := d.open(t, d.usual(""), nil)
	state, err := target.Read(t.Context())
	if err != nil || len(state) != 1 {
		t.Fatalf("got %v, error %v, want one grant", state, err)
	}
	for k := range state {
		if strings.Contains(k.Person, "199001012385") || !strings.HasPrefix(k.Person, "@id-") {
			t.Errorf("got %s, want its identifier", k.Person)
		}
		made(t, target, "- a/r/u "+k.Person)
	}
	holds(t, target)
	accounts, err := target.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprint(accounts); strings.Contains(text, "199001012385") {
		t.Error("got the number among the accounts, want none")
	}
}

// Of several accounts that are somebody's, the one that fits best is theirs.
func TestSecondAccounts(t *testing.T) {
	d := ready(t)
	r := ldap.NewModifyRequest(d.user("adm-ada"), nil)
	r.Replace("employeeNumber", []string{"E-ada"})
	r.Replace("pwdAccountLockedTime", nil)
	d.must(d.admin.Modify(r))
	d.member("a-r-u", r.DN, true)
	target := d.open(t, d.usual(""), nil)
	holds(t, target, "a/r/u @adm-ada")
	made(t, target, "+ a/r/u ada")
	d.members("a-r-u", "ada", "adm-ada")
	made(t, target, "- a/r/u @adm-ada")
	d.members("a-r-u", "ada")
	// Two that fit alike: neither is touched.
	byNumber := d.open(t, strings.Replace(d.usual(""), d.people+`"}`, d.people+`", match: [employeeId]}`, 1), nil)
	says(t, apply(t, byNumber, "+ a/s/u ada")[0], "ada has 2 accounts that fit alike", "adm-ada", "narrow users.filter")
}

// Accounts are listed whole, for a first repository.
func TestAccounts(t *testing.T) {
	d := ready(t)
	target := d.open(t, d.usual(""), nil)
	made(t, target, "+ a ada", "+ a/r/u ada")
	d.member("b-s-v", d.userDN("bo"), true)
	all, err := target.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]reconcile.Account{}
	for _, a := range all {
		if a.ID == "" {
			t.Errorf("%s: got no identifier, want one", a.Login)
		}
		a.ID = ""
		got[a.Login] = a
	}
	if len(got) != len(names()) {
		t.Errorf("got %d accounts, want %d", len(got), len(names()))
	}
	for _, want := range []reconcile.Account{
		{Login: "ada", Name: "Namn ada", EmployeeID: "E-ada", Enabled: true, Grants: []reconcile.Holding{{System: "a"}, {System: "a", Role: "r", Unit: "u"}}},
		{Login: "bo", Name: "Namn bo", EmployeeID: "E-bo", Grants: []reconcile.Holding{{System: "b", Role: "s", Unit: "v"}}},
	} {
		if diff := cmp.Diff(got[want.Login], want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", want.Login, diff)
		}
	}
}
