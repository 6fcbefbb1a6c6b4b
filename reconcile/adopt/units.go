package adopt

import (
	"maps"
	"slices"
	"strings"

	"github.com/behorig/behorig/schema"
)

// units are those of the repository, and those that accounts and the HR list name and that can be made.
type units struct {
	org   *schema.Org
	by    map[string]string // plain form of a key or name to the key; "" where it is of several
	fresh map[string]string // key to name of those that are not there yet
	used  map[string]bool
}

// plainUnit is the form in which a unit's name and its key are the same: "Hemtjänst Norr" and hemtjanst-norr.
func plainUnit(s string) string {
	return strings.ReplaceAll(schema.Slug(tidy(s)), ".", "-")
}

func newUnits(in Input) *units {
	u := &units{org: in.Org, by: map[string]string{}, fresh: map[string]string{}, used: map[string]bool{}}
	put := func(plain, key string) {
		if other, ok := u.by[plain]; ok && other != key {
			key = ""
		}
		u.by[plain] = key
	}
	for _, key := range slices.Sorted(maps.Keys(in.Org.Units)) {
		put(plainUnit(key), key)
		put(plainUnit(in.Org.Units[key].Name), key)
	}
	for _, a := range in.Accounts {
		for _, h := range a.Grants {
			u.add(h.Unit, "")
		}
	}
	for _, s := range in.Staff {
		for _, j := range s.Jobs {
			u.add(j.Unit, j.Unit)
		}
	}
	u.add(in.Unit, "")
	return u
}

// add makes a unit ready to be made, if it is not there and a key can be made of it.
func (u *units) add(text, name string) {
	key := u.find(text)
	if key == "" {
		if _, several := u.by[plainUnit(text)]; several || text == "" || bears(text) {
			return
		}
		if key = fit("key", strings.ToLower(text)); key == "" {
			key = fit("key", plainUnit(text))
		}
		if key == "" {
			return
		}
		u.by[plainUnit(text)], u.fresh[key] = key, key
	}
	if was, fresh := u.fresh[key]; fresh && name != "" && was == key {
		u.fresh[key] = name
	}
}

// find is the key of a unit by its key, a former key or its name, letters' case aside; "" if there is none, or if it may be one of several.
func (u *units) find(text string) string {
	for _, s := range []string{text, strings.ToLower(text)} {
		if unit := u.org.Unit(s); unit != nil && s != "" {
			return unit.Key
		}
		if _, fresh := u.fresh[s]; fresh {
			return s
		}
	}
	return u.by[plainUnit(text)]
}

// made are the units that are used and not there.
func (u *units) made(manager string) []*schema.Unit {
	var all []*schema.Unit
	for _, key := range slices.Sorted(maps.Keys(u.fresh)) {
		if u.used[key] {
			all = append(all, &schema.Unit{Key: key, Path: "units/" + key + ".yaml", Name: u.fresh[key], Manager: manager})
		}
	}
	return all
}
