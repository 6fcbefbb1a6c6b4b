package scim_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// key reads "a ada" as an account and "a/r/u ada" as a role.
func key(text string) schema.Key {
	at, person, _ := strings.Cut(text, " ")
	parts := append(strings.Split(at, "/"), "", "")
	return schema.Key{System: parts[0], Role: parts[1], Unit: parts[2], Person: person}
}

// changes reads "+a ada" as a grant and "-a ada" as a revoke.
func changes(list ...string) []reconcile.Change {
	var all []reconcile.Change
	for _, text := range list {
		c := reconcile.Change{Key: key(text[1:])}
		if text[0] == '+' {
			c.To = &schema.Grant{}
		} else {
			c.From = &schema.Grant{}
		}
		all = append(all, c)
	}
	return all
}

// make makes changes and gives what came of each: its status, and its error if it has one.
func apply(t *testing.T, target reconcile.Target, list ...string) []string {
	t.Helper()
	var got []string
	for _, r := range target.(reconcile.Batcher).ApplyAll(t.Context(), changes(list...)) {
		text := string(r.Status)
		if r.Err != nil {
			text += ": " + r.Err.Error()
		}
		got = append(got, text)
	}
	return got
}

func want(t *testing.T, got any, want any) {
	t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		t.Fatalf("(-got +want):\n%s", diff)
	}
}

// state is what a target reads, as text.
func state(t *testing.T, target reconcile.Target) []string {
	t.Helper()
	have, err := target.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for k := range have {
		at := k.System
		if k.Role != "" {
			at += "/" + k.Role + "/" + k.Unit
		}
		list = append(list, at+" "+k.Person)
	}
	slices.Sort(list)
	return list
}

func many(status string, n int) []string { return slices.Repeat([]string{status}, n) }

// TestRules goes through what one server can show, each with nothing there at first but empty groups.
func TestRules(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		name string
		test func(*testing.T, *service)
	}{
		{"an account that roles give", accountByRoles},
		{"an account that is the user", accountIsUser},
		{"the last account closes the user", lastAccount},
		{"a group in a group", nested},
		{"groups in a circle", circle},
		{"strangers", strangers},
		{"two users of one person", twoUsers},
		{"a user is taken over", takenOver},
		{"a user that came in between", cameBetween},
		{"a userName that somebody else has", takenName},
		{"no users are made", notMade},
		{"a group that is missing", missingGroup},
		{"a unit that is no more", formerUnit},
		{"names that are hostile", hostile},
		{"what a user is made of", madeOf},
		{"somebody protected", protected},
		{"a bad change fails alone", failsAlone},
		{"whoever is read only", readOnly},
		{"accounts are listed", listed},
		{"what it may do", probed},
		{"letters' case", letterCase},
		{"old membership gives nothing", staleMembership},
		{"nobody is let in where it would", staleKept},
		{"two accounts of one user", notOpened},
		{"somebody comes between two lists", betweenLists},
		{"a role that stays keeps its account", roleStays},
		{"the same twice", sameTwice},
		{"what is gone already", goneAlready},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			s.hook(nil, nil)
			s.wipe()
			s.groups()
			c.test(t, s)
		})
	}
}

func accountByRoles(t *testing.T, s *service) {
	target := open(t, s.config(derived))
	want(t, apply(t, target, "+a ada", "+a/r/u ada", "+b/r/v ada"), many("done", 3))
	want(t, state(t, target), []string{"a ada", "a/r/u ada", "b ada", "b/r/v ada"})
	want(t, apply(t, target, "-a ada")[0], "failed: who holds role r of a has its account: take the role away too")
	want(t, apply(t, target, "-a ada", "-a/r/u ada"), many("done", 2))
	want(t, state(t, target), []string{"b ada", "b/r/v ada"})
	want(t, s.user("ada")["active"], any(true))
	want(t, apply(t, target, "-b ada"), many("done", 1)) // nothing else is left, so the user is closed and the role stays
	want(t, s.user("ada")["active"], any(false))
	want(t, state(t, target), []string{"b/r/v ada"})
	want(t, apply(t, target, "-b ada", "-b/r/v ada"), []string{"already", "done"})
	// A role that is taken away for another leaves the user as they are.
	want(t, apply(t, target, "+a ada", "+a/r/u ada"), many("done", 2))
	want(t, apply(t, target, "-a/r/u ada"), many("done", 1))
	want(t, apply(t, target, "+a/s/u ada"), many("done", 1))
	want(t, state(t, target), []string{"a ada", "a/s/u ada"})
}

func accountIsUser(t *testing.T, s *service) {
	target := open(t, s.config(alone))
	want(t, apply(t, target, "+a ada"), many("done", 1))
	want(t, apply(t, target, "+a/r/u bo"), many("done", 1)) // a role without an account is a user who cannot sign in
	want(t, s.user("bo")["active"], any(false))
	want(t, state(t, target), []string{"a ada", "a/r/u bo"})
	want(t, apply(t, target, "+a bo", "+a/s/v bo"), many("done", 2))
	want(t, s.user("bo")["roles"].([]any)[0].(map[string]any)["value"], any("s-v"))
	want(t, apply(t, target, "-a/s/v bo", "-a bo", "-a/r/u bo"), many("done", 3))
	want(t, state(t, target), []string{"a ada"})
	want(t, s.user("bo")["active"], any(false))
}

func lastAccount(t *testing.T, s *service) {
	target := open(t, s.config(byGroup))
	apply(t, target, "+a ada", "+b ada", "+a/r/u ada")
	want(t, apply(t, target, "-a ada"), many("done", 1))
	want(t, s.user("ada")["active"], any(true))
	s.count("")
	want(t, apply(t, target, "-b ada", "-a/r/u ada"), many("done", 2))
	want(t, s.user("ada")["active"], any(false))
	want(t, s.holds("b-konto"), []string{})
	var order []string
	for _, c := range s.take() {
		if !strings.HasPrefix(c, "GET ") {
			order = append(order, strings.Join(strings.SplitAfter(c, "/")[:2], ""))
		}
	}
	want(t, order, []string{"PATCH /Users/", "POST /Bulk"}) // sign-in first
}

func nested(t *testing.T, s *service) {
	ada, bo := s.addUser(map[string]any{"userName": "ada"}), s.addUser(map[string]any{"userName": "bo"})
	inner := s.addGroup("Alla på plan 2", ada)
	s.must("PATCH", "/Groups/"+s.group("a-r-u"), patch("add", "members", []any{map[string]any{"value": inner, "type": "Group"}, map[string]any{"value": bo}}))
	for _, mapping := range []string{byGroup, derived} { // one looks for the group alone, the other reads all
		target := open(t, s.config(mapping))
		have := state(t, target)
		if !slices.Contains(have, "a/r/u ada") || !slices.Contains(have, "a/r/u bo") {
			t.Fatalf("got %v, want ada and bo to hold a/r/u", have)
		}
		want(t, apply(t, target, "+a/r/u ada"), many("already", 1))
		want(t, apply(t, target, "-a/r/u ada"), many(`failed: it is held through group "Alla på plan 2", which is in group "a-r-u": take it away there`, 1))
	}
	want(t, s.holds("a-r-u"), []string{"Alla på plan 2", "bo"})
}

func circle(t *testing.T, s *service) {
	ada := s.addUser(map[string]any{"userName": "ada"})
	one := s.addGroup("ett", ada)
	s.must("PATCH", "/Groups/"+one, patch("add", "members", []any{map[string]any{"value": s.group("a-r-u"), "type": "Group"}}))
	s.must("PATCH", "/Groups/"+s.group("a-r-u"), patch("add", "members", []any{map[string]any{"value": one, "type": "Group"}}))
	want(t, state(t, open(t, s.config(byGroup))), []string{"a/r/u ada"})
}
