package ldap

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// derived is a targets.yaml whose systems' accounts follow from their roles.
func (d *directory) derived() string {
	strip := func(s string) string { return fmt.Sprintf(`, account: {group: "CN=%s,%s"}`, s, d.roles) }
	return strings.NewReplacer(strip("a"), "", strip("b"), "").Replace(d.usual(""))
}

// forgetful is a journal that keeps nothing.
type forgetful struct{}

func (forgetful) Intend(_ context.Context, steps []reconcile.Step) ([]int64, error) {
	return make([]int64, len(steps)), nil
}
func (forgetful) Settle(context.Context, []reconcile.Outcome) error { return nil }
func (forgetful) Adopt(context.Context, schema.State) error         { return nil }

// Who moves from one unit to another keeps the account, which is no change of its own where it follows from the roles. The engine takes before it gives.
func TestMoveKeepsTheAccountOpen(t *testing.T) {
	d := ready(t)
	target := d.open(t, d.derived(), nil)
	made(t, target, "+ a ada", "+ a/r/u ada")
	a := &reconcile.Applier{
		Writers: map[string]reconcile.Writer{"a": target, "b": target}, Journal: forgetful{}, Conflicts: func(schema.Key, schema.Key) bool { return false },
	}
	plan := &reconcile.Plan{Desire: &reconcile.Desire{}}
	for _, text := range []string{"- a/r/u ada", "+ a/r/v ada"} {
		plan.Changes = append(plan.Changes, reconcile.Step{Change: change(t, text)})
	}
	outcomes, err := a.Apply(t.Context(), plan)
	if err != nil || len(outcomes) != 2 {
		t.Fatalf("got %d outcomes, error %v, want 2", len(outcomes), err)
	}
	for _, o := range outcomes {
		if o.Status != reconcile.Done {
			t.Errorf("%v: got %s, %v, want done", o.Key, o.Status, o.Err)
		}
	}
	if d.off("ada") {
		t.Error("got ada off, want on")
	}
	holds(t, target, "a ada", "a/r/v ada")
}

// An account that was switched off by hand gives nothing, though it is in a system's group still. Switching it on for another system does not give that back.
func TestRehireOpensNoOtherSystem(t *testing.T) {
	d := ready(t)
	target := d.open(t, d.usual(""), nil)
	made(t, target, "+ a ada", "+ a/r/u ada")
	d.set(d.userDN("ada"), "pwdAccountLockedTime", lockedForEver)
	holds(t, target, "a/r/u ada")
	made(t, target, "- a/r/u ada")
	d.members("a", "ada")
	holds(t, target)
	made(t, target, "+ b ada", "+ b/r/u ada")
	d.members("a")
	holds(t, target, "b ada", "b/r/u ada")
	if d.off("ada") {
		t.Error("got ada off, want on")
	}
}

// What {role} and {system} are is known, so that a hyphen in a role's key or a unit's does not make another reading of a group's name.
func TestRoleKeysWithHyphens(t *testing.T) {
	d := ready(t)
	d.group("a-r-one-u")
	system := func(s string) string {
		return fmt.Sprintf(`, roles: {r: ["CN={system}-{role}-{unit},%s"], r-one: ["CN={system}-{role}-{unit},%s"]}`, d.roles, d.roles)
	}
	targets := d.targets(fmt.Sprintf("    users: {base: \"%s\"}\n    groups: {base: \"%s\", placeholder: \"%s\"}\n", d.people, d.roles, nobodyDN), system("a"), system("b"))
	files := map[string]string{}
	for _, s := range []string{"a", "b"} {
		files["systems/"+s+".yaml"] = "name: S\nowner: chef\ndesk: it\nroles: {r: {name: R}, r-one: {name: R1}}\n"
	}
	target := d.open(t, targets, files)
	made(t, target, "+ a ada", "+ a/r-one/u ada", "+ a/r/u bo")
	d.members("a-r-one-u", "ada")
	holds(t, target, "a ada", "a/r-one/u ada", "a/r/u bo") // bo is off
	made(t, target, "- a ada", "- a/r-one/u ada")
	d.members("a-r-one-u")
	if !d.off("ada") {
		t.Error("got ada on, want off")
	}
}

// A group whose name a unit's key cannot lead back to, as another spelling of a place that is there twice, gives nothing that could not be taken away.
func TestAGroupThatNoKeyLeadsTo(t *testing.T) {
	template, err := parseDN("CN={role}-{unit},OU={unit},DC=x", "system", "role", "unit")
	if err != nil {
		t.Fatal(err)
	}
	m := &mapping{rules: []*rule{{system: "a", role: "r", perUnit: true, groups: []*dnTemplate{template}}}, units: func(string) bool { return true }, known: map[string][]schema.Key{}}
	for group, want := range map[string][]schema.Key{
		"CN=R-U,OU=u,DC=X":     {{System: "a", Role: "r", Unit: "u"}},
		"CN=s-u,OU=u,DC=x":     nil,
		"CN=r-u,OU=v,DC=x":     nil,
		"CN=r-u+SN=x,OU=u,O=x": nil,
	} {
		if diff := cmp.Diff(m.gives(group), want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", group, diff)
		}
	}
}
