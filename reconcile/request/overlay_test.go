package request_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/behorig/behorig/reconcile/request"
)

// Files laid over a tree are in it as if they were written, those in another's place and those gone too.
func TestOverlay(t *testing.T) {
	below := fstest.MapFS{
		"a/b.yaml": {Data: []byte("b")}, "a/gone.yaml": {Data: []byte("g")}, "behorig.yaml": {Data: []byte("x")}, "alone/one.yaml": {Data: []byte("1")},
	}
	o := request.Apply(below, []request.File{
		{Path: "people/anna.yaml", Raw: []byte("anna")},
		{Path: "a/c/d.yaml", Raw: []byte("d")},
		{Path: "a/a.yaml", Raw: []byte("a")},
		{Path: "a/b.yaml", Raw: []byte("longer")},
		{Path: "a/gone.yaml"},
		{Path: "alone/one.yaml"},
	})
	if err := fstest.TestFS(o, "a/a.yaml", "a/b.yaml", "a/c/d.yaml", "behorig.yaml", "people/anna.yaml"); err != nil {
		t.Error(err)
	}
	var found []string
	err := fs.WalkDir(o, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "files", found, []string{"a/a.yaml", "a/b.yaml", "a/c/d.yaml", "behorig.yaml", "people/anna.yaml"})
	if raw, err := fs.ReadFile(o, "a/b.yaml"); string(raw) != "longer" || err != nil {
		t.Errorf("got %q, error %v, want the file in the other's place", raw, err)
	}
	if info, err := fs.Lstat(o, "a/b.yaml"); err != nil || info.Size() != 6 {
		t.Errorf("got %v, error %v, want the size of the file in the other's place", info, err)
	}
	for _, read := range []func(fs.FS, string) error{
		func(f fs.FS, p string) error { _, err := fs.ReadFile(f, p); return err },
		func(f fs.FS, p string) error { _, err := fs.Lstat(f, p); return err },
		func(f fs.FS, p string) error { _, err := fs.Stat(f, p); return err },
	} {
		if err := read(o, "a/gone.yaml"); !os.IsNotExist(err) {
			t.Errorf("got %v, want that it is not there", err)
		}
	}
	if raw, err := fs.ReadFile(below, "a/b.yaml"); string(raw) != "b" || err != nil {
		t.Errorf("got %q, error %v, want the tree below untouched", raw, err)
	}
}

// A link below stays one, so that nothing outside the repository is read.
func TestOverlayLink(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("/", filepath.Join(dir, "people")); err != nil {
		t.Fatal(err)
	}
	o := request.Lay(os.DirFS(dir))
	o.Add("people/x.yaml", nil)
	if info, err := fs.Lstat(o, "people"); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("got %v, error %v, want the link", info, err)
	}
}

// A file that was taken out and is put in again is there.
func TestOverlayAgain(t *testing.T) {
	o := request.Lay(fstest.MapFS{"a/b.yaml": {Data: []byte("b")}})
	o.Remove("a/b.yaml")
	o.Add("a/b.yaml", []byte("c"))
	if raw, err := fs.ReadFile(o, "a/b.yaml"); string(raw) != "c" || err != nil {
		t.Errorf("got %q, error %v, want it there again", raw, err)
	}
	o.Add("a/n.yaml", []byte("n"))
	o.Remove("a/n.yaml")
	if entries, err := fs.ReadDir(o, "a"); len(entries) != 1 || err != nil {
		t.Errorf("got %v, error %v, want one file", entries, err)
	}
}
