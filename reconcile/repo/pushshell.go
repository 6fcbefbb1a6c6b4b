package repo

import (
	"errors"
	"io"

	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
)

// shellGift is a push over SSH.
type shellGift struct{ *shellSession }

func (s *shell) give(a *attention) (_ gift, err error) {
	defer func() { err = s.fault(a, err, s.secret) }()
	defer recovered(&err)
	c, err := s.talk(a, "git-receive-pack")
	if err != nil {
		return nil, err
	}
	return &shellGift{c}, nil
}

func (g *shellGift) send(cmd *packp.Command, options []*packp.Option, pack io.Reader) (_ string, err error) {
	defer func() {
		var no *Rejected
		if err != nil && !errors.As(err, &no) {
			g.close()
		}
		err = g.fault(g.at, err, g.secret)
	}()
	defer recovered(&err)
	req, err := g.update(g.refs, cmd, options, pack)
	if err != nil {
		return "", err
	}
	g.packed = true
	if err := req.Encode(g.in); err != nil {
		return "", err
	}
	return g.verdict(g.at, req, g.out, g.secret)
}
