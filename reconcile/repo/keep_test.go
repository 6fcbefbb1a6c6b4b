package repo_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/repo"
)

func glob(t *testing.T, parts ...string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// fetcher is this program, fetching over and over.
func fetcher(t *testing.T, dir, from string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), "BEHORIG_TEST_FETCH="+dir, "BEHORIG_TEST_FETCH_FROM="+from)
	if _, err := c.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// A process that is killed anywhere in its clone leaves something that can be gone on with.
func TestKilledClone(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	for i := range 150 {
		write(t, o.work, map[string]string{fmt.Sprintf("people/unit-%d/person-%d.yaml", i%20, i): strings.Repeat(fmt.Sprintf("name: Person %d\n", i*i), 20)})
	}
	tip := o.commit("many", "")
	dir := filepath.Join(t.TempDir(), "mirror")
	left := 0
	for range 8 {
		c := fetcher(t, dir, o.bare)
		time.Sleep(time.Duration(rand.IntN(120)) * time.Millisecond)
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.Wait()
		left += len(glob(t, dir, "incoming", "*"))
		m, err := repo.OpenMirror(dir, repo.Remote{URL: o.bare})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(glob(t, dir, "incoming", "*")); n != 0 {
			t.Errorf("got %d files left behind, want none", n)
		}
		fetch(t, m, tip)
		same(t, "files", len(content(t, treeOf(t, m, tip))), 150+len(files))
		if err := errors.Join(m.Close(), os.RemoveAll(dir)); err != nil {
			t.Fatal(err)
		}
	}
	if left == 0 {
		t.Log("no kill struck in the middle of a clone")
	}
}

// A mirror in which anything is damaged is made anew, whatever the damage.
func TestDamaged(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	first := git(t, o.work, "rev-parse", "HEAD")
	cut := func(name string) error {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		return errors.Join(os.Chmod(name, 0o644), os.Truncate(name, info.Size()/2))
	}
	flip := func(name string) error {
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		raw[len(raw)/2] ^= 1
		return errors.Join(os.Chmod(name, 0o644), os.WriteFile(name, raw, 0o644))
	}
	for _, pattern := range []string{"objects/pack/*.pack", "objects/pack/*.idx", "HEAD", "refs/heads/main", "config", "incoming", "objects"} {
		for what, spoil := range map[string]func(string) error{"cut": cut, "flipped": flip, "removed": os.RemoveAll} {
			if strings.HasSuffix(pattern, "s") || pattern == "incoming" {
				spoil = os.RemoveAll
			}
			if pattern == "config" && what != "removed" {
				continue
			}
			dir := t.TempDir()
			m := mirror(t, dir, repo.Remote{URL: o.bare})
			fetch(t, m, first)
			if err := errors.Join(m.Close(), spoil(glob(t, dir, pattern)[0])); err != nil {
				t.Fatal(err)
			}
			m = mirror(t, dir, repo.Remote{URL: o.bare})
			if _, err := m.Fetch(t.Context()); err != nil {
				t.Errorf("%s %s: got error %v, want it made anew", pattern, what, err)
				continue
			}
			same(t, pattern+" "+what, len(content(t, treeOf(t, m, first))), len(files))
		}
	}
}

// Where something of a mirror cannot be read just now it is left as it is: of what no branch has any more it may be the only copy.
func TestUnreadableIsKept(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	dir := t.TempDir()
	m := mirror(t, dir, repo.Remote{URL: o.bare})
	lost := o.commit("will be pushed over", "")
	fetch(t, m, lost)
	git(t, o.work, "reset", "-q", "--hard", "HEAD^")
	tip := o.commit("over it", "")
	fetch(t, m, tip)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	// Root may read everything: a link to itself cannot be opened by anybody (ELOOP).
	for _, pattern := range []string{"objects/pack/*.pack", "objects/pack/*.idx", "objects/pack", "HEAD", "config", "refs/heads/main"} {
		name := glob(t, dir, pattern)[0]
		if err := errors.Join(os.Rename(name, dir+".aside"), os.Symlink(filepath.Base(name), name)); err != nil {
			t.Fatal(err)
		}
		again, err := repo.OpenMirror(dir, repo.Remote{URL: o.bare})
		if err == nil {
			_ = again.Close()
		}
		if err == nil || !strings.Contains(err.Error(), filepath.Base(name)) {
			t.Errorf("%s: got error %v, want one that names it", pattern, err)
		}
		if err := errors.Join(os.Remove(name), os.Rename(dir+".aside", name)); err != nil {
			t.Fatal(err)
		}
		if m := mirror(t, dir, repo.Remote{URL: o.bare}); !m.Has(lost) || !m.Has(tip) {
			t.Errorf("%s: got commits lost, want all kept", pattern)
		}
	}
}

// A server over SSH that has said all and does not end is waited for some seconds, not for ever.
func TestGoodbye(t *testing.T) {
	t.Parallel()
	o, s := newOrigin(t), serveSSH(t)
	raw, err := os.ReadFile(s.key + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	forced := `command="sh -c \"$SSH_ORIGINAL_COMMAND\"; exec sleep 40" ` + string(raw)
	if err := os.WriteFile(s.key+".pub", []byte(forced), 0o600); err != nil {
		t.Fatal(err)
	}
	m := mirror(t, t.TempDir(), s.remote(o))
	for range 2 {
		tip := o.commit("more", "")
		begun := time.Now()
		if got, err := m.Tip(t.Context()); err != nil || got != tip {
			t.Errorf("tip: got %s, error %v, want %s", got, err, tip)
		}
		asked := time.Now()
		fetch(t, m, tip)
		if tipped, fetched := asked.Sub(begun), time.Since(asked); tipped > 20*time.Second || fetched > 20*time.Second {
			t.Errorf("got %s for the tip and %s for a fetch, want some seconds", tipped, fetched)
		}
	}
}

// Processes that fetch into one folder wait for each other, and readers see whole trees meanwhile.
func TestManyAtATime(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	first := git(t, o.work, "rev-parse", "HEAD")
	dir := filepath.Join(t.TempDir(), "mirror")
	m := mirror(t, dir, repo.Remote{URL: o.bare})
	fetch(t, m, first)
	var processes []*exec.Cmd
	for range 2 {
		processes = append(processes, fetcher(t, dir, o.bare))
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var readers sync.WaitGroup
	read := make([]int, 3)
	for i := range read {
		readers.Go(func() {
			for ctx.Err() == nil {
				tree, err := m.Repo().At("")
				if err != nil {
					t.Error(err)
					return
				}
				err = fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
					if err == nil && !d.IsDir() {
						_, err = fs.ReadFile(tree, path)
					}
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
				read[i]++
				time.Sleep(time.Millisecond)
			}
		})
	}
	last := first
	for _, last = range o.many(60) {
		o.move(last)
		fetch(t, m, last)
	}
	stop()
	readers.Wait()
	for _, c := range processes {
		_ = c.Process.Kill()
		_ = c.Wait()
	}
	for i, n := range read {
		if n < 10 {
			t.Errorf("reader %d: got %d trees read, want more", i, n)
		}
	}
	same(t, "fsck", git(t, dir, "fsck", "--full", "--strict", "--no-dangling"), "")
	if a, err := m.Repo().Advance(first, last, repo.SignNone, nil, nil); err != nil || len(a.Added) != 60 {
		t.Errorf("got %+v, error %v, want 60 commits", a, err)
	}
	if _, err := repo.OpenMirror(dir, repo.Remote{URL: o.bare}); err != nil {
		t.Error(err)
	}
}

// standing is what a process holds: open files, and memory in use, bytes.
func standing(t *testing.T) (files int, heap uint64) {
	t.Helper()
	runtime.GC()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc")
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return len(entries), m.HeapAlloc
}

// Hundreds of fetches of a branch that moves, over each transport: files and memory stay flat, and packs few. Not parallel: it counts.
func TestNothingLeaks(t *testing.T) {
	o := newOrigin(t)
	s := serveSSH(t)
	first, commits := git(t, o.work, "rev-parse", "HEAD"), o.many(300)
	for name, r := range map[string]repo.Remote{"folder": {URL: o.bare}, "https": serveWeb(t, o).remote("glpat-first"), "ssh": s.remote(o)} {
		o.move(first)
		dir := t.TempDir()
		m := mirror(t, dir, r)
		var before int
		var held uint64
		most := 0
		commits := commits
		// A process or a shell for each call makes the others slow.
		commits = commits[:map[string]int{"folder": 300, "https": 150, "ssh": 20}[name]]
		for i, tip := range commits {
			if i == len(commits)/10 {
				before, held = standing(t)
			}
			o.move(tip)
			fetch(t, m, tip)
			if again, err := m.Tip(t.Context()); err != nil || again != tip {
				t.Fatalf("%s: tip %d: got %s, error %v", name, i, again, err)
			}
			if _, err := fs.ReadFile(treeOf(t, m, tip), "people/anna.yaml"); err != nil {
				t.Fatal(err)
			}
			most = max(most, len(glob(t, dir, "objects", "pack", "*.pack")))
		}
		after, holds := standing(t)
		t.Logf("%s: %d files, then %d; %d KiB, then %d; at most %d packs", name, before, after, held>>10, holds>>10, most)
		if after > before+20 {
			t.Errorf("%s: got %d files open at the end, %d at a tenth: want it flat", name, after, before)
		}
		if holds > held+4<<20 {
			t.Errorf("%s: got %d KiB at the end, %d at a tenth: want it flat", name, holds>>10, held>>10)
		}
		if most > 16 {
			t.Errorf("%s: got %d packs, want 16 at most", name, most)
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		if closed, _ := standing(t); closed > after {
			t.Errorf("%s: got %d files open when it is closed, %d before", name, closed, after)
		}
		same(t, "fsck", git(t, dir, "fsck", "--full", "--no-dangling"), "")
	}
}
