package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/schema"
)

// Logbook reports what happened, oldest first, by the audit log.
type Logbook struct {
	Names   Names
	Zone    *time.Location
	Entries []LogEntry
	Unread  bool // the people's files could not be read: what may name somebody is left out
}

// LogEntry is one record of the log, as it may be shown.
type LogEntry struct {
	audit.Record
	Of audit.Body
}

// Data implements [Report]: all records.
func (l Logbook) Data(string) any {
	type entryJSON struct {
		At   string     `json:"at"`
		Log  string     `json:"chain"`
		Seq  int64      `json:"seq"`
		Kind audit.Kind `json:"kind"`
		Body audit.Body `json:"body"`
	}
	out := struct {
		Version int         `json:"version"`
		Entries []entryJSON `json:"entries"`
	}{version, []entryJSON{}}
	for _, e := range l.Entries {
		out.Entries = append(out.Entries, entryJSON{e.At, e.Chain, e.Seq, e.Kind, e.Of})
	}
	return out
}

// Document implements [Report]. What was intended is told with what came of it, in one row.
func (l Logbook) Document(lang string) Document {
	s := Section{Title: logSay(lang, "events"), Head: []string{logSay(lang, "time"), say(lang, "what"), say(lang, "person"), say(lang, "system"), say(lang, "role"), logSay(lang, "detail"), logSay(lang, "by"), logSay(lang, "entry")}}
	intents, settled, ended := map[int64]audit.Body{}, map[int64]bool{}, map[int64]bool{}
	for _, e := range l.Entries {
		switch {
		case e.Kind == audit.Intent:
			intents[e.Of.Entry] = e.Of
		case e.Kind == audit.Outcome:
			settled[e.Of.Entry] = true
		case e.Kind == audit.Run && e.Of.Event == "end":
			ended[e.Of.Run] = true
		}
	}
	for _, e := range l.Entries {
		if e.Kind == audit.Intent && settled[e.Of.Entry] || e.Kind == audit.Run && e.Of.Event == "begin" && ended[e.Of.Run] {
			continue
		}
		if before, ok := intents[e.Of.Entry]; ok && e.Kind == audit.Outcome && e.Of.Status != "confirmed" {
			e.Of.Cause, e.Of.Rules, e.Of.Until, e.Of.Source = before.Cause, before.Rules, cmp.Or(e.Of.Until, before.Until), before.Source
		}
		s.Rows = append(s.Rows, l.row(e, lang))
	}
	d := Document{Title: untitled(logSay(lang, "title", "name", l.Names.Organisation)), Lead: []string{logSay(lang, "lead", "n", strconv.Itoa(len(s.Rows)))}}
	if l.Unread {
		d.Lead = append(d.Lead, logSay(lang, "unread"))
	}
	d.Sections = []Section{s}
	return d
}

func (l Logbook) row(e LogEntry, lang string) []string {
	at := e.At
	if t, err := audit.ParseStamp(e.At); err == nil {
		at = t.In(l.Zone).Format("2006-01-02 15:04:05")
	}
	system, role, person := l.Names.system(e.Chain), "", ""
	if e.Of.Person != "" {
		person = l.Names.person(e.Of.Person)
		if e.Chain != "" && (e.Of.Verb != "" || e.Of.Role != "") {
			role = l.Names.role(schema.Key{System: e.Chain, Role: e.Of.Role}, lang)
		}
		if e.Of.Unit != "" {
			role += " · " + l.Names.unit(e.Of.Unit)
		}
	}
	return []string{at, l.what(e, lang), person, system, role, l.detail(e, lang), cmp.Or(e.Of.By, e.Of.Actor), cmp.Or(e.Chain, "*") + " " + strconv.FormatInt(e.Seq, 10)}
}

// what is what happened, in a few words.
func (l Logbook) what(e LogEntry, lang string) string {
	b := e.Of
	verb := logSay(lang, "to-"+b.Verb)
	switch e.Kind {
	case audit.Intent:
		return logSay(lang, "begun", "verb", verb)
	case audit.Outcome:
		switch b.Status {
		case string(reconcile.Done):
			return logSay(lang, "done-"+b.Verb)
		case "confirmed":
			return logSay(lang, "confirmed")
		}
		return logSay(lang, "status-"+b.Status, "verb", verb)
	case audit.Adopted:
		return logSay(lang, "adopted")
	case audit.Anchor, audit.Run, audit.Commit:
		if b.Event == "ledger" && b.Count == 0 {
			return logSay(lang, "anchor-new")
		}
		return logSay(lang, string(e.Kind)+"-"+b.Event, "n", strconv.Itoa(b.Count), "was", b.Was, "run", strconv.FormatInt(b.Run, 10))
	case audit.Override:
		return logSay(lang, "override", "count", strconv.Itoa(b.Count), "of", strconv.Itoa(b.Of))
	case audit.Review:
		return logSay(lang, "review", "decision", b.Decision)
	case audit.Emergency:
		return logSay(lang, "order-"+b.Event, "id", strconv.FormatInt(b.Order, 10), "kind", logSay(lang, "kind-"+b.OrderKind))
	case audit.Checkpoint:
		return logSay(lang, "checkpoint")
	}
	return string(e.Kind)
}

// detail is until when, why and how it went.
func (l Logbook) detail(e LogEntry, lang string) string {
	b := e.Of
	var parts []string
	add := func(text string) {
		if text != "" {
			parts = append(parts, text)
		}
	}
	switch {
	case b.Until != "" && e.Kind == audit.Emergency:
		if t, err := time.Parse(time.RFC3339, b.Until); err == nil {
			add(ending(t.In(l.Zone), lang))
		}
	case b.Until != "" && b.Verb != string(reconcile.Revoke):
		add(logSay(lang, "until", "until", b.Until))
	}
	if b.Cause != "" && b.Cause != string(reconcile.Ordered) {
		add(cause(reconcile.Step{Cause: reconcile.Cause(b.Cause), Rules: b.Rules}, lang))
	}
	if e.Kind == audit.Override {
		add(b.Guard)
	}
	if e.Kind == audit.Run && b.Event == "end" {
		result := logWords["result-"+b.Result].In(lang)
		add(cmp.Or(result, b.Result))
	}
	if e.Kind == audit.Checkpoint {
		add(b.Key)
	}
	add(b.Reason)
	add(b.Error)
	if e.Kind == audit.Run || e.Kind == audit.Commit || e.Kind == audit.Review {
		add(short(b.Commit))
	}
	add(b.Source)
	return strings.Join(slices.Compact(parts), "; ")
}

// short is a commit as people tell it.
func short(commit string) string {
	if len(commit) == 40 {
		return commit[:12]
	}
	return commit
}

// minute is an instant as people read it.
func minute(t time.Time) string { return t.Format("2006-01-02 15:04") }

func logSay(lang, name string, pairs ...any) string { return logWords[name].With(pairs...).In(lang) }

// untitled is a title without the place for a name where there is none: of a repository that does not load.
func untitled(title string) string { return strings.TrimSuffix(title, " · ") }
