package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/schema"
)

// report logs a look: what is wrong when it is new and now and then after, and what is due.
func (s *Service) report(ctx context.Context, t *site, sight Sight) {
	log := s.Log.With("repository", t.Name)
	var refused *Refused
	switch {
	case !t.news(sight):
	case errors.As(sight.Err, &refused) && sight.Commit == "":
		log.ErrorContext(ctx, "the newest commit is refused, and there is no other to go by: nothing is done", "commit", refused.Commit, "reason", clean(refused.Reason))
	case errors.As(sight.Err, &refused):
		log.ErrorContext(ctx, "the newest commit is refused; only removals are made", "commit", refused.Commit, "reason", clean(refused.Reason), "using", sight.Commit)
	case sight.Err != nil && sight.Commit != "":
		log.ErrorContext(ctx, "not all is as it should be", "reason", clean(sight.Err), "using", sight.Commit, "removalsOnly", sight.RemovalsOnly)
	case sight.Err != nil:
		log.ErrorContext(ctx, "nothing can be done", "reason", clean(sight.Err))
	}
	if len(sight.Due) > 0 {
		why := map[Reason]int{}
		for _, r := range sight.Due {
			why[r]++
		}
		log.InfoContext(ctx, "due", "systems", len(sight.Due), "why", why, "commit", sight.Commit)
	}
}

// again is how often the log says what has not changed.
const again = 10 * time.Minute

// news tells whether what is wrong by a look has not been logged lately. What was wrong is forgotten when the source was asked and nothing is.
func (t *site) news(s Sight) bool {
	if t.said == nil || s.Err == nil && s.Asked {
		t.said = map[string]time.Time{}
	}
	maps.DeleteFunc(t.said, func(_ string, at time.Time) bool { return s.At.Sub(at) >= again || s.At.Before(at) })
	if s.Err == nil {
		return false
	}
	text := clean(s.Err)
	if _, told := t.said[text]; told {
		return false
	}
	t.said[text] = s.At
	return true
}

// tell logs a pass by counts: whom it was about is in the ledger alone.
func (s *Service) tell(ctx context.Context, j Job, r *pass.Result) {
	attrs := []any{"repository", j.Repository, "system", j.System, "why", j.Reason, "result", r.Summary(), "took", r.Ended.Sub(r.Started).String()}
	level := slog.LevelInfo
	if p := r.Plan; p != nil {
		n := r.Counts()
		attrs = append(attrs, "commit", p.Commit, "day", p.On.String(), "changes", len(p.Changes), "held", len(p.Held), "unordered", len(p.Unordered), "orders", len(p.Orders),
			"done", n[reconcile.Done], "already", n[reconcile.Already], "dispatched", n[reconcile.Dispatched], "failed", n[reconcile.Failed])
		for _, stop := range p.Stops {
			s.Log.WarnContext(ctx, "the guard holds changes back", "repository", j.Repository, "system", j.System, "stop", stop.String())
		}
		for _, u := range p.Unread {
			s.Log.ErrorContext(ctx, "a target cannot be read", "repository", j.Repository, "target", u.Target, "reason", clean(u.Err))
		}
		if len(p.Changes) == 0 && r.Summary() == pass.ResultOK {
			level = slog.LevelDebug
		}
	}
	if r.Err != nil {
		attrs = append(attrs, "reason", clean(r.Err))
	}
	if s := r.Summary(); s != pass.ResultOK && s != pass.ResultGuarded {
		level = slog.LevelError
	}
	s.Log.Log(ctx, level, "pass", attrs...)
}

// clean is an error's text as a log may hold it. Faults of people's files name keys, which are personal data: they are only counted.
func clean(err error) string {
	var faults schema.Faults
	if errors.As(err, &faults) {
		text := fmt.Sprintf("the files do not load: %d faults", len(faults))
		for _, f := range faults {
			if !strings.HasPrefix(f.Pos.File, "people/") {
				return text + ", as " + schema.Mask(f.Pos.String()+": "+f.What.En)
			}
		}
		return text
	}
	return schema.Mask(err.Error())
}
