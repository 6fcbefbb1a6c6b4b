package schema

import (
	"errors"
	"io/fs"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// Load reads a repository's settings, units, systems, packages, targets and policies, and finds its people. The error is of type
// [Faults]: every fault of every file read here. What people's own files have against them comes from [Org.Each].
func Load(files fs.FS) (*Org, error) { return LoadTargets(files, "targets.yaml") }

// LoadTargets is [Load] with another file of the repository in the place of targets.yaml.
func LoadTargets(files fs.FS, targets string) (*Org, error) {
	o, faults := load(files, targets)
	_, f := o.people.list()
	return o, append(faults, f...).err()
}

// LoadCatalogue is [LoadTargets] without finding the people: they are found when somebody first asks for one, so that what asks for none does
// not pay for their number. What their folder has against it is not reported.
func LoadCatalogue(files fs.FS, targets string) (*Org, error) {
	o, faults := load(files, targets)
	return o, faults.err()
}

func load(files fs.FS, targets string) (*Org, Faults) {
	o := &Org{Settings: defaults(), Rules: map[string]string{}, files: files, aliases: map[string]string{}}
	faults := misnamed(files)
	faults = append(faults, readFixed(files, "behorig.yaml", &o.Settings)...)
	faults = append(faults, readFixed(files, targets, &o.Targets)...)
	o.Targets.Path = targets
	if _, err := o.Zone(); err != nil {
		faults = append(faults, faultZone.at(Locate(files, "behorig.yaml", "timezone"), "value", Quote(o.Timezone)))
	}
	var f Faults
	o.Units, f = nouns(files, "units", func(key, file string) *Unit { return &Unit{Key: key, Path: file} })
	faults = append(faults, f...)
	o.Systems, f = nouns(files, "systems", func(key, file string) *System { return &System{Key: key, Path: file} })
	faults = append(faults, f...)
	o.Packages, f = nouns(files, "packages", func(key, file string) *Package { return &Package{Key: key, Path: file} })
	faults = append(faults, f...)
	o.people = &listing{read: func() (map[string]string, Faults) { return keyed(files, "people") }}
	faults = append(faults, o.readRules()...)
	faults = append(faults, o.checkUnits()...)
	return o, faults
}

// nouns reads all files of one kind of noun, on all processors.
func nouns[T any](files fs.FS, folder string, blank func(key, file string) *T) (map[string]*T, Faults) {
	found, faults := keyed(files, folder)
	read := make(map[string]*T, len(found))
	var mu sync.Mutex
	spread(slices.Collect(maps.Keys(found)), func(key string) {
		noun := blank(key, found[key])
		f := readInto(files, found[key], noun)
		mu.Lock()
		defer mu.Unlock()
		read[key] = noun
		faults = append(faults, f...)
	})
	return read, faults
}

// spread gives each key to f, on all processors and in no order.
func spread(keys []string, f func(key string)) {
	todo := make(chan string, 256)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for key := range todo {
				f(key)
			}
		})
	}
	for _, key := range keys {
		todo <- key
	}
	close(todo)
	workers.Wait()
}

// defaults are the settings of a file that leaves all out that it may. A nought that is written is a nought.
func defaults() Settings {
	return Settings{Language: "sv", Timezone: "Europe/Stockholm", Commits: Commits{Signed: "none"}, Limits: Limits{
		TemporaryDays: 90, HourlyDays: 120, AdoptedDays: 180, LicenceDays: 365,
		WarnDays: 60, RevokePercent: 20, RevokeAtLeast: 10, ServiceDays: 7, ReviewDays: 180,
	}}
}

// Zone is the time zone that decides which day it is. The machine's own, "Local", is none.
func (o *Org) Zone() (*time.Location, error) {
	if o.Timezone == "Local" {
		return nil, errors.New("time zone Local differs between machines: write for example Europe/Stockholm")
	}
	return time.LoadLocation(o.Timezone)
}

// Location is [Org.Zone], and UTC for a repository whose settings do not load, which is a fault that is told elsewhere.
func (o *Org) Location() *time.Location {
	if zone, err := o.Zone(); err == nil {
		return zone
	}
	return time.UTC
}

// checkUnits finds what makes the tree of units no tree, and fills the table of former keys.
func (o *Org) checkUnits() Faults {
	var faults Faults
	for _, key := range slices.Sorted(maps.Keys(o.Units)) {
		u := o.Units[key]
		for i, alias := range u.Aliases {
			other := o.Unit(alias)
			switch {
			case alias == "": // it has a fault already
			case other != nil:
				faults = append(faults, faultAliasUsed.at(Locate(o.files, u.Path, "aliases/"+itoa(i)), "key", Quote(alias), "other", other.Path))
			default:
				o.aliases[alias] = key
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(o.Units)) {
		chain := []string{key}
		for up := o.Unit(o.Units[key].Parent); up != nil; up = o.Unit(up.Parent) {
			chain = append(chain, up.Key)
			if up.Key == key {
				faults = append(faults, faultCycle.at(Locate(o.files, o.Units[key].Path, "parent"), "value", strings.Join(chain, " → ")))
			}
			if slices.Contains(chain[:len(chain)-1], up.Key) {
				break
			}
		}
	}
	return faults
}

// Unit is the unit of a key or of a former key, nil if there is none.
func (o *Org) Unit(key string) *Unit {
	if u := o.Units[key]; u != nil {
		return u
	}
	return o.Units[o.aliases[key]]
}

// PersonKeys are the keys of all people, sorted.
func (o *Org) PersonKeys() []string {
	all, _ := o.people.list()
	return slices.Sorted(maps.Keys(all))
}

// Knows tells whether a person's file is there.
func (o *Org) Knows(person string) bool { return o.people.path(person) != "" }

// Path is the file of a person, empty if there is none.
func (o *Org) Path(person string) string { return o.people.path(person) }

// Files is the tree that the repository was read from.
func (o *Org) Files() fs.FS { return o.files }

// Person reads one person. The error is of type [Faults].
func (o *Org) Person(key string) (*Person, error) {
	p := &Person{Key: key, Path: o.people.path(key)}
	if p.Path == "" {
		file := "people/" + bare(key) + ".yaml"
		return p, Faults{faultNoFile.at(Pos{file, 1, 1}, "file", file)}
	}
	return p, readInto(o.files, p.Path, p).err()
}

// Each reads all people on several processors and gives each, with its faults (nil: none), to f, which is called from several
// goroutines and in no order. Memory does not grow with the number of people.
func (o *Org) Each(f func(*Person, error)) {
	spread(o.PersonKeys(), func(key string) { f(o.Person(key)) })
}
