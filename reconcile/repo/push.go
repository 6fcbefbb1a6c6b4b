package repo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/storer"
)

// ErrTaken tells that a branch is not where it was thought to be: somebody else has made, moved or deleted it.
var ErrTaken = errors.New("somebody else has changed the branch meanwhile")

// Rejected is a push that the other end did not take, as its rules have it.
type Rejected struct {
	Where  string
	Reason string // its own words, one line of at most 300 bytes, without what is secret
}

// Error implements error.
func (r *Rejected) Error() string {
	return fmt.Sprintf("%s: it does not take the order; see its rules for branches and for who may push (it says: %s)", r.Where, r.Reason)
}

// Push is where a commit is to go.
type Push struct {
	Ref     string            // refs/heads/…, or refs/for/<branch>/<topic> where the server makes a pull request of it (AGit)
	Was     string            // of refs/heads: the commit that is replaced; "": there is none yet. Else the error is [ErrTaken]
	Options map[string]string // of git push -o; "" for one without a value
}

// longestPush is how long a push may take.
const longestPush = 3 * time.Minute

// Push sends a commit of the mirror, and what it stands on, to a branch of the remote; "" for the commit deletes the branch. It gives what the server says
// beside, one line each, at most 4 KiB, without what is secret. A push that had got through already is none and no error. The mirror's own branch is never pushed to.
func (m *Mirror) Push(ctx context.Context, commit string, to Push) (string, error) {
	cmd, options, err := m.command(commit, to)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, longestPush)
	defer cancel()
	said, err := m.push(ctx, cmd, options)
	var no *Rejected
	if !errors.As(err, &no) || strings.HasPrefix(to.Ref, agit) {
		return said, err
	}
	// Of two at once the later is told in many words that it comes too late; where the branch is now says it in one.
	if at, asked := m.where(ctx, to.Ref); asked == nil && at != cmd.Old {
		if at == cmd.New {
			return said, nil
		}
		return "", fmt.Errorf("%s: %s: %w", m.place.shown, short(to.Ref), ErrTaken)
	}
	return said, err
}

// agit begins the references that a server makes pull requests of.
const agit = "refs/for/"

func short(ref string) string { return strings.TrimPrefix(ref, "refs/heads/") }

// command looks at what is to be pushed.
func (m *Mirror) command(commit string, to Push) (*packp.Command, []*packp.Option, error) {
	name := plumbing.ReferenceName(to.Ref)
	topic := strings.HasPrefix(to.Ref, agit)
	if name.Validate() != nil || !topic && !name.IsBranch() || strings.ContainsFunc(to.Ref, odd) || name == m.place.reference {
		return nil, nil, fmt.Errorf("%q is no branch that an order may be pushed to", to.Ref)
	}
	cmd := &packp.Command{Name: name, New: plumbing.NewHash(commit), Old: plumbing.NewHash(to.Was)}
	if commit != "" && !m.Has(commit) || topic && (commit == "" || to.Was != "") || to.Was != "" && cmd.Old.IsZero() || commit == "" && to.Was == "" {
		return nil, nil, fmt.Errorf("%s: %q after %q is nothing that can be pushed", to.Ref, commit, to.Was)
	}
	var options []*packp.Option
	for key, value := range to.Options {
		if key == "" || len(key)+len(value) > 4<<10 || strings.ContainsFunc(key+value, odd) || strings.ContainsAny(key+value, "\n") || strings.Contains(key, "=") {
			return nil, nil, fmt.Errorf("the option %q is not of one line, or too long", scrub(key, nil))
		}
		options = append(options, &packp.Option{Key: key, Value: value})
	}
	slices.SortFunc(options, func(a, b *packp.Option) int { return strings.Compare(a.Key, b.Key) })
	return cmd, options, nil
}

// gift is one conversation in which the other end is given something.
type gift interface {
	all() (map[string]plumbing.Hash, error) // references by name
	// send asks for one change, with a pack unless it deletes. It gives what is said beside.
	send(cmd *packp.Command, options []*packp.Option, pack io.Reader) (string, error)
	end()
}

// offer opens such a conversation, when nobody else has one.
func (m *Mirror) offer(ctx context.Context) (gift, func(), error) {
	select {
	case m.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, m.place.fault(ctx, ctx.Err())
	}
	a, stop := attend(ctx)
	g, err := m.source.give(a)
	if err != nil {
		stop()
		<-m.turn
		return nil, nil, err
	}
	return g, func() {
		g.end()
		stop()
		<-m.turn
	}, nil
}

// where asks where a branch of the remote is, zero for nowhere.
func (m *Mirror) where(ctx context.Context, ref string) (plumbing.Hash, error) {
	g, end, err := m.offer(ctx)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	defer end()
	refs, err := g.all()
	return refs[ref], err
}

func (m *Mirror) push(ctx context.Context, cmd *packp.Command, options []*packp.Option) (string, error) {
	g, end, err := m.offer(ctx)
	if err != nil {
		return "", err
	}
	defer end()
	refs, err := g.all()
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(cmd.Name.String(), agit) {
		switch refs[cmd.Name.String()] {
		case cmd.New:
			return "", nil
		case cmd.Old:
		default:
			return "", fmt.Errorf("%s: %s: %w", m.place.shown, short(cmd.Name.String()), ErrTaken)
		}
	}
	var body io.Reader
	if !cmd.New.IsZero() {
		all, err := m.news(cmd.New, refs[m.place.reference.String()])
		if err != nil {
			return "", m.place.fault(ctx, err)
		}
		var raw bytes.Buffer
		if err := pack(&raw, m.store, all); err != nil {
			return "", m.place.fault(ctx, err)
		}
		body = &raw
	}
	return g.send(cmd, options, body)
}

// news lists what a commit has that the remote lacks, given where its branch is. Where that is not here, what was last fetched of it is taken to be there still.
func (m *Mirror) news(commit, branch plumbing.Hash) ([]plumbing.Hash, error) {
	if !m.Has(branch.String()) {
		branch = m.at()
	}
	to, err := object.GetCommit(m.store, commit)
	if err != nil {
		return nil, err
	}
	from, err := object.GetCommit(m.store, branch)
	if err != nil {
		return nil, fmt.Errorf("%w: nothing has been fetched yet", errDamaged)
	}
	only, _, err := walk(from, to)
	if err != nil {
		return nil, err
	}
	seen := map[plumbing.Hash]bool{}
	for _, c := range only {
		seen[c.Hash] = true
		var before plumbing.Hash
		if c.NumParents() > 0 {
			parent, err := c.Parent(0)
			if err != nil {
				return nil, err
			}
			before = parent.TreeHash
		}
		if err := m.fresh(c.TreeHash, before, seen); err != nil {
			return nil, err
		}
	}
	all := make([]plumbing.Hash, 0, len(seen))
	for h := range seen {
		all = append(all, h)
	}
	return all, nil
}

// fresh adds a folder, and all in it that another has not in the same place.
func (m *Mirror) fresh(folder, before plumbing.Hash, seen map[plumbing.Hash]bool) error {
	if folder == before || seen[folder] {
		return nil
	}
	seen[folder] = true
	was, err := m.repo.entries(before)
	if err != nil {
		return err
	}
	now, err := m.repo.entries(folder)
	if err != nil {
		return err
	}
	for name, e := range now {
		switch {
		case e.Hash == was[name].Hash || mode(e.Mode)&fs.ModeIrregular != 0:
		case mode(e.Mode).IsDir():
			if !mode(was[name].Mode).IsDir() {
				was[name] = object.TreeEntry{}
			}
			if err := m.fresh(e.Hash, was[name].Hash, seen); err != nil {
				return err
			}
		default:
			seen[e.Hash] = true
		}
	}
	return nil
}

// pack writes objects as a pack, in the order of their hashes.
func pack(w io.Writer, from storer.EncodedObjectStorer, all []plumbing.Hash) error {
	slices.SortFunc(all, func(a, b plumbing.Hash) int { return bytes.Compare(a[:], b[:]) })
	_, err := packfile.NewEncoder(w, from, false).Encode(all, 0)
	return err
}
