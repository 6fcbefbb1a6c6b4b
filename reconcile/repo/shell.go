package repo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/pktline"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// shell is a remote over SSH, without go-git's transport: that reads the user's ssh_config, cannot be stopped, and signs in for each question. The
// connection is kept from one call to the next.
type shell struct {
	*place
	client *ssh.Client
	secret string // the passphrase last used, so that no error holds it
}

func (s *shell) close() {
	if s.client != nil {
		_ = s.client.Close()
	}
	s.client = nil
}

// nobody is a key that no server has: what a known_hosts file says to it is which keys it would take.
type nobody struct{}

func (nobody) Type() string                        { return "none" }
func (nobody) Marshal() []byte                     { return nil }
func (nobody) Verify([]byte, *ssh.Signature) error { return errors.New("none") }

// algorithms are those of the server's known keys. Without them the server would choose one of its keys that the file may not hold.
func algorithms(check ssh.HostKeyCallback, host string) []string {
	var known *knownhosts.KeyError
	if !errors.As(check(host, &net.TCPAddr{}, nobody{}), &known) {
		return nil
	}
	var all []string
	for _, w := range known.Want {
		if t := w.Key.Type(); t == ssh.KeyAlgoRSA {
			all = append(all, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSASHA512)
		} else {
			all = append(all, t)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// signer reads the key we sign in with.
func (s *shell) signer() (ssh.Signer, error) {
	raw, err := s.SSHKey()
	if err != nil {
		return nil, fmt.Errorf("%s: the SSH key: %w", s.shown, err)
	}
	key, err := ssh.ParsePrivateKey(raw)
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		if s.Passphrase == nil {
			return nil, fmt.Errorf("%s: the SSH key is locked by a passphrase; name that too", s.shown)
		}
		if s.secret, err = s.Passphrase(); err != nil {
			return nil, fmt.Errorf("%s: the passphrase: %w", s.shown, err)
		}
		key, err = ssh.ParsePrivateKeyWithPassphrase(raw, []byte(s.secret))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: the SSH key is no private key that the passphrase opens", s.shown)
	}
	return key, nil
}

// connect signs in.
func (s *shell) connect(ctx context.Context) error {
	key, err := s.signer()
	if err != nil {
		return told{err}
	}
	check, err := knownhosts.New(s.KnownHosts)
	if err != nil {
		return told{fmt.Errorf("%s: the file of known hosts: %w", s.shown, err)}
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", s.host)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	c, channels, requests, err := ssh.NewClientConn(conn, s.host, &ssh.ClientConfig{
		User: s.user, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)}, HostKeyCallback: check, HostKeyAlgorithms: algorithms(check, s.host),
	})
	if err != nil {
		_ = conn.Close()
		return s.refused(err)
	}
	s.client = ssh.NewClient(c, channels, requests)
	return nil
}

// refused says why a server was not taken, or did not take us.
func (s *shell) refused(err error) error {
	var key *knownhosts.KeyError
	var revoked *knownhosts.RevokedError
	switch {
	case errors.As(err, &key) && len(key.Want) == 0:
		return told{fmt.Errorf("%s is not in %s; ask whoever keeps the server for its key, and add it", s.host, s.KnownHosts)}
	case errors.As(err, &key), errors.As(err, &revoked), strings.Contains(err.Error(), "no common algorithm for host key"):
		return told{fmt.Errorf("%s has another key than the one in %s: it may be another server; nothing was sent. Ask whoever keeps it whether the key was changed", s.host, s.KnownHosts)}
	case strings.Contains(err.Error(), "unable to authenticate"):
		return told{fmt.Errorf("%s does not let %s in with the SSH key; add its public half there, with the right to read", s.host, s.user)}
	case strings.Contains(err.Error(), "no common algorithm"):
		return told{fmt.Errorf("%s: %w", s.host, err)}
	}
	return err
}

// shellSession is one run of git-upload-pack or git-receive-pack there.
type shellSession struct {
	*shell
	at     *attention
	run    *ssh.Session
	stop   func() bool
	in     io.WriteCloser
	out    io.Reader
	said   *bytes.Buffer // on its standard error; to be read when it has ended
	refs   *packp.AdvRefs
	hash   plumbing.Hash
	packed bool
	ended  bool
	code   error
}

func (s *shell) open(a *attention) (_ session, err error) {
	defer func() { err = s.fault(a, err, s.secret) }()
	defer recovered(&err)
	c, err := s.talk(a, "git-upload-pack")
	if err != nil {
		return nil, err
	}
	if c.hash, err = s.branch(c.refs); err != nil {
		c.end()
		return nil, err
	}
	return c, nil
}

// talk begins a program there, on the connection that is kept or a new one, and hears where the branches are.
func (s *shell) talk(a *attention, program string) (*shellSession, error) {
	kept := s.client != nil
	if !kept {
		if err := s.connect(a); err != nil {
			return nil, err
		}
	}
	c, err := s.begin(a, program)
	if err != nil && kept && a.Err() == nil {
		// The server may have closed a connection that nobody used.
		s.close()
		if err := s.connect(a); err != nil {
			return nil, err
		}
		c, err = s.begin(a, program)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	if c.refs, err = c.listen(); err != nil {
		// What is still to come from it would keep us waiting.
		s.close()
		c.end()
		return nil, err
	}
	return c, nil
}

func (s *shell) begin(a *attention, program string) (*shellSession, error) {
	client := s.client
	c := &shellSession{shell: s, at: a, said: &bytes.Buffer{}}
	c.stop = context.AfterFunc(a, func() { _ = client.Close() })
	var err error
	if c.run, err = client.NewSession(); err != nil {
		c.stop()
		return nil, err
	}
	c.run.Stderr = &head{c.said}
	var out io.Reader
	if c.in, err = c.run.StdinPipe(); err == nil {
		out, err = c.run.StdoutPipe()
	}
	if err == nil {
		err = c.run.Start(program + " " + quote(s.path))
	}
	if err != nil {
		c.stop()
		_ = c.run.Close()
		return nil, err
	}
	c.out = heard{out, a}
	return c, nil
}

// quote is a path as git and a shell read it.
func quote(path string) string {
	return "'" + strings.NewReplacer("'", `'\''`, "!", `'\!'`).Replace(path) + "'"
}

// head keeps the beginning of what is written.
type head struct{ *bytes.Buffer }

func (h *head) Write(b []byte) (int, error) {
	h.Buffer.Write(b[:min(len(b), max(0, maxReason-h.Len()))])
	return len(b), nil
}

// listen reads where the branches are, or why it does not say.
func (c *shellSession) listen() (*packp.AdvRefs, error) {
	refs := packp.NewAdvRefs()
	err := refs.Decode(&limited{c.out, maxRefs})
	var refused *pktline.ErrorLine
	switch {
	case err == nil:
		// Above all thin packs, which stand on objects that are not in them.
		transport.FilterUnsupportedCapabilities(refs.Capabilities)
		return refs, nil
	case errors.Is(err, packp.ErrEmptyAdvRefs):
		return nil, transport.ErrEmptyRemoteRepository
	case errors.As(err, &refused):
		return nil, c.denied(refused.Text)
	case errors.Is(err, packp.ErrEmptyInput):
		_ = c.wait()
		if reason := c.said.String(); reason != "" && c.at.Err() == nil {
			return nil, c.denied(reason)
		}
	}
	return nil, err
}

// denied is why a server that let us in gives nothing.
func (c *shellSession) denied(reason string) error {
	return told{fmt.Errorf("%s: there is no repository, or none that may be seen with this key; see the address, and what the key may read (it says: %s)",
		c.shown, scrub(reason, []string{c.secret}))}
}

func (c *shellSession) tip() plumbing.Hash { return c.hash }

func (c *shellSession) all() (map[string]plumbing.Hash, error) { return c.refs.References, nil }

func (c *shellSession) pack(want, have []plumbing.Hash, _ func(plumbing.Hash) bool, w io.Writer) (err error) {
	defer func() {
		if err != nil {
			c.close()
		}
		err = c.fault(c.at, err, c.secret)
	}()
	defer recovered(&err)
	req, err := request(c.refs, want, have)
	if err != nil {
		return err
	}
	c.packed = true
	if err := errors.Join(req.UploadRequest.Encode(c.in), req.UploadHaves.Encode(c.in, true), pktline.NewEncoder(c.in).EncodeString("done\n")); err != nil {
		return err
	}
	// It fails where the server has answered all and gone already.
	_ = c.in.Close()
	answer := packp.NewUploadPackResponse(req)
	if err := answer.Decode(io.NopCloser(c.out)); err != nil {
		return err
	}
	return unpack(req, answer, w)
}

// goodbye is how long the other end may take to end, once all is said.
const goodbye = 5 * time.Second

// wait waits for the end of what runs there, and cuts the connection where that does not come.
func (c *shellSession) wait() error {
	if !c.ended {
		c.at.timer.Reset(goodbye)
		_ = c.in.Close()
		c.ended, c.code = true, c.run.Wait()
	}
	return c.code
}

// end says goodbye, so that the server does not note an error. A connection that was cut in between is not used again.
func (c *shellSession) end() {
	if !c.packed && !c.ended {
		c.at.timer.Reset(goodbye)
		_, _ = c.in.Write(pktline.FlushPkt)
	}
	err := c.wait()
	_ = c.run.Close()
	var exit *ssh.ExitError
	if !c.stop() || err != nil && !errors.As(err, &exit) {
		c.close()
	}
}
