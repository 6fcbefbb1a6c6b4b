package repo_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/repo"
)

// Each line is a push after a commit that was accepted, and what is found wrong with it by what the organisation demands.
func TestAdvanceSigned(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	karin, line := o.key("karin")
	stranger, strange := o.key("stranger")
	signers := map[string][]string{"karin.berg": {line}}
	base := o.commit("accepted", karin)
	m := mirror(t, t.TempDir(), repo.Remote{URL: o.bare})
	commits := func(keys ...string) func() {
		return func() {
			for i, key := range keys {
				o.commit(fmt.Sprint("commit ", i), key)
			}
		}
	}
	merge := func(key string) func() {
		return func() {
			o.commit("on main", karin)
			git(t, o.work, "checkout", "-q", "-b", "side", base)
			write(t, o.work, map[string]string{"units/side.yaml": "name: Side\n"})
			git(t, o.work, "add", "-A")
			o.sign(karin, "commit", "-q", "-m", "on the side")
			git(t, o.work, "checkout", "-q", "-")
			o.sign(key, "merge", "-q", "--no-ff", "-m", "merge", "side")
			git(t, o.work, "branch", "-q", "-D", "side")
			o.push()
		}
	}
	for _, c := range []struct {
		name     string
		push     func()
		signers  string   // of each commit, oldest first
		tip, all []string // subjects of those that lack a signature
	}{
		{"all signed", commits(karin, karin), "karin.berg karin.berg", nil, nil},
		{"unsigned in the middle", commits(karin, "", karin), "karin.berg unsigned karin.berg", nil, []string{"commit 1"}},
		{"unsigned tip", commits(karin, ""), "karin.berg unsigned", []string{"commit 1"}, []string{"commit 1"}},
		{"a stranger's key", commits(stranger), "unknown-key", []string{"commit 0"}, []string{"commit 0"}},
		{"a key that the push itself adds", func() {
			write(t, o.work, map[string]string{"behorig.yaml": "signers: {stranger: [\"" + strange + "\"]}\n"})
			o.commit("let me in", stranger)
			o.commit("and now", stranger)
		}, "unknown-key unknown-key", []string{"and now"}, []string{"let me in", "and now"}},
		{"signed merge", merge(karin), "karin.berg karin.berg karin.berg", nil, nil},
		{"unsigned merge", merge(""), "karin.berg karin.berg unsigned", []string{"merge"}, []string{"merge"}},
		{"nothing", func() {}, "", nil, nil},
	} {
		git(t, o.work, "checkout", "-q", "-B", "work", base)
		o.push()
		c.push()
		tip := git(t, o.work, "rev-parse", "HEAD")
		fetch(t, m, tip)
		for require, want := range map[repo.Signing][]string{repo.SignNone: nil, repo.SignTip: c.tip, repo.SignAll: c.all} {
			a, err := m.Repo().Advance(base, tip, require, signers, nil)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			var who, lacking []string
			for _, added := range a.Added {
				who = append(who, added.Signer)
				if added.Why != nil {
					who[len(who)-1] = added.Why.Error()
				}
			}
			for _, l := range a.Lacking() {
				lacking = append(lacking, l.Subject)
			}
			same(t, c.name+": signers", strings.Join(who, " "), c.signers)
			same(t, fmt.Sprintf("%s: lacking with %s", c.name, require), lacking, want)
		}
		first, err := m.Repo().Advance("", tip, repo.SignTip, signers, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(first.Added) != 1 || first.Added[0].Hash != tip || (len(first.Lacking()) == 1) != (len(c.tip) == 1) {
			t.Errorf("%s, the first time: got %+v, want the newest alone, lacking %v", c.name, first.Added, c.tip)
		}
	}
}

// A signature that is of another commit is none.
func TestAdvanceBadSignature(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	karin, line := o.key("karin")
	base := o.commit("accepted", karin)
	signed := o.commit("signed", karin)
	c := exec.CommandContext(t.Context(), "git", "hash-object", "-t", "commit", "-w", "--stdin")
	c.Dir = o.work
	c.Stdin = strings.NewReader(strings.Replace(git(t, o.work, "cat-file", "commit", signed), "\n\nsigned", "\n\nforged", 1) + "\n")
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	forged := strings.TrimSpace(string(out))
	git(t, o.work, "reset", "-q", "--hard", forged)
	o.push()
	m := mirror(t, t.TempDir(), repo.Remote{URL: o.bare})
	fetch(t, m, forged)
	a, err := m.Repo().Advance(base, forged, repo.SignAll, map[string][]string{"karin.berg": {line}}, nil)
	if err != nil || len(a.Lacking()) != 1 || !errors.Is(a.Added[0].Why, repo.ErrBadSigned) {
		t.Errorf("got %+v, error %v, want %v", a, err, repo.ErrBadSigned)
	}
}

// A branch that was pushed over has been rewound, whatever files it has now.
func TestAdvanceRewound(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	first := git(t, o.work, "rev-parse", "HEAD")
	second := o.commit("second", "")
	m := mirror(t, t.TempDir(), repo.Remote{URL: o.bare})
	fetch(t, m, second)
	git(t, o.work, "commit", "-q", "--amend", "-m", "the same files, another history")
	same(t, "tree", git(t, o.work, "rev-parse", "HEAD^{tree}"), git(t, o.work, "rev-parse", second+"^{tree}"))
	amended := o.push()
	fetch(t, m, amended)
	git(t, o.work, "checkout", "-q", "--orphan", "new")
	orphan := o.commit("nothing in common", "")
	fetch(t, m, orphan)
	git(t, o.work, "checkout", "-q", "-B", "back", first)
	o.push()
	fetch(t, m, first)
	for name, c := range map[string][2]string{
		"amended": {second, amended}, "orphan": {second, orphan}, "set back": {second, first}, "never here": {strings.Repeat("1", 40), second}, "no hash": {"main", second},
	} {
		if a, err := m.Repo().Advance(c[0], c[1], repo.SignNone, nil, nil); !errors.Is(err, repo.ErrRewound) || repo.Passing(err) {
			t.Errorf("%s: got %+v, error %v, want %v", name, a, err, repo.ErrRewound)
		}
	}
	if _, err := m.Repo().Advance(first, strings.Repeat("1", 40), repo.SignNone, nil, nil); err == nil || errors.Is(err, repo.ErrRewound) {
		t.Errorf("to a commit that is not here: got error %v, want another", err)
	}
	if _, err := m.Repo().Advance(first, second, "some", nil, nil); err == nil {
		t.Error("signing that is not known: got no error")
	}
}

// What is read grows with what was added: the history below is as good as not there, and in a shallow clone it is not.
func TestAdvanceReadsNoFurther(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	first := git(t, o.work, "rev-parse", "HEAD")
	for i := range 5 {
		o.commit(fmt.Sprint("old ", i), "")
	}
	base := o.commit("accepted", "")
	tip := o.commit("new", "")
	clone := o.dir + "/shallow"
	git(t, o.dir, "clone", "-q", "--depth", "2", "file://"+o.bare, clone)
	r, err := repo.Open(clone)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	a, err := r.Advance(base, tip, repo.SignNone, nil, nil)
	if err != nil || len(a.Added) != 1 || a.Added[0].Hash != tip {
		t.Errorf("in a shallow clone: got %+v, error %v, want one commit", a, err)
	}
	if _, err := r.Advance(first, tip, repo.SignNone, nil, nil); !errors.Is(err, repo.ErrRewound) {
		t.Errorf("from beyond it: got error %v, want %v", err, repo.ErrRewound)
	}
	if _, err := os.Stat(clone + "/.git/shallow"); err != nil {
		t.Error("the clone is not shallow:", err)
	}
}
