package schedule

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/schema"
)

// The ledger keeps a copy of the last good catalogue, for the day when the branch has been rewritten and the mirror is lost: what is over can be taken away by
// it. People are not in it. It is a zip file in base64, whose comment is the revision and the name of the targets' file.
const (
	factCatalogue = "catalogue"
	factCopied    = "catalogue-of" // the revision, and the file of targets, that was last to be copied
)

// largest is how long a copy may be, in base64; what is larger is not kept.
const largest = 4 << 20

// keep copies the catalogue of a revision, once.
func keep(ctx context.Context, l *ledger.Ledger, r *loaded) error {
	of := r.revision + " " + r.Org.Targets.Path
	if last, err := l.Fact(ctx, factCopied); err != nil || last == of {
		return err
	}
	text, err := packed(r.Org.Files(), of, "behorig.yaml", r.Org.Targets.Path, "units", "systems", "packages", "policies")
	if err != nil {
		return nil // it is tried again at the next look; what can be read now is used
	}
	if len(text) <= largest {
		if err := l.SetFact(ctx, factCatalogue, text); err != nil {
			return err
		}
	}
	return l.SetFact(ctx, factCopied, of)
}

// packed is some files and folders of a tree in one text.
func packed(files fs.FS, comment string, names ...string) (string, error) {
	var raw bytes.Buffer
	w := zip.NewWriter(&raw)
	for _, name := range names {
		err := fs.WalkDir(files, name, func(path string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil
			case err != nil || !d.Type().IsRegular():
				return err
			}
			text, err := fs.ReadFile(files, path)
			if err != nil {
				return err
			}
			f, err := w.Create(path)
			if err != nil {
				return err
			}
			_, err = f.Write(text)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	if err := cmp.Or(w.SetComment(comment), w.Close()); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(raw.Bytes()), nil
}

// restored is the catalogue that the ledger keeps, as a revision without people.
func restored(ctx context.Context, l *ledger.Ledger, now time.Time) (*loaded, error) {
	text, err := l.Fact(ctx, factCatalogue)
	if err != nil {
		return nil, err
	}
	if text == "" {
		return nil, errors.New("the ledger keeps no copy of a catalogue")
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("the ledger's copy of the catalogue: %w", err)
	}
	files, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("the ledger's copy of the catalogue: %w", err)
	}
	revision, targets, _ := strings.Cut(files.Comment, " ")
	// The label is another than the commit's, so that all is due when it can be read again.
	r := &loaded{revision: revision}
	if r.Revision, err = pass.Read(ctx, files, targets, revision, revision+"+catalogue"); err != nil {
		return nil, fmt.Errorf("the ledger's copy of the catalogue: %w", err)
	}
	r.on, r.compiled = schema.Today(now, r.Zone()), true
	return r, nil
}
