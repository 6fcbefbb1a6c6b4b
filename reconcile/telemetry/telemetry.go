// Package telemetry tells those who look after the reconciler how it goes: figures for Prometheus, and whether it lives and is ready. It is fed by those
// who do the work and never asks anything itself. It counts and times; it knows no people: no label holds a person, a name, a unit or the text of an error,
// and every label has its values from the catalogue, the configuration or a table of the program. Traces are in [trace], below.
//
// What a system's figures say is what the last pass that read it saw. A pass that breaks, or a target that cannot be read, changes none of them:
// behorig_unread says then that they are of an earlier pass. Figures of what is taken out of the catalogue are told no more.
//
// Where many processes share the work, each tells what its own passes saw until it learns, by [Metrics.Known], that another has passed the system since. Of
// figures that are no counters take the max by repository and system, therefore, and of counters the sum.
//
// [trace]: https://pkg.go.dev/github.com/behorig/behorig/reconcile/telemetry/trace
package telemetry

import (
	"runtime"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics are the figures of a process, on a registry of their own. All methods may be called at once.
type Metrics struct {
	registry *prometheus.Registry
	counts   counts
	descs    [len(figures)]*prometheus.Desc

	mu           sync.Mutex
	repositories map[string]*repository
	queue        []sample
}

// New starts with nothing told but what the program is: its version and the revision it was built of.
func New(version, revision string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), counts: newCounts(), repositories: map[string]*repository{}}
	for i, f := range figures {
		m.descs[i] = prometheus.NewDesc(f.name, f.help, f.labels, nil)
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "behorig_build_info", Help: "Always 1: which build of behorig this is.",
		ConstLabels: prometheus.Labels{"version": version, "revision": revision, "goversion": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(board{m}, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, c := range m.counts.all() {
		m.registry.MustRegister(c)
	}
	return m
}

// board shows the figures as they all are at one instant.
type board struct{ *Metrics }

func (b board) Describe(to chan<- *prometheus.Desc) {
	for _, d := range b.descs {
		to <- d
	}
}

func (b board) Collect(to chan<- prometheus.Metric) {
	b.mu.Lock()
	defer b.mu.Unlock()
	tell := func(samples []sample, before ...string) {
		for _, s := range samples {
			metric, err := prometheus.NewConstMetric(b.descs[s.figure], prometheus.GaugeValue, s.value, append(before[:len(before):len(before)], s.labels...)...)
			if err != nil { // a rule of the organisation's own whose name is no text
				metric = prometheus.NewInvalidMetric(b.descs[s.figure], err)
			}
			to <- metric
		}
	}
	tell(b.queue)
	for name, r := range b.repositories {
		for _, samples := range [][]sample{r.judged, r.standing, r.state()} {
			tell(samples, name)
		}
		for key, s := range r.systems {
			for _, samples := range [][]sample{s.seen, s.timing, s.state()} {
				tell(samples, name, key)
			}
		}
	}
}
