package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/calendar"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// sought is what of the log is wanted, as flags say it.
type sought struct {
	from, to, person, system string
	kinds                    []string
}

func (f *sought) add(c *cobra.Command) {
	fs := c.Flags()
	fs.StringVar(&f.from, "from", "", "first day, YYYY-MM-DD")
	fs.StringVar(&f.to, "to", "", "last day, YYYY-MM-DD")
	fs.StringVar(&f.person, "person", "", "only what is about this person, by key")
	fs.StringVar(&f.system, "system", "", "only this system, with emergency orders that are over all")
	fs.StringSliceVar(&f.kinds, "kind", nil, "only these kinds: "+strings.Trim(strings.ReplaceAll(fmt.Sprint(audit.Kinds), " ", ", "), "[]"))
}

// filter is what is wanted; the days are those of a zone. People and systems that are gone are in the log all the same, so any name will do.
func (f *sought) filter(zone *time.Location) (audit.Filter, error) {
	out := audit.Filter{Person: f.person, System: f.system}
	for _, d := range []struct {
		flag, text string
		into       *time.Time
		after      schema.Date
	}{{"from", f.from, &out.From, 0}, {"to", f.to, &out.To, 1}} {
		if d.text == "" {
			continue
		}
		day, err := schema.ParseDate(d.text)
		if err != nil {
			return out, usage("--%s: %w", d.flag, err)
		}
		*d.into = calendar.Midnight(day+d.after, zone)
	}
	if !out.From.IsZero() && !out.To.IsZero() && !out.From.Before(out.To) {
		return out, usage("--from %s is after --to %s", f.from, f.to)
	}
	for _, k := range f.kinds {
		if !slices.Contains(audit.Kinds, audit.Kind(k)) {
			return out, usage("--kind %s is none; use %s", schema.Quote(k), strings.Trim(fmt.Sprint(audit.Kinds), "[]"))
		}
		out.Kinds = append(out.Kinds, audit.Kind(k))
	}
	return out, nil
}

func auditLogCommand(w *world) *cobra.Command {
	var f flags
	var want sought
	c := &cobra.Command{
		Use: "log", Short: "Show what has happened, the newest last",
		Long: `Shows the log as a table: each change with what came of it, each run, order, override and review. People are named as in other reports, those whose
data are protected by their key alone.`,
		Example: "  behorig audit log --repo examples/falkenberg --person anna.lindqvist\n  behorig audit log --system lifecare --from 2026-12-01 --to 2026-12-31 --format html",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			b, err := f.openBook(c.Context(), w)
			if err != nil {
				return err
			}
			doc, err := b.logbook(c.Context(), &want)
			if err != nil {
				return broke(err)
			}
			return b.write(doc)
		},
	}
	f.add(c)
	want.add(c)
	return c
}

func (b *book) logbook(ctx context.Context, want *sought) (*report.Logbook, error) {
	doc := &report.Logbook{Zone: b.zone()}
	filter, err := want.filter(doc.Zone)
	if err != nil {
		return nil, err
	}
	l, err := ledger.OpenReadOnly(ctx, b.place)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	hidden := b.hidden()
	doc.Unread = b.unread
	var people []string
	err = l.Export(ctx, filter, func(r audit.Record) error {
		of, err := audit.Decode(r.Body)
		if err != nil {
			return err
		}
		of.Signature = ""
		for _, text := range ledger.FreeText(&of) {
			if *text = ledger.Blotted(*text, hidden); b.unread {
				*text = ""
			}
		}
		people = append(people, of.Person)
		doc.Entries = append(doc.Entries, report.LogEntry{Record: r, Of: of})
		return nil
	})
	slices.Sort(people)
	shown := map[string]string{}
	if !b.unread {
		shown = b.people(slices.Compact(people)...)
	}
	doc.Names = report.NamesOf(b.org, shown)
	return doc, err
}

// exporting are the flags of audit export.
type exporting struct {
	flags
	sought
	disclose     bool
	keyFile, out string
}

func auditExportCommand(w *world) *cobra.Command {
	var e exporting
	c := &cobra.Command{
		Use: "export", Short: "Give out the log, or part of it, to others",
		Long: `Writes the entries of the log for a period, a person or a system: JSON lines, each with its hash, or CSV for a spreadsheet. Of people whose data are
protected it gives pseudonyms, and of people whom the repository does not have any more, since nobody can tell by now whether theirs were. With
--disclose it does so of everybody, and leaves out all free text: for whoever may see what was done and not to whom.
With the same key (--pseudonym-key-file, at least 16 bytes) a person has the same pseudonym in each export; without one, in this alone.

Entries have hashes as long as all of their chain (a system's) are given, from the first on and as they are: what is hidden, or left out by --from,
--person or --kind, could be found by trying from a hash that follows from it. For one who is to verify hashes, export a whole system, or all.`,
		Example: "  behorig audit export --repo examples/falkenberg --system lifecare --out lifecare.jsonl\n  behorig audit export --from 2026-12-01 --to 2026-12-31 --kind emergency --format csv\n  behorig audit export --disclose --pseudonym-key-file /etc/behorig/pseudonyms --out disclosed.jsonl",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			b, err := e.openBook(c.Context(), w)
			if err != nil {
				return err
			}
			n, err := b.export(c.Context(), &e)
			if err != nil {
				return broke(err)
			}
			said := "exported"
			if n == 1 {
				said = "exported-one"
			}
			fmt.Fprintf(w.err, "behorig: %s\n", bookSay(b.lang, said, "n", strconv.Itoa(n)))
			return nil
		},
	}
	e.flags.add(c)
	e.sought.add(c)
	e.formats, e.format = []string{"jsonl", "csv"}, "jsonl"
	format := c.Flags().Lookup("format")
	format.DefValue, format.Usage = e.format, "output: "+strings.Join(e.formats, ", ")
	c.Flags().BoolVar(&e.disclose, "disclose", false, "mask all people, and leave out free text")
	c.Flags().StringVar(&e.keyFile, "pseudonym-key-file", "", "file with the secret that pseudonyms are made with (default: a random one, for this export alone)")
	c.Flags().StringVar(&e.out, "out", "", "file to write, which must not be there (default: standard output)")
	return c
}

// export writes what is wanted and tells how many entries that was.
func (b *book) export(ctx context.Context, e *exporting) (n int, err error) {
	filter, err := e.filter(b.zone())
	if err != nil {
		return 0, err
	}
	key, err := pseudonymKey(e.keyFile)
	if err != nil {
		return 0, err
	}
	d := ledger.Disclosed{Filter: filter, Format: e.format, Key: key, Protected: b.hidden(), Knows: b.org.Knows}
	d.Masked = e.disclose || b.unread
	if b.unread && !e.disclose {
		fmt.Fprintf(b.w.err, "behorig: %s\n", bookSay(b.lang, "all-masked"))
	}
	l, err := ledger.OpenReadOnly(ctx, b.place)
	if err != nil {
		return 0, err
	}
	defer l.Close()
	err = newOutput(b.w.out, e.out, func(w io.Writer) error {
		n, err = l.Disclose(ctx, d, w)
		return err
	})
	return n, err
}

// pseudonymKey is the key of a file, or a random one.
func pseudonymKey(file string) ([]byte, error) {
	if file == "" {
		key := make([]byte, 32)
		_, err := rand.Read(key)
		return key, err
	}
	secret, err := kind.Config{}.Secret("pseudonymKey", "", file)
	if err != nil {
		return nil, err
	}
	if key := []byte(secret.Reveal()); len(key) >= 16 {
		return key, nil
	}
	return nil, fmt.Errorf("--pseudonym-key-file %s has less than 16 bytes; make one with: head -c 32 /dev/urandom | base64", file)
}

func bookSay(lang, name string, pairs ...any) string { return bookWords[name].With(pairs...).In(lang) }

var bookWords = map[string]schema.Text{
	"unread":       {Sv: "förrådets filer läses inte utan fel (behorig check); det som står i liggaren visas ändå", En: "the repository's files do not load (behorig check); what is in the ledger is shown all the same"},
	"all-masked":   {Sv: "vilka som har skyddade personuppgifter är inte känt, så alla har pseudonymer och ingen fritext är med", En: "whose data are protected is not known, so everybody has a pseudonym and no free text is given"},
	"exported":     {Sv: "{n} poster", En: "{n} records"},
	"exported-one": {Sv: "1 post", En: "1 record"},
	"not-ours":     {Sv: "{file} är ingen av behorigs databaser och är inte med", En: "{file} is none of behorig's databases and is left out"},
}
