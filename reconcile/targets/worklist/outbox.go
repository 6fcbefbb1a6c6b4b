package worklist

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/behorig/behorig/schema"
)

// A ticket is what one or more orders of one person are sent to a desk as. It is written here before it is made there, with the marker that it
// will be found by, so that a run that is killed between the two does not make it twice.
const outbox = `
CREATE TABLE ticket (
	id INTEGER PRIMARY KEY, target TEXT NOT NULL, marker TEXT NOT NULL UNIQUE, number TEXT NOT NULL DEFAULT '', tried INTEGER NOT NULL DEFAULT 0,
	said INTEGER NOT NULL DEFAULT 0, saying INTEGER NOT NULL DEFAULT 0, escalated INTEGER NOT NULL DEFAULT 0,
	ended TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '');
CREATE INDEX ticket_open ON ticket(target) WHERE ended = '';
CREATE INDEX ticket_number ON ticket(target, number);
ALTER TABLE work ADD COLUMN ticket INTEGER REFERENCES ticket(id);
CREATE INDEX work_ticket ON work(ticket) WHERE ticket IS NOT NULL;
ALTER TABLE line ADD COLUMN told TEXT NOT NULL DEFAULT '';
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`

// Ticket is a ticket with its orders, each with all its lines.
type Ticket struct {
	ID        int64
	Marker    string    // what it is found by at the desk: installation and number, "k3vq7a2m-17"
	Number    string    // the desk's own number; "" until it is known to be there
	Tried     time.Time // when it was last begun to be made; zero: never
	Escalated bool
	Ended     string // how it ended: a state of a line; "" while it is followed
	Note      string // what could not be told to the desk, or what the desk did that changes nothing here
	Orders    []Work
}

// Open tells whether some line of the ticket waits for the desk.
func (t Ticket) Open() bool {
	for _, o := range t.Orders {
		for _, l := range o.Lines {
			if l.State == "open" {
				return true
			}
		}
	}
	return false
}

// Untold are the orders with lines that the desk has not been told have ended, with just those lines.
func (t Ticket) Untold() []Work {
	var all []Work
	for _, o := range t.Orders {
		lines := o.Lines
		o.Lines = nil
		for _, l := range lines {
			if l.State != "open" && l.State != l.Told {
				o.Lines = append(o.Lines, l)
			}
		}
		if o.Lines != nil {
			all = append(all, o)
		}
	}
	return all
}

// Installation is what tells the tickets of this worklist from those of any other: eight letters and digits, made once, by chance.
func (w *Worklist) Installation(ctx context.Context) (string, error) {
	if _, err := w.db.ExecContext(ctx, `INSERT INTO setting VALUES ('installation', ?) ON CONFLICT (name) DO NOTHING`, strings.ToLower(rand.Text()[:8])); err != nil {
		return "", passing(err)
	}
	var id string
	err := w.db.QueryRowContext(ctx, `SELECT value FROM setting WHERE name = 'installation'`).Scan(&id)
	return id, passing(err)
}

// Unsent are the orders of the worklist's systems that have open lines and no ticket, by number.
func (w *Worklist) Unsent(ctx context.Context) ([]Work, error) {
	all, err := w.orders(ctx, `l.state = 'open' AND w.ticket IS NULL`)
	var mine []Work
	for _, o := range all {
		if w.systems[o.System] {
			mine = append(mine, o)
		}
	}
	return mine, err
}

// Assign writes down that the open lines of orders are to be sent as one ticket of a target.
func (w *Worklist) Assign(ctx context.Context, target string, orders []Work) error {
	installation, err := w.Installation(ctx)
	if err != nil {
		return err
	}
	tx, err := w.db.BeginTx(ctx)
	if err != nil {
		return passing(err)
	}
	defer tx.Rollback()
	marker := fmt.Sprintf("%s-%d", installation, orders[0].ID)
	var before int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM ticket WHERE marker = ?1 OR marker LIKE ?1 || '.%'`, marker).Scan(&before); err != nil {
		return passing(err)
	}
	if before > 0 {
		marker = fmt.Sprintf("%s.%d", marker, before+1)
	}
	id, err := tx.Insert(ctx, `INSERT INTO ticket (target, marker) VALUES (?, ?)`, target, marker)
	if err != nil {
		return passing(err)
	}
	for _, o := range orders {
		r, err := tx.ExecContext(ctx, `UPDATE work SET ticket = ? WHERE id = ? AND ticket IS NULL`, id, o.ID)
		if err := one(r, err); err != nil {
			return passing(err)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE line SET told = state WHERE work = ? AND state != 'open'`, o.ID); err != nil {
			return passing(err)
		}
	}
	return passing(tx.Commit())
}

// Tickets are a target's tickets that have not ended, and those with one of some numbers if they have, in the order that they were made.
func (w *Worklist) Tickets(ctx context.Context, target string, ended ...string) ([]Ticket, error) {
	if w.db == nil {
		return nil, nil
	}
	which, args := `target = ? AND (ended = ''`, []any{target}
	for _, number := range ended {
		which, args = which+` OR number = ?`, append(args, number)
	}
	return w.tickets(ctx, `SELECT id FROM ticket WHERE `+which+`)`, args)
}

// Orphans are tickets that have not ended, of this worklist's systems and of none of the targets that there are: their target has another name now.
func (w *Worklist) Orphans(ctx context.Context, targets []string) ([]Ticket, error) {
	which, args := `ended = ''`, []any{}
	for _, target := range targets {
		which, args = which+` AND target != ?`, append(args, target)
	}
	all, err := w.tickets(ctx, `SELECT id FROM ticket WHERE `+which, args)
	return slices.DeleteFunc(all, func(t Ticket) bool { return !w.systems[t.Orders[0].System] }), err
}

// Adopt makes a ticket a target's.
func (w *Worklist) Adopt(ctx context.Context, ticket int64, target string) error {
	_, err := w.db.ExecContext(ctx, `UPDATE ticket SET target = ? WHERE id = ?`, target, ticket)
	return passing(err)
}

// tickets are the tickets that a query finds the numbers of, with their orders.
func (w *Worklist) tickets(ctx context.Context, which string, args []any) ([]Ticket, error) {
	all, at, err := w.ticketRows(ctx, which, args)
	if err != nil {
		return nil, err
	}
	orders, err := w.orders(ctx, `w.ticket IN (`+which+`)`, args...)
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		if i, ok := at[o.ID]; ok {
			all[i].Orders = append(all[i].Orders, o)
		}
	}
	return all, nil
}

// ticketRows are tickets without their orders, and which of them each order is in.
func (w *Worklist) ticketRows(ctx context.Context, which string, args []any) (all []Ticket, at map[int64]int, err error) {
	rows, err := w.db.QueryContext(ctx, `SELECT t.id, t.marker, t.number, t.tried, t.escalated, t.ended, t.note, w.id
		FROM ticket t JOIN work w ON w.ticket = t.id WHERE t.id IN (`+which+`) ORDER BY t.id, w.id`, args...)
	if err != nil {
		return nil, nil, passing(err)
	}
	defer rows.Close()
	at = map[int64]int{}
	for rows.Next() {
		var t Ticket
		var tried, order int64
		if err := rows.Scan(&t.ID, &t.Marker, &t.Number, &tried, &t.Escalated, &t.Ended, &t.Note, &order); err != nil {
			return nil, nil, err
		}
		if tried != 0 {
			t.Tried = time.UnixMilli(tried)
		}
		if n := len(all); n == 0 || all[n-1].ID != t.ID {
			all = append(all, t)
		}
		at[order] = len(all) - 1
	}
	return all, at, passing(rows.Err())
}

// AnyTicket tells whether a target has, or had, a ticket.
func (w *Worklist) AnyTicket(ctx context.Context, target string) (any bool, err error) {
	err = w.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM ticket WHERE target = ? AND number != '')`, target).Scan(&any)
	return any, passing(err)
}

// Replaced are the desk's numbers of the tickets that had the lines of a ticket before it and from which they were withdrawn.
func (w *Worklist) Replaced(ctx context.Context, ticket int64) ([]string, error) {
	rows, err := w.db.QueryContext(ctx, `
		SELECT t.number FROM work n JOIN line l ON l.work = n.id
			JOIN line o ON o.person = l.person AND o.system = l.system AND o.role = l.role AND o.unit = l.unit AND o.state = 'withdrawn'
				AND o.id = (SELECT max(id) FROM line WHERE person = l.person AND system = l.system AND role = l.role AND unit = l.unit AND id < l.id)
			JOIN work p ON p.id = o.work JOIN ticket t ON t.id = p.ticket
		WHERE n.ticket = ?1 AND t.id != ?1 AND t.number != '' GROUP BY t.number ORDER BY min(t.id)`, ticket)
	if err != nil {
		return nil, passing(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var number string
		if err := rows.Scan(&number); err != nil {
			return nil, err
		}
		all = append(all, number)
	}
	return all, passing(rows.Err())
}

// Try writes down when a ticket is begun to be made; the zero time: it was not made after all.
func (w *Worklist) Try(ctx context.Context, ticket int64, at time.Time) error {
	tried := int64(0)
	if !at.IsZero() {
		tried = at.UnixMilli()
	}
	_, err := w.db.ExecContext(ctx, `UPDATE ticket SET tried = ? WHERE id = ?`, tried, ticket)
	return passing(err)
}

// Made writes down that a ticket is there, by its number there; reference is what its orders are found by, as "RT 4711".
func (w *Worklist) Made(ctx context.Context, ticket int64, number, reference string) error {
	tx, err := w.db.BeginTx(ctx)
	if err != nil {
		return passing(err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `UPDATE ticket SET number = ? WHERE id = ?`, number, ticket); err != nil {
		return passing(err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE work SET reference = ? WHERE ticket = ?`, reference, ticket); err != nil {
		return passing(err)
	}
	return passing(tx.Commit())
}

// End writes down that a ticket is closed at the desk and need not be followed.
func (w *Worklist) End(ctx context.Context, ticket int64, how string) error {
	_, err := w.db.ExecContext(ctx, `UPDATE ticket SET ended = ? WHERE id = ?`, how, ticket)
	return passing(err)
}

// Ordered is the ticket that a key's open line is in, 0 for none.
func (w *Worklist) Ordered(ctx context.Context, k schema.Key) (ticket int64, err error) {
	err = w.db.QueryRowContext(ctx, `SELECT coalesce(w.ticket, 0) FROM line l JOIN work w ON w.id = l.work WHERE l.state = 'open'
		AND l.person = ? AND l.system = ? AND l.role = ? AND l.unit = ? ORDER BY l.id DESC LIMIT 1`, k.Person, k.System, k.Role, k.Unit).Scan(&ticket)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return ticket, passing(err)
}
