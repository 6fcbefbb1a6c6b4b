package repo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
	"unicode"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/memory"
	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"github.com/behorig/behorig/schema"
)

// ErrNothing tells that a commit would change nothing: the files read so already.
var ErrNothing = errors.New("it changes nothing: the files read so already")

// Proposal is a commit that the managers' pages are to make for somebody.
type Proposal struct {
	Base    string            // the commit that it stands on, in full; "": the branch's newest
	Files   map[string][]byte // by path in the access repository, people/**/*.yaml and units/**/*.yaml alone; nil: the file goes
	Author  string            // name of who orders; as the repository keeps it for ever, a key will do
	Email   string            // the author's; "": none
	Message string            // as [Trailers.Message] writes it
	When    time.Time
	Key     ssh.Signer // the portal's
}

// What a proposal may hold.
const (
	maxFile  = 1 << 20 // bytes
	maxFiles = 5000
)

// committer is who makes the commits. The address is of nobody (RFC 2606).
var committer = object.Signature{Name: "Behörig", Email: "behorig@portal.invalid"}

// Commit makes a signed commit in the mirror, on no branch: see [Mirror.Push]. It is there whole or not at all. The error is [ErrNothing] if it would
// change nothing.
func (m *Mirror) Commit(ctx context.Context, p Proposal) (string, error) {
	if p.Key == nil {
		return "", errors.New("an order is signed with the portal's key; name one")
	}
	if _, err := ParseTrailers(p.Message); err != nil {
		return "", err
	}
	if err := p.check(); err != nil {
		return "", err
	}
	from := plumbing.NewHash(p.Base)
	if p.Base == "" {
		from = m.at()
	}
	base, err := object.GetCommit(m.store, from)
	if err != nil {
		return "", fmt.Errorf("%s: the commit %s that the order stands on is not here; fetch first", m.place.shown, from)
	}
	g := &graft{from: m.store, to: memory.NewStorage()}
	files := map[string][]byte{}
	for name, text := range p.Files {
		files[m.repo.inside(name)] = text
	}
	c := &object.Commit{Committer: committer, Author: committer, Message: p.Message, ParentHashes: []plumbing.Hash{base.Hash}}
	c.Author.Name, c.Author.Email = p.Author, p.Email
	c.Author.When, c.Committer.When = p.When, p.When
	if c.TreeHash, err = g.tree("", base.TreeHash, files); err != nil {
		return "", err
	}
	if c.TreeHash == base.TreeHash {
		return "", ErrNothing
	}
	if err := sign(c, p.Key); err != nil {
		return "", err
	}
	hash, err := g.put(c)
	if err != nil {
		return "", err
	}
	return hash.String(), m.keep(ctx, g.to, hash)
}

// check tells what is wrong with a proposal itself.
func (p *Proposal) check() error {
	for what, text := range map[string]string{"name": p.Author, "e-mail address": p.Email} {
		if len(text) > 200 || strings.ContainsAny(text, "<>\x00\n") || strings.ContainsFunc(text, odd) || text != strings.TrimSpace(text) {
			return fmt.Errorf("the author's %s holds what a commit cannot have", what)
		}
	}
	if p.Author == "" || p.When.IsZero() {
		return errors.New("a commit has an author and a time")
	}
	if len(p.Files) == 0 {
		return ErrNothing
	}
	if len(p.Files) > maxFiles {
		return fmt.Errorf("%d files in one order, at most %d; order in parts", len(p.Files), maxFiles)
	}
	for name, text := range p.Files {
		if !orderable(name) {
			return fmt.Errorf("%s: an order may change files of people and units alone", scrub(name, nil))
		}
		if len(text) > maxFile {
			return fmt.Errorf("%s: %d bytes, at most %d", name, len(text), maxFile)
		}
	}
	return nil
}

// orderable tells whether the managers' pages may change a file. By their key nobody may reach the rules, the catalogue or whom is trusted.
func orderable(name string) bool {
	if !fs.ValidPath(name) || path.Ext(name) != ".yaml" || len(name) > 300 {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".") || strings.HasSuffix(part, " ") ||
			strings.ContainsFunc(part, func(r rune) bool { return !unicode.IsPrint(r) || strings.ContainsRune(`\:*?"<>|~`, r) }) {
			return false
		}
	}
	area := schema.Area(name)
	return area == "people" || area == "units"
}

// inside is where a file of the access repository lies in the git repository.
func (r *Repo) inside(name string) string {
	if r.sub == "" {
		return name
	}
	return r.sub + "/" + name
}

// sign signs a commit as git does with gpg.format ssh.
func sign(c *object.Commit, key ssh.Signer) error {
	text := &plumbing.MemoryObject{}
	if err := c.EncodeWithoutSignature(text); err != nil {
		return err
	}
	r, err := text.Reader()
	if err != nil {
		return err
	}
	sig, err := sshsig.Sign(r, key, sshsig.HashSHA512, namespace)
	if err != nil {
		return fmt.Errorf("the portal's key does not sign: %w", err)
	}
	c.PGPSignature = string(sshsig.Armor(sig))
	return nil
}

// keep takes new objects into the mirror, as a pack like what is fetched.
func (m *Mirror) keep(ctx context.Context, from *memory.Storage, tip plumbing.Hash) error {
	unlock, err := m.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if m.Has(tip.String()) {
		return nil
	}
	if err := m.room(); err != nil {
		return err
	}
	f, err := os.CreateTemp(incoming(m.dir), "pack-")
	if err != nil {
		return m.place.fault(ctx, err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	all := make([]plumbing.Hash, 0, len(from.Objects))
	for h := range from.Objects {
		all = append(all, h)
	}
	if err := pack(f, from, all); err != nil {
		return m.place.fault(ctx, err)
	}
	has := func(h plumbing.Hash) bool { return m.store.HasEncodedObject(h) == nil }
	name, index, err := examine(ctx, f.Name(), []plumbing.Hash{tip}, m.place.Limit, has)
	if err != nil {
		return m.place.fault(ctx, err)
	}
	raw, err := packed(index)
	if err == nil {
		err = install(m.dir, f, name, raw)
	}
	if err == nil {
		err = tidy(ctx, m.dir)
	}
	m.store.refresh()
	return m.place.fault(ctx, err)
}
