package repo

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// Merged is the merge that brought a commit to a branch, by its own word.
type Merged struct {
	Commit  string
	By      string // who merged, as it calls itself
	When    time.Time
	Message string
}

// Merges knows which merge brought each commit to a branch. It is made once and follows the branch: what it has read it does not read again.
type Merges struct {
	mu  sync.Mutex
	tip plumbing.Hash
	by  map[plumbing.Hash]plumbing.Hash // the merge that brought a commit; zero: none, it was made on the branch itself
}

// Of finds the merge that brought a commit to the branch whose newest commit is tip: the first along the branch that has it by another parent than its first. What
// was made on the branch itself, or put there by fast-forward, has none: what such a commit says of approvals is its author's own word.
func (m *Merges) Of(r *Repo, tip, commit string) (Merged, bool, error) {
	if r.git == nil {
		return Merged{}, false, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.follow(r, plumbing.NewHash(tip)); err != nil {
		return Merged{}, false, fmt.Errorf("who merged %s: %w", commit, err)
	}
	hash, ok := m.by[plumbing.NewHash(commit)]
	if !ok || hash.IsZero() {
		return Merged{}, false, nil
	}
	c, err := r.git.CommitObject(hash)
	if err != nil {
		return Merged{}, false, err
	}
	return Merged{Commit: hash.String(), By: c.Author.Name, When: c.Committer.When, Message: c.Message}, true, nil
}

// follow reads what the branch has got since it was read last; all of it, where it has been moved.
func (m *Merges) follow(r *Repo, tip plumbing.Hash) error {
	if m.tip == tip {
		return nil
	}
	var along []*object.Commit // the branch itself, newest first
	at := tip
	for at != m.tip && !at.IsZero() {
		c, err := r.git.CommitObject(at)
		if err != nil {
			if len(along) > 0 && errors.Is(err, plumbing.ErrObjectNotFound) {
				break // a shallow clone ends here
			}
			return err
		}
		along = append(along, c)
		if at = plumbing.ZeroHash; len(c.ParentHashes) > 0 {
			at = c.ParentHashes[0]
		}
	}
	by := m.by
	if at != m.tip || by == nil {
		by = map[plumbing.Hash]plumbing.Hash{}
	}
	m.tip, m.by = plumbing.ZeroHash, nil // until it is done
	for _, c := range slices.Backward(along) {
		by[c.Hash] = plumbing.ZeroHash
		for next := c.ParentHashes[min(1, len(c.ParentHashes)):]; len(next) > 0; {
			h := next[len(next)-1]
			next = next[: len(next)-1 : len(next)-1]
			if _, known := by[h]; known {
				continue
			}
			by[h] = c.Hash
			brought, err := r.git.CommitObject(h)
			if err != nil {
				if errors.Is(err, plumbing.ErrObjectNotFound) {
					continue
				}
				return err
			}
			next = append(next, brought.ParentHashes...)
		}
	}
	m.tip, m.by = tip, by
	return nil
}
