package ldap

import (
	"strconv"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/schema"
)

// signsIn tries a sign-in with a user's own password.
func (d *directory) signsIn(dn string) error {
	return dial(d.t, d.Vars["TLS_URL"], d.Vars["CA"], "", "").Bind(dn, password)
}

// flags is a user's userAccountControl.
func (d *directory) flags(dn string) int {
	n, err := strconv.Atoi(d.entry(dn, "userAccountControl").GetAttributeValue("userAccountControl"))
	d.must(err)
	return n
}

func (d *directory) set(dn, attribute string, values ...string) {
	d.t.Helper()
	r := ldap.NewModifyRequest(dn, nil)
	r.Replace(attribute, values)
	d.must(d.admin.Modify(r))
}

// Revoking the last account ends real sign-ins, and granting it lets the user in again; the account's other flags are left alone.
func TestSignInToAD(t *testing.T) {
	d := readyAD(t)
	const other = 0x10000 // the password never expires
	d.set(d.userDN("ada"), "userAccountControl", strconv.Itoa(flagNormal|flagDisabled|other))
	target := d.open(t, d.usual(""), nil)
	for range 2 {
		made(t, target, "+ a ada", "+ a/r/u ada")
		if err := d.signsIn(d.userDN("ada")); err != nil {
			t.Errorf("got error %v, want signed in", err)
		}
		if got, want := d.flags(d.userDN("ada")), flagNormal|other; got != want {
			t.Errorf("got flags %#x, want %#x", got, want)
		}
		made(t, target, "- a ada", "- a/r/u ada")
		if err := d.signsIn(d.userDN("ada")); !ldap.IsErrorWithCode(err, ldap.LDAPResultInvalidCredentials) {
			t.Errorf("got error %v, want refused", err)
		}
		if got, want := d.flags(d.userDN("ada")), flagNormal|flagDisabled|other; got != want {
			t.Errorf("got flags %#x, want %#x", got, want)
		}
	}
}

// OpenLDAP lets in nobody whom the target has locked, under a policy with pwdLockout.
func TestSignInToOpenLDAP(t *testing.T) {
	d := ready(t)
	target := d.open(t, d.usual(""), nil)
	for range 2 {
		made(t, target, "+ a ada")
		if err := d.signsIn(d.userDN("ada")); err != nil {
			t.Errorf("got error %v, want signed in", err)
		}
		made(t, target, "- a ada")
		if err := d.signsIn(d.userDN("ada")); !ldap.IsErrorWithCode(err, ldap.LDAPResultInvalidCredentials) {
			t.Errorf("got error %v, want refused", err)
		}
	}
}

// An account ends with the person's last day. One that has ended is not held; what roles it has are.
func TestAccountExpires(t *testing.T) {
	d := readyAD(t)
	target := d.open(t, d.usual(""), nil)
	expires := func(name string) string {
		return d.entry(d.userDN(name), "accountExpires").GetAttributeValue("accountExpires")
	}
	d.set(d.userDN("bo"), "accountExpires", "134000000000000000")
	made(t, target, "+ a ada", "+ a/r/u ada", "+ a bo")
	if got, want := expires("ada"), "134588664000000000"; got != want { // 2027-06-30 24:00 in Stockholm
		t.Errorf("ada: got %s, want %s", got, want)
	}
	if got := expires("bo"); got != neverExpires {
		t.Errorf("bo: got %s, want %s", got, neverExpires)
	}
	longer := d.open(t, d.usual(""), map[string]string{"people/ada.yaml": "name: Ada\nlogin: ada\nemployeeId: E-ada\nemployments:\n  - {unit: u, title: x, form: permanent, from: 2020-01-01, until: 2028-12-31}\n"})
	made(t, longer, "~ a ada")
	if got, want := expires("ada"), longer.accounts.end(longer.midnight(schema.Day(2029, 1, 1))); got != want {
		t.Errorf("ada, later: got %s, want %s", got, want)
	}
	if got := apply(t, longer, "~ a ada", "~ a/r/u ada"); !cmp.Equal(got, []string{"already", "already"}) {
		t.Errorf("got %v, want already", got)
	}
	d.set(d.userDN("ada"), "accountExpires", "134000000000000000") // 2025-08-18
	holds(t, target, "a/r/u ada", "a bo")
	made(t, target, "+ a ada")
	holds(t, target, "a ada", "a/r/u ada", "a bo")
	left := d.open(t, d.usual("    accounts: {expires: none}\n"), nil)
	d.set(d.userDN("bo"), "accountExpires", "134000000000000000")
	holds(t, left, "a ada", "a/r/u ada", "a bo") // somebody else minds that
}

// Who has no account gets one, that can be found again, be signed in to by nobody yet, and whose name says what the options say.
func TestAccountsAreMade(t *testing.T) {
	for _, ad := range []bool{true, false} {
		t.Run(map[bool]string{true: "ad", false: "openldap"}[ad], func(t *testing.T) {
			d := (map[bool]func(testing.TB) *directory{true: readyAD, false: func(t testing.TB) *directory { return ready(t) }})[ad](t)
			for _, name := range []string{"ny", "tyst"} {
				if d.entry(d.userDN(name), "1.1") != nil {
					d.must(d.admin.Del(ldap.NewDelRequest(d.userDN(name), nil)))
				}
			}
			files := map[string]string{
				"people/ny.yaml":   "name: Ny \"Nisse\" Åberg, chef\nlogin: ny\nemployeeId: E-ny\nemployments:\n  - {unit: u, title: x, form: permanent, from: 2020-01-01, until: 2027-06-30}\n",
				"people/tyst.yaml": "name: Tyst Tystsson\nlogin: tyst\nprotected: true\nemployments:\n  - {unit: u, title: x, form: permanent, from: 2020-01-01}\n",
			}
			target := d.open(t, d.usual("    accounts: {create: true, attributes: {description: \"Behörig {person}\", title: \"{hsaId}\"}}\n"), files)
			made(t, target, "+ a/r/u ny")
			holds(t, target, "a/r/u ny") // switched off until the account is granted
			made(t, target, "+ a ny", "+ a tyst")
			holds(t, target, "a ny", "a/r/u ny", "a tyst")
			e := d.entry(d.userDN("ny"), "*", "+")
			for attribute, want := range map[string]string{"displayName": `Ny "Nisse" Åberg, chef`, "sn": "chef", "description": "Behörig ny", "title": ""} {
				if got := e.GetAttributeValue(attribute); got != want {
					t.Errorf("%s: got %q, want %q", attribute, got, want)
				}
			}
			if ad && (e.GetAttributeValue("sAMAccountName") != "ny" || e.GetAttributeValue("accountExpires") != "134588664000000000" || d.flags(e.DN) != flagNormal) {
				t.Errorf("got %v, want a login, an end and no flags", e)
			}
			if err := d.signsIn(e.DN); err == nil {
				t.Error("got signed in, want a password that nobody knows")
			}
			if ad {
				d.set(e.DN, "unicodePwd", unicodePassword(password)) // as at the desk
			} else {
				d.set(e.DN, "userPassword", password)
			}
			if err := d.signsIn(e.DN); err != nil {
				t.Errorf("got error %v, want signed in with a password set at the desk", err)
			}
			made(t, target, "- a ny", "- a/r/u ny", "- a tyst")
			if d.entry(e.DN, "1.1") == nil || d.signsIn(e.DN) == nil {
				t.Error("got the account gone or open, want it there and off")
			}
			// A name that another entry has.
			d.set(e.DN, map[bool]string{true: "employeeID", false: "employeeNumber"}[ad], "E-other")
			byNumber := d.open(t, strings.Replace(d.usual("    accounts: {create: true}\n"), d.people+`"}`, d.people+`", match: [employeeId]}`, 1), files)
			says(t, apply(t, byNumber, "+ a ny")[0], "make an account for ny", "an entry of that name is there already")
			// Nothing of a protected person but the key.
			d.must(d.admin.Del(ldap.NewDelRequest(d.userDN("tyst"), nil)))
			plain := d.open(t, d.usual(""), files)
			if got := apply(t, plain, "+ a tyst")[0]; strings.Contains(got, "Tystsson") || strings.Contains(got, "sAMAccountName tyst") {
				t.Errorf("got %s, want nothing of the person but the key", got)
			}
		})
	}
}
