package main

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/crypto/ssh"

	"github.com/behorig/behorig/cmd/behorig/portal"
	"github.com/behorig/behorig/reconcile/repo"
)

// signingKey reads the key that orders are signed with.
func signingKey(file string) (ssh.Signer, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("--signing-key-file: %w", err)
	}
	if info.Mode().Perm()&0o007 != 0 {
		return nil, fmt.Errorf("--signing-key-file: %s can be read by others; chmod 600 it", file)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--signing-key-file: %w", err)
	}
	key, err := ssh.ParsePrivateKey(raw)
	if err != nil {
		return nil, fmt.Errorf("--signing-key-file: %s is no private SSH key without a passphrase", file)
	}
	return key, nil
}

// source opens the repository: a mirror that orders can be pushed from, or files to show.
func (p *pages) source(c *portal.Config) (end func(), err error) {
	dir := p.state
	if p.remote.URL == "" && bareOrTop(p.repo) {
		if p.remote.URL, err = filepath.Abs(p.repo); err != nil {
			return nil, err
		}
		if dir == "" {
			local, err := repo.Open(p.repo)
			if err != nil {
				return nil, err
			}
			dir = local.State()
			_ = local.Close()
		}
	}
	if p.remote.URL == "" {
		if c.Repo, err = repo.Open(p.repo); err != nil {
			return nil, err
		}
		if dir == "" {
			dir = c.Repo.State()
		}
		c.Place, err = p.place(p.named(), dir)
		return func() { _ = c.Repo.Close() }, err
	}
	remote, err := p.origin(p.remote)
	if err != nil {
		return nil, err
	}
	if c.Mirror, err = repo.OpenMirror(filepath.Join(dir, "portal.git"), remote); err != nil {
		return nil, err
	}
	c.Place, err = p.place(p.named(), dir)
	return func() { _ = c.Mirror.Close() }, err
}

// named is what the state is called in a database: the name of the repository in the list of a service that keeps many.
func (p *pages) named() string {
	name, _ := p.env("BEHORIG_REPOSITORY")
	return name
}

// bareOrTop tells whether a folder is a git repository itself, rather than a folder in one or none.
func bareOrTop(dir string) bool {
	for _, name := range []string{".git", "HEAD"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}
