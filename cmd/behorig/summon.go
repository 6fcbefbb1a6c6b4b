package main

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/store"
)

// served makes a command that is told where run keeps its state, and of no repository, one on what run fetched: its last good commit, since the newest in the
// mirror may be one that was refused.
func (f *flags) served(c *cobra.Command, w *world) error {
	mirror := filepath.Join(f.state, "mirror.git")
	if _, err := os.Stat(mirror); f.state == "" || err != nil || c.Flags().Changed("repo") {
		return nil
	}
	f.repo = mirror
	if f.rev != "" {
		return nil
	}
	place, err := placeOf(c.Context(), w, f.state, f.repository)
	if err != nil {
		return broke(err)
	}
	l, err := ledger.OpenReadOnly(c.Context(), place)
	if err != nil {
		return broke(err)
	}
	defer l.Close()
	if f.rev, err = l.Good(c.Context()); err == nil && f.rev == "" {
		err = fmt.Errorf("%s: no commit of it has been found good yet, so none is used; let run accept one, or name the files with --repo", mirror)
	}
	return broke(err)
}

// summon opens what an emergency needs: the repository or, where its files cannot be opened at all, which why tells, at least the ledger.
func (f *flags) summon(c *cobra.Command, w *world) (s *session, why, err error) {
	if why = f.served(c, w); why == nil {
		if s, why = f.open(c.Context(), w); s != nil {
			return s, why, nil
		}
	}
	var e *exit
	if errors.As(why, &e) {
		why = e.err // the exit code is another command's
	}
	s, err = f.bare(c.Context(), w, why)
	return s, why, err
}

// bare is a session on no files, whose repository is nil unless other revisions can be read of it. A ledger must be there: in a new one the order would be
// in force for nobody.
func (f *flags) bare(ctx context.Context, w *world, why error) (*session, error) {
	s, err := f.reach(w)
	if err != nil {
		if _, gone := repo.Open(f.repo); gone == nil || gone.Error() != err.Error() {
			return nil, err // of another flag
		}
		s = &session{flags: f, w: w, now: w.now}
		if strings.Contains(f.at, "T") {
			if s.now, err = clockFrom(f.at, w.now); err != nil {
				return nil, err
			}
		}
		s.state = cmp.Or(s.state, filepath.Join(f.repo, ".behorig"))
	}
	if s.place, err = placeOf(ctx, w, s.state, s.repository); err != nil {
		return nil, broke(err)
	}
	there, err := store.Names(ctx, s.place)
	if err != nil {
		return nil, broke(err)
	}
	if !slices.Contains(there, "ledger") {
		return nil, broke(fmt.Errorf("%w; and there is no ledger in %s, so nothing is ordered: say with --state where run keeps its state", why, s.place))
	}
	s.tree = &repo.Tree{FS: embed.FS{}}
	_ = s.read(ctx) // that the files are missing is known
	return s, nil
}
