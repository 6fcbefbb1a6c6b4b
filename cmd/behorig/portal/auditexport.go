package portal

import (
	"bytes"
	"crypto/rand"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/calendar"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// formats are what can be exported, by the name of the file's ending, with what browsers are told.
var formats = map[string]string{"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson; charset=utf-8"}

// auditExport gives out what a search finds.
func (p *Portal) auditExport(x *visit) error {
	format := x.value("format")
	if !x.Viewer.Auditor {
		return forbidden(auditWords["audit-not-you"])
	}
	q, _, wrong := auditQuery(x)
	if formats[format] == "" {
		return notFound()
	}
	if len(wrong) > 0 {
		d := newAuditPage(x)
		d.Query, d.Problems = q, wrong
		return p.auditShow(x, d, false)
	}
	archive := x.Now.archive
	all, err := p.auditFind(x, archive, q)
	if err == nil {
		err = archive.Tell(x.r.Context(), all)
	}
	if err != nil {
		return err
	}
	p.Log.Info("exported", "what", "holdings", "by", x.Viewer.Person, "records", len(all))
	return x.download("behorig-"+q.Day.String(), format, func(w io.Writer) error { return writeHoldings(w, format, q.Day, all) })
}

// heldColumns are those of an export of who had what.
var heldColumns = []string{"day", "person", "system", "role", "unit", "since", "until", "orderedBy", "approvedBy", "orderedAt", "commit", "order", "source", "siths", "guideline", "hsaId", "licence", "item", "analysis", "analysisOwner", "analysisReview", "entries"}

// writeHoldings writes who had what: JSON lines, or CSV in which no cell is a formula.
func writeHoldings(w io.Writer, format string, day schema.Date, all []picture.Holding) error {
	if format == "csv" {
		if _, err := io.WriteString(w, "\ufeff"); err != nil { // a spreadsheet would else take it for Windows-1252
			return err
		}
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true
	if format == "csv" {
		if err := c.Write(heldColumns); err != nil {
			return err
		}
	}
	for _, h := range all {
		cells := heldCells(day, h)
		if format == "csv" {
			for i := range cells {
				cells[i] = audit.Cell(cells[i])
			}
			if err := c.Write(cells); err != nil {
				return err
			}
			continue
		}
		if err := writeLine(w, heldColumns, cells); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// writeLine writes an object of texts on a line, in the order of its columns.
func writeLine(w io.Writer, columns, cells []string) error {
	var b bytes.Buffer
	for i, column := range columns {
		name, err1 := json.Marshal(column)
		value, err2 := json.Marshal(cells[i])
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		b.WriteByte("{,"[min(i, 1)])
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteString("}\n")
	_, err := w.Write(b.Bytes())
	return err
}

func heldCells(day schema.Date, h picture.Holding) []string {
	var by, approved, when, commit, order, owner string
	if o := h.Origin; o != nil {
		by, approved, commit, order = o.By, strings.Join(o.Approved, ", "), o.Commit, o.ID
		if by == "" {
			by = o.Author
		}
		if !o.When.IsZero() {
			when = o.When.UTC().Format(time.RFC3339)
		}
	}
	r := h.Basis.Requires
	yes := func(is bool) string { return map[bool]string{true: "yes"}[is] }
	siths := ""
	if n := max(r[0].SITHS, r[1].SITHS); n > 0 {
		siths = strconv.Itoa(n)
	}
	var analysed, review string
	if a := h.Basis.Analysis; a != nil {
		analysed, owner, review = a.Date.String(), a.Owner, a.Review.String()
	}
	items := slices.DeleteFunc([]string{r[0].Item, r[1].Item}, func(s string) bool { return s == "" })
	entries := make([]string, len(h.Entries))
	for i, e := range h.Entries {
		entries[i] = strconv.FormatInt(e, 10)
	}
	return []string{
		day.String(), h.Person, h.System, h.Role, h.Unit, h.Since.String(), h.Until.String(), by, approved, when, commit, order, h.Source,
		siths, yes(r[0].Guideline || r[1].Guideline), yes(r[0].HSAID || r[1].HSAID), strings.Join(slices.Concat(r[0].Licence, r[1].Licence), " "),
		strings.Join(slices.Compact(items), " "), analysed, owner, review, strings.Join(entries, " "),
	}
}

// auditLog gives out the log for a period, a person or a system, as behorig audit export does.
func (p *Portal) auditLog(x *visit) error {
	if !x.Viewer.Auditor {
		return forbidden(auditWords["audit-not-you"])
	}
	format := x.value("format")
	if formats[format] == "" {
		return notFound()
	}
	filter, wrong := auditFilter(x)
	if len(wrong) > 0 {
		d := newAuditPage(x)
		d.Problems = wrong
		return p.auditShow(x, d, false)
	}
	l, err := ledger.OpenReadOnly(x.r.Context(), p.Place)
	if err != nil {
		return err
	}
	defer l.Close()
	d := p.disclosed(x)
	d.Filter, d.Format = filter, format
	n := 0
	err = x.download("behorig-logg-"+x.Now.On.String(), format, func(w io.Writer) error {
		if filter.Person != "" && !auditSees(x, filter.Person) { // a pseudonym in the answer would tell whose it is
			to, err := audit.NewWriter(format, w)
			if err != nil {
				return err
			}
			return to.Close()
		}
		n, err = l.Disclose(x.r.Context(), d, w)
		return err
	})
	p.Log.Info("exported", "what", "log", "by", x.Viewer.Person, "records", n, "masked", d.Masked)
	return err
}

// auditFilter is what of the log the address asks for. The days are the organisation's.
func auditFilter(x *visit) (audit.Filter, request.Problems) {
	q := picture.Query{Person: strings.ToLower(x.value("person")), System: x.value("system")}
	f := audit.Filter{Person: q.Person, System: q.System}
	wrong := auditKeys(x, q)
	for i := range wrong { // the page has two forms
		wrong[i].Field = "log/" + wrong[i].Field
	}
	for _, d := range []struct {
		field string
		into  *time.Time
		after schema.Date
	}{{"from", &f.From, 0}, {"to", &f.To, 1}} {
		if x.value(d.field) == "" {
			continue
		}
		day := x.date(d.field)
		if day == 0 {
			wrong = append(wrong, auditProblem(d.field, "audit-bad-day", "day", x.Now.On.String()))
			continue
		}
		*d.into = calendar.Midnight(day+d.after, x.Now.Zone)
	}
	if !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		wrong = append(wrong, auditProblem("from", "audit-bad-order"))
	}
	return f, wrong
}

// disclosed is what of people the viewer's export tells. Where a file of somebody's does not load it is not known whether their data are protected: then all
// are masked.
func (p *Portal) disclosed(x *visit) ledger.Disclosed {
	d := ledger.Disclosed{Masked: x.value("masked") != "", Knows: x.Now.Org.Knows, Key: make([]byte, 32)}
	_, _ = rand.Read(d.Key) // never fails
	if d.Reveal = x.Viewer.Protected && !d.Masked; d.Reveal {
		return d
	}
	var mu sync.Mutex
	x.Now.Org.Each(func(h *schema.Person, err error) {
		mu.Lock()
		defer mu.Unlock()
		d.Masked = d.Masked || err != nil
		if h.Protected {
			d.Protected = append(d.Protected, h)
		}
	})
	slices.SortFunc(d.Protected, func(a, b *schema.Person) int { return strings.Compare(a.Key, b.Key) })
	return d
}

// download sends a file to be kept. It is written whole before the first byte goes, so that what could not be finished is a page that says so, never a file cut short.
func (x *visit) download(name, format string, write func(io.Writer) error) error {
	f, err := os.CreateTemp("", "behorig-export-*")
	if err != nil {
		return err
	}
	defer f.Close()
	if err := os.Remove(f.Name()); err != nil { // it lives as long as it is open
		return err
	}
	if err := write(f); err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := x.keep(); err != nil {
		return err
	}
	h := x.w.Header()
	h.Set("Content-Type", formats[format])
	h.Set("Content-Disposition", `attachment; filename="`+name+"."+format+`"`)
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	x.written = true
	x.w.WriteHeader(http.StatusOK)
	_, _ = io.Copy(x.w, f) // who asked may be gone
	return nil
}
