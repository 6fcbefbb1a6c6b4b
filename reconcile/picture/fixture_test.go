package picture

import (
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/register"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// house is an access repository with a register (journal, arkiv) and a work list (dorr), two units under one, and a clock of its own.
type house struct {
	*testing.T
	files fstest.MapFS
	place store.Place
	now   time.Time
}

const (
	hasRead = "guideline: {edition: \"1\", read: 2026-01-01}\n"
	hasCard = "cards: [{kind: siths, loa: 3, validUntil: 2030-01-01}]\n"
)

func newHouse(t *testing.T) *house {
	h := &house{T: t, files: fstest.MapFS{}, place: store.Dir(t.TempDir()), now: time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)}
	h.write("behorig.yaml", "organisation: Prov\ntimezone: Europe/Stockholm\nguideline: {title: R, edition: \"1\", from: 2026-01-01}\nportal: {desks: {it: [dan]}}\n")
	h.write("targets.yaml", "targets: {reg: {kind: register}, lista: {kind: worklist}}\nsystems: {journal: {target: reg}, arkiv: {target: reg}, dorr: {target: lista}}\n")
	h.write("units/topp.yaml", "{name: Toppen, manager: vera}\n")
	h.write("units/norr.yaml", "{name: Norr, parent: topp, manager: karin, deputies: [{person: omar, from: 2026-11-01, until: 2026-12-24}, {person: sen, from: 2027-01-01, until: 2027-02-01}]}\n")
	h.write("units/syd.yaml", "{name: Syd, parent: topp, manager: omar}\n")
	role := "analysis: {date: 2026-01-01, review: 2099-01-01, owner: vera}"
	h.write("systems/journal.yaml", "name: Journal\nowner: vera\ndesk: it\nroles: {r: {"+role+"}, kort: {name: Webben, requires: {siths: 3}, "+role+"}, las: {requires: {guideline: true, siths: 2}, "+role+"}, gammal: {analysis: {date: 2020-01-01, review: 2021-01-01, owner: vera}}}\n")
	for _, s := range []string{"arkiv", "dorr"} {
		h.write("systems/"+s+".yaml", "name: "+s+"\nowner: vera\ndesk: it\nroles: {r: {perUnit: false, "+role+"}, kod: {requires: {guideline: true}, "+role+"}}\n")
	}
	return h
}

func (h *house) write(path, text string) { h.files[path] = &fstest.MapFile{Data: []byte(text)} }

// person is somebody in a unit since 2026, with access lines ("system: dorr, role: r").
func (h *house) person(key, unit, more string, lines ...string) {
	text := "name: Namn " + key + "\n" + more + "employments:\n  - unit: " + unit + "\n    form: permanent\n    from: 2026-01-01\n"
	if len(lines) > 0 {
		text += "    access:\n"
	}
	for _, l := range lines {
		text += "      - {" + l + "}\n"
	}
	h.write("people/"+key+".yaml", text)
}

func (h *house) revision() *pass.Revision {
	h.Helper()
	r, err := pass.Read(h.Context(), h.files, "targets.yaml", "", "now")
	if err != nil {
		h.Fatal(err)
	}
	return r
}

func (h *house) today() schema.Date { return schema.Today(h.now, time.UTC) }

// later moves the clock.
func (h *house) later(d time.Duration) { h.now = h.now.Add(d) }

func (h *house) apply(systems ...string) {
	h.Helper()
	r := h.revision()
	p := &pass.Pass{
		Place: h.place, Revision: r, On: h.today(), Systems: systems, Now: func() time.Time { h.now = h.now.Add(time.Millisecond); return h.now }, At: h.now, Actor: "test",
		Env: func(string) (string, bool) { return "", false },
	}
	if _, err := p.Apply(h.Context()); err != nil {
		h.Fatal(err)
	}
}

func (h *house) draw() *Picture {
	h.Helper()
	p, err := Draw(h.Context(), h.revision(), nil, h.place, h.today(), h.now)
	if err != nil {
		h.Fatal(err)
	}
	return p
}

func (h *house) ledger() *ledger.Ledger {
	h.Helper()
	l, err := ledger.Open(h.Context(), h.place, func() time.Time { return h.now })
	h.must(err)
	h.Cleanup(func() { _ = l.Close() })
	return l
}

func (h *house) worklist() *worklist.Worklist {
	h.Helper()
	w, err := worklist.Open(h.Context(), worklist.Config{State: h.place, Systems: []string{"dorr"}, On: h.today(), ServiceDays: 7})
	h.must(err)
	h.Cleanup(func() { _ = w.Close() })
	return w
}

// order is the number of the open or refused order of somebody.
func (h *house) order(person string) int64 {
	h.Helper()
	all, err := h.worklist().List(h.Context())
	h.must(err)
	for _, o := range all {
		if o.Person == person {
			return o.ID
		}
	}
	h.Fatalf("%s has no order", person)
	return 0
}

// change changes the register past the tool.
func (h *house) change(c reconcile.Change) {
	h.Helper()
	reg, err := register.Open(h.Context(), h.place, "reg", []string{"journal", "arkiv"}, false)
	h.must(err)
	defer reg.Close()
	_, err = reg.Apply(h.Context(), c)
	h.must(err)
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// stages are somebody's grants as "journal/r done".
func stages(p *Picture, person string) (all []string) {
	if h := p.Person(person); h != nil {
		for _, g := range h.Grants {
			if g.Role != "" {
				all = append(all, fmt.Sprintf("%s/%s %s", g.System, g.Role, g.Stage))
			}
		}
	}
	return all
}

// review records decisions.
func (h *house) review(by, decision string, keys ...schema.Key) {
	h.Helper()
	var all []ledger.Review
	for _, k := range keys {
		all = append(all, ledger.Review{Key: k, Reviewer: by, Decision: decision, Commit: "c1"})
	}
	h.must(h.ledger().Reviewed(h.Context(), all))
}

func key(person, system, role, unit string) schema.Key {
	return schema.Key{System: system, Role: role, Unit: unit, Person: person}
}

// standing is a revocation in an emergency.
func standing(person, system string) ledger.Standing {
	return ledger.Standing{Kind: ledger.StandingRevoke, Key: schema.Key{Person: person, System: system}, By: "karin", Reason: "hot mot kollega"}
}
