package schema

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// Load reads a repository's settings, units, systems, packages, targets and policies, and finds its people. The error is of type
// [Faults]: every fault of every file read here. What people's own files have against them comes from [Org.Each].
func Load(files fs.FS) (*Org, error) {
	o := &Org{Units: map[string]*Unit{}, Systems: map[string]*System{}, Packages: map[string]*Package{}, Rules: map[string]string{},
		files: files, people: map[string]string{}, aliases: map[string]string{}}
	var faults Faults
	faults = append(faults, readInto(files, "behorig.yaml", &o.Settings)...)
	faults = append(faults, readInto(files, "targets.yaml", &o.Targets)...)
	o.withDefaults()
	if _, err := o.Zone(); err != nil {
		faults = append(faults, faultZone.at(Locate(files, "behorig.yaml", "timezone"), "value", Quote(o.Timezone)))
	}
	units, f := keyed(files, "units")
	faults = append(faults, f...)
	for key, file := range units {
		u := &Unit{Key: key, Path: file}
		faults = append(faults, readInto(files, file, u)...)
		o.Units[key] = u
	}
	systems, f := keyed(files, "systems")
	faults = append(faults, f...)
	for key, file := range systems {
		s := &System{Key: key, Path: file}
		faults = append(faults, readInto(files, file, s)...)
		o.Systems[key] = s
	}
	packages, f := keyed(files, "packages")
	faults = append(faults, f...)
	for key, file := range packages {
		p := &Package{Key: key, Path: file}
		faults = append(faults, readInto(files, file, p)...)
		o.Packages[key] = p
	}
	o.people, f = keyed(files, "people")
	faults = append(faults, f...)
	faults = append(faults, o.readRules()...)
	faults = append(faults, o.checkUnits()...)
	return o, faults.err()
}

func (o *Org) withDefaults() {
	def := func(v *int, is int) {
		if *v == 0 {
			*v = is
		}
	}
	def(&o.Limits.TemporaryDays, 90)
	def(&o.Limits.HourlyDays, 120)
	def(&o.Limits.LicenceDays, 365)
	def(&o.Limits.WarnDays, 60)
	def(&o.Limits.RevokePercent, 20)
	def(&o.Limits.RevokeAtLeast, 10)
	def(&o.Limits.ServiceDays, 7)
	if o.Language == "" {
		o.Language = "sv"
	}
	if o.Timezone == "" {
		o.Timezone = "Europe/Stockholm"
	}
}

// Zone is the time zone that decides which day it is.
func (o *Org) Zone() (*time.Location, error) { return time.LoadLocation(o.Timezone) }

// keyed finds the files of one kind of noun, by key. Everything in the folder that looks like it should have been read and is not is a
// fault: a file passed over in silence is access lost or left in silence.
func keyed(files fs.FS, folder string) (map[string]string, Faults) {
	found := map[string]string{}
	var faults Faults
	walk := func(file string, entry fs.DirEntry, err error) error {
		start := Pos{file, 1, 1}
		name := path.Base(file)
		key, isYAML := strings.CutSuffix(name, ".yaml")
		switch {
		case err != nil:
			faults = append(faults, faultRead.at(start))
		case entry.Type()&fs.ModeSymlink != 0:
			faults = append(faults, faultSymlink.at(start))
		case entry.IsDir():
		case isYAML && !shapes["key"].re.MatchString(key):
			faults = append(faults, faultFileName.at(start, "value", Quote(name), "example", Slug(key)+".yaml"))
		case isYAML && found[key] != "":
			faults = append(faults, faultSameKey.at(start, "key", key, "other", found[key]))
		case isYAML:
			found[key] = file
		case lookalike(name):
			stem, _, _ := strings.Cut(name, ".y")
			faults = append(faults, faultExtension.at(start, "value", Quote(name), "example", Slug(stem)+".yaml"))
		}
		return nil
	}
	walkTree(files, folder, walk)
	return found, faults
}

// walkTree walks a folder that may be missing. A folder that is a link is given to f as the link that it is, so that nothing outside
// the repository is read.
func walkTree(files fs.FS, folder string, f fs.WalkDirFunc) {
	info, err := fs.Lstat(files, folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		_ = f(folder, nil, err)
	case info.Mode()&fs.ModeSymlink != 0:
		_ = f(folder, fs.FileInfoToDirEntry(info), nil)
	default:
		_ = fs.WalkDir(files, folder, f) // f returns no error, so neither does the walk
	}
}

// lookalike tells a name that somebody may think is read: another ending for YAML, an editor's conflict copy.
func lookalike(name string) bool {
	low := strings.ToLower(name)
	return !strings.HasPrefix(low, ".") && (strings.HasSuffix(low, ".yml") || strings.HasSuffix(low, ".yaml") || strings.Contains(low, ".yaml.") || strings.Contains(low, ".yaml "))
}

var ascii = strings.NewReplacer("å", "a", "ä", "a", "ö", "o", "é", "e", "ü", "u", "ø", "o", "æ", "ae", "ß", "ss", " ", ".", "_", "-")

// Slug makes a key of a name: lower case, å ä ö as a a o, full stops between the words. It is empty if nothing is left.
func Slug(name string) string {
	var b strings.Builder
	for _, r := range ascii.Replace(strings.ToLower(name)) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			b.WriteRune(r)
		}
	}
	s := strings.Trim(b.String(), ".-")
	return s[:min(len(s), 64)]
}

func (o *Org) readRules() Faults {
	var faults Faults
	walk := func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			faults = append(faults, faultRead.at(Pos{file, 1, 1}))
		case entry.Type()&fs.ModeSymlink != 0:
			faults = append(faults, faultSymlink.at(Pos{file, 1, 1}))
		case !entry.IsDir() && strings.HasSuffix(file, ".rego"):
			raw, f := readAll(o.files, file)
			faults = append(faults, f...)
			o.Rules[file] = string(raw)
		}
		return nil
	}
	walkTree(o.files, "policies", walk)
	return faults
}

// checkUnits finds what makes the tree of units no tree, and fills the table of former keys.
func (o *Org) checkUnits() Faults {
	var faults Faults
	for _, key := range slices.Sorted(maps.Keys(o.Units)) {
		u := o.Units[key]
		for i, alias := range u.Aliases {
			other := o.aliases[alias]
			if o.Units[alias] != nil {
				other = alias
			}
			if other != "" {
				faults = append(faults, faultAliasUsed.at(Locate(o.files, u.Path, "aliases/"+itoa(i)), "key", Quote(alias), "other", other))
				continue
			}
			o.aliases[alias] = key
		}
		for i, dep := range u.Deputies {
			faults = append(faults, inOrder(o.files, u.Path, "deputies/"+itoa(i), dep.From, dep.Until)...)
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
func (o *Org) PersonKeys() []string { return slices.Sorted(maps.Keys(o.people)) }

// Knows tells whether a person's file is there.
func (o *Org) Knows(person string) bool { return o.people[person] != "" }

// Path is the file of a person, empty if there is none.
func (o *Org) Path(person string) string { return o.people[person] }

// Files is the tree that the repository was read from.
func (o *Org) Files() fs.FS { return o.files }

// Person reads one person. The error is of type [Faults].
func (o *Org) Person(key string) (*Person, error) {
	p := &Person{Key: key, Path: o.people[key]}
	faults := readInto(o.files, p.Path, p)
	if faults == nil {
		faults = p.check(o.files)
	}
	return p, faults.err()
}

// check finds what is wrong in a person's file beyond single values. It reads the file again for the places, so only when needed.
func (p *Person) check(files fs.FS) Faults {
	var faults Faults
	for i, e := range p.Employments {
		at := "employments/" + itoa(i)
		faults = append(faults, inOrder(files, p.Path, at, e.From, e.Until)...)
		for j, a := range e.Access {
			line := at + "/access/" + itoa(j)
			if (a.Package == "") == (a.System == "" && a.Role == "") || (a.System == "") != (a.Role == "") {
				faults = append(faults, faultChoice.at(Locate(files, p.Path, line), "example", "{package: …} eller/or {system: …, role: …}"))
			}
			faults = append(faults, inOrder(files, p.Path, line, a.From, a.Until)...)
		}
		for j, l := range e.Leave {
			faults = append(faults, inOrder(files, p.Path, at+"/leave/"+itoa(j), l.From, l.Until)...)
		}
	}
	return faults
}

func inOrder(files fs.FS, file, at string, from, until Date) Faults {
	if from == 0 || until == 0 || from <= until {
		return nil
	}
	return Faults{faultOrder.at(Locate(files, file, at+"/until"), "key", "until", "until", until.String(), "from", from.String())}
}

// Each reads all people on several processors and gives each, with its faults (nil: none), to f, which is called from several
// goroutines and in no order. Memory does not grow with the number of people.
func (o *Org) Each(f func(*Person, error)) {
	keys := make(chan string, 256)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for key := range keys {
				f(o.Person(key))
			}
		})
	}
	for _, key := range o.PersonKeys() {
		keys <- key
	}
	close(keys)
	workers.Wait()
}
