package telemetry

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/store"
)

// The results of a pass beside those that the ledger has: it was ended from outside, or another pass worked on its systems.
const (
	cancelled = "cancelled"
	locked    = "locked"
)

var results = [...]string{pass.ResultOK, pass.ResultIncomplete, pass.ResultUnread, pass.ResultGuarded, pass.ResultBroken, cancelled, locked}

func resultOf(r *pass.Result) string {
	switch {
	case errors.Is(r.Err, context.Canceled):
		return cancelled
	case errors.Is(r.Err, store.ErrLocked):
		return locked
	}
	return r.Summary()
}

// Passed takes in what a pass saw and did.
func (m *Metrics) Passed(r *pass.Result) {
	m.mu.Lock()
	defer m.mu.Unlock()
	repo := m.of(r.Repository)
	if r.Org != nil {
		m.catalogue(r.Repository, r.Org)
	}
	result := resultOf(r)
	m.counts.passes.WithLabelValues(r.Repository, result).Inc()
	m.counts.tasks.WithLabelValues(r.Repository).Add(float64(r.Tasks))
	name := func(key string) string {
		if r.Org != nil && r.Org.Systems[key] != nil {
			return key
		}
		return other
	}
	for _, o := range r.Outcomes {
		m.counts.outcomes.WithLabelValues(r.Repository, name(o.System), string(o.Verb()), string(o.Status)).Inc()
	}
	for _, l := range r.Confirmed {
		// A clock that was set back makes no removal quicker than at once.
		m.counts.latency.WithLabelValues(r.Repository, name(l.System), class(l.Cause)).Observe(max(0, l.At.Sub(l.Due).Seconds()))
	}
	if result == cancelled || result == locked {
		return
	}
	m.counts.duration.WithLabelValues(r.Repository).Observe(r.Ended.Sub(r.Started).Seconds())
	repo.passed, repo.removalsOnly = r.Ended, r.RemovalsOnly
	views := look(r, name)
	for _, key := range scope(r, repo, views) {
		s := repo.systems[key]
		if s == nil {
			s = &system{}
			repo.systems[key] = s
		}
		s.passed = r.Ended
		v := views[key]
		if v == nil && key == other {
			delete(repo.systems, key)
			continue
		}
		if s.unread = r.Err != nil || v != nil && v.unread; s.unread {
			continue
		}
		if v == nil {
			v = &view{}
		}
		s.seen = v.samples(s)
		if !v.failed {
			s.success = r.Ended
		}
	}
	repo.judge(r)
}

// scope is the systems that a pass was over, without those that it was to leave alone.
func scope(r *pass.Result, repo *repository, views map[string]*view) []string {
	over := map[string]bool{}
	for key := range repo.systems {
		// What is in no catalogue is looked at by a pass over all alone, unless one sees it by chance.
		over[key] = r.Systems == nil || slices.Contains(r.Systems, key)
	}
	if views[other] != nil {
		over[other] = true
	}
	if r.Plan != nil {
		for _, p := range r.Plan.Paused {
			over[p.System] = false
		}
	}
	maps.DeleteFunc(over, func(_ string, is bool) bool { return !is })
	return slices.Collect(maps.Keys(over))
}

// judge replaces what the rules found, where they were asked.
func (r *repository) judge(result *pass.Result) {
	if result.Err != nil || result.Plan == nil || !result.Plan.Desire.Judged {
		return
	}
	type found struct{ rule, severity string }
	n := map[found]int{}
	for _, f := range result.Plan.Desire.Findings {
		n[found{f.Rule, f.Severity}]++
	}
	r.judged = []sample{{unjudged, float64(len(result.Plan.Desire.Errors)), nil}}
	for f, count := range n {
		r.judged = append(r.judged, sample{findings, float64(count), []string{f.rule, f.severity}})
	}
}
