package pass

import (
	"context"
	"io/fs"
	"sync"
	"time"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets"
	"github.com/behorig/behorig/schema"
)

// Revision is an access repository as of one commit, loaded. Passes over its systems share it, from several goroutines.
type Revision struct {
	Org    *schema.Org
	Engine *policies.Engine
	Commit string // 40 hex digits; "" for files in a folder
	Label  string // for people

	mu     sync.Mutex
	on     schema.Date
	judged *reconcile.Desire
}

// Read loads the files of a commit and compiles their rules. Where they do not load, the faults are the error, and the revision is there all the same
// with what could be read.
func Read(ctx context.Context, files fs.FS, targetsFile, commit, label string) (*Revision, error) {
	org, err := schema.LoadTargets(files, targetsFile)
	r := &Revision{Org: org, Commit: commit, Label: label}
	return r, r.compile(ctx, err)
}

func (r *Revision) compile(ctx context.Context, err error) error {
	if err == nil {
		err = targets.Check(r.Org)
	}
	if err == nil {
		r.Engine, err = policies.Compile(ctx, r.Org)
	}
	return err
}

// Source is the revision on a day.
func (r *Revision) Source(on schema.Date) reconcile.Source {
	return reconcile.Source{Org: r.Org, Engine: r.Engine, Commit: r.Label, On: on}
}

// Zone is the organisation's time zone.
func (r *Revision) Zone() *time.Location { return r.Org.Location() }

// Judged is what the revision wants on a day, judged once for all passes of that day unless somebody could not be judged. A fault in somebody's file is an error each time, without judging again.
func (r *Revision) Judged(ctx context.Context, on schema.Date) (*reconcile.Desire, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.judged != nil && r.on == on {
		return r.judged, nil
	}
	d, err := reconcile.Judge(ctx, r.Org, r.Engine, on)
	if err != nil {
		return nil, err
	}
	if len(d.Errors) == 0 {
		r.on, r.judged = on, d
	}
	return d, nil
}
