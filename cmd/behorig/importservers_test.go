package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/reconcile/targets/targettest"
)

// mess is a municipality's systems before anybody kept them in order: an Active Directory and a SCIM service, filled past our own code.
type mess struct {
	*testing.T
	ad, scim map[string]string
	admin    *ldap.Conn
	client   *http.Client
	members  map[string][]string // group of the directory to the DNs in it
	ids      map[string][]string // group of the SCIM service to the ids in it
	dir      string
	env      map[string]string
}

// worker is somebody as a system knows them.
type worker struct {
	login, name, number string
	roles               []string // groups
	off                 bool
}

func startMess(t *testing.T) *mess {
	dir := t.TempDir()
	own := "IMPORT=" + dir // servers of its own: what other tests put there would be imported too
	m := &mess{
		T: t, ad: targettest.Start(t, "samba", own).Vars, scim: targettest.Start(t, "scim", own).Vars,
		members: map[string][]string{}, ids: map[string][]string{}, dir: dir,
	}
	m.env = map[string]string{
		"AD_URL": m.ad["TLS_URL"], "AD_CA": m.ad["CA"], "AD_PASSWORD": m.ad["BIND_PASSWORD"],
		"SCIM_URL": m.scim["URL"], "SCIM_CA": m.scim["CA"], "SCIM_TOKEN": m.scim["TOKEN"],
	}
	trust := func(file string) *tls.Config {
		pem, err := os.ReadFile(file)
		m.must(err)
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(pem)
		return &tls.Config{RootCAs: pool}
	}
	var err error
	m.admin, err = ldap.DialURL(m.ad["TLS_URL"], ldap.DialWithTLSConfig(trust(m.ad["CA"])))
	m.must(err)
	t.Cleanup(func() { m.admin.Close() })
	m.must(m.admin.Bind(m.ad["ADMIN_DN"], m.ad["ADMIN_PASSWORD"]))
	m.client = &http.Client{Transport: &http.Transport{TLSClientConfig: trust(m.scim["CA"])}}
	for _, ou := range []string{"OU=Import," + m.ad["PEOPLE"], "OU=Import," + m.ad["GROUPS"]} {
		r := ldap.NewAddRequest(ou, nil)
		r.Attribute("objectClass", []string{"organizationalUnit"})
		m.must(m.admin.Add(r))
	}
	return m
}

func (m *mess) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

// user puts somebody into the directory.
func (m *mess) user(w worker) {
	m.Helper()
	dn := "CN=" + ldap.EscapeDN(w.login) + ",OU=Import," + m.ad["PEOPLE"]
	r := ldap.NewAddRequest(dn, nil)
	r.Attribute("objectClass", []string{"user"})
	r.Attribute("sAMAccountName", []string{w.login})
	control := "544" // no password is needed to make it
	if w.off {
		control = "546"
	}
	r.Attribute("userAccountControl", []string{control})
	if w.name != "" {
		r.Attribute("displayName", []string{w.name})
	}
	if w.number != "" {
		r.Attribute("employeeID", []string{w.number})
	}
	m.must(m.admin.Add(r))
	for _, g := range w.roles {
		m.members[g] = append(m.members[g], dn)
	}
}

// call asks the SCIM service for something and gives the id in its answer.
func (m *mess) call(path string, body map[string]any) string {
	m.Helper()
	raw, err := json.Marshal(body)
	m.must(err)
	r, err := http.NewRequestWithContext(m.Context(), http.MethodPost, m.scim["URL"]+path, bytes.NewReader(raw))
	m.must(err)
	r.Header.Set("Authorization", "Bearer "+m.scim["TOKEN"])
	r.Header.Set("Content-Type", "application/scim+json")
	answer, err := m.client.Do(r)
	m.must(err)
	defer answer.Body.Close()
	var said struct{ ID string }
	m.must(json.NewDecoder(answer.Body).Decode(&said))
	if answer.StatusCode != http.StatusCreated {
		m.Fatalf("%s: got %s, want it created", path, answer.Status)
	}
	return said.ID
}

// member puts somebody into the SCIM service.
func (m *mess) member(w worker) {
	m.Helper()
	user := map[string]any{
		"schemas":  []string{"urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"},
		"userName": w.login, "displayName": w.name, "active": !w.off,
	}
	if w.number != "" {
		user["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"] = map[string]any{"employeeNumber": w.number}
	}
	id := m.call("/Users", user)
	for _, g := range w.roles {
		m.ids[g] = append(m.ids[g], id)
	}
}

// groups makes all groups with who is in them.
func (m *mess) groups() {
	m.Helper()
	for g, members := range m.members {
		r := ldap.NewAddRequest("CN="+g+",OU=Import,"+m.ad["GROUPS"], nil)
		r.Attribute("objectClass", []string{"group"})
		r.Attribute("sAMAccountName", []string{g})
		r.Attribute("member", members)
		m.must(m.admin.Add(r))
	}
	for g, ids := range m.ids {
		var members []map[string]any
		for _, id := range ids {
			members = append(members, map[string]any{"value": id})
		}
		m.call("/Groups", map[string]any{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:Group"}, "displayName": g, "members": members})
	}
}

// snapshot is all that the systems hold of groups, to tell whether anything was written.
func (m *mess) snapshot() string {
	m.Helper()
	found, err := m.admin.Search(ldap.NewSearchRequest(m.ad["BASE"], ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, "(|(&(objectClass=user)(sAMAccountName=*))(objectClass=group))", []string{"uSNChanged"}, nil))
	m.must(err)
	var b bytes.Buffer
	for _, e := range found.Entries {
		if !strings.Contains(e.DN, "CN=behorig,") { // its sign-ins are noted on it
			fmt.Fprintln(&b, e.DN, e.GetAttributeValue("uSNChanged"))
		}
	}
	for _, path := range []string{"/Users", "/Groups"} {
		r, err := http.NewRequestWithContext(m.Context(), http.MethodGet, m.scim["URL"]+path+"?count=1000", nil)
		m.must(err)
		r.Header.Set("Authorization", "Bearer "+m.scim["TOKEN"])
		answer, err := m.client.Do(r)
		m.must(err)
		_, err = fmt.Fprintln(&b, path, answer.Status)
		m.must(err)
		_, err = b.ReadFrom(answer.Body)
		m.must(err)
		answer.Body.Close()
	}
	return b.String()
}
