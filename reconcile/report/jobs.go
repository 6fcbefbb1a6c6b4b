package report

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile/schedule"
	"github.com/behorig/behorig/schema"
)

// Jobs reports the queue that processes share, or that they share none.
type Jobs struct {
	Shared bool
	Count  schedule.Count
	Dead   []schedule.Dead // the newest first
	OfDead bool            // they were asked for
}

// Data implements [Report].
func (j Jobs) Data(string) any {
	type deadJSON struct {
		Repository string          `json:"repository"`
		System     string          `json:"system"`
		What       string          `json:"what"`
		Why        schedule.Reason `json:"why"`
		At         time.Time       `json:"at"`
		Attempts   int             `json:"attempts"`
		Error      string          `json:"error"`
	}
	type countJSON struct {
		Waiting  int `json:"waiting"`
		Running  int `json:"running"`
		Retrying int `json:"retrying"`
		Dead     int `json:"dead"`
		Oldest   int `json:"oldestSeconds"`
	}
	out := struct {
		Version int        `json:"version"`
		Shared  bool       `json:"shared"`
		Count   *countJSON `json:"count,omitempty"`
		Dead    []deadJSON `json:"dead,omitempty"`
	}{Version: version, Shared: j.Shared}
	if j.Shared {
		out.Count = &countJSON{j.Count.Waiting, j.Count.Running, j.Count.Retrying, j.Count.Dead, int(j.Count.Oldest.Seconds())}
	}
	for _, d := range j.Dead {
		out.Dead = append(out.Dead, deadJSON{d.Repository, d.System, string(d.Kind), d.Job.Reason, d.At.UTC(), d.Attempts, j.clean(d.Reason)})
	}
	return out
}

// clean is an error on one line, not too long.
func (j Jobs) clean(text string) string {
	text = schema.Mask(strings.Join(strings.Fields(text), " "))
	return clip(text, 300)
}

// Document implements [Report].
func (j Jobs) Document(lang string) Document {
	text := func(name string, pairs ...any) string { return jobsWords[name].With(pairs...).In(lang) }
	if !j.Shared {
		return Document{Title: text("none"), Lead: []string{text("none-means")}}
	}
	n := strconv.Itoa
	d := Document{Title: text("title"), Lead: []string{text("count", "waiting", n(j.Count.Waiting), "running", n(j.Count.Running), "retrying", n(j.Count.Retrying), "dead", n(j.Count.Dead))}}
	if j.Count.Waiting > 0 {
		d.Lead = append(d.Lead, text("oldest", "time", j.Count.Oldest.Truncate(time.Second).String()))
	}
	if !j.OfDead {
		if j.Count.Dead > 0 {
			d.Close = []string{text("look")}
		}
		return d
	}
	s := Section{Title: text("dead"), Head: []string{text("time"), text("repository"), say(lang, "system"), say(lang, "what"), text("attempts"), text("error")}}
	for _, job := range j.Dead {
		s.Rows = append(s.Rows, []string{minute(job.At.UTC()) + " UTC", cmp.Or(job.Repository, "–"), cmp.Or(job.System, "–"), jobsWords["kind-"+string(job.Kind)].In(lang), n(job.Attempts), j.clean(job.Reason)})
	}
	d.Sections = []Section{s}
	if len(s.Rows) > 0 {
		d.Close = []string{text("dead-means")}
	}
	return d
}

var jobsWords = map[string]schema.Text{
	"none":       {Sv: "Det finns ingen delad kö.", En: "There is no shared queue."},
	"none-means": {Sv: "Varje process (behorig run) har sitt eget arbete i minnet, och det som är att göra framgår av liggaren när den startar igen. Delas arbetet i en databas, ange den med --database-file eller BEHORIG_DATABASE.", En: "Each process (behorig run) has its own work in memory, and what is to be done follows from the ledger when it starts again. If the work is shared in a database, name that with --database-file or BEHORIG_DATABASE."},
	"title":      {Sv: "Den delade kön", En: "The shared queue"},
	"count":      {Sv: "{waiting} väntar, {running} görs nu, {retrying} försöks igen, {dead} har getts upp.", En: "{waiting} waiting, {running} being done, {retrying} to be tried again, {dead} given up."},
	"oldest":     {Sv: "Det första i kön har väntat {time}.", En: "The first in the queue has waited {time}."},
	"look":       {Sv: "Varför något har getts upp: behorig jobs --dead", En: "Why something was given up: behorig jobs --dead"},
	"dead":       {Sv: "Har getts upp", En: "Given up"},
	"dead-means": {Sv: "Inget av det är förlorat: det görs nästa gång systemet står på tur. Rätta det som felet säger.", En: "None of it is lost: it is done when the system is next due. Mend what the error says."},
	"time":       {Sv: "När", En: "When"},
	"repository": {Sv: "Förråd", En: "Repository"},
	"attempts":   {Sv: "Försök", En: "Attempts"},
	"error":      {Sv: "Senaste felet", En: "Last error"},
	"kind-look":  {Sv: "hämta och se efter", En: "fetch and look"},
	"kind-pass":  {Sv: "gå igenom systemet", En: "make a pass"},
	"kind-tidy":  {Sv: "städa", En: "tidy"},
}
