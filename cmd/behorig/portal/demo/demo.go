package demo

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/behorig/behorig/schema"
)

// World is a repository to try the pages on.
type World struct {
	Dir   string     // of the bare repository
	State string     // folder of the tool's own state
	Key   ssh.Signer // of the pages; the repository trusts it
	bare  *bare
}

// Make makes a world of an example's files, in a folder that is there and empty.
func Make(from fs.FS, dir string, now time.Time) (*World, error) {
	files, err := read(from)
	if err != nil {
		return nil, err
	}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	key, err := ssh.NewSignerFromKey(private)
	if err != nil {
		return nil, err
	}
	line := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key.PublicKey())))
	if files["behorig.yaml"], err = schema.Alter(files["behorig.yaml"], schema.Edit{Path: "portal/keys/-", Value: line}); err != nil {
		return nil, fmt.Errorf("behorig.yaml: %w", err)
	}
	w := &World{Dir: filepath.Join(dir, "access.git"), State: filepath.Join(dir, "state"), Key: key}
	if err := os.MkdirAll(w.State, 0o700); err != nil {
		return nil, err
	}
	w.bare, err = makeBare(w.Dir, files, now)
	return w, err
}

// Merge makes a commit the newest of main, as a forge does when somebody merges. It must be there, and stand on what is the newest now.
func (w *World) Merge(_ context.Context, commit string) error {
	if len(commit) != 40 || strings.Trim(commit, "0123456789abcdef") != "" {
		return fmt.Errorf("%s is no commit", schema.Quote(commit))
	}
	return w.bare.point(commit)
}
