// Package kind is what a kind of target is made of: what it is given to open one, its options as targets.yaml says them, the secrets and
// certificates that these name, templates, and the people it may be told of. It knows no kind.
package kind

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// Config is what a kind is given to open one target. Nothing of it is secret: secrets are opened by name ([Config.Secret]).
type Config struct {
	Org      *schema.Org
	Name     string      // the target's key
	Systems  []string    // the systems that it holds, sorted
	State    store.Place // where the tool's databases are, and what is local to this machine
	On       schema.Date
	ReadOnly bool // nothing may be written, neither there nor in State
	// People is everybody of the repository, put together when first asked for.
	People func() *People
	// Identify opens somebody's sealed personnummer. nil where the run was given no key. A kind asks only if its options say that the
	// target needs it. Of somebody whose data are protected it may go into the target itself, and nowhere that people read it, such as a ticket.
	Identify func(person string) (schema.Identity, error)
	// Env looks up an environment variable; nil: none is set.
	Env func(name string) (string, bool)
}

// Options reads the target's options into v, a pointer to a struct (see [schema.Org.DecodeOptions]).
func (c Config) Options(v any) schema.Faults {
	return c.Org.DecodeOptions("targets/"+c.Name, v)
}

// Binding reads what a system's binding to the target says into v.
func (c Config) Binding(system string, v any) schema.Faults {
	return c.Org.DecodeOptions("systems/"+system, v)
}

// Fault is a fault of an option of the target, by its path in the target ("pages/0").
func (c Config) Fault(path string, what, do schema.Text) schema.Fault {
	return c.Org.OptionFault("targets/"+c.Name+"/"+path, what, do)
}

// BindingFault is a fault of an option of a system's binding.
func (c Config) BindingFault(system, path string, what, do schema.Text) schema.Fault {
	return c.Org.OptionFault("systems/"+system+"/"+path, what, do)
}

// Service is how many days a work order may take.
func (c Config) Service() int { return c.Org.Limits.ServiceDays }

// Holds tells whether the target holds a system.
func (c Config) Holds(system string) bool { return slices.Contains(c.Systems, system) }

// Foreign is the error of a change of a system that the target does not hold.
func (c Config) Foreign(system string) error {
	return fmt.Errorf("target %s does not hold %s", c.Name, system)
}

// ErrReadOnly is the error of a change through a target that was opened for reading alone.
var ErrReadOnly = errors.New("the target is opened for reading only")

// Roles are the keys of a system's roles, sorted.
func (c Config) Roles(system string) []string {
	if s := c.Org.Systems[system]; s != nil {
		return slices.Sorted(maps.Keys(s.Roles))
	}
	return nil
}

// PerUnit tells whether a role is given per unit.
func (c Config) PerUnit(system, role string) bool {
	r := c.Org.Role(system, role)
	return r != nil && (r.PerUnit == nil || *r.PerUnit)
}

// NoOptions checks a kind that has no options, neither of the target nor of its systems.
func NoOptions(c Config) schema.Faults {
	t := c.Org.Targets.Targets[c.Name]
	var faults schema.Faults
	unknown := func(path string, options map[string]any) {
		for _, option := range slices.Sorted(maps.Keys(options)) {
			faults = append(faults, c.Org.OptionFault(path+"/"+option,
				schema.Text{Sv: "inställningen " + schema.Quote(option) + " finns inte för " + t.Kind, En: "option " + schema.Quote(option) + " is not known to " + t.Kind},
				schema.Text{Sv: "ta bort den", En: "remove it"}))
		}
	}
	unknown("targets/"+c.Name, t.Options)
	for _, system := range c.Systems {
		unknown("systems/"+system, c.Org.Targets.Systems[system].Options)
	}
	return faults
}
