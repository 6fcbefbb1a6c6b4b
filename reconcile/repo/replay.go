package repo

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"

	"github.com/behorig/behorig/schema"
)

// A signature does not cover itself, so whoever writes it otherwise has another commit with as good a signature, and one that was never merged stays good
// for ever. So what was ordered or signed once counts once, and an order not for ever. Both are [ErrBadSigned].
var (
	ErrMergedBefore = fmt.Errorf("%w: this order has been merged before; order anew", ErrBadSigned)
	ErrTooOld       = fmt.Errorf("%w: this order was made more than %d days before; order anew", ErrBadSigned, maxOrderDays)

	errTwin = fmt.Errorf("%w: the same commit stands there twice, with its signature written otherwise; commit anew", ErrBadSigned)
)

// maxOrderDays is how long after it was made an order may be merged.
const maxOrderDays = 90

// Signed is whose key has signed a commit, "" if Why says why it counts as nobody's.
type Signed struct {
	Signer string
	Why    error
}

// Signed tells of each commit of the range whose key has signed it, as [Commit.Signer] does, and besides that nothing is merged twice or too late: an order
// whose Behorig-Order the base's history holds is [ErrMergedBefore], and one that was made more than 90 days before the day is [ErrTooOld].
func (r *Range) Signed(signers map[string][]string, portals []string, on schema.Date) []Signed {
	return judge(r.from, r.Commits, signers, portals, on.Time())
}

// judge tells of each commit, oldest first, who signed it, if it is not among what base stands on in another form. A zero time judges no age.
func judge(base *object.Commit, commits []Commit, signers map[string][]string, portals []string, at time.Time) []Signed {
	b := &before{base: base, here: map[plumbing.Hash]*object.Commit{}, near: newCarried(), known: map[plumbing.Hash]*carried{}}
	for _, c := range commits {
		b.here[c.commit.Hash] = c.commit
		b.near.add(c.commit, c.commit.NumParents() < 2) // a forge's merge may name the order that it merges
	}
	out := make([]Signed, len(commits))
	portal := make([]bool, len(commits))
	var left []*object.Commit
	for i, c := range commits {
		out[i].Signer, portal[i], out[i].Why = c.signer(signers, portals)
		if out[i].Why == nil && portal[i] && stale(c.commit, at) {
			out[i] = Signed{Why: ErrTooOld}
		}
		if out[i].Why == nil {
			left = append(left, b.left(c.commit))
		}
	}
	b.line(left)
	for i, c := range commits {
		if out[i].Why != nil {
			continue
		}
		if err := b.unmerged(c.commit, portal[i]); err != nil {
			out[i] = Signed{Why: err}
		}
	}
	return out
}

// stale tells whether an order was made too long before. Its date is signed; it is the portal's own clock.
func stale(c *object.Commit, at time.Time) bool {
	return !at.IsZero() && c.Committer.When.AddDate(0, 0, maxOrderDays).Before(at)
}

// carried are the orders and the signed commits that some commits hold, and how many of them.
type carried struct {
	orders map[string]int
	signed map[plumbing.Hash]int // by what is signed
	err    error                 // they could not all be read
}

func newCarried() *carried {
	return &carried{orders: map[string]int{}, signed: map[plumbing.Hash]int{}}
}

func (k *carried) add(c *object.Commit, named bool) {
	if id := orderOf(c.Message); named && id != "" {
		k.orders[id]++
	}
	if c.PGPSignature != "" {
		k.signed[payload(c)]++
	}
}

// payload names what a commit's signature is of.
func payload(c *object.Commit) plumbing.Hash {
	o := &plumbing.MemoryObject{}
	if c.EncodeWithoutSignature(o) != nil {
		return c.Hash
	}
	return o.Hash()
}

// before is what stood on a base already when commits are to be added to it.
type before struct {
	base  *object.Commit // nil: not known
	here  map[plumbing.Hash]*object.Commit
	near  *carried
	known map[plumbing.Hash]*carried // by the commit since which
	exits map[plumbing.Hash]*object.Commit
}

// left finds where the history of a new commit leaves what is new. A commit's parents are signed with it, and could not yet hold it: so what base has
// got since is all that has to be read, whatever dates others wrote.
func (b *before) left(c *object.Commit) *object.Commit {
	if b.exits == nil {
		b.exits = map[plumbing.Hash]*object.Commit{}
	}
	at := c
	for at.NumParents() > 0 {
		if known := b.exits[at.Hash]; known != nil {
			at = known
			break
		}
		parent := b.here[at.ParentHashes[0]]
		if parent == nil {
			if old, err := at.Parent(0); err == nil {
				at = old
			}
			break
		}
		at = parent
	}
	b.exits[c.Hash] = at
	return at
}

// line reads once for all commits that left base's own line: since the oldest is since every one. Dates tell here when to give up, no more.
func (b *before) line(left []*object.Commit) {
	wanted := map[plumbing.Hash]bool{}
	oldest := time.Time{}
	for _, c := range left {
		wanted[c.Hash] = true
		if when := c.Committer.When; oldest.IsZero() || when.Before(oldest) {
			oldest = when
		}
	}
	if b.base == nil || len(wanted) < 2 {
		return
	}
	var found []*object.Commit
	at := b.base
	for range maxApart {
		if wanted[at.Hash] {
			found = append(found, at)
		}
		if len(found) == len(wanted) || at.NumParents() == 0 || at.Committer.When.Before(oldest.AddDate(0, 0, -1)) {
			break
		}
		parent, err := at.Parent(0)
		if err != nil {
			break
		}
		at = parent
	}
	if len(found) == 0 {
		return
	}
	all := b.since(found[len(found)-1])
	for _, c := range found {
		b.known[c.Hash] = all
	}
}

// since is what base has got since a commit.
func (b *before) since(c *object.Commit) *carried {
	if k := b.known[c.Hash]; k != nil {
		return k
	}
	k := newCarried()
	b.known[c.Hash] = k
	if b.base == nil {
		return k
	}
	only, _, err := walk(c, b.base)
	k.err = err
	for _, o := range only {
		k.add(o, true)
	}
	return k
}

// unmerged tells whether a signed commit is not there in another form: an order by its number, since a forge may have squashed or rebased it, and any by
// what is signed.
func (b *before) unmerged(c *object.Commit, portal bool) error {
	since := b.since(b.left(c))
	switch id, signed := orderOf(c.Message), payload(c); {
	case portal && (since.orders[id] > 0 || b.near.orders[id] > 1):
		return ErrMergedBefore
	case since.signed[signed] > 0 || b.near.signed[signed] > 1:
		return errTwin
	// A person's own was trusted in a shallow clone before, and stays so.
	case since.err != nil && (portal || !errors.Is(since.err, errShallow)):
		return fmt.Errorf("%w: it cannot be told whether it has been merged before: %w", ErrBadSigned, since.err)
	}
	return nil
}
