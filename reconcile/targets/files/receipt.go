package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// verdict is what a receipt says of one line.
type verdict struct {
	ok     bool
	reason string
}

// takeReceipts takes in the receipts that have come for a system's files, each once: a receipt that is written anew with another content is another. One
// that is malformed settles nothing and stops none of the others.
func (t *Target) takeReceipts(ctx context.Context, l *layout) error {
	if l.Receipt == nil {
		return nil
	}
	waiting, err := t.outgoings(ctx, l.system, "sent")
	if err != nil {
		return err
	}
	var errs []error
	for _, o := range waiting {
		pattern, err := l.beside(l.receipt, o.name, o.number, o.day)
		if err != nil {
			return err
		}
		found, err := find(ctx, t.place, pattern)
		if err != nil {
			return err
		}
		for _, i := range found {
			if err := t.takeReceipt(ctx, l, o, i.name); err != nil {
				errs = append(errs, fmt.Errorf("%s: receipt %w", l.system, err))
			}
		}
	}
	return join(errs)
}

func (t *Target) takeReceipt(ctx context.Context, l *layout, o outgoing, name string) error {
	if ready, err := t.ready(ctx, l, l.receiptDone, name, o); err != nil || !ready {
		return err
	}
	raw, err := t.place.read(ctx, name)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	hash := hex.EncodeToString(sum[:])
	var known bool
	err = t.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM receipt WHERE file = ? AND name = ? AND hash = ?)`, o.id, name, hash).Scan(&known)
	if err != nil || known {
		return passing(err)
	}
	lines, err := t.lineNumbers(ctx, o.id)
	if err != nil {
		return err
	}
	verdicts, err := l.readReceipt(name, raw, lines)
	if err != nil {
		return err
	}
	return t.transact(ctx, func(tx *store.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO receipt VALUES (?, ?, ?)`, o.id, name, hash); err != nil {
			return err
		}
		return t.heed(ctx, tx, l, o, name, lines, verdicts)
	})
}

// ready tells whether a file of the vendor's is whole, by the file beside it that says so.
func (t *Target) ready(ctx context.Context, l *layout, done *kind.Template, name string, o outgoing) (bool, error) {
	if done == nil {
		return true, nil
	}
	sign, err := l.beside(done, name, o.number, o.day)
	if err != nil {
		return false, err
	}
	_, err = t.place.stat(ctx, sign)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// lineNumbers are the ids of a file's lines, in order.
func (t *Target) lineNumbers(ctx context.Context, file int64) ([]int64, error) {
	rows, err := t.db.QueryContext(ctx, `SELECT id FROM line WHERE file = ? ORDER BY n`, file)
	if err != nil {
		return nil, passing(err)
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, passing(rows.Err())
}

// readReceipt reads what a receipt says of the lines of its file, by their ids. It says something of each line once, or nothing; a line that the file has
// not, or a status that is not declared, is an error, since the receipt may be of something else.
func (l *layout) readReceipt(name string, raw []byte, lines []int64) (map[int64]verdict, error) {
	records, err := l.receiptForm.parse(name, raw, l.Receipt.Columns)
	if err != nil {
		return nil, err
	}
	of := map[int64]bool{}
	for _, id := range lines {
		of[id] = true
	}
	verdicts := map[int64]verdict{}
	for _, r := range records {
		id, err := strconv.ParseInt(r.cells["line"], 10, 64)
		if err == nil && l.Receipt.By == "row" && id >= 1 && id <= int64(len(lines)) {
			id = lines[id-1]
		} else if l.Receipt.By == "row" {
			id = -1
		}
		if err != nil || !of[id] {
			return nil, fault(name, r.line, "line %s is not in the file; nothing of the receipt is taken in", schema.Quote(kind.Clean(r.cells["line"])))
		}
		v := verdict{ok: among(l.Receipt.OK, r.cells["status"]), reason: kind.Clean(r.cells["reason"])}
		if !v.ok && len(l.Receipt.Refused) > 0 && !among(l.Receipt.Refused, r.cells["status"]) || r.cells["status"] == "" {
			return nil, fault(name, r.line, "status %s is neither under ok nor under refused; nothing of the receipt is taken in", schema.Quote(kind.Clean(r.cells["status"])))
		}
		if !v.ok && v.reason == "" {
			v.reason = kind.Clean(r.cells["status"])
		}
		if was, twice := verdicts[id]; twice && was.ok != v.ok {
			return nil, fault(name, r.line, "line %d is answered twice, with yes and with no; nothing of the receipt is taken in", id)
		}
		verdicts[id] = v
	}
	return verdicts, nil
}

// heed settles what a receipt says. A receipt of everybody that answers every line has also answered the removals, which have no line, and all files before it.
// Where there is a user list it is that which confirms; the receipt only refuses.
func (t *Target) heed(ctx context.Context, tx *store.Tx, l *layout, o outgoing, name string, lines []int64, verdicts map[int64]verdict) error {
	complete := l.Receipt.Unnamed == "ok"
	if !complete {
		complete = true
		for _, id := range lines {
			_, named := verdicts[id]
			complete = complete && named
		}
	}
	for id, v := range verdicts {
		if !v.ok && id != 0 {
			var person string
			if err := tx.QueryRowContext(ctx, `SELECT person FROM change WHERE id = ?`, id).Scan(&person); err != nil {
				return err
			}
			if err := refuse(ctx, tx, id, t.People().Scrub(person, v.reason), name); err != nil {
				return err
			}
		}
	}
	if l.Listing == nil {
		in := map[int64]bool{}
		for _, id := range lines {
			in[id] = true
		}
		query := `SELECT c.id FROM change c WHERE c.state = 'live' AND c.file = ? ORDER BY c.id`
		if l.full() {
			query = `SELECT c.id FROM change c JOIN file f ON f.id = c.file JOIN file this ON this.id = ? WHERE c.state = 'live' AND c.system = this.system
				AND f.number <= this.number ORDER BY c.id`
		}
		if err := each(ctx, tx, query, o.id, func(id int64) error {
			if v, named := verdicts[id]; named && v.ok || !named && complete {
				return confirm(ctx, tx, id)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	if !complete {
		return nil
	}
	query := `SELECT id FROM file WHERE state = 'sent' AND id = ?`
	if l.full() {
		query = `SELECT f.id FROM file f JOIN file this ON this.id = ? WHERE f.state = 'sent' AND f.system = this.system AND f.number <= this.number`
	}
	return each(ctx, tx, query, o.id, func(id int64) error { return settle(ctx, tx, id, "answered", t.On.String()) })
}

// orderedBefore tells whether a change was with the vendor when a list was made.
func orderedBefore(r recorded, listed listing) bool {
	return r.sent != 0 && listed.modified.Unix() >= r.stamp
}

// shows tells whether a list shows that a change is made.
func (s listing) shows(r recorded, l *layout) bool {
	until, there := s.state[r.key]
	if r.verb == reconcile.Revoke {
		return !there
	}
	return there && (l.Listing.Columns["until"] == "" || !l.dated() || until == r.until)
}
