package repo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/idxfile"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// The files of a mirror's folder that are not git's.
const (
	lockFile = "behorig.lock"
	markFile = "behorig-mirror"
	mark     = "Behörig keeps a copy of an access repository here. The folder may be deleted: it is fetched again.\n"
)

// incoming is where files are made before they are moved to their place.
func incoming(dir string) string { return filepath.Join(dir, "incoming") }

// prepare finds a whole mirror in the folder, or makes an empty one. While another process fetches it has done so.
func (m *Mirror) prepare() error {
	if err := os.MkdirAll(m.dir, 0o700); err != nil {
		return err
	}
	if err := m.ours(); err != nil {
		return err
	}
	short, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	unlock, err := m.lock(short)
	switch {
	case err != nil && Passing(err) && isBare(m.dir):
		return nil
	case err != nil && Passing(err):
		return passing{fmt.Errorf("%s: another process is making the mirror; it is tried again", m.dir)}
	case err != nil:
		return err
	}
	defer unlock()
	err = m.whole()
	switch {
	case err == nil:
		return m.sweep()
	case !broken(err):
		// It may be there whole: what is on no branch any more would be fetched from nowhere.
		return m.place.fault(context.Background(), err)
	}
	return m.anew()
}

// broken tells damage, which reading again does not mend, from a file that could not be read just now: too many are open, we may not, or the disk
// does not answer.
func broken(err error) bool {
	var unexpected *plumbing.UnexpectedError
	if errors.As(err, &unexpected) {
		err = unexpected.Err
	}
	var code syscall.Errno
	return !errors.As(err, &code) || slices.Contains([]syscall.Errno{syscall.ENOENT, syscall.ENOTDIR, syscall.EISDIR, syscall.EINVAL}, code)
}

// ours refuses a folder that holds something else.
func (m *Mirror) ours() error {
	entries, err := os.ReadDir(m.dir)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name() == lockFile })
	if _, err := os.Stat(filepath.Join(m.dir, markFile)); len(others) > 0 && err != nil {
		return fmt.Errorf("%s: the folder holds files that are no mirror; name an empty one", m.dir)
	}
	return nil
}

// anew makes an empty mirror. HEAD is the last to come: without it this is none.
func (m *Mirror) anew() error {
	if err := os.WriteFile(filepath.Join(m.dir, markFile), []byte(mark), 0o600); err != nil {
		return err
	}
	for _, name := range []string{"HEAD", "refs", "objects", "incoming", "packed-refs", "config"} {
		if err := os.RemoveAll(filepath.Join(m.dir, name)); err != nil {
			return err
		}
	}
	return errors.Join(
		os.MkdirAll(incoming(m.dir), 0o700), os.MkdirAll(packsOf(m.dir), 0o700), os.MkdirAll(filepath.Join(m.dir, "refs", "heads"), 0o700),
		os.WriteFile(filepath.Join(m.dir, "config"), []byte("[core]\n\trepositoryformatversion = 0\n\tbare = true\n"), 0o600),
		replace(m.dir, filepath.Join(m.dir, "HEAD"), m.head()))
}

func (m *Mirror) head() []byte { return []byte("ref: " + m.place.reference.String() + "\n") }

// whole tells what is damaged, by reading every pack, and the newest commit with the folders it has.
func (m *Mirror) whole() error {
	head, err := os.ReadFile(filepath.Join(m.dir, "HEAD"))
	if err != nil {
		return err
	}
	for _, name := range []string{"config", "refs", "incoming", packsOf("")} {
		if _, err := os.Stat(filepath.Join(m.dir, name)); err != nil {
			return err
		}
	}
	if !bytes.Equal(head, m.head()) {
		// Another branch than before: what is here of the old one is kept, and the new one stands on much of it.
		if err := os.RemoveAll(filepath.Join(m.dir, "refs", "heads")); err != nil {
			return err
		}
		if err := replace(m.dir, filepath.Join(m.dir, "HEAD"), m.head()); err != nil {
			return err
		}
	}
	if _, err := os.ReadDir(packsOf(m.dir)); err != nil { // which list would pass over
		return err
	}
	all, err := list(m.dir)
	if err != nil {
		return err
	}
	for _, p := range all {
		if err := p.check(); err != nil {
			return err
		}
	}
	at, err := os.ReadFile(m.ref())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	s := newStore(osfs.New(m.dir))
	defer s.Close()
	c, err := object.GetCommit(s, plumbing.NewHash(strings.TrimSpace(string(at))))
	if err != nil {
		return err
	}
	return reachable(s, c.TreeHash, map[plumbing.Hash]bool{})
}

// reachable reads a folder and those in it, and sees that the files are there.
func reachable(s *store, h plumbing.Hash, seen map[plumbing.Hash]bool) error {
	if seen[h] {
		return nil
	}
	seen[h] = true
	tree, err := object.GetTree(s, h)
	if err != nil {
		return err
	}
	for _, e := range tree.Entries {
		switch {
		case mode(e.Mode).IsDir():
			err = reachable(s, e.Hash, seen)
		case mode(e.Mode)&fs.ModeIrregular == 0:
			err = s.HasEncodedObject(e.Hash)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// check reads a pack through.
func (p *stored) check() error {
	if err := p.load(); err != nil {
		return err
	}
	f, err := os.Open(p.path + ".pack")
	if err != nil {
		return err
	}
	defer f.Close()
	is, want, err := checksum(f, p.size)
	if err == nil && (is != want || is != plumbing.Hash(p.index.PackfileChecksum)) {
		err = errDamaged
	}
	return err
}

// sweep removes what a process that was killed has left. Who calls it holds the lock.
func (m *Mirror) sweep() error {
	left, err := os.ReadDir(incoming(m.dir))
	if err != nil {
		return err
	}
	for _, e := range left {
		err = errors.Join(err, os.Remove(filepath.Join(incoming(m.dir), e.Name())))
	}
	indexes, _ := filepath.Glob(filepath.Join(packsOf(m.dir), "*.idx"))
	for _, name := range indexes {
		if _, gone := os.Stat(strings.TrimSuffix(name, ".idx") + ".pack"); errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, os.Remove(name))
		}
	}
	return err
}

// packed is an index as it is stored.
func packed(index *idxfile.MemoryIndex) ([]byte, error) {
	var raw bytes.Buffer
	_, err := idxfile.NewEncoder(&raw).Encode(index)
	return raw.Bytes(), err
}
