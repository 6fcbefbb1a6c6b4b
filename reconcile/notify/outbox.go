package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/behorig/behorig/reconcile/store"
)

// patient is how long a message is tried before it is given up (RFC 5321 §4.5.4.1).
const patient = 5 * 24 * time.Hour

// Senders are the ways that messages go; nil: none.
type Senders struct {
	Mail   Sender
	Post   Sender
	Domain string // the sender's own, for message ids
}

// Open gives the senders of the transports.
func (t Transports) Open() Senders {
	var s Senders
	if t.SMTP != nil {
		s.Mail, s.Domain = SMTP(*t.SMTP), domainOf(t.SMTP.From.Address)
	}
	if t.Webhook != nil {
		s.Post = Webhook(*t.Webhook)
	}
	return s
}

// Tally is what came of a tick, for log and metrics.
type Tally struct {
	Written int     // messages
	Sent    int     //
	Dropped int     // given up: refused for good, tried for five days, or telling of somebody whom mail must not tell of any more
	Waiting int     // to be tried again
	Errors  []error // one of each way that does not work, and those of single messages
}

// letter is a message of the outbox.
type letter struct {
	Message
	row     int64
	people  []string
	written time.Time
	tries   int
}

// Tick writes what is due and sends what waits. It may be called as often as one likes, by any number of processes: one at a time does the work, and the
// others find nothing to do. A message that cannot be sent waits a minute, then twice as long each time, an hour at most, or as long as the server asks; it
// may arrive twice, with one id, where a connection breaks at its end.
func (b *Book) Tick(ctx context.Context, dir *Directory, s Senders, now time.Time) (Tally, error) {
	var t Tally
	lock, err := b.place.Lock(ctx, "notify", 0)
	if errors.Is(err, store.ErrLocked) {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	defer lock.Unlock()
	with := *dir
	with.Mail, with.Post, with.Domain = s.Mail != nil, s.Post != nil, cmp.Or(s.Domain, dir.Domain)
	if err := b.withdraw(ctx, dir, &t); err != nil {
		return t, err
	}
	if err := b.write(ctx, &with, now, &t); err != nil {
		return t, err
	}
	return t, b.send(ctx, s, now, &t)
}

// write puts what is due into the outbox, and what has then been told into the memory, both or neither. Most often there is nothing.
func (b *Book) write(ctx context.Context, dir *Directory, now time.Time, t *Tally) error {
	before, err := b.read(ctx)
	if err != nil {
		return err
	}
	if messages, after := Digest(before, dir, now); len(messages) == 0 && reflect.DeepEqual(before, after) {
		return nil
	}
	return b.change(ctx, func(tx *store.Tx, m Memory) (Memory, error) {
		messages, after := Digest(m, dir, now)
		t.Written = len(messages)
		for _, m := range messages {
			if err := put(ctx, tx, m, now); err != nil {
				return after, err
			}
		}
		return after, nil
	})
}

func put(ctx context.Context, tx *store.Tx, m Message, now time.Time) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	people, err := json.Marshal(m.people)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO outbox (message, body, people, written) VALUES (?, ?, ?, ?) ON CONFLICT (message) DO NOTHING", m.ID, string(body), string(people), now.Unix())
	return err
}

// waiting are the letters to be tried at an instant, oldest first, and how many there are besides.
func (b *Book) waiting(ctx context.Context, due time.Time) (letters []letter, later int, err error) {
	rows, err := b.db.QueryContext(ctx, "SELECT id, body, people, written, tries, due FROM outbox ORDER BY id")
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var l letter
		var body, people string
		var written, next int64
		if err := rows.Scan(&l.row, &body, &people, &written, &l.tries, &next); err != nil {
			return nil, 0, err
		}
		// One that a clock has put far ahead does not wait for that day.
		if wait := time.Unix(next, 0).Sub(due); wait > 0 && wait <= 25*time.Hour {
			later++
			continue
		}
		if err := errors.Join(json.Unmarshal([]byte(body), &l.Message), json.Unmarshal([]byte(people), &l.people)); err != nil {
			return nil, 0, err
		}
		l.written = time.Unix(written, 0)
		letters = append(letters, l)
	}
	return letters, later, rows.Err()
}

// withdraw takes back what waits and tells of somebody of whom mail must tell nothing any more. The others of that message are told anew.
func (b *Book) withdraw(ctx context.Context, dir *Directory, t *Tally) error {
	letters, _, err := b.waiting(ctx, time.Unix(1<<40, 0))
	if err != nil {
		return err
	}
	for _, l := range letters {
		if !slices.ContainsFunc(l.people, func(key string) bool { c := dir.People(key); return c.Protected || c.Name == "" }) {
			continue
		}
		t.Dropped++
		err := b.change(ctx, func(tx *store.Tx, m Memory) (Memory, error) {
			people := map[string]bool{}
			for _, key := range l.people {
				people[key] = true
			}
			_, err := tx.ExecContext(ctx, "DELETE FROM outbox WHERE id = ?", l.row)
			return m.forget(people), err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// send tries what is due. Where a way itself does not work, the rest of it waits too.
func (b *Book) send(ctx context.Context, s Senders, now time.Time, t *Tally) error {
	letters, later, err := b.waiting(ctx, now)
	if err != nil {
		return err
	}
	t.Waiting = later
	down := map[bool]error{} // by whether it is a post
	for _, l := range letters {
		way, post := s.Mail, l.To == ""
		if post {
			way = s.Post
		}
		err := down[post]
		if way == nil {
			err = errors.New("there is no way to send it")
		}
		if err == nil && ctx.Err() == nil {
			l.At = now
			if err = way.Send(ctx, l.Message); err != nil {
				t.Errors = append(t.Errors, err)
			}
			var passing *Transient
			if err != nil && !errors.Is(err, ErrRefused) && (!errors.As(err, &passing) || passing.Whole) {
				down[post] = err
			}
		}
		if ctx.Err() != nil {
			t.Waiting++
			continue // it is tried again when the process is there again
		}
		// What has been sent is to be noted even while the process is being stopped.
		if err := b.settle(context.WithoutCancel(ctx), l, err, now, t); err != nil {
			return err
		}
	}
	return nil
}

// settle notes what came of a try.
func (b *Book) settle(ctx context.Context, l letter, failure error, now time.Time, t *Tally) error {
	refused := errors.Is(failure, ErrRefused)
	switch {
	case failure == nil:
		t.Sent++
		_, err := b.db.ExecContext(ctx, "DELETE FROM outbox WHERE id = ?", l.row)
		return err
	case refused || now.Sub(l.written) >= patient:
		t.Dropped++
		return b.change(ctx, func(tx *store.Tx, m Memory) (Memory, error) {
			_, err := tx.ExecContext(ctx, "DELETE FROM outbox WHERE id = ?", l.row)
			return m.undelivered(now), err
		})
	}
	t.Waiting++
	wait := min(time.Minute<<min(l.tries, 10), time.Hour)
	var passing *Transient
	if errors.As(failure, &passing) {
		wait = max(wait, passing.After)
	}
	_, err := b.db.ExecContext(ctx, "UPDATE outbox SET tries = tries + 1, due = ? WHERE id = ?", now.Add(wait).Unix(), l.row)
	return err
}

// undelivered counts a message that nobody will get, for operations.
func (m Memory) undelivered(now time.Time) Memory {
	n := Notice{To: Operations, What: Undelivered}
	for i, e := range m.Entries {
		if e.Key() == n.Key() {
			m.Entries = slices.Clone(m.Entries)
			m.Entries[i].Count, m.Entries[i].Seen = e.Count+1, now
			return m
		}
	}
	n.Count = 1
	m.Entries = append(slices.Clone(m.Entries), Entry{Notice: n, Seen: now})
	return m
}
