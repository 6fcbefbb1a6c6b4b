package schema_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/behorig/behorig/schema"
)

// A line that is read names the minutes that the library finds in UTC, and no others; one that is not says what to write instead.
func FuzzParseCron(f *testing.F) {
	for _, line := range []string{"* * * * *", "0 6-22 * * 1-5", "*/7 */3 29 feb *", "0 0 31 2 *", "5,7-9/2 0 * jan,jul sun", "0 22-5 * * *", "TZ=", "@every 1s", "* * 1 * 1", "0 0 1-31 * 0-5", "*/99 * * * *", ", , , , ,"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		c, err := schema.ParseCron(line)
		if err != nil {
			if !strings.Contains(err.Error(), "; ") || regexp.MustCompile(`\d{10}`).MatchString(err.Error()) {
				t.Errorf("%q: got %q, want what to write instead, and no run of digits", line, err)
			}
			return
		}
		peer, err := cron.ParseStandard(line)
		if err != nil {
			t.Fatalf("%q: got a line, want the library's error %v", line, err)
		}
		now := time.Date(2023, 12, 31, 23, 59, 0, 0, time.UTC)
		for range 10 {
			next := peer.Next(now)
			if next.IsZero() {
				t.Fatalf("%q: got a line that the library finds no time of after %s", line, now)
			}
			if !names(c, next) {
				t.Fatalf("%q: got no %s, want it", line, next)
			}
			for x := now.Add(time.Minute); x.Before(next) && x.Before(now.Add(25*time.Hour)); x = x.Add(time.Minute) {
				if names(c, x) {
					t.Fatalf("%q: got %s, want none before %s", line, x, next)
				}
			}
			now = next
		}
	})
}

func names(c schema.Cron, t time.Time) bool {
	return c.On(schema.Today(t, time.UTC)) && c.Minutes(t.Hour())>>t.Minute()&1 == 1
}

// A system's schedule takes from that of all what it leaves out, and decides once for all between every and cron.
func TestScheduleOf(t *testing.T) {
	t.Parallel()
	all := schema.Schedule{Cron: []string{"0 4 * * *"}, Jitter: "1m", Deny: []string{"* 3 * * *"}}
	targets := schema.Targets{Schedule: all, Systems: map[string]schema.Binding{
		"every": {Schedule: &schema.Schedule{Every: "1h", Deny: []string{}}},
		"none":  {},
	}}
	every, none := targets.ScheduleOf("every"), targets.ScheduleOf("none")
	if every.Every != "1h" || every.Cron != nil || every.Jitter != "1m" || every.Deadline != "10m" || len(every.Deny) != 0 {
		t.Errorf("got %+v, want its own every and deny, the jitter of all, the deadline of the program", every)
	}
	if none.Every != "" || len(none.Cron) != 1 || len(none.Deny) != 1 || none.Deadline != "10m" {
		t.Errorf("got %+v, want the schedule of all", none)
	}
	if blank := (&schema.Targets{}).ScheduleOf("x"); blank.Every != "15m" || blank.Deadline != "10m" {
		t.Errorf("got %+v of a file that says nothing, want every 15m, deadline 10m", blank)
	}
}
