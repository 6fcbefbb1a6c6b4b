package reconcile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// marks are people's marks, by person and names.
func marks(pairs ...string) reconcile.Marks {
	m := reconcile.Marks{}
	for i := 0; i < len(pairs); i += 2 {
		for _, name := range strings.Fields(pairs[i+1]) {
			m[pairs[i]] = append(m[pairs[i]], reconcile.Mark(name))
		}
	}
	return m
}

// What we gave is taken away also when the account stops matching whom it was given to, and nobody else's is.
func TestFormerAccounts(t *testing.T) {
	with := func(login, lines string) string { return "login: " + login + "\n" + employed(lines) }
	r := order("a", "r")
	former := marks("p", "p pelo")
	for _, c := range []struct {
		name        string
		people      map[string]string
		have, owned schema.State
		want        []string
		gone        int
	}{
		{"the file is gone", map[string]string{"people/q.yaml": employed()}, held("@pelo a", "@pelo a/r@u"), held("p a", "p a/r@u"), []string{"- @pelo a", "- @pelo a/r@u"}, 0},
		{"the file is gone and the key was the mark", map[string]string{"people/q.yaml": employed()}, held("@p a/r@u"), held("p a/r@u"), []string{"- @p a/r@u"}, 0},
		{"what a stranger has besides is left", map[string]string{"people/q.yaml": employed()}, held("@pelo a/r@u", "@pelo a/s@u", "@eva a/r@u"), held("p a/r@u"), []string{"- @pelo a/r@u"}, 0},
		{"another login, and the new account is not there", map[string]string{"people/p.yaml": with("pny", r)}, held("@pelo a", "@pelo a/r@u"), held("p a", "p a/r@u"), []string{"- @pelo a", "- @pelo a/r@u", "+ p a", "+ p a/r@u"}, 0},
		{"another login, and the new account is there", map[string]string{"people/p.yaml": with("pny", r)}, held("@pelo a", "@pelo a/r@u", "p a", "p a/r@u"), held("p a", "p a/r@u"), []string{"- @pelo a", "- @pelo a/r@u"}, 0},
		{"the login is another's now, who has no order", map[string]string{"people/p.yaml": employed(), "people/q.yaml": with("pelo", "")}, held("q a", "q a/r@u"), held("p a", "p a/r@u"), []string{"- q a", "- q a/r@u"}, 0},
		{"the login is another's now, who has", map[string]string{"people/p.yaml": employed(), "people/q.yaml": with("pelo", r)}, held("q a", "q a/r@u"), held("p a", "p a/r@u"), nil, 2},
		{"two bear it, and it is ordered", map[string]string{"people/p.yaml": with("pelo", r), "people/q.yaml": with("PELO", "")}, held("@pelo a", "@pelo a/r@u"), held("p a", "p a/r@u"), []string{"+ p a", "+ p a/r@u"}, 0},
		{"two bear it, and it is not", map[string]string{"people/p.yaml": with("pelo", ""), "people/q.yaml": with("PELO", "")}, held("@pelo a", "@pelo a/r@u"), held("p a", "p a/r@u"), []string{"- @pelo a", "- @pelo a/r@u"}, 0},
		{"theirs, as ever", map[string]string{"people/p.yaml": with("pelo", r)}, held("p a", "p a/r@u"), held("p a", "p a/r@u"), nil, 0},
		{"really gone", map[string]string{"people/q.yaml": employed()}, held("@eva a/r@u"), held("p a/r@u"), nil, 1},
	} {
		src := source(t, today, c.people)
		p, err := reconcile.MakePlan(t.Context(), src, reconcile.Live{Readers: map[string]reconcile.Reader{"reg": reader{state: c.have}}, Owned: c.owned, Given: c.owned, Former: former})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range p.Changes {
			got = append(got, s.Sign()+" "+text(s.Key))
		}
		if diff := cmp.Diff(got, c.want); diff != "" || len(p.Gone) != c.gone {
			t.Errorf("%s: got %d gone, want %d; changes (-got +want):\n%s", c.name, len(p.Gone), c.gone, diff)
		}
		if kept := len(p.Remember()["p"]) > 0; kept != (len(c.owned) > 0) {
			t.Errorf("%s: got marks kept %v, want them while something is ours", c.name, kept)
		}
	}
}

// A mark is forgotten when nothing of it is left.
func TestFormerMarksAreForgotten(t *testing.T) {
	src := source(t, today, map[string]string{"people/p.yaml": "login: pny\n" + employed(order("a", "r"))})
	have := held("p a", "p a/r@u")
	for _, c := range []struct {
		former reconcile.Marks
		more   schema.State
		want   reconcile.Marks
	}{
		{marks("p", "p pelo", "q", "qlo"), nil, marks("p", "p pny")},
		{marks("p", "p pelo"), held("@pelo a/r@u"), marks("p", "p pny pelo")},
	} {
		p, err := reconcile.MakePlan(t.Context(), src, reconcile.Live{
			Readers: map[string]reconcile.Reader{"reg": reader{state: join(have, c.more)}, "lista": reader{}}, Owned: have, Given: have, Former: c.former,
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p.Remember(), c.want); diff != "" {
			t.Errorf("marks (-got +want):\n%s", diff)
		}
	}
}

// An account under protect is not touched through a person's file that names it either.
func TestProtectedByLogin(t *testing.T) {
	src := source(t, today, map[string]string{"people/p.yaml": "login: NOD\n" + employed(order("a", "r")), "people/q.yaml": employed(order("a", "r"))})
	have := held("p b/r")
	p, err := reconcile.MakePlan(t.Context(), src, reconcile.Live{Readers: map[string]reconcile.Reader{"reg": reader{state: have}}, Owned: have})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Changes {
		if s.Person == "p" {
			t.Errorf("got %s %s, want nothing of the protected account", s.Sign(), text(s.Key))
		}
	}
	if len(p.Changes) != 2 {
		t.Errorf("got %d changes, want the other person's account and role", len(p.Changes))
	}
}

// Forty people adopted until one day are taken away the day after: their removal is no surprise to the guard.
func TestAdoptedEndTogether(t *testing.T) {
	last := schema.Day(2026, 12, 31)
	files, have := map[string]string{}, schema.State{}
	for i := range 40 {
		name := string(rune('a'+i/10)) + string(rune('a'+i%10))
		files["people/"+name+".yaml"] = employed(order("a", "r", "adopted: true", "until: 2026-12-31"))
		have = join(have, held(name+" a", name+" a/r@u"))
	}
	owned := until(join(have, nil), last)
	p, err := reconcile.MakePlan(t.Context(), source(t, last+1, files), reconcile.Live{Readers: map[string]reconcile.Reader{"reg": reader{state: have}}, Owned: owned, Given: owned})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Stops) != 0 || len(p.Changes) != 80 {
		t.Errorf("got stops %v and %d changes, want none and 80 removals", p.Stops, len(p.Changes))
	}
}

// What was given of a role that the catalogue has no more is not taken for gone, since nobody may look there any longer.
func TestRolesThatTheCatalogueLost(t *testing.T) {
	owned := held("p a", "p a/r@u", "p a/old@u", "q a/old@u", "q z")
	files := map[string]string{"people/p.yaml": employed(order("a", "r"))}
	for _, c := range []struct {
		settings string
		gone     []string
		unread   int
	}{
		{small["behorig.yaml"], nil, 2},
		{small["behorig.yaml"] + "acknowledge: [{guard: listing, system: a, until: 2026-12-31, reason: städat}]\n", []string{"- p a/old@u: not-ordered", "- q a/old@u: not-ordered"}, 1},
	} {
		files["behorig.yaml"] = c.settings
		p := plan(t, files, live(held("p a", "p a/r@u"), nil, owned))
		same(t, "gone", stepSigns(p.Gone), c.gone)
		if len(p.Unread) != c.unread {
			t.Errorf("got %v, want %d said not to be seen", p.Unread, c.unread)
		}
	}
}
