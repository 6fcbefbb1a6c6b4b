package notify

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/behorig/behorig/schema"
)

// Hour is the hour of the day, in the organisation's zone, from which managers and desks are told, on weekdays.
const Hour = 7

// Gather is how long operations are left alone between two messages, and how long a thing must have been well to be called so.
const Gather = 15 * time.Minute

// stale is how long something that operations know of and that nobody has seen again is kept in mind: a system may have left the repository.
const stale = 8 * 24 * time.Hour

// Marks are when each audience was last told anything, and which day's judgement managers are told by.
type Marks struct {
	Managers, Desks schema.Date
	Operations      time.Time
	Judged          schema.Date
	Commit          string // that was judged
}

// Memory is what there is to tell and what has been told.
type Memory struct {
	Entries []Entry
	Marks   Marks
}

// Contact is a person as a message may know them.
type Contact struct {
	Name      string
	Email     string
	Protected bool
}

// Directory is what is to be known of an organisation to tell it anything, on a day.
type Directory struct {
	Repository   string // its name, where a process serves many
	Organisation string
	Lang         string // sv or en
	Zone         *time.Location
	Guideline    string // its title
	Units        map[string]*schema.Unit
	Systems      map[string]string        // key to name
	People       func(key string) Contact // the zero value of who is not there
	Managers     bool                     // whether they are told
	Desks        map[string]string        // desk to address
	Operations   []string                 // addresses
	Mail, Post   bool                     // which ways there are
	Domain       string                   // of message ids
}

// Digest says what is to be told now and to whom, and what is then remembered. It is pure: the same memory, directory and instant give the same
// messages. Managers and desks are told once a weekday from [Hour] on, operations at once but with [Gather] between.
func Digest(m Memory, dir *Directory, now time.Time) ([]Message, Memory) {
	if !dir.Mail && !dir.Post {
		return nil, m
	}
	local := now.In(dir.Zone)
	d := &digest{
		Directory: dir, now: now, day: schema.Today(now, dir.Zone), next: nextDay(local), after: local.Hour() >= Hour,
		entries: map[string]Entry{}, marks: m.Marks,
	}
	for _, e := range m.Entries {
		if e.To != Operations || now.Sub(e.Seen) < stale {
			d.entries[e.Key()] = e
		}
	}
	weekday := local.Weekday() != time.Saturday && local.Weekday() != time.Sunday
	if weekday && d.after {
		if dir.Mail && dir.Managers && d.marks.Managers != d.day && d.marks.Judged == d.day {
			d.marks.Managers = d.day
			d.managers()
		}
		if d.marks.Desks != d.day {
			d.marks.Desks = d.day
			d.desks()
		}
	}
	// A clock that has been put back silences nobody.
	if since := now.Sub(d.marks.Operations); since >= Gather || since < 0 {
		d.operations()
	}
	out := Memory{Marks: d.marks}
	for _, e := range d.entries {
		out.Entries = append(out.Entries, e)
	}
	slices.SortFunc(out.Entries, func(a, b Entry) int { return strings.Compare(a.Key(), b.Key()) })
	return d.messages, out
}

// nextDay is the next day on which managers and desks are told: on Friday that is Monday.
func nextDay(local time.Time) schema.Date {
	day := schema.Day(local.Date())
	switch local.Weekday() {
	case time.Friday:
		return day + 3
	case time.Saturday:
		return day + 2
	}
	return day + 1
}

type digest struct {
	*Directory
	now       time.Time
	day, next schema.Date
	after     bool // the hour has struck
	entries   map[string]Entry
	marks     Marks
	messages  []Message
}

// said is an entry that is told now.
type said struct {
	Entry
	State State
}

// of gives the entries of an audience, sorted.
func (d *digest) of(audience string) []Entry {
	var all []Entry
	for _, e := range d.entries {
		if e.To == audience {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, compareEntries)
	return all
}

// desks tells each desk what is overdue and how much is new.
func (d *digest) desks() {
	byDesk := map[string][]Entry{}
	for _, e := range d.of(Desks) {
		byDesk[e.Of] = append(byDesk[e.Of], e)
	}
	silent := 0
	for _, desk := range slices.Sorted(maps.Keys(byDesk)) {
		to := Address(d.Desks[desk])
		if d.Mail && to == "" {
			silent++
		}
		if !d.Post && (!d.Mail || to == "") {
			continue
		}
		var told []said
		for _, e := range byDesk[desk] {
			// One that is open and not late is counted once, and then left alone.
			state, due := e.state(d.day, d.next, e.Until < d.day)
			if !due {
				continue
			}
			told = append(told, said{e, state})
			d.entries[e.Key()] = e.told(d.day, d.next)
		}
		if len(told) == 0 {
			continue
		}
		b := &body{Directory: d.Directory, day: d.day}
		b.desk(desk, told, byDesk[desk])
		d.send([]string{to}, told, b)
	}
	d.unaddressed(Desks, silent)
}

// unaddressed lets operations know, once, how many cannot be told.
func (d *digest) unaddressed(audience string, n int) {
	notice := Notice{To: Operations, What: NoAddress, About: audience, Label: audience, Count: n}
	e, known := d.entries[notice.Key()]
	switch {
	case n > 0:
		e.Notice, e.Seen = notice, d.now
		d.entries[notice.Key()] = e
	case known:
		delete(d.entries, notice.Key())
	}
}

// operations tells what is wrong, what has become worse and what is well again.
func (d *digest) operations() {
	if len(d.Operations) == 0 && !d.Post {
		return
	}
	var told []said
	for _, e := range d.of(Operations) {
		if !e.Gone.IsZero() {
			if d.now.Sub(e.Gone) >= Gather {
				told = append(told, said{e, Well})
				delete(d.entries, e.Key())
			}
			continue
		}
		if state, due := e.state(d.day, d.next, d.after); due {
			told = append(told, said{e, state})
			d.entries[e.Key()] = e.told(d.day, d.next)
		}
	}
	if len(told) == 0 {
		return
	}
	d.marks.Operations = d.now
	b := &body{Directory: d.Directory, day: d.day}
	b.operations(told, d.now.In(d.Zone).Format("15:04"))
	d.send(slices.Compact(slices.Sorted(slices.Values(d.Directory.Operations))), told, b)
}

// send writes the same to each address, and posts it.
func (d *digest) send(addresses []string, told []said, b *body) {
	for _, to := range addresses {
		if d.Mail && to != "" {
			d.messages = append(d.messages, d.message(to, told, b))
		}
	}
	if d.Post {
		m := d.message("", told, b)
		m.Subject, m.Text = "", ""
		d.messages = append(d.messages, m)
	}
}

// message puts together what one recipient is sent; one without an address is a post. Its id is made of who is told what, when.
func (d *digest) message(to string, told []said, b *body) Message {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\x00%s\x00%d\x00", d.Repository, to, d.day)
	audience, urgent := told[0].To, false
	if audience == Operations {
		fmt.Fprint(sum, d.now.UnixNano())
	}
	for _, s := range told {
		fmt.Fprintf(sum, "\x00%s\x00%s", s.Key(), s.State)
		urgent = urgent || s.To == Operations && operations[s.What].urgent && s.State != Well
	}
	id := hex.EncodeToString(sum.Sum(nil)[:16]) + "@" + cmp.Or(d.Domain, "behorig.invalid")
	m := Message{ID: id, To: Address(to), Date: d.now, Subject: line(b.subject), Text: b.String()}
	if audience != Managers {
		m.Post = Post{Version: 1, ID: id, At: d.now, Repository: d.Repository, Audience: audience, Urgent: urgent, Items: items(told)}
	}
	if audience == Desks {
		m.Post.Desk = told[0].Of
	}
	return m
}

// items are a post's lines: those of operations each, orders counted by system and state.
func items(told []said) []Item {
	var all []Item
	index := map[Item]int{}
	for _, s := range told {
		i := Item{What: s.What, State: s.State, System: s.System, Target: s.Target, Count: s.Count, Of: s.Total, Until: s.Until}
		if s.What != WorkOrder {
			all = append(all, i)
			continue
		}
		i.Until = 0
		if _, seen := index[i]; !seen {
			index[i] = len(all)
			all = append(all, i)
		}
		all[index[i]].Count++
	}
	return all
}
