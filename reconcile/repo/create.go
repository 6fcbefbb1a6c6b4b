package repo

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/memory"
)

// Create makes a bare repository in a folder that is not there or empty, with one commit of some files on main: for a trial and for tests.
func Create(dir string, files map[string][]byte, when time.Time) error {
	r, err := git.PlainInitWithOptions(dir, &git.PlainInitOptions{Bare: true, InitOptions: git.InitOptions{DefaultBranch: mainBranch}})
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	made := memory.NewStorage()
	g := &graft{from: made, to: made}
	c := &object.Commit{Message: "The files of the example\n", Author: object.Signature{Name: "Exempel", Email: "exempel@example.test", When: when}}
	c.Committer = c.Author
	if c.TreeHash, err = g.tree("", plumbing.ZeroHash, files); err != nil {
		return err
	}
	hash, err := g.put(c)
	if err != nil {
		return err
	}
	for _, o := range made.Objects {
		if _, err := r.Storer.SetEncodedObject(o); err != nil {
			return err
		}
	}
	return r.Storer.SetReference(plumbing.NewHashReference(mainBranch, hash))
}

// Merge makes a commit the newest of main in a bare repository, as a forge does when somebody merges. It must be there, and follow the newest.
func Merge(dir, commit string) error {
	r, err := git.PlainOpen(dir)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	was, err := r.Reference(mainBranch, true)
	if err != nil {
		return err
	}
	next, err := r.CommitObject(plumbing.NewHash(commit))
	if err != nil {
		return fmt.Errorf("%s: %w", commit, err)
	}
	now, err := r.CommitObject(was.Hash())
	if err != nil {
		return err
	}
	if follows, err := now.IsAncestor(next); err != nil || !follows {
		return errors.Join(fmt.Errorf("%s does not follow the newest commit", commit), err)
	}
	return r.Storer.CheckAndSetReference(plumbing.NewHashReference(mainBranch, next.Hash), was)
}

var mainBranch = plumbing.NewBranchReferenceName("main")
