package main

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

// overlay is a file tree with files laid over it that are not written yet. None of them is there in the tree below.
type overlay struct {
	fs.FS
	files   map[string][]byte
	folders map[string]map[string]bool // names in each folder above the files; true: a folder
}

func newOverlay(below fs.FS) *overlay {
	return &overlay{below, map[string][]byte{}, map[string]map[string]bool{}}
}

func (o *overlay) add(file string, raw []byte) {
	o.files[file] = raw
	for name, folder := file, false; name != "."; name, folder = path.Dir(name), true {
		dir := path.Dir(name)
		if o.folders[dir] == nil {
			o.folders[dir] = map[string]bool{}
		}
		o.folders[dir][path.Base(name)] = folder
	}
}

// Open implements [fs.FS].
func (o *overlay) Open(name string) (fs.File, error) {
	if raw, ok := o.files[name]; ok {
		return &laid{stat{path.Base(name), int64(len(raw)), 0o644}, bytes.NewReader(raw)}, nil
	}
	if _, ok := o.folders[name]; !ok {
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

// ReadDir implements [fs.ReadDirFS].
func (o *overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	over, ok := o.folders[name]
	if !ok || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return entries, err
	}
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

// Lstat and ReadLink implement [fs.ReadLinkFS], so that a link below stays one.
func (o *overlay) Lstat(name string) (fs.FileInfo, error) {
	if info, err := fs.Lstat(o.FS, name); err == nil {
		return info, nil
	}
	f, err := o.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Stat()
}

func (o *overlay) ReadLink(name string) (string, error) { return fs.ReadLink(o.FS, name) }

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
