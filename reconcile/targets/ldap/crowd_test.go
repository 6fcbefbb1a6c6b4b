package ldap

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// crowd is so many people with entries in a folder of their own: users and, since AD is slow to make these, mostly contacts.
func (d *directory) crowd(n int) (folder string, files map[string]string) {
	d.t.Helper()
	folder = "OU=Alla," + d.Vars["BASE"] // apart, so that no other test reads them
	files = map[string]string{}
	for i := range n {
		key := fmt.Sprintf("c%05d", i)
		files["people/"+key+".yaml"] = fmt.Sprintf("name: Namn %s\nlogin: %s\nemployeeId: E-%s\nemployments:\n  - {unit: u, title: x, form: permanent, from: 2020-01-01}\n", key, key, key)
	}
	if d.entry(folder, "1.1") != nil {
		return folder, files
	}
	r := ldap.NewAddRequest(folder, nil)
	r.Attribute("objectClass", []string{"organizationalUnit"})
	d.must(d.admin.Add(r))
	var wait sync.WaitGroup
	const workers = 4
	for w := range workers {
		conn := dial(d.t, d.Vars["TLS_URL"], d.Vars["CA"], d.Vars["ADMIN_DN"], d.Vars["ADMIN_PASSWORD"])
		wait.Go(func() {
			for i := w; i < n; i += workers {
				key := fmt.Sprintf("c%05d", i)
				r := ldap.NewAddRequest("CN="+key+","+folder, nil)
				r.Attribute("employeeID", []string{"E-" + key})
				if i%100 == 0 {
					r.Attribute("objectClass", []string{"user"})
					r.Attribute("sAMAccountName", []string{key})
				} else {
					r.Attribute("objectClass", []string{"contact"})
				}
				if err := conn.Add(r); err != nil {
					d.t.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	return folder, files
}

const five = 5000

// crowded is a directory where a group has 5,000 members, and a target of it through a network that counts.
func crowded(t testing.TB) (*directory, *middle, *Target) {
	t.Helper()
	d := readyAD(t)
	folder, files := d.crowd(five)
	members := make([]string, five)
	for i := range members {
		members[i] = fmt.Sprintf("CN=c%05d,%s", i, folder)
	}
	d.set(d.groupDN("a-r-u"), "member", members...)
	d.set(d.groupDN("a"), "member", members[0], members[100])
	m := between(t, d.Vars["TLS_URL"])
	d.Vars["TLS_URL"] = m.url()
	filter := `, filter: "(|(objectClass=contact)(&(objectCategory=person)(objectClass=user)))"}`
	return d, m, d.open(t, strings.Replace(d.usual("    accounts: {disable: never}\n"), d.people+`"}`, folder+`"`+filter, 1), files)
}

// TestOneOfFiveThousand counts what it costs to take one of 5,000 out of a group: on the network, not in our own books.
func TestOneOfFiveThousand(t *testing.T) {
	d, m, target := crowded(t)
	state, err := target.Read(t.Context())
	if err != nil || len(state) != five {
		t.Fatalf("got %d grants, error %v, want %d", len(state), err, five)
	}
	t.Logf("read: %d requests", m.requests.Load())
	if got, most := m.requests.Load(), int64(15); got > most {
		t.Errorf("read: got %d requests, want %d at most", got, most)
	}
	before := m.requests.Load()
	made(t, target, "- a/r/u c00100")
	t.Logf("one removed: %d requests", m.requests.Load()-before)
	if got := m.requests.Load() - before; got > 4 {
		t.Errorf("one removed: got %d requests, want 4 at most", got)
	}
	if got := len(d.of("a-r-u")); got != five-1 {
		t.Errorf("got %d members, want %d", got, five-1)
	}
	state, err = target.Read(t.Context())
	if _, held := state[schema.Key{System: "a", Role: "r", Unit: "u", Person: "c00100"}]; err != nil || held || len(state) != five-1 {
		t.Errorf("got %d grants, error %v, held %v; want %d, the one gone", len(state), err, held, five-1)
	}
	// Forty at once cost as many requests as one, beside what finds them.
	before = m.requests.Load()
	var many []string
	for i := range 40 {
		many = append(many, fmt.Sprintf("- a/r/u c%05d", 1001+i))
	}
	made(t, target, many...)
	t.Logf("forty removed: %d requests", m.requests.Load()-before)
	if got := m.requests.Load() - before; got > 4+40 {
		t.Errorf("forty removed: got %d requests, want 44 at most", got)
	}
	if got := len(d.of("a-r-u")); got != five-41 {
		t.Errorf("got %d members, want %d", got, five-41)
	}
}

func BenchmarkReadFiveThousand(b *testing.B) {
	_, _, target := crowded(b)
	for b.Loop() {
		if _, err := target.Read(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOneOfFiveThousand(b *testing.B) {
	_, m, target := crowded(b)
	begun := m.requests.Load()
	for i := 0; b.Loop(); i++ {
		c := change(b, map[bool]string{true: "- a/r/u c00100", false: "+ a/r/u c00100"}[i%2 == 0])
		if r := target.ApplyAll(b.Context(), []reconcile.Change{c})[0]; r.Err != nil {
			b.Fatal(r.Err)
		}
	}
	b.ReportMetric(float64(m.requests.Load()-begun)/float64(b.N), "requests/op")
}
