package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/notify"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/files"
	"github.com/behorig/behorig/reconcile/targets/register"
	"github.com/behorig/behorig/reconcile/targets/worklist"
)

func ledgerCommand(w *world) *cobra.Command {
	c := &cobra.Command{
		Use: "ledger", Short: "Back up what the tool remembers, and restore it",
		Long: `Copies the tool's own databases: the ledger, the work list, messages to be sent, and what embedded registers and files to vendors are kept in. The copies
are SQLite files whether the databases are files or in PostgreSQL, so that a backup of the one can be restored into the other.`,
		Example: "  behorig ledger backup /backup/2026-12-01\n  behorig ledger restore /backup/2026-12-01",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usage("say which: backup or restore; see behorig ledger --help")
		},
	}
	c.AddCommand(ledgerBackupCommand(w), ledgerRestoreCommand(w))
	return c
}

func ledgerBackupCommand(w *world) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use: "backup DIR|FILE", Short: "Copy the tool's databases while it runs",
		Long: `Writes a copy of each database into a new folder or, where the name ends in .db, of the ledger alone into a file. Nothing is written over. Others may
write meanwhile: each copy is of one moment, the ledger's first, so that what is done while the rest is copied is at worst unknown to it. Where one cannot
be read, or there is no ledger, it is an error, and no copy is left.`,
		Example: "  behorig ledger backup /backup/2026-12-01 --repo examples/falkenberg\n  BEHORIG_DATABASE_FILE=/etc/behorig/database behorig ledger backup /backup/ledger.db --repository falkenberg",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			b, err := f.openBook(c.Context(), w)
			if err != nil {
				return err
			}
			doc, err := b.backup(c.Context(), args[0])
			if err != nil {
				return broke(err)
			}
			return b.write(doc)
		},
	}
	f.add(c)
	return c
}

func ledgerRestoreCommand(w *world) *cobra.Command {
	var f flags
	c := &cobra.Command{
		Use: "restore DIR|FILE", Short: "Make the tool's databases of a backup",
		Long: `Makes the databases of a backup that ledger backup has written, in a place that has none of them: of all in a folder, or of the ledger alone from a file.
Each file is looked through first, and the ledger's log is verified. Stop behorig run before. The ledger is as it was then; what has been done since it
takes for nobody's, reports, and leaves.`,
		Example: "  behorig ledger restore /backup/2026-12-01 --repo examples/falkenberg\n  behorig ledger restore /backup/2026-12-01/ledger.db",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			b, err := f.openBook(c.Context(), w)
			if err != nil {
				return err
			}
			return broke(b.restore(c.Context(), args[0]))
		},
	}
	f.add(c)
	return c
}

// kinds of database that the tool keeps, by the versions of their tables.
var databases = []func() []string{ledger.Tables, worklist.Tables, register.Tables, files.Tables, notify.Tables}

var created = regexp.MustCompile(`(?m)^CREATE TABLE (\w+)`)

// tablesOf finds out which kind of database one is, by the tables of the first version: its name says that of the ledger alone, others are called as
// their target is. nil: it was read, and is none of ours. One that has some of the tables is an error, as one that cannot be read is: it may be ours, and
// what is left out of a backup is missed when it is too late.
func tablesOf(ctx context.Context, p store.Place, name string) ([]string, error) {
	db, err := store.Peek(p, name)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	there, err := db.Tables(ctx)
	if err != nil {
		return nil, err
	}
	some := name == "ledger"
	for _, tables := range databases {
		steps := tables()
		all := true
		for _, table := range created.FindAllStringSubmatch(steps[0], -1) {
			has := slices.Contains(there, table[1])
			some, all = some || has, all && has
		}
		if all {
			return steps, nil
		}
	}
	if some {
		return nil, errors.New("it has not all the tables that a database of behorig's has: it is damaged, or another program's, whose place is another folder")
	}
	return nil, nil
}

// backedUp is a database and the file of a backup.
type backedUp struct {
	name, file string
	steps      []string
}

// listed are the databases of a place that are ours, the ledger first.
func (b *book) listed(ctx context.Context, p store.Place) ([]backedUp, error) {
	names, err := store.Names(ctx, p)
	if err != nil {
		return nil, err
	}
	var all []backedUp
	for _, name := range names {
		steps, err := tablesOf(ctx, p, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Tell(name), err)
		}
		if steps == nil {
			fmt.Fprintf(b.w.err, "behorig: %s\n", bookSay(b.lang, "not-ours", "file", p.Tell(name)))
			continue
		}
		all = append(all, backedUp{name: name, steps: steps})
	}
	slices.SortStableFunc(all, func(x, y backedUp) int { return cmp.Compare(rank(x.name), rank(y.name)) })
	return all, nil
}

func rank(name string) int {
	if name == "ledger" {
		return 0
	}
	return 1
}

func (b *book) backup(ctx context.Context, to string) (*report.Copies, error) {
	if there, err := b.there(ctx); err != nil {
		return nil, err
	} else if !there {
		return nil, fmt.Errorf("there is no ledger to back up in %s; name the right place with --repo, --state or BEHORIG_DATABASE", b.place)
	}
	if strings.HasSuffix(to, ".db") { // what else is there, and how it is, does not matter
		return b.copied(ctx, []backedUp{{name: "ledger", file: to, steps: ledger.Tables()}})
	}
	all, err := b.listed(ctx, b.place)
	if err != nil {
		return nil, fmt.Errorf("%w. Nothing was backed up; the ledger alone can be copied into a file: ledger backup FILE.db", err)
	}
	_, before := os.Stat(to)
	if err := emptyFolder(to); err != nil {
		return nil, err
	}
	for i := range all {
		all[i].file = filepath.Join(to, all[i].name+".db")
	}
	doc, err := b.copied(ctx, all)
	if err != nil && before != nil {
		err = errors.Join(err, os.Remove(to))
	}
	return doc, err
}

// copied copies databases into files: all of them, or none.
func (b *book) copied(ctx context.Context, all []backedUp) (*report.Copies, error) {
	doc := &report.Copies{Place: b.place.String()}
	for _, d := range all {
		err := store.Backup(ctx, b.place, d.name, d.steps, d.file)
		if err == nil {
			var info os.FileInfo
			if info, err = os.Stat(d.file); err == nil {
				doc.Files = append(doc.Files, report.CopiedFile{Database: d.name, File: d.file, Size: info.Size()})
			}
		}
		if err != nil {
			for _, made := range doc.Files {
				err = errors.Join(err, os.Remove(made.File))
			}
			return nil, fmt.Errorf("%s: %w. Nothing was backed up", b.place.Tell(d.name), err)
		}
	}
	return doc, nil
}

// emptyFolder makes a folder for its owner alone; one that is there must be empty.
func emptyFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	within, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(within) > 0 {
		return fmt.Errorf("%s is there already and is not empty: nothing is written over; name another folder", dir)
	}
	return nil
}

// restore makes databases of a backup, the ledger last: without it the tool is timid, whatever else is there.
func (b *book) restore(ctx context.Context, from string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	doc := report.Copies{Restored: true, Place: b.place.String()}
	all := []backedUp{{name: "ledger", file: from, steps: ledger.Tables()}}
	if info.IsDir() {
		if all, err = b.listed(ctx, store.Dir(from)); err != nil {
			return fmt.Errorf("%w. Nothing was restored", err)
		}
		for i := range all {
			all[i].file = filepath.Join(from, all[i].name+".db")
		}
	}
	if len(all) == 0 || all[0].name != "ledger" {
		return fmt.Errorf("%s holds no ledger, and nothing was restored; name the folder, or the ledger's file, that behorig ledger backup wrote", from)
	}
	there, err := store.Names(ctx, b.place)
	if err != nil {
		return err
	}
	for _, d := range all {
		if slices.Contains(there, d.name) {
			return fmt.Errorf("%s: %w. Nothing was restored", b.place.Tell(d.name), store.ErrThere)
		}
	}
	verified, err := b.verifyBackup(ctx, all[0].file)
	if err != nil {
		return err
	}
	if !verified.OK() {
		if err := b.write(verified); err != nil {
			return err
		}
		return fmt.Errorf("%s is not what was backed up, and nothing was restored; take an older backup", all[0].file)
	}
	doc.Records = verified.Records
	slices.Reverse(all)
	for _, d := range all {
		if err := store.Restore(ctx, b.place, d.name, d.steps, d.file); err != nil {
			return err
		}
		size, err := os.Stat(d.file)
		if err != nil {
			return err
		}
		doc.Files = append(doc.Files, report.CopiedFile{Database: d.name, File: d.file, Size: size.Size()})
	}
	slices.Reverse(doc.Files)
	return b.write(doc)
}

// verifyBackup verifies the ledger in a file, by a copy of it: the backup may be on what cannot be written to. One from before there was a log has none to verify.
// The copy is made where there must be room for a ledger: the folder for temporary files may be in memory, and small.
func (b *book) verifyBackup(ctx context.Context, file string) (report.Verified, error) {
	doc := report.Verified{On: b.on, Names: report.NamesOf(b.org, nil)}
	if err := os.MkdirAll(b.place.Dir, 0o700); err != nil {
		return doc, err
	}
	dir, err := os.MkdirTemp(b.place.Dir, "restore-")
	if err != nil {
		return doc, err
	}
	defer os.RemoveAll(dir)
	if err := ledger.Restore(ctx, store.Dir(dir), file); err != nil {
		return doc, fmt.Errorf("%s: %w", file, err)
	}
	if err := verifyInto(ctx, store.Dir(dir), &doc); err != nil && !errors.Is(err, ledger.ErrNoLog) {
		return doc, fmt.Errorf("%s: %w", file, err)
	}
	return doc, nil
}
