package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// reader is a target of a plan: what it holds, or why it cannot be read.
type reader struct {
	state schema.State
	err   error
}

func (r reader) Read(context.Context) (schema.State, error) { return join(r.state), r.err }

// desk is a reader whose changes people carry out.
type desk struct {
	reader
	orders []reconcile.Order
}

func (d desk) Orders(context.Context) ([]reconcile.Order, error) { return d.orders, nil }

// live is the world of a test: the register's state, the work list's state, and what is ours.
func live(reg, lista, owned schema.State) reconcile.Live {
	return reconcile.Live{Readers: map[string]reconcile.Reader{"reg": reader{state: reg}, "lista": reader{state: lista}}, Owned: owned, Given: owned}
}

// plan makes a plan of today.
func plan(t *testing.T, files map[string]string, in reconcile.Live) *reconcile.Plan {
	t.Helper()
	p, err := reconcile.MakePlan(t.Context(), source(t, today, files), in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPlanGivesAndTakesWithCauses(t *testing.T) {
	files := map[string]string{"people/p.yaml": employed(order("a", "r"), order("a", "s", "until: 2026-11-30"), order("a", "lic"), order("w", "r"))}
	past := until(held("p a/s@u"), today-1)
	reg := join(held("p a", "p a/lic@u", "x a/r@u", "y b", "o a/s@u"), past)
	p := plan(t, files, live(reg, nil, join(past, held("p a", "o a/s@u"))))
	same(t, "changes", stepSigns(p.Changes), []string{
		"- o a/s@u: not-ordered", "- p a/lic@u: policy", "+ p a/r@u: ordered", "- p a/s@u: expired", "+ p w: ordered", "+ p w/r@u: ordered", "- y b: unordered",
	})
	same(t, "rules of the withheld", p.Changes[1].Rules, []string{"licence"})
	same(t, "unordered", p.Unordered, []reconcile.Unordered{{Key: key("x a/r@u"), Left: true}, {Key: key("y b")}})
	same(t, "held", stepSigns(p.Held), []string(nil))
}

// What a rule withholds is not given, and says by which rule.
func TestPlanHoldsWhatARuleWithholds(t *testing.T) {
	p := plan(t, map[string]string{"people/p.yaml": employed(order("a", "lic"))}, live(nil, nil, nil))
	same(t, "changes", stepSigns(p.Changes), []string(nil))
	same(t, "held", stepSigns(p.Held), []string{"+ p a: policy", "+ p a/lic@u: policy"})
	same(t, "rules", p.Held[1].Rules, []string{"licence"})
}

// local is a rule of the organisation that keeps role r of a: whoever has it keeps it, nobody gets it.
const local = `package local

# METADATA
# custom:
#   severity: deny
#   effect: keep
#   message: {sv: "nej", en: "no"}
deny contains {"rule": "frozen", "path": grant.path, "params": {}, "grants": [grant.id]} if {
	some grant in input.grants
	grant.role.id == "a/r"
}
`

func TestPlanOfWhatARuleKeeps(t *testing.T) {
	files := map[string]string{"policies/frozen.rego": local, "people/has.yaml": employed(order("a", "r")), "people/not.yaml": employed(order("a", "r"))}
	have := until(held("has a", "has a/r@u"), today+3)
	p := plan(t, files, live(have, nil, have))
	same(t, "changes", stepSigns(p.Changes), []string(nil))
	same(t, "held", stepSigns(p.Held), []string{"+ not a: policy", "+ not a/r@u: policy"})
	same(t, "gone", stepSigns(p.Gone), []string(nil))
}

// A target that cannot be read stops its own systems: nothing is given or taken there, and everything elsewhere.
func TestUnreadTargetStopsOnlyItsSystems(t *testing.T) {
	files := map[string]string{"people/p.yaml": employed(order("a", "r"), order("b", "r"), order("w", "r"))}
	for _, c := range []struct {
		broken string
		want   []string
		unread []string
	}{
		{"reg", []string{"+ p w: ordered", "+ p w/r@u: ordered"}, []string{"a", "b"}},
		{"lista", []string{"+ p a: ordered", "+ p a/r@u: ordered", "+ p b: ordered", "+ p b/r@u: ordered"}, []string{"w"}},
	} {
		in := live(nil, nil, held("p a/s@u", "p w/x@u"))
		in.Readers[c.broken] = reader{held("p a/s@u", "p w/x@u"), errors.New("no answer")}
		p := plan(t, files, in)
		same(t, c.broken+" unread: changes", stepSigns(p.Changes), c.want)
		if len(p.Unread) != 1 || p.Unread[0].Target != c.broken || p.Unread[0].Err.Error() != "no answer" {
			t.Fatalf("got %+v, want %s unread", p.Unread, c.broken)
		}
		same(t, "unread", p.Unread[0].Systems, c.unread)
		for _, s := range p.Gone {
			if s.System == p.Unread[0].Systems[0] {
				t.Errorf("got %s gone, want nothing known of an unread system", text(s.Key))
			}
		}
	}
}

// A target that is not there at all stops its systems as well.
func TestMissingTargetStopsItsSystems(t *testing.T) {
	in := live(nil, nil, nil)
	delete(in.Readers, "reg")
	p := plan(t, map[string]string{"people/p.yaml": employed(order("a", "r"), order("w", "r"))}, in)
	same(t, "changes", stepSigns(p.Changes), []string{"+ p w: ordered", "+ p w/r@u: ordered"})
}

// A listing that lacks what was given there is a wrong listing; the target's other system goes on.
func TestShortListingStopsItsSystem(t *testing.T) {
	p := plan(t, map[string]string{"people/p.yaml": employed(order("a", "r"), order("b", "r"))}, live(nil, nil, many("a", 5, 0)))
	same(t, "changes", stepSigns(p.Changes), []string{"+ p b: ordered", "+ p b/r@u: ordered"})
	same(t, "gone", stepSigns(p.Gone), []string(nil))
	if len(p.Unread) != 1 || !strings.Contains(p.Unread[0].Err.Error(), "a lists 0 of 5 grants") {
		t.Errorf("got %+v, want a listing of 0 of 5", p.Unread)
	}
}

func TestShortSourceIsRefused(t *testing.T) {
	files := map[string]string{}
	for i := range 80 {
		files[fmt.Sprintf("people/p%d.yaml", i)] = employed()
	}
	acked := map[string]string{"behorig.yaml": "organisation: E\nacknowledge: [{guard: source, until: 2026-12-01, reason: x}]\n"}
	late := map[string]string{"behorig.yaml": "organisation: E\nacknowledge: [{guard: source, until: 2026-11-30, reason: x}]\n"}
	for _, c := range []struct {
		name   string
		before int
		files  map[string]string
		refuse bool
	}{
		{"no run before", 0, nil, false},
		{"as many", 80, files, false},
		{"more than before", 20, files, false},
		{"a fifth fewer", 100, files, false},
		{"more than a fifth", 101, files, true},
		{"nobody left of three", 3, nil, true},
		{"nobody left, acknowledged", 3, acked, false},
		{"nobody left, acknowledged until yesterday", 3, late, true},
	} {
		_, err := reconcile.MakePlan(t.Context(), source(t, today, c.files), reconcile.Live{People: c.before})
		if refused := err != nil && strings.Contains(err.Error(), "guard: source"); refused != c.refuse || !c.refuse && err != nil {
			t.Errorf("%s: got error %v, want refused %v", c.name, err, c.refuse)
		}
	}
}

// While the newest commit does not load only removals are made, and what is not done is told.
func TestRemovalsOnly(t *testing.T) {
	in := live(join(held("p a", "o a/r@u"), until(held("p a/s@u"), today+1)), nil, held("o a/r@u", "p a"))
	in.RemovalsOnly = true
	p := plan(t, map[string]string{"people/p.yaml": employed(order("a", "r"), order("a", "s"))}, in)
	same(t, "changes", stepSigns(p.Changes), []string{"- o a/r@u: not-ordered"})
	same(t, "held", stepSigns(p.Held), []string{"+ p a/r@u: last-good", "~ p a/s@u: last-good"})
}

// The tool's own account and the emergency account are neither taken, given nor listed, and nothing is learnt of them.
func TestProtectedAccountsAreNotTouched(t *testing.T) {
	files := map[string]string{"people/nod.yaml": employed(order("a", "r"), order("b", "r"), order("w", "r"))}
	p := plan(t, files, live(held("nod a", "nod a/s@u", "nod b/s"), nil, held("nod a/s@u", "nod b")))
	same(t, "changes", stepSigns(p.Changes), []string{"+ nod w: ordered", "+ nod w/r@u: ordered"})
	same(t, "unordered", p.Unordered, []reconcile.Unordered(nil))
	same(t, "gone", stepSigns(p.Gone), []string(nil))
}

// Guard and least hold in a plan what they hold by themselves; everything held is sorted and has its cause.
func TestPlanHoldsAndSorts(t *testing.T) {
	owned := join(many("b", 40, 0), held("z a", "z a/admin@u"))
	p := plan(t, map[string]string{"people/anna.yaml": employed(order("a", "lic"))}, live(owned, nil, owned))
	var causes []reconcile.Cause
	for i, s := range p.Held {
		causes = append(causes, s.Cause)
		if i > 0 && text(p.Held[i-1].Key) > text(s.Key) {
			t.Errorf("got %s before %s, want them sorted", text(p.Held[i-1].Key), text(s.Key))
		}
	}
	same(t, "first and last", []reconcile.Cause{causes[0], causes[2], causes[len(causes)-1]}, []reconcile.Cause{reconcile.ByPolicy, reconcile.ByGuard, reconcile.ByLeast})
	same(t, "held, made, guarded", []any{len(p.Held), len(p.Changes), p.Guarded()}, []any{2 + 40 + 2, 0, true})
}

// The same world gives the same plan, whatever the order in which targets answer.
func TestPlanIsTheSameEveryTime(t *testing.T) {
	files := map[string]string{}
	for _, who := range []string{"p", "q", "x"} {
		files["people/"+who+".yaml"] = employed(order("a", "r"), order("a", "lic"), order("b", "r"), order("w", "r"))
	}
	src := source(t, today, files)
	in := live(held("p a/s@u", "x a", "q b/r@u"), held("y w/r"), held("p a/s@u"))
	render := func() string {
		p, err := reconcile.MakePlan(t.Context(), src, in)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(stepSigns(p.Changes), stepSigns(p.Held), p.Unordered, p.Desire.Findings, p.Orders)
	}
	first := render()
	for range 5 {
		same(t, "plan", render(), first)
	}
}

// What a killed run had begun to take away is taken away again, also where the target lists it no more; in a system that is left alone it waits. What somebody
// else took away is only learnt.
func TestPlanTakesAwayAgain(t *testing.T) {
	in := live(nil, nil, held("p a", "q a"))
	in.Given = held("q a")
	p := plan(t, map[string]string{"people/p.yaml": employed()}, in)
	same(t, "changes", stepSigns(p.Changes), []string{"- p a: not-ordered"})
	same(t, "gone", stepSigns(p.Gone), []string{"- q a: not-ordered"})
	in.Timing = func(string) reconcile.Timing { return reconcile.Timing{Shut: true} }
	p = plan(t, map[string]string{"people/p.yaml": employed()}, in)
	same(t, "changes where nothing may be done", stepSigns(p.Changes), []string(nil))
	same(t, "held", stepSigns(p.Held), []string{"- p a: window"})
}
