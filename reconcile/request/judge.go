package request

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// The levels of a hindrance.
const (
	Stop = "stop" // the merge is refused
	Wait = "wait" // it is merged once somebody has approved it, or given once something is mended
	Note = "note" // it hinders nothing
)

// Hindrance is one thing that stands in a request's way, or is to be known of it.
type Hindrance struct {
	Rule, Level string
	What, Do    schema.Text
	Who         []string     // keys of the people who can mend it, or of a desk where nobody is named for it
	Keys        []schema.Key // grants that it stops
	Person      string       // "": nobody in particular
}

// Verdict is what the policies make of a request, before it is sent.
type Verdict struct {
	Hindrances []Hindrance // stops first
	Effects    []reconcile.Effect
	Approvers  []string          // who beside the orderer may give the approvals that it needs; none: it needs none, or is stopped anyhow
	Names      map[string]string // of all people named, as they may be shown
}

// Stops tells whether the merge request would be refused, whoever approved it.
func (v *Verdict) Stops() bool {
	return slices.ContainsFunc(v.Hindrances, func(h Hindrance) bool { return h.Level == Stop })
}

// Judge judges a request's files by the policies that its merge request will be held to, as if it were one commit that by had signed. Only the people whom
// the files are of are read, unless a login or number is new, which must be nobody else's, or the last holder loses a role.
func Judge(ctx context.Context, src reconcile.Source, by string, files []File) (*Verdict, error) {
	j, err := review(ctx, src, by, files)
	if err != nil {
		return nil, err
	}
	return j.finished(), nil
}

// review reviews files as a merge request, and turns what is found into hindrances.
func review(ctx context.Context, src reconcile.Source, by string, files []File) (*judging, error) {
	if err := within(files); err != nil {
		return nil, err
	}
	changed := paths(files)
	over := Apply(src.Org.Files(), files)
	head, err := src.Org.WithPeople(over, changed)
	faults, err := faultsOf(err)
	if err != nil {
		return nil, err
	}
	// Whom the base knows of these is all that has to be found of it.
	if near, err := src.Org.WithPeople(src.Org.Files(), changed); err == nil {
		src.Org, src.Engine = near, src.Engine.For(near)
	}
	merge := reconcile.Merge{Base: src, Head: head, Changed: changed, Commits: []reconcile.Commit{{ID: "request", Signer: by, Paths: changed}}}
	r, err := merge.Review(ctx)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(changed, func(f string) bool { return schema.Area(f) == "units" }) {
		_, err := schema.LoadCatalogue(over, cmp.Or(src.Org.Targets.Path, "targets.yaml"))
		f, err := faultsOf(err)
		if err != nil {
			return nil, err
		}
		faults = append(faults, f...)
	}
	j := &judging{src: src, head: head, by: by, verdict: &Verdict{Effects: r.Effects, Names: map[string]string{}}}
	maps.Copy(j.verdict.Names, r.Names)
	j.changes = map[string]bool{}
	for _, f := range changed {
		j.changes[personOf(f)] = true
	}
	for _, f := range append(faults, r.Faults...).Sorted() {
		j.add(Hindrance{Rule: "format", Level: Stop, What: f.What, Do: judgeWords["fault"].Do.With("file", f.File, "line", strconv.Itoa(f.Line)), Person: personOf(f.File)})
	}
	for range r.Errors {
		j.add(Hindrance{Rule: "format", Level: Stop, What: judgeWords["unjudged"].What, Do: judgeWords["unjudged"].Do})
	}
	j.findings(r.Findings)
	return j, nil
}

// faultsOf parts what files have against them from other errors.
func faultsOf(err error) (schema.Faults, error) {
	var f schema.Faults
	if err == nil || errors.As(err, &f) {
		return f, nil
	}
	return nil, err
}

// judging is one request being judged.
type judging struct {
	src     reconcile.Source
	head    *schema.Org
	by      string
	verdict *Verdict
	after   map[string]*schema.Person
	changes map[string]bool // people whose files the request changes
	places  map[string]map[schema.Pos]place
	words   Wordings
}

func (j *judging) add(h Hindrance) { j.verdict.Hindrances = append(j.verdict.Hindrances, h) }

// personOf is the person of a file; "" for a unit's.
func personOf(file string) string {
	if schema.Area(file) != "people" {
		return ""
	}
	return strings.TrimSuffix(path.Base(file), ".yaml")
}

// person reads a person as the request leaves them, or as they were where it cannot be read; nil where neither can.
func (j *judging) person(key string) *schema.Person {
	if p, ok := j.after[key]; ok {
		return p
	}
	if j.after == nil {
		j.after = map[string]*schema.Person{}
	}
	p, err := j.head.Person(key)
	if err != nil {
		if p, err = j.src.Org.Person(key); err != nil {
			p = nil
		}
	}
	j.after[key] = p
	return p
}

// finished puts the verdict in order and names everybody in it.
func (j *judging) finished() *Verdict {
	v := j.verdict
	rank := map[string]int{Stop: 0, Wait: 1, Note: 2}
	slices.SortStableFunc(v.Hindrances, func(a, b Hindrance) int {
		return cmp.Or(cmp.Compare(rank[a.Level], rank[b.Level]), cmp.Compare(a.Person, b.Person), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.What.En, b.What.En))
	})
	if v.Stops() {
		v.Approvers = nil
	}
	slices.Sort(v.Approvers)
	v.Approvers = slices.Compact(v.Approvers)
	named := slices.Clone(v.Approvers)
	for _, h := range v.Hindrances {
		named = append(append(named, h.Who...), h.Person)
	}
	for _, key := range named {
		if _, known := v.Names[key]; known || key == "" || !j.src.Org.Knows(key) {
			continue
		}
		if p, err := j.src.Org.Person(key); err == nil {
			v.Names[key] = p.Shown()
		}
	}
	return v
}

// level is how much a finding hinders.
func level(f policies.Finding) string {
	switch {
	case f.Severity == "deny":
		return Stop
	case f.Effect != policies.None:
		return Wait
	}
	return Note
}
