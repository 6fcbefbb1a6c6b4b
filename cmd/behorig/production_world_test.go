package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/go-ldap/ldap/v3"
	"github.com/jackc/pgx/v5"

	"github.com/behorig/behorig/reconcile/targets/targettest"
)

// production is the whole municipality bound to all six kinds of real target, each a throw-away real server. What they hold is asked past our own
// code.
type production struct {
	*testing.T
	dir              string
	ad, hsa, rt      map[string]string // what the servers say of themselves
	scim, pg, sshd   map[string]string
	responsAccounts  string // the file of the program that stands for DF Respons
	directory, uppdr *ldap.Conn
}

// planned is what apply and plan print as JSON, as far as it is looked at here.
type planned struct {
	Changes   []changed `json:"changes"`
	Outcomes  []changed `json:"outcomes"`
	Unordered []changed `json:"unordered"`
	Unread    []any     `json:"unread"`
	Stops     []any     `json:"stops"`
}

type changed struct {
	Verb, Person, System, Role, Unit, Status, Error string
}

func startProduction(t *testing.T) *production {
	p := &production{T: t, dir: t.TempDir()}
	for name, vars := range map[string]*map[string]string{"samba": &p.ad, "slapd": &p.hsa, "rt": &p.rt, "scim": &p.scim, "postgres": &p.pg, "sshd": &p.sshd} {
		*vars = targettest.Start(t, name, "FOR=TestProduction").Vars // its own: all that is in them is counted
	}
	if err := copyMissing(p.dir, filepath.Join("..", "..", "examples", "falkenberg")); err != nil {
		t.Fatal(err)
	}
	p.responsAccounts = filepath.Join(t.TempDir(), "respons.json")
	program := p.program(filepath.Join("..", "..", "examples", "exec", "accounts.py"), p.responsAccounts)
	for name, value := range map[string]string{
		"AD_URL": p.ad["TLS_URL"], "AD_CA_FILE": p.ad["CA"], "AD_PASSWORD": p.ad["BIND_PASSWORD"],
		"HSA_URL": p.hsa["TLS_URL"], "HSA_CA_FILE": p.hsa["CA"], "HSA_PASSWORD": p.hsa["BIND_PASSWORD"],
		"APPVA_URL": p.scim["URL"], "APPVA_CA_FILE": p.scim["CA"], "APPVA_TOKEN": p.scim["TOKEN"],
		"LIS_HOST": p.pg["HOST"], "LIS_PORT": p.pg["PORT"], "LIS_DATABASE": p.pg["DATABASE"], "LIS_USER": p.pg["USER"], "LIS_PASSWORD": p.pg["PASSWORD"], "LIS_CA_FILE": p.pg["CA"],
		"SFTP_HOST": p.sshd["HOST"], "SFTP_PORT": p.sshd["PORT"], "SFTP_USER": p.sshd["USER"], "SFTP_KEY_FILE": p.sshd["KEY"], "SFTP_KNOWN_HOSTS": p.sshd["KNOWN_HOSTS"],
		"RT_URL": p.rt["URL"], "RT_TOKEN": p.rt["TOKEN"],
		"RESPONS_COMMAND": program,
	} {
		t.Setenv(name, value)
	}
	tables, err := os.ReadFile(filepath.Join(p.dir, "production", "lis.sql"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.database().Exec(t.Context(), string(tables)); err != nil {
		t.Fatal(err)
	}
	p.directory = p.dial(p.ad)
	p.uppdr = p.dial(p.hsa)
	return p
}

// program is a script that runs a program of examples/exec with a file of accounts.
func (p *production) program(path, accounts string) string {
	p.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		p.Fatal(err)
	}
	script := filepath.Join(p.TempDir(), "respons")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nexec python3 '"+path+"' '"+accounts+"'\n"), 0o700); err != nil {
		p.Fatal(err)
	}
	return script
}

// dial is a connection to a directory as its administrator.
func (p *production) dial(vars map[string]string) *ldap.Conn {
	p.Helper()
	c, err := p.bind(vars, vars["ADMIN_DN"], vars["ADMIN_PASSWORD"])
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { _ = c.Close() })
	return c
}

// bind signs in to a directory.
func (p *production) bind(vars map[string]string, name, password string) (*ldap.Conn, error) {
	p.Helper()
	u, err := url.Parse(vars["TLS_URL"])
	if err != nil {
		p.Fatal(err)
	}
	c, err := ldap.DialURL(vars["TLS_URL"], ldap.DialWithTLSConfig(&tls.Config{RootCAs: p.authority(vars["CA"]), ServerName: u.Hostname()}))
	if err != nil {
		p.Fatal(err)
	}
	if err := c.Bind(name, password); err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, nil
}

func (p *production) authority(file string) *x509.CertPool {
	p.Helper()
	pem, err := os.ReadFile(file)
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(pem) {
		p.Fatalf("got error %v, want the certificates of %s", err, file)
	}
	return pool
}

func (p *production) database() *pgx.Conn {
	p.Helper()
	c, err := pgx.Connect(p.Context(), p.pg["URL"])
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { _ = c.Close(context.WithoutCancel(p.Context())) })
	return c
}

// run runs a command on the municipality and wants exit code 0.
func (p *production) run(args ...string) string {
	p.Helper()
	var out, speech bytes.Buffer
	evening := time.Date(now.Year(), now.Month(), now.Day(), 21, 30, 0, 0, time.UTC) // the systems' windows are all open then
	w := &world{out: &out, err: &speech, now: func() time.Time { return evening }, actor: "test", env: os.LookupEnv}
	began := time.Now()
	code := run(p.Context(), w, append(args, "--repo", p.dir, "--targets", "targets.production.yaml"))
	p.Logf("behorig %s: %s", strings.Join(args, " "), time.Since(began).Round(time.Millisecond))
	if code != 0 {
		p.Errorf("behorig %s: got code %d, want 0: %s", strings.Join(args, " "), code, speech.String())
	}
	return out.String()
}

func (p *production) json(args ...string) planned {
	p.Helper()
	var doc planned
	if err := json.Unmarshal([]byte(p.run(append(args, "--format", "json")...)), &doc); err != nil {
		p.Fatal(err)
	}
	for _, o := range doc.Outcomes {
		if o.Status != "done" && o.Status != "dispatched" && !(o.Status == "already" && o.Role == "") { // an uppdrag has no account beside it
			p.Errorf("%s %s %s/%s: got %s (%s), want it made", o.Verb, o.Person, o.System, o.Role, o.Status, o.Error)
		}
	}
	for _, u := range doc.Unread {
		p.Errorf("got %v not read", u)
	}
	return doc
}

// search finds entries in a directory and gives one attribute of each, sorted.
func (p *production) search(c *ldap.Conn, base, filter, attribute string) []string {
	p.Helper()
	found, err := c.SearchWithPaging(ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, 0, 0, 0, false, filter, []string{attribute}, nil), 500)
	if err != nil {
		p.Fatal(err)
	}
	var all []string
	for _, e := range found.Entries {
		all = append(all, e.GetAttributeValues(attribute)...)
	}
	slices.Sort(all)
	return all
}

// web asks an HTTP service.
func (p *production) web(client *http.Client, address string, header http.Header, into any) {
	p.Helper()
	r, err := http.NewRequestWithContext(p.Context(), http.MethodGet, address, nil)
	if err != nil {
		p.Fatal(err)
	}
	r.Header = header
	answer, err := client.Do(r)
	if err != nil {
		p.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		p.Fatalf("%s: got %s, error %v", address, answer.Status, err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		p.Fatal(err)
	}
}

// tickets are how many tickets RT finds.
func (p *production) tickets(query string) int {
	p.Helper()
	var found struct{ Total int }
	p.web(http.DefaultClient, p.rt["URL"]+"/REST/2.0/tickets?query="+url.QueryEscape(query), http.Header{"Authorization": {"token " + p.rt["TOKEN"]}}, &found)
	return found.Total
}

// active are the users of the SCIM service who may sign in, by login.
func (p *production) active() []string {
	p.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: p.authority(p.scim["CA"])}}}
	defer client.CloseIdleConnections()
	var names []string
	for start, total := 1, 1; start <= total; {
		var page struct {
			TotalResults int `json:"totalResults"`
			Resources    []struct {
				UserName string `json:"userName"`
				Active   bool   `json:"active"`
			}
		}
		p.web(client, fmt.Sprintf("%s/Users?startIndex=%d&count=100", p.scim["URL"], start), http.Header{"Authorization": {"Bearer " + p.scim["TOKEN"]}}, &page)
		for _, u := range page.Resources {
			if u.Active {
				names = append(names, u.UserName)
			}
		}
		total, start = page.TotalResults, start+max(len(page.Resources), 1)
	}
	slices.Sort(names)
	return names
}

// column is what a query finds in the database, one value a row.
func (p *production) column(query string, args ...any) []string {
	p.Helper()
	rows, err := p.database().Query(p.Context(), query, args...)
	if err != nil {
		p.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			p.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// lines are the lines of the newest import file of a system.
func (p *production) lines(system string) []string {
	p.Helper()
	names, err := filepath.Glob(filepath.Join(p.sshd["ROOT"], "in", system+"-*"))
	names = slices.DeleteFunc(names, func(n string) bool { return strings.HasSuffix(n, ".klar") })
	if err != nil || len(names) == 0 {
		p.Fatalf("got no import file of %s (%v), want one", system, err)
	}
	raw, err := os.ReadFile(slices.Max(names))
	if err != nil {
		p.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(raw)), "\n")
}

// edit replaces a text in a file of the repository, once.
func (p *production) edit(file, from, to string) {
	p.Helper()
	path := filepath.Join(p.dir, file)
	raw, err := os.ReadFile(path)
	if err != nil {
		p.Fatal(err)
	}
	if n := strings.Count(string(raw), from); n != 1 {
		p.Fatalf("%s: got %q %d times, want it once", file, from, n)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(raw), from, to, 1)), 0o600); err != nil {
		p.Fatal(err)
	}
}

// password gives somebody in AD a password, as they would have one.
func (p *production) password(dn, password string) {
	p.Helper()
	var b []byte
	for _, u := range utf16.Encode([]rune(`"` + password + `"`)) {
		b = append(b, byte(u), byte(u>>8))
	}
	m := ldap.NewModifyRequest(dn, nil)
	m.Replace("unicodePwd", []string{string(b)})
	if err := p.directory.Modify(m); err != nil {
		p.Fatal(err)
	}
}
