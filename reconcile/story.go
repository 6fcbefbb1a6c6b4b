package reconcile

import (
	"context"
	"slices"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/schema"
)

// Story is all that a repository says of one grant of one person.
type Story struct {
	schema.Key
	Lines    []schema.Line // that order it, in the order of the file
	Standing Standing
	Grant    schema.Grant // what is wanted, kept or withheld today
	Findings []policies.Finding
	Next     schema.Date // next day on which its standing changes by itself, within three years; 0: none
	NextTo   Standing
}

// Standing is how a repository regards a grant on a day.
type Standing string

// The standings.
const (
	StandsWanted   Standing = "wanted"
	StandsKept     Standing = "kept"     // not given anew, left if held
	StandsWithheld Standing = "withheld" // not given, taken away if held
	StandsNot      Standing = "not"      // not ordered for the day: before its first, after its last, or on leave
)

// horizon is how many days ahead a story looks for the next change.
const horizon = 3 * 366

// Tell gives the story of each grant that a person's file orders in a system, and the names of all rules.
func Tell(ctx context.Context, src Source, p *schema.Person, system string) ([]Story, error) {
	lines := src.Org.Lines(p)
	v, err := src.Engine.Person(ctx, p, lines, src.On)
	if err != nil {
		return nil, err
	}
	now := sortOut(lines, v, src.On)
	var stories []Story
	for _, l := range lines {
		if l.System != system {
			continue
		}
		i := slices.IndexFunc(stories, func(s Story) bool { return s.Key == l.Key })
		if i < 0 {
			i = len(stories)
			stories = append(stories, Story{Key: l.Key})
		}
		stories[i].Lines = append(stories[i].Lines, l)
	}
	for i := range stories {
		s := &stories[i]
		s.Standing, s.Grant = now.standing(s.Key)
		for _, f := range v.Findings {
			if slices.Contains(f.Keys, s.Key) {
				s.Findings = append(s.Findings, f)
			}
		}
	}
	return stories, lookAhead(ctx, src, p, lines, stories)
}

func (s sorted) standing(k schema.Key) (Standing, schema.Grant) {
	if g, ok := s.want[k]; ok {
		return StandsWanted, g
	}
	if g, ok := s.kept[k]; ok {
		return StandsKept, g
	}
	if g, ok := s.withheld[k]; ok {
		return StandsWithheld, g
	}
	return StandsNot, schema.Grant{}
}

// lookAhead judges the person day after day until every story has changed.
func lookAhead(ctx context.Context, src Source, p *schema.Person, lines []schema.Line, stories []Story) error {
	left := len(stories)
	for on := src.On + 1; on <= src.On+horizon && left > 0; on++ {
		v, err := src.Engine.Person(ctx, p, lines, on)
		if err != nil {
			return err
		}
		then := sortOut(lines, v, on)
		for i := range stories {
			s := &stories[i]
			if to, _ := then.standing(s.Key); s.Next == 0 && to != s.Standing {
				s.Next, s.NextTo = on, to
				left--
			}
		}
	}
	return nil
}

// Amend adds what the rules across people say of the story's role: a grant that the person's own rules let through may be kept by them.
func (s *Story) Amend(d *Desire) {
	if g, kept := d.Kept[s.Key]; kept && s.Standing == StandsWanted {
		s.Standing, s.Grant = StandsKept, g
	}
	for _, f := range d.Findings {
		if f.Person == "" && slices.Contains(f.Keys, schema.Key{System: s.System, Role: s.Role}) {
			s.Findings = append(s.Findings, f)
		}
	}
}
