package reconcile_test

import (
	"fmt"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Each grant that the file orders in a system has one story, with the next day on which it changes by itself.
func TestTell(t *testing.T) {
	licensed := "licences: [{profession: sjukskoterska, checked: 2026-11-01}]\n"
	for _, c := range []struct {
		name, file string
		want       []string
	}{
		{"until a last day", employed(order("a", "r", "until: 2026-12-24")), []string{"r wanted until 2026-12-24, 2026-12-25 not, 0"}},
		{"from a first day", employed(order("a", "r", "from: 2026-12-10")), []string{"r not until , 2026-12-10 wanted, 0"}},
		{"without end", employed(order("a", "r")), []string{"r wanted until , , 0"}},
		{"withheld by a rule", employed(order("a", "lic")), []string{"lic withheld until , , 1"}},
		{"until a check runs out", employed(order("a", "lic")) + licensed, []string{"lic wanted until , 2027-11-02 withheld, 0"}},
		{"behind", employed(order("a", "r", "until: 2026-11-01")), []string{"r not until , , 0"}},
		{
			"two lines are one story", employed(order("a", "r", "until: 2026-12-10"), order("a", "s"), order("a", "r", "from: 2026-12-11", "until: 2026-12-20")),
			[]string{"r wanted until 2026-12-20, 2026-12-21 not, 0", "s wanted until , , 0"},
		},
		{"another system has none", employed(order("b", "r")), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := source(t, today, map[string]string{"people/p.yaml": c.file})
			p, err := src.Org.Person("p")
			if err != nil {
				t.Fatal(err)
			}
			stories, err := reconcile.Tell(t.Context(), src, p, "a")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range stories {
				denied := 0
				for _, f := range s.Findings {
					if f.Severity == "deny" {
						denied++
					}
				}
				got = append(got, fmt.Sprintf("%s %s until %s, %s, %d", s.Role, s.Standing, s.Grant.Until, next(s), denied))
			}
			same(t, "stories", got, c.want)
		})
	}
}

func next(s reconcile.Story) string {
	if s.Next == 0 {
		return ""
	}
	return s.Next.String() + " " + string(s.NextTo)
}

// What a story says of a day, a judgement of that day says too, and not of the day before.
func TestTellAgreesWithJudge(t *testing.T) {
	files := map[string]string{"people/p.yaml": employed(order("a", "r", "until: 2026-12-24"), order("a", "s", "from: 2027-01-07"))}
	src := source(t, today, files)
	p, _ := src.Org.Person("p")
	stories, err := reconcile.Tell(t.Context(), src, p, "a")
	if err != nil || len(stories) != 2 {
		t.Fatalf("got %d stories, error %v, want 2", len(stories), err)
	}
	for _, s := range stories {
		for _, on := range []schema.Date{s.Next - 1, s.Next} {
			d, err := reconcile.Judge(t.Context(), src.Org, src.Engine, on)
			if err != nil {
				t.Fatal(err)
			}
			_, got := d.Want[s.Key]
			standing := s.Standing
			if on == s.Next {
				standing = s.NextTo
			}
			same(t, fmt.Sprintf("%s wanted on %s", text(s.Key), on), got, standing == reconcile.StandsWanted)
		}
	}
}
