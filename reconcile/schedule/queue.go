package schedule

import (
	"context"
	"fmt"
	"time"
)

// Job is one piece of work of the service.
type Job struct {
	Kind       JobKind
	Repository string
	System     string // of a pass; "" for what is of no single system
	Reason     Reason
	Lock       string // what the pass must have to itself, as targets.Lock names it; "" for what is not known. It does not make a job another one
}

// JobKind is what a job does.
type JobKind string

// The kinds of job.
const (
	Look JobKind = "look" // fetches, judges whether what came may be used, and finds out what is due
	Make JobKind = "pass" // makes a pass over a system
	Tidy JobKind = "tidy" // sees to what is of no single system: tasks, emergencies that are over
)

// asks tells a look that was asked for: it is another than the one whose time has come, so that it is not lost while that one is being done.
func (j Job) asks() bool { return j.Kind == Look && j.Reason == Asked }

// key is what makes a job the same as another, whatever its reason.
func (j Job) key() string {
	return fmt.Sprintf("%s\x00%s\x00%s\x00%t", j.Kind, j.Repository, j.System, j.asks())
}

// alone is what no two jobs that are done at once have in common, "" for a job that may be done beside any.
func (j Job) alone() string {
	switch {
	case j.Kind == Look:
		return j.Repository + "\x00" // one that was asked for would wait for the other
	case j.Lock != "":
		return j.Repository + "\x00" + j.Lock
	}
	return ""
}

// Queue holds the jobs that wait and sees to it that each is done once, on whatever machine, and again if it fails.
type Queue interface {
	// Add puts a job on the queue unless the same is there already, waiting, being done or about to be tried again: what is due then is found by the next look.
	Add(ctx context.Context, j Job) error
	// Work does jobs until the context ends, and returns when those begun have ended: by themselves within grace, else since their context ends too.
	Work(ctx context.Context, do func(context.Context, Job) error) error
	// Serve tells the queue which repositories there are, for one that adds the looks by itself.
	Serve(repositories []string)
	// Count is how many jobs there are by state.
	Count(ctx context.Context) (Count, error)
}

// Dead is a job that was given up, until it is due again.
type Dead struct {
	Job
	At       time.Time
	Attempts int
	Reason   string // the last error
}

// attempts is how often a job is tried before it is given up.
const attempts = 8

// Count is how many jobs a queue holds.
type Count struct {
	Waiting, Running, Retrying, Dead int
	Oldest                           time.Duration // how long the first in the queue has waited
}

// grace is how long a job that is being done when the service ends may go on by itself.
const grace = 10 * time.Second

// backoff is how long a job waits before it is tried again, after so many failures in a row: 1 s, doubled, at most a minute.
func backoff(failures int) time.Duration {
	return min(time.Second<<min(max(failures-1, 0), 10), time.Minute)
}
