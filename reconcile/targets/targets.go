// Package targets is the table of kinds of target: the one place that knows them all.
package targets

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/exec"
	"github.com/behorig/behorig/reconcile/targets/files"
	"github.com/behorig/behorig/reconcile/targets/helpdesk"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/ldap"
	"github.com/behorig/behorig/reconcile/targets/register"
	"github.com/behorig/behorig/reconcile/targets/scim"
	"github.com/behorig/behorig/reconcile/targets/sql"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// row is a kind of target: how its options are checked, from files alone, how it is opened, what targets.yaml may say of it and of its systems, and whether
// its systems have nothing in common, so that two of them can be changed at once by two processes. In others they share accounts, tickets or files.
type row struct {
	check func(kind.Config) schema.Faults
	open  func(context.Context, kind.Config) (reconcile.Target, error)
	shape func() (target, system any)
	apart bool
}

func plain() (target, system any) { return struct{}{}, struct{}{} }

var kinds = map[string]row{
	"exec":     {exec.Check, exec.Open, exec.Shape, false},
	"files":    {files.Check, files.Open, files.Shape, false},
	"helpdesk": {helpdesk.Check, helpdesk.Open, helpdesk.Shape, false},
	"ldap":     {ldap.Check, ldap.Open, ldap.Shape, false},
	"scim":     {scim.Check, scim.Open, scim.Shape, false},
	"sql":      {sql.Check, sql.Open, sql.Shape, true},
	"register": {kind.NoOptions, func(ctx context.Context, c kind.Config) (reconcile.Target, error) {
		return register.Open(ctx, c.State, c.Name, c.Systems, c.ReadOnly)
	}, plain, true},
	"worklist": {kind.NoOptions, func(ctx context.Context, c kind.Config) (reconcile.Target, error) {
		return worklist.Open(ctx, worklist.Config{State: c.State, Systems: c.Systems, On: c.On, ServiceDays: c.Service(), ReadOnly: c.ReadOnly})
	}, plain, true},
}

// Lock is the name of the lock that whoever changes a system holds: the system's own, or that of its target where its systems are not apart.
func Lock(o *schema.Org, system string) string {
	name := o.Targets.Systems[system].Target
	if t := o.Targets.Targets[name]; t == nil || kinds[t.Kind].apart {
		return "system " + system
	}
	return "target " + name
}

// Kinds are the kinds of target, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds)) }

// Shape is what targets.yaml may say of a target of a kind, and of a system on it: two structs with the tags of package schema.
func Shape(kind string) (target, system any) { return kinds[kind].shape() }

// Check finds the faults of targets.yaml that only the kinds know of: kinds and options that do not exist, and values that will not do.
func Check(o *schema.Org) error {
	var faults schema.Faults
	for _, c := range configs(o, kind.Config{}) {
		k, ok := kinds[o.Targets.Targets[c.Name].Kind]
		if ok {
			faults = append(faults, k.check(c)...)
			continue
		}
		list := strings.Join(Kinds(), ", ")
		name := schema.Quote(o.Targets.Targets[c.Name].Kind)
		faults = append(faults, c.Fault("kind",
			schema.Text{Sv: "slaget " + name + " finns inte", En: "kind " + name + " does not exist"},
			schema.Text{Sv: "skriv något av: " + list, En: "write one of: " + list}))
	}
	if len(faults) == 0 {
		return nil
	}
	return faults.Sorted()
}

// configs are what each target is opened with, by its name.
func configs(o *schema.Org, c kind.Config) []kind.Config {
	systems := map[string][]string{}
	for _, s := range slices.Sorted(maps.Keys(o.Systems)) {
		if b, ok := o.Targets.Systems[s]; ok {
			systems[b.Target] = append(systems[b.Target], s)
		}
	}
	c.Org = o
	c.People = sync.OnceValue(func() *kind.People { return kind.NewPeople(o, c.On) })
	var all []kind.Config
	for _, name := range slices.Sorted(maps.Keys(o.Targets.Targets)) {
		c.Name, c.Systems = name, systems[name]
		all = append(all, c)
	}
	return all
}

// Set is all targets of a repository, open.
type Set map[string]reconcile.Target

// Open opens every target that some system has. One that cannot be opened is in the set all the same and fails when it is used,
// so that it stops no other.
func Open(ctx context.Context, o *schema.Org, c kind.Config) Set {
	return OpenFor(ctx, o, c, func(string) bool { return true })
}

// OpenFor opens the targets that hold some systems, with all that each holds: a list of what a target has may be cut by system only after it is read.
func OpenFor(ctx context.Context, o *schema.Org, c kind.Config, wanted func(system string) bool) Set {
	set := Set{}
	for _, c := range configs(o, c) {
		if len(c.Systems) > 0 && !slices.ContainsFunc(c.Systems, wanted) {
			continue
		}
		target, err := kinds[o.Targets.Targets[c.Name].Kind].open(ctx, c)
		if err != nil {
			target = broken{fmt.Errorf("target %s: %w", c.Name, err)}
		}
		set[c.Name] = target
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

// Sync lets the targets that have business of their own see to it, all at once. What they could not see to is told beside them, by target, and stops
// nothing: what is ordered there and not known to be answered counts as done, as it does between two runs.
func (s Set) Sync(ctx context.Context) []reconcile.Unread {
	var mu sync.Mutex
	var wait sync.WaitGroup
	var late []reconcile.Unread
	for name, t := range s {
		syncer, ok := t.(reconcile.Syncer)
		if !ok {
			continue
		}
		wait.Go(func() {
			if err := syncer.Sync(ctx); err != nil {
				mu.Lock()
				defer mu.Unlock()
				late = append(late, reconcile.Unread{Target: name, Systems: []string{}, Err: err})
			}
		})
	}
	wait.Wait()
	slices.SortFunc(late, func(a, b reconcile.Unread) int { return strings.Compare(a.Target, b.Target) })
	return late
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
