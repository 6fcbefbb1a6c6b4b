package repo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// InGit tells whether the repository is in git, rather than a plain folder.
func (r *Repo) InGit() bool { return r.git != nil }

// Newest is the newest revision: the commit of HEAD or, of a plain folder, a fingerprint of its files by name, size and time.
func (r *Repo) Newest() (string, error) {
	if r.git != nil {
		head, err := r.git.ResolveRevision(plumbing.Revision("HEAD"))
		if err != nil {
			return "", fmt.Errorf("%s: there is no commit yet: %w", r.dir, err)
		}
		return head.String(), nil
	}
	h := sha256.New()
	err := filepath.WalkDir(r.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != r.dir && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if d.IsDir() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "%q %d %d\n", path, info.Size(), info.ModTime().UnixNano())
		return nil
	})
	if err != nil {
		return "", err
	}
	return folder + hex.EncodeToString(h.Sum(nil)[:10]), nil
}

// folder begins the revisions of a plain folder.
const folder = "folder-"

// Revision is the files of a revision that [Repo.Newest] told. Of a plain folder only those that lie there now can be had.
func (r *Repo) Revision(revision string) (*Tree, error) {
	if r.git != nil {
		return r.At(revision)
	}
	now, err := r.Newest()
	if err != nil {
		return nil, err
	}
	if now != revision {
		return nil, fmt.Errorf("%s: the files of %s are not there any more; keep the repository in git", r.dir, revision)
	}
	t, err := r.At("")
	if err == nil {
		t.Label = revision
	}
	return t, err
}
