package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// fileLock is a file that the system has locked for this process: it lets go when the process ends, however that is.
type fileLock struct{ *flock.Flock }

func holdFile(ctx context.Context, dir, name string, wait time.Duration) (fileLock, error) {
	path := filepath.Join(dir, "locks", fileName(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fileLock{}, err
	}
	waiting, stop := context.WithTimeout(ctx, wait)
	defer stop()
	for {
		f := fileLock{flock.New(path, flock.SetPermissions(0o600))}
		got, err := f.TryLock()
		switch {
		case err != nil:
			return fileLock{}, errors.Join(err, f.Close())
		case got && f.same():
			return f, nil
		}
		if err := f.Close(); err != nil { // another holds it, or removed the file just now
			return fileLock{}, err
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-waiting.Done():
			if ctx.Err() != nil {
				return fileLock{}, ctx.Err()
			}
			return fileLock{}, ErrLocked
		}
	}
}

// same tells whether the file that is locked is that which the next one would lock.
func (f fileLock) same() bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(f.Path())
	return err == nil && os.SameFile(mine, there)
}

func (f fileLock) watch(ctx context.Context) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if !f.same() {
				return fmt.Errorf("%s was removed", f.Path())
			}
		}
	}
}

// free leaves the file: whoever removed it could remove one that another has just locked.
func (f fileLock) free() error { return f.Close() }

// fileName is a name as a file's: what is not a to z, a digit, hyphen, underscore or full stop within is %XX.
func fileName(name string) string {
	var b strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z' || digit(c) || c == '-' || c == '_' || c == '.' && i > 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	if s := b.String(); s != "" && len(s) <= 150 && !strings.HasSuffix(s, ".") {
		return s + ".lock"
	}
	sum := sha256.Sum256([]byte(name))
	return "%" + hex.EncodeToString(sum[:]) + ".lock"
}
