package repo

import (
	"container/heap"
	"context"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// past is a branch's history, read newest first and no further than it is asked for.
type past struct {
	queue   *byTime
	seen    map[plumbing.Hash]bool
	reached time.Time // all commits that are later have been read
	each    func(*object.Commit) error
}

func newPast(from *object.Commit, each func(*object.Commit) error) *past {
	return &past{&byTime{from}, map[plumbing.Hash]bool{from.Hash: true}, from.Committer.When.Add(1), each}
}

// until reads on until all that are left are older than a time, or so many have been read that what is older does not matter any more: a date is what
// whoever made the commit wrote in it, and must not have us read for ever.
func (p *past) until(ctx context.Context, since time.Time) error {
	for p.queue.Len() > 0 && len(p.seen) < maxApart && !(*p.queue)[0].Committer.When.Before(since) {
		if err := ctx.Err(); err != nil {
			return err
		}
		c := heap.Pop(p.queue).(*object.Commit)
		if c.Committer.When.Before(p.reached) {
			p.reached = c.Committer.When
		}
		if err := p.each(c); err != nil {
			return err
		}
		for i, h := range c.ParentHashes {
			if p.seen[h] {
				continue
			}
			p.seen[h] = true
			parent, err := c.Parent(i)
			if err != nil {
				return err
			}
			heap.Push(p.queue, parent)
		}
	}
	return nil
}
