// Package targets is the table of kinds of target: the one place that knows them all.
package targets

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/register"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// Config is what a kind is given to open one target.
type Config struct {
	Name     string
	Systems  []string // sorted
	Options  map[string]any
	State    string // the folder of the tool's state
	On       schema.Date
	Service  int // days that a work order may take
	ReadOnly bool
}

// kind is a row of the table: the options it knows, and how it is opened.
type kind struct {
	options []string
	open    func(context.Context, Config) (reconcile.Target, error)
}

var kinds = map[string]kind{
	"register": {open: func(ctx context.Context, c Config) (reconcile.Target, error) {
		return register.Open(ctx, c.State, c.Name, c.Systems, c.ReadOnly)
	}},
	"worklist": {open: func(ctx context.Context, c Config) (reconcile.Target, error) {
		return worklist.Open(ctx, worklist.Config{State: c.State, Systems: c.Systems, On: c.On, ServiceDays: c.Service, ReadOnly: c.ReadOnly})
	}},
}

// Check finds the faults of targets.yaml that only the kinds know of: kinds and options that do not exist.
func Check(o *schema.Org) error {
	var faults schema.Faults
	names := slices.Sorted(maps.Keys(kinds))
	for name, t := range o.Targets.Targets {
		at := "targets/" + name
		k, ok := kinds[t.Kind]
		if !ok {
			list := strings.Join(names, ", ")
			faults = append(faults, schema.Fault{
				Pos:  schema.Locate(o.Files(), o.Targets.Path, at+"/kind"),
				What: schema.Text{Sv: "slaget " + schema.Quote(t.Kind) + " finns inte", En: "kind " + schema.Quote(t.Kind) + " does not exist"},
				Do:   schema.Text{Sv: "skriv något av: " + list, En: "write one of: " + list},
			})
			continue
		}
		for option := range t.Options {
			if !slices.Contains(k.options, option) {
				faults = append(faults, schema.Fault{
					Pos:  schema.Locate(o.Files(), o.Targets.Path, at+"/"+option),
					What: schema.Text{Sv: "inställningen " + schema.Quote(option) + " finns inte för " + t.Kind, En: "option " + schema.Quote(option) + " is not known to " + t.Kind},
					Do:   schema.Text{Sv: "ta bort den", En: "remove it"},
				})
			}
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return faults.Sorted()
}

// Set is all targets of a repository, open.
type Set map[string]reconcile.Target

// Open opens every target that some system has. One that cannot be opened is in the set all the same and fails when it is used,
// so that it stops no other.
func Open(ctx context.Context, o *schema.Org, c Config) Set {
	systems := map[string][]string{}
	for _, s := range slices.Sorted(maps.Keys(o.Systems)) {
		if b, ok := o.Targets.Systems[s]; ok {
			systems[b.Target] = append(systems[b.Target], s)
		}
	}
	set := Set{}
	for name, t := range o.Targets.Targets {
		c.Name, c.Systems, c.Options = name, systems[name], t.Options
		target, err := kinds[t.Kind].open(ctx, c)
		if err != nil {
			target = broken{fmt.Errorf("target %s: %w", name, err)}
		}
		set[name] = target
	}
	return set
}

// Readers are the targets for planning, which must not write.
func (s Set) Readers() map[string]reconcile.Reader {
	readers := map[string]reconcile.Reader{}
	for name, t := range s {
		readers[name] = t
	}
	return readers
}

// Writers are the targets by system.
func (s Set) Writers(o *schema.Org) map[string]reconcile.Writer {
	writers := map[string]reconcile.Writer{}
	for system, b := range o.Targets.Systems {
		if t := s[b.Target]; t != nil {
			writers[system] = t
		}
	}
	return writers
}

// Close closes all.
func (s Set) Close() error {
	var errs []error
	for _, t := range s {
		errs = append(errs, t.Close())
	}
	return errors.Join(errs...)
}

// broken is a target that could not be opened.
type broken struct{ err error }

func (b broken) Read(context.Context) (schema.State, error) { return nil, b.err }
func (b broken) Apply(context.Context, reconcile.Change) (reconcile.Status, error) {
	return reconcile.Failed, b.err
}
func (b broken) Close() error { return nil }
