package repo

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/storage/memory"
)

// graft writes the folders of a commit anew where files of it change, and what it writes beside what is there.
type graft struct {
	from storer.EncodedObjectStorer
	to   *memory.Storage
}

// tree writes a folder with files changed, nil meaning gone. It gives the zero hash for a folder with nothing left in it, which git has not.
func (g *graft) tree(at string, old plumbing.Hash, files map[string][]byte) (plumbing.Hash, error) {
	t := &object.Tree{}
	if !old.IsZero() {
		read, err := object.GetTree(g.from, old)
		if err != nil {
			return old, err
		}
		t.Entries = slices.Clone(read.Entries)
	}
	folders := map[string]map[string][]byte{}
	for name, text := range files {
		if folder, rest, nested := strings.Cut(name, "/"); nested {
			if folders[folder] == nil {
				folders[folder] = map[string][]byte{}
			}
			folders[folder][rest] = text
			continue
		}
		if err := g.file(t, at+name, name, text); err != nil {
			return old, err
		}
	}
	for name, inside := range folders {
		var was plumbing.Hash
		i := slices.IndexFunc(t.Entries, func(e object.TreeEntry) bool { return e.Name == name })
		if i >= 0 {
			if t.Entries[i].Mode != filemode.Dir {
				return old, fmt.Errorf("%s%s is a file, and no folder", at, name)
			}
			was = t.Entries[i].Hash
			t.Entries = slices.Delete(t.Entries, i, i+1)
		}
		now, err := g.tree(at+name+"/", was, inside)
		if err != nil {
			return old, err
		}
		if !now.IsZero() {
			t.Entries = append(t.Entries, object.TreeEntry{Name: name, Mode: filemode.Dir, Hash: now})
		}
	}
	if len(t.Entries) == 0 && at != "" {
		return plumbing.ZeroHash, nil
	}
	sort.Sort(object.TreeEntrySorter(t.Entries))
	return g.put(t)
}

// file changes one file of a folder.
func (g *graft) file(t *object.Tree, at, name string, text []byte) error {
	i := slices.IndexFunc(t.Entries, func(e object.TreeEntry) bool { return e.Name == name })
	if i >= 0 && t.Entries[i].Mode != filemode.Regular && t.Entries[i].Mode != filemode.Executable && t.Entries[i].Mode != filemode.Deprecated {
		return fmt.Errorf("%s is no plain file", at)
	}
	if i >= 0 {
		t.Entries = slices.Delete(t.Entries, i, i+1)
	}
	if text == nil {
		if i < 0 {
			return fmt.Errorf("%s is to go, and is not there; see whether somebody has moved it", at)
		}
		return nil
	}
	blob := g.to.NewEncodedObject()
	blob.SetType(plumbing.BlobObject)
	w, err := blob.Writer()
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	h, err := g.to.SetEncodedObject(blob)
	t.Entries = append(t.Entries, object.TreeEntry{Name: name, Mode: filemode.Regular, Hash: h})
	return err
}

// put writes a folder or a commit.
func (g *graft) put(what object.Object) (plumbing.Hash, error) {
	o := g.to.NewEncodedObject()
	if err := what.Encode(o); err != nil {
		return plumbing.ZeroHash, err
	}
	return g.to.SetEncodedObject(o)
}
