package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/adopt"
)

// New files come to their places whole, over nothing and nowhere else; what a run that was killed left beside the tree is gone after the next.
func TestCreateAll(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	for path, text := range map[string]string{"people/bo.yaml": "bo", ".behorig/import/0": "half", ".behorig/ledger.db": "x"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(dir, "out")); err != nil {
		t.Fatal(err)
	}
	s := &session{flags: &flags{repo: dir}}
	for _, c := range []struct{ path, want string }{
		{"people/bo.yaml", "people/bo.yaml is there already; 1 of 2 files were written: run the command again"},
		{"../x.yaml", "escapes"},
		{"out/x.yaml", "escapes"},
	} {
		first := "units/" + strings.ReplaceAll(c.path, "/", "") + ".yaml"
		err := s.createAll([]adopt.File{{Path: first, Raw: []byte("first")}, {Path: c.path, Raw: []byte("second")}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %s", c.path, err, c.want)
		}
		if raw, err := os.ReadFile(filepath.Join(dir, first)); string(raw) != "first" {
			t.Errorf("%s: got %q, error %v, want the file before it whole", c.path, raw, err)
		}
	}
	if raw, err := os.ReadFile(filepath.Join(dir, "people/bo.yaml")); string(raw) != "bo" {
		t.Errorf("got %q, error %v, want the file untouched", raw, err)
	}
	if _, err := os.Stat(filepath.Join(dir, stage)); !os.IsNotExist(err) {
		t.Errorf("got %v, want nothing left beside the tree", err)
	}
	if _, err := os.Stat(filepath.Join(dir, ".behorig", "ledger.db")); err != nil {
		t.Errorf("got %v, want the tool's state left", err)
	}
	if found, err := os.ReadDir(outside); err != nil || len(found) > 0 {
		t.Errorf("got %v, error %v, want nothing outside", found, err)
	}
}
