package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/schedule"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// serving says which repositories a long-running process keeps, and where their state is.
type serving struct {
	repo, targets, state   string
	remote                 schema.Repository
	list                   string
	database, databaseFile string
	hookSecretFile         string

	env     func(string) (string, bool)
	server  *store.Server
	sources map[string]openSource // those that are open, by what they are of
}

// openSource is a source that is open.
type openSource struct {
	schedule.Source
	close func() error
}

func (s *serving) add(c *cobra.Command) {
	fs := c.Flags()
	s.addOne(c)
	fs.StringVar(&s.remote.KeyFile, "key-file", "", keyFileHelp+"; opened only if a target declares identity: true")
	fs.StringVar(&s.list, "repositories", "", "file that names many repositories to fetch (YAML)")
	fs.StringVar(&s.hookSecretFile, "hook-secret-file", "", "file with the secret of hooks (or BEHORIG_HOOK_SECRET, BEHORIG_HOOK_SECRET_FILE)")
}

// addOne adds the flags of a process that keeps one repository.
func (s *serving) addOne(c *cobra.Command) {
	fs := c.Flags()
	fs.StringVar(&s.repo, "repo", ".", "access repository that somebody else keeps up to date: its newest commit counts, or of a plain folder its files")
	fs.StringVar(&s.targets, "targets", "targets.yaml", "file of the repository that says where systems are")
	fs.StringVar(&s.state, "state", "", "folder of the tool's own state (default: .behorig in the repository); needed where a repository is fetched")
	fs.StringVar(&s.remote.URL, "remote", "", "access repository to fetch: https://…, ssh://user@host/path or a folder")
	fs.StringVar(&s.remote.Branch, "branch", "", "branch of --remote (default: main)")
	fs.StringVar(&s.remote.Folder, "folder", "", "folder of the access repository in --remote (default: its top)")
	fs.StringVar(&s.remote.TokenFile, "token-file", "", "file with the access token for HTTPS")
	fs.StringVar(&s.remote.SSHKeyFile, "ssh-key-file", "", "file with the private key for SSH")
	fs.StringVar(&s.remote.KnownHosts, "known-hosts", "", "file of known host keys for SSH")
	fs.StringVar(&s.remote.CAFile, "ca-file", "", "file of root certificates to trust for HTTPS")
	fs.StringVar(&s.database, "database", "", "postgres://… to share state and work with other processes (or BEHORIG_DATABASE)")
	fs.StringVar(&s.databaseFile, "database-file", "", "file with the address for --database (or BEHORIG_DATABASE_FILE)")
}

// open connects to the database, if there is one.
func (s *serving) open(ctx context.Context, w *world) error {
	s.env, s.sources = w.env, map[string]openSource{}
	if s.list != "" && s.remote.URL != "" {
		return usage("--repositories and --remote are both given; keep one")
	}
	if s.state == "" && (s.list != "" || s.remote.URL != "") {
		return usage("--state is needed: the folder that repositories are fetched into and state is kept in")
	}
	address, err := s.secret(s.database, "BEHORIG_DATABASE", s.databaseFile)
	if err != nil || address == "" {
		return err
	}
	s.server, err = store.Connect(ctx, address)
	return err
}

func (s *serving) close() {
	for _, source := range s.sources {
		_ = source.close()
	}
	if s.server != nil {
		s.server.Close()
	}
}

// placeOf is where the tool's own state is: a folder or, where BEHORIG_DATABASE names one, a database, in which BEHORIG_REPOSITORY is the repository's name.
func placeOf(ctx context.Context, w *world, dir, name string) (store.Place, error) {
	s := serving{env: w.env}
	if w.env == nil {
		return store.Dir(dir), nil
	}
	address, err := s.secret("", "BEHORIG_DATABASE", "")
	if err != nil || address == "" {
		return store.Dir(dir), err
	}
	if s.server, err = store.Connect(ctx, address); err != nil {
		return store.Place{}, err
	}
	if name == "" {
		name, _ = w.env("BEHORIG_REPOSITORY")
	}
	return s.place(name, dir)
}

// secret is what a flag says, or a file, or an environment variable, or the file that such a one with _FILE names; "" where none does.
func (s *serving) secret(value, env, file string) (string, error) {
	if value != "" {
		return value, nil
	}
	if v, ok := s.env(env); ok && v != "" && file == "" {
		return v, nil
	}
	if v, ok := s.env(env + "_FILE"); ok && file == "" {
		file = v
	}
	secret, err := kind.Config{Env: s.env}.Secret(env, "", file)
	return secret.Reveal(), err
}

func (r *running) hookSecret(*world) func() (string, error) {
	return func() (string, error) { return r.secret("", "BEHORIG_HOOK_SECRET", r.hookSecretFile) }
}

// wanted are the repositories by name, as flags or the list say now. The one of --repo or --remote alone has no name.
func (s *serving) wanted() (map[string]schema.Repository, error) {
	if s.list == "" {
		return map[string]schema.Repository{"": s.remote}, nil
	}
	list, err := schema.LoadRepositories(os.DirFS(filepath.Dir(s.list)), filepath.Base(s.list))
	if faults(err) != nil {
		return nil, err // each names the file
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.list, err)
	}
	all := map[string]schema.Repository{}
	for name, r := range list.Repositories {
		all[name] = *r
	}
	return all, nil
}

// repositories opens those that are wanted now, and keeps the sources of those that were open before and are the same.
func (s *serving) repositories(ctx context.Context, w *world, poll time.Duration) ([]schedule.Repository, error) {
	wanted, err := s.wanted()
	if err != nil {
		return nil, err
	}
	next := map[string]openSource{}
	var all []schedule.Repository
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		r, err := s.repository(ctx, w, name, wanted[name], next)
		if err != nil {
			errs = append(errs, fmt.Errorf("repository %s: %w", cmp.Or(name, wanted[name].URL, s.repo), err))
			continue
		}
		r.Poll = poll
		all = append(all, r)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	for key, old := range s.sources {
		if _, stays := next[key]; !stays {
			time.AfterFunc(time.Hour, func() { _ = old.close() }) // passes that go on read from it
		}
	}
	s.sources = next
	return all, nil
}

func (s *serving) repository(ctx context.Context, w *world, name string, r schema.Repository, next map[string]openSource) (schedule.Repository, error) {
	key := fmt.Sprintf("%s %+v", name, r)
	out := schedule.Repository{Name: name, TargetsFile: s.targets, Identify: identifier(w, r.KeyFile)}
	dir := s.state
	if name != "" {
		dir = filepath.Join(s.state, name)
	}
	if r.URL == "" {
		local, err := repo.Open(s.repo)
		if err != nil {
			return out, err
		}
		dir = cmp.Or(dir, local.State())
		if _, open := s.sources[key]; !open {
			next[key] = openSource{schedule.Folder{Repo: local}, local.Close}
		}
	} else if _, open := s.sources[key]; !open {
		remote, err := s.origin(r)
		if err != nil {
			return out, err
		}
		m, err := repo.OpenMirror(filepath.Join(dir, "mirror.git"), remote)
		if err != nil {
			return out, err
		}
		next[key] = openSource{schedule.Remote{Mirror: m}, m.Close}
	}
	if old, open := s.sources[key]; open {
		next[key] = old
	}
	out.Source = next[key].Source
	place, err := s.place(name, dir)
	out.Place = place
	return out, err
}

// place is where the state of a repository is: in a folder, or in the database beside those of others.
func (s *serving) place(name, dir string) (store.Place, error) {
	p := store.Dir(dir)
	if s.server == nil {
		return p, nil
	}
	schema, err := store.SchemaOf(cmp.Or(name, "access"))
	p.Server, p.Schema = s.server, schema
	return p, err
}

// origin is where a repository is fetched from, with its secrets named and not opened.
func (s *serving) origin(r schema.Repository) (repo.Remote, error) {
	c := kind.Config{Env: s.env}
	opener := func(name, env, file string) func() (string, error) {
		if env == "" && file == "" {
			return nil
		}
		return func() (string, error) {
			secret, err := c.Secret(name, env, file)
			return secret.Reveal(), err
		}
	}
	out := repo.Remote{
		URL: r.URL, Branch: r.Branch, Sub: r.Folder, User: r.User, KnownHosts: r.KnownHosts,
		Token: opener("token", r.TokenEnv, r.TokenFile), Passphrase: opener("passphrase", r.PassphraseEnv, r.PassphraseFile),
	}
	if r.SSHKeyFile != "" {
		out.SSHKey = func() ([]byte, error) { return os.ReadFile(r.SSHKeyFile) }
	}
	if r.CAFile != "" {
		var err error
		if out.CA, err = os.ReadFile(r.CAFile); err != nil {
			return out, err
		}
	}
	return out, nil
}
