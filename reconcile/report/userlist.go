package report

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// UserList reports what a system's own user list showed.
type UserList struct {
	On, Day        schema.Date // today, and the list's day
	System         string
	Names          Names
	Taken          worklist.Taken
	Rows, Inactive int  // of the file
	Short          bool // taken in although it is empty or short
	Faults         schema.Faults
}

// state is what became of the list: taken, already or refused.
func (u UserList) state() string {
	switch {
	case len(u.Faults) > 0:
		return "refused"
	case u.Taken.Before != 0:
		return "already"
	}
	return "taken"
}

// strangers are how many accounts are nobody's.
func (u UserList) strangers() (n int) {
	for _, f := range u.Taken.Findings {
		if f.Role == "" && stranger(f) && f.Class != worklist.Gone {
			n++
		}
	}
	return n
}

func stranger(f worklist.Finding) bool { return strings.HasPrefix(f.Person, "@") }

// drift is what the systems have otherwise than the books had.
var drift = []worklist.Class{worklist.Missing, worklist.Remaining, worklist.Redated, worklist.Unordered}

// Data implements [Report].
func (u UserList) Data(lang string) any {
	type findingJSON struct {
		Class     worklist.Class `json:"class"`
		Person    string         `json:"person"`
		Role      string         `json:"role"`
		Unit      string         `json:"unit"`
		Until     schema.Date    `json:"until"`
		Was       schema.Date    `json:"was"`
		Confirmed schema.Date    `json:"confirmed"`
		By        string         `json:"by,omitempty"`
		Verified  schema.Date    `json:"verified"` // by the list before
		Order     int64          `json:"order,omitempty"`
	}
	type faultJSON struct {
		schema.Pos
		Message string `json:"message"`
		Hint    string `json:"hint"`
	}
	out := struct {
		Version   int                    `json:"version"`
		At        schema.Date            `json:"at"`
		Of        schema.Date            `json:"of"`
		System    string                 `json:"system"`
		State     string                 `json:"state"`
		Before    schema.Date            `json:"before"`
		Rows      int                    `json:"rows"`
		Inactive  int                    `json:"inactive"`
		Counts    map[worklist.Class]int `json:"counts"`
		Strangers int                    `json:"strangers"`
		Findings  []findingJSON          `json:"findings"`
		Faults    []faultJSON            `json:"faults"`
	}{version, u.On, u.Day, u.System, u.state(), u.Taken.Before, u.Rows, u.Inactive, map[worklist.Class]int{}, u.strangers(), []findingJSON{}, []faultJSON{}}
	for _, c := range worklist.Classes {
		out.Counts[c] = u.Taken.Count(c)
	}
	for _, f := range u.Taken.Findings {
		out.Findings = append(out.Findings, findingJSON{f.Class, f.Person, f.Role, f.Unit, f.Until, f.Was, f.Doubt.Confirmed, f.Doubt.By, f.Verified, f.Order})
	}
	for _, f := range u.Faults {
		out.Faults = append(out.Faults, faultJSON{f.Pos, f.What.In(lang), f.Do.In(lang)})
	}
	return out
}

// Document implements [Report].
func (u UserList) Document(lang string) Document {
	n := strconv.Itoa
	d := Document{Title: say(lang, "list-title", "system", u.Names.system(u.System), "day", u.Day.String())}
	switch u.state() {
	case "refused":
		d.Lead = []string{say(lang, "list-refused", "n", n(len(u.Faults)))}
		faults := Section{Title: say(lang, "list-faults")}
		for _, f := range u.Faults {
			faults.Lines = append(faults.Lines, f.Pos.String()+": "+f.What.In(lang), "  → "+f.Do.In(lang))
		}
		d.Sections = []Section{faults}
		return d
	case "already":
		d.Lead = []string{say(lang, "list-already", "day", u.Taken.Before.String())}
		return d
	}
	count := func(c worklist.Class) string { return n(u.Taken.Count(c)) }
	d.Lead = []string{
		say(lang, "list-counts", "rows", n(u.Rows), "inactive", n(u.Inactive), "verified", count(worklist.Verified), "removed", count(worklist.Removed), "confirmed", count(worklist.Confirmed)),
		say(lang, "list-drift", "missing", count(worklist.Missing), "remaining", count(worklist.Remaining), "redated", count(worklist.Redated),
			"unordered", count(worklist.Unordered), "strangers", n(u.strangers())),
	}
	left := 0
	for _, c := range drift {
		left += u.Taken.Count(c)
		d.Sections = append(d.Sections, u.section(c, lang))
	}
	d.Sections = append(d.Sections, u.section(worklist.Newer, lang))
	if left > 0 {
		d.Close = []string{say(lang, "list-close")}
	}
	if u.Short {
		d.Close = append(d.Close, say(lang, "list-short", "key", u.System))
	}
	return d
}

// section shows what the list says of a class.
func (u UserList) section(c worklist.Class, lang string) Section {
	s := Section{Title: say(lang, "list-"+string(c)), Head: []string{say(lang, "person"), say(lang, "role"), say(lang, "unit"), say(lang, "state")}}
	for _, f := range u.Taken.Findings {
		if f.Class == c {
			s.Rows = append(s.Rows, []string{u.Names.person(f.Person), u.Names.role(f.Key, lang), u.Names.unit(f.Unit), u.what(f, lang)})
		}
	}
	return s
}

// what is what the list says of one grant.
func (u UserList) what(f worklist.Finding, lang string) string {
	switch {
	case f.Doubt.Listed != 0:
		return doubt(f.Doubt, f.Class == worklist.Remaining, lang)
	case f.Class == worklist.Redated:
		return say(lang, "list-was", "until", until(lang, f.Until), "was", until(lang, f.Was))
	case f.Class == worklist.Unordered && stranger(f):
		return say(lang, "list-stranger")
	case f.Class == worklist.Newer:
		return say(lang, "list-later")
	}
	return until(lang, f.Until)
}

// doubt is a confirmation that a list contradicts, in words; remaining: of something that is still there.
func doubt(d worklist.Doubt, remaining bool, lang string) string {
	name := "doubt-missing"
	switch {
	case d.Confirmed == 0:
		name = "doubt-unconfirmed"
	case remaining:
		name = "doubt-remaining"
	}
	by := d.By
	if by == worklist.ByList(d.Confirmed) {
		by = say(lang, "doubt-list")
	}
	return say(lang, name, "day", d.Confirmed.String(), "by", cmp.Or(by, "?"), "list", d.Listed.String())
}
