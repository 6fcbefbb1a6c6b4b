package files

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/behorig/behorig/reconcile"

	"github.com/behorig/behorig/reconcile/store"
)

// A file goes through these states. Each is recorded when what leads to it is on the disk there, so that whatever cut a run off, the next
// one knows from the record and from what lies there what is left to do:
//
//	state   temporary  file       so
//	open    any        none       write the temporary one anew
//	open    any        there      somebody else's: take the next number
//	whole   there      none       give it its name, unless the name is taken
//	whole   there      the same   it has its name: remove the temporary one (a move by a second name was cut off)
//	whole   there      another    an error; nothing is overwritten
//	whole   none       any        it has got its name, and the vendor may have taken it
//	named   –          there      leave the marker
//	named   –          none       the vendor has taken it: no marker any more
//	sent    –          –          wait for the answer

// finish sends the files of a system that are not sent, in order; the first that cannot be stops those after it.
func (t *Target) finish(ctx context.Context, l *layout) error {
	for {
		open, err := t.outgoings(ctx, l.system, "open", "whole", "named")
		if err != nil || len(open) == 0 {
			return err
		}
		if err := t.send(ctx, l, open[0]); err != nil {
			return fmt.Errorf("%s: %w", l.system, err)
		}
	}
}

// send takes one file from where it is to sent.
func (t *Target) send(ctx context.Context, now *layout, o outgoing) error {
	var b Binding
	if err := json.Unmarshal([]byte(o.layout), &b); err != nil {
		return err
	}
	l, ps := compile(o.system, b)
	if len(ps) > 0 {
		return fmt.Errorf("%s was begun with options that are not known any more", o.name)
	}
	if o.state == "open" {
		if err := t.free(ctx, l, &o); err != nil {
			return err
		}
	}
	temporary, err := l.beside(l.temporary, o.name, o.number, o.day)
	if err != nil {
		return err
	}
	if o.state == "open" {
		if o.sum, err = t.write(ctx, l, o, temporary); err != nil {
			return err
		}
		o.state = "whole"
	}
	if o.state == "whole" {
		if err := t.name(ctx, l, o, temporary); err != nil {
			return err
		}
		if err := t.advance(ctx, o, "named"); err != nil {
			return err
		}
	}
	if err := t.mark(ctx, l, o); err != nil {
		return err
	}
	return t.sent(ctx, now, o)
}

// free gives a file that was never there another number for as long as its name is somebody else's, as when the record was lost, and those that
// wait behind it numbers after that, so that they are read in their order.
func (t *Target) free(ctx context.Context, l *layout, o *outgoing) error {
	for {
		_, err := t.place.stat(ctx, o.name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		waiting, err := t.outgoings(ctx, o.system, "open")
		if err != nil {
			return err
		}
		next := waiting[len(waiting)-1].number + 1 // nothing after the first that waits is sent, so the last number is the last's
		if err := t.transact(ctx, func(tx *store.Tx) error {
			for i, w := range waiting {
				name, err := l.fileName(next+i, w.day)
				if err != nil {
					return err
				}
				if _, err := tx.ExecContext(ctx, `UPDATE file SET number = ?, name = ? WHERE id = ?`, next+i, name, w.id); err != nil {
					return err
				}
				if w.id == o.id {
					o.number, o.name = next+i, name
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
}

// write writes the temporary file anew and records that it is whole, and its sum.
func (t *Target) write(ctx context.Context, l *layout, o outgoing, temporary string) (sum string, err error) {
	content, err := t.content(ctx, l, o)
	if err != nil {
		return "", err
	}
	if err := t.place.write(ctx, temporary, content); err != nil {
		return "", hint(temporary, err)
	}
	i, err := t.place.stat(ctx, temporary)
	if err != nil {
		return "", hint(temporary, err)
	}
	if i.size != int64(len(content)) {
		return "", fmt.Errorf("%s: %d of %d bytes are there; has the disk room?", temporary, i.size, len(content))
	}
	sum = sumOf(content)
	_, err = t.db.ExecContext(context.WithoutCancel(ctx), `UPDATE file SET state = 'whole', stamp = ?, sum = ? WHERE id = ?`, i.modified.Unix(), sum, o.id)
	return sum, passing(err)
}

// name gives a whole temporary file its name.
func (t *Target) name(ctx context.Context, l *layout, o outgoing, temporary string) error {
	_, err := t.place.stat(ctx, temporary)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	err = t.place.rename(ctx, temporary, o.name)
	if !errors.Is(err, fs.ErrExist) {
		return hint(o.name, err)
	}
	there, err := t.place.read(ctx, o.name)
	if err != nil {
		return err
	}
	sum, err := t.sum(ctx, l, o)
	if err != nil {
		return err
	}
	if sumOf(there) != sum {
		return fmt.Errorf("%s is there already with another content; it is not overwritten. Move it away, then it is sent by the next run", o.name)
	}
	return t.place.remove(ctx, temporary)
}

// mark leaves the marker, unless the vendor has taken the file already. A marker that holds something is made whole under another name first.
func (t *Target) mark(ctx context.Context, l *layout, o outgoing) error {
	if l.marker == nil {
		return nil
	}
	marker, err := l.beside(l.marker, o.name, o.number, o.day)
	if err != nil {
		return err
	}
	if _, err := t.place.stat(ctx, o.name); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if l.MarkerWith != "sha256" {
		if err := t.place.create(ctx, marker); !errors.Is(err, fs.ErrExist) {
			return hint(marker, err)
		}
		return nil
	}
	sum, err := t.sum(ctx, l, o)
	if err != nil {
		return err
	}
	temporary, err := l.beside(l.temporary, marker, o.number, o.day)
	if err != nil {
		return err
	}
	if err := t.place.write(ctx, temporary, []byte(sum+"\n")); err != nil {
		return hint(temporary, err)
	}
	if err := t.place.rename(ctx, temporary, marker); !errors.Is(err, fs.ErrExist) {
		return hint(marker, err)
	}
	return t.place.remove(ctx, temporary)
}

func (t *Target) advance(ctx context.Context, o outgoing, state string) error {
	_, err := t.db.ExecContext(context.WithoutCancel(ctx), `UPDATE file SET state = ? WHERE id = ?`, state, o.id)
	return passing(err)
}

// sent records that a file is with the vendor. Where nothing is answered, or nothing is left in it, that is the end of it.
func (t *Target) sent(ctx context.Context, l *layout, o outgoing) error {
	ctx = context.WithoutCancel(ctx)
	return t.transact(ctx, func(tx *store.Tx) error {
		state := "sent"
		var lines int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM line WHERE file = ?`, o.id).Scan(&lines); err != nil {
			return err
		}
		if l.Receipt == nil && l.Listing == nil || lines == 0 && !l.full() {
			state = "answered"
			if err := each(ctx, tx, `SELECT id FROM change WHERE file = ? AND state = 'live' ORDER BY id`, o.id, func(id int64) error { return confirm(ctx, tx, id) }); err != nil {
				return err
			}
		}
		return settle(ctx, tx, o.id, state, t.On.String())
	})
}

// hint says what to do about a name that could not be written.
func hint(name string, err error) error {
	switch {
	case err == nil || reconcile.Passing(err):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w; has it the folder of %s? Make it, or write another in targets.yaml", err, name)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w; let our user write in the folder of %s", err, name)
	}
	return err
}
