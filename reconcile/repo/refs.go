package repo

import (
	"bufio"
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-git/v5/plumbing"
)

// all reads the references: those in files and, where there is none, in packed-refs (git's
// Documentation/gitrepository-layout; the former first, since packing makes one of the latter before it takes the file away). go-git's own list takes for one
// the lock that whoever changes a reference makes beside it, and ends when that is empty, as it is at first or after a kill.
func (s *localSession) all() (map[string]plumbing.Hash, error) {
	stored, ok := s.repo.git.Storer.(*store)
	if !ok {
		return nil, s.fault(s.at, errDamaged)
	}
	files, all := stored.Filesystem(), map[string]plumbing.Hash{}
	err := loose(files, "refs", func(name string) error {
		ref, err := stored.Reference(plumbing.ReferenceName(name))
		if errors.Is(err, plumbing.ErrReferenceNotFound) {
			return nil // deleted just now
		}
		if err == nil && ref.Type() == plumbing.HashReference {
			all[name] = ref.Hash()
		}
		return err
	})
	if err != nil {
		return nil, s.fault(s.at, err)
	}
	packed, err := files.Open("packed-refs")
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return nil, s.fault(s.at, err)
	}
	lines := bufio.NewScanner(&limited{packed, maxRefs})
	for lines.Scan() {
		hash, name, _ := strings.Cut(lines.Text(), " ")
		if _, over := all[name]; !over && plumbing.IsHash(hash) && strings.HasPrefix(name, "refs/") {
			all[name] = plumbing.NewHash(hash)
		}
	}
	return all, s.fault(s.at, errors.Join(lines.Err(), packed.Close()))
}

// loose finds the references that have files of their own.
func loose(files billy.Filesystem, folder string, each func(name string) error) error {
	entries, err := files.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(folder, e.Name())
		switch {
		case e.IsDir():
			err = loose(files, name, each)
		case !strings.HasSuffix(name, ".lock"):
			err = each(name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
