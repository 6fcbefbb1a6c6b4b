package reconcile

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/schema"
)

// Day is what the turn of a day changes by itself, in the order of [Diff].
type Day struct {
	On      schema.Date
	Changes []Step
}

// Forecast gives what each of so many days after that of the source changes though nobody commits anything, days that change nothing left out, and the
// names that may be shown of all people. Each person is read once and judged on the days on which something about them can change; where the organisation
// has rules of its own, which may look at any date, on every day. Faults in people's files are an error of type [schema.Faults]; people who cannot be
// judged are errors beside it, one for each, sorted.
func Forecast(ctx context.Context, src Source, days int) ([]Day, map[string]string, error) {
	f := &forecast{Source: src, last: src.On + schema.Date(days), names: map[string]string{}}
	if hasOwnRules(src.Engine) {
		for range days + 1 {
			f.censuses = append(f.censuses, policies.NewCensus())
		}
	}
	f.Org.Each(func(p *schema.Person, err error) {
		var life []stage
		if err == nil && ctx.Err() == nil {
			life, err = f.live(ctx, p)
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.take(p, life, err)
	})
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if err := f.err(); err != nil {
		return nil, nil, err
	}
	all, err := f.days(ctx)
	return all, f.names, err
}

// hasOwnRules tells whether an engine has rules that are not the program's.
func hasOwnRules(e *policies.Engine) bool {
	return slices.ContainsFunc(e.Rules(), func(r policies.Rule) bool { return !strings.HasPrefix(r.Source, "rules/") })
}

type forecast struct {
	Source
	last     schema.Date
	censuses []*policies.Census // of each day; nil: every rule across people that keeps a role looks at the catalogue alone
	mu       sync.Mutex
	lives    [][]stage // people's, in no order
	names    map[string]string
	faults   schema.Faults
	errors   []error
}

// stage is what a person's file and the rules upon it give from a day on, until the next stage begins: Want, Kept and Why, nothing else.
type stage struct {
	from schema.Date
	*Desire
}

// live judges a person on all days that may begin a stage.
func (f *forecast) live(ctx context.Context, p *schema.Person) ([]stage, error) {
	lines := f.Org.Lines(p)
	var life []stage
	for _, on := range f.turns(p, lines) {
		v, err := f.Engine.Person(ctx, p, lines, on)
		if err != nil {
			return nil, err
		}
		mine := sortOut(lines, v, on)
		if f.censuses != nil {
			f.censuses[on-f.On].Count(p, mine.there)
		}
		s := stage{on, &Desire{Want: mine.want, Kept: mine.kept, Why: map[schema.Key][]string{}}}
		for _, finding := range v.Findings {
			if finding.Effect != policies.None {
				for _, k := range finding.Keys {
					s.stop(k, finding.Rule)
				}
			}
		}
		s.sort()
		if n := len(life); n == 0 || !s.same(life[n-1]) {
			life = append(life, s)
		}
	}
	return life, nil
}

// turns are the days on which a person is judged, in order: the first, and those on which something about them can change. A rule of the program compares
// the day, or the first day from it on which a line holds, with days that the person's file and the settings name. So what it says can change on such a
// day, where that is a first one, and on the day after it, where it is a last one.
func (f *forecast) turns(p *schema.Person, lines []schema.Line) []schema.Date {
	edition, limits := f.Org.Guideline, f.Org.Limits
	named := []schema.Date{edition.From, edition.From + schema.Date(edition.GraceDays)}
	for i := range lines {
		for _, s := range lines[i].Spans {
			named = append(named, s.From, s.Until)
		}
		if lines[i].Adopted {
			named = append(named, lines[i].Until-schema.Date(limits.AdoptedDays))
		}
	}
	for i := range p.Employments {
		named = append(named, p.Employments[i].From, p.Employments[i].Until)
	}
	if p.Guideline != nil {
		named = append(named, p.Guideline.Read)
	}
	for _, c := range p.Cards {
		named = append(named, c.ValidUntil)
	}
	for _, l := range p.Licences {
		named = append(named, l.Checked, l.Checked+schema.Date(limits.LicenceDays))
	}
	for _, i := range p.Items {
		named = append(named, i.Issued, i.Returned)
	}
	days := []schema.Date{f.On}
	for on := f.On + 1; f.censuses != nil && on <= f.last; on++ {
		days = append(days, on)
	}
	for _, d := range named {
		for _, on := range []schema.Date{d, d + 1} {
			if on > f.On && on <= f.last {
				days = append(days, on)
			}
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// same leaves out Why: it tells of what a stage takes away as it begins.
func (s stage) same(t stage) bool { return maps.Equal(s.Want, t.Want) && maps.Equal(s.Kept, t.Kept) }

// under is the stage with the organisation's findings upon it; the stage itself stays as it is.
func (s stage) under(findings []policies.Finding) *Desire {
	if len(findings) == 0 {
		return s.Desire
	}
	d := &Desire{Want: maps.Clone(s.Want), Kept: maps.Clone(s.Kept), Why: map[schema.Key][]string{}, roleStops: map[string][]string{}}
	for k, rules := range s.Why {
		d.Why[k] = slices.Clone(rules)
	}
	d.addOrganisation(findings)
	d.sort()
	return d
}

// take notes what became of one person.
func (f *forecast) take(p *schema.Person, life []stage, err error) {
	var faults schema.Faults
	switch {
	case errors.As(err, &faults):
		f.faults = append(f.faults, faults...)
	case err != nil:
		f.errors = append(f.errors, err)
	case len(life) > 0:
		f.lives = append(f.lives, life)
		f.names[p.Key] = p.Shown()
	}
}

func (f *forecast) err() error {
	slices.SortFunc(f.errors, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	if len(f.faults) > 0 {
		f.errors = slices.Insert(f.errors, 0, error(f.faults.Sorted()))
	}
	return errors.Join(f.errors...)
}

// days goes through the days and lets all people live.
func (f *forecast) days(ctx context.Context) ([]Day, error) {
	var days []Day
	before, err := f.organisation(ctx, f.On)
	if err != nil {
		return nil, err
	}
	for on := f.On + 1; on <= f.last; on++ {
		after, err := f.organisation(ctx, on)
		if err != nil {
			return nil, err
		}
		if changes := f.steps(before, after, on); len(changes) > 0 {
			days = append(days, Day{on, changes})
		}
		before = after
	}
	return days, nil
}

// organisation gives the findings across people that keep roles on a day.
func (f *forecast) organisation(ctx context.Context, on schema.Date) ([]policies.Finding, error) {
	census := policies.NewCensus()
	if f.censuses != nil {
		census = f.censuses[on-f.On]
	}
	findings, err := f.Engine.Organisation(ctx, census, on)
	return slices.DeleteFunc(findings, func(found policies.Finding) bool { return found.Effect != policies.Keep || len(found.Keys) == 0 }), err
}

// steps are what the turn of one day changes of all people, with the findings across people of the day before and of the day. Stages that lie behind are let go.
func (f *forecast) steps(before, after []policies.Finding, on schema.Date) []Step {
	still := slices.EqualFunc(before, after, func(a, b policies.Finding) bool { return a.Rule == b.Rule && slices.Equal(a.Keys, b.Keys) })
	var steps []Step
	for i, life := range f.lives {
		then, now := life[0], life[0]
		switch {
		case len(life) > 1 && life[1].from == on:
			now, f.lives[i] = life[1], life[1:]
		case still:
			continue
		}
		steps = append(steps, turn(then.under(before), now.under(after), on)...)
	}
	slices.SortFunc(steps, func(a, b Step) int { return compareKeys(a.Key, b.Key) })
	return steps
}

// turn is what leads from the desire of the day before to that of the day.
func turn(before, after *Desire, on schema.Date) []Step {
	var steps []Step
	for _, c := range Diff(after.Want, before.Want) {
		s := Step{Change: c, Cause: Ordered}
		_, kept := after.Kept[c.Key]
		switch rules := after.Why[c.Key]; {
		case c.Verb() != Revoke:
		case kept:
			continue
		case c.From.Until != 0 && c.From.Until < on:
			s.Cause = Expired
		case len(rules) > 0:
			s.Cause, s.Rules = ByPolicy, rules
		default:
			s.Cause = NotOrdered
		}
		steps = append(steps, s)
	}
	return steps
}
