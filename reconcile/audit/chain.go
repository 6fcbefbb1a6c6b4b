package audit

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/behorig/behorig/schema"
)

// Chain checks the records of one chain, which come in the order of seq.
//
//	changed record       its hash does not fit                       hash
//	changed hash         its hash does not fit, the next one's does   hash
//	removed              a number is missing                          gap
//	removed, renumbered  the following fit under their old numbers    order
//	two swapped          each fits under the other's number           order
//	put in               its hash fits under no number                hash
//	tail cut off         the head is further on                       head
type Chain struct {
	name     string
	last     int64
	stored   string // the hash of the last record, as it says itself
	computed string // and as it should be
	unknown  bool   // what came before is missing
	suspects []suspect
	damages  []Damage
	points   []point
}

// suspect is a record whose hash does not fit.
type suspect struct {
	Record
	prev string // the hash of what stands before it
	hash bool   // only its hash is wrong
}

// point is what a checkpoint says of the chain.
type point struct {
	Head
	at   string
	seen bool
}

// NewChain begins a chain that is to be held against checkpoints.
func NewChain(name string, checkpoints []Signed) *Chain {
	c := &Chain{name: name, stored: zero, computed: zero}
	for _, s := range checkpoints {
		for _, h := range s.Heads {
			if h.Chain == name {
				c.points = append(c.points, point{Head: h, at: Stamp(s.At)})
			}
		}
	}
	return c
}

// Add takes the next record.
func (c *Chain) Add(r Record) {
	switch want := c.last + 1; {
	case r.Seq < want:
		c.damage(r, BadOrder, sayTwice)
		return
	case r.Seq > want:
		c.damages = append(c.damages, Damage{Chain: c.name, Seq: want, Table: "audit", What: Gap, Text: gap(want, r.Seq-1)})
		c.unknown = true
	}
	if _, err := ParseStamp(r.At); err != nil {
		c.damage(r, BadBody, sayAt)
	}
	computed := Link(c.stored, r)
	switch {
	case c.unknown, computed == r.Hash:
	case c.stored != c.computed && Link(c.computed, r) == r.Hash:
		c.suspects[len(c.suspects)-1].hash = true
	default:
		c.suspects = append(c.suspects, suspect{Record: r, prev: c.stored})
	}
	if c.unknown {
		computed = r.Hash
	}
	c.last, c.stored, c.computed, c.unknown = r.Seq, r.Hash, computed, false
	for i, p := range c.points {
		if p.Seq == r.Seq {
			c.points[i].seen = true
			if p.Hash != r.Hash {
				c.damage(r, BadCheckpoint, sayRewritten.With("at", p.at))
			}
		}
	}
}

func (c *Chain) damage(r Record, what What, text schema.Text) {
	d := Damage{Chain: c.name, Seq: r.Seq, Table: "audit", What: what, Text: text}
	if b, err := Decode(r.Body); err == nil {
		d.Entry = b.Entry
	}
	c.damages = append(c.damages, d)
}

// End is what is wrong with the chain, in order; head is what is noted of its last record, nil if nothing is.
func (c *Chain) End(head *Head) []Damage {
	at := Damage{Chain: c.name, Seq: c.last, Table: "head", What: BadHead}
	switch {
	case head == nil && c.last == 0:
	case head == nil:
		at.Text = sayNoHead
	case head.Seq > c.last:
		at.Text = cut(head.Seq-c.last, c.last)
	case head.Seq < c.last:
		at.Seq, at.Text = head.Seq, sayBeyond.With("last", itoa(c.last))
	case head.Hash == c.stored:
	case head.Hash == c.computed && len(c.suspects) > 0 && c.suspects[len(c.suspects)-1].Seq == c.last:
		c.suspects[len(c.suspects)-1].hash = true
	default:
		at.Text = sayHead
	}
	if at.Text.En != "" {
		c.damages = append(c.damages, at)
	}
	for _, s := range c.suspects {
		switch seq := c.written(s); {
		case c.displaced(s):
		case s.hash:
			c.damage(s.Record, BadHash, sayHash)
		case seq != 0:
			c.damage(s.Record, BadOrder, sayOrder.With("seq", itoa(seq)))
		default:
			c.damage(s.Record, BadHash, sayContent)
		}
	}
	for _, p := range c.points {
		if !p.seen {
			c.damages = append(c.damages, Damage{Chain: c.name, Seq: p.Seq, Table: "audit", What: BadCheckpoint, Text: sayShort.With("at", p.at)})
		}
	}
	slices.SortStableFunc(c.damages, func(a, b Damage) int { return cmp.Compare(a.Seq, b.Seq) })
	return c.damages
}

// closely is how many records are held against each other to find those that were swapped; more than that have been renumbered rather.
const closely = 40

// written is the number under which a record's hash fits, 0 if it is not found.
func (c *Chain) written(s suspect) int64 {
	fits := func(prev string, seq int64) bool {
		r := s.Record
		r.Seq = seq
		return seq != s.Seq && seq > 0 && Link(prev, r) == s.Hash
	}
	for _, by := range []int64{1, -1, 2, -2, 3, -3} {
		if fits(s.prev, s.Seq+by) {
			return s.Seq + by
		}
	}
	if len(c.suspects) > closely {
		return 0
	}
	for _, other := range c.suspects {
		if fits(other.prev, other.Seq) {
			return other.Seq
		}
		for _, third := range c.suspects {
			if fits(third.Hash, other.Seq) {
				return other.Seq
			}
		}
	}
	return 0
}

// displaced tells that a record is as it was, and only the one before it is not: that stands elsewhere now.
func (c *Chain) displaced(s suspect) bool {
	return len(c.suspects) <= closely && slices.ContainsFunc(c.suspects, func(other suspect) bool { return Link(other.Hash, s.Record) == s.Hash })
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
