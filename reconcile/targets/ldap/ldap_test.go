package ldap

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

func TestMain(m *testing.M) { os.Exit(targettest.Main(m)) }

// directory is a server with a part of it that a test has to itself, looked at and changed from outside as its administrator.
type directory struct {
	*targettest.Server
	t             testing.TB
	ad            bool
	admin         *ldap.Conn
	people, roles string // the folders
}

// names are everybody of the suite's repository.
func names() []string {
	all := []string{"ada", "bo", "nobody"}
	for i := range 8 {
		all = append(all, fmt.Sprintf("p%d", i))
	}
	for i := range 20 {
		all = append(all, fmt.Sprintf("p%02d", i))
	}
	return all
}

func dial(t testing.TB, url, ca, dn, password string) *ldap.Conn {
	t.Helper()
	host := strings.Split(strings.Split(url, "://")[1], ":")[0]
	c, err := kind.TLS(ca, host)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := ldap.DialURL(url, ldap.DialWithTLSConfig(c))
	if err != nil {
		t.Fatal(err)
	}
	conn.SetTimeout(20 * time.Second)
	t.Cleanup(func() { conn.Close() })
	if dn != "" {
		if err := conn.Bind(dn, password); err != nil {
			t.Fatal(err)
		}
	}
	return conn
}

// slapd is a part of an OpenLDAP that the test has to itself.
func slapd(t testing.TB, env ...string) *directory {
	t.Helper()
	s := targettest.Start(t, "slapd", env...)
	v := s.Vars
	d := &directory{Server: s, t: t}
	d.admin = dial(t, v["TLS_URL"], v["CA"], v["ADMIN_DN"], v["ADMIN_PASSWORD"])
	d.people, d.roles = "ou=people,"+v["BASE"], "ou=groups,"+v["BASE"]
	if len(env) > 0 {
		return d // one that may take no writes
	}
	name := strings.NewReplacer("/", "-", ",", "", "=", "").Replace(t.Name())
	for _, base := range []*string{&d.people, &d.roles} {
		*base = "ou=" + name + "," + *base
		r := ldap.NewAddRequest(*base, nil)
		r.Attribute("objectClass", []string{"organizationalUnit"})
		err := d.admin.Add(r)
		for n := 2; ldap.IsErrorWithCode(err, ldap.LDAPResultEntryAlreadyExists); n++ { // -count
			*base = fmt.Sprintf("ou=%s-%d,%s", name, n, strings.SplitN(*base, ",", 2)[1])
			r.DN = *base
			err = d.admin.Add(r)
		}
		d.must(err)
	}
	return d
}

// samba is an Active Directory. A login is unique in all of it, so tests share its folders: each begins with reset.
func samba(t testing.TB) *directory {
	t.Helper()
	s := targettest.Start(t, "samba")
	v := s.Vars
	d := &directory{Server: s, t: t, ad: true, people: v["PEOPLE"], roles: v["GROUPS"]}
	d.admin = dial(t, v["TLS_URL"], v["CA"], v["ADMIN_DN"], v["ADMIN_PASSWORD"])
	return d
}

// user adds a user as an HR system would: switched off.
func (d *directory) user(name string, attributes ...string) string {
	d.t.Helper()
	r := ldap.NewAddRequest(d.userDN(name), nil)
	if d.ad {
		r.Attribute("objectClass", []string{"user"})
		r.Attribute("sAMAccountName", []string{name})
		r.Attribute("employeeID", []string{"E-" + name})
		r.Attribute("unicodePwd", []string{unicodePassword(password)})
		r.Attribute("userAccountControl", []string{"514"})
	} else {
		r.Attribute("objectClass", []string{"inetOrgPerson"})
		r.Attribute("sn", []string{name})
		r.Attribute("cn", []string{"Namn " + name})
		r.Attribute("employeeNumber", []string{"E-" + name})
		r.Attribute("userPassword", []string{password})
		r.Attribute("pwdAccountLockedTime", []string{lockedForEver})
	}
	for i := 0; i < len(attributes); i += 2 {
		r.Attribute(attributes[i], []string{attributes[i+1]})
	}
	d.must(d.admin.Add(r))
	return r.DN
}

const password = "Hemligt!4711-abc"

func (d *directory) userDN(name string) string {
	if d.ad {
		return "CN=" + name + "," + d.people
	}
	return "uid=" + name + "," + d.people
}

func (d *directory) groupDN(name string) string { return "CN=" + name + "," + d.roles }

const nobodyDN = "cn=empty,dc=example,dc=test"

// group adds a group.
func (d *directory) group(name string, members ...string) {
	d.t.Helper()
	r := ldap.NewAddRequest(d.groupDN(name), nil)
	if d.ad {
		r.Attribute("objectClass", []string{"group"})
	} else {
		r.Attribute("objectClass", []string{"groupOfNames"})
		members = append(members, nobodyDN)
	}
	if len(members) > 0 {
		r.Attribute("member", members)
	}
	d.must(d.admin.Add(r))
}

// member puts a DN in a group or takes it out, behind the target's back.
func (d *directory) member(group, dn string, in bool) {
	d.t.Helper()
	r := ldap.NewModifyRequest(d.groupDN(group), nil)
	if in {
		r.Add("member", []string{dn})
	} else {
		r.Delete("member", []string{dn})
	}
	d.must(d.admin.Modify(r))
}

func (d *directory) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// entry reads one entry from outside; nil where there is none.
func (d *directory) entry(dn string, attributes ...string) *ldap.Entry {
	d.t.Helper()
	r, err := d.admin.Search(ldap.NewSearchRequest(dn, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", attributes, nil))
	if ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject) {
		return nil
	}
	d.must(err)
	return r.Entries[0]
}

// off tells from outside whether a user is switched off.
func (d *directory) off(name string) bool {
	d.t.Helper()
	e := d.entry(d.userDN(name), "userAccountControl", "pwdAccountLockedTime")
	if e == nil {
		d.t.Fatalf("%s is gone", name)
	}
	if d.ad {
		return e.GetAttributeValue("userAccountControl") == "514"
	}
	return e.GetAttributeValue("pwdAccountLockedTime") == lockedForEver
}

// targets is a targets.yaml for the directory. more stands under the target's options, a and b under the systems'.
func (d *directory) targets(more, a, b string) string {
	v := d.Vars
	return fmt.Sprintf(`targets:
  dir:
    kind: ldap
    url: %s
    caFile: %s
    bindDN: %s
    passwordEnv: LDAP_PASSWORD
%s
systems:
  a: {target: dir%s}
  b: {target: dir%s}
`, v["TLS_URL"], v["CA"], v["BIND_DN"], more, a, b)
}

// usual are options and bindings with an account group and roles per unit.
func (d *directory) usual(more string) string {
	placeholder := ""
	if !d.ad {
		placeholder = ", placeholder: \"" + nobodyDN + "\""
	}
	options := fmt.Sprintf("    users: {base: \"%s\"}\n    groups: {base: \"%s\"%s}\n%s", d.people, d.roles, placeholder, more)
	system := func(s string) string {
		return fmt.Sprintf(`, account: {group: "CN=%s,%s"}, roles: {r: ["CN=%s-r-{unit},%s"], s: ["CN={system}-s-{unit},%s"]}`, s, d.roles, s, d.roles, d.roles)
	}
	return d.targets(options, system("a"), system("b"))
}

// open opens a target on a targets.yaml.
func (d *directory) open(t testing.TB, targets string, files map[string]string) *Target {
	t.Helper()
	target, err := d.try(t, targets, files)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func (d *directory) try(t testing.TB, targets string, files map[string]string) (*Target, error) {
	t.Helper()
	c := targettest.Config(t, targettest.Repository(t, targets, files), "dir", t.TempDir(), "a", "b")
	c.Env = func(name string) (string, bool) { return d.Vars["BIND_PASSWORD"], name == "LDAP_PASSWORD" }
	target, err := Open(t.Context(), c)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { target.Close() })
	return target.(*Target), nil
}

// reset takes everybody out of everything.
func (d *directory) reset() {
	for _, name := range []string{"a", "a-r-u", "a-r-v", "a-s-u", "a-s-v", "b", "b-r-u", "b-r-v", "b-s-u", "b-s-v"} {
		if d.entry(d.groupDN(name), "1.1") == nil {
			d.group(name)
			continue
		}
		r := ldap.NewModifyRequest(d.groupDN(name), nil)
		if d.ad {
			r.Replace("member", nil)
		} else {
			r.Replace("member", []string{nobodyDN})
		}
		d.must(d.admin.Modify(r))
	}
	for _, name := range names() {
		e := d.entry(d.userDN(name), "userAccountControl", "pwdAccountLockedTime")
		switch {
		case e == nil:
			d.user(name)
		case d.ad && e.GetAttributeValue("userAccountControl") != "514":
			r := ldap.NewModifyRequest(e.DN, nil)
			r.Replace("userAccountControl", []string{"514"})
			d.must(d.admin.Modify(r))
		case !d.ad && e.GetAttributeValue("pwdAccountLockedTime") == "":
			r := ldap.NewModifyRequest(e.DN, nil)
			r.Replace("pwdAccountLockedTime", []string{lockedForEver})
			d.must(d.admin.Modify(r))
		}
	}
}

func conformance(t *testing.T, d *directory, checks int) {
	u, err := url.Parse(d.Vars["TLS_URL"])
	d.must(err)
	host := u.Host
	if u.Port() == "" {
		host += ":636"
	}
	line := targettest.NewProxy(t, host)
	targets := strings.ReplaceAll(d.usual(""), d.Vars["TLS_URL"], "ldaps://"+line.Addr())
	targettest.Run(t, targettest.Options{
		Fresh: func(t *testing.T) func() reconcile.Target {
			d.reset()
			return func() reconcile.Target { return d.open(t, targets, nil) }
		},
		Systems: [2]string{"a", "b"}, Roles: [2]string{"r", "s"}, Units: [2]string{"u", "v"},
		Undated:  true,
		Disabled: func(_ *testing.T, _ reconcile.Target, _, person string) bool { return d.off(person) },
		Checks:   checks,
		Proxy:    line,
	})
}

func TestOpenLDAPKeepsThePromises(t *testing.T) { conformance(t, slapd(t), 10) }

func contextFor(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}
