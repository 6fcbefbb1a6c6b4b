package repo_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/schema"
)

// twin writes a commit with the lines of its signature broken otherwise, so that it is another one with the same signature.
func (o *origin) twin(commit string, width int) string {
	o.t.Helper()
	head, rest, _ := strings.Cut(git(o.t, o.work, "cat-file", "commit", commit), "SSH SIGNATURE-----\n")
	flat, tail, _ := strings.Cut(rest, "\n -----END")
	flat = strings.NewReplacer("\n", "", " ", "").Replace(flat)
	var lines []string
	for ; len(flat) > width; flat = flat[width:] {
		lines = append(lines, " "+flat[:width])
	}
	lines = append(lines, " "+flat)
	twin := hashObject(o.t, o.work, head+"SSH SIGNATURE-----\n"+strings.Join(lines, "\n")+"\n -----END"+tail+"\n")
	if twin == commit {
		o.t.Fatalf("%s: a width of %d makes no other commit", commit, width)
	}
	return twin
}

// What has been merged once is not merged again by the same signature. Each line is what a branch held already, and what is to be merged into it.
func TestReplay(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	mallory, mline := o.key("mallory")
	signers := map[string][]string{"mallory": {mline}}
	base := o.commit("accepted", mallory)
	m := mirror(t, t.TempDir(), repo.Remote{URL: o.bare})
	fetch(t, m, base)
	key, line := portalKey(t)
	const number = "00000000000000a1"
	p := order(t, key, number, map[string]string{"people/bo.ek.yaml": "name: Bo\n"})
	merge := func(commit string) {
		o.sign(mallory, "merge", "-q", "--no-ff", "-m", "merge\n\nBehorig-Order: "+number, commit)
	}
	revert := func(commit string) { o.sign(mallory, "revert", "--no-edit", commit) }
	p.Base = base
	made := commit(t, m, p)
	if _, err := m.Push(t.Context(), made, repo.Push{Ref: "refs/heads/portal/x"}); err != nil {
		t.Fatal(err)
	}
	git(t, o.work, "fetch", "-q", "origin", "portal/x")
	personal := func() string {
		write(t, o.work, map[string]string{"people/eva.yaml": "name: Eva\n"})
		git(t, o.work, "add", "-A")
		o.sign(mallory, "commit", "-q", "-m", "Eva")
		return git(t, o.work, "rev-parse", "HEAD")
	}
	for _, c := range []struct {
		name   string
		before func()
		then   func() // what is to be merged
		why    error
		words  string
	}{
		{"an order", func() {}, func() { git(t, o.work, "merge", "-q", "--ff-only", made) }, nil, ""},
		{"by a merge that names it", func() {}, func() { merge(made) }, nil, ""},
		{"on a branch that has moved", func() { o.commit("moved", mallory) }, func() { merge(made) }, nil, ""},
		{"with its lines as ssh-keygen's", func() {}, func() { merge(o.twin(made, 70)) }, nil, ""},
		{"with its lines as nobody's", func() {}, func() { merge(o.twin(made, 60)) }, repo.ErrBadSigned, "bad-signature"},
		{"with more in its header", func() {}, func() {
			text := git(t, o.work, "cat-file", "commit", made) + "\n"
			merge(hashObject(t, o.work, strings.Replace(text, "\n\n", "\ngpgsig-sha256 x\n\n", 1)))
		}, repo.ErrBadSigned, "bad-signature"},
		{"merged and reverted", func() { merge(made); git(t, o.work, "revert", "--no-edit", "-m", "1", "HEAD") }, func() { merge(o.twin(made, 70)) }, repo.ErrMergedBefore, "order anew"},
		{"merged outright and reverted", func() { git(t, o.work, "merge", "-q", "--ff-only", made); revert(made) }, func() { merge(o.twin(made, 70)) }, repo.ErrMergedBefore, "order anew"},
		{"merged by a merge that says it is old", func() {
			t.Helper()
			tree := git(t, o.work, "rev-parse", made+"^{tree}")
			old := hashObject(t, o.work, "tree "+tree+"\nparent "+base+"\nparent "+made+"\nauthor M <m@example.org> 86400 +0000\ncommitter M <m@example.org> 86400 +0000\n\nold\n")
			git(t, o.work, "reset", "-q", "--hard", old)
			revert(made)
		}, func() { merge(o.twin(made, 70)) }, repo.ErrMergedBefore, "order anew"},
		{"squashed and reverted", func() {
			git(t, o.work, "merge", "-q", "--squash", made)
			o.sign(mallory, "commit", "-q", "-m", "Hire\n\nBehorig-Order: "+number)
			revert("HEAD")
		}, func() { merge(made) }, repo.ErrMergedBefore, "order anew"},
		{"all at once", func() {}, func() { git(t, o.work, "merge", "-q", "--ff-only", made); revert(made); merge(o.twin(made, 70)) }, repo.ErrMergedBefore, "order anew"},
		{"a person's own", func() { revert(personal()) }, func() {
			o.sign(mallory, "merge", "-q", "--no-ff", "-m", "merge", o.twin(git(t, o.work, "rev-parse", "HEAD~1"), 60))
		}, repo.ErrBadSigned, "twice"},
	} {
		git(t, o.work, "checkout", "-q", "-B", "work", base)
		c.before()
		accepted := o.push()
		fetch(t, m, accepted)
		c.then()
		tip := o.push()
		fetch(t, m, tip)
		between, err := m.Repo().Between(accepted, tip)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		a, err := m.Repo().Advance(accepted, tip, repo.SignAll, signers, []string{line})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var worst [2]error
		for i, by := range between.Signed(signers, []string{line}, schema.Day(2026, 12, 1)) {
			for j, why := range []error{by.Why, a.Added[i].Why} {
				if why != nil {
					worst[j] = why
				}
			}
		}
		for how, why := range worst {
			if !errors.Is(why, c.why) || c.why != nil && (!errors.Is(why, repo.ErrBadSigned) || !strings.Contains(why.Error(), c.words)) {
				t.Errorf("%s, %s: got error %v, want %v", c.name, []string{"to be merged", "fetched"}[how], why, c.why)
			}
		}
		if (len(a.Lacking()) > 0) != (c.why != nil) {
			t.Errorf("%s: got %v lacking", c.name, a.Lacking())
		}
	}
}

// An order that was made anew on a moved branch has the number that it had, and is good: the old one was never merged. Signed is as good as its date.
func TestReplayRebased(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	base := o.commit("accepted", "")
	m := mirror(t, t.TempDir(), repo.Remote{URL: o.bare})
	fetch(t, m, base)
	key, line := portalKey(t)
	made := commit(t, m, order(t, key, "00000000000000a1", map[string]string{"people/bo.ek.yaml": "name: Bo\n"}))
	moved := o.commit("moved", "")
	fetch(t, m, moved)
	anew, _, err := m.Rebase(t.Context(), repo.Proposed{Commit: made, Commits: 1}, moved, key, noon.AddDate(0, 0, 90))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := m.Rebase(t.Context(), repo.Proposed{Commit: made, Commits: 1}, moved, key, noon.AddDate(0, 0, 91)); !errors.Is(err, repo.ErrForeign) || !errors.Is(err, repo.ErrTooOld) {
		t.Errorf("after 91 days: got error %v, want %v", err, repo.ErrTooOld)
	}
	for _, c := range []struct {
		commit string
		on     schema.Date
		why    error
	}{
		{made, schema.Day(2026, 12, 1), nil},
		{made, schema.Day(2027, 3, 1), nil},
		{made, schema.Day(2027, 3, 3), repo.ErrTooOld},
		{anew, schema.Day(2027, 3, 3), nil},
		{anew, schema.Day(2027, 6, 1), repo.ErrTooOld},
	} {
		between, err := m.Repo().Between(moved, c.commit)
		if err != nil {
			t.Fatal(err)
		}
		by := between.Signed(nil, []string{line}, c.on)[0]
		if !errors.Is(by.Why, c.why) || (by.Signer == "karin.berg") != (c.why == nil) {
			t.Errorf("%s: got %+v, want error %v", c.on, by, c.why)
		}
	}
}

// The portal does not make new what was merged and reverted.
func TestReplayNotRebased(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	base := o.commit("accepted", "")
	m := mirror(t, t.TempDir(), repo.Remote{URL: o.bare})
	fetch(t, m, base)
	key, _ := portalKey(t)
	made := commit(t, m, order(t, key, "00000000000000a1", map[string]string{"people/bo.ek.yaml": "name: Bo\n"}))
	if _, err := m.Push(t.Context(), made, repo.Push{Ref: "refs/heads/portal/x"}); err != nil {
		t.Fatal(err)
	}
	git(t, o.work, "fetch", "-q", "origin", "portal/x")
	git(t, o.work, "merge", "-q", "--squash", made)
	git(t, o.work, "commit", "-q", "-m", "Hire\n\nBehorig-Order: 00000000000000a1")
	squashed := o.push()
	fetch(t, m, squashed)
	again := func(onto string) error {
		_, _, err := m.Rebase(t.Context(), repo.Proposed{Commit: made, Commits: 1}, onto, key, noon)
		return err
	}
	if err := again(squashed); !errors.Is(err, repo.ErrNothing) {
		t.Errorf("squashed: got error %v, want %v", err, repo.ErrNothing)
	}
	git(t, o.work, "revert", "--no-edit", "HEAD")
	reverted := o.push()
	fetch(t, m, reverted)
	if err := again(reverted); !errors.Is(err, repo.ErrForeign) || !errors.Is(err, repo.ErrMergedBefore) {
		t.Errorf("reverted: got error %v, want %v", err, repo.ErrMergedBefore)
	}
}

// What is read grows with what the branch has got since, once for all that left its own line.
func BenchmarkReplay(b *testing.B) {
	o := newOrigin(b)
	key, line := portalKey(b)
	all := o.many(2000)
	o.move(all[len(all)-1])
	m := mirror(b, b.TempDir(), repo.Remote{URL: o.bare})
	if _, err := m.Fetch(b.Context()); err != nil {
		b.Fatal(err)
	}
	tip := chain(b, m, key, all[0], 100)
	between, err := m.Repo().Between(all[len(all)-1], tip)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for _, by := range between.Signed(nil, []string{line}, schema.Day(2026, 12, 1)) {
			if by.Why != nil {
				b.Fatal(by.Why)
			}
		}
	}
}

// chain makes orders one upon the other.
func chain(t testing.TB, m *repo.Mirror, key ssh.Signer, base string, n int) string {
	t.Helper()
	for i := range n {
		p := order(t, key, strings.Repeat("0", 12)+string("0123456789abcdef"[i/16%16])+string("0123456789abcdef"[i%16])+"00", map[string]string{"people/bo.ek.yaml": strings.Repeat("x", i+1)})
		p.Base = base
		base = commit(t, m, p)
	}
	return base
}
