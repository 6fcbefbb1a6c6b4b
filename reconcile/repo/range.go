package repo

import (
	"container/heap"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// Range is what a merge request brings: the commits of one revision that another does not have, and what they change together.
type Range struct {
	Base, Head *Tree
	Commits    []Commit // oldest first
	Changed    []string // paths of files that differ between the two revisions' common ancestor and the head, sorted
	from       *object.Commit
}

// Commit is one commit of a range. Paths are the files it changes itself: for a merge, those that read otherwise than in each of its parents.
type Commit struct {
	Hash    string
	Message string
	Paths   []string
	commit  *object.Commit
	repo    *Repo
}

// errShallow says what to do where history is missing.
var errShallow = errors.New("the history between the two is not here; fetch more of it (git fetch --unshallow, in GitLab GIT_DEPTH: 0, in GitHub fetch-depth: 0)")

// Between finds what a revision adds to a base.
func (r *Repo) Between(base, rev string) (*Range, error) {
	if r.git == nil {
		return nil, fmt.Errorf("%s: not in git, so it has no revision to compare with; leave --base out", r.dir)
	}
	if rev == "" {
		rev = "HEAD"
	}
	out := &Range{}
	var err error
	if out.Base, err = r.At(base); err != nil {
		return nil, err
	}
	if out.Head, err = r.At(rev); err != nil {
		return nil, err
	}
	from, err := r.git.CommitObject(plumbing.NewHash(out.Base.Commit))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", base, errShallow)
	}
	to, err := r.git.CommitObject(plumbing.NewHash(out.Head.Commit))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", rev, errShallow)
	}
	out.from = from
	commits, forks, err := walk(from, to)
	if err != nil {
		return nil, err
	}
	if len(forks) == 0 {
		return nil, fmt.Errorf("%s and %s have no common history; %w", base, rev, errShallow)
	}
	if out.Changed, err = r.differ(forks[0], to); err != nil {
		return nil, err
	}
	for _, c := range slices.Backward(commits) {
		paths, err := r.own(c)
		if err != nil {
			return nil, err
		}
		out.Commits = append(out.Commits, Commit{Hash: c.Hash.String(), Message: c.Message, Paths: paths, commit: c, repo: r})
	}
	return out, nil
}

// The two sides that a commit can be reached from.
const (
	baseSide = 1 << iota
	headSide
)

// maxApart is how many commits are read to compare two, so that nobody's history, however long, holds up a run.
const maxApart = 50_000

var errApart = fmt.Errorf("more than %d commits lie between the two", maxApart)

// walk finds the commits that only to reaches, newest first, and where the two histories meet. It reads no further back than it
// must: a commit is taken newest first, and when nothing but base's side is left the walk is over.
func walk(from, to *object.Commit) (only, forks []*object.Commit, err error) {
	side := map[plumbing.Hash]int{from.Hash: baseSide}
	queue := &byTime{from}
	if to.Hash != from.Hash {
		heap.Push(queue, to)
	}
	side[to.Hash] |= headSide
	done := map[plumbing.Hash]int{}
	commits := map[plumbing.Hash]*object.Commit{}
	var order []plumbing.Hash
	met := false
	for queue.Len() > 0 {
		c := heap.Pop(queue).(*object.Commit)
		mine := side[c.Hash]
		if done[c.Hash] == mine {
			continue
		}
		if len(order) == maxApart {
			return nil, nil, errApart
		}
		if done[c.Hash] == 0 {
			order = append(order, c.Hash)
			commits[c.Hash] = c
		}
		done[c.Hash] = mine
		met = met || mine == baseSide|headSide
		// Before the parents are read, which in a shallow clone may not be there.
		if met && mine != headSide && !slices.ContainsFunc(*queue, func(c *object.Commit) bool { return side[c.Hash] == headSide }) {
			break
		}
		for i := range c.NumParents() {
			p, err := c.Parent(i)
			switch {
			case err != nil && mine == headSide:
				return nil, nil, errShallow
			case err != nil:
				// Beyond a shallow clone's end on base's side: what only the head reaches is told all the same, and at worst more of it.
				continue
			}
			if side[p.Hash]|mine != side[p.Hash] || done[p.Hash] == 0 {
				side[p.Hash] |= mine
				heap.Push(queue, p)
			}
		}
	}
	for _, h := range order {
		switch side[h] {
		case headSide:
			only = append(only, commits[h])
		case baseSide | headSide:
			forks = append(forks, commits[h])
		}
	}
	return only, forks, nil
}

// byTime is a heap of commits, the newest at its top.
type byTime []*object.Commit

func (q byTime) Len() int           { return len(q) }
func (q byTime) Less(i, j int) bool { return q[i].Committer.When.After(q[j].Committer.When) }
func (q byTime) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *byTime) Push(c any)        { *q = append(*q, c.(*object.Commit)) }
func (q *byTime) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// own is what a commit changes itself.
func (r *Repo) own(c *object.Commit) ([]string, error) {
	var paths []string
	for i := range max(c.NumParents(), 1) {
		var parent *object.Commit
		if c.NumParents() > 0 {
			var err error
			if parent, err = c.Parent(i); err != nil {
				return nil, errShallow
			}
		}
		changed, err := r.differ(parent, c)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			paths = changed
		} else {
			paths = slices.DeleteFunc(paths, func(p string) bool { return !slices.Contains(changed, p) })
		}
	}
	return paths, nil
}

// differ finds the files of the access repository that two commits have differently, by descending only where the trees' hashes differ. A nil
// commit has none.
func (r *Repo) differ(a, b *object.Commit) ([]string, error) {
	top := func(c *object.Commit) (plumbing.Hash, error) {
		if c == nil {
			return plumbing.ZeroHash, nil
		}
		if r.sub == "" {
			return c.TreeHash, nil
		}
		tree, err := c.Tree()
		if err != nil {
			return plumbing.ZeroHash, errShallow
		}
		e, err := tree.FindEntry(r.sub)
		if err != nil {
			return plumbing.ZeroHash, nil
		}
		return e.Hash, nil
	}
	from, err := top(a)
	if err != nil {
		return nil, err
	}
	to, err := top(b)
	if err != nil {
		return nil, err
	}
	var paths []string
	if err := r.descend("", from, to, &paths); err != nil {
		return nil, err
	}
	slices.Sort(paths)
	return paths, nil
}

func (r *Repo) descend(folder string, a, b plumbing.Hash, paths *[]string) error {
	if a == b {
		return nil
	}
	before, err := r.entries(a)
	if err != nil {
		return err
	}
	after, err := r.entries(b)
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for name := range before {
		names[name] = true
	}
	for name := range after {
		names[name] = true
	}
	for name := range names {
		x, y := before[name], after[name]
		if x.Hash == y.Hash && x.Mode == y.Mode {
			continue
		}
		var treeX, treeY plumbing.Hash
		if x.Mode == filemode.Dir {
			treeX = x.Hash
		}
		if y.Mode == filemode.Dir {
			treeY = y.Hash
		}
		at := path.Join(folder, name)
		if treeX != plumbing.ZeroHash || treeY != plumbing.ZeroHash {
			if err := r.descend(at, treeX, treeY, paths); err != nil {
				return err
			}
		}
		if x.Name != "" && x.Mode != filemode.Dir || y.Name != "" && y.Mode != filemode.Dir {
			*paths = append(*paths, at)
		}
	}
	return nil
}

// entries are those of a tree, by name; none of the zero hash.
func (r *Repo) entries(hash plumbing.Hash) (map[string]object.TreeEntry, error) {
	entries := map[string]object.TreeEntry{}
	if hash == plumbing.ZeroHash {
		return entries, nil
	}
	tree, err := r.git.TreeObject(hash)
	if err != nil {
		return nil, errShallow
	}
	for _, e := range tree.Entries {
		entries[e.Name] = e
	}
	return entries, nil
}

// Short is the hash as people read it, with the message's first line.
func (c Commit) Short() string { return c.Hash[:10] + " " + c.subject() }

func (c Commit) subject() string {
	subject, _, _ := strings.Cut(c.Message, "\n")
	return subject
}
