package repo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// Proposed is an order as a commit of the managers' pages says it, on a branch of its own or merged. What its message says counts where Signer is set.
type Proposed struct {
	Branch   string // full name of the reference, as refs/heads/…; "" of a merged one
	Commit   string
	Base     string // where it left the branch; of a merged one its parent
	Subject  string
	Message  string
	Author   string
	Email    string // the author's
	When     time.Time
	Trailers // zero if there are none, or not as they must be

	Commits int      // how many it adds to Base: one, if nobody has pushed more to it
	Paths   []string // what it changes, sorted
	Signer  string   // the person who ordered: what the trailer says, proved by a portal's key; "" if Why says why not
	Why     error
	Merged  bool
}

// The most orders that are looked at.
const (
	maxProposals = 2000
	maxPulls     = 500 // a forge never lets go of its pull requests' references; the newest count
)

// reference is one of the remote's.
type reference struct {
	name string
	hash plumbing.Hash
}

func hashes(refs []reference) []plumbing.Hash {
	all := make([]plumbing.Hash, len(refs))
	for i, r := range refs {
		all[i] = r.hash
	}
	return all
}

// Proposals fetches the branch and those whose names begin with a prefix, and tells what each proposes, sorted by name. A prefix refs/pull/ means pull
// requests as Forgejo and Gitea keep them: refs/pull/<number>/head, the newest 500. portals are the keys whose word counts.
//
// An order is merged when the branch stands on its commit or, where a forge has squashed or rebased it, holds another with its Behorig-Order, or reads in
// all its files as it says, so that there is nothing left to merge.
func (m *Mirror) Proposals(ctx context.Context, prefix string, portals []string) ([]Proposed, error) {
	main, found, err := m.fetch(ctx, func(refs map[string]plumbing.Hash) ([]reference, error) { return choose(refs, prefix) })
	if err != nil {
		return nil, err
	}
	branch, err := object.GetCommit(m.store, main)
	if err != nil {
		return nil, m.place.fault(ctx, err)
	}
	done := map[string]bool{}
	past := newPast(branch, func(c *object.Commit) error {
		if id := orderOf(c.Message); id != "" {
			done[id] = true
		}
		return nil
	})
	var all []Proposed
	for _, ref := range found {
		c, err := object.GetCommit(m.store, ref.hash)
		if err != nil || ref.name == m.place.reference.String() {
			continue
		}
		p, err := m.proposal(ctx, past, branch, c, portals)
		if err != nil {
			return nil, m.place.fault(ctx, err)
		}
		p.Branch = ref.name
		all = append(all, p)
	}
	for i, p := range all {
		all[i].Merged = p.Merged || p.Order != "" && done[p.Order]
	}
	return all, nil
}

// choose finds the references that a prefix means.
func choose(refs map[string]plumbing.Hash, prefix string) ([]reference, error) {
	pulls := prefix == "refs/pull/"
	if !strings.HasPrefix(prefix, "refs/") {
		prefix = "refs/heads/" + prefix
	}
	var all []reference
	number := func(name string) int {
		n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(name, prefix), "/head"))
		return n
	}
	for name, hash := range refs {
		if strings.HasPrefix(name, prefix) && (!pulls || strings.HasSuffix(name, "/head") && number(name) > 0) {
			all = append(all, reference{name, hash})
		}
	}
	if pulls {
		slices.SortFunc(all, func(a, b reference) int { return number(b.name) - number(a.name) })
		all = all[:min(len(all), maxPulls)]
	}
	if len(all) > maxProposals {
		return nil, told{fmt.Errorf("%d branches begin with %s; delete those that are merged or given up", len(all), prefix)}
	}
	slices.SortFunc(all, func(a, b reference) int { return strings.Compare(a.name, b.name) })
	return all, nil
}

// proposal tells what a commit proposes to a branch. The branch's past is then known back to where the two met.
func (m *Mirror) proposal(ctx context.Context, past *past, branch, c *object.Commit, portals []string) (Proposed, error) {
	p := m.read(c, portals)
	base, n, err := m.fork(ctx, past, branch, c)
	if err == nil {
		p.Base, p.Commits, p.Merged = base.Hash.String(), n, n == 0
		err = past.until(ctx, base.Committer.When)
	}
	switch {
	case ctx.Err() != nil:
		return p, ctx.Err()
	case err == nil && p.Merged:
		p.Paths, err = m.repo.own(c)
	case err == nil:
		if p.Paths, err = m.repo.differ(base, c); err == nil {
			p.Merged, err = m.repo.alike(branch, c, p.Paths)
		}
	}
	if err != nil {
		p.Signer, p.Why = "", cmp.Or(p.Why, err)
	}
	return p, nil
}

// alike tells whether files, at least one, are the same in two commits, or in neither.
func (r *Repo) alike(a, b *object.Commit, paths []string) (bool, error) {
	var at [2]*object.Tree
	for i, c := range []*object.Commit{a, b} {
		tree, err := c.Tree()
		if err != nil {
			return false, err
		}
		at[i] = tree
	}
	for _, name := range paths {
		var entries [2]object.TreeEntry
		for i, tree := range at {
			if e, err := tree.FindEntry(r.inside(name)); err == nil {
				entries[i] = object.TreeEntry{Hash: e.Hash, Mode: e.Mode}
			}
		}
		if entries[0] != entries[1] {
			return false, nil
		}
	}
	return len(paths) > 0, nil
}

// fork finds where a commit left a branch, and how many commits ago. Most orders are one commit upon the branch's past, which is read once for all.
func (m *Mirror) fork(ctx context.Context, past *past, branch, c *object.Commit) (*object.Commit, int, error) {
	if c.NumParents() == 1 {
		parent, err := c.Parent(0)
		if err != nil {
			return nil, 0, err
		}
		if err := past.until(ctx, parent.Committer.When); err != nil {
			return nil, 0, err
		}
		if past.seen[parent.Hash] && !past.seen[c.Hash] && c.Committer.When.After(past.reached) {
			return parent, 1, nil
		}
	}
	only, forks, err := walk(branch, c)
	if err == nil && len(forks) == 0 {
		err = errors.New("it shares no history with the branch")
	}
	if err != nil {
		return nil, 0, err
	}
	return forks[0], len(only), nil
}

// read tells what a commit says of itself.
func (m *Mirror) read(c *object.Commit, portals []string) Proposed {
	one := Commit{Hash: c.Hash.String(), Message: c.Message, commit: c, repo: m.repo}
	p := Proposed{
		Commit: one.Hash, Subject: one.subject(), Message: c.Message, Author: c.Author.Name, Email: c.Author.Email, When: c.Author.When,
	}
	if t, err := ParseTrailers(c.Message); err == nil {
		p.Trailers = t
	} else {
		p.Order = orderOf(c.Message)
	}
	p.Signer, p.Why = one.Signer(nil, portals)
	return p
}

// Log tells the orders that are on the branch as it was last fetched, by commits made since a time, newest first. Of one that a forge has squashed or rebased
// the signature is gone: it is told without a Signer.
func (m *Mirror) Log(ctx context.Context, since time.Time, portals []string) ([]Proposed, error) {
	branch, err := object.GetCommit(m.store, m.at())
	if err != nil {
		return nil, fmt.Errorf("%s: nothing has been fetched yet", m.place.shown)
	}
	var all []Proposed
	past := newPast(branch, func(c *object.Commit) error {
		if orderOf(c.Message) == "" {
			return nil
		}
		p := m.read(c, portals)
		p.Merged, p.Commits = true, 1
		if c.NumParents() > 0 {
			p.Base = c.ParentHashes[0].String()
		}
		var err error
		p.Paths, err = m.repo.own(c)
		all = append(all, p)
		return err
	})
	if err := past.until(ctx, since); err != nil {
		return nil, m.place.fault(ctx, err)
	}
	return all, nil
}
