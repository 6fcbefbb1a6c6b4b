package repo_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os/exec"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/repo"
)

// object writes a git object as it is given, which git itself might not.
func (o *origin) object(kind string, raw []byte) string {
	o.t.Helper()
	c := exec.CommandContext(o.t.Context(), "git", "hash-object", "-t", kind, "-w", "--stdin", "--literally")
	c.Dir, c.Stdin = o.bare, bytes.NewReader(raw)
	out, err := c.Output()
	if err != nil {
		o.t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// tree writes a tree of entries "mode name hash".
func (o *origin) tree(entries ...string) string {
	o.t.Helper()
	var raw []byte
	for _, e := range entries {
		part := strings.Split(e, " ")
		raw = append(raw, part[0]+" "+part[1]+"\x00"...)
		var hash [20]byte
		for i := range hash {
			hash[i] = unhex(part[2][2*i])<<4 | unhex(part[2][2*i+1])
		}
		raw = append(raw, hash[:]...)
	}
	return o.object("tree", raw)
}

func unhex(c byte) byte {
	return byte(strings.IndexByte("0123456789abcdef", c))
}

// head sets the branch to a commit of a tree.
func (o *origin) head(tree string) string {
	o.t.Helper()
	commit := git(o.t, o.bare, "commit-tree", "-m", "hostile", tree)
	git(o.t, o.bare, "update-ref", "refs/heads/main", commit)
	return commit
}

// A fetch beyond its limit is stopped, and leaves what was there.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *origin, r repo.Remote) {
		first := git(t, o.work, "rev-parse", "HEAD")
		dir := t.TempDir()
		r.Limit = 50_000
		m := mirror(t, dir, r)
		fetch(t, m, first)
		noise, state := make([]byte, 100_000), uint32(1)
		for i := range noise {
			state = state*1664525 + 1013904223
			noise[i] = byte(state >> 24)
		}
		write(t, o.work, map[string]string{"noise": string(noise)})
		large := o.commit("large", "")
		_, err := m.Fetch(t.Context())
		final(t, "a pack of 100 000 bytes", err, "larger than 50000 bytes")
		// What unpacks to a hundred times as much and more.
		git(t, o.work, "reset", "-q", "--hard", first)
		write(t, o.work, map[string]string{"bomb": strings.Repeat("a", 5_000_000)})
		bomb := o.commit("bomb", "")
		_, err = m.Fetch(t.Context())
		final(t, "a bomb", err, "larger than 50000 bytes")
		same(t, "has", []bool{m.Has(first), m.Has(large), m.Has(bomb)}, []bool{true, false, false})
		same(t, "left behind", len(glob(t, dir, "incoming", "*")), 0)
		git(t, o.work, "reset", "-q", "--hard", first)
		fetch(t, m, o.commit("small", ""))
	})
}

// One file of more than 64 MiB is refused.
func TestLargeFile(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	w := serveWeb(t, o)
	write(t, o.work, map[string]string{"zeros": strings.Repeat("\x00", 64<<20+1)})
	o.commit("large", "")
	_, err := mirror(t, t.TempDir(), w.remote("glpat-first")).Fetch(t.Context())
	final(t, "https", err, "more than 64 MiB")
	_, err = mirror(t, t.TempDir(), repo.Remote{URL: o.bare}).Fetch(t.Context())
	final(t, "folder", err, "more than 64 MiB")
}

// A remote that lacks part of what it offers is not taken, or a later fetch would think that it is here.
func TestIncomplete(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	for what, tree := range map[string]string{
		"file": o.tree("100644 a.yaml " + strings.Repeat("1", 40)), "folder": o.tree("40000 a " + strings.Repeat("2", 40)),
	} {
		o.head(tree)
		m := mirror(t, t.TempDir(), repo.Remote{URL: o.bare})
		_, err := m.Fetch(t.Context())
		if err == nil || m.Has(git(t, o.bare, "rev-parse", "main")) {
			t.Errorf("%s: got error %v, want one and nothing taken", what, err)
		}
	}
}

// Names that lead out of the folder, or a file that is there twice, cannot be read as anything.
func TestHostileTrees(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	blob := o.object("blob", []byte("name: Anna\n"))
	good := o.tree("100644 a.yaml " + blob)
	for what, entries := range map[string][]string{
		"up": {"40000 .. " + good}, "here": {"40000 . " + good}, "slash": {"100644 ../../a.yaml " + blob}, "backslash": {`100644 ..\a.yaml ` + blob},
		"twice": {"100644 a.yaml " + blob, "100644 a.yaml " + o.object("blob", nil)},
	} {
		commit := o.head(o.tree("40000 people " + o.tree(entries...)))
		m := mirror(t, t.TempDir(), repo.Remote{URL: o.bare})
		fetch(t, m, commit)
		err := fs.WalkDir(treeOf(t, m, commit), ".", func(_ string, _ fs.DirEntry, err error) error { return err })
		if err == nil || !strings.Contains(err.Error(), "people") {
			t.Errorf("%s: got error %v, want one that names the folder", what, err)
		}
	}
	// Ten folders that each hold ten of the next are ten thousand million paths.
	tree := good
	for range 10 {
		var entries []string
		for _, name := range strings.Split("abcdefghij", "") {
			entries = append(entries, "40000 "+name+" "+tree)
		}
		tree = o.tree(entries...)
	}
	commit := o.head(tree)
	m := mirror(t, t.TempDir(), repo.Remote{URL: o.bare})
	fetch(t, m, commit)
	err := fs.WalkDir(treeOf(t, m, commit), ".", func(_ string, _ fs.DirEntry, err error) error { return err })
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a bomb of folders: got error %v, want one that says so", err)
	}
}
