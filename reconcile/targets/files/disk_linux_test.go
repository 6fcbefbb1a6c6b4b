package files

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

// A disk that is full leaves nothing that the vendor reads, and the file is whole when there is room again.
func TestDiskFull(t *testing.T) {
	root := t.TempDir()
	if err := syscall.Mount("tmpfs", root, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("no small disk can be mounted here (it takes root): %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(root, 0) })
	v := newVendor(t, vendor{root: root, marker: true, receipt: true})
	put(t, filepath.Join(root, "filler"), strings.Repeat("x", 48<<10))
	files, changes := many(t, 1000)
	c := targettest.Config(t, targettest.Repository(t, targetsYAML(folderYAML, binding("a", "delta", receipts)), files), "fil", t.TempDir(), "a")
	target := openWith(t, c, folder(root))
	for _, r := range target.ApplyAll(t.Context(), changes)[:1] {
		if r.Status != reconcile.Failed || !errors.Is(r.Err, syscall.ENOSPC) {
			t.Errorf("got %s, error %v, want no space", r.Status, r.Err)
		}
	}
	same(t, "what the vendor would read", v.waiting(t), []string(nil))
	must(t, os.Remove(filepath.Join(root, "filler")))
	must(t, target.Sync(t.Context()))
	same(t, "what the vendor would read", v.waiting(t), []string{"a-2026-11-23-000001.txt"})
	must(t, target.Close())
}
