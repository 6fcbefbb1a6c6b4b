package repo

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// Remote is where an access repository is fetched from.
type Remote struct {
	// URL is https://host/path, ssh://user@host:port/path, user@host:path, file:///path or a folder. Plain http is for this machine alone. It holds
	// no password.
	URL    string
	Branch string // "": main

	// Token is the password for HTTPS, asked for at each call, so that one that was changed counts; nil: none. User goes with it, "git" if it is
	// empty, and is who signs in over SSH where the URL names nobody.
	Token func() (string, error)
	User  string
	CA    []byte // authorities to trust beside the system's, PEM; the certificate is always verified

	SSHKey     func() ([]byte, error) // private key, PEM, read at each new connection
	Passphrase func() (string, error) // of the key; nil: none
	KnownHosts string                 // file; required for SSH: a host that is not in it, or has another key, is refused

	Sub   string // folder of the access repository in the git repository, with slashes; "": its top
	Limit int64  // largest fetch, bytes; 0: 1 GiB
}

// place is a remote that has been looked at.
type place struct {
	Remote
	kind      string // https, ssh or folder
	shown     string // for people: nothing secret in it
	host      string // SSH: host:port
	user      string
	path      string // SSH: as the server is to read it; a folder
	reference plumbing.ReferenceName
}

const defaultLimit = 1 << 30

// look tells what a remote is, and what is wrong with it.
func (r Remote) look() (*place, error) {
	p := &place{Remote: r, user: r.User}
	if p.Branch == "" {
		p.Branch = "main"
	}
	if p.Limit == 0 {
		p.Limit = defaultLimit
	}
	if p.user == "" {
		p.user = "git"
	}
	p.reference = plumbing.NewBranchReferenceName(p.Branch)
	if err := p.reference.Validate(); err != nil {
		return nil, fmt.Errorf("%q is no name of a branch", p.Branch)
	}
	if p.Sub = path.Clean(strings.Trim(r.Sub, "/")); p.Sub == "." {
		p.Sub = ""
	} else if !fs.ValidPath(p.Sub) {
		return nil, fmt.Errorf("%q is no folder inside the repository", r.Sub)
	}
	scheme, _, isURL := strings.Cut(r.URL, "://")
	if !isURL {
		return p, p.short()
	}
	u, err := url.Parse(r.URL)
	switch {
	case err != nil:
		return nil, errors.New("the remote's URL cannot be read; write https://host/path, ssh://user@host/path or a folder")
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%s://%s%s: the URL has more after the path; leave it out", u.Scheme, u.Host, u.Path)
	}
	p.shown = u.Scheme + "://" + u.Host + u.Path
	if _, password := u.User.Password(); password {
		return nil, fmt.Errorf("%s: the URL holds a password; take it out, and give it as a token", p.shown)
	}
	if name := u.User.Username(); name != "" {
		p.user = name
	}
	switch scheme {
	case "https":
		p.kind = "https"
	case "http":
		if !loopback(u.Hostname()) {
			return nil, fmt.Errorf("%s: plain http can be read and changed on its way; write https", p.shown)
		}
		p.kind = "https"
	case "ssh":
		p.ssh(u.Hostname(), u.Port(), u.Path)
		// As git has it: ssh://host/~user/path is a path in a home.
		if strings.HasPrefix(u.Path, "/~") {
			p.path = u.Path[1:]
		}
		return p, p.needs(u.Hostname())
	case "file":
		if u.Host != "" && u.Host != "localhost" {
			return nil, fmt.Errorf("%s: a file is on this machine; write file:///path", p.shown)
		}
		p.kind, p.path, p.shown = "folder", u.Path, u.Path
	default:
		return nil, fmt.Errorf("%s: %s does not tell who the server is; write https or ssh", p.shown, scheme)
	}
	if p.kind == "https" && u.Host == "" {
		return nil, fmt.Errorf("%s: no host", p.shown)
	}
	return p, nil
}

// short is host:path, user@host:path or a folder.
func (p *place) short() error {
	user, rest, named := strings.Cut(p.URL, "@")
	if !named || strings.Contains(user, "/") {
		user, rest = "", p.URL
	}
	host, at, colon := strings.Cut(rest, ":")
	if _, err := os.Stat(p.URL); !colon || err == nil || strings.Contains(host, "/") || len(host) == 1 {
		if p.URL == "" {
			return errors.New("the remote has no URL")
		}
		p.kind, p.path, p.shown = "folder", p.URL, p.URL
		return nil
	}
	p.shown = host + ":" + at
	if strings.Contains(user, ":") {
		return fmt.Errorf("%s: the URL holds a password; signing in takes an SSH key", p.shown)
	}
	if user != "" {
		p.user = user
	}
	p.ssh(host, "", at)
	return p.needs(host)
}

func (p *place) ssh(host, port, at string) {
	if port == "" {
		port = "22"
	}
	p.kind, p.host, p.path = "ssh", net.JoinHostPort(host, port), at
}

func (p *place) needs(host string) error {
	switch {
	case host == "" || p.path == "" || p.path == "/":
		return fmt.Errorf("%s: write ssh://user@host/path or user@host:path", p.shown)
	case p.KnownHosts == "":
		return fmt.Errorf("%s: without a file of known hosts nobody can tell that it is the right server; name one", p.shown)
	case p.SSHKey == nil:
		return fmt.Errorf("%s: signing in takes an SSH key; name one", p.shown)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
