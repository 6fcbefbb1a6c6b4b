package repo

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// ErrRewound tells that a branch has left the commit that was last accepted: somebody pushed over it.
var ErrRewound = errors.New("the branch no longer holds the commit that was last accepted")

// Signing is which commits must be signed.
type Signing string

// What an organisation may demand.
const (
	SignNone Signing = "none"
	SignTip  Signing = "tip" // the newest
	SignAll  Signing = "all" // every one that was added, merges too
)

// Advance is how a branch went from one commit to another.
type Advance struct {
	From, To string
	Added    []Added // oldest first
}

// Added is a commit that a branch got.
type Added struct {
	Hash    string
	Subject string // first line of its message
	Signer  string // whose key signed it, "" if Why says why none
	Why     error  // [ErrUnsigned], [ErrUnknownKey] or [ErrBadSigned]
	Lacks   bool   // it must be signed, and is not
}

// Lacking are the commits that must be signed, and are not by any of the signers.
func (a *Advance) Lacking() []Added {
	return slices.DeleteFunc(slices.Clone(a.Added), func(c Added) bool { return !c.Lacks })
}

// Advance tells what a branch got between the commit that was last accepted and its newest, both in full. The error is [ErrRewound] if the former is
// not among what the latter stands on, or is not here at all. signers and portals (see [Commit.Signer]) are those of from, so that nobody adds a key with
// the very push that it signs. What was merged before from stands for nobody a second time ([ErrMergedBefore]). How old an order was when it was merged is
// for whoever merges to judge ([Range.Signed]): here nothing tells when that was.
// With from "", the first time, the commit to alone is looked at: whether to trust it is the caller's to say. What is read grows with what was added,
// not with the history.
func (r *Repo) Advance(from, to string, require Signing, signers map[string][]string, portals []string) (*Advance, error) {
	if r.git == nil {
		return nil, fmt.Errorf("%s: not in git, so it has no commits", r.dir)
	}
	if require != SignNone && require != SignTip && require != SignAll {
		return nil, fmt.Errorf("%q: commits are to be signed none, tip or all", require)
	}
	tip, err := r.git.CommitObject(plumbing.NewHash(to))
	if err != nil {
		return nil, fmt.Errorf("%s: the commit %s is not here; fetch it", r.dir, to)
	}
	var added []*object.Commit
	var base *object.Commit
	switch {
	case from == "":
		added = []*object.Commit{tip}
	case from != to:
		last, err := r.git.CommitObject(plumbing.NewHash(from))
		if errors.Is(err, plumbing.ErrObjectNotFound) {
			return nil, fmt.Errorf("%s: %w", from, ErrRewound)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", r.dir, from, err)
		}
		only, forks, err := walk(last, tip)
		if err != nil {
			return nil, fmt.Errorf("%s: %s and %s: %w", r.dir, from, to, err)
		}
		if !slices.ContainsFunc(forks, func(c *object.Commit) bool { return c.Hash == last.Hash }) {
			return nil, fmt.Errorf("%s: %w", from, ErrRewound)
		}
		slices.Reverse(only)
		added, base = only, last
	}
	a := &Advance{From: from, To: to}
	commits := make([]Commit, len(added))
	for i, c := range added {
		commits[i] = Commit{Hash: c.Hash.String(), Message: c.Message, commit: c, repo: r}
	}
	for i, by := range judge(base, commits, signers, portals, time.Time{}) {
		one := commits[i]
		must := require == SignAll || require == SignTip && one.commit.Hash == tip.Hash
		a.Added = append(a.Added, Added{one.Hash, one.subject(), by.Signer, by.Why, must && by.Why != nil})
	}
	return a, nil
}
