package request

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// Overlay is a file tree with files laid over it that are not written: new ones, others in the place of those below, and some gone.
type Overlay struct {
	fs.FS
	files   map[string][]byte
	gone    map[string]bool
	folders map[string]map[string]bool // names in each folder above the files; true: a folder
}

// Lay lays nothing over a tree yet.
func Lay(below fs.FS) *Overlay {
	return &Overlay{below, map[string][]byte{}, map[string]bool{}, map[string]map[string]bool{}}
}

// Apply lays a request's files over a tree.
func Apply(fsys fs.FS, files []File) fs.FS {
	o := Lay(fsys)
	for _, f := range files {
		if f.Raw == nil {
			o.Remove(f.Path)
		} else {
			o.Add(f.Path, f.Raw)
		}
	}
	return o
}

// Add lays a file over the tree, in the place of one that is there.
func (o *Overlay) Add(file string, raw []byte) {
	delete(o.gone, file)
	o.files[file] = raw
	for name, folder := file, false; name != "."; name, folder = path.Dir(name), true {
		dir := path.Dir(name)
		if o.folders[dir] == nil {
			o.folders[dir] = map[string]bool{}
		}
		o.folders[dir][path.Base(name)] = folder
	}
}

// Remove takes a file out of the tree. Its folder stays, empty as it may be.
func (o *Overlay) Remove(file string) {
	delete(o.files, file)
	delete(o.folders[path.Dir(file)], path.Base(file))
	o.gone[file] = true
}

// Open implements [fs.FS].
func (o *Overlay) Open(name string) (fs.File, error) {
	if raw, ok := o.files[name]; ok {
		return &laid{stat{path.Base(name), int64(len(raw)), 0o644}, bytes.NewReader(raw)}, nil
	}
	if o.gone[name] {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	if _, ok := o.folders[name]; !ok && !o.emptied(name) {
		return o.FS.Open(name)
	}
	entries, err := o.ReadDir(name)
	if err != nil {
		return nil, err
	}
	f := &laidFolder{stat{path.Base(name), 0, fs.ModeDir | 0o755}, entries}
	if info, err := fs.Stat(o.FS, name); err == nil {
		f.FileInfo = info
	}
	return f, nil
}

// emptied tells whether a file of a folder is gone.
func (o *Overlay) emptied(folder string) bool {
	for file := range o.gone {
		if path.Dir(file) == folder {
			return true
		}
	}
	return false
}

// ReadDir implements [fs.ReadDirFS].
func (o *Overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	over, ok := o.folders[name]
	if err != nil && (!ok || !errors.Is(err, fs.ErrNotExist)) || !ok && !o.emptied(name) {
		return entries, err
	}
	entries = slices.DeleteFunc(slices.Clone(entries), func(e fs.DirEntry) bool {
		file := path.Join(name, e.Name())
		_, replaced := o.files[file]
		return o.gone[file] || replaced
	})
	for _, base := range slices.Sorted(maps.Keys(over)) {
		if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == base }) {
			continue
		}
		s := stat{base, int64(len(o.files[path.Join(name, base)])), 0o644}
		if over[base] {
			s.mode = fs.ModeDir | 0o755
		}
		entries = append(entries, fs.FileInfoToDirEntry(s))
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// Lstat implements [fs.ReadLinkFS], so that a link below stays one.
func (o *Overlay) Lstat(name string) (fs.FileInfo, error) {
	_, ours := o.files[name]
	if info, err := fs.Lstat(o.FS, name); err == nil && (!ours || info.Mode()&fs.ModeSymlink != 0) && !o.gone[name] {
		return info, nil
	}
	f, err := o.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Stat()
}

// ReadLink implements [fs.ReadLinkFS].
func (o *Overlay) ReadLink(name string) (string, error) { return fs.ReadLink(o.FS, name) }

// laid is a file of the overlay, open.
type laid struct {
	stat
	*bytes.Reader
}

func (l *laid) Stat() (fs.FileInfo, error) { return l.stat, nil }
func (l *laid) Size() int64                { return l.stat.Size() }
func (l *laid) Close() error               { return nil }

// laidFolder is a folder with files of the overlay somewhere in it, open.
type laidFolder struct {
	fs.FileInfo
	left []fs.DirEntry
}

func (l *laidFolder) Stat() (fs.FileInfo, error) { return l.FileInfo, nil }
func (l *laidFolder) Read([]byte) (int, error)   { return 0, fs.ErrInvalid }
func (l *laidFolder) Close() error               { return nil }

// ReadDir implements [fs.ReadDirFile].
func (l *laidFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	some := l.left
	if n > 0 {
		if some = some[:min(n, len(some))]; len(some) == 0 {
			return nil, io.EOF
		}
	}
	l.left = l.left[len(some):]
	return some, nil
}

// stat is what is known of it.
type stat struct {
	name string
	size int64
	mode fs.FileMode
}

func (s stat) Name() string       { return s.name }
func (s stat) Size() int64        { return s.size }
func (s stat) Mode() fs.FileMode  { return s.mode }
func (s stat) ModTime() time.Time { return time.Time{} }
func (s stat) IsDir() bool        { return s.mode.IsDir() }
func (s stat) Sys() any           { return nil }
