package scim

import (
	"context"
	"slices"
	"sync"

	"github.com/behorig/behorig/reconcile"
)

const (
	atOnce   = 4   // calls under way, each to a resource of its own
	inOne    = 200 // edits of one call at most
	reversed = 3   // how often a resource that somebody else changed in between is read again
	cutOff   = 3   // after so many calls in a row that did not get through, the rest is not tried
)

// run makes the calls, phase by phase.
func (p *plan) run(ctx context.Context) {
	var cut cuts
	for phase := range phases {
		var writes []*write
		for _, w := range p.order[phase] {
			if w.edits = p.due(phase, w.edits); len(w.edits) > 0 || w.user != nil || w.team != nil {
				writes = append(writes, w.parts()...)
			}
		}
		if p.bulky && len(writes) > 1 {
			writes = p.bulk(ctx, writes)
		}
		var wait sync.WaitGroup
		slot := make(chan bool, atOnce)
		for _, same := range byResource(writes) {
			slot <- true
			wait.Go(func() {
				defer func() { <-slot }()
				for _, w := range same {
					if err := cut.off(); err != nil {
						p.lost(w, err)
						continue
					}
					cut.count(p.one(ctx, w))
				}
			})
		}
		wait.Wait()
	}
}

// byResource are the calls to each resource, which are made one after the other.
func byResource(writes []*write) [][]*write {
	at := map[*resource]int{}
	var all [][]*write
	for _, w := range writes {
		i, ok := at[w.on]
		if !ok {
			i = len(all)
			at[w.on] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], w)
	}
	return all
}

// cuts counts the calls in a row that did not get through.
type cuts struct {
	mu   sync.Mutex
	n    int
	last error
}

func (c *cuts) count(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if reconcile.Passing(err) && refused(err) == nil {
		c.n, c.last = c.n+1, err
	} else if c.n < cutOff {
		c.n = 0
	}
}

// off is why no more calls are made, nil if they are.
func (c *cuts) off() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n < cutOff {
		return nil
	}
	return c.last
}

// due are the edits of a phase that are still to be made: not those of people who could not be made, and nobody is let in for a change that failed.
func (p *plan) due(phase int, edits []*edit) []*edit {
	return slices.DeleteFunc(edits, func(e *edit) bool {
		if e.member != nil && e.member.ID == "" {
			p.fail(e.serves, e.member.made)
			return true
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if phase == take {
			for _, i := range e.serves {
				if c := p.changes[i]; c.Role == "" && c.To == nil && p.errs[i] != nil {
					for _, j := range e.serves {
						p.errs[j] = p.errs[i]
					}
					return true
				}
			}
		}
		return phase >= enter && len(e.serves) > 0 && !slices.ContainsFunc(e.serves, func(i int) bool { return p.errs[i] == nil })
	})
}

// parts cuts a call with very many edits into several. They are of one resource, so they are one after the other.
func (w *write) parts() []*write {
	if len(w.edits) <= inOne || w.user != nil {
		return []*write{w}
	}
	var parts []*write
	for edits := range slices.Chunk(w.edits, inOne) {
		parts = append(parts, &write{on: w.on, edits: edits})
	}
	return parts
}

// all are the changes that a call serves.
func (w *write) all() []int {
	all := slices.Clone(w.serves)
	for _, e := range w.edits {
		all = append(all, e.serves...)
	}
	return all
}

// fail and serve say what came of changes. An error that may pass goes before one that does not: then all is tried again.
func (p *plan) fail(changes []int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, i := range changes {
		if p.errs[i] == nil || reconcile.Passing(err) && !reconcile.Passing(p.errs[i]) {
			p.errs[i] = err
		}
	}
}

func (p *plan) serve(changes []int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, i := range changes {
		p.served[i] = true
	}
}

// results are what came of the changes.
func (p *plan) results() []reconcile.Result {
	results := make([]reconcile.Result, len(p.changes))
	for i := range p.changes {
		status := reconcile.Already
		if p.served[i] {
			status = reconcile.Done
		}
		err := p.errs[i]
		for _, j := range p.relies[i] {
			if p.errs[j] != nil {
				err = p.errs[j]
			}
			if p.had[i] {
				status = reconcile.Done
			}
		}
		if err != nil {
			status = reconcile.Failed
		}
		results[i] = reconcile.Result{Status: status, Err: err}
	}
	return results
}
