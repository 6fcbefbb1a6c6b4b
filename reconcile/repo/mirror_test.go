package repo_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/repo"
)

// A branch that moves on, is pushed over and deleted, over each transport: the mirror follows, and keeps what it had.
func TestMirrorFollows(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *origin, r repo.Remote) {
		git(t, o.work, "tag", "-a", "-m", "x", "v1")
		git(t, o.work, "push", "-q", "origin", "v1", "HEAD:refs/heads/other")
		first := git(t, o.work, "rev-parse", "HEAD")
		dir := filepath.Join(t.TempDir(), "mirror")
		m := mirror(t, dir, r)
		if m.Has(first) {
			t.Error("has the commit before it was fetched")
		}
		tip, err := m.Tip(t.Context())
		if err != nil || tip != first {
			t.Fatalf("tip: got %s, error %v, want %s", tip, err, first)
		}
		if m.Has(first) {
			t.Error("has the commit after asking for the tip: want nothing fetched")
		}
		fetch(t, m, first)
		same(t, "content", content(t, treeOf(t, m, first))["units/a/b.yaml"], "name: B\n")
		same(t, "refs", git(t, dir, "for-each-ref", "--format=%(refname)"), "refs/heads/main")

		second := o.commit("second", "")
		third := o.commit("third", "")
		fetch(t, m, third)
		fetch(t, m, third)
		same(t, "newest", treeOf(t, m, "").Commit, third)
		a, err := m.Repo().Advance(first, third, repo.SignNone, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		var added []string
		for _, c := range a.Added {
			added = append(added, c.Hash+" "+c.Subject)
		}
		same(t, "added", added, []string{second + " second", third + " third"})

		git(t, o.work, "reset", "-q", "--hard", first)
		forced := o.commit("over it", "")
		fetch(t, m, forced)
		if _, err := m.Repo().Advance(third, forced, repo.SignNone, nil, nil); !errors.Is(err, repo.ErrRewound) {
			t.Errorf("pushed over: got error %v, want %v", err, repo.ErrRewound)
		}
		if !m.Has(third) {
			t.Error("the commit that was accepted is gone: want it kept, for removals")
		}
		same(t, "fsck", git(t, dir, "fsck", "--full", "--strict", "--no-dangling"), "")

		git(t, o.bare, "update-ref", "-d", "refs/heads/main")
		for what, err := range map[string]error{"tip": failed(m.Tip(t.Context())), "fetch": failed(m.Fetch(t.Context()))} {
			if err == nil || repo.Passing(err) || !strings.Contains(err.Error(), "there is no branch main") {
				t.Errorf("%s of a deleted branch: got error %v, want a final one that says so", what, err)
			}
		}
		same(t, "newest after all", treeOf(t, m, "").Commit, forced)
	})
}

func failed(_ string, err error) error { return err }

func treeOf(t *testing.T, m *repo.Mirror, commit string) *repo.Tree {
	t.Helper()
	tree, err := m.Repo().At(commit)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// The access repository may lie in a folder, and the branch have another name.
func TestMirrorSub(t *testing.T) {
	t.Parallel()
	dir, first, second := repository(t, "some/where")
	git(t, dir, "branch", "old/one", first)
	m := mirror(t, t.TempDir(), repo.Remote{URL: filepath.Join(dir, ".git"), Sub: "some/where/"})
	fetch(t, m, second)
	same(t, "content", content(t, treeOf(t, m, second))["behorig.yaml"], "organisation: Ett\nlanguage: en\n")
	// The same folder, another branch.
	into := t.TempDir()
	fetch(t, mirror(t, into, repo.Remote{URL: dir}), second)
	other := mirror(t, into, repo.Remote{URL: dir, Branch: "old/one"})
	if !other.Has(second) {
		t.Error("the commits of the former branch are gone")
	}
	fetch(t, other, first)
	same(t, "HEAD", git(t, into, "symbolic-ref", "HEAD"), "refs/heads/old/one")
}

// What a remote cannot be is told before anything is asked, without what is secret in it.
func TestRemoteRefused(t *testing.T) {
	t.Parallel()
	key := func() ([]byte, error) { return nil, nil }
	for _, c := range []struct {
		remote repo.Remote
		want   string
	}{
		{repo.Remote{}, "no URL"},
		{repo.Remote{URL: "http://git.example.org/r.git"}, "write https"},
		{repo.Remote{URL: "https://oauth2:hemligt@git.example.org/r.git"}, "holds a password"},
		{repo.Remote{URL: "http://oauth2:hemligt@git.example.org/r.git"}, "holds a password"},
		{repo.Remote{URL: "https://git.example.org/r.git?private_token=hemligt"}, "after the path"},
		{repo.Remote{URL: "https://oauth2:hemligt@git.example.org:bad/r.git"}, "cannot be read"},
		{repo.Remote{URL: "https:///r.git"}, "no host"},
		{repo.Remote{URL: "git://git.example.org/r.git"}, "who the server is"},
		{repo.Remote{URL: "file://other/r.git"}, "on this machine"},
		{repo.Remote{URL: "git@git.example.org:r.git", SSHKey: key}, "known hosts"},
		{repo.Remote{URL: "git:hemligt@git.example.org:r.git", KnownHosts: "x"}, "SSH key"},
		{repo.Remote{URL: "ssh://git@git.example.org/r.git", KnownHosts: "x"}, "SSH key"},
		{repo.Remote{URL: "ssh://git.example.org", KnownHosts: "x", SSHKey: key}, "user@host:path"},
		{repo.Remote{URL: "https://git.example.org/r.git", Branch: "a..b"}, "name of a branch"},
		{repo.Remote{URL: "https://git.example.org/r.git", Sub: "../up"}, "inside the repository"},
		{repo.Remote{URL: "https://git.example.org/r.git", CA: []byte("none")}, "no certificate"},
	} {
		_, err := repo.OpenMirror(t.TempDir(), c.remote)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hemligt") || repo.Passing(err) {
			t.Errorf("%s: got error %v, want a final one with %q and nothing secret", c.remote.URL, err, c.want)
		}
	}
}

// A folder with something else in it is not touched.
func TestMirrorOfSomethingElse(t *testing.T) {
	t.Parallel()
	dir, _, _ := repository(t, "")
	if _, err := repo.OpenMirror(dir, repo.Remote{URL: dir}); err == nil || !strings.Contains(err.Error(), "no mirror") {
		t.Errorf("got error %v, want a refusal", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "behorig.yaml")); err != nil {
		t.Error(err)
	}
	for _, url := range []string{filepath.Join(dir, "people"), filepath.Join(dir, "nowhere"), t.TempDir()} {
		m := mirror(t, t.TempDir(), repo.Remote{URL: url})
		if _, err := m.Tip(t.Context()); err == nil || repo.Passing(err) {
			t.Errorf("%s: got error %v, want a final one", url, err)
		}
	}
}
