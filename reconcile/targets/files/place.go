package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"
	"unicode"
)

// place is where files are exchanged. Names are relative to it, parted by /, and can name nothing outside it. What is not there is fs.ErrNotExist. An
// error says which name; it is [reconcile.Transient] where the connection failed.
type place interface {
	stat(ctx context.Context, name string) (info, error)
	list(ctx context.Context, dir string) ([]info, error)
	read(ctx context.Context, name string) ([]byte, error)
	// write writes a file anew, whatever was there, and returns when it is on the disk there.
	write(ctx context.Context, name string, content []byte) error
	// create writes a file that is not there yet; fs.ErrExist if it is.
	create(ctx context.Context, name string) error
	// rename moves a file to a name that nothing has; fs.ErrExist if something has it. It never overwrites.
	rename(ctx context.Context, from, to string) error
	remove(ctx context.Context, name string) error
	// writable tells whether a folder's permissions let us write; known is false where they do not tell.
	writable(ctx context.Context, dir string) (yes, known bool)
	close() error
}

// info is what a place tells of a file.
type info struct {
	name     string // below the place
	size     int64
	modified time.Time
	dir      bool
}

// maxFile is the largest file that is read, bytes.
const maxFile = 64 << 20

var errTooLarge = fmt.Errorf("it is larger than %d MB", maxFile>>20)

// confined is a name below a place, or an error: no folder above, no absolute name, nothing hidden in it.
func confined(name string) error {
	switch {
	case !fs.ValidPath(name) || name == ".":
		return errors.New("a name is relative to the folder, without .., ., // and a slash at either end")
	case strings.ContainsFunc(name, func(r rune) bool { return r == '\\' || r == ':' || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }):
		return errors.New(`a name holds no \, no : and no hidden character`)
	}
	return nil
}

// find lists what a pattern names: one file, or those that * in its last part lets in, oldest first.
func find(ctx context.Context, p place, pattern string) ([]info, error) {
	if !strings.Contains(pattern, "*") {
		i, err := p.stat(ctx, pattern)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err != nil || i.dir {
			return nil, err
		}
		return []info{i}, nil
	}
	dir, base := path.Split(pattern)
	all, err := p.list(ctx, path.Clean(dir))
	if err != nil {
		return nil, err
	}
	base = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `?`, `\?`).Replace(base)
	var found []info
	for _, i := range all {
		if ok, _ := path.Match(base, path.Base(i.name)); ok && !i.dir && confined(i.name) == nil {
			found = append(found, i)
		}
	}
	sortInfos(found)
	return found, nil
}
