package repo

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// treeFS is a git tree as a file tree. go-git reads one object at a time, so it is locked. A link is shown as a link
// and not followed.
type treeFS struct {
	mu    *sync.Mutex
	root  *object.Tree
	trees map[string]*object.Tree // by path, found so far
}

// A few folders that hold each other's likes can make a tree of more paths than can ever be walked.
const (
	maxFolders = 100_000
	maxPath    = 4096 // bytes
)

var (
	errFolders = errors.New("more folders, or deeper ones, than any access repository has")
	errName    = errors.New("a name in it is no name of a file, or is there twice")
)

func newTreeFS(root *object.Tree) *treeFS {
	return &treeFS{&sync.Mutex{}, root, map[string]*object.Tree{".": root}}
}

// folder is the tree of a path; fs.ErrNotExist where there is none.
func (t *treeFS) folder(name string) (*object.Tree, error) {
	if tree := t.trees[name]; tree != nil {
		return tree, nil
	}
	if len(t.trees) >= maxFolders || len(name) > maxPath {
		return nil, errFolders
	}
	parent, err := t.folder(path.Dir(name))
	if err != nil {
		return nil, err
	}
	tree, err := parent.Tree(path.Base(name))
	if err != nil {
		return nil, fs.ErrNotExist
	}
	t.trees[name] = tree
	return tree, nil
}

func (t *treeFS) entry(name string) (*object.TreeEntry, *object.Tree, error) {
	dir, err := t.folder(path.Dir(name))
	if err != nil {
		return nil, nil, err
	}
	e, err := dir.FindEntry(path.Base(name))
	if err != nil {
		return nil, nil, fs.ErrNotExist
	}
	return e, dir, nil
}

// Open implements [fs.FS].
func (t *treeFS) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if name == "." {
		return &listing{info: info{".", fs.ModeDir | 0o755, 0}, tree: t, name: name}, nil
	}
	e, dir, err := t.entry(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	in := info{e.Name, mode(e.Mode), 0}
	switch {
	case in.IsDir():
		return &listing{info: in, tree: t, name: name}, nil
	case !in.mode.IsRegular():
		return &file{info: in}, nil
	}
	f, err := dir.TreeEntryFile(e)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	in.size = f.Size
	r, err := f.Reader()
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &file{in, bytes.NewReader(raw)}, nil
}

// ReadDir implements [fs.ReadDirFS].
func (t *treeFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrInvalid}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	dir, err := t.folder(name)
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	entries := make([]fs.DirEntry, len(dir.Entries))
	for i, e := range dir.Entries {
		entries[i] = entry{info{e.Name, mode(e.Mode), 0}, t, path.Join(name, e.Name)}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	for i, e := range entries {
		// Git itself makes no such tree, and would not check one out.
		if n := e.Name(); !fs.ValidPath(n) || n == "." || strings.ContainsAny(n, `/\`) || i > 0 && n == entries[i-1].Name() {
			return nil, &fs.PathError{Op: "readdir", Path: name, Err: errName}
		}
	}
	return entries, nil
}

func mode(m filemode.FileMode) fs.FileMode {
	switch m {
	case filemode.Dir:
		return fs.ModeDir | 0o755
	case filemode.Symlink:
		return fs.ModeSymlink | 0o777
	case filemode.Submodule:
		return fs.ModeIrregular
	}
	return 0o644
}

// info is what is known of an entry.
type info struct {
	name string
	mode fs.FileMode
	size int64
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.mode }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return nil }

// entry is one name in a folder. Its size is looked up only when it is asked for.
type entry struct {
	info
	tree *treeFS
	path string
}

func (e entry) Type() fs.FileMode { return e.mode.Type() }
func (e entry) String() string    { return fs.FormatDirEntry(e) }

func (e entry) Info() (fs.FileInfo, error) {
	f, err := e.tree.Open(e.path)
	if err != nil {
		return nil, err
	}
	return f.Stat()
}

// listing is an open folder.
type listing struct {
	info
	tree *treeFS
	name string
	left []fs.DirEntry
	read bool
}

func (d *listing) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *listing) Close() error               { return nil }

func (d *listing) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.name, Err: fs.ErrInvalid}
}

// ReadDir implements [fs.ReadDirFile].
func (d *listing) ReadDir(n int) ([]fs.DirEntry, error) {
	if !d.read {
		all, err := d.tree.ReadDir(d.name)
		if err != nil {
			return nil, err
		}
		d.left, d.read = all, true
	}
	some := d.left
	if n > 0 {
		if len(some) == 0 {
			return nil, io.EOF
		}
		some = some[:min(n, len(some))]
	}
	d.left = d.left[len(some):]
	return some, nil
}

type file struct {
	info
	r *bytes.Reader // nil: not a regular file
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Close() error               { return nil }

func (f *file) Read(p []byte) (int, error) {
	if f.r == nil {
		return 0, fs.ErrInvalid
	}
	return f.r.Read(p)
}
