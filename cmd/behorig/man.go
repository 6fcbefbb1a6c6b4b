package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"
)

const sourceDate = "SOURCE_DATE_EPOCH" // https://reproducible-builds.org/specs/source-date-epoch/

func manCommand(*world) *cobra.Command {
	return &cobra.Command{
		Use: "man DIR", Short: "Write a man page of every command into a folder",
		Long: `Writes behorig.1 and a page for each command (behorig-apply.1, behorig-work-list.1, …) into a folder, which is made if it is not there. The same
program writes the same bytes: the date is that of the commit it was built from, or ` + sourceDate + ` (seconds since 1970), or none.

Shell completion is written by behorig completion bash|zsh|fish|powershell.`,
		Example: "  behorig man /usr/local/share/man/man1\n  behorig man /tmp/man && man /tmp/man/behorig-apply.1",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			date, err := pageDate(os.Getenv(sourceDate), debug.ReadBuildInfo)
			if err != nil {
				return usage("%w", err)
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return broke(err)
			}
			return broke(writePages(c.Root(), args[0], date))
		},
	}
}

// pageDate is the date of the pages, the zero time for none: what the environment says, else when the commit was made.
func pageDate(epoch string, build func() (*debug.BuildInfo, bool)) (time.Time, error) {
	if epoch != "" {
		n, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil {
			return time.Time{}, errors.New(sourceDate + " is no number of seconds since 1970")
		}
		return time.Unix(n, 0).UTC(), nil
	}
	if info, ok := build(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.time" {
				return time.Parse(time.RFC3339, s.Value)
			}
		}
	}
	return time.Time{}, nil
}

// writePages writes the page of a command and those below it.
func writePages(c *cobra.Command, dir string, date time.Time) error {
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			if err := writePages(sub, dir, date); err != nil {
				return err
			}
		}
	}
	raw, err := page(c, date)
	if err != nil {
		return err
	}
	name := filepath.Join(dir, strings.ReplaceAll(c.CommandPath(), " ", "-")+".1")
	if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return &fs.PathError{Op: "write", Path: name, Err: errors.New("is there and is no file")}
	}
	return os.WriteFile(name, raw, 0o644)
}

var (
	markup  = regexp.MustCompile("(?m)^\t.*$|[\\\\`*_{}\\[\\]<>#|~]") // what is set in by a tab is code in Markdown too
	heading = regexp.MustCompile(`(?m)^\.TH .*$`)
	option  = regexp.MustCompile(`(?m)^(?:\.PP\n)?(\\fB-.*)\n\t`)
)

func escape(match string) string {
	if match[0] == '\t' {
		return match
	}
	return `\` + match
}

// page is the man page of a command. What is said of it is plain text; cobra takes it for Markdown, so what Markdown would make something of is
// escaped, in the command itself: the tree is this run's own, and is of no use after.
func page(c *cobra.Command, date time.Time) ([]byte, error) {
	plain := func(text string) string { return markup.ReplaceAllStringFunc(text, escape) }
	c.Long, c.Short, c.DisableAutoGenTag = plain(c.Long), plain(c.Short), true
	c.Flags().VisitAll(func(f *pflag.Flag) { f.Usage = plain(f.Usage) })
	var out bytes.Buffer
	if err := doc.GenMan(c, &doc.GenManHeader{Date: &date}, &out); err != nil {
		return nil, err
	}
	day := ""
	if !date.IsZero() {
		day = date.Format(time.DateOnly)
	}
	head := `.TH "` + strings.ToUpper(strings.ReplaceAll(c.CommandPath(), " ", "-")) + `" "1" "` + day + `" "Behörig" "Access as code"`
	text := option.ReplaceAllString(out.String(), ".TP\n$1\n") // a tab is no indent in running text
	text = strings.ReplaceAll(text, "--", `\-\-`)              // a hyphen that can be pasted
	return []byte(heading.ReplaceAllLiteralString(text, head)), nil
}
