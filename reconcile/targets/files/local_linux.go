package files

import (
	"context"
	"errors"
	"path"

	"golang.org/x/sys/unix"
)

// move renames in one step and never overwrites (renameat2, RENAME_NOREPLACE).
func (l *local) move(from, to string) error {
	a, err := l.root.Open(path.Dir(from))
	if err != nil {
		return err
	}
	defer a.Close()
	b, err := l.root.Open(path.Dir(to))
	if err != nil {
		return err
	}
	defer b.Close()
	err = unix.Renameat2(int(a.Fd()), path.Base(from), int(b.Fd()), path.Base(to), unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) {
		return l.link(from, to)
	}
	return err
}

func (l *local) writable(_ context.Context, dir string) (yes, known bool) {
	d, err := l.root.Open(dir)
	if err != nil {
		return false, false
	}
	defer d.Close()
	return unix.Faccessat(int(d.Fd()), ".", unix.W_OK|unix.X_OK, 0) == nil, true
}
