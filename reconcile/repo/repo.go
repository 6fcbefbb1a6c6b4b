// Package repo reads an access repository: a plain folder, the work tree of a git repository, or a commit of one, bare or not. What it
// gives is a file tree; what is in the files is not its affair.
package repo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// Repo is an access repository.
type Repo struct {
	dir  string          // as given
	git  *git.Repository // nil: a plain folder
	sub  string          // where in the git repository the access repository lies, "" at its top
	bare bool
}

// Tree is the files of a repository at a commit, or as they lie in the folder.
type Tree struct {
	fs.FS
	Commit string // 40 hex digits; "" for files in a folder
	Label  string // the commit for people: its hash, "hash+worktree" or "folder"
}

// Open finds the repository of a folder.
func Open(dir string) (*Repo, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: there is no such folder; name the access repository with --repo", dir)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s: not a folder; name the access repository with --repo", dir)
	}
	r := &Repo{dir: dir}
	if isBare(dir) {
		r.bare = true
		r.git, err = open(osfs.New(dir), nil)
		return r, err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return nil, err
	}
	for top := abs; ; top = filepath.Dir(top) {
		if _, err := os.Stat(filepath.Join(top, ".git")); err == nil {
			if r.git, err = git.PlainOpenWithOptions(top, &git.PlainOpenOptions{EnableDotGitCommonDir: true}); err != nil {
				return nil, fmt.Errorf("%s: %w", top, err)
			}
			if storage, ok := r.git.Storer.(*filesystem.Storage); ok {
				if r.git, err = open(storage.Filesystem(), &top); err != nil {
					return nil, err
				}
			}
			sub, err := filepath.Rel(top, abs)
			if sub != "." {
				r.sub = filepath.ToSlash(sub)
			}
			return r, err
		}
		if filepath.Dir(top) == top {
			return r, nil
		}
	}
}

func isBare(dir string) bool {
	for _, name := range []string{"HEAD", "objects", "refs"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

// open opens a git folder for many readers.
func open(gitDir billy.Filesystem, workTree *string) (*git.Repository, error) {
	s := newStore(gitDir)
	if workTree != nil {
		return git.Open(s, osfs.New(*workTree))
	}
	return git.Open(s, nil)
}

// Close lets go of files that are kept open for speed. The trees that were read stay readable.
func (r *Repo) Close() error {
	if r.git == nil {
		return nil
	}
	if s, ok := r.git.Storer.(*store); ok {
		return s.Close()
	}
	return nil
}

// State is the folder beside the files that the tool keeps its own state in.
func (r *Repo) State() string { return filepath.Join(r.dir, ".behorig") }

// At is the files at a revision (a branch, tag or commit); "" is the files as they lie in the folder, or the newest commit of a bare repository.
func (r *Repo) At(rev string) (*Tree, error) {
	switch {
	case rev == "" && r.bare:
		rev = "HEAD"
	case rev == "":
		root, err := os.OpenRoot(r.dir)
		if err != nil {
			return nil, err
		}
		return &Tree{FS: root.FS(), Label: r.label()}, nil
	case r.git == nil:
		return nil, fmt.Errorf("%s: not in git, so it has no revision %q; leave --rev out", r.dir, rev)
	}
	hash, err := r.git.ResolveRevision(plumbing.Revision(rev))
	if err != nil {
		return nil, fmt.Errorf("%s: revision %q is not here (%w); fetch it first, in a shallow clone with more depth", r.dir, rev, err)
	}
	commit, err := r.git.CommitObject(*hash)
	if err != nil {
		return nil, fmt.Errorf("%s: revision %q is no commit: %w", r.dir, rev, err)
	}
	tree, err := commit.Tree()
	if err != nil {
		return nil, fmt.Errorf("%s: %s: its files are not here (%w); fetch them first", r.dir, rev, err)
	}
	if r.sub != "" {
		if tree, err = tree.Tree(r.sub); err != nil {
			return nil, fmt.Errorf("%s: %s has no folder %s", r.dir, rev, r.sub)
		}
	}
	return &Tree{FS: newTreeFS(tree), Commit: hash.String(), Label: hash.String()}, nil
}

func (r *Repo) label() string {
	if r.git == nil {
		return "folder"
	}
	head, err := r.git.Head()
	if err != nil {
		return "worktree"
	}
	return head.Hash().String() + "+worktree"
}

// Origin is who last wrote a line, and in which commit.
type Origin struct {
	Commit  string
	Author  string
	When    time.Time
	Subject string
}

// ErrNoOrigin tells that there is no git, or that the line has not been committed.
var ErrNoOrigin = errors.New("the line is in no commit")

// Origin finds the commit that last wrote a line of a file, of the newest commit ("" for rev) or another.
func (r *Repo) Origin(rev, file string, line int) (Origin, error) {
	if r.git == nil {
		return Origin{}, ErrNoOrigin
	}
	if rev == "" {
		rev = "HEAD"
	}
	hash, err := r.git.ResolveRevision(plumbing.Revision(rev))
	if err != nil {
		return Origin{}, ErrNoOrigin
	}
	commit, err := r.git.CommitObject(*hash)
	if err != nil {
		return Origin{}, ErrNoOrigin
	}
	if r.sub != "" {
		file = r.sub + "/" + file
	}
	blame, err := git.Blame(commit, file)
	if err != nil || line < 1 || line > len(blame.Lines) {
		return Origin{}, ErrNoOrigin
	}
	b := blame.Lines[line-1]
	return r.origin(b.Hash)
}

func (r *Repo) origin(hash plumbing.Hash) (Origin, error) {
	var c *object.Commit
	c, err := r.git.CommitObject(hash)
	if err != nil {
		return Origin{}, ErrNoOrigin
	}
	subject, _, _ := strings.Cut(c.Message, "\n")
	return Origin{Commit: hash.String(), Author: c.Author.Name, When: c.Author.When, Subject: subject}, nil
}
