package repo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/gofrs/flock"
)

// Mirror is a bare clone of one branch of a remote. It may be used by many at a time, and by more than one process: readers never wait for who
// fetches, and who fetches waits for others that do.
type Mirror struct {
	dir    string
	place  *place
	source source
	store  *store
	repo   *Repo
	turn   chan struct{} // holds one: who talks with the remote has taken it
}

// OpenMirror finds the bare clone in a folder, or makes an empty one there, which the first [Mirror.Fetch] fills: the remote is not asked. What is
// damaged, as by a full disk or a lost one, is thrown away. The folder is the mirror's own; with other files in it, it is refused.
func OpenMirror(dir string, r Remote) (*Mirror, error) {
	p, err := r.look()
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	m := &Mirror{dir: dir, place: p, turn: make(chan struct{}, 1)}
	if m.source, err = p.source(); err != nil {
		return nil, err
	}
	if err := m.prepare(); err != nil {
		return nil, err
	}
	m.store = newStore(osfs.New(dir))
	g, err := git.Open(m.store, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	m.repo = &Repo{dir: dir, git: g, sub: p.Sub, bare: true}
	return m, nil
}

func (p *place) source() (source, error) {
	switch p.kind {
	case "ssh":
		return &shell{place: p}, nil
	case "folder":
		return &local{p}, nil
	}
	return p.web()
}

// Repo is the clone, to read from. It is the mirror's to close.
func (m *Mirror) Repo() *Repo { return m.repo }

// Has tells whether a commit is here, on the branch or not.
func (m *Mirror) Has(commit string) bool {
	h := plumbing.NewHash(commit)
	if h.String() != commit {
		return false
	}
	_, err := object.GetCommit(m.store, h)
	return err == nil
}

// Close lets go of connections and files. It waits for who is talking with the remote.
func (m *Mirror) Close() error {
	m.turn <- struct{}{}
	defer func() { <-m.turn }()
	m.source.close()
	return m.store.Close()
}

// Tip asks the remote which commit the branch is at, and fetches nothing.
func (m *Mirror) Tip(ctx context.Context) (string, error) {
	s, _, end, err := m.ask(ctx)
	if err != nil {
		return "", err
	}
	defer end()
	return s.tip().String(), nil
}

// ask opens a conversation with the remote, when nobody else has one.
func (m *Mirror) ask(ctx context.Context) (session, *attention, func(), error) {
	select {
	case m.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, nil, m.place.fault(ctx, ctx.Err())
	}
	a, stop := attend(ctx)
	s, err := m.source.open(a)
	if err != nil {
		stop()
		<-m.turn
		return nil, nil, nil, err
	}
	return s, a, func() {
		s.end()
		stop()
		<-m.turn
	}, nil
}

// Fetch brings the branch's newest commit, with all that it stands on, and nothing else of the remote. It gives that commit, whether the branch only
// moved forward or not: see [Repo.Advance]. A fetch that is stopped anywhere leaves what was there before.
func (m *Mirror) Fetch(ctx context.Context) (string, error) {
	tip, _, err := m.fetch(ctx, nil)
	if err != nil {
		return "", err
	}
	return tip.String(), nil
}

// fetch brings the branch's newest commit, and those of other references that are chosen, if any are to be.
func (m *Mirror) fetch(ctx context.Context, choose func(map[string]plumbing.Hash) ([]reference, error)) (plumbing.Hash, []reference, error) {
	none := plumbing.ZeroHash
	unlock, err := m.lock(ctx)
	if err != nil {
		return none, nil, err
	}
	defer unlock()
	s, a, end, err := m.ask(ctx)
	if err != nil {
		return none, nil, err
	}
	defer end()
	tip := s.tip()
	var chosen []reference
	if choose != nil {
		refs, err := s.all()
		if err != nil {
			return none, nil, err
		}
		if chosen, err = choose(refs); err != nil {
			return none, nil, m.place.fault(ctx, err)
		}
	}
	var want []plumbing.Hash
	for _, h := range append([]plumbing.Hash{tip}, hashes(chosen)...) {
		if !m.Has(h.String()) && !slices.Contains(want, h) {
			want = append(want, h)
		}
	}
	if m.at() == tip && len(want) == 0 {
		return tip, chosen, nil
	}
	if err := m.sweep(); err != nil {
		return none, nil, m.place.fault(ctx, err)
	}
	if len(want) > 0 {
		if err := m.receive(a, s, want); err != nil {
			return none, nil, m.place.fault(ctx, told{err})
		}
	}
	if err := replace(m.dir, m.ref(), []byte(tip.String()+"\n")); err != nil {
		return none, nil, m.place.fault(ctx, err)
	}
	// An untidy mirror is as good as a tidy one.
	if tidy(ctx, m.dir) == nil {
		m.store.refresh()
	}
	return tip, chosen, nil
}

// receive takes a pack in.
func (m *Mirror) receive(a *attention, s session, want []plumbing.Hash) error {
	if err := m.room(); err != nil {
		return err
	}
	f, err := os.CreateTemp(incoming(m.dir), "pack-")
	if err != nil {
		return m.place.fault(a, err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	has := func(h plumbing.Hash) bool { return m.store.HasEncodedObject(h) == nil }
	if err := s.pack(want, m.haves(), has, &meter{f, m.place.Limit}); err != nil {
		return err
	}
	// From here on it is our own work. The end of the conversation sets the timer anew.
	a.timer.Stop()
	name, index, err := examine(a, f.Name(), want, m.place.Limit, has)
	if err != nil {
		return m.place.fault(a, err)
	}
	raw, err := packed(index)
	if err == nil {
		err = install(m.dir, f, name, raw)
	}
	m.store.refresh()
	return m.place.fault(a, err)
}

// room refuses to grow for ever: a remote whose branch is pushed over again and again.
func (m *Mirror) room() error {
	all, err := list(m.dir)
	if err != nil {
		return err
	}
	var sum int64
	for _, p := range all {
		sum += p.size
	}
	if most := 4 * m.place.Limit; sum > most {
		return fmt.Errorf("%s: more than %d bytes are kept of %s; see what was pushed there, and delete this folder to begin anew", m.dir, most, m.place.shown)
	}
	return nil
}

// deepest is how far back commits are named to the remote, so that after a forced push it sends no more than is new.
const deepest = 256

// haves are the newest commits here, ever fewer further back.
func (m *Mirror) haves() []plumbing.Hash {
	var all []plumbing.Hash
	next := m.at()
	for depth, step := 0, 1; depth < deepest && !next.IsZero(); depth++ {
		c, err := object.GetCommit(m.store, next)
		if err != nil {
			break
		}
		if depth+1 >= step || c.NumParents() == 0 {
			all = append(all, c.Hash)
			step *= 2
		}
		next = plumbing.ZeroHash
		if c.NumParents() > 0 {
			next = c.ParentHashes[0]
		}
	}
	return all
}

// ref is the file that holds the branch's newest commit.
func (m *Mirror) ref() string {
	return filepath.Join(m.dir, filepath.FromSlash(m.place.reference.String()))
}

// at is the branch's newest commit here, zero if nothing has been fetched.
func (m *Mirror) at() plumbing.Hash {
	raw, err := os.ReadFile(m.ref())
	if err != nil {
		return plumbing.ZeroHash
	}
	return plumbing.NewHash(strings.TrimSpace(string(raw)))
}

// retry is how often a lock that another process has is tried.
const retry = 20 * time.Millisecond

// lock keeps other processes from fetching. It ends with this process, however that ends.
func (m *Mirror) lock(ctx context.Context) (func(), error) {
	l := flock.New(filepath.Join(m.dir, lockFile))
	got, err := l.TryLockContext(ctx, retry)
	switch {
	case got:
		return func() { _ = l.Close() }, nil
	case ctx.Err() != nil:
		return nil, m.place.fault(ctx, errBusy)
	case errors.Is(err, os.ErrPermission), errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("%s: the folder is not there or cannot be written to; see who owns it", m.dir)
	}
	return nil, m.place.fault(ctx, err)
}
