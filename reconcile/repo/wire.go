package repo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/sideband"
)

// source is the other end: HTTPS, SSH or a folder. It is used by one at a time.
type source interface {
	open(*attention) (session, error) // asks where the branches are
	give(*attention) (gift, error)    // the same, to push
	close()
}

// session is one conversation with the other end. What it takes is told to whom it was opened with.
type session interface {
	tip() plumbing.Hash                     // of the branch
	all() (map[string]plumbing.Hash, error) // references by name
	// pack writes what commits of the other end stand on and we have not as a pack. have are commits of ours, newest first; has tells of any object whether
	// it is ours.
	pack(want, have []plumbing.Hash, has func(plumbing.Hash) bool, w io.Writer) error
	end()
}

// patience is how long the other end may say nothing.
const patience = time.Minute

// attention ends a context when nothing has been heard for too long.
type attention struct {
	context.Context
	timer *time.Timer
}

func attend(ctx context.Context) (*attention, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	a := &attention{ctx, time.AfterFunc(patience, func() { cancel(errStalled) })}
	return a, func() {
		a.timer.Stop()
		cancel(nil)
	}
}

// heard is a reader that counts as a sign of life, and an end when the context has ended.
type heard struct {
	io.Reader
	from *attention
}

func (h heard) Read(b []byte) (int, error) {
	if err := h.from.Err(); err != nil {
		return 0, err
	}
	n, err := h.Reader.Read(b)
	if n > 0 {
		h.from.timer.Reset(patience)
	}
	return n, err
}

// branch finds the tip in what a server has told.
func (p *place) branch(refs *packp.AdvRefs) (plumbing.Hash, error) {
	h, ok := refs.References[p.reference.String()]
	if !ok || h.IsZero() {
		return plumbing.ZeroHash, errNoBranch
	}
	return h, nil
}

// request asks for commits and what they stand on.
func request(refs *packp.AdvRefs, want, have []plumbing.Hash) (*packp.UploadPackRequest, error) {
	req := packp.NewUploadPackRequestFromCapabilities(refs.Capabilities)
	if refs.Capabilities.Supports(capability.NoProgress) {
		if err := req.Capabilities.Set(capability.NoProgress); err != nil {
			return nil, err
		}
	}
	req.Wants, req.Haves = want, have
	return req, nil
}

// unpack takes the pack out of an answer.
func unpack(req *packp.UploadPackRequest, answer io.Reader, w io.Writer) error {
	switch {
	case req.Capabilities.Supports(capability.Sideband64k):
		answer = sideband.NewDemuxer(sideband.Sideband64k, answer)
	case req.Capabilities.Supports(capability.Sideband):
		answer = sideband.NewDemuxer(sideband.Sideband, answer)
	}
	_, err := io.Copy(w, answer)
	return err
}

// maxRefs is how long a server's list of branches may be, bytes.
const maxRefs = 64 << 20

// limited is a reader that fails beyond a limit, where [io.LimitReader] would end.
type limited struct {
	io.Reader
	left int64
}

func (l *limited) Read(b []byte) (int, error) {
	n, err := l.Reader.Read(b)
	if l.left -= int64(n); l.left < 0 {
		return 0, errLimit
	}
	return n, err
}

// recovered makes an error of a panic in what reads a stranger's bytes, so that no server can end the service.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = errors.Join(errDamaged, fmt.Errorf("%v", r))
	}
}
