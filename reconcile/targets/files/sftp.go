package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path"
	"sync"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/behorig/behorig/reconcile"
)

// remote is a folder of an SFTP server. It connects when first used and again after a connection was lost. Calls are made one at a time, each
// piece of one within the timeout.
type remote struct {
	addr    string
	config  *ssh.ClientConfig
	known   knownKeys
	folder  string
	timeout time.Duration

	mu     sync.Mutex
	conn   net.Conn
	client *sftp.Client
}

// call is one call under way: beat says that it gets on.
type call struct {
	*sftp.Client
	beat func()
}

// do makes a call on name. An error of the connection is passing, and the next call connects anew.
func (r *remote) do(ctx context.Context, name string, f func(c call, at string) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.client == nil {
		if err := r.connect(ctx); err != nil {
			return err
		}
	}
	conn := r.conn
	slow := time.AfterFunc(r.timeout, func() { _ = conn.Close() })
	defer slow.Stop()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	at := name
	if r.folder != "" {
		at = path.Join(r.folder, name)
	}
	err := f(call{r.client, func() { slow.Reset(r.timeout) }}, at)
	var status *sftp.StatusError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrExist), errors.Is(err, errTooLarge), errors.As(err, &status):
		return fmt.Errorf("%s: %w", name, err)
	}
	r.drop()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &reconcile.Transient{Err: fmt.Errorf("%s: the connection to %s was lost: %w", name, r.addr, err)}
}

// drop lets go of the connection.
func (r *remote) drop() {
	if r.conn != nil {
		_ = r.conn.Close()
		_ = r.client.Close()
	}
	r.conn, r.client = nil, nil
}

func (r *remote) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop()
	return nil
}

func (r *remote) stat(ctx context.Context, name string) (got info, err error) {
	err = r.do(ctx, name, func(c call, at string) error {
		i, err := c.Lstat(at)
		if err == nil {
			got = infoOf(name, i)
		}
		return err
	})
	return got, err
}

func (r *remote) list(ctx context.Context, dir string) (all []info, err error) {
	err = r.do(ctx, dir, func(c call, at string) error {
		entries, err := c.ReadDir(at)
		for _, i := range entries {
			if i.Mode().IsRegular() || i.IsDir() {
				all = append(all, infoOf(path.Join(dir, i.Name()), i))
			}
		}
		return err
	})
	return all, err
}

// piece is how much is written or read before the timeout begins anew, bytes.
const piece = 32 << 10

func (r *remote) read(ctx context.Context, name string) (raw []byte, err error) {
	err = r.do(ctx, name, func(c call, at string) error {
		raw = nil
		f, err := c.Open(at)
		if err != nil {
			return err
		}
		defer f.Close()
		i, err := f.Stat()
		if err != nil {
			return err
		}
		for buffer := make([]byte, piece); ; {
			n, err := f.Read(buffer)
			raw = append(raw, buffer[:n]...)
			c.beat()
			switch {
			case len(raw) > maxFile:
				return errTooLarge
			case errors.Is(err, io.EOF) && int64(len(raw)) < i.Size():
				return io.ErrUnexpectedEOF
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return err
			}
		}
	})
	return raw, err
}

func (r *remote) write(ctx context.Context, name string, content []byte) error {
	return r.put(ctx, name, os.O_TRUNC, content)
}

func (r *remote) create(ctx context.Context, name string) error {
	err := r.put(ctx, name, os.O_EXCL, nil)
	return r.taken(ctx, name, err)
}

func (r *remote) put(ctx context.Context, name string, flag int, content []byte) error {
	return r.do(ctx, name, func(c call, at string) error {
		f, err := c.OpenFile(at, os.O_WRONLY|os.O_CREATE|flag)
		if err != nil {
			return err
		}
		for rest := content; len(rest) > 0; c.beat() {
			n, err := f.Write(rest[:min(piece, len(rest))])
			if err != nil {
				_ = f.Close()
				return err
			}
			rest = rest[n:]
		}
		if _, ok := c.HasExtension("fsync@openssh.com"); ok {
			err = f.Sync()
		}
		if shut := f.Close(); err == nil {
			err = shut
		}
		return err
	})
}

// rename is the protocol's own, which fails where the name is taken; posix-rename@openssh.com would overwrite.
func (r *remote) rename(ctx context.Context, from, to string) error {
	err := r.do(ctx, from, func(c call, at string) error {
		target := to
		if r.folder != "" {
			target = path.Join(r.folder, to)
		}
		return c.Rename(at, target)
	})
	return r.taken(ctx, to, err)
}

// taken tells whether a call failed because a name is taken, which the protocol has no word for.
func (r *remote) taken(ctx context.Context, name string, err error) error {
	var status *sftp.StatusError
	if !errors.As(err, &status) {
		return err
	}
	if _, there := r.stat(ctx, name); there == nil {
		return fmt.Errorf("%s: %w", name, fs.ErrExist)
	}
	return err
}

func (r *remote) remove(ctx context.Context, name string) error {
	return r.do(ctx, name, func(c call, at string) error { return c.Remove(at) })
}

// writable goes by the folder's mode alone: the protocol does not tell who we are there.
func (r *remote) writable(ctx context.Context, dir string) (yes, known bool) {
	_ = r.do(ctx, dir, func(c call, at string) error {
		i, err := c.Stat(at)
		if err != nil {
			return err
		}
		mode := i.Mode().Perm()
		yes = mode&0o002 != 0
		known = yes || mode&0o222 == 0
		return nil
	})
	return yes, known
}
