package policies

import (
	"strings"

	"github.com/behorig/behorig/schema"
)

// What becomes of a line that a rule denies. An adopted one ([schema.Access]) was there before the repository. An order for the same grant is a line of
// its own, judged in full; and a rule that only keeps or only warns does so of either.
//
//	rule  line     held        not held   merge
//	any   ordered  taken away  not given  stopped
//	any   adopted  left        not given  not stopped: a warning
//	firm  adopted  taken away  not given  stopped

// upon is the effect that a rule has upon a line.
func (r *Rule) upon(l *schema.Line) Effect {
	if l.Adopted && !r.Firm {
		return min(r.Effect, Keep)
	}
	return r.Effect
}

// ofAdopted tells whether a denial is of adopted lines alone: all those that it stops or, where it stops none, the one that its place is in.
func (d *denial) ofAdopted(p *schema.Person, lines []schema.Line, stopped []int) bool {
	for _, i := range stopped {
		if !lines[i].Adopted {
			return false
		}
	}
	if len(stopped) > 0 {
		return true
	}
	for i := range p.Employments {
		for j, a := range p.Employments[i].Access {
			if a.Adopted && strings.HasPrefix(d.Path+"/", accessPath(i, j)+"/") {
				return true
			}
		}
	}
	return false
}

// stays is what is said to whoever reads of an adopted line that a rule denies.
var stays = schema.Text{
	Sv: "; raden är övertagen (adopted): det som redan finns ligger kvar till radens sista dag, och inget ges på nytt",
	En: "; the line is adopted: what is there already stays until the line's last day, and nothing is given anew",
}

// soften makes of a finding one that stops no merge and takes nothing away, and lets it say so.
func (f *Finding) soften() {
	if f.Severity != "deny" && f.Effect <= Keep {
		return
	}
	f.Severity, f.Effect = "warn", min(f.Effect, Keep)
	f.Hint = schema.Text{Sv: f.Hint.Sv + stays.Sv, En: f.Hint.En + stays.En}
}
