package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile/report"
)

func reportCommand(w *world) *cobra.Command {
	var f flags
	var out string
	c := &cobra.Command{
		Use: "report", Short: "Show who has what, as a page to read or print",
		Long: `Shows for the whole organisation what everybody has, what waits for whom, what is withheld and why, what ends soon and what nobody ordered: by unit,
by system and by person. The page is one file that opens from disk, with no network and no script. It changes nothing.`,
		Example: "  behorig report --repo examples/falkenberg --out report.html\n  behorig report --at 2027-02-01 --lang en > report.html\n  behorig report --format json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, p, err := f.openPlan(c.Context(), w)
			if err != nil {
				return err
			}
			o, err := report.NewOverview(s.org, p)
			if err != nil {
				return s.fail(err)
			}
			if zone, err := s.org.Zone(); err == nil {
				o.Made = w.now().In(zone)
			}
			write := func(to io.Writer) error {
				if s.format == "html" {
					return o.Page(to, s.lang)
				}
				return report.Write(to, o, s.format, s.lang)
			}
			if out == "" {
				err = write(w.out)
			} else {
				err = writeWhole(out, write)
			}
			if err != nil {
				return broke(err)
			}
			return verdict(p, nil, false)
		},
	}
	f.add(c)
	f.format = "html"
	c.Flags().Lookup("format").DefValue = f.format
	c.Flags().StringVar(&out, "out", "", "file to write (default: standard output)")
	return c
}

// writeWhole writes a file that only its owner reads, whole or not at all: beside its place first, and then over it.
func writeWhole(file string, write func(io.Writer) error) error {
	beside, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", file, err)
	}
	defer os.Remove(beside.Name()) // no longer there when all went well
	if err := write(beside); err != nil {
		beside.Close()
		return err
	}
	if err := beside.Sync(); err != nil {
		beside.Close()
		return err
	}
	if err := beside.Close(); err != nil {
		return err
	}
	return os.Rename(beside.Name(), file)
}
