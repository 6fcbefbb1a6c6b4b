package repo_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile/repo"
)

// files is the first commit of every repository below; å tests names beyond ASCII.
var files = map[string]string{
	"behorig.yaml":            "organisation: Ett\n",
	"people/norr/å.yaml":      "name: Åsa\n",
	"people/anna.yaml":        "name: Anna\n",
	"units/a.yaml":            "name: A\n",
	"units/a/b.yaml":          "name: B\n",
	"systems/empty-file.yaml": "",
}

// git runs the real git in a folder.
func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "git", args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=a@example.org",
		"GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=a@example.org", "GIT_AUTHOR_DATE=2026-11-01T10:00:00Z", "GIT_COMMITTER_DATE=2026-11-01T10:00:00Z")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
}

// repository is a git repository with the files in a subfolder ("": at its top), and a second commit of behorig.yaml on main.
func repository(t *testing.T, sub string) (dir, first, second string) {
	t.Helper()
	dir = t.TempDir()
	git(t, dir, "init", "-q", "-b", "main")
	write(t, filepath.Join(dir, sub), files)
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "first\n\nand why")
	first = git(t, dir, "rev-parse", "HEAD")
	write(t, filepath.Join(dir, sub), map[string]string{"behorig.yaml": "organisation: Ett\nlanguage: en\n"})
	git(t, dir, "-c", "user.name=Bo", "commit", "-q", "-a", "-m", "second", "--author", "Bo <b@example.org>")
	return dir, first, git(t, dir, "rev-parse", "HEAD")
}

func at(t *testing.T, dir, rev string) *repo.Tree {
	t.Helper()
	r, err := repo.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := r.At(rev)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// content is all files of a tree, without git's own.
func content(t *testing.T, tree fs.FS) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == ".git":
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		raw, err := fs.ReadFile(tree, path)
		all[path] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%s (-got +want):\n%s", what, diff)
	}
}

func TestPlainFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, files)
	tree := at(t, dir, "")
	same(t, "content", content(t, tree), files)
	same(t, "commit and label", []string{tree.Commit, tree.Label}, []string{"", "folder"})
	r, err := repo.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.At("main"); err == nil || !strings.Contains(err.Error(), "not in git") {
		t.Errorf("revision of a folder: got error %v, want not in git", err)
	}
	if _, err := r.Origin("", "behorig.yaml", 1); !errors.Is(err, repo.ErrNoOrigin) {
		t.Errorf("origin in a folder: got error %v, want %v", err, repo.ErrNoOrigin)
	}
}

func TestNoFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, filepath.Dir(file), map[string]string{"file": ""})
	for path, want := range map[string]string{file: "not a folder", file + "-not": "no such folder"} {
		if _, err := repo.Open(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--repo") {
			t.Errorf("got error %v, want %s and a mention of --repo", err, want)
		}
	}
}

// Through the folder, the work tree's commit, a subfolder and a bare clone the same files are seen.
func TestSameContentEveryWay(t *testing.T) {
	now := map[string]string{}
	for name, text := range files {
		now[name] = text
	}
	now["behorig.yaml"] = "organisation: Ett\nlanguage: en\n"
	for _, sub := range []string{"", "some/where"} {
		dir, first, second := repository(t, sub)
		inside := filepath.Join(dir, filepath.FromSlash(sub))
		same(t, "folder", content(t, at(t, inside, "")), now)
		same(t, "HEAD", content(t, at(t, inside, "HEAD")), now)
		same(t, "first", content(t, at(t, inside, first)), files)
		same(t, "label of the folder", at(t, inside, "").Label, second+"+worktree")
	}
	dir, _, second := repository(t, "")
	bare := filepath.Join(t.TempDir(), "bare.git")
	git(t, dir, "clone", "-q", "--bare", dir, bare)
	tree := at(t, bare, "")
	same(t, "bare", content(t, tree), now)
	same(t, "commit of the bare", tree.Commit, second)
	git(t, bare, "gc", "-q")
	same(t, "packed", content(t, at(t, bare, "main")), now)
}

func TestRevisions(t *testing.T) {
	dir, first, second := repository(t, "")
	git(t, dir, "tag", "light", first)
	git(t, dir, "tag", "-a", "-m", "x", "heavy", first)
	git(t, dir, "branch", "old", first)
	for rev, want := range map[string]string{"main": second, "old": first, "light": first, "heavy": first, first: first, first[:8]: first, "HEAD~1": first, "refs/heads/old": first} {
		if tree := at(t, dir, rev); tree.Commit != want || tree.Label != want {
			t.Errorf("%s: got %s, want %s", rev, tree.Commit, want)
		}
	}
	r, err := repo.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, rev := range []string{"nowhere", strings.Repeat("0", 40), "HEAD~9", "--all"} {
		if _, err := r.At(rev); err == nil || !strings.Contains(err.Error(), rev) {
			t.Errorf("%s: got error %v, want one that names it", rev, err)
		}
	}
}

// A subfolder that a commit does not have is an error, not an empty repository.
func TestSubfolderThatIsNotThere(t *testing.T) {
	dir, first, _ := repository(t, "")
	write(t, dir, map[string]string{"later/behorig.yaml": "organisation: Ny\n"})
	r, err := repo.Open(filepath.Join(dir, "later"))
	if err != nil {
		t.Fatal(err)
	}
	if tree, err := r.At(first); err == nil {
		t.Errorf("got %v, want an error", content(t, tree))
	}
}

// A second work tree of a repository (git worktree add) has its commits too.
func TestLinkedWorkTree(t *testing.T) {
	dir, first, _ := repository(t, "")
	linked := filepath.Join(t.TempDir(), "linked")
	git(t, dir, "worktree", "add", "-q", "--detach", linked, first)
	same(t, "content", content(t, at(t, linked, "HEAD")), files)
	same(t, "label", at(t, linked, "").Label, first+"+worktree")
}

func TestOrigin(t *testing.T) {
	for _, sub := range []string{"", "some/where"} {
		dir, first, second := repository(t, sub)
		r, err := repo.Open(filepath.Join(dir, filepath.FromSlash(sub)))
		if err != nil {
			t.Fatal(err)
		}
		for line, want := range map[int][]string{1: {first, "Ada", "first"}, 2: {second, "Bo", "second"}} {
			o, err := r.Origin("", "behorig.yaml", line)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "origin", []string{o.Commit, o.Author, o.Subject, o.When.UTC().Format("2006-01-02")}, append(want, "2026-11-01"))
		}
		for _, c := range []struct {
			rev, file string
			line      int
		}{{"", "behorig.yaml", 3}, {"", "behorig.yaml", 0}, {first, "behorig.yaml", 2}, {"", "none.yaml", 1}, {"nowhere", "behorig.yaml", 1}} {
			if o, err := r.Origin(c.rev, c.file, c.line); !errors.Is(err, repo.ErrNoOrigin) {
				t.Errorf("%+v: got %+v, error %v, want %v", c, o, err, repo.ErrNoOrigin)
			}
		}
	}
}

// Git's tree keeps the promises of a file system, as a folder does.
func TestFS(t *testing.T) {
	dir, first, _ := repository(t, "")
	var names []string
	for name := range files {
		names = append(names, name)
	}
	if err := fstest.TestFS(at(t, dir, first), names...); err != nil {
		t.Error(err)
	}
}

// A link that leads out of the repository is not followed, neither in the folder nor in git.
func TestLinksLeadNowhere(t *testing.T) {
	dir, _, _ := repository(t, "")
	secret := filepath.Join(t.TempDir(), "secret")
	write(t, filepath.Dir(secret), map[string]string{"secret": "secret"})
	if err := errors.Join(os.Symlink(secret, filepath.Join(dir, "out.yaml")), os.Symlink(filepath.Dir(secret), filepath.Join(dir, "outside")),
		os.Symlink("../../../../../../../../../../"+secret, filepath.Join(dir, "people", "up.yaml"))); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "links")
	for _, rev := range []string{"", "HEAD"} {
		tree := at(t, dir, rev)
		for _, name := range []string{"out.yaml", "outside/secret", "people/up.yaml", "../" + filepath.Base(dir) + "/behorig.yaml"} {
			if raw, err := fs.ReadFile(tree, name); err == nil {
				t.Errorf("%s at %q: got %q, want an error", name, rev, raw)
			}
		}
		entries, err := fs.ReadDir(tree, ".")
		if err != nil {
			t.Fatal(err)
		}
		links := 0
		for _, e := range entries {
			if e.Type()&fs.ModeSymlink != 0 {
				links++
			}
		}
		same(t, "shown as links", links, 2)
	}
}
