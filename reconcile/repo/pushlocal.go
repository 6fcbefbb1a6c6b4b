package repo

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/storer"
)

// localGift is a push to a folder on this machine: no git program is needed.
type localGift struct {
	*localSession
	files billy.Filesystem // the git folder
}

// hooks are what git would run at a push. We do not, so a folder that has one is not pushed to: it may be there to say no.
var hooks = []string{"pre-receive", "update", "post-receive", "post-update", "proc-receive", "reference-transaction", "push-to-checkout"}

func (f *local) give(a *attention) (_ gift, err error) {
	s, err := f.open(a)
	if err != nil {
		return nil, err
	}
	defer func() { err = f.fault(a, err) }()
	g := &localGift{localSession: s.(*localSession)}
	stored, ok := g.repo.git.Storer.(*store)
	if !ok {
		g.end()
		return nil, errDamaged
	}
	g.files = stored.Filesystem()
	config, err := g.repo.git.Config()
	if err != nil {
		g.end()
		return nil, err
	}
	hooked := config.Raw.Section("core").HasOption("hooksPath")
	for _, name := range hooks {
		if info, err := g.files.Stat(path.Join("hooks", name)); err == nil && info.Mode()&0o111 != 0 {
			hooked = true
		}
	}
	if hooked {
		g.end()
		return nil, told{fmt.Errorf("%s: its hooks are for git to run; push to it over SSH or HTTPS, or take them away", f.shown)}
	}
	return g, nil
}

func (g *localGift) send(cmd *packp.Command, options []*packp.Option, pack io.Reader) (_ string, err error) {
	defer func() { err = g.fault(g.at, err) }()
	defer recovered(&err)
	head, err := g.repo.git.Storer.Reference(plumbing.HEAD)
	switch {
	case len(options) > 0 || !cmd.Name.IsBranch():
		return "", told{fmt.Errorf("%s: a folder makes no merge requests; name the kind of forge git", g.shown)}
	case err == nil && !g.repo.bare && head.Target() == cmd.Name:
		return "", &Rejected{g.shown, "the branch is checked out there"}
	}
	if pack != nil {
		if err := g.unpack(pack); err != nil {
			return "", err
		}
	}
	return "", g.move(cmd)
}

// unpack stores objects one by one, as git does of a small push, so that orders do not leave a pack file each.
func (g *localGift) unpack(pack io.Reader) error {
	objects, ok := g.repo.git.Storer.(storer.EncodedObjectStorer)
	if !ok {
		return errDamaged
	}
	parser, err := packfile.NewParserWithStorage(packfile.NewScanner(pack), objects)
	if err != nil {
		return err
	}
	_, err = parser.Parse()
	return err
}

// move changes a branch as git does: whoever makes the lock may.
func (g *localGift) move(cmd *packp.Command) error {
	name := cmd.Name.String()
	lock, err := g.files.OpenFile(name+".lock", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return &Rejected{g.shown, "the branch cannot be made, or another is changing it"}
	}
	defer func() { _ = g.files.Remove(name + ".lock") }()
	at := plumbing.ZeroHash
	if ref, err := g.repo.git.Storer.Reference(cmd.Name); err == nil {
		at = ref.Hash()
	}
	if at != cmd.Old {
		_ = lock.Close()
		return fmt.Errorf("%s: %s: %w", g.shown, short(name), ErrTaken)
	}
	if cmd.New.IsZero() {
		return errors.Join(lock.Close(), g.repo.git.Storer.(*store).RemoveReference(cmd.Name))
	}
	_, err = lock.Write([]byte(cmd.New.String() + "\n"))
	if err := errors.Join(err, lock.Close()); err != nil {
		return err
	}
	return g.files.Rename(name+".lock", name)
}
