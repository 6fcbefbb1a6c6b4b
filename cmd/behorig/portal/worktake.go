package portal

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/reconcile/userlist"
	"github.com/behorig/behorig/schema"
)

// carried is a list between its preview and its being taken in. It has no personnummer: none is read.
type carried struct {
	By, System string
	Made       time.Time
	Day        schema.Date
	Stated     bool
	Packed     []byte // the list
}

const (
	listPurpose = "user list"
	listMinutes = 60 // for which a preview can be taken in
)

func (p *Portal) listPreview(x *visit, in *userlist.Intake, list userlist.List) error {
	taken, err := in.Preview(x.r.Context(), list)
	var older *worklist.OlderError
	if errors.As(err, &older) {
		return p.listShow(x, listPage{System: in.System, Problems: request.Problems{{Field: "of", What: workWords["list-older"].With("day", older.Newest.String())}}})
	}
	if err != nil {
		return err
	}
	d := listPreview{System: in.System, Day: in.Day, Rows: list.Rows, Inactive: list.Inactive, Before: taken.Before, Short: in.Short || len(list.Entries) == 0}
	for _, n := range list.Notes {
		d.Notes = append(d.Notes, listFlags[x.Lang].Replace(n.In(x.Lang)))
	}
	d.Classes = listClasses(taken)
	packed, err := listPack(list)
	if err != nil {
		return err
	}
	d.Sealed, err = p.Keys.Seal(listPurpose, carried{x.Viewer.Person, in.System, p.Config.Now(), in.Day, in.Stated, packed})
	if err != nil {
		return err
	}
	return x.page("workpreview", workWords["list-preview"], d)
}

// listNeeds are the classes that somebody has to see to.
var listNeeds = []worklist.Class{worklist.Missing, worklist.Remaining, worklist.Redated, worklist.Unordered}

func listClasses(taken worklist.Taken) []listClass {
	var all []listClass
	for _, name := range worklist.Classes {
		c := listClass{Name: name, Count: taken.Count(name), Open: slices.Contains(listNeeds, name)}
		for _, f := range taken.Findings {
			if f.Class == name && len(c.Rows) < listRows {
				c.Rows = append(c.Rows, f)
			}
		}
		if c.Count > len(c.Rows) {
			c.Cut = len(c.Rows)
		}
		if c.Count > 0 {
			all = append(all, c)
		}
	}
	return all
}

// listTake takes in the list that was shown.
func (p *Portal) listTake(x *visit) error {
	system, err := p.listSystem(x)
	if err != nil {
		return err
	}
	var c carried
	var list userlist.List
	err = p.Keys.Open(listPurpose, x.r.PostForm.Get("list"), &c)
	if err != nil || c.By != x.Viewer.Person || c.System != system || p.Config.Now().Sub(c.Made) > listMinutes*time.Minute || listUnpack(c.Packed, &list) != nil {
		x.flash("note", workWords["list-stale"])
		return x.redirect("/work/lists/" + system)
	}
	if err := p.stillMay(x); err != nil {
		return err
	}
	in := &userlist.Intake{
		Options: userlist.Options{Org: x.Now.Org, System: system}, Place: p.Place, On: x.Now.On, Day: c.Day, Stated: c.Stated,
		By: x.Viewer.Person, Right: x.value("right") != "",
	}
	taken, err := in.Take(x.r.Context(), list)
	var short *userlist.ShortError
	var older *worklist.OlderError
	switch {
	case errors.As(err, &short):
		x.flash("stop", listShort(short))
		return x.redirect("/work/lists/" + system)
	case errors.As(err, &older):
		x.flash("stop", workWords["list-older"].With("day", older.Newest.String()))
		return x.redirect("/work/lists/" + system)
	case err != nil:
		return err
	}
	p.catchUp(x)
	if taken.Before != 0 {
		x.flash("note", workWords["list-already"].With("day", taken.Before.String()))
		return x.redirect("/work?system=" + system)
	}
	drift := 0
	for _, class := range listNeeds {
		drift += taken.Count(class)
	}
	n := strconv.Itoa
	x.flash("ok", workWords["list-taken"].With("system", calledSystem(x, system), "verified", n(taken.Count(worklist.Verified)),
		"confirmed", n(taken.Count(worklist.Confirmed)), "drift", n(drift)))
	return x.redirect("/systems/" + system)
}

func listShort(e *userlist.ShortError) schema.Text {
	what, do := workWords["list-short"].With("shows", strconv.Itoa(e.Shows), "of", strconv.Itoa(e.Of)), workWords["list-short-do"]
	return schema.Text{Sv: what.Sv + " " + do.Sv, En: what.En + " " + do.En}
}

func listPack(list userlist.List) ([]byte, error) {
	list.Notes = nil
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	err := errors.Join(json.NewEncoder(w).Encode(list), w.Close())
	return out.Bytes(), err
}

func listUnpack(packed []byte, into *userlist.List) error {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return err
	}
	return json.NewDecoder(io.LimitReader(r, 64<<20)).Decode(into)
}
