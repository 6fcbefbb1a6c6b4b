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
write meanwhile: each copy is of one moment, the ledger's first, so that what is done while the rest is backedUp is at worst unknown to it.`,
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
// their target is. nil: it is none of ours.
func tablesOf(ctx context.Context, p store.Place, name string) ([]string, error) {
	db, err := store.Peek(p, name)
	if err != nil {
		return nil, err
	}
	defer db.Close()
kinds:
	for _, tables := range databases {
		steps := tables()
		for _, table := range created.FindAllStringSubmatch(steps[0], -1) {
			rows, err := db.QueryContext(ctx, "SELECT 1 FROM "+table[1]+" WHERE 1 = 0")
			if err != nil {
				continue kinds
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				return nil, err
			}
		}
		return steps, nil
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
	doc := &report.Copies{Place: b.place.String()}
	all, err := b.listed(ctx, b.place)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("there is nothing to back up in %s; name the right place with --repo, --state or BEHORIG_DATABASE", b.place)
	}
	if strings.HasSuffix(to, ".db") {
		if all[0].name != "ledger" {
			return nil, fmt.Errorf("there is no ledger in %s; name a folder to copy the other databases into", b.place)
		}
		all = all[:1]
		all[0].file = to
	} else {
		if err := emptyFolder(to); err != nil {
			return nil, err
		}
		for i := range all {
			all[i].file = filepath.Join(to, all[i].name+".db")
		}
	}
	for _, d := range all {
		if err := store.Backup(ctx, b.place, d.name, d.steps, d.file); err != nil {
			return nil, err
		}
		info, err := os.Stat(d.file)
		if err != nil {
			return nil, err
		}
		doc.Files = append(doc.Files, report.CopiedFile{Database: d.name, File: d.file, Size: info.Size()})
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
			return err
		}
		for i := range all {
			all[i].file = filepath.Join(from, all[i].name+".db")
		}
	}
	if len(all) == 0 {
		return fmt.Errorf("%s holds no backup; name the folder that behorig ledger backup wrote", from)
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
	if all[0].name == "ledger" {
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
	}
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
func (b *book) verifyBackup(ctx context.Context, file string) (report.Verified, error) {
	doc := report.Verified{On: b.on, Names: report.NamesOf(b.org, nil)}
	dir, err := os.MkdirTemp("", "behorig-restore-")
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
