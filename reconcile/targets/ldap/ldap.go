// Package ldap is the target for directories: Active Directory (Samba's too) and OpenLDAP. Roles are groups, filled per unit by templates, or, in catalogues
// such as HSA, an entry per person, unit and role (an assignment). Accounts are found, made if the options say so, switched on and off, and never deleted.
//
// It follows no referral, moves no account between folders, sets no password that anybody knows, and renames nothing. A unit's former keys are unknown to it.
//
// One user object serves many systems. The account of a system is there when the user may sign in and
//
//	account: {group: …}   is a member of that group
//	no account group      holds some role of the system
//
// Who loses the last group of this target is switched off, before the groups are touched (accounts.disable).
package ldap

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// Target is one directory, open. It connects when it is first used.
type Target struct {
	config   kind.Config
	people   func() *kind.People
	options  options
	pool     *pool
	mapping  *mapping
	zone     *time.Location
	entries  []*assignments // by system, sorted
	accounts *accountRules  // known once the server's dialect is; see connect

	mu     sync.Mutex // one batch at a time
	first  sync.Mutex // guards server and accounts
	server *server

	primaryMu sync.Mutex
	primary   map[string]string // security identifiers of primary groups to their DNs, "" where the mapping does not know them
}

// Open opens the directory. It resolves secrets and settings, and connects to nothing.
func Open(_ context.Context, c kind.Config) (reconcile.Target, error) {
	p, faults := parse(c)
	if len(faults) > 0 {
		return nil, faults.Sorted()
	}
	zone, err := c.Org.Zone()
	if err != nil {
		return nil, err
	}
	secret, err := c.Secret("password", p.options.PasswordEnv, p.options.PasswordFile)
	if err != nil {
		return nil, err
	}
	secure, plain := p.options.schemes()
	address, tls, err := p.options.Endpoint.Open(c, secure, plain)
	if err != nil {
		return nil, err
	}
	t := &Target{config: c, people: sync.OnceValue(c.People), options: p.options, mapping: p.mapping, zone: zone, entries: p.entries}
	t.pool = newPool(dialer{
		address: address, tls: tls, startTLS: p.options.StartTLS, bindDN: p.options.BindDN, password: secret,
		timeout: kind.Duration(p.options.Timeout, 30*time.Second),
	}, cmp.Or(p.options.Connections, 4))
	return t, nil
}

// Close lets go of the connections.
func (t *Target) Close() error {
	t.pool.close()
	return nil
}

// Undated implements [reconcile.Undater]: a group keeps no last day. An assignment does where its options say in which attribute.
func (t *Target) Undated(k schema.Key) bool {
	e := t.assignment(k.System)
	return k.Role == "" || e == nil || e.until == ""
}

// assignment is how a system's assignments are kept; nil where its roles are groups.
func (t *Target) assignment(system string) *assignments {
	for _, e := range t.entries {
		if e.system == system {
			return e
		}
	}
	return nil
}

// connect finds out what the server is, once.
func (t *Target) connect(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t.first.Lock()
	defer t.first.Unlock()
	if t.server != nil {
		return nil
	}
	s, err := t.rootDSE(ctx)
	if err != nil {
		return err
	}
	switch t.options.Dialect {
	case "ad":
		s.ad = true
	case "openldap":
		s.ad = false
	}
	t.accounts = rulesOf(t.options, s)
	t.server = s
	return t.reach(ctx, s)
}

// reach finds out from where groups and accounts that are anywhere can be searched: the server's roots, or, where bindDN may not see these, the folders
// of the options.
func (t *Target) reach(ctx context.Context, s *server) error {
	var seen []string
	for _, dn := range s.contexts {
		e, err := t.one(ctx, dn, "(objectClass=*)", "1.1")
		switch {
		case err != nil && (reconcile.Passing(err) || isStop(err)):
			t.server = nil
			return err
		case e != nil:
			seen = append(seen, dn)
		}
	}
	if s.contexts = seen; len(seen) > 0 {
		return nil
	}
	for _, dn := range []string{t.options.Groups.Base, t.options.Users.Base} {
		if dn != "" {
			s.contexts = append(s.contexts, dn)
		}
	}
	return nil
}

// expired tells whether something that ends at an instant has ended on the day of the run.
func (t *Target) expired(end time.Time) bool {
	return !end.IsZero() && !end.After(t.midnight(t.config.On))
}

// midnight is when a day begins in the organisation's time zone.
func (t *Target) midnight(d schema.Date) time.Time {
	y, m, day := d.Time().Date()
	return time.Date(y, m, day, 0, 0, 0, 0, t.zone)
}

// person is somebody of the repository whom a grant is for.
func (t *Target) person(key string) (*kind.Person, error) {
	p, err := t.people().Person(key)
	if err != nil {
		return nil, fmt.Errorf("%w: nothing can be given to somebody who is not known", err)
	}
	return p, nil
}

// veiled tells whether nothing of a person but the key may be shown.
func (t *Target) veiled(key string) bool {
	p, err := t.people().Person(key)
	return err == nil && p.Protected
}
