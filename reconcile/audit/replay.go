package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Table is one of the ledger's tables as the log knows it: the columns that it tells of, the key first.
type Table struct {
	Name    string
	Columns []string
	Key     int // how many of the first columns are the key
}

// The tables that follow from the log, and in it nothing else does. What a ledger remembers besides (marks, passes, facts of other names) is not told by it.
var (
	Entries = Table{"entry", []string{"id", "run", "at", "day", "verb", "system", "role", "unit", "person", "until", "source", "cause", "rules", "due", "status", "settled", "error", "unsure", "waits"}, 1}
	Owned   = Table{"owned", []string{"system", "role", "unit", "person", "until", "source", "since", "entry"}, 4}
	Runs    = Table{"run", []string{"id", "started", "day", "revision", "actor", "digest", "systems", "ended", "people", "result"}, 1}
	Orders  = Table{"standing", []string{"id", "kind", "system", "person", "role", "unit", "reason", "orderer", "at", "until", "seconder", "seconded", "signatures", "ended", "ender", "why"}, 1}
	Facts   = Table{"fact", []string{"name", "value"}, 1}
	Tables  = []Table{Entries, Owned, Runs, Orders, Facts}
)

// The columns that change after a row was made.
const (
	entryStatus, entrySettled, entryError, entryUnsure, entryWaits = 14, 15, 16, 17, 18
	ownedSince                                                     = 6
	runEnded, runPeople, runResult                                 = 7, 8, 9
	orderSecond, orderConfirmed, orderSignatures                   = 10, 11, 12
	orderEnded, orderEnder, orderWhy                               = 13, 14, 15
)

// row is what the log says of a row, and by which record last.
type row struct {
	cells []string
	seq   int64
}

// Replay is what one chain's records make of the tables.
type Replay struct {
	chain  string
	rows   map[string]map[string]row // table, key
	open   map[string][]int64        // entries of a change's key that are unsure or waited for
	unsure map[string]bool           // such entries from before the log

	damages []Damage
}

// NewReplay begins with nothing.
func NewReplay(chain string) *Replay {
	r := &Replay{chain: chain, rows: map[string]map[string]row{}, open: map[string][]int64{}, unsure: map[string]bool{}}
	for _, t := range Tables {
		r.rows[t.Name] = map[string]row{}
	}
	return r
}

func (t Table) key(cells []string) string { return strings.Join(cells[:t.Key], "\x00") }

func (r *Replay) put(t Table, seq int64, cells ...string) {
	r.rows[t.Name][t.key(cells)] = row{cells, seq}
}

// set changes columns of a row that is there.
func (r *Replay) set(t Table, seq int64, key string, cells map[int]string) bool {
	old, ok := r.rows[t.Name][key]
	if !ok {
		return false
	}
	for i, v := range cells {
		old.cells[i] = v
	}
	old.seq = seq
	r.rows[t.Name][key] = old
	return true
}

// Add takes the next record, with its body.
func (r *Replay) Add(rec Record, b Body) {
	at := clock(rec.At)
	switch rec.Kind {
	case Anchor:
		r.anchor(rec, b)
	case Intent, Adopted:
		r.entry(rec, b, at)
	case Outcome:
		r.outcome(rec, b, at)
	case Run:
		switch id := itoa(b.Run); b.Event {
		case "begin":
			r.put(Runs, rec.Seq, id, at, b.Day, b.Commit, b.Actor, b.Plan, strings.Join(b.Systems, " "), "", "0", "")
		case "end":
			r.set(Runs, rec.Seq, id, map[int]string{runEnded: at, runPeople: itoa(int64(b.People)), runResult: b.Result})
		}
	case Commit:
		value := b.Commit
		if b.Event == "accepted" {
			value += " " + at
		}
		r.put(Facts, rec.Seq, b.Event, value)
	case Emergency:
		r.emergency(rec, b, at)
	}
}

// clock is a record's time as the tables have it.
func clock(at string) string {
	t, err := ParseStamp(at)
	if err != nil {
		return at
	}
	return t.Format(time.RFC3339Nano)
}

func (r *Replay) anchor(rec Record, b Body) {
	switch b.Event {
	case "owned":
		r.put(Owned, rec.Seq, rec.Chain, b.Role, b.Unit, b.Person, b.Until, b.Source, b.Since, itoa(b.Entry))
	case "unsure":
		id := itoa(b.Entry)
		r.unsure[id] = true
		r.opened(b)
	}
}

// of is the key of the change that a record is about.
func (r *Replay) of(b Body) string {
	return strings.Join([]string{r.chain, b.Role, b.Unit, b.Person}, "\x00")
}

func (r *Replay) entry(rec Record, b Body, at string) {
	id, status, unsure := itoa(b.Entry), "intended", "0"
	if rec.Kind == Adopted {
		status = "adopted"
	} else if b.Verb != string(reconcile.Revoke) {
		unsure = "1"
		r.opened(b)
	}
	r.put(Entries, rec.Seq, id, itoa(b.Run), at, b.Day, b.Verb, rec.Chain, b.Role, b.Unit, b.Person, b.Until, b.Source, b.Cause,
		strings.Join(b.Rules, " "), b.Due, status, "", "", unsure, "0")
	if rec.Kind == Adopted {
		r.own(rec, b, id)
	}
}

func (r *Replay) outcome(rec Record, b Body, at string) {
	id := itoa(b.Entry)
	if b.Status == "confirmed" {
		r.set(Entries, rec.Seq, id, map[int]string{entryWaits: "0"})
		return
	}
	revoke := b.Verb == string(reconcile.Revoke)
	unsure := "0"
	if b.Status == string(reconcile.Failed) && !revoke {
		unsure = "1"
		r.opened(b)
	}
	r.set(Entries, rec.Seq, id, map[int]string{entryStatus: b.Status, entrySettled: at, entryError: b.Error, entryUnsure: unsure})
	if b.Status == string(reconcile.Failed) || b.Status == string(reconcile.Held) {
		return
	}
	r.own(rec, b, id)
	if revoke && b.Status == string(reconcile.Dispatched) {
		r.set(Entries, rec.Seq, id, map[int]string{entryWaits: "1"})
		r.opened(b)
	}
}

// opened notes that the entry that a record is about is unsure, or waited for.
func (r *Replay) opened(b Body) { r.open[r.of(b)] = append(r.open[r.of(b)], b.Entry) }

// own is a change that counts as made: earlier entries of its key are neither unsure nor waited for any longer.
func (r *Replay) own(rec Record, b Body, id string) {
	key := r.of(b)
	r.open[key] = slices.DeleteFunc(r.open[key], func(open int64) bool {
		if open > b.Entry {
			return false
		}
		r.set(Entries, rec.Seq, itoa(open), map[int]string{entryUnsure: "0", entryWaits: "0"})
		delete(r.unsure, itoa(open))
		return true
	})
	if b.Verb == string(reconcile.Revoke) {
		delete(r.rows[Owned.Name], key)
		return
	}
	since := b.Day
	if before, ok := r.rows[Owned.Name][key]; ok {
		since = before.cells[ownedSince]
	}
	r.put(Owned, rec.Seq, rec.Chain, b.Role, b.Unit, b.Person, b.Until, b.Source, since, id)
}

func (r *Replay) emergency(rec Record, b Body, at string) {
	id := itoa(b.Order)
	switch b.Event {
	case "ordered":
		r.put(Orders, rec.Seq, id, b.OrderKind, rec.Chain, b.Person, b.Role, b.Unit, b.Reason, b.By, at, b.Until, "", "", b.Signature, "", "", "")
	case "confirmed":
		signatures := b.Signature
		if old := r.rows[Orders.Name][id]; old.cells != nil && old.cells[orderSignatures] != "" && signatures != "" {
			signatures = old.cells[orderSignatures] + "\n" + signatures
		} else if old.cells != nil && signatures == "" {
			signatures = old.cells[orderSignatures]
		}
		r.set(Orders, rec.Seq, id, map[int]string{orderSecond: b.By, orderConfirmed: at, orderSignatures: signatures})
	case "lifted", "ended":
		r.set(Orders, rec.Seq, id, map[int]string{orderEnded: at, orderEnder: b.By, orderWhy: b.Reason})
	}
}

// Old takes a row of entry or run from before the log: of it, the log tells at most whether it is unsure.
func (r *Replay) Old(t Table, cells []string) {
	cells = slices.Clone(cells)
	if t.Name == Entries.Name {
		cells[entryUnsure], cells[entryWaits] = "0", "0"
		if r.unsure[cells[0]] {
			cells[entryUnsure] = "1"
		}
	}
	r.put(t, 0, cells...)
}

// Hold holds a row that a table has against the one that the log makes.
func (r *Replay) Hold(t Table, cells []string) {
	for i := range cells {
		cells[i] = string([]rune(cells[i])) // as the log writes what is no text
	}
	w, ok := r.rows[t.Name][t.key(cells)]
	if !ok {
		r.damage(t, ExtraRow, 0, cells, sayExtraRow)
		return
	}
	var columns []string
	for i, v := range cells {
		if v != w.cells[i] {
			columns = append(columns, t.Columns[i])
		}
	}
	if columns != nil {
		r.damage(t, BadRow, w.seq, cells, sayRow.With("columns", strings.Join(columns, ", ")))
	}
	delete(r.rows[t.Name], t.key(cells))
}

// End is what was found, after each table's rows were held against the log: what differs, and what no table has.
func (r *Replay) End() []Damage {
	for _, t := range Tables {
		for _, w := range r.rows[t.Name] {
			r.damage(t, MissingRow, w.seq, w.cells, sayMissingRow)
		}
	}
	slices.SortFunc(r.damages, func(a, b Damage) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Entry, b.Entry), cmp.Compare(a.Row, b.Row), cmp.Compare(a.What, b.What))
	})
	return r.damages
}

func (r *Replay) damage(t Table, what What, seq int64, cells []string, text schema.Text) {
	d := Damage{Chain: r.chain, Seq: seq, Table: t.Name, Row: strings.Join(cells[:t.Key], "/"), What: what, Text: text}
	switch t.Name {
	case Entries.Name:
		_, _ = fmt.Sscan(cells[0], &d.Entry)
	case Owned.Name:
		_, _ = fmt.Sscan(cells[len(cells)-1], &d.Entry)
	}
	r.damages = append(r.damages, d)
}
