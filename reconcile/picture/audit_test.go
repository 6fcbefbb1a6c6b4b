package picture

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/schema"
)

// past is a house whose files are in git.
type past struct {
	*house
	dir string
}

func newPast(t *testing.T) *past {
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("BEHORIG_REQUIRE_SERVERS") == "1" {
			t.Fatal("git is not here")
		}
		t.Skip("git is not here")
	}
	p := &past{newHouse(t), t.TempDir()}
	p.git("init", "-q", "-b", "main")
	return p
}

func (p *past) git(args ...string) string {
	p.Helper()
	c := exec.Command("git", append([]string{"-C", p.dir}, args...)...)
	at := p.now.Format(time.RFC3339)
	c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@example.test", "GIT_AUTHOR_DATE="+at, "GIT_COMMITTER_DATE="+at)
	out, err := c.CombinedOutput()
	if err != nil {
		p.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// commit commits the files as they are.
func (p *past) commit(author, subject string) string {
	p.Helper()
	for name, f := range p.files {
		path := filepath.Join(p.dir, filepath.FromSlash(name))
		p.must(os.MkdirAll(filepath.Dir(path), 0o755))
		p.must(os.WriteFile(path, f.Data, 0o644))
	}
	p.git("add", "-A")
	p.git("commit", "-qm", subject, "--author", author+" <x@example.test>")
	return p.git("rev-parse", "HEAD")
}

func (p *past) repo() *repo.Repo {
	p.Helper()
	r, err := repo.Open(p.dir)
	p.must(err)
	p.Cleanup(func() { _ = r.Close() })
	return r
}

// run applies the newest commit.
func (p *past) run() {
	p.Helper()
	tree, err := p.repo().At("HEAD")
	p.must(err)
	rev, err := pass.Read(p.Context(), tree.FS, "targets.yaml", tree.Commit, tree.Label)
	p.must(err)
	a := &pass.Pass{
		Place: p.place, Revision: rev, On: p.today(), Now: func() time.Time { p.now = p.now.Add(time.Millisecond); return p.now }, At: p.now, Actor: "behorig",
		Env: func(string) (string, bool) { return "", false },
	}
	_, err = a.Apply(p.Context())
	p.must(err)
}

func (p *past) archive() *Archive {
	return &Archive{Org: p.revision().Org, Place: p.place, Repo: p.repo()}
}

const night = 24 * time.Hour

// Who had what on past days, by whose word and under which rule; and the story of one grant.
func TestArchive(t *testing.T) {
	p := newPast(t)
	p.person("anna", "norr", hasRead+hasCard, "system: journal, role: kort, until: 2026-12-24", "system: dorr, role: r")
	p.person("hemlig", "norr", "protected: true\n", "system: journal, role: r")
	first := p.commit("Karin Berg", "Anna 19121212-1212 och Namn hemlig")
	l := p.ledger()
	_, err := l.SetAccepted(t.Context(), "", first)
	p.must(err)
	accepted := p.now
	p.run()
	day1 := p.today()

	p.later(night)
	p.files["people/anna.yaml"].Data = []byte(strings.Replace(string(p.files["people/anna.yaml"].Data), "2026-12-24", "2027-02-24", 1))
	p.files["systems/journal.yaml"].Data = []byte(strings.Replace(string(p.files["systems/journal.yaml"].Data), "siths: 3", "siths: 2", 1))
	second := p.commit("Omar Haddad", "Förläng")
	p.run()
	day2 := p.today()
	k := key("anna", "journal", "kort", "norr")
	p.review("karin", Keep, k)
	p.must(p.worklist().Refuse(t.Context(), p.order("anna"), "dan", "fel enhet"))

	p.later(night)
	p.person("anna", "norr", hasRead+hasCard, "system: dorr, role: r")
	p.commit("Karin Berg", "Bort")
	p.run()
	day3 := p.today()

	a := p.archive()
	a.Orders = func(commit string) (Order, bool) {
		return Order{By: "omar", Approved: []string{"vera"}, ID: "0123456789abcdef", Kind: "extend"}, commit == second
	}
	at := func(q Query) []Holding {
		t.Helper()
		all, err := a.At(t.Context(), q)
		p.must(err)
		p.must(a.Tell(t.Context(), all))
		return all
	}
	tell := func(all []Holding) (rows []string) {
		for _, h := range all {
			if h.Role != "" {
				rows = append(rows, fmt.Sprintf("%s %s/%s %s %s-%s %d", h.Person, h.System, h.Role, h.Unit, h.Since, h.Until, len(h.Entries)))
			}
		}
		return rows
	}
	same(t, "before", tell(at(Query{Day: day1 - 1})), []string(nil))
	same(t, "the first day", tell(at(Query{Day: day1})), []string{"anna dorr/r  2026-12-01- 1", "anna journal/kort norr 2026-12-01-2026-12-24 1", "hemlig journal/r norr 2026-12-01- 1"})
	same(t, "the second", tell(at(Query{Day: day2, Person: "anna", System: "journal"})), []string{"anna journal/kort norr 2026-12-01-2027-02-24 2"})
	same(t, "of a unit", tell(at(Query{Day: day2, Unit: "norr"})), []string{"anna journal/kort norr 2026-12-01-2027-02-24 2", "hemlig journal/r norr 2026-12-01- 1"})
	same(t, "of another", tell(at(Query{Day: day2, Unit: "syd"})), []string(nil))
	same(t, "the third", tell(at(Query{Day: day3, System: "journal"})), []string{"hemlig journal/r norr 2026-12-01- 1"})

	was, is := at(Query{Day: day1, Person: "anna", System: "journal"})[1], at(Query{Day: day2, Person: "anna", System: "journal"})[1]
	if o := was.Origin; o == nil || o.Commit != first || o.Author != "Karin Berg" || strings.Contains(o.Subject, "1212-1212") || strings.Contains(o.Subject, "hemlig") || o.By != "" {
		t.Errorf("the first day's line: got %+v, want Karin Berg's commit without the number", o)
	}
	if o := is.Origin; o == nil || o.Commit != second || o.By != "omar" || len(o.Approved) != 1 || o.Kind != "extend" {
		t.Errorf("the second day's line: got %+v, want what the pages know of it", o)
	}
	if was.Basis.Requires[1].SITHS != 3 || is.Basis.Requires[1].SITHS != 2 || !was.Basis.Then || was.Basis.Role != "Webben" || was.Basis.Analysis == nil {
		t.Errorf("got rules %+v and %+v, want those of each day", was.Basis, is.Basis)
	}
	if o := at(Query{Day: day1, Person: "hemlig"})[0].Origin; o == nil || strings.Contains(o.Subject, "Namn") {
		t.Errorf("of somebody protected: got %+v, want a subject without the name", o)
	}

	story, err := a.Story(t.Context(), k)
	p.must(err)
	var told []string
	for i, e := range story {
		told = append(told, strings.TrimSpace(string(e.Kind)+" "+e.By))
		if i > 0 && e.At.Before(story[i-1].At) {
			t.Errorf("got %s of %s after %s, want them in order", e.Kind, e.At, story[i-1].At)
		}
	}
	same(t, "story", told, []string{"ordered Karin Berg", "merged", "given behorig", "ordered omar", "changed behorig", "reviewed karin", "taken behorig"})
	if !story[1].At.Equal(accepted) || story[4].Until != schema.Day(2027, 2, 24) || story[5].Decision != Keep || story[6].Cause != reconcile.NotOrdered {
		t.Errorf("got %+v, want when it was merged, the new last day, the decision and the cause", story)
	}
	door, err := a.Story(t.Context(), key("anna", "dorr", "r", ""))
	p.must(err)
	told = nil
	for _, e := range door {
		told = append(told, strings.TrimSpace(string(e.Kind)+" "+e.By+" "+e.Text))
	}
	same(t, "the desk's", told[len(told)-2:], []string{"sent behorig", "refused dan fel enhet"})
	if e := door[len(door)-1]; !e.Day || schema.Today(e.At, time.UTC) > day2 || e.Order == 0 {
		t.Errorf("got %+v, want the day and the order", e)
	}
	none := &Archive{Org: a.Org, Place: p.place}
	all, err := none.At(t.Context(), Query{Day: day1})
	p.must(err)
	if p.must(none.Tell(t.Context(), all)); all[0].Origin != nil || all[0].Basis.Then {
		t.Errorf("without git: got %+v, want neither origin nor the rules of the time", all[0])
	}
}

// What was given past the repository is told by whoever ordered and confirmed it, and a revocation is in the story.
func TestUrgentOrigin(t *testing.T) {
	at := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	k := key("anna", "journal", "r", "norr")
	orders := []ledger.Standing{
		{ID: 1, Kind: ledger.StandingGrant, Key: k, By: "karin", Second: "omar", At: at, SecondAt: at.Add(time.Minute), Reason: "jour 19121212-1212"},
		{ID: 2, Kind: ledger.StandingGrant, Key: k, By: "sen", Second: "ny", At: at.Add(time.Hour), SecondAt: at.Add(time.Hour)},
	}
	got := glass(orders, ledger.Entry{Key: k, At: written(at.Add(2 * time.Minute))})
	if got == nil || got.By != "karin" || got.Approved[0] != "omar" || strings.Contains(got.Subject, "1212") {
		t.Errorf("got %+v, want karin's order that omar confirmed", got)
	}
	if got := glass(orders, ledger.Entry{Key: k, At: written(at)}); got != nil {
		t.Errorf("before it was confirmed: got %+v, want none", got)
	}
	h := newHouse(t)
	_, err := h.ledger().Order(t.Context(), standing("anna", ""))
	h.must(err)
	story, err := (&Archive{Org: h.revision().Org, Place: h.place}).Story(t.Context(), k)
	h.must(err)
	if len(story) != 1 || story[0].Kind != WasUrgent || story[0].Verb != reconcile.Revoke || story[0].By != "karin" {
		t.Errorf("got %+v, want the revocation", story)
	}
}

// A revision that is no commit has no origin: "folder", a hash that is cut, hostile text.
func TestCommitOf(t *testing.T) {
	hash := strings.Repeat("0a", 20)
	for revision, want := range map[string]string{hash: hash, hash + "+worktree": hash, "folder": "", "worktree": "", "": "", hash[:39]: "", strings.ToUpper(hash): "", "--upload-pack=x" + hash[:25]: ""} {
		if got := commitOf(revision); got != want {
			t.Errorf("%q: got %q, want %q", revision, got, want)
		}
	}
}
