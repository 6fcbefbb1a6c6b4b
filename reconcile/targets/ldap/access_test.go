package ldap

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// change reads "+ a/r/u ada", "- a ada" and "~ a/r/u ada".
func change(t testing.TB, text string) reconcile.Change {
	t.Helper()
	part := strings.Fields(text)
	if len(part) != 3 {
		t.Fatalf("%q is no change", text)
	}
	at := append(strings.Split(part[1], "/"), "", "")
	c := reconcile.Change{Key: schema.Key{System: at[0], Role: at[1], Unit: at[2], Person: part[2]}}
	if part[0] != "+" {
		c.From = &schema.Grant{}
	}
	if part[0] != "-" {
		c.To = &schema.Grant{}
	}
	return c
}

// make makes changes in one batch and gives "done", "already" or the error of each.
func apply(t testing.TB, target *Target, texts ...string) []string {
	t.Helper()
	var changes []reconcile.Change
	for _, text := range texts {
		changes = append(changes, change(t, text))
	}
	var got []string
	for i, r := range target.ApplyAll(t.Context(), changes) {
		switch {
		case r.Err == nil:
			got = append(got, string(r.Status))
		case r.Status != reconcile.Failed:
			t.Errorf("%s: got %s with error %v, want failed", texts[i], r.Status, r.Err)
		default:
			got = append(got, r.Err.Error())
		}
	}
	return got
}

// made fails unless each change was done.
func made(t testing.TB, target *Target, texts ...string) {
	t.Helper()
	for i, got := range apply(t, target, texts...) {
		if got != "done" {
			t.Fatalf("%s: got %s, want done", texts[i], got)
		}
	}
}

// holds fails unless the target lists just these: "a/r/u ada".
func holds(t testing.TB, target *Target, want ...string) {
	t.Helper()
	state, err := target.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for k := range maps.Keys(state) {
		got = append(got, strings.TrimRight(k.System+"/"+k.Role+"/"+k.Unit, "/")+" "+k.Person)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(got, want); diff != "" {
		t.Fatalf("read (-got +want):\n%s", diff)
	}
}

// says fails unless a text has some pieces.
func says(t testing.TB, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("got %s, want a text with %s", got, w)
		}
	}
}

// of are the members of a group, from outside, by their names, sorted, the placeholder left out.
func (d *directory) of(group string) []string {
	d.t.Helper()
	e := d.entry(d.groupDN(group), "member")
	if e == nil {
		d.t.Fatalf("there is no group %s", group)
	}
	all := []string{}
	for _, m := range e.GetAttributeValues("member") {
		if m != nobodyDN {
			all = append(all, strings.ToLower(leaf(m)))
		}
	}
	slices.Sort(all)
	return all
}

func (d *directory) members(group string, want ...string) {
	d.t.Helper()
	if diff := cmp.Diff(d.of(group), append([]string{}, want...)); diff != "" {
		d.t.Errorf("members of %s (-got +want):\n%s", group, diff)
	}
}

// ready is a directory with all users, switched off, and the usual groups.
func ready(t testing.TB, env ...string) *directory {
	d := slapd(t, env...)
	d.reset()
	return d
}

func TestHandWorkIsSeen(t *testing.T) {
	d := ready(t)
	target := d.open(t, d.usual(""), nil)
	made(t, target, "+ a ada", "+ a/r/u ada")
	d.member("a-s-v", strings.ToUpper(d.userDN("ada")), true) // by another's spelling
	d.member("a-r-u", d.userDN("bo"), true)
	holds(t, target, "a ada", "a/r/u ada", "a/s/v ada", "a/r/u bo")
	made(t, target, "- a/s/v ada", "- a/r/u bo")
	d.members("a-s-v")
	d.members("a-r-u", "ada")
}

// An account whose groups have been left is switched off before they are; the server's own clock of changes tells.
func TestSignInIsTakenFirst(t *testing.T) {
	d := ready(t)
	target := d.open(t, d.usual(""), nil)
	made(t, target, "+ a ada", "+ a/r/u ada", "+ b ada", "+ b/r/u ada", "+ a bo", "+ a/r/u bo")
	made(t, target, "- a/r/u ada", "- a ada")
	if d.off("ada") {
		t.Error("got ada switched off, want on: the other system is left")
	}
	holds(t, target, "b ada", "b/r/u ada", "a bo", "a/r/u bo")
	made(t, target, "- b/r/u ada", "- b ada")
	if !d.off("ada") || d.off("bo") {
		t.Errorf("got ada off %v, bo off %v; want ada alone", d.off("ada"), d.off("bo"))
	}
	stamp := func(dn string) string { return d.entry(dn, "entryCSN").GetAttributeValue("entryCSN") }
	for _, g := range []string{"b", "b-r-u"} {
		if user, group := stamp(d.userDN("ada")), stamp(d.groupDN(g)); user >= group {
			t.Errorf("%s: got the account changed at %s and the group at %s, want the account first", g, user, group)
		}
	}
}

// Who cannot be switched off loses the roles all the same; the account's own change fails and is made again when the cause is gone.
func TestSwitchingOffThatFails(t *testing.T) {
	d := ready(t)
	wrong := d.open(t, d.usual("    accounts: {lock: {attribute: noSuchAttribute, locked: x}}\n"), nil)
	target := d.open(t, d.usual(""), nil)
	made(t, target, "+ a ada", "+ a/r/u ada")
	got := apply(t, wrong, "- a/r/u ada", "- a ada")
	says(t, got[0], "done")
	says(t, got[1], "switch off ada", "the server knows no such attribute", "code 17")
	d.members("a-r-u")
	d.members("a", "ada")
	made(t, target, "- a ada")
	if !d.off("ada") {
		t.Error("got ada on, want off")
	}
}

func TestWhenAccountsAreSwitchedOff(t *testing.T) {
	ended := map[string]string{"people/bo.yaml": "name: Bo\nlogin: bo\nemployeeId: E-bo\nemployments:\n  - {unit: u, title: x, form: permanent, from: 2020-01-01, until: 2026-10-31}\n"}
	for _, c := range []struct {
		disable string
		off     [2]bool // ada, who works; bo, who has left
	}{{"always", [2]bool{true, true}}, {"ended", [2]bool{false, true}}, {"never", [2]bool{false, false}}} {
		t.Run(c.disable, func(t *testing.T) {
			d := ready(t)
			target := d.open(t, d.usual("    accounts: {disable: "+c.disable+"}\n"), ended)
			made(t, target, "+ a ada", "+ a bo")
			made(t, target, "- a ada", "- a bo")
			holds(t, target)
			if got := [2]bool{d.off("ada"), d.off("bo")}; got != c.off {
				t.Errorf("got off %v, want %v", got, c.off)
			}
		})
	}
}

// Without a group of its own the account of a system is there as long as a role is.
func TestDerivedAccount(t *testing.T) {
	d := ready(t)
	strip := func(s string) string { return fmt.Sprintf(`, account: {group: "CN=%s,%s"}`, s, d.roles) }
	target := d.open(t, strings.NewReplacer(strip("a"), "", strip("b"), "").Replace(d.usual("")), nil)
	made(t, target, "+ a ada", "+ a/r/u ada", "+ a/s/u ada", "+ b/r/u ada")
	holds(t, target, "a ada", "a/r/u ada", "a/s/u ada", "b ada", "b/r/u ada")
	says(t, apply(t, target, "- a ada")[0], "ada keeps a/r in u, a/s in u", "account: {group: …}")
	made(t, target, "- a ada", "- a/r/u ada", "- a/s/u ada")
	holds(t, target, "b ada", "b/r/u ada")
	made(t, target, "- b/r/u ada", "- b ada")
	if !d.off("ada") {
		t.Error("got ada on, want off")
	}
	if got := apply(t, target, "- b ada", "- a ada"); !cmp.Equal(got, []string{"already", "already"}) {
		t.Errorf("got %v, want already", got)
	}
	// Switched off by hand: the roles are listed, the account is not.
	made(t, target, "+ a ada", "+ a/r/u ada")
	r := ldap.NewModifyRequest(d.userDN("ada"), nil)
	r.Replace("pwdAccountLockedTime", []string{lockedForEver})
	d.must(d.admin.Modify(r))
	holds(t, target, "a/r/u ada")
	made(t, target, "+ a ada")
	holds(t, target, "a ada", "a/r/u ada")
}

// One of a batch that cannot be made fails alone, also of one group; a key that comes twice is made in its order.
func TestOneBadChangeFailsAlone(t *testing.T) {
	d := ready(t)
	d.must(d.admin.Del(ldap.NewDelRequest(d.groupDN("a-s-v"), nil)))
	target := d.open(t, d.usual(""), someone("ingen", ""))
	got := apply(t, target, "+ a/r/u ada", "+ a/r/u ingen", "+ a/x/u ada", "+ a/r ada", "+ a/s/v ada", "- a/s/v ada", "+ c ada", "+ a/r/u who", "+ a/r/u bo", "- a/r/u bo", "+ a/r/w ada")
	want := []string{
		"done", "ingen has no account below users.base", `role "x" of a has no groups`, "no unit is said", "there is no group CN=a-s-v", "already",
		"target dir does not hold c", "who has no file that loads", "done", "done", "there is no group CN=a-r-w",
	}
	for i := range want {
		says(t, got[i], want[i])
	}
	d.members("a-r-u", "ada")
}

func TestReadOnlyTargetWritesNothing(t *testing.T) {
	d := ready(t)
	target := d.open(t, d.usual(""), nil)
	target.config.ReadOnly = true
	says(t, apply(t, target, "+ a ada")[0], "opened for reading only")
	d.members("a")
	holds(t, target)
}
