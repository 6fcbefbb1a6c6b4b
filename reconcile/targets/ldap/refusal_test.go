package ldap

import (
	"fmt"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile"
)

// A server that takes no writes is told from one that is unwilling, and the one that takes them is named where the server does.
func TestReadOnlyReplica(t *testing.T) {
	for env, want := range map[string]string{"SLAPD_READONLY=1": "give the server that does as url", "SLAPD_READONLY=referral": "refers to ldap://127.0.0.1:1"} {
		t.Run(env, func(t *testing.T) {
			d := slapd(t, env)
			target := d.open(t, d.usual("    accounts: {create: true}\n"), nil)
			got := target.ApplyAll(t.Context(), []reconcile.Change{change(t, "+ a ada"), change(t, "+ a/r/u bo")})
			for _, r := range got {
				if r.Err == nil || reconcile.Passing(r.Err) {
					t.Fatalf("got %s, %v, want a final error", r.Status, r.Err)
				}
				says(t, r.Err.Error(), "this server takes no writes", want)
			}
			holds(t, target)
		})
	}
}

// A list that the server cuts short is an error, paged or not; the message says what to raise.
func TestSizeLimit(t *testing.T) {
	d := slapd(t, "SLAPD_SIZELIMIT=5")
	for _, name := range names()[:8] {
		if d.entry(d.userDN(name), "1.1") == nil {
			d.user(name)
		}
	}
	for _, more := range []string{"", "    pageSize: 2\n"} {
		target := d.open(t, d.usual(more), nil)
		state, err := target.Read(t.Context())
		if err == nil || reconcile.Passing(err) {
			t.Fatalf("%q: got %d grants, error %v, want a final error", more, len(state), err)
		}
		says(t, err.Error(), "list ou=people", "size limit", "raise the limit for bindDN")
	}
}

func TestWrongPassword(t *testing.T) {
	d := slapd(t)
	target := d.open(t, d.usual(""), nil)
	d.Vars["BIND_PASSWORD"] = "fel-och-hemligt"
	wrong := d.open(t, d.usual(""), nil)
	_, err := wrong.Read(t.Context())
	if err == nil || reconcile.Passing(err) {
		t.Fatalf("got error %v, want a final one", err)
	}
	says(t, err.Error(), d.Vars["BIND_DN"], "the password is wrong or has expired", "passwordEnv")
	if got := apply(t, wrong, "+ a ada")[0]; got != err.Error() {
		t.Errorf("got %s, want %s", got, err)
	}
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v", wrong.pool.dialer, wrong.pool.password)} {
		if strings.Contains(text, "fel-och-hemligt") {
			t.Errorf("got the password in %s", text)
		}
	}
	probes := wrong.Probe(t.Context())
	if len(probes) != 1 || probes[0].Answer != reconcile.No {
		t.Errorf("got %v, want one no", probes)
	}
	holds(t, target)
}

// A right that is missing is named by what it was needed for, and the rest is made.
func TestMissingRights(t *testing.T) {
	d := ready(t)
	d.Vars["BIND_DN"], d.Vars["BIND_PASSWORD"] = d.Vars["READER_DN"], d.Vars["READER_PASSWORD"]
	target := d.open(t, d.usual("    accounts: {create: true}\n"), nil)
	got := apply(t, target, "+ a ada", "+ a/r/u bo")
	says(t, got[0], "bindDN may not do that; delegate the right to it", "code 50")
	says(t, got[1], "change the members of CN=a-r-u", "bindDN may not do that")
	holds(t, target)
}

// A certificate of an authority that nobody named is a final error; so is plain LDAP to another machine, and a password in the address.
func TestTLSIsVerified(t *testing.T) {
	d, other := slapd(t), slapd(t, "SLAPD_READONLY=1")
	d.Vars["CA"] = other.Vars["CA"]
	_, err := d.open(t, d.usual(""), nil).Read(t.Context())
	if err == nil || reconcile.Passing(err) {
		t.Fatalf("got error %v, want a final one", err)
	}
	says(t, err.Error(), "certificate", "caFile")
	for address, want := range map[string]string{"ldap://dc1.example.test": "not encrypted", "ldaps://x:y@127.0.0.1": "user or password", "https://127.0.0.1": "not known"} {
		d.Vars["TLS_URL"] = address
		_, err := d.try(t, d.usual(""), nil)
		if err == nil {
			t.Fatalf("%s: got no error, want one", address)
		}
		says(t, err.Error(), want)
	}
}

// StartTLS encrypts an ldap:// address, with the certificate verified.
func TestStartTLS(t *testing.T) {
	d := ready(t)
	good := d.Vars["TLS_URL"]
	d.Vars["TLS_URL"] = d.Vars["URL"]
	target := d.open(t, d.usual("    startTLS: true\n"), nil)
	made(t, target, "+ a ada")
	holds(t, target, "a ada")
	if _, encrypted := peek(t, target).TLSConnectionState(); !encrypted {
		t.Error("got a plain connection, want TLS")
	}
	d.Vars["CA"] = slapd(t, "SLAPD_READONLY=1").Vars["CA"]
	if _, err := d.open(t, d.usual("    startTLS: true\n"), nil).Read(t.Context()); err == nil {
		t.Error("got no error, want one: the certificate is of another authority")
	}
	d.Vars["TLS_URL"] = good
}

func peek(t *testing.T, target *Target) *link {
	t.Helper()
	if len(target.pool.idle) == 0 {
		t.Fatal("there is no connection")
	}
	return target.pool.idle[0]
}
