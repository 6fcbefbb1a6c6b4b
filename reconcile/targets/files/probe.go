package files

import (
	"context"
	"errors"
	"io/fs"
	"path"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Probe implements [reconcile.Prober]: whether we get there, whether the folders can be listed and, as far as their permissions tell, written in, and
// whether the next file's name is free. It writes nothing.
func (t *Target) Probe(ctx context.Context) []reconcile.Probe {
	t.mu.Lock()
	defer t.mu.Unlock()
	reach := reconcile.Probe{What: schema.Text{Sv: "nå mappen", En: "reach the folder"}, Answer: reconcile.Yes}
	if r, ok := t.place.(*remote); ok {
		reach.What = schema.Text{Sv: "logga in på " + r.addr + ", vars nyckel är den väntade", En: "log in on " + r.addr + ", whose key is the expected one"}
	}
	if _, err := t.place.list(ctx, "."); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		reach.Answer, reach.Do = reconcile.No, schema.Text{Sv: err.Error(), En: err.Error()}
		return []reconcile.Probe{reach}
	}
	all := []reconcile.Probe{reach}
	for _, system := range t.Systems {
		all = append(all, t.probeSystem(ctx, t.layouts[system])...)
	}
	return all
}

func (t *Target) probeSystem(ctx context.Context, l *layout) []reconcile.Probe {
	number := 1
	if t.db != nil {
		if err := t.db.QueryRowContext(ctx, `SELECT coalesce(max(number), 0) + 1 FROM file WHERE system = ?`, l.system).Scan(&number); err != nil {
			return []reconcile.Probe{answer(schema.Text{Sv: "läsa det egna registret", En: "read the record"}, passing(err))}
		}
	}
	name, err := l.fileName(number, t.On)
	if err != nil {
		return []reconcile.Probe{answer(schema.Text{Sv: "ge filen ett namn", En: "name the file"}, err)}
	}
	dirs := []string{path.Dir(name)}
	add := func(name string, err error) {
		if dir := path.Dir(name); err == nil && name != "" {
			for _, d := range dirs {
				if d == dir {
					return
				}
			}
			dirs = append(dirs, dir)
		}
	}
	writes := 1
	add(l.beside(l.temporary, name, number, t.On))
	if l.marker != nil {
		add(l.beside(l.marker, name, number, t.On))
	}
	writes = len(dirs)
	if l.receipt != nil {
		add(l.beside(l.receipt, name, number, t.On))
	}
	if l.listing != nil {
		add(l.listingName())
	}
	var all []reconcile.Probe
	for i, dir := range dirs {
		_, err := t.place.list(ctx, dir)
		all = append(all, answer(schema.Text{Sv: l.system + ": lista " + dir, En: l.system + ": list " + dir}, err))
		if err == nil && i < writes {
			all = append(all, t.probeWrite(ctx, l.system, dir))
		}
	}
	free := schema.Text{Sv: l.system + ": " + name + " är ledigt", En: l.system + ": " + name + " is free"}
	if _, err = t.place.stat(ctx, name); err == nil {
		return append(all, reconcile.Probe{What: free, Answer: reconcile.No, Do: schema.Text{
			Sv: "inget skrivs över: nästa lediga nummer tas", En: "nothing is overwritten: the next free number is taken",
		}})
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return append(all, answer(free, err))
}

func (t *Target) probeWrite(ctx context.Context, system, dir string) reconcile.Probe {
	p := reconcile.Probe{What: schema.Text{Sv: system + ": skriva i " + dir, En: system + ": write in " + dir}, Answer: reconcile.Unknown}
	switch yes, known := t.place.writable(ctx, dir); {
	case !known:
		p.Do = schema.Text{Sv: "mappens rättigheter säger inte vad just vi får; det visar sig vid första filen", En: "the folder's permissions do not say what we may; the first file will tell"}
	case yes:
		p.Answer = reconcile.Yes
	default:
		p.Answer, p.Do = reconcile.No, schema.Text{Sv: "ge vår användare skrivrätt där", En: "let our user write there"}
	}
	return p
}

// answer is yes, or no for a reason.
func answer(what schema.Text, err error) reconcile.Probe {
	if err == nil {
		return reconcile.Probe{What: what, Answer: reconcile.Yes}
	}
	do := schema.Text{Sv: err.Error(), En: err.Error()}
	if errors.Is(err, fs.ErrNotExist) {
		do = schema.Text{Sv: "mappen finns inte: skapa den, eller skriv en annan i targets.yaml", En: "there is no such folder: make it, or write another in targets.yaml"}
	}
	return reconcile.Probe{What: what, Answer: reconcile.No, Do: do}
}
