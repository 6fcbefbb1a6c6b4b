package repo

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"
)

// local is a remote on this machine. It is read as it lies: no git program is needed, and asking for the tip is reading a file.
type local struct{ *place }

func (f *local) close() {}

type localSession struct {
	*place
	at   *attention
	repo *Repo
	hash plumbing.Hash
}

func (f *local) open(a *attention) (_ session, err error) {
	defer func() { err = f.fault(a, err) }()
	defer recovered(&err)
	repo, err := Open(f.path)
	if err != nil {
		return nil, told{fmt.Errorf("%s: there is no git repository that can be read; name its top folder, or its .git", f.shown)}
	}
	s := &localSession{f.place, a, repo, plumbing.ZeroHash}
	if repo.git == nil || repo.sub != "" {
		s.end()
		return nil, told{fmt.Errorf("%s: not the top of a git repository; name that, and the rest as the folder in it", f.shown)}
	}
	tip, err := repo.git.Reference(f.reference, true)
	if errors.Is(err, plumbing.ErrReferenceNotFound) {
		err = errNoBranch
	}
	if err != nil {
		s.end()
		return nil, err
	}
	s.hash = tip.Hash()
	return s, nil
}

func (s *localSession) tip() plumbing.Hash { return s.hash }
func (s *localSession) end()               { _ = s.repo.Close() }

// pack collects what is reachable and not ours. What is ours has all below it with it, so that is where the search ends.
func (s *localSession) pack(want, _ []plumbing.Hash, has func(plumbing.Hash) bool, w io.Writer) (err error) {
	defer func() { err = s.fault(s.at, err) }()
	defer recovered(&err)
	from, ok := s.repo.git.Storer.(storer.DeltaObjectStorer)
	objects, whole := s.repo.git.Storer.(storer.EncodedObjectStorer)
	if !ok || !whole {
		return errDamaged
	}
	all, err := missing(s.at, objects, want, has)
	if err != nil {
		return err
	}
	_, err = packfile.NewEncoder(w, stoppable{objects, from, s.at}, false).Encode(all, 10)
	return err
}

// missing lists the objects that commits reach and that has does not know, each before what it reaches.
func missing(a *attention, from storer.EncodedObjectStorer, tips []plumbing.Hash, has func(plumbing.Hash) bool) ([]plumbing.Hash, error) {
	seen := map[plumbing.Hash]bool{}
	var all, commits, trees []plumbing.Hash
	add := func(to *[]plumbing.Hash, h plumbing.Hash) {
		if !seen[h] && !has(h) {
			seen[h] = true
			all = append(all, h)
			*to = append(*to, h)
		}
	}
	var files []plumbing.Hash
	for _, h := range tips {
		add(&commits, h)
	}
	for len(commits) > 0 || len(trees) > 0 {
		if err := a.Err(); err != nil {
			return nil, err
		}
		a.timer.Reset(patience)
		if len(trees) > 0 {
			h := trees[len(trees)-1]
			trees = trees[:len(trees)-1]
			tree, err := object.GetTree(from, h)
			if err != nil {
				return nil, err
			}
			for _, e := range tree.Entries {
				switch e.Mode {
				case filemode.Dir:
					add(&trees, e.Hash)
				case filemode.Submodule:
				default:
					add(&files, e.Hash)
				}
			}
			files = files[:0]
			continue
		}
		h := commits[len(commits)-1]
		commits = commits[:len(commits)-1]
		c, err := object.GetCommit(from, h)
		if err != nil {
			return nil, err
		}
		add(&trees, c.TreeHash)
		for _, parent := range c.ParentHashes {
			add(&commits, parent)
		}
	}
	return all, nil
}

// stoppable is a storage that reads no more when a context has ended.
type stoppable struct {
	storer.EncodedObjectStorer
	deltas storer.DeltaObjectStorer
	at     *attention
}

// EncodedObject implements [storer.EncodedObjectStorer].
func (s stoppable) EncodedObject(t plumbing.ObjectType, h plumbing.Hash) (plumbing.EncodedObject, error) {
	if err := s.at.Err(); err != nil {
		return nil, err
	}
	s.at.timer.Reset(patience)
	return s.EncodedObjectStorer.EncodedObject(t, h)
}

// DeltaObject implements [storer.DeltaObjectStorer].
func (s stoppable) DeltaObject(t plumbing.ObjectType, h plumbing.Hash) (plumbing.EncodedObject, error) {
	if err := s.at.Err(); err != nil {
		return nil, err
	}
	s.at.timer.Reset(patience)
	return s.deltas.DeltaObject(t, h)
}
