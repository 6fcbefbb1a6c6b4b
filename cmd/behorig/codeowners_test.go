package main

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"

	"github.com/behorig/behorig/schema"
)

// ownerLine is a line of a CODEOWNERS file.
type ownerLine struct {
	pattern string
	owners  []string
}

func ownerLines(text string) []ownerLine {
	var lines []ownerLine
	for line := range strings.Lines(text) {
		if fields := strings.Fields(line); len(fields) > 0 && !strings.HasPrefix(line, "#") {
			lines = append(lines, ownerLine{fields[0], fields[1:]})
		}
	}
	return lines
}

// byGlob is how GitHub and GitLab read the file: patterns as of gitignore, the last that fits.
func byGlob(lines []ownerLine, file string) []string {
	for _, l := range slices.Backward(lines) {
		if gitignore.ParsePattern(l.pattern, nil).Match(strings.Split(file, "/"), false) == gitignore.Exclude {
			return l.owners
		}
	}
	return nil
}

// byRegexp is how Forgejo and Gitea read it: each a regular expression of the whole path, the owners of all that fit; what is no expression is passed over.
func byRegexp(lines []ownerLine, file string) []string {
	var owners []string
	for _, l := range lines {
		if re, err := regexp.Compile("^" + l.pattern + "$"); err == nil && re.MatchString(file) {
			owners = append(owners, l.owners...)
		}
	}
	slices.Sort(owners)
	return slices.Compact(owners)
}

// Every file of the example, and files that are not there yet, have by the file the owners that check goes by, however a forge reads it.
func TestCodeownersIsReadAsMeant(t *testing.T) {
	files := os.DirFS(falkenberg)
	o, err := schema.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	lines := ownerLines(codeowners(o))
	all := []string{
		"units/new.yaml", "units/deep/er/new.yaml", "systems/new.yaml", "packages/new.yaml", "policies/deep/new.rego", "people/new.yaml",
		"people/units/new.yaml", "people/systems/lifecare.yaml", "targets.test.yaml", ".forgejo/workflows/new.yml", "hooks/new",
	}
	err = fs.WalkDir(files, ".", func(file string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == ".behorig" {
			return fs.SkipDir
		}
		if err == nil && !d.IsDir() {
			all = append(all, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range all {
		area := schema.Area(file)
		may := slices.Clone(o.Owners[area])
		if s := o.Systems[strings.TrimSuffix(path.Base(file), ".yaml")]; s != nil && area == "systems" {
			may = append(may, s.Owner)
		}
		want := strings.Fields(handles(o, may))
		if area == "people" {
			want = nil
		}
		if got := byGlob(lines, file); !slices.Equal(got, want) {
			t.Errorf("%s: as a glob got %v, want %v", file, got, want)
		}
		// Forgejo has no pattern for all the rest, so only what lies in a folder of its own is asked about.
		if got := byRegexp(lines, file); !slices.Equal(got, want) && (area != "settings" || strings.HasPrefix(file, "hooks/") || strings.HasPrefix(file, ".forgejo/")) {
			t.Errorf("%s: as a regular expression got %v, want %v", file, got, want)
		}
	}
}
