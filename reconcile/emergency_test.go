package reconcile_test

import (
	"fmt"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

func revoked(person, system string) reconcile.Emergency {
	return reconcile.Emergency{Verb: reconcile.Revoke, Key: schema.Key{Person: person, System: system}}
}

// A revocation past the repository takes what is ordered, what is ours and what nobody ordered, and keeps what is ordered from being given.
func TestEmergencyRevocation(t *testing.T) {
	files := map[string]string{"people/p.yaml": employed(order("a", "r"), order("a", "s"), order("w", "r"))}
	in := live(held("p a", "p a/r@u", "p a/lic@u"), nil, held("p a", "p a/r@u"))
	in.Emergencies = []reconcile.Emergency{revoked("p", "a")}
	p := plan(t, files, in)
	same(t, "changes", stepSigns(p.Changes), []string{"- p a: emergency", "- p a/lic@u: emergency", "- p a/r@u: emergency", "+ p w: ordered", "+ p w/r@u: ordered"})
	same(t, "held", stepSigns(p.Held), []string{"+ p a/s@u: emergency"})

	in.Emergencies = []reconcile.Emergency{revoked("p", "")}
	p = plan(t, files, in)
	same(t, "changes in all systems", stepSigns(p.Changes), []string{"- p a: emergency", "- p a/lic@u: emergency", "- p a/r@u: emergency"})
	same(t, "held in all systems", stepSigns(p.Held), []string{"+ p a/s@u: emergency", "+ p w: emergency", "+ p w/r@u: emergency"})
}

// A revocation also serves while the people's files do not load.
func TestEmergencyWithoutPeople(t *testing.T) {
	in := live(held("p a", "p a/r@u", "q a"), nil, held("p a", "p a/r@u", "q a"))
	in.Emergencies = []reconcile.Emergency{revoked("p", "")}
	p, err := reconcile.MakeExpiry(t.Context(), source(t, today, nil), in)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "changes", stepSigns(p.Changes), []string{"- p a: emergency", "- p a/r@u: emergency"})
}

// A break-glass grant gives what a rule withholds, with the account, until its last day; one for somebody who is revoked gives nothing.
func TestEmergencyGrant(t *testing.T) {
	files := map[string]string{"people/p.yaml": employed(order("a", "lic"))}
	in := live(nil, nil, nil)
	in.Emergencies = []reconcile.Emergency{{Verb: reconcile.Grant, Key: key("p a/lic@u"), Until: today + 1}}
	p := plan(t, files, in)
	same(t, "changes", stepSigns(p.Changes), []string{"+ p a: emergency", "+ p a/lic@u: emergency"})
	if got := p.Changes[1].Until(); got != today+1 {
		t.Errorf("last day: got %s, want %s", got, today+1)
	}
	in.Emergencies = append(in.Emergencies, revoked("p", "a"))
	p = plan(t, files, in)
	same(t, "changes beside a revocation", stepSigns(p.Changes), []string(nil))
}

// The guard does not hold an emergency, and an emergency does not use up what the guard lets through.
func TestEmergencyPastTheGuard(t *testing.T) {
	reg := schema.State{}
	in := live(reg, nil, reg)
	for i := range 30 {
		reg[key(fmt.Sprintf("p%d a", i))] = schema.Grant{}
		in.Emergencies = append(in.Emergencies, revoked(fmt.Sprintf("p%d", i), "a"))
	}
	p := plan(t, map[string]string{"people/x.yaml": employed()}, in)
	if len(p.Changes) != 30 || p.Guarded() {
		t.Errorf("got %d changes and stops %v, want 30 and none", len(p.Changes), p.Stops)
	}
}

// The last who has what somebody must have stays, also in an emergency.
func TestEmergencyLeavesTheLast(t *testing.T) {
	reg := held("p a", "p a/adm@u")
	in := live(reg, nil, reg)
	in.Emergencies = []reconcile.Emergency{revoked("p", "a")}
	p := plan(t, map[string]string{
		"people/p.yaml":  employed(),
		"systems/a.yaml": "name: A\nowner: boss\ndesk: d\nroles: {adm: {privileged: true, analysis: {date: 2026-01-01, review: 2027-12-31, owner: boss}}}\n",
	}, in)
	same(t, "changes", stepSigns(p.Changes), []string(nil))
	same(t, "held", stepSigns(p.Held), []string{"- p a: at-least", "- p a/adm@u: at-least"})
}

// The repository agrees when none of its lines gives any more of what was revoked, today or later.
func TestAgreed(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		want  bool
	}{
		"ordered":        {[]string{order("a", "r")}, false},
		"ordered later":  {[]string{order("a", "r", "from: 2027-01-01")}, false},
		"ended":          {[]string{order("a", "r", "until: 2026-11-30")}, true},
		"another system": {[]string{order("w", "r")}, true},
		"nothing":        {nil, true},
	} {
		o := source(t, today, map[string]string{"people/p.yaml": employed(c.lines...)}).Org
		got, err := reconcile.Agreed(o, revoked("p", "a"), today)
		if err != nil || got != c.want {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, c.want)
		}
	}
	o := source(t, today, nil).Org
	if got, err := reconcile.Agreed(o, revoked("gone", ""), today); !got || err != nil {
		t.Errorf("no file: got %v, %v, want true", got, err)
	}
}

// What was given in an emergency that is over is taken back at once, past window, shift and guard; what the repository orders of it by now stays.
func TestEmergencyIsOver(t *testing.T) {
	owned := schema.State{key("p a/lic@u"): {Until: today - 1, Source: reconcile.BreakGlass}, key("p a/s@u"): {Until: today, Source: reconcile.BreakGlass}, key("p a"): {}}
	in := live(owned, nil, owned)
	in.Timing = func(string) reconcile.Timing { return reconcile.Timing{Shut: true} }
	for k, g := range owned {
		if g.Source != "" {
			in.Emergencies = append(in.Emergencies, reconcile.Emergency{Verb: reconcile.Revoke, Key: k, Over: true})
		}
	}
	p := plan(t, map[string]string{"people/p.yaml": employed(order("a", "s"))}, in)
	same(t, "changes", stepSigns(p.Changes), []string{"- p a/lic@u: emergency"})
	p, err := reconcile.MakeExpiry(t.Context(), source(t, today, nil), in)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "changes without people", stepSigns(p.Changes), []string{"- p a/lic@u: emergency", "- p a/s@u: emergency"})
}

// What somebody had by a login that their file does not name any more is theirs all the same when they are revoked.
func TestEmergencyByAFormerLogin(t *testing.T) {
	in := live(held("@old1234 a", "@old1234 a/r@u", "@other a"), nil, held("p a", "p a/r@u"))
	in.Former = reconcile.Marks{"p": {reconcile.Mark("p"), reconcile.Mark("old1234")}}
	in.Emergencies = []reconcile.Emergency{revoked("p", "")}
	p := plan(t, map[string]string{"people/p.yaml": "login: new1234\n" + employed(order("a", "r"))}, in)
	same(t, "changes", stepSigns(p.Changes), []string{"- @old1234 a: emergency", "- @old1234 a/r@u: emergency"})
	p.Narrow("p")
	same(t, "changes of the person", stepSigns(p.Changes), []string{"- @old1234 a: emergency", "- @old1234 a/r@u: emergency"})
}

// Neither a repository that has lost its people nor a listing that is short keeps an emergency waiting.
func TestEmergencyPastShortness(t *testing.T) {
	in := live(held("p a"), nil, held("p a"))
	in.People = 100
	in.Emergencies = []reconcile.Emergency{revoked("p", "")}
	p := plan(t, map[string]string{"people/p.yaml": employed(order("a", "r"))}, in)
	same(t, "changes of a short repository", stepSigns(p.Changes), []string{"- p a: emergency"})
	if len(p.Unread) != 1 {
		t.Errorf("got %v, want the repository told as short", p.Unread)
	}
	owned := held("p a")
	for i := range 40 {
		owned[key(fmt.Sprintf("q%d a", i))] = schema.Grant{}
	}
	in = live(held("p a"), nil, owned)
	in.Emergencies = []reconcile.Emergency{revoked("p", "")}
	p = plan(t, map[string]string{"people/p.yaml": employed(order("a", "r"))}, in)
	same(t, "changes of a short listing", stepSigns(p.Changes), []string{"- p a: emergency"})
}
