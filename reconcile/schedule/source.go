package schedule

import (
	"context"
	"fmt"

	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/schema"
)

// Source is where the revisions of an access repository come from.
type Source interface {
	// Tip is the newest revision. It is asked often, and must be cheap.
	Tip(ctx context.Context) (string, error)
	// At is the files of a revision, fetched if they are not here.
	At(ctx context.Context, revision string) (*repo.Tree, error)
	// Follows refuses a revision that may not come after another ("": the first), by the settings of the last good one.
	Follows(ctx context.Context, from, to string, trust *schema.Org) error
}

// Remote is a source that is fetched from elsewhere into a mirror of its own.
type Remote struct{ *repo.Mirror }

// At implements [Source].
func (r Remote) At(ctx context.Context, revision string) (*repo.Tree, error) {
	if !r.Has(revision) {
		if _, err := r.Fetch(ctx); err != nil {
			return nil, err
		}
	}
	return r.Repo().At(revision)
}

// Follows implements [Source].
func (r Remote) Follows(ctx context.Context, from, to string, trust *schema.Org) error {
	if !r.Has(to) {
		if _, err := r.Fetch(ctx); err != nil {
			return err
		}
	}
	return follows(r.Repo(), from, to, trust)
}

// follows refuses what does not stand on the last accepted commit, or is not signed as the last good one demands.
func follows(r *repo.Repo, from, to string, trust *schema.Org) error {
	a, err := r.Advance(from, to, repo.Signing(trust.Commits.Signed), trust.Signers, trust.Portal.Keys)
	if err != nil {
		return err
	}
	if lacking := a.Lacking(); len(lacking) > 0 {
		return fmt.Errorf("%d of %d new commits are not signed by anybody who may, %s first: %w", len(lacking), len(a.Added), short(lacking[0].Hash), lacking[0].Why)
	}
	return nil
}

// Folder is a source that somebody else keeps up to date: a clone, whose newest commit counts, or a plain folder, whose files do as they lie.
type Folder struct{ *repo.Repo }

// Tip implements [Source].
func (f Folder) Tip(context.Context) (string, error) { return f.Newest() }

// At implements [Source].
func (f Folder) At(_ context.Context, revision string) (*repo.Tree, error) {
	return f.Revision(revision)
}

// Follows implements [Source]. Of a plain folder there is nothing to follow.
func (f Folder) Follows(_ context.Context, from, to string, trust *schema.Org) error {
	if !f.InGit() {
		return nil
	}
	return follows(f.Repo, from, to, trust)
}
