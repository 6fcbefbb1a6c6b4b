package reconcile

import (
	"context"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/schema"
)

// Merge is a merge request, read: what it changes, who signed what, and the branch that judges it.
type Merge struct {
	Base      Source // the branch that it goes to: its rules, catalogue and trust count
	Head      *schema.Org
	Next      *Source // all of the request, where it changes more than people; nil: it does not
	Changed   []string
	Commits   []Commit
	Approvers []string // whom the forge names as having approved
	Branch    string
}

// Commit is one commit of a merge request. Problem is why it has no known signer.
type Commit struct {
	ID, Message     string
	Signer, Problem string
	Paths           []string
}

// Review is what a merge request does and what the rules have to say of it.
type Review struct {
	Faults   schema.Faults
	Findings []policies.Finding // that the request brings
	Before   []policies.Finding // that were there already in people it changes: they stop no merge
	Effects  []Effect
	Radius   *Radius // of changes to more than people
	Errors   []error
	Names    map[string]string
}

// Effect is what becomes of one grant: the days it had and the days it will have, from the day of the review on.
type Effect struct {
	schema.Key
	Before, After []schema.Span
	Source        string
	Rules         []string // that withhold it
}

// Radius is whom a change of rules or catalogue hits, on the day of the review.
type Radius struct {
	Withheld, Freed, Lost, Gained []schema.Key
	Findings                      []policies.Finding // that the new rules and catalogue bring
}

// Review judges a merge request by the branch it goes to. It reads the people it changes and no others, unless it changes rules or catalogue, a login, an
// HSA-id, an employee number, or takes a role away that somebody must hold: then everybody who may be hit.
func (m *Merge) Review(ctx context.Context) (*Review, error) {
	r := &Review{Names: map[string]string{}}
	order := policies.Order{Approvers: m.Approvers}
	for _, c := range m.Commits {
		order.Commits = append(order.Commits, policies.Commit{ID: c.ID, Signer: c.Signer, Problem: c.Problem})
	}
	everybody := m.Next != nil
	for _, file := range m.Changed {
		if schema.Area(file) != "people" {
			order.Changes = append(order.Changes, m.catalogueChange(file))
		}
	}
	for _, key := range m.people() {
		p, err := m.person(ctx, r, key)
		if err != nil {
			return nil, err
		}
		order.Changes = append(order.Changes, p.changes...)
		order.Adopted = append(order.Adopted, p.adopted...)
		everybody = everybody || p.wide
	}
	order.Clear = m.clear()
	findings, err := m.Base.Engine.For(m.Head).Order(ctx, order, m.Base.On)
	if err != nil {
		return nil, err
	}
	r.Findings = append(r.Findings, findings...)
	if everybody {
		if err := m.everybody(ctx, r); err != nil {
			return nil, err
		}
	}
	policies.SortFindings(r.Findings)
	policies.SortFindings(r.Before)
	r.Faults = r.Faults.Sorted()
	return r, nil
}

// people are the keys of the people whose files are changed, sorted.
func (m *Merge) people() []string {
	keys := map[string]bool{}
	for _, file := range m.Changed {
		if schema.Area(file) == "people" {
			keys[strings.TrimSuffix(path.Base(file), ".yaml")] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// signed are the signers of a file's changes, "" for a commit that has none who is known.
func (m *Merge) signed(files ...string) []string {
	var signers []string
	for _, c := range m.Commits {
		if slices.ContainsFunc(files, func(f string) bool { return f != "" && slices.Contains(c.Paths, f) }) {
			signers = append(signers, c.Signer)
		}
	}
	slices.Sort(signers)
	return slices.Compact(signers)
}

// catalogueChange is the order of a change to anything but a person: its area's owners may, and a system's own for its file.
func (m *Merge) catalogueChange(file string) policies.Change {
	o := m.Base.Org
	area := schema.Area(file)
	may := slices.Clone(o.Owners[area])
	if key := strings.TrimSuffix(path.Base(file), ".yaml"); area == "systems" && o.Systems[key] != nil {
		may = append(may, o.Systems[key].Owner)
	}
	slices.Sort(may)
	return policies.Change{File: file, What: "catalogue", Name: file, Orderers: m.signed(file), Approvers: m.Approvers, May: slices.Compact(may)}
}

// clear finds personnummer in clear in what the request brings.
func (m *Merge) clear() []policies.Clear {
	var found []policies.Clear
	add := func(where, file, text, id string) {
		for _, pos := range schema.ClearIdentities(file, text, m.Base.On) {
			found = append(found, policies.Clear{File: file, Line: pos.Line, Col: pos.Col, Where: where, ID: id})
		}
	}
	for _, file := range m.Changed {
		for range schema.ClearIdentities("", file, m.Base.On) {
			found = append(found, policies.Clear{Where: "name", Line: 1, Col: 1})
		}
		if text, ok := schema.ReadText(m.Head.Files(), file); ok {
			add("file", file, text, "")
		}
	}
	for _, c := range m.Commits {
		if len(schema.ClearIdentities("", c.Message, m.Base.On)) > 0 {
			found = append(found, policies.Clear{Where: "message", ID: c.ID})
		}
	}
	if len(schema.ClearIdentities("", m.Branch, m.Base.On)) > 0 {
		found = append(found, policies.Clear{Where: "branch"})
	}
	return found
}

// everybody judges all people before and after, for what cannot be told from the changed people alone.
func (m *Merge) everybody(ctx context.Context, r *Review) error {
	before, err := Judge(ctx, m.Base.Org, m.Base.Engine, m.Base.On)
	if before == nil {
		return err
	}
	after, err := Judge(ctx, m.Head, m.Base.Engine.For(m.Head), m.Base.On)
	if after == nil {
		return err
	}
	r.take(organisations(after.Findings), organisations(before.Findings))
	if m.Next == nil {
		return nil
	}
	next, err := Judge(ctx, m.Next.Org, m.Next.Engine, m.Base.On)
	if next == nil {
		return err
	}
	var faults schema.Faults
	if errors.As(err, &faults) {
		r.Faults = append(r.Faults, faults...)
	}
	r.Errors = append(r.Errors, next.Errors...)
	r.Radius = radius(after, next)
	maps.Copy(r.Names, next.Names)
	return nil
}

func organisations(fs []policies.Finding) []policies.Finding {
	return slices.DeleteFunc(slices.Clone(fs), func(f policies.Finding) bool { return f.Person != "" })
}

// take adds the findings that were not there before, and notes those that were.
func (r *Review) take(after, before []policies.Finding) {
	was := map[string]int{}
	for _, f := range before {
		was[same(f)]++
	}
	for _, f := range after {
		if was[same(f)] > 0 {
			was[same(f)]--
			r.Before = append(r.Before, f)
		} else {
			r.Findings = append(r.Findings, f)
		}
	}
}

// same is what makes two findings the same but for their place. What was a warning while its line was adopted is another thing once it denies.
func same(f policies.Finding) string {
	return strings.Join([]string{f.Rule, f.Severity, f.Person, f.Message.En}, "\x00")
}

// radius compares what the request's people would have by the branch's rules and catalogue with what they would have by its own.
func radius(by, next *Desire) *Radius {
	out := &Radius{}
	for _, k := range sortedKeys(allOrdered(by)) {
		if k.Role == "" {
			continue
		}
		_, had := by.Want[k]
		_, has := next.Want[k]
		_, ordered := lookUp(next, k)
		switch {
		case had && !has && ordered:
			out.Withheld = append(out.Withheld, k)
		case had && !has:
			out.Lost = append(out.Lost, k)
		case !had && has:
			out.Freed = append(out.Freed, k)
		}
	}
	for _, k := range sortedKeys(next.Want) {
		if _, known := lookUp(by, k); !known && k.Role != "" {
			out.Gained = append(out.Gained, k)
		}
	}
	r := Review{}
	r.take(next.Findings, by.Findings)
	out.Findings = r.Findings
	return out
}

// lookUp looks one key up in what lines order, whatever the rules say.
func lookUp(d *Desire, k schema.Key) (schema.Grant, bool) {
	for _, s := range []schema.State{d.Want, d.Kept, d.Withheld} {
		if g, ok := s[k]; ok {
			return g, true
		}
	}
	return schema.Grant{}, false
}
