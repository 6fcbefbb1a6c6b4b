package telemetry

import (
	"time"

	"github.com/behorig/behorig/schema"
)

// repository is what is known of one access repository.
type repository struct {
	systems  map[string]*system
	judged   []sample  // of the people's files at the last judgement
	passed   time.Time // zero: not, or another process has since
	standing []sample

	removalsOnly, ledgerUp, ledgerKnown bool
	fetched                             time.Time
}

// system is what is known of one system.
type system struct {
	seen            []sample // by the last pass that read it
	timing          []sample
	target, desk    string
	passed, success time.Time // zero: never
	unread          bool
}

// other stands for all systems that are not in the catalogue, so that nobody can make labels without end. No system's key has this form.
const other = "_other"

// of is the repository of a name. The lock is held.
func (m *Metrics) of(name string) *repository {
	r := m.repositories[name]
	if r == nil {
		r = &repository{systems: map[string]*system{}}
		m.repositories[name] = r
		m.counts.open(name)
	}
	return r
}

// catalogue brings the systems into agreement with the catalogue: the series of those that it has no more go away.
func (m *Metrics) catalogue(name string, o *schema.Org) *repository {
	r := m.of(name)
	for key := range r.systems {
		if o.Systems[key] == nil && key != other {
			delete(r.systems, key)
			m.counts.close(name, key)
		}
	}
	for key, s := range o.Systems {
		if r.systems[key] == nil {
			r.systems[key] = &system{}
		}
		known := r.systems[key]
		if known.desk == "" {
			m.counts.openSystem(name, key)
		}
		known.desk, known.target = s.Desk, o.Targets.Systems[key].Target
	}
	return r
}

func (r *repository) state() []sample {
	var samples []sample
	if !r.passed.IsZero() {
		samples = append(samples, sample{removalsOnly, flag(r.removalsOnly), nil})
	}
	if r.ledgerKnown {
		samples = append(samples, sample{ledgerUp, flag(r.ledgerUp), nil})
	}
	return stamp(samples, fetched, r.fetched)
}

func (s *system) state() []sample {
	if s.desk == "" { // in no catalogue
		return []sample{{unread, flag(s.unread), []string{""}}}
	}
	samples := []sample{{systemInfo, 1, []string{s.desk, s.target}}}
	if !s.passed.IsZero() {
		samples = append(samples, sample{unread, flag(s.unread), []string{s.target}})
	}
	return stamp(stamp(samples, lastPass, s.passed), lastSuccess, s.success)
}

// stamp adds an instant, if there is one, in seconds of Unix time.
func stamp(samples []sample, f figure, at time.Time, labels ...string) []sample {
	if at.IsZero() {
		return samples
	}
	return append(samples, sample{f, float64(at.UnixMilli()) / 1000, labels})
}
