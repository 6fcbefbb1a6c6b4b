package schema

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
)

// listing is the people of a tree by key, found when first asked for. near are those that need not be looked for: "" for a key known not to be there.
type listing struct {
	near map[string]string
	read func() (map[string]string, Faults)

	once   sync.Once
	all    map[string]string
	faults Faults
}

func (l *listing) list() (map[string]string, Faults) {
	l.once.Do(func() { l.all, l.faults = l.read() })
	return l.all, l.faults
}

func (l *listing) path(key string) string {
	if file, known := l.near[key]; known {
		return file
	}
	all, _ := l.list()
	return all[key]
}

// WithPeople is the organisation with its catalogue as it is and its people from another tree, which differs in the paths changed alone: that of a
// merge request, judged by the branch it goes to. The people of those paths are known without looking for the others, unless one is new in its place. The
// error is of type [Faults]: those of the changed paths' names.
func (o *Org) WithPeople(files fs.FS, changed []string) (*Org, error) {
	changed = slices.DeleteFunc(slices.Clone(changed), func(file string) bool { return !strings.HasPrefix(file, "people/") })
	there, faults := found(files, changed)
	near := map[string]string{}
	for _, file := range changed {
		near[strings.TrimSuffix(path.Base(file), ".yaml")] = ""
	}
	for _, file := range there {
		key := strings.TrimSuffix(path.Base(file), ".yaml")
		if other := near[key]; other != "" {
			faults = append(faults, faultSameKey.at(Pos{file, 1, 1}, "key", Quote(key), "other", other))
			continue
		}
		if _, err := fs.Lstat(o.files, file); errors.Is(err, fs.ErrNotExist) {
			if other := o.people.path(key); other != "" && !slices.Contains(changed, other) {
				faults = append(faults, faultSameKey.at(Pos{file, 1, 1}, "key", Quote(key), "other", other))
				near[key] = other
				continue
			}
		}
		near[key] = file
	}
	before := o.people
	mixed := *o
	mixed.files = files
	mixed.people = &listing{near: near, read: func() (map[string]string, Faults) {
		all, f := before.list()
		all = maps.Clone(all)
		for key, file := range near {
			if all[key] = file; file == "" {
				delete(all, key)
			}
		}
		return all, f
	}}
	return &mixed, faults.err()
}

// found are those of some paths that are files of people, with what is wrong with the others that are there.
func found(files fs.FS, paths []string) (there []string, faults Faults) {
	for _, file := range paths {
		if _, err := fs.Lstat(files, file); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		keys, f := keyed(files, file)
		faults = append(faults, f...)
		if len(keys) > 0 {
			there = append(there, file)
		}
	}
	return there, faults
}
