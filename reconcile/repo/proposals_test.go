package repo_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/repo"
)

// What is proposed is told from the branches alone, over each transport, and from nothing fetched before.
func TestProposals(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *origin, r repo.Remote) {
		o.takes(nil)
		key, line := portalKey(t)
		maker := mirror(t, t.TempDir(), r)
		base := git(t, o.work, "rev-parse", "HEAD")
		fetch(t, maker, base)
		send := func(id string, files map[string]string) string {
			hash := commit(t, maker, order(t, key, id, files))
			if _, err := maker.Push(t.Context(), hash, repo.Push{Ref: "refs/heads/portal/" + id}); err != nil {
				t.Fatal(err)
			}
			return hash
		}
		waits := send("00000000000000f1", map[string]string{"people/bo.yaml": "name: Bo\n", "units/a.yaml": "name: AA\n"})
		merged := send("00000000000000f2", map[string]string{"people/eva.yaml": "name: Eva\n"})
		squashed := send("00000000000000f3", map[string]string{"people/ida.yaml": "name: Ida\n"})
		bare := send("00000000000000f4", map[string]string{"people/leo.yaml": "name: Leo\n"})
		git(t, o.work, "fetch", "-q", "origin")
		git(t, o.work, "merge", "-q", "--no-ff", "-m", "Merge branch 'portal/f2'", merged)
		git(t, o.work, "cherry-pick", "-n", squashed)
		git(t, o.work, "commit", "-q", "-m", git(t, o.work, "show", "-s", "--format=%B", squashed)+"\n\nSee merge request a/b!3")
		git(t, o.work, "cherry-pick", "-n", bare)
		git(t, o.work, "commit", "-q", "-m", "Nyanställd (!4)")
		git(t, o.work, "rm", "-q", "people/ida.yaml")
		tip := o.commit("and gone again", "")
		// Others push too: more upon an order, an order that is none, one of another name, and what has nothing in common.
		git(t, o.work, "checkout", "-q", "-b", "portal/more", waits)
		git(t, o.work, "commit", "-q", "--allow-empty", "-m", "more\n\nBehorig-Order: 00000000000000f1\nBehorig-Kind: hire\nBehorig-Ordered-By: ada")
		git(t, o.work, "checkout", "-q", "--orphan", "portal/orphan")
		git(t, o.work, "commit", "-q", "-m", "alone")
		git(t, o.work, "push", "-q", "origin", "portal/more", "portal/orphan", base+":refs/heads/portal/behind", tip+":refs/heads/other")

		dir := t.TempDir()
		m := mirror(t, dir, r)
		got, err := m.Proposals(t.Context(), "portal/", []string{line})
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, p := range got {
			why := ""
			if p.Why != nil {
				why, _, _ = strings.Cut(p.Why.Error(), ":")
			}
			told = append(told, fmt.Sprintf("%s %s %s by %q, %d of %v, merged %v, signer %q %s", strings.TrimPrefix(p.Branch, "refs/heads/portal/"), p.Order, p.Kind, p.By, p.Commits, p.Paths, p.Merged, p.Signer, why))
		}
		same(t, "proposals", told, []string{
			`00000000000000f1 00000000000000f1 hire by "karin.berg", 1 of [people/bo.yaml units/a.yaml], merged false, signer "karin.berg" `,
			`00000000000000f2 00000000000000f2 hire by "karin.berg", 0 of [people/eva.yaml], merged true, signer "karin.berg" `,
			`00000000000000f3 00000000000000f3 hire by "karin.berg", 1 of [people/ida.yaml], merged true, signer "karin.berg" `,
			`00000000000000f4 00000000000000f4 hire by "karin.berg", 1 of [people/leo.yaml], merged true, signer "karin.berg" `,
			`behind   by "", 0 of [behorig.yaml people/anna.yaml people/norr/å.yaml systems/empty-file.yaml units/a.yaml units/a/b.yaml], merged true, signer "" unsigned`,
			`more 00000000000000f1 hire by "ada", 2 of [people/bo.yaml units/a.yaml], merged false, signer "" unsigned`,
			`orphan   by "", 0 of [], merged false, signer "" unsigned`,
		})
		first := got[0]
		same(t, "people", first.People, []string{"bo.ek", "anna"})
		same(t, "the rest", []string{first.Commit, first.Base, first.Subject, first.Author, first.Email, first.When.Format(time.RFC3339)},
			[]string{waits, base, "Beställning: nyanställd i A", "karin.berg", "karin.berg@example.org", "2026-12-01T12:00:00+01:00"})
		same(t, "files of it", content(t, treeOf(t, m, waits))["people/bo.yaml"], "name: Bo\n")
		// The branch came with them, and no other reference was made.
		same(t, "newest", treeOf(t, m, "").Commit, tip)
		same(t, "refs", git(t, dir, "for-each-ref", "--format=%(refname)"), "refs/heads/main")
		same(t, "fsck", git(t, dir, "fsck", "--full", "--strict", "--no-dangling"), "")
		if again, err := m.Proposals(t.Context(), "portal/", nil); err != nil || again[0].Signer != "" || again[0].Why == nil {
			t.Errorf("without the portal's key: got %+v, error %v, want nobody's", again, err)
		}

		log, err := m.Log(t.Context(), noon.AddDate(-1, 0, 0), []string{line})
		if err != nil {
			t.Fatal(err)
		}
		told = nil
		for _, p := range log {
			told = append(told, fmt.Sprintf("%s by %q, %v, signer %q", p.Order, p.By, p.Paths, p.Signer))
		}
		slices.Sort(told)
		same(t, "log", told, []string{
			`00000000000000f2 by "karin.berg", [people/eva.yaml], signer "karin.berg"`,
			`00000000000000f3 by "", [people/ida.yaml], signer ""`,
		})
		if late, err := m.Log(t.Context(), noon.Add(time.Second), nil); err != nil || len(late) != 0 {
			t.Errorf("since later: got %v, error %v, want none", late, err)
		}
	})
}

// Pull requests as Forgejo keeps them are found by number, the newest alone if there are many.
func TestProposalsPulls(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	tip := git(t, o.bare, "rev-parse", "main")
	var refs strings.Builder
	for i := range 520 {
		fmt.Fprintf(&refs, "%s refs/pull/%d/head\n", tip, i+1)
	}
	write(t, o.bare, map[string]string{"packed-refs": "# pack-refs with: peeled fully-peeled sorted\n" + refs.String() + tip + " refs/pull/9/merge\n" + tip + " refs/pull/x/head\n"})
	m := mirror(t, t.TempDir(), repo.Remote{URL: o.bare})
	got, err := m.Proposals(t.Context(), "refs/pull/", nil)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, p := range got {
		names[p.Branch] = true
	}
	if len(got) != 500 || !names["refs/pull/520/head"] || !names["refs/pull/21/head"] || names["refs/pull/20/head"] {
		t.Errorf("got %d, want the newest 500", len(got))
	}
	refs.Reset()
	for i := range 2001 {
		fmt.Fprintf(&refs, "%s refs/heads/portal/%d\n", tip, i+1)
	}
	write(t, o.bare, map[string]string{"packed-refs": refs.String()})
	if _, err := m.Proposals(t.Context(), "portal/", nil); err == nil || repo.Passing(err) || !strings.Contains(err.Error(), "2001 branches") {
		t.Errorf("too many: got error %v", err)
	}
}

// A main that has moved takes an order as it is merged, or tells what does not go together; it is the same person's order after it.
func TestRebase(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	person := "name: Anna\nemployments:\n  - unit: a\n    form: permanent\n    from: 2026-12-01\n    access:\n      - package: x\n"
	push := func(files map[string]string) string {
		write(t, o.work, files)
		git(t, o.work, "add", "-A")
		git(t, o.work, "commit", "-q", "-m", "more")
		return o.push()
	}
	base := push(map[string]string{"people/anna.yaml": person})
	m := mirror(t, t.TempDir(), repo.Remote{URL: o.bare})
	fetch(t, m, base)
	key, line := portalKey(t)
	end := strings.Replace(person, "from: 2026-12-01\n", "from: 2026-12-01\n    until: 2027-01-31\n", 1)
	for _, c := range []struct {
		name     string
		main     map[string]string // "-": gone
		order    map[string]string
		want     map[string]string // of the files that the two change
		conflict []string
		nothing  bool
	}{
		{"another file", map[string]string{"people/eva.yaml": "name: Eva\n"}, map[string]string{"people/anna.yaml": end}, map[string]string{"people/anna.yaml": end, "people/eva.yaml": "name: Eva\n"}, nil, false},
		{"another place", map[string]string{"people/anna.yaml": strings.Replace(person, "Anna", "Anna B", 1)}, map[string]string{"people/anna.yaml": end}, map[string]string{"people/anna.yaml": strings.Replace(end, "Anna", "Anna B", 1)}, nil, false},
		{"the same place", map[string]string{"people/anna.yaml": strings.Replace(end, "01-31", "02-28", 1)}, map[string]string{"people/anna.yaml": end, "people/bo.yaml": "name: Bo\n"}, nil, []string{"people/anna.yaml"}, false},
		{"two lists' ends", map[string]string{"people/anna.yaml": person + "      - package: y\n"}, map[string]string{"people/anna.yaml": person + "      - package: z\n"}, nil, []string{"people/anna.yaml"}, false},
		{"done by another", map[string]string{"people/anna.yaml": end}, map[string]string{"people/anna.yaml": end}, nil, nil, true},
		{"in part by another", map[string]string{"people/anna.yaml": end}, map[string]string{"people/anna.yaml": end, "people/bo.yaml": "name: Bo\n"}, map[string]string{"people/anna.yaml": end, "people/bo.yaml": "name: Bo\n"}, nil, false},
		{"gone meanwhile", map[string]string{"people/anna.yaml": "-"}, map[string]string{"people/anna.yaml": end}, nil, []string{"people/anna.yaml"}, false},
		{"gone by both", map[string]string{"people/anna.yaml": "-"}, map[string]string{"people/anna.yaml": "-", "people/bo.yaml": "name: Bo\n"}, map[string]string{"people/bo.yaml": "name: Bo\n"}, nil, false},
		{"to go, and changed", map[string]string{"people/anna.yaml": end}, map[string]string{"people/anna.yaml": "-"}, nil, []string{"people/anna.yaml"}, false},
		{"two of one name", map[string]string{"people/bo.yaml": "name: Bo A\n"}, map[string]string{"people/bo.yaml": "name: Bo B\n"}, nil, []string{"people/bo.yaml"}, false},
		{"to go", map[string]string{"people/eva.yaml": "name: Eva\n"}, map[string]string{"people/anna.yaml": "-"}, map[string]string{"people/eva.yaml": "name: Eva\n"}, nil, false},
	} {
		git(t, o.work, "checkout", "-q", "-B", "work", base)
		p := order(t, key, "00000000000000a7", c.order)
		p.Base = base
		hash := commit(t, m, p)
		for name, text := range c.main {
			if text == "-" {
				git(t, o.work, "rm", "-q", name)
				delete(c.main, name)
			}
		}
		tip := push(c.main)
		fetch(t, m, tip)
		later := noon.Add(time.Hour)
		got, conflict, err := m.Rebase(t.Context(), repo.Proposed{Commit: hash}, "", key, later)
		if c.nothing {
			if err == nil || !strings.Contains(err.Error(), repo.ErrNothing.Error()) {
				t.Errorf("%s: got %s, error %v, want %v", c.name, got, err, repo.ErrNothing)
			}
			continue
		}
		same(t, c.name+": conflict", conflict, c.conflict)
		if err != nil || (got == "") != (len(c.conflict) > 0) {
			t.Errorf("%s: got %q, error %v", c.name, got, err)
		}
		if got == "" {
			continue
		}
		files := content(t, treeOf(t, m, got))
		for _, name := range []string{"people/anna.yaml", "people/bo.yaml", "people/eva.yaml"} {
			same(t, c.name+": "+name, files[name], c.want[name])
		}
		a, err := m.Repo().Advance(tip, got, repo.SignAll, nil, []string{line})
		if err != nil || len(a.Added) != 1 || a.Added[0].Signer != "karin.berg" {
			t.Errorf("%s: got %+v, error %v, want one commit of karin.berg's upon the new main", c.name, a, err)
		}
	}
}

// Whoever can push a branch must not have the portal sign it: what is made anew was signed with its key before, and is all that it signs.
func TestRebaseForeign(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	portal, _ := o.key("portal")
	base := o.commit("accepted", "")
	key, _ := portalKey(t)
	m := mirror(t, t.TempDir(), repo.Remote{URL: o.bare})
	fetch(t, m, base)
	ours := commit(t, m, order(t, key, "00000000000000a8", map[string]string{"people/bo.yaml": "name: Bo\n"}))
	text := "Hire\n\nBehorig-Order: 00000000000000a8\nBehorig-Kind: hire\nBehorig-Ordered-By: karin.berg"
	evil := func(key string) string {
		git(t, o.work, "checkout", "-q", "-B", "portal/x", base)
		write(t, o.work, map[string]string{"people/evil.yaml": "name: Evil\n"})
		git(t, o.work, "add", "-A")
		o.sign(key, "commit", "-q", "-m", text)
		git(t, o.work, "push", "-q", "-f", "origin", "HEAD:refs/heads/portal/x")
		if _, err := m.Proposals(t.Context(), "portal/", nil); err != nil {
			t.Fatal(err)
		}
		return git(t, o.work, "rev-parse", "HEAD")
	}
	fetch(t, m, base)
	for name, p := range map[string]repo.Proposed{
		"unsigned":                    {Commit: evil("")},
		"another's key":               {Commit: evil(portal)},
		"with more pushed to it":      {Commit: ours, Commits: 2},
		"a commit that is not here":   {Commit: strings.Repeat("1", 40)},
		"main itself, which is older": {Commit: base},
	} {
		if got, _, err := m.Rebase(t.Context(), p, "", key, noon); err == nil || got != "" {
			t.Errorf("%s: got %q, want it refused", name, got)
		}
	}
	git(t, o.work, "checkout", "-q", "-B", "work", base)
	fetch(t, m, o.commit("moved", ""))
	if got, _, err := m.Rebase(t.Context(), repo.Proposed{Commit: ours, Commits: 1}, "", key, noon); err != nil || got == "" {
		t.Errorf("our own: got %q, error %v", got, err)
	}
}

// How long it takes to tell what is proposed: 200 branches, of which none is new.
func BenchmarkProposals(b *testing.B) {
	o := newOrigin(b)
	key, line := portalKey(b)
	m := mirror(b, b.TempDir(), repo.Remote{URL: o.bare})
	if _, err := m.Fetch(b.Context()); err != nil {
		b.Fatal(err)
	}
	for i := range 200 {
		id := fmt.Sprintf("%016x", i)
		if _, err := m.Push(b.Context(), commit(b, m, order(b, key, id, map[string]string{"people/p" + id + ".yaml": "name: P\n"})), repo.Push{Ref: "refs/heads/portal/" + id}); err != nil {
			b.Fatal(err)
		}
	}
	for _, c := range o.many(2000) {
		o.move(c)
	}
	if _, err := m.Fetch(b.Context()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if got, err := m.Proposals(b.Context(), "portal/", []string{line}); err != nil || len(got) != 200 {
			b.Fatal(len(got), err)
		}
	}
}
