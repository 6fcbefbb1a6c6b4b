package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/targets"
	"github.com/behorig/behorig/schema"
)

// review judges what a revision adds to a base by the base's rules, catalogue and trust.
func (s *session) review(ctx context.Context, base, branch string, approvers []string) (*report.Check, error) {
	between, err := s.repo.Between(base, s.rev)
	if err != nil {
		return nil, usage("%w", err)
	}
	s.tree = between.Base
	if err := s.readWith(ctx, schema.LoadCatalogue); err != nil {
		if f := faults(err); f != nil {
			s.show(f)
			return nil, &exit{exitDenied, fmt.Errorf("%s itself does not load, so it cannot judge: mend it first, with the owners' approval", base)}
		}
		return nil, err
	}
	for _, who := range approvers {
		if !s.org.Knows(who) {
			return nil, fmt.Errorf("--approved-by: %w", mustKnow("person", who, s.org.PersonKeys()))
		}
	}
	// The changed people's own files are all that has to be found of the base: none of them is new there, so nothing can be wrong.
	if near, err := s.org.WithPeople(between.Base.FS, between.Changed); err == nil {
		s.org, s.engine = near, s.engine.For(near)
	}
	doc := &report.Check{Commit: between.Head.Label, Base: between.Base.Label, On: s.on, Organisation: s.org.Organisation}
	m := reconcile.Merge{Base: s.source(), Changed: between.Changed, Approvers: approvers, Branch: branch, Commits: commits(between, s.org, s.on)}
	var headErr error
	m.Head, headErr = s.org.WithPeople(between.Head.FS, m.Changed)
	doc.Faults = faults(headErr)
	if slices.ContainsFunc(m.Changed, func(file string) bool { return schema.Area(file) != "people" }) {
		next, err := s.next(ctx, between.Head)
		if f := faults(err); f != nil {
			doc.Faults = append(doc.Faults, f...)
		} else if err != nil {
			return nil, err
		}
		m.Next = next
	}
	doc.Faults = append(doc.Faults, s.owners(between, m.Next)...)
	ctx, cancel := bounded(ctx, s.extent(&m), s.timeout)
	defer cancel()
	doc.Review, err = m.Review(ctx)
	if err = because(ctx, err); err != nil {
		return nil, err
	}
	doc.Faults = append(doc.Faults, doc.Review.Faults...).Sorted()
	doc.Findings, doc.Errors = doc.Review.Findings, doc.Review.Errors
	people := doc.Review.Names
	named := slices.Concat(slices.Collect(maps.Keys(people)), slices.Collect(peopleOf(doc.Review)))
	for key, name := range s.people(slices.Compact(slices.Sorted(slices.Values(named)))...) {
		if people[key] != key { // whom either side protects is shown by neither's name
			people[key] = name
		}
	}
	doc.Names = report.NamesOf(s.org, people)
	return doc, nil
}

// extent is how many people a merge request may have judged: those whom it changes, or everybody where it changes more than people.
func (s *session) extent(m *reconcile.Merge) int {
	if m.Next != nil {
		return len(s.org.PersonKeys())
	}
	return len(m.Changed)
}

// owners are the faults of a CODEOWNERS file that a merge request brings: by the request's own settings and owners, and none that was wrong before.
func (s *session) owners(between *repo.Range, next *reconcile.Source) schema.Faults {
	after := s.org
	if next != nil {
		after = next.Org
	}
	was := map[string]bool{}
	for _, f := range staleOwners(between.Base.FS, s.org) {
		was[f.File] = true
	}
	return slices.DeleteFunc(staleOwners(between.Head.FS, after), func(f schema.Fault) bool { return was[f.File] })
}

// peopleOf are the people whom a review names.
func peopleOf(r *reconcile.Review) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		if r.Radius == nil {
			return
		}
		for _, k := range slices.Concat(r.Radius.Withheld, r.Radius.Freed, r.Radius.Lost, r.Radius.Gained) {
			if !yield(k.Person) {
				return
			}
		}
	}
}

// next is the whole of a merge request, rules and catalogue included, to show whom they would hit; nil with the faults that keep it from being loaded.
func (s *session) next(ctx context.Context, head *repo.Tree) (*reconcile.Source, error) {
	org, err := schema.LoadTargets(head.FS, s.targets)
	if err == nil {
		err = targets.Check(org)
	}
	if err != nil {
		return nil, err
	}
	engine, err := policies.Compile(ctx, org)
	if err != nil {
		return nil, err
	}
	return &reconcile.Source{Org: org, Engine: engine, Commit: head.Label, On: s.on}, nil
}

// commits are those of a range with who signed them, by the base's trust, as they would be merged on a day.
func commits(between *repo.Range, base *schema.Org, on schema.Date) []reconcile.Commit {
	var out []reconcile.Commit
	signed := between.Signed(base.Signers, base.Portal.Keys, on)
	for i, c := range between.Commits {
		err := signed[i].Why
		m := reconcile.Commit{ID: c.Hash[:10], Message: c.Message, Paths: c.Paths, Signer: signed[i].Signer}
		// The first that it is: the two that tell what to do are bad signatures too.
		for _, known := range []error{repo.ErrMergedBefore, repo.ErrTooOld, repo.ErrUnsigned, repo.ErrUnknownKey, repo.ErrBadSigned} {
			if errors.Is(err, known) {
				m.Problem = cmp.Or(m.Problem, known.Error())
			}
		}
		m.Problem = cmp.Or(m.Problem, errorText(err))
		out = append(out, m)
	}
	return out
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
