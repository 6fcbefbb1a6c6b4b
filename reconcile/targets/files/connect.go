package files

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
)

// knownKeys verifies a server by the keys of a known_hosts file.
type knownKeys struct {
	file  string
	check ssh.HostKeyCallback
}

// openRemote resolves what the options name; it does not connect.
func openRemote(c kind.Config, o SFTP, timeout time.Duration) (*remote, error) {
	var errs []error
	setting := func(name, value, env string) string {
		v, err := c.Setting(name, value, env)
		if err == nil && v == "" {
			err = fmt.Errorf("sftp: %s is missing", name)
		}
		errs = append(errs, err)
		return v
	}
	host, user := setting("host", o.Host, o.HostEnv), setting("user", o.User, o.UserEnv)
	port := 22
	if o.Port != 0 || o.PortEnv != "" {
		value := ""
		if o.Port != 0 {
			value = strconv.Itoa(o.Port)
		}
		var err error
		if port, err = strconv.Atoi(setting("port", value, o.PortEnv)); err != nil || port < 1 || port > 65535 {
			errs = append(errs, errors.New("sftp: port is no number between 1 and 65535"))
		}
	}
	known := knownKeys{file: setting("knownHosts", o.KnownHosts, o.KnownHostsEnv)}
	auth, err := o.auth(c)
	errs = append(errs, err)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if known.check, err = knownhosts.New(known.file); err != nil {
		return nil, fmt.Errorf("knownHosts: %w", err)
	}
	addr := net.JoinHostPort(host, strconv.Itoa(port))
	return &remote{
		addr: addr, known: known, folder: o.Folder, timeout: timeout,
		config: &ssh.ClientConfig{
			User: user, Auth: []ssh.AuthMethod{auth}, HostKeyCallback: known.check, HostKeyAlgorithms: known.algorithms(addr), Timeout: timeout,
		},
	}, nil
}

// auth is how we prove who we are: by a key or a password.
func (o SFTP) auth(c kind.Config) (ssh.AuthMethod, error) {
	file, err := c.Setting("keyFile", o.KeyFile, o.KeyFileEnv)
	if err != nil {
		return nil, err
	}
	if file == "" {
		password, err := c.Secret("password", o.PasswordEnv, o.PasswordFile)
		if err == nil && !password.Set() {
			err = errors.New("sftp: neither keyFile nor passwordEnv is given")
		}
		return ssh.Password(password.Reveal()), err
	}
	key, err := c.Secret("key", "", file)
	if err != nil {
		return nil, err
	}
	phrase, err := c.Secret("passphrase", o.PassphraseEnv, "")
	if err != nil {
		return nil, err
	}
	pem := []byte(key.Reveal() + "\n")
	var signer ssh.Signer
	if phrase.Set() {
		signer, err = ssh.ParsePrivateKeyWithPassphrase(pem, []byte(phrase.Reveal()))
	} else {
		signer, err = ssh.ParsePrivateKey(pem)
	}
	var locked *ssh.PassphraseMissingError
	switch {
	case errors.As(err, &locked):
		return nil, fmt.Errorf("keyFile: %s is locked by a passphrase; name it by passphraseEnv", file)
	case err != nil:
		return nil, fmt.Errorf("keyFile: %s holds no private key that the passphrase opens", file)
	}
	return ssh.PublicKeys(signer), nil
}

// nobody is a key that no server has: what a known_hosts file says to it is which keys it would take.
type nobody struct{}

func (nobody) Type() string                        { return "none" }
func (nobody) Marshal() []byte                     { return nil }
func (nobody) Verify([]byte, *ssh.Signature) error { return errors.New("none") }

// algorithms are those of the server's known keys. Without them the server would choose one of its keys that the file may not hold.
func (k knownKeys) algorithms(addr string) []string {
	var known *knownhosts.KeyError
	if !errors.As(k.check(addr, &net.TCPAddr{}, nobody{}), &known) {
		return nil
	}
	var all []string
	for _, w := range known.Want {
		t := w.Key.Type()
		if t == ssh.KeyAlgoRSA {
			all = append(all, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSASHA512)
		} else {
			all = append(all, t)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// connect opens a connection and verifies the server. What it refuses is final, what it did not answer is passing.
func (r *remote) connect(ctx context.Context) error {
	d := net.Dialer{Timeout: r.timeout}
	conn, err := d.DialContext(ctx, "tcp", r.addr)
	if err != nil {
		return r.refused(ctx, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	_ = conn.SetDeadline(time.Now().Add(r.timeout))
	// A server that is met through the same name is verified by that name, whatever address it has.
	c, channels, requests, err := ssh.NewClientConn(conn, r.addr, r.config)
	if err != nil {
		_ = conn.Close()
		return r.refused(ctx, err)
	}
	client, err := sftp.NewClient(ssh.NewClient(c, channels, requests))
	if err != nil {
		_ = conn.Close()
		return r.refused(ctx, err)
	}
	_ = conn.SetDeadline(time.Time{})
	r.conn, r.client = conn, client
	return nil
}

func (r *remote) refused(ctx context.Context, err error) error {
	var key *knownhosts.KeyError
	var revoked *knownhosts.RevokedError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &key) && len(key.Want) == 0:
		return fmt.Errorf("%s is not in %s; ask whoever keeps the server for its key, and add it", r.addr, r.known.file)
	case errors.As(err, &key), errors.As(err, &revoked), strings.Contains(err.Error(), "no common algorithm for host key"):
		return fmt.Errorf("%s has another key than the one in %s: it may be another server; nothing was sent. Ask whoever keeps it whether the key was changed", r.addr, r.known.file)
	case strings.Contains(err.Error(), "unable to authenticate"):
		return fmt.Errorf("%s does not let %s in: the key or password is not accepted there; ask whoever keeps the server", r.addr, r.config.User)
	case strings.Contains(err.Error(), "subsystem request failed"):
		return fmt.Errorf("%s has no SFTP for %s; ask whoever keeps the server", r.addr, r.config.User)
	case strings.Contains(err.Error(), "no common algorithm"):
		return fmt.Errorf("%s: %w", r.addr, err)
	}
	return &reconcile.Transient{Err: fmt.Errorf("%s: %w", r.addr, err)}
}
