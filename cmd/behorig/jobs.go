package main

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/schedule"
	"github.com/behorig/behorig/reconcile/store"
)

// asking are the flags of jobs.
type asking struct {
	database, databaseFile, format, lang string
	dead                                 bool
}

func jobsCommand(w *world) *cobra.Command {
	var a asking
	c := &cobra.Command{
		Use: "jobs", Short: "Show the queue that many behorig run share",
		Long: `Counts the jobs of the shared queue in PostgreSQL by their state, and with --dead shows those that were given up, with the last error. Where no database
is named there is no shared queue, and it says so. It needs no repository.`,
		Example: "  behorig jobs --database-file /etc/behorig/database\n  behorig jobs --dead --lang sv\n  behorig jobs --dead --format json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !slices.Contains(report.Formats, a.format) {
				return usage("--format %w", &report.FormatError{Format: a.format, Fits: report.Formats})
			}
			if a.lang != "sv" && a.lang != "en" {
				return usage("--lang %s is unknown; use sv or en", a.lang)
			}
			doc, err := a.ask(c.Context(), w)
			if err != nil {
				return broke(err)
			}
			return broke(report.Write(w.out, doc, a.format, a.lang))
		},
	}
	fs := c.Flags()
	fs.StringVar(&a.database, "database", "", "postgres://… that the queue is in (or BEHORIG_DATABASE)")
	fs.StringVar(&a.databaseFile, "database-file", "", "file with the address for --database (or BEHORIG_DATABASE_FILE)")
	fs.BoolVar(&a.dead, "dead", false, "show the jobs that were given up, the newest first")
	fs.StringVar(&a.format, "format", "text", "output: "+strings.Join(report.Formats, ", "))
	fs.StringVar(&a.lang, "lang", "en", "language: sv or en")
	return c
}

func (a *asking) ask(ctx context.Context, w *world) (report.Jobs, error) {
	doc := report.Jobs{OfDead: a.dead}
	address, err := (&serving{env: w.env}).secret(a.database, "BEHORIG_DATABASE", a.databaseFile)
	if err != nil || address == "" {
		return doc, err
	}
	server, err := store.Connect(ctx, address)
	if err != nil {
		return doc, err
	}
	defer server.Close()
	queue, err := schedule.NewRiver(ctx, server, 1, 0, w.now, slog.New(slog.NewTextHandler(w.err, nil)))
	if err != nil {
		return doc, err
	}
	doc.Shared = true
	if doc.Count, err = queue.Count(ctx); err != nil || !a.dead {
		return doc, err
	}
	doc.Dead, err = queue.Dead(ctx)
	return doc, err
}
