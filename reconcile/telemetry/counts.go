package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/behorig/behorig/reconcile"
)

// minute, hour and day are in seconds.
const (
	minute = 60.0
	hour   = 60 * minute
	day    = 24 * hour
)

// counts are the figures that only grow.
type counts struct {
	passes, outcomes, tasks, fetches, refused, jobs *prometheus.CounterVec
	duration, latency                               *prometheus.HistogramVec
}

func newCounts() counts {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, append([]string{"repository"}, labels...))
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, append([]string{"repository"}, labels...))
	}
	return counts{
		passes:   counter("behorig_passes_total", "Passes by how they went.", "result"),
		outcomes: counter("behorig_outcomes_total", "Changes that were attempted, by what came of them.", "system", "verb", "status"),
		tasks:    counter("behorig_return_tasks_total", "Tasks opened for things that somebody who has left is to hand back."),
		fetches:  counter("behorig_fetches_total", "Fetches of the repository, accepted or not."),
		refused:  counter("behorig_fetch_refused_total", "Fetches that failed or whose commits were refused, by reason.", "reason"),
		jobs:     counter("behorig_jobs_total", "Jobs of the queue by what became of them.", "fate"),
		duration: histogram("behorig_pass_duration_seconds", "How long passes took.", []float64{.1, .5, 1, 5, 10, 30, minute, 5 * minute, 15 * minute, hour}),
		latency: histogram("behorig_revocation_latency_seconds", "From when a removal was due until the system, or the desk that made it, confirmed it.",
			[]float64{1, 10, minute, 5 * minute, 15 * minute, hour, 4 * hour, 12 * hour, day, 2 * day, 4 * day, 7 * day, 10 * day, 14 * day}, "system", "class"),
	}
}

func (c counts) all() []prometheus.Collector {
	return []prometheus.Collector{c.passes, c.outcomes, c.tasks, c.fetches, c.refused, c.jobs, c.duration, c.latency}
}

// open makes the series of a repository that are to be 0 from the start: what appears with its first event hides that event from a rate.
func (c counts) open(repository string) {
	for _, result := range results {
		c.passes.WithLabelValues(repository, result)
	}
	for _, reason := range refusals {
		c.refused.WithLabelValues(repository, string(reason))
	}
	for _, fate := range fates {
		c.jobs.WithLabelValues(repository, string(fate))
	}
	c.tasks.WithLabelValues(repository)
	c.fetches.WithLabelValues(repository)
	c.duration.WithLabelValues(repository)
}

// openSystem does the same for a system.
func (c counts) openSystem(repository, system string) {
	for _, class := range classes {
		c.latency.WithLabelValues(repository, system, class)
	}
	for _, verb := range verbs {
		for _, status := range statuses {
			c.outcomes.WithLabelValues(repository, system, string(verb), string(status))
		}
	}
}

// close ends a repository's series, or those of one of its systems.
func (c counts) close(repository, system string) {
	of := prometheus.Labels{"repository": repository}
	if system != "" {
		of["system"] = system
		c.outcomes.DeletePartialMatch(of)
		c.latency.DeletePartialMatch(of)
		return
	}
	for _, vec := range []interface{ DeletePartialMatch(prometheus.Labels) int }{c.passes, c.outcomes, c.tasks, c.fetches, c.refused, c.jobs, c.duration, c.latency} {
		vec.DeletePartialMatch(of)
	}
}

// The classes of removals: announced by a last day, ordered by somebody or demanded by a rule, revoked past the repository.
var classes = [...]string{"planned", "urgent", "emergency"}

var (
	verbs    = [...]reconcile.Verb{reconcile.Grant, reconcile.Revoke, reconcile.Renew}
	statuses = [...]reconcile.Status{reconcile.Done, reconcile.Already, reconcile.Dispatched, reconcile.Failed, reconcile.Held}
)

func class(c reconcile.Cause) string {
	switch c {
	case reconcile.ByEmergency:
		return "emergency"
	case reconcile.Expired, reconcile.ByShift, reconcile.ByWindow:
		return "planned"
	}
	return "urgent"
}
