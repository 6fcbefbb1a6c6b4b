package worklist_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// entry is one row: "p r", "p r 2026-12-24", "p" for the account alone; the unit is none. With a last day the list has last days.
func entry(row string, dated bool) worklist.Entry {
	parts := append(strings.Fields(row), "", "")
	e := worklist.Entry{Person: parts[0], Role: parts[1], Dated: dated}
	if parts[2] != "" {
		if err := e.Until.UnmarshalText([]byte(parts[2])); err != nil {
			panic(err)
		}
	}
	return e
}

// listed is the list of system a on a day.
func listed(day schema.Date, dated bool, rows ...string) worklist.Listing {
	l := worklist.Listing{System: "a", Day: day, By: "kim", SHA256: fmt.Sprint(day, dated, rows), Rows: len(rows)}
	for _, row := range rows {
		l.Entries = append(l.Entries, entry(row, dated))
	}
	return l
}

// take takes in a list and tells what it found, without what is as it should: "p a/r missing".
func take(t *testing.T, w *worklist.Worklist, l worklist.Listing) (all []string) {
	t.Helper()
	taken, err := w.Take(t.Context(), l)
	must(t, err)
	if taken.Before != 0 {
		return []string{"before " + taken.Before.String()}
	}
	for _, f := range taken.Findings {
		all = append(all, fmt.Sprintf("%s %s/%s %s", f.Person, f.System, f.Role, f.Class))
	}
	return all
}

// Each row: orders, what becomes of them, a list, what it shows, what is then held and waits.
//
//	g p r      ordered          d     all that is open is done
//	c p r DAY  last day moved   r     all that is open is refused
//	x p r      taken away       +     the next day
func TestTake(t *testing.T) { storetest.Each(t, testTake) }

func testTake(t *testing.T, place func() store.Place) {
	for name, c := range map[string]struct {
		orders string
		dated  bool
		list   []string
		wanted string
		finds  []string
		held   []string
		work   []string
	}{
		"verified":                {orders: "g p r; d", list: []string{"p r"}, finds: []string{"p a/ verified", "p a/r verified"}, held: []string{"p a/ ", "p a/r "}},
		"missing":                 {orders: "g p r; g q r; d", list: []string{"q r"}, finds: []string{"p a/ missing", "p a/r missing", "q a/ verified", "q a/r verified"}, held: []string{"q a/ ", "q a/r "}},
		"role missing":            {orders: "g p r; d", list: []string{"p"}, finds: []string{"p a/ verified", "p a/r missing"}, held: []string{"p a/ "}},
		"open, there":             {orders: "g p r", list: []string{"p r"}, finds: []string{"p a/ confirmed", "p a/r confirmed"}, held: []string{"p a/ ", "p a/r "}},
		"open, not there":         {orders: "g p r", list: []string{"q"}, finds: []string{"q a/ unordered"}, held: []string{"p a/ ", "p a/r ", "q a/ "}, work: []string{"1 grant p a/ open", "1 grant p a/r open"}},
		"open, half there":        {orders: "g p r", list: []string{"p"}, finds: []string{"p a/ confirmed"}, held: []string{"p a/ ", "p a/r "}, work: []string{"1 grant p a/r open"}},
		"refused, there":          {orders: "g p r; r", list: []string{"p r"}, finds: []string{"p a/ confirmed", "p a/r confirmed"}, held: []string{"p a/ ", "p a/r "}},
		"refused, not there":      {orders: "g p r; r", list: []string{"q"}, finds: []string{"q a/ unordered"}, held: []string{"q a/ "}, work: []string{"1 grant p a/ refused", "1 grant p a/r refused"}},
		"revoke open, gone":       {orders: "g p r; d; x p r", list: []string{"q"}, finds: []string{"p a/ confirmed", "p a/r confirmed", "q a/ unordered"}, held: []string{"q a/ "}},
		"revoke open, still":      {orders: "g p r; d; x p r", list: []string{"p r"}, finds: []string{"p a/ verified", "p a/r verified"}, work: []string{"2 revoke p a/ open", "2 revoke p a/r open"}},
		"revoked, gone":           {orders: "g p r; d; x p r; d", list: []string{"q"}, finds: []string{"p a/ removed", "p a/r removed", "q a/ unordered"}, held: []string{"q a/ "}},
		"revoked, still":          {orders: "g p r; d; x p r; d", list: []string{"p r"}, finds: []string{"p a/ remaining", "p a/r remaining"}, work: []string{"3 revoke p a/ open", "3 revoke p a/r open"}},
		"revoked, wanted again":   {orders: "g p r; d; x p r; d", list: []string{"p r"}, wanted: "p r", finds: []string{"p a/ verified", "p a/r verified"}, held: []string{"p a/ ", "p a/r "}},
		"unordered":               {list: []string{"p r", "@guest s"}, finds: []string{"@guest a/ unordered", "@guest a/s unordered", "p a/ unordered", "p a/r unordered"}, held: []string{"@guest a/ ", "@guest a/s ", "p a/ ", "p a/r "}},
		"wanted, never ordered":   {list: []string{"p r"}, wanted: "p r", finds: []string{"p a/ verified", "p a/r verified"}, held: []string{"p a/ ", "p a/r "}},
		"undated keeps its day":   {orders: "g p r 2026-12-24; d", list: []string{"p r"}, finds: []string{"p a/ verified", "p a/r verified"}, held: []string{"p a/ 2026-12-24", "p a/r 2026-12-24"}},
		"another last day":        {orders: "g p r 2026-12-24; d", dated: true, list: []string{"p r 2026-12-31"}, finds: []string{"p a/ verified", "p a/r verified", "p a/r redated"}, held: []string{"p a/ 2026-12-24", "p a/r 2026-12-31"}},
		"open, another last day":  {orders: "g p r 2026-12-24", dated: true, list: []string{"p r"}, finds: []string{"p a/ confirmed", "p a/r confirmed", "p a/r redated"}, held: []string{"p a/ 2026-12-24", "p a/r "}},
		"twice, the later counts": {orders: "g p r 2026-12-24; d", dated: true, list: []string{"p r 2026-12-31", "p r", "p r 2026-12-25"}, finds: []string{"p a/ verified", "p a/r verified", "p a/r redated"}, held: []string{"p a/ 2026-12-24", "p a/r "}},
		"change, made":            {orders: "g p r; d; c p r 2026-12-24", dated: true, list: []string{"p r 2026-12-24"}, finds: []string{"p a/ verified", "p a/r confirmed"}, held: []string{"p a/ ", "p a/r 2026-12-24"}},
		"change, not made":        {orders: "g p r; d; c p r 2026-12-24", dated: true, list: []string{"p r"}, finds: []string{"p a/ verified", "p a/r verified"}, held: []string{"p a/ ", "p a/r 2026-12-24"}, work: []string{"2 change p a/r open"}},
		"change, cannot tell":     {orders: "g p r; d; c p r 2026-12-24", list: []string{"p r"}, finds: []string{"p a/ verified", "p a/r verified"}, held: []string{"p a/ ", "p a/r 2026-12-24"}, work: []string{"2 change p a/r open"}},
		"change of what is gone":  {orders: "g p r; d; c p r 2026-12-24", list: []string{"p"}, finds: []string{"p a/ verified", "p a/r missing"}, held: []string{"p a/ "}},
		"last day passed":         {orders: "g p r 2026-12-01; d; +", list: []string{"p"}, finds: []string{"p a/ verified", "p a/r gone"}, held: []string{"p a/ 2026-12-01"}},
		"another system's":        {orders: "g p r; d; b", list: []string{"p r"}, finds: []string{"p a/ verified", "p a/r verified"}, held: []string{"p a/ ", "p a/r ", "p b/r "}},
	} {
		t.Run(name, func(t *testing.T) {
			at, on := place(), today
			w := open(t, at, on)
			for _, step := range strings.Split(c.orders, ";") {
				step = strings.TrimSpace(step)
				if step == "+" {
					on++
				}
				w = open(t, at, on)
				perform(t, w, step)
			}
			l := listed(on, c.dated, c.list...)
			if c.wanted != "" {
				e := entry(c.wanted, false)
				k := schema.Key{System: "a", Role: e.Role, Person: e.Person}
				l.Wanted = schema.State{k: {}, k.Account(): {}}
			}
			same(t, "findings", take(t, w, l), c.finds)
			same(t, "held", state(t, w), c.held)
			same(t, "work", list(t, w), c.work)
			again := listed(on+1, c.dated, c.list...)
			again.Wanted = l.Wanted
			w = open(t, at, on+1)
			for _, f := range take(t, w, again) {
				if class := strings.Fields(f)[2]; class != "verified" && class != "unordered" {
					t.Errorf("the same a day later: got %s, want nothing new", f)
				}
			}
			same(t, "held a day later", state(t, w), c.held)
		})
	}
}

// perform is one step of [TestTake].
func perform(t *testing.T, w *worklist.Worklist, step string) {
	t.Helper()
	all, err := w.List(t.Context())
	must(t, err)
	switch verb, rest, _ := strings.Cut(step, " "); verb {
	case "g":
		e := entry(rest, true)
		apply(t, w, reconcile.Dispatched, change(e.Person, "a", "", nil, &schema.Grant{Until: e.Until}), change(e.Person, "a", e.Role, nil, &schema.Grant{Until: e.Until}))
	case "c":
		e := entry(rest, true)
		apply(t, w, reconcile.Dispatched, change(e.Person, "a", e.Role, forever, &schema.Grant{Until: e.Until}))
	case "x":
		e := entry(rest, true)
		apply(t, w, reconcile.Dispatched, change(e.Person, "a", "", forever, nil), change(e.Person, "a", e.Role, forever, nil))
	case "b":
		apply(t, w, reconcile.Dispatched, change("p", "b", "r", nil, forever))
		must(t, w.Done(t.Context(), 2, "eva", ""))
	case "d", "r":
		for _, o := range all {
			if verb == "d" {
				must(t, w.Done(t.Context(), o.ID, "eva", "R-1"))
			} else {
				must(t, w.Refuse(t.Context(), o.ID, "eva", "no"))
			}
		}
	}
}

// Who confirmed what a list contradicts is told, in the order that is made anew too, until it is carried out.
func TestDoubt(t *testing.T) { storetest.Each(t, testDoubt) }

func testDoubt(t *testing.T, place func() store.Place) {
	at := place()
	w := open(t, at, today)
	perform(t, w, "g p r")
	perform(t, w, "d")
	w = open(t, at, today+2)
	taken, err := w.Take(t.Context(), listed(today+2, false, "q"))
	must(t, err)
	want := worklist.Doubt{Listed: today + 2, Confirmed: today, By: "eva"}
	same(t, "finding", taken.Findings[1].Doubt, want)
	key := schema.Key{System: "a", Role: "r", Person: "p"}
	sightings := func() worklist.Sighting {
		all, err := w.Sightings(t.Context())
		must(t, err)
		return all[key]
	}
	same(t, "sighting", sightings(), worklist.Sighting{Doubt: want})
	apply(t, w, reconcile.Dispatched, change("p", "a", "r", nil, forever))
	all, err := w.List(t.Context())
	must(t, err)
	same(t, "on the order", all[0].Lines[0].Doubt, want)
	must(t, w.Done(t.Context(), all[0].ID, "bo", ""))
	same(t, "when it is done", sightings(), worklist.Sighting{})
	w = open(t, at, today+3)
	take(t, w, listed(today+3, false, "p r", "q"))
	same(t, "when it is listed", sightings(), worklist.Sighting{Verified: today + 3})
	perform(t, w, "x p r")
	perform(t, w, "d")
	take(t, w, listed(today+4, false, "p r", "q"))
	same(t, "when it is still there", sightings(), worklist.Sighting{Verified: today + 4, Doubt: worklist.Doubt{Listed: today + 4, Confirmed: today + 3, By: "eva"}})
	w = open(t, at, today+5)
	perform(t, w, "d")
	same(t, "when that is done", sightings(), worklist.Sighting{})
}

// A list is taken once. What was confirmed after its day is left as it is. One that is older than another is refused; the same one of a later day is new.
func TestDaysOfLists(t *testing.T) { storetest.Each(t, testDaysOfLists) }

func testDaysOfLists(t *testing.T, place func() store.Place) {
	at := place()
	w := open(t, at, today)
	perform(t, w, "g p r")
	perform(t, w, "d")
	l := listed(today-1, false, "q")
	same(t, "the day before", take(t, w, l), []string{"p a/ newer", "p a/r newer", "q a/ unordered"})
	same(t, "held", state(t, w), []string{"p a/ ", "p a/r ", "q a/ "})
	same(t, "again", take(t, w, l), []string{"before 2026-11-30"})
	l.Day = today
	same(t, "again, by default of another day", take(t, w, l), []string{"before 2026-11-30"})
	l.Stated = true
	same(t, "the same, of a later day", take(t, w, l)[:2], []string{"p a/ missing", "p a/r missing"})
	var older *worklist.OlderError
	if _, err := w.Take(t.Context(), listed(today-1, false, "p r")); !errors.As(err, &older) || older.Newest != today {
		t.Errorf("older: got error %v, want one that tells the newest", err)
	}
	same(t, "held at last", state(t, w), []string{"q a/ "})
}

// An order that was made after a list's day is not confirmed by it, nor is a removal.
func TestOrdersAfterTheList(t *testing.T) { storetest.Each(t, testOrdersAfterTheList) }

func testOrdersAfterTheList(t *testing.T, place func() store.Place) {
	w := open(t, place(), today)
	perform(t, w, "g p r")
	take(t, w, listed(today-1, false, "p r"))
	same(t, "work", list(t, w), []string{"1 grant p a/ open", "1 grant p a/r open"})
	perform(t, w, "d")
	perform(t, w, "x p r")
	take(t, w, listed(today-1, false, "q"))
	same(t, "work after a removal", list(t, w), []string{"2 revoke p a/ open", "2 revoke p a/r open"})
}

// A list without units is of the units that the books have for the role, or that are wanted.
func TestListsWithoutUnits(t *testing.T) { storetest.Each(t, testListsWithoutUnits) }

func testListsWithoutUnits(t *testing.T, place func() store.Place) {
	w := open(t, place(), today)
	at := func(person, unit string) reconcile.Change {
		return reconcile.Change{Key: schema.Key{System: "a", Role: "r", Unit: unit, Person: person}, To: forever}
	}
	apply(t, w, reconcile.Dispatched, at("p", "norr"), at("p", "soder"))
	l := listed(today, false, "p r", "q r", "z r")
	l.Wanted = schema.State{at("q", "ost").Key: {}, at("p", "vast").Key: {}}
	for i := range l.Entries {
		l.Entries[i].Anywhere = true
	}
	taken, err := w.Take(t.Context(), l)
	must(t, err)
	var got []string
	for _, f := range taken.Findings {
		got = append(got, fmt.Sprintf("%s %s %s %s", f.Person, f.Role, f.Unit, f.Class))
	}
	same(t, "findings", got, []string{
		"p   unordered", "p r norr confirmed", "p r soder confirmed", "q   unordered", "q r ost verified", "z   unordered", "z r  unordered",
	})
}

// What Whole is asked with: what was confirmed and is to stay, and the list. When it says no, nothing is taken in.
func TestWhole(t *testing.T) { storetest.Each(t, testWhole) }

func testWhole(t *testing.T, place func() store.Place) {
	at := place()
	w := open(t, at, today)
	for _, step := range []string{"g p r", "g q r 2026-12-01", "g z r", "d", "x z r"} {
		perform(t, w, step)
	}
	w = open(t, at, today+1)
	before := state(t, w)
	l := listed(today+1, false, "n s")
	no := errors.New("no")
	l.Whole = func(confirmed, listed schema.State) error {
		same(t, "confirmed", people(confirmed), []string{"p", "p"})
		same(t, "listed", people(listed), []string{"n", "n"})
		return no
	}
	if _, err := w.Take(t.Context(), l); !errors.Is(err, no) {
		t.Errorf("got error %v, want %v", err, no)
	}
	same(t, "held", state(t, w), before)
	l.Whole = nil
	if got := take(t, w, l); len(got) == 1 {
		t.Errorf("got %v, want it not to be taken before", got)
	}
	if _, err := w.Take(t.Context(), worklist.Listing{System: "other", Day: today}); err == nil {
		t.Error("another system: got no error, want one")
	}
}

func people(s schema.State) (all []string) {
	for k := range s {
		all = append(all, k.Person)
	}
	slices.Sort(all)
	return all
}

// The lines of an order that a list confirms are told to the desk, and when none is left its ticket is at its end.
func TestTakeTellsTheDesk(t *testing.T) { storetest.Each(t, testTakeTellsTheDesk) }

func testTakeTellsTheDesk(t *testing.T, place func() store.Place) {
	w := open(t, place(), today)
	perform(t, w, "g p r")
	assign(t, w)
	made(t, w, 1, "70")
	take(t, w, listed(today, false, "p"))
	same(t, "tickets", tickets(t, w), []string{"1 70a/ done!, a/r open"})
	take(t, w, listed(today, false, "p r"))
	same(t, "tickets when all is there", tickets(t, w), []string{"1 70a/ done!, a/r done!"})
	all, err := w.Tickets(t.Context(), "desk")
	must(t, err)
	same(t, "by, reference, open", []any{all[0].Orders[0].By, all[0].Orders[0].Reference, all[0].Open()}, []any{"list of 2026-12-01", "RT 70", false})
}

// Laws: a list of what Read lists changes nothing of what it lists, with last days or without; a list with last days and no order open makes Read list what it shows;
// taken in a second time, either is verified.
func TestTakeLaws(t *testing.T) { storetest.Each(t, testTakeLaws) }

func testTakeLaws(t *testing.T, place func() store.Place) {
	histories := 0
	rapid.Check(t, func(r *rapid.T) {
		at, on := place(), today
		if histories++; at.Server != nil && histories%5 != 0 { // a fifth will do: it is another database and the same arithmetic
			return
		}
		w := open(t, at, on)
		for range rapid.IntRange(0, 12).Draw(r, "steps") {
			anything(t, r, w)
			if rapid.IntRange(0, 3).Draw(r, "next day") == 0 {
				on++
				w = open(t, at, on)
			}
		}
		held, err := w.Read(t.Context())
		must(t, err)
		before := maps.Clone(held)
		dated := rapid.Bool().Draw(r, "dated")
		on++
		w = open(t, at, on)
		mirror := worklist.Listing{System: "a", Day: on, SHA256: "mirror", By: "kim"}
		for k, g := range held {
			if k.System == "a" {
				mirror.Entries = append(mirror.Entries, worklist.Entry{Person: k.Person, Role: k.Role, Unit: k.Unit, Dated: dated, Until: g.Until})
			}
		}
		taken, err := w.Take(t.Context(), mirror)
		must(t, err)
		after, err := w.Read(t.Context())
		must(t, err)
		for k := range after { // whoever has a role has an account
			if _, was := before[k]; !was && k.Role == "" {
				delete(after, k)
			}
		}
		if diff := cmp.Diff(after, before); diff != "" {
			r.Fatalf("held after a list of it (-got +want):\n%s", diff)
		}
		for _, f := range taken.Findings {
			if f.Class == worklist.Missing || f.Class == worklist.Newer || f.Class == worklist.Remaining {
				r.Fatalf("got %+v, want no drift", f)
			}
		}
		all := rapid.SliceOfN(rapid.Custom(anyEntry), 0, 6).Draw(r, "list")
		want := schema.State{}
		for _, e := range all {
			k := schema.Key{System: "a", Role: e.Role, Unit: e.Unit, Person: e.Person}
			if last, twice := want[k]; !twice || schema.CompareEnds(e.Until, last.Until) > 0 {
				want[k] = schema.Grant{Until: e.Until}
			}
		}
		work := list(t, w)
		_, err = w.Take(t.Context(), worklist.Listing{System: "a", Day: on, SHA256: "any", By: "kim", Entries: all})
		must(t, err)
		now, err := w.Read(t.Context())
		must(t, err)
		if len(work) == 0 && len(list(t, w)) == 0 {
			for k := range now {
				if _, listed := want[k]; k.System != "a" || !listed && k.Role == "" {
					delete(now, k)
				}
			}
			if diff := cmp.Diff(now, want); diff != "" {
				r.Fatalf("held after any list (-got +want):\n%s", diff)
			}
		}
		again, err := w.Take(t.Context(), worklist.Listing{System: "a", Day: on, SHA256: "again", By: "kim", Entries: all})
		must(t, err)
		for _, f := range again.Findings {
			if f.Class != worklist.Verified && f.Class != worklist.Unordered {
				r.Fatalf("the same list again: got %+v, want it verified or unordered", f)
			}
		}
	})
}

func anyEntry(r *rapid.T) worklist.Entry {
	return worklist.Entry{
		Person: rapid.SampledFrom([]string{"p", "q", "@guest"}).Draw(r, "person"), Role: rapid.SampledFrom([]string{"r", "s"}).Draw(r, "role"),
		Unit: rapid.SampledFrom([]string{"", "norr"}).Draw(r, "unit"), Dated: true, Until: rapid.SampledFrom([]schema.Date{0, today + 100, today + 200}).Draw(r, "until"),
	}
}

// anything is some step on the books.
func anything(t *testing.T, r *rapid.T, w *worklist.Worklist) {
	held, err := w.Read(t.Context())
	must(t, err)
	all, err := w.List(t.Context())
	must(t, err)
	switch what := rapid.SampledFrom([]string{"order", "order", "order", "done", "done", "refuse", "list"}).Draw(r, "step"); {
	case what == "order":
		e := anyEntry(r)
		k := schema.Key{System: "a", Role: e.Role, Unit: e.Unit, Person: e.Person}
		c := reconcile.Change{Key: k, To: &schema.Grant{Until: e.Until}}
		if g, ok := held[k]; ok {
			c.From = &g
			if rapid.Bool().Draw(r, "revoke") {
				c.To = nil
			}
		}
		for _, c := range []reconcile.Change{c, {Key: k.Account(), To: &schema.Grant{}}} {
			if _, err := w.Apply(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
	case what == "list":
		var l []worklist.Entry
		for range rapid.IntRange(0, 4).Draw(r, "rows") {
			l = append(l, anyEntry(r))
		}
		var older *worklist.OlderError
		if _, err := w.Take(t.Context(), worklist.Listing{System: "a", Day: today, SHA256: fmt.Sprint(l), By: "kim", Entries: l}); err != nil && !errors.As(err, &older) {
			t.Fatal(err)
		}
	case len(all) > 0:
		o := rapid.SampledFrom(all).Draw(r, "work")
		if o.State != "open" {
			return
		}
		if what == "done" {
			must(t, w.Done(t.Context(), o.ID, "eva", ""))
		} else {
			must(t, w.Refuse(t.Context(), o.ID, "eva", "no"))
		}
	}
}

// Books of the version before lists are read without being written to, and brought to the newest by whoever writes.
func TestBooksOfTheVersionBefore(t *testing.T) { storetest.Each(t, testBooksOfTheVersionBefore) }

func testBooksOfTheVersionBefore(t *testing.T, place func() store.Place) {
	at := place()
	old, err := store.Open(t.Context(), at, "worklist", worklist.Steps[:2])
	must(t, err)
	for _, q := range []string{
		`INSERT INTO work (system, person, verb, created, due) VALUES ('a', 'p', 'grant', '2026-11-01', '2026-11-08')`,
		`INSERT INTO line (work, system, person, role, unit, until, was, source) VALUES (1, 'a', 'p', 'r', '', '', '', '')`,
		`INSERT INTO holding VALUES ('a', 'q', 'r', '', '')`,
	} {
		_, err = old.ExecContext(t.Context(), q)
		must(t, err)
	}
	must(t, old.Close())
	config := worklist.Config{State: at, Systems: []string{"a"}, On: today, ReadOnly: true}
	r, err := worklist.Open(t.Context(), config)
	if at.Server != nil { // there is no copy to be brought forward
		if err == nil || !strings.Contains(err.Error(), "version 2") {
			t.Errorf("got error %v, want one of the version", err)
		}
		must(t, open(t, at, today).Close())
		r, err = worklist.Open(t.Context(), config)
	}
	must(t, err)
	defer r.Close()
	same(t, "held", state(t, r), []string{"p a/r ", "q a/r "})
	same(t, "work", list(t, r), []string{"1 grant p a/r open"})
	w := open(t, at, today)
	same(t, "a list", take(t, w, listed(today, false, "p r")), []string{"p a/ unordered", "p a/r confirmed", "q a/r gone"})
}

// A municipality's largest system: 3,500 people with an account and a role each, all verified.
func BenchmarkTake(b *testing.B) {
	w, err := worklist.Open(b.Context(), worklist.Config{State: store.Dir(b.TempDir()), Systems: []string{"a"}, On: today})
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	var entries []worklist.Entry
	for i := range 3500 {
		entries = append(entries, worklist.Entry{Person: fmt.Sprintf("p%04d", i), Role: "r"})
	}
	n := 0
	for b.Loop() {
		n++
		if _, err := w.Take(b.Context(), worklist.Listing{System: "a", Day: today, SHA256: fmt.Sprint(n), Entries: entries, Rows: len(entries)}); err != nil {
			b.Fatal(err)
		}
	}
}
