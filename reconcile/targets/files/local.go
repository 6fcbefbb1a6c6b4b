package files

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
)

// local is a folder of this machine. Links cannot lead out of it (os.Root).
type local struct{ root *os.Root }

func openLocal(folder string) (*local, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("folder: %w", err)
	}
	return &local{root}, nil
}

func (l *local) close() error { return l.root.Close() }

func (l *local) stat(ctx context.Context, name string) (info, error) {
	if err := ctx.Err(); err != nil {
		return info{}, err
	}
	i, err := l.root.Lstat(name)
	if err != nil {
		return info{}, err
	}
	return infoOf(name, i), nil
}

func infoOf(name string, i fs.FileInfo) info { return info{name, i.Size(), i.ModTime(), i.IsDir()} }

func sortInfos(all []info) {
	slices.SortFunc(all, func(a, b info) int { return cmp.Or(a.modified.Compare(b.modified), cmp.Compare(a.name, b.name)) })
}

func (l *local) list(ctx context.Context, dir string) ([]info, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d, err := l.root.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	entries, err := d.Readdir(-1)
	if err != nil {
		return nil, err
	}
	var all []info
	for _, i := range entries {
		if i.Mode().IsRegular() || i.IsDir() {
			all = append(all, infoOf(path.Join(dir, i.Name()), i))
		}
	}
	return all, nil
}

func (l *local) read(ctx context.Context, name string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := l.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(raw) > maxFile {
		err = fmt.Errorf("%s: %w", name, errTooLarge)
	}
	return raw, err
}

func (l *local) write(ctx context.Context, name string, content []byte) error {
	return l.put(ctx, name, os.O_TRUNC, content)
}

func (l *local) create(ctx context.Context, name string) error {
	return l.put(ctx, name, os.O_EXCL, nil)
}

func (l *local) put(ctx context.Context, name string, flag int, content []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f, err := l.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|flag, 0o640)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}

// rename moves and then brings the folder to the disk.
func (l *local) rename(ctx context.Context, from, to string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := l.move(from, to); err != nil {
		return fmt.Errorf("%s to %s: %w", from, to, err)
	}
	d, err := l.root.Open(path.Dir(to))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// link moves by a second name, for a file system that cannot rename without overwriting.
func (l *local) link(from, to string) error {
	if err := l.root.Link(from, to); err != nil {
		return err
	}
	return l.root.Remove(from)
}

func (l *local) remove(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return l.root.Remove(name)
}
