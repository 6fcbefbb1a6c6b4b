// Package demo makes of an example's files what the managers' pages need to be tried: a git repository that nobody else has, a key of theirs, and people to be.
// It is for a trial on one's own machine and for tests, and writes nowhere but in the folder that it is given. It needs no git program.
package demo

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1" //nolint:gosec // git's own name of an object
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// bare is a bare git repository (gitrepository-layout(5)) with loose objects, written by hand: what git itself reads.
type bare struct{ dir string }

// makeBare makes a repository with one commit of some files on main.
func makeBare(dir string, files map[string][]byte, when time.Time) (*bare, error) {
	b := &bare{dir}
	for _, folder := range []string{"objects/info", "objects/pack", "refs/heads", "refs/tags"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(folder)), 0o700); err != nil {
			return nil, err
		}
	}
	for name, text := range map[string]string{
		"HEAD":   "ref: refs/heads/main\n",
		"config": "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	tree, err := b.tree(files)
	if err != nil {
		return nil, err
	}
	who := fmt.Sprintf("Exempel <exempel@example.test> %d +0000", when.Unix())
	commit, err := b.object("commit", fmt.Appendf(nil, "tree %s\nauthor %s\ncommitter %s\n\nThe files of the example\n", hex.EncodeToString(tree), who, who))
	if err != nil {
		return nil, err
	}
	return b, b.point(hex.EncodeToString(commit))
}

// tree writes files and the folders that they are in, and gives the name of the topmost.
func (b *bare) tree(files map[string][]byte) ([]byte, error) {
	type entry struct {
		mode, name string
		hash       []byte
	}
	var all []entry
	below := map[string]map[string][]byte{}
	for name, raw := range files {
		folder, rest, nested := strings.Cut(name, "/")
		if nested {
			if below[folder] == nil {
				below[folder] = map[string][]byte{}
			}
			below[folder][rest] = raw
			continue
		}
		hash, err := b.object("blob", raw)
		if err != nil {
			return nil, err
		}
		all = append(all, entry{"100644", name, hash})
	}
	for _, folder := range slices.Sorted(maps.Keys(below)) {
		hash, err := b.tree(below[folder])
		if err != nil {
			return nil, err
		}
		all = append(all, entry{"40000", folder, hash})
	}
	key := func(e entry) string { // git sorts a folder as if its name ended in a slash
		if e.mode == "40000" {
			return e.name + "/"
		}
		return e.name
	}
	slices.SortFunc(all, func(a, c entry) int { return strings.Compare(key(a), key(c)) })
	var out bytes.Buffer
	for _, e := range all {
		fmt.Fprintf(&out, "%s %s\x00%s", e.mode, e.name, e.hash)
	}
	return b.object("tree", out.Bytes())
}

// object writes one object under the SHA-1 of what is in it.
func (b *bare) object(kind string, content []byte) ([]byte, error) {
	raw := append(fmt.Appendf(nil, "%s %d\x00", kind, len(content)), content...)
	sum := sha1.Sum(raw) //nolint:gosec // git's own name of an object
	name := hex.EncodeToString(sum[:])
	file := filepath.Join(b.dir, "objects", name[:2], name[2:])
	if _, err := os.Stat(file); err == nil {
		return sum[:], nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	if _, err := w.Write(raw); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return sum[:], os.WriteFile(file, packed.Bytes(), 0o600)
}

// point makes a commit the newest of main.
func (b *bare) point(commit string) error {
	file := filepath.Join(b.dir, "refs", "heads", "main")
	if err := os.WriteFile(file+".lock", []byte(commit+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".lock", file)
}

// read are the files of a folder that an access repository is made of: those that are hidden are not.
func read(from fs.FS) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(path.Base(name), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		raw, err := fs.ReadFile(from, name)
		files[name] = raw
		return err
	})
	if err == nil && files["behorig.yaml"] == nil {
		err = errors.New("there is no behorig.yaml in it: name an example's folder, as --repo examples/falkenberg")
	}
	return files, err
}
