// Package demo makes of an example's files what the managers' pages need to be tried: a git repository that nobody else has, a key of theirs, and people to be.
// It is for a trial on one's own machine and for tests, and writes nowhere but in the folder that it is given. It needs no git program.
package demo

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/schema"
)

// World is a repository to try the pages on.
type World struct {
	Dir   string     // of the bare repository
	State string     // folder of the tool's own state
	Key   ssh.Signer // of the pages; the repository trusts it
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
	if files["behorig.yaml"], err = with(files["behorig.yaml"], "portal: {keys: [\""+line+"\"]}", schema.Edit{Path: "portal/keys/-", Value: line}); err != nil {
		return nil, fmt.Errorf("behorig.yaml: %w", err)
	}
	// Whoever tries the pages wants to see what becomes of an order: each system is looked at again after some seconds.
	if files["targets.yaml"] != nil {
		files["targets.yaml"], err = with(files["targets.yaml"], "schedule: {every: 15s, jitter: 1s}", schema.Edit{Path: "schedule/every", Value: "15s"}, schema.Edit{Path: "schedule/jitter", Value: "1s"})
		if err != nil {
			return nil, fmt.Errorf("targets.yaml: %w", err)
		}
	}
	w := &World{Dir: filepath.Join(dir, "access.git"), State: filepath.Join(dir, "state"), Key: key}
	if err := os.MkdirAll(w.State, 0o700); err != nil {
		return nil, err
	}
	return w, repo.Create(w.Dir, files, now)
}

// Merge makes a commit the newest of main, as a forge does when somebody merges. It must be there, and stand on what is the newest now.
func (w *World) Merge(_ context.Context, commit string) error {
	return repo.Merge(w.Dir, commit)
}

// with makes edits in a file, and where it has not the mapping that they are in, adds the line that says the same.
func with(raw []byte, line string, edits ...schema.Edit) ([]byte, error) {
	out, err := schema.Alter(raw, edits...)
	if errors.Is(err, schema.ErrEditPath) {
		return append(append(bytes.TrimRight(raw, "\n"), '\n'), line+"\n"...), nil
	}
	return out, err
}
