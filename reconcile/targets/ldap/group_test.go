package ldap

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A group that two roles share stays as long as one of them does.
func TestSharedGroups(t *testing.T) {
	d := ready(t)
	for _, g := range []string{"base", "x-u", "x-v"} {
		d.group(g)
	}
	dn := d.groupDN
	target := d.open(t, d.targets(fmt.Sprintf("    users: {base: \"%s\"}\n    groups: {base: \"%s\", placeholder: \"%s\"}\n", d.people, d.roles, nobodyDN),
		fmt.Sprintf(`, account: {group: "%s"}, roles: {r: ["%s", "%s"], s: ["%s", "%s", "%s"]}`, dn("a"), dn("base"), dn("a-r-{unit}"), dn("a-s-{unit}"), dn("x-{unit}"), dn("base")),
		fmt.Sprintf(`, account: {group: "%s"}, roles: {r: ["%s"], s: ["%s", "%s"]}`, dn("b"), dn("b-r-{unit}"), dn("b-s-{unit}"), dn("x-{unit}"))), nil)
	made(t, target, "+ a ada", "+ a/r/u ada", "+ a/r/v ada", "+ a/s/u ada")
	d.members("base", "ada")
	made(t, target, "- a/r/u ada")
	d.members("base", "ada")
	d.members("a-r-u")
	made(t, target, "+ b/s/u ada", "- a/s/u ada") // x-u is now b's
	d.members("x-u", "ada")
	d.members("base", "ada")
	made(t, target, "- a/r/v ada")
	d.members("base")
	made(t, target, "+ a/r/u ada", "+ a/r/v ada")
	made(t, target, "- a/r/u ada", "- a/r/v ada")
	d.members("base")
	holds(t, target, "a ada", "b/s/u ada")
	// Somebody who is in one group of two does not hold the role.
	d.member("a-r-v", d.userDN("bo"), true)
	holds(t, target, "a ada", "b/s/u ada")
	made(t, target, "+ a/r/v bo")
	d.members("base", "bo")
}

// People in a group within a mapped one hold the role. It cannot be taken from them one by one, and need not be given again.
func TestNestedGroups(t *testing.T) {
	for _, option := range []string{"", ", memberOf: memberOf"} {
		t.Run("by"+option, func(t *testing.T) {
			d := ready(t)
			d.group("team", d.userDN("ada"))
			d.group("teams", d.groupDN("team"))
			d.member("team", d.groupDN("teams"), true) // and round again
			d.member("a-r-u", d.groupDN("teams"), true)
			target := d.open(t, strings.Replace(d.usual(""), d.people+`"}`, d.people+`"`+option+"}", 1), nil)
			holds(t, target, "a/r/u ada")
			if got, want := apply(t, target, "+ a/r/u ada"), []string{"already"}; !cmp.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			got := apply(t, target, "- a/r/u ada")[0]
			says(t, got, "ada is in", "a-r-u", "by way of the group", "team", "take the person out of that")
			holds(t, target, "a/r/u ada")
			// Both ways at once: the direct one goes, and the error still says that the role is held.
			d.member("a-r-u", d.userDN("ada"), true)
			says(t, apply(t, target, "- a/r/u ada")[0], "by way of the group")
			d.members("a-r-u", "teams")
			// Who has access that way is not switched off.
			made(t, target, "+ a ada")
			made(t, target, "- a ada")
			if d.off("ada") {
				t.Error("got ada switched off, want on: a role is left")
			}
		})
	}
}

// What the server says is so already, between our look and our request, is no error, and stops nobody else's change.
func TestChangesThatSomebodyElseMadeMeanwhile(t *testing.T) {
	d := ready(t)
	target := d.open(t, d.usual(""), nil)
	d.must(target.connect(t.Context()))
	d.member("a-r-u", d.userDN("p1"), true)
	w := &work{dn: d.groupDN("a-r-u")}
	for _, c := range []struct {
		name   string
		remove bool
	}{{"p0", false}, {"p1", false}, {"p2", true}, {"p3", false}} {
		w.ops = append(w.ops, &op{task: &task{who: c.name}, member: d.userDN(c.name), remove: c.remove})
	}
	w.ops = append(w.ops, &op{task: &task{who: "bad"}, member: "no dn"})
	target.change(t.Context(), w, w.ops)
	for _, o := range w.ops {
		if bad := o.task.who == "bad"; bad != (o.err != nil) {
			t.Errorf("%s: got error %v, want one: %v", o.task.who, o.err, bad)
		}
	}
	d.members("a-r-u", "p0", "p1", "p3")
}

// The last member of a group that must have one leaves the placeholder; without one the error says what to write.
func TestPlaceholder(t *testing.T) {
	d := ready(t)
	target := d.open(t, d.usual("    accounts: {disable: never}\n"), nil)
	d.member("a-r-u", d.userDN("ada"), true)
	d.member("a-r-u", nobodyDN, false)
	made(t, target, "- a/r/u ada")
	d.members("a-r-u")
	bare := d.open(t, strings.Replace(d.usual(""), fmt.Sprintf(", placeholder: %q", nobodyDN), "", 1), nil)
	d.member("a-r-u", d.userDN("bo"), true)
	d.member("a-r-u", nobodyDN, false)
	says(t, apply(t, bare, "- a/r/u bo")[0], "groups: {placeholder: …}")
}

// A group for a unit that is new is made with its first member; one for a unit that is gone is read as it is.
func TestGroupsAreMade(t *testing.T) {
	d := ready(t)
	targets := strings.Replace(d.usual(""), fmt.Sprintf("groups: {base: \"%s\"", d.roles), fmt.Sprintf("groups: {create: true, base: \"%s\"", d.roles), 1)
	target := d.open(t, targets, map[string]string{"units/ny.yaml": "name: Ny\nmanager: chef\n"})
	made(t, target, "+ a/r/ny ada", "+ a/r/ny bo")
	d.members("a-r-ny", "ada", "bo")
	d.group("a-s-nedlagd", d.userDN("ada"))
	holds(t, target, "a/r/ny ada", "a/r/ny bo", "a/s/nedlagd ada")
	made(t, target, "- a/s/nedlagd ada")
	d.members("a-s-nedlagd")
}

// Templates that overlap: what exists in the catalogue goes before what does not.
func TestOverlappingTemplates(t *testing.T) {
	d := ready(t)
	dn := d.groupDN
	for _, g := range []string{"app-norr", "app-admin-norr", "app-admin", "app-admin-syd"} {
		d.group(g, d.userDN("ada"))
	}
	system := fmt.Sprintf(`, roles: {r: ["%s"], s: ["%s"]}`, dn("app-{unit}"), dn("app-admin-{unit}"))
	targets := d.targets(fmt.Sprintf("    users: {base: \"%s\"}\n    groups: {base: \"%s\", placeholder: \"%s\"}\n", d.people, d.roles, nobodyDN), system, strings.ReplaceAll(system, "app-", "other-"))
	target := d.open(t, targets, map[string]string{"units/norr.yaml": "name: Norr\nmanager: chef\n", "units/admin-syd.yaml": "name: Syd\nmanager: chef\n"})
	holds(t, target, "a/r/norr ada", "a/s/norr ada", "a/r/admin ada", "a/r/admin-syd ada")
}
