package reconcile_test

import (
	"fmt"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// What waits for a window or the end of a shift, as the table of Timing has it.
func TestTiming(t *testing.T) {
	files := map[string]string{"people/p.yaml": employed(order("a", "r"), order("a", "s", "until: 2026-11-30"))}
	past := until(held("p a/s@u"), today-1)
	reg := join(past, held("p a", "q a/r@u"))
	for name, c := range map[string]struct {
		timing        reconcile.Timing
		changes, held []string
	}{
		"open":   {reconcile.Timing{}, []string{"+ p a/r@u: ordered", "- p a/s@u: expired", "- q a/r@u: not-ordered"}, nil},
		"closed": {reconcile.Timing{Closed: true}, []string{"- q a/r@u: not-ordered"}, []string{"+ p a/r@u: window", "- p a/s@u: window"}},
		"shut":   {reconcile.Timing{Shut: true}, nil, []string{"+ p a/r@u: window", "- p a/s@u: window", "- q a/r@u: window"}},
		"shift": {
			reconcile.Timing{ShiftOver: func(last schema.Date) bool { return last != today-1 }},
			[]string{"+ p a/r@u: ordered", "- q a/r@u: not-ordered"},
			[]string{"- p a/s@u: shift"},
		},
	} {
		in := live(reg, nil, reg)
		in.Timing = func(string) reconcile.Timing { return c.timing }
		p := plan(t, files, in)
		same(t, name+": changes", stepSigns(p.Changes), c.changes)
		same(t, name+": held", stepSigns(p.Held), c.held)
		in.Emergencies = []reconcile.Emergency{revoked("p", ""), revoked("q", "")}
		p = plan(t, files, in)
		same(t, name+": changes in an emergency", stepSigns(p.Changes), []string{"- p a: emergency", "- p a/s@u: emergency", "- q a/r@u: emergency"})
	}
}

// A plan over some systems neither changes nor reports the others, and forgets nothing of them.
func TestPlanOverSomeSystems(t *testing.T) {
	files := map[string]string{"people/p.yaml": employed(order("a", "r"), order("w", "r"))}
	in := live(held("y a/r@u", "z b/r@u"), nil, held("gone w/r@u"))
	in.Only = map[string]bool{"a": true}
	p := plan(t, files, in)
	same(t, "changes", stepSigns(p.Changes), []string{"+ p a: ordered", "+ p a/r@u: ordered"})
	same(t, "unordered", p.Unordered, []reconcile.Unordered{{Key: key("y a/r@u"), Left: true}})
	same(t, "gone", stepSigns(p.Gone), []string(nil))
	same(t, "unread", len(p.Unread), 0)

	in = live(nil, nil, held("p b/r@u"))
	in.Only = map[string]bool{"a": true}
	in.Former = reconcile.Marks{"p": {reconcile.Mark("former")}}
	if got := plan(t, files, in).Remember()["p"]; len(got) != 2 {
		t.Errorf("marks after a plan over some systems: got %v, want the former too", got)
	}
	in.Only = nil
	if got := plan(t, files, in).Remember()["p"]; len(got) != 1 {
		t.Errorf("marks after a plan over all systems: got %v, want today's alone", got)
	}
}

// A change that takes a little from each of many systems is stopped in the first: what the others would lose counts, unless they are left aside.
func TestGuardCountsBeside(t *testing.T) {
	given := schema.State{}
	for i := range 8 {
		given[key(fmt.Sprintf("p%d a", i))] = schema.Grant{}
		given[key(fmt.Sprintf("p%d b", i+8))] = schema.Grant{}
	}
	in := live(given, nil, given)
	in.Only = map[string]bool{"a": true}
	p := plan(t, map[string]string{"people/x.yaml": employed()}, in)
	if len(p.Changes) != 8 || p.Guarded() {
		t.Errorf("alone: got %d changes and stops %v, want 8 and none", len(p.Changes), p.Stops)
	}
	in.Beside = map[string]bool{"b": true}
	p = plan(t, map[string]string{"people/x.yaml": employed()}, in)
	if len(p.Changes) != 0 || len(p.Held) != 8 || !p.Guarded() {
		t.Errorf("beside b: got %d changes, %d held and stops %v, want 0, 8 and some", len(p.Changes), len(p.Held), p.Stops)
	}
}

// What a plan judges before is left as it is, for the next plan.
func TestCompareLeavesTheJudgement(t *testing.T) {
	src := source(t, today, map[string]string{"people/p.yaml": employed(order("a", "r"), order("w", "r"))})
	d, err := reconcile.Judge(t.Context(), src.Org, src.Engine, today)
	if err != nil {
		t.Fatal(err)
	}
	before := join(d.Want)
	in := live(nil, nil, nil)
	in.Only, in.Emergencies = map[string]bool{"a": true}, []reconcile.Emergency{revoked("p", "w"), {Verb: reconcile.Grant, Key: key("p b/x@u"), Until: today}}
	if _, err := reconcile.Compare(t.Context(), d, src, in); err != nil {
		t.Fatal(err)
	}
	same(t, "want", d.Want, before)
	same(t, "withheld", len(d.Withheld), 0)
}

// A grant waits for what it conflicts with in a system that the plan does not look at: ours still, or a desk was told to take it away and has not.
func TestConflictElsewhere(t *testing.T) {
	files := map[string]string{
		"people/p.yaml":  employed(order("b", "c")),
		"systems/b.yaml": system("", "r", "c: conflicts: [a/r]"),
	}
	given := []string{"+ p b: ordered", "+ p b/c@u: ordered"}
	for name, c := range map[string]struct {
		change        func(*reconcile.Live)
		changes, held []string
	}{
		"nothing there":      {func(*reconcile.Live) {}, given, nil},
		"not taken away yet": {func(l *reconcile.Live) { l.Owned = held("p a/r@u") }, []string{"+ p b: ordered"}, []string{"+ p b/c@u: conflict"}},
		"ordered of a desk":  {func(l *reconcile.Live) { l.Waiting = []schema.Key{key("p a/r@u")} }, []string{"+ p b: ordered"}, []string{"+ p b/c@u: conflict"}},
		"somebody else's":    {func(l *reconcile.Live) { l.Owned = held("q a/r@u") }, given, nil},
	} {
		in := live(nil, nil, nil)
		in.Only = map[string]bool{"b": true}
		c.change(&in)
		p := plan(t, files, in)
		same(t, name+": changes", stepSigns(p.Changes), c.changes)
		same(t, name+": held", stepSigns(p.Held), c.held)
	}
}

// The limit of new grants counts those of other systems, and the share of what is lost is of all that is held, whether others lose anything or not.
func TestGuardCountsAllBeside(t *testing.T) {
	files := map[string]string{"behorig.yaml": small["behorig.yaml"][:len(small["behorig.yaml"])-2] + ", grantAtMost: 5}\n"}
	for i := range 3 {
		files[fmt.Sprintf("people/p%d.yaml", i)] = employed(order("a", "r"), order("w", "r"))
	}
	in := live(nil, nil, nil)
	in.Only, in.Beside = map[string]bool{"w": true}, map[string]bool{"a": true}
	if p := plan(t, files, in); len(p.Changes) != 0 || len(p.Stops) != 1 || p.Stops[0].Count != 12 {
		t.Errorf("got %d changes and stops %v, want none and one of 12", len(p.Changes), p.Stops)
	}
	given := schema.State{}
	for i := range 60 {
		given[key(fmt.Sprintf("p%d b/r@u", i))] = schema.Grant{}
	}
	reg := schema.State{}
	for i := range 12 {
		reg[key(fmt.Sprintf("q%d a", i))] = schema.Grant{}
	}
	for i := range 50 {
		reg[key(fmt.Sprintf("r%d a", i))] = schema.Grant{}
	}
	files = map[string]string{}
	for i := range 60 {
		files[fmt.Sprintf("people/p%d.yaml", i)] = employed(order("b", "r"))
	}
	in = live(reg, nil, join(given, reg))
	in.Only, in.Beside = map[string]bool{"a": true}, map[string]bool{"b": true}
	p := plan(t, files, in)
	for _, s := range p.Stops {
		if s.Axis == "people" && s.Of != 122 {
			t.Errorf("got a stop %v, want it to count the 122 who hold anything", s)
		}
	}
}
