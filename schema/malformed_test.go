package schema_test

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/behorig/behorig/schema"
)

var update = flag.Bool("update", false, "rewrite what the tests expect")

// Each archive of testdata/malformed lies over testdata/base and holds one fault. Lines of its comment are commands:
//
//	# ...                  is for people
//	quoted PATH            the file's text is a Go string, for bytes that no editor keeps
//	symlink PATH TARGET    adds a link
//	pad PATH SIZE          fills the file with comments to a size in bytes
//	remove PATH            takes a file of the base away
func TestMalformed(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob("testdata/malformed/*.txtar")
	if err != nil || len(archives) < 70 {
		t.Fatalf("got %d archives (%v), want at least 70", len(archives), err)
	}
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := spoken(faultsOf(overlay(t, archive)))
			last := &archive.Files[len(archive.Files)-1]
			if last.Name != "want" {
				t.Fatalf("got last section %q, want \"want\"", last.Name)
			}
			if *update {
				last.Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(got, string(last.Data)); diff != "" {
				t.Errorf("got (-), want (+):\n%s", diff)
			}
			if got == "" {
				t.Error("got no fault, want one")
			}
		})
	}
}

// spoken is a line in English for each fault, and one in Swedish below it.
func spoken(faults schema.Faults) string {
	var b strings.Builder
	for _, f := range faults {
		fmt.Fprintf(&b, "%s\n    %s; %s\n", f.Error(), f.What.Sv, f.Do.Sv)
	}
	return b.String()
}

// faultsOf are all faults of a repository, those of its people too.
func faultsOf(files fs.FS) schema.Faults {
	org, err := schema.Load(files)
	faults, _ := err.(schema.Faults)
	var mu sync.Mutex
	org.Each(func(_ *schema.Person, err error) {
		mu.Lock()
		defer mu.Unlock()
		if f, bad := err.(schema.Faults); bad {
			faults = append(faults, f...)
		}
	})
	return faults.Sorted()
}

var base = sync.OnceValue(func() fstest.MapFS {
	files := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS("testdata/base"), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(filepath.Join("testdata/base", path))
		files[path] = &fstest.MapFile{Data: raw}
		return err
	})
	if err != nil {
		panic(err)
	}
	return files
})

func overlay(t *testing.T, archive *txtar.Archive) fs.FS {
	t.Helper()
	files := maps.Clone(base())
	for _, f := range archive.Files[:len(archive.Files)-1] {
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	for command := range strings.Lines(string(archive.Comment)) {
		words := strings.Fields(command)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		switch path := words[1]; words[0] {
		case "quoted":
			text, err := strconv.Unquote(string(bytes.TrimSpace(files[path].Data)))
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			files[path] = &fstest.MapFile{Data: []byte(text)}
		case "symlink":
			files[path] = &fstest.MapFile{Data: []byte(words[2]), Mode: fs.ModeSymlink}
		case "pad":
			size, _ := strconv.Atoi(words[2])
			short := size - len(files[path].Data) - 1
			files[path] = &fstest.MapFile{Data: append(files[path].Data, "#"+strings.Repeat("x", short)...)}
		case "remove":
			delete(files, path)
		default:
			t.Fatalf("got command %q, want one that is known", words[0])
		}
	}
	return files
}
