package repo

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// cacheSize is how much of what was read one repository keeps in memory, bytes. A service may hold a hundred repositories.
const cacheSize = 16 << 20

// store is go-git's storage for many readers, of a folder in which others fetch and tidy up: go-git's own is for one at a time, reads the list of
// packs once, and lets a large object be read from its file later on, when that file may be gone.
type store struct {
	*filesystem.Storage
	mu   sync.Mutex
	seen time.Time // when the folder of packs had last changed, as far as we have read it
}

func newStore(gitDir billy.Filesystem) *store {
	// Pack files that are kept open make reading many objects twice as fast; Close lets go of them.
	s := &store{Storage: filesystem.NewStorageWithOptions(gitDir, cache.NewObjectLRU(cacheSize), filesystem.Options{KeepDescriptors: true})}
	s.seen = s.changed()
	return s
}

func (s *store) changed() time.Time {
	info, err := s.Filesystem().Stat(packsOf(""))
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// again does a thing, and once more as long as that fails and the packs have changed since they were read.
func (s *store) again(do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		err := do()
		if err == nil || errors.Is(err, errObjectSize) {
			return err
		}
		now := s.changed()
		if now.Equal(s.seen) {
			return err
		}
		s.renew(now)
	}
}

func (s *store) renew(now time.Time) {
	s.seen = now
	_ = s.Storage.Close()
	s.Reindex()
}

// refresh reads the packs anew, and lets go of those that were.
func (s *store) refresh() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renew(s.changed())
}

// Close lets go of the pack files. What is read after it opens them again.
func (s *store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Storage.Close()
}

// EncodedObject gives an object that is all in memory, so that it can be read without the lock.
func (s *store) EncodedObject(t plumbing.ObjectType, h plumbing.Hash) (o plumbing.EncodedObject, err error) {
	err = s.again(func() error {
		if o, err = s.Storage.EncodedObject(t, h); err != nil {
			return err
		}
		if _, file := o.(*packfile.FSObject); file {
			o, err = inMemory(o)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

// maxObject is the largest object that is read: no file of an access repository is near it, bytes.
const maxObject = 64 << 20

var errObjectSize = errors.New("a file of more than 64 MiB is in it; an access repository has none such")

func inMemory(o plumbing.EncodedObject) (plumbing.EncodedObject, error) {
	if o.Size() > maxObject {
		return nil, errObjectSize
	}
	r, err := o.Reader()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	whole := &plumbing.MemoryObject{}
	whole.SetType(o.Type())
	_, err = io.Copy(whole, r)
	return whole, err
}

// HasEncodedObject is nil for an object that is here.
func (s *store) HasEncodedObject(h plumbing.Hash) error {
	return s.again(func() error { return s.Storage.HasEncodedObject(h) })
}

// EncodedObjectSize is the length of an object, bytes.
func (s *store) EncodedObjectSize(h plumbing.Hash) (size int64, err error) {
	err = s.again(func() error {
		size, err = s.Storage.EncodedObjectSize(h)
		return err
	})
	return size, err
}

// DeltaObject is an object as it lies in its pack, a difference to another or whole.
func (s *store) DeltaObject(t plumbing.ObjectType, h plumbing.Hash) (o plumbing.EncodedObject, err error) {
	err = s.again(func() error {
		if o, err = s.Storage.DeltaObject(t, h); err != nil {
			return err
		}
		if _, file := o.(*packfile.FSObject); file {
			o, err = inMemory(o)
		}
		return err
	})
	return o, err
}

// HashesWithPrefix finds the objects that a short hash may mean.
func (s *store) HashesWithPrefix(prefix []byte) ([]plumbing.Hash, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Storage.HashesWithPrefix(prefix)
}

// packsOf is where a git folder has its pack files.
func packsOf(dir string) string { return filepath.Join(dir, "objects", "pack") }

// syncFolder makes what was renamed in a folder outlive a power cut.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
