package repo_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/repo"
)

// Who merged is what git itself says: the oldest commit along the first parents that has a commit, where that is a merge and not the commit. Histories are
// made at random, with branches of branches, branches that main was merged into, and merges of two at once.
func TestMergesAsGit(t *testing.T) {
	o := newOrigin(t)
	empty := git(t, o.work, "rev-parse", "HEAD^{tree}")
	rng := rand.New(rand.NewPCG(7, 1))
	main := git(t, o.work, "rev-parse", "HEAD")
	all := []string{main}
	commit := func(message string, parents ...string) string {
		args := []string{"commit-tree", empty, "-m", message}
		for _, p := range slices.Compact(parents) {
			args = append(args, "-p", p)
		}
		c := git(t, o.work, args...)
		if !slices.Contains(all, c) {
			all = append(all, c)
		}
		return c
	}
	some := func() string { return all[rng.IntN(len(all))] }
	var known repo.Merges
	var r *repo.Repo
	for round := range 6 {
		for n := range 12 {
			text := fmt.Sprintf("%d %d", round, n)
			switch rng.IntN(6) {
			case 0:
				main = commit(text, main)
			case 1, 2:
				commit(text, some())
			case 3:
				commit(text, some(), main) // main merged into a branch
			case 4:
				main = commit(text, main, some(), some())
			default:
				main = commit(text, main, some())
			}
		}
		git(t, o.work, "update-ref", "refs/heads/main", main)
		git(t, o.work, "push", "-q", "-f", "origin", "main")
		var err error
		if r, err = repo.Open(o.bare); err != nil {
			t.Fatal(err)
		}
		along := strings.Fields(git(t, o.work, "rev-list", "--first-parent", "--reverse", main))
		merged := 0
		for _, c := range all {
			want := ""
			if followers := strings.Fields(git(t, o.work, "rev-list", "--ancestry-path", c+".."+main)); !slices.Contains(along, c) {
				if i := slices.IndexFunc(along, func(a string) bool { return slices.Contains(followers, a) }); i >= 0 {
					want = along[i]
					merged++
				}
			}
			got, ok, err := known.Of(r, main, c)
			if err != nil || ok != (want != "") || got.Commit != want {
				t.Fatalf("round %d, %s: got %q, %v, want %q\n%s", round, c, got.Commit, err, want, git(t, o.work, "log", "--graph", "--oneline", main))
			}
		}
		if merged == 0 {
			t.Error("no commit was merged")
		}
	}
	first := strings.Fields(git(t, o.work, "rev-list", "--first-parent", main))[4]
	if _, _, err := known.Of(r, first, main); err != nil { // the branch was put back
		t.Error(err)
	}
	if m, ok, err := known.Of(r, first, main); ok || err != nil {
		t.Errorf("got %+v, %v of what is no longer on the branch, want nothing", m, err)
	}
}

// What a merge says: who merged, when, and its message. A fast-forward says nothing.
func TestMergeSays(t *testing.T) {
	o := newOrigin(t)
	base := git(t, o.work, "rev-parse", "HEAD")
	order := o.commit("Order\n\nApproved-by: Karin Berg <karin@example.org>", "")
	git(t, o.work, "reset", "-q", "--hard", base)
	merge := func(message string) repo.Merged {
		t.Helper()
		git(t, o.work, "reset", "-q", "--hard", base)
		git(t, o.work, "merge", "-q", "--no-ff", "-m", message, order)
		tip := o.push()
		r, err := repo.Open(o.bare)
		if err != nil {
			t.Fatal(err)
		}
		var known repo.Merges
		m, ok, err := known.Of(r, tip, order)
		if !ok || err != nil || m.Commit != tip || m.By != "Ada" || m.When.IsZero() {
			t.Fatalf("got %+v, %t, %v, want the merge", m, ok, err)
		}
		return m
	}
	if m := merge("Merge\n\nApproved-by: Omar Haddad"); m.Message != "Merge\n\nApproved-by: Omar Haddad\n" {
		t.Errorf("got %q, want the merge's own words", m.Message)
	}
	// By fast-forward it is the author's own word alone.
	git(t, o.work, "reset", "-q", "--hard", order)
	tip := o.push()
	r, err := repo.Open(o.bare)
	if err != nil {
		t.Fatal(err)
	}
	var known repo.Merges
	if m, ok, err := known.Of(r, tip, order); ok || err != nil {
		t.Errorf("got %+v, %v, want no merge", m, err)
	}
}

// The first look reads the whole branch, each later one what it has got since.
func BenchmarkMerges(b *testing.B) {
	o := newOrigin(b)
	all := o.many(20_000)
	last := len(all) - 1
	o.move(all[last])
	r, err := repo.Open(o.bare)
	if err != nil {
		b.Fatal(err)
	}
	look := func(m *repo.Merges, tip string) {
		if _, ok, err := m.Of(r, tip, all[0]); ok || err != nil {
			b.Fatal(ok, err)
		}
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			look(&repo.Merges{}, all[last])
		}
	})
	b.Run("one more", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			var m repo.Merges
			look(&m, all[last-1])
			b.StartTimer()
			look(&m, all[last])
		}
	})
}
