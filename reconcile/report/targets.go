package report

import (
	"strconv"
	"strings"

	"github.com/behorig/behorig/reconcile"
)

// Targets reports what each target says of itself when it is asked, with nothing changed.
type Targets struct {
	Asked []Asked
	Names Names
}

// Asked is one target and what it answered.
type Asked struct {
	Name, Kind string
	Systems    []string
	Tried      bool  // whether it was asked anything at all
	Err        error // it could not be opened or read
	Grants     int   // that it lists, accounts among them
	Strangers  int   // of these, in accounts of nobody we know
	Probes     []reconcile.Probe
}

// OK tells whether nothing stands in the target's way.
func (a Asked) OK() bool {
	for _, p := range a.Probes {
		if p.Answer == reconcile.No {
			return false
		}
	}
	return a.Err == nil
}

// OK tells whether all targets are as they should be.
func (t Targets) OK() bool {
	for _, a := range t.Asked {
		if !a.OK() {
			return false
		}
	}
	return true
}

// Data implements [Report].
func (t Targets) Data(lang string) any {
	type probeJSON struct {
		What   string           `json:"what"`
		Answer reconcile.Answer `json:"answer"`
		Do     string           `json:"do,omitempty"`
	}
	type targetJSON struct {
		Name      string      `json:"name"`
		Kind      string      `json:"kind"`
		Systems   []string    `json:"systems"`
		OK        *bool       `json:"ok,omitempty"`
		Error     string      `json:"error,omitempty"`
		Grants    int         `json:"grants"`
		Strangers int         `json:"strangers"`
		Probes    []probeJSON `json:"probes"`
	}
	out := struct {
		Version int          `json:"version"`
		Targets []targetJSON `json:"targets"`
	}{version, []targetJSON{}}
	for _, a := range t.Asked {
		j := targetJSON{Name: a.Name, Kind: a.Kind, Systems: append([]string{}, a.Systems...), Grants: a.Grants, Strangers: a.Strangers, Probes: []probeJSON{}}
		if a.Err != nil {
			j.Error = a.Err.Error()
		}
		if a.Tried {
			ok := a.OK()
			j.OK = &ok
		}
		for _, p := range a.Probes {
			j.Probes = append(j.Probes, probeJSON{p.What.In(lang), p.Answer, p.Do.In(lang)})
		}
		out.Targets = append(out.Targets, j)
	}
	return out
}

// Document implements [Report].
func (t Targets) Document(lang string) Document {
	d := Document{Title: say(lang, "targets-title")}
	bad, tried := 0, 0
	for _, a := range t.Asked {
		if a.Tried {
			tried++
		}
		if !a.OK() {
			bad++
		}
		d.Sections = append(d.Sections, t.section(a, lang))
	}
	switch {
	case tried > 0:
		d.Lead = []string{say(lang, "targets-asked", "n", strconv.Itoa(tried), "bad", strconv.Itoa(bad))}
	default:
		d.Lead = []string{say(lang, "targets-listed", "n", strconv.Itoa(len(t.Asked)))}
	}
	return d
}

func (t Targets) section(a Asked, lang string) Section {
	var systems []string
	for _, s := range a.Systems {
		systems = append(systems, t.Names.system(s))
	}
	s := Section{Title: a.Name + " (" + a.Kind + ")", Lines: []string{strings.Join(systems, ", ")}}
	if len(systems) == 0 {
		s.Lines = []string{say(lang, "targets-unused")}
	}
	if !a.Tried {
		return s
	}
	s.Head = []string{say(lang, "what"), say(lang, "answer"), say(lang, "to-do-column")}
	for _, p := range a.Probes {
		s.Rows = append(s.Rows, []string{p.What.In(lang), say(lang, "answer-"+string(p.Answer)), p.Do.In(lang)})
	}
	if a.Err != nil {
		s.Rows = append(s.Rows, []string{say(lang, "targets-read"), say(lang, "answer-no"), a.Err.Error()})
		return s
	}
	s.Rows = append(s.Rows, []string{
		say(lang, "targets-read"), say(lang, "answer-yes"), say(lang, "targets-holds", "n", strconv.Itoa(a.Grants), "strangers", strconv.Itoa(a.Strangers)),
	})
	return s
}
