package ledger

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Possession is what is ours of one grant, and by which entry it last became so.
type Possession struct {
	schema.Grant
	Since schema.Date // given, and not taken back since
	Entry int64
	Begun bool      // a removal was begun whose outcome is not known, so that it is not among [Ledger.Given]
	Found bool      // it was there before us: the run saw it, and gave nothing
	Sent  bool      // somebody or something was told to give it, and answers elsewhere
	At    time.Time // when the outcome was recorded
	Ended time.Time // when the entry's run ended; zero: it goes on, or was killed
}

// Possessions are what is ours: as [Ledger.Given], and what was about to be taken back when its run was killed.
func (l *Ledger) Possessions(ctx context.Context) (map[schema.Key]Possession, error) {
	all := map[schema.Key]Possession{}
	if l.db == nil {
		return all, nil
	}
	rows, err := l.db.QueryContext(ctx, `SELECT o.system, o.role, o.unit, o.person, o.until, o.source, o.since, o.entry, e.status, e.at, e.settled, r.ended,
			EXISTS (SELECT 1 FROM entry x WHERE x.person = o.person AND x.system = o.system AND x.role = o.role AND x.unit = o.unit
				AND x.verb = 'revoke' AND x.status = 'intended' AND x.id > o.entry)
		FROM owned o JOIN entry e ON e.id = o.entry JOIN run r ON r.id = e.run`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	times := map[string]time.Time{} // one run's are many
	read := func(s string) (time.Time, error) {
		t, known := times[s]
		if !known {
			var err error
			if t, err = instant(s); err != nil {
				return t, err
			}
			times[s] = t
		}
		return t, nil
	}
	for rows.Next() {
		var k schema.Key
		var p Possession
		var until, since, status, at, settled, ended string
		if err := rows.Scan(&k.System, &k.Role, &k.Unit, &k.Person, &until, &p.Source, &since, &p.Entry, &status, &at, &settled, &ended, &p.Begun); err != nil {
			return nil, err
		}
		var errs [4]error
		errs[0] = p.Until.UnmarshalText([]byte(until))
		errs[1] = p.Since.UnmarshalText([]byte(since))
		p.At, errs[2] = read(cmp.Or(settled, at))
		p.Ended, errs[3] = read(ended)
		if err := cmp.Or(errs[:]...); err != nil {
			return nil, fmt.Errorf("ledger: %s of %s in %s: %w", k.Role, k.Person, k.System, err)
		}
		p.Found, p.Sent = status == adopted, status == string(reconcile.Dispatched)
		all[k] = p
	}
	return all, rows.Err()
}

// Split makes of possessions what [Ledger.Given] and [Ledger.Owned] give, with one reading of the tables.
func (l *Ledger) Split(ctx context.Context, all map[schema.Key]Possession) (given, owned schema.State, err error) {
	if owned, err = l.state(ctx, `SELECT system, role, unit, person, until, source FROM entry WHERE unsure = 1 ORDER BY id`); err != nil {
		return nil, nil, err
	}
	given = make(schema.State, len(all))
	for k, p := range all {
		if owned[k] = p.Grant; !p.Begun {
			given[k] = p.Grant
		}
	}
	return given, owned, nil
}

// Facts are the values that were remembered under names that begin alike, by the rest of the name.
func (l *Ledger) Facts(ctx context.Context, prefix string) (map[string]string, error) {
	all := map[string]string{}
	if l.db == nil {
		return all, nil
	}
	err := each(ctx, l.db, `SELECT name, value FROM fact WHERE substr(name, 1, ?) = ?`, func(c []string) error {
		all[strings.TrimPrefix(c[0], prefix)] = c[1]
		return nil
	}, len([]rune(prefix)), prefix)
	return all, err
}

// Stamp is another text whenever the ledger has changed in what is known of grants, orders past the repository, reviews and runs that ended. A run that begins,
// or that ends well and changed nothing but when it did, changes it once.
func (l *Ledger) Stamp(ctx context.Context) (string, error) {
	if l.db == nil {
		return "", nil
	}
	var seq, chains int64 // of everything that the log tells
	if err := l.db.QueryRowContext(ctx, `SELECT coalesce(sum(seq), 0), count(*) FROM head`).Scan(&seq, &chains); err != nil {
		return "", err
	}
	b := strings.Builder{}
	fmt.Fprintf(&b, "%d %d", seq, chains)
	err := each(ctx, l.db, `SELECT system, result, ended, succeeded FROM pass ORDER BY system`, func(c []string) error {
		if b.WriteString(" " + c[0] + "=" + c[3]); c[1] != "ok" && c[1] != "" {
			b.WriteString("," + c[1] + "," + c[2])
		}
		return nil
	})
	return b.String(), err
}
