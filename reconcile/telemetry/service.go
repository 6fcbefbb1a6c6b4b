package telemetry

import (
	"time"

	"github.com/behorig/behorig/schema"
)

// Refusal is why a fetch was of no use.
type Refusal string

// The refusals; Accepted is none.
const (
	Accepted    Refusal = ""
	NotForward  Refusal = "not-forward" // the branch does not lead on from where it was: a force push
	Unsigned    Refusal = "unsigned"    // a commit is not signed as settings demand
	Broken      Refusal = "broken"      // the newest commit does not load
	Unreachable Refusal = "unreachable" // the remote does not answer
	Denied      Refusal = "denied"      // the remote lets us not in
	Untrusted   Refusal = "untrusted"   // the remote is not who it should be: host key, certificate
	Otherwise   Refusal = "other"
)

var refusals = [...]Refusal{NotForward, Unsigned, Broken, Unreachable, Denied, Untrusted, Otherwise}

// Fetched takes in that a repository was fetched and accepted, or why not.
func (m *Metrics) Fetched(repository string, at time.Time, refused Refusal) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.of(repository)
	m.counts.fetches.WithLabelValues(repository).Inc()
	if refused == Accepted {
		r.fetched = at
		return
	}
	m.counts.refused.WithLabelValues(repository, known(string(refused), refusals[:], Otherwise)).Inc()
}

// known is a label's value if the table has it, and otherwise the one for all else.
func known[T ~string](value string, table []T, otherwise T) string {
	for _, t := range table {
		if string(t) == value {
			return value
		}
	}
	return string(otherwise)
}

// Waiting is how many jobs are in a state, and since when the one that has been there longest.
type Waiting struct {
	State  State
	Count  int
	Oldest time.Time // when it was ready; zero: there is none
}

// State is where a job of the queue is.
type State string

// The states of a job.
const (
	Queued   State = "queued"
	Running  State = "running"
	Retrying State = "retrying"
	Dead     State = "dead" // given up, until somebody looks
)

var states = [...]State{Queued, Running, Retrying, Dead}

// Queue takes in all of the queue as it is; a state may come more than once, as for each repository, and one that is left out has no jobs.
func (m *Metrics) Queue(all ...Waiting) {
	samples := []sample{}
	for _, state := range states {
		n, oldest := 0, time.Time{}
		for _, w := range all {
			if w.State != state {
				continue
			}
			n += w.Count
			if oldest.IsZero() || !w.Oldest.IsZero() && w.Oldest.Before(oldest) {
				oldest = w.Oldest
			}
		}
		samples = append(stamp(samples, oldestJob, oldest, string(state)), sample{jobs, float64(n), []string{string(state)}})
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.queue = samples
}

// Fate is what became of a job.
type Fate string

// The fates of a job.
const (
	Finished  Fate = "finished"
	Failed    Fate = "failed"    // and is tried again
	GivenUp   Fate = "given-up"  // dead
	Recovered Fate = "recovered" // taken over from a worker that died
)

var fates = [...]Fate{Finished, Failed, GivenUp, Recovered}

// Job takes in what became of a job of a repository.
func (m *Metrics) Job(repository string, f Fate) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.of(repository)
	m.counts.jobs.WithLabelValues(repository, known(string(f), fates[:], Failed)).Inc()
}

// Timing is when a system is to be passed.
type Timing struct {
	Period    time.Duration // zero: not by itself
	Suspended time.Time     // when its suspension ends; zero: it is not suspended
}

// Scheduled takes in the catalogue of a repository and the timing of its systems. One that is left out has none. Whoever serves a repository says so at
// each tick, since a suspension ends by itself.
func (m *Metrics) Scheduled(repository string, o *schema.Org, all map[string]Timing) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, s := range m.catalogue(repository, o).systems {
		s.timing = nil
		if t := all[key]; t.Period > 0 {
			s.timing = append(s.timing, sample{period, t.Period.Seconds(), nil})
		}
		s.timing = stamp(s.timing, suspended, all[key].Suspended)
	}
}

// Standing takes in how many orders are in force past the repository. Each counts as one, whoever it is for.
func (m *Metrics) Standing(repository string, revocations, breakGlass, suspensions int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.of(repository).standing = []sample{
		{standing, float64(revocations), []string{"revoke"}},
		{standing, float64(breakGlass), []string{"break-glass"}},
		{standing, float64(suspensions), []string{"suspend"}},
	}
}

// Ledger takes in whether the ledger could be written.
func (m *Metrics) Ledger(repository string, up bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.of(repository)
	r.ledgerUp, r.ledgerKnown = up, true
}

// Known takes in, by system, when the last successful pass ended that the ledger knows of, whichever process made it. So a process that starts does not look
// as if nothing had ever been done, and one that shares the work tells no longer what another has seen more lately. It is of use after
// [Metrics.Scheduled] has told the catalogue.
func (m *Metrics) Known(repository string, success map[string]time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.of(repository)
	for key, at := range success {
		s := r.systems[key]
		if s == nil {
			continue
		}
		if at.After(s.success) {
			s.success = at
		}
		if at.After(s.passed) {
			s.seen, s.passed, s.unread = nil, time.Time{}, false
		}
		if at.After(r.passed) {
			r.judged, r.passed = nil, time.Time{}
		}
	}
}

// Forget ends all series of a repository that is served no longer.
func (m *Metrics) Forget(repository string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.repositories, repository)
	m.counts.close(repository, "")
}
