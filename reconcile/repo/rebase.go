package repo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"golang.org/x/crypto/ssh"
)

// ErrForeign tells that a commit was not made with this portal's key, or that somebody has pushed more to its branch. It must not be signed anew: whoever
// can push a branch could so have the portal sign in another's name. Nor may what was merged before, or is too old to be merged.
var ErrForeign = errors.New("it was not made here with this key, somebody has added to it, or its time is past; order anew")

// Rebase makes an order anew on another commit, in full, as the same person's, with its files merged by lines; "" means the branch's newest. What cannot be
// merged is told by path, sorted, and then there is no commit. How the result reads is to be judged as any order is: that lines merge does not make it right.
// The error is [ErrForeign], or [ErrNothing] if all that it changes is there already.
func (m *Mirror) Rebase(ctx context.Context, p Proposed, onto string, key ssh.Signer, when time.Time) (commit string, conflict []string, err error) {
	if key == nil {
		return "", nil, errors.New("an order is signed with the portal's key; name one")
	}
	c, err := object.GetCommit(m.store, plumbing.NewHash(p.Commit))
	if err != nil {
		return "", nil, fmt.Errorf("%s: the order %s is not here; fetch first", m.place.shown, p.Commit)
	}
	one := Commit{Hash: p.Commit, Message: c.Message, commit: c, repo: m.repo}
	if _, err := one.Signer(nil, []string{string(ssh.MarshalAuthorizedKey(key.PublicKey()))}); err != nil || p.Commits > 1 {
		return "", nil, errors.Join(ErrForeign, err)
	}
	if onto == "" {
		onto = m.at().String()
	}
	was, err := m.repo.At(c.ParentHashes[0].String())
	if err != nil {
		return "", nil, err
	}
	now, err := m.repo.At(onto)
	if err != nil {
		return "", nil, err
	}
	mine, err := m.repo.At(p.Commit)
	if err != nil {
		return "", nil, err
	}
	paths, err := m.repo.own(c)
	if err != nil {
		return "", nil, err
	}
	files := map[string][]byte{}
	for _, name := range paths {
		if err := ctx.Err(); err != nil {
			return "", nil, err
		}
		sides := [3]*string{}
		for i, tree := range []*Tree{was, now, mine} {
			if sides[i], err = content(tree, name); err != nil {
				return "", nil, err
			}
		}
		text, changed, ok := mergeFile(sides[0], sides[1], sides[2])
		switch {
		case !ok:
			conflict = append(conflict, name)
		case changed && text == nil:
			files[name] = nil
		case changed:
			files[name] = []byte(*text)
		}
	}
	if len(conflict) > 0 {
		return "", conflict, nil
	}
	// What was reverted, or closed long ago, and is pushed again would be made new.
	if len(files) > 0 {
		tip, err := object.GetCommit(m.store, plumbing.NewHash(onto))
		if err != nil {
			return "", nil, m.place.fault(ctx, err)
		}
		if by := judge(tip, []Commit{one}, nil, []string{string(ssh.MarshalAuthorizedKey(key.PublicKey()))}, when)[0]; by.Why != nil {
			return "", nil, errors.Join(ErrForeign, by.Why)
		}
	}
	commit, err = m.Commit(ctx, Proposal{Base: onto, Files: files, Author: c.Author.Name, Email: c.Author.Email, Message: c.Message, When: when, Key: key})
	return commit, nil, err
}

// content is a file of a tree, nil if it is not there.
func content(t *Tree, name string) (*string, error) {
	f, err := t.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(&limited{f, maxObject})
	text := string(raw)
	return &text, err
}

// mergeFile merges a file that may be missing (nil) on each side. changed tells whether ours does not read so already.
func mergeFile(base, ours, theirs *string) (text *string, changed, ok bool) {
	same := func(a, b *string) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }
	switch {
	case same(ours, theirs), same(base, theirs):
		return ours, false, true
	case same(base, ours):
		return theirs, true, true
	case base == nil || ours == nil || theirs == nil:
		return nil, false, false
	}
	merged, ok := merge3(*base, *ours, *theirs)
	return &merged, ok && merged != *ours, ok
}
