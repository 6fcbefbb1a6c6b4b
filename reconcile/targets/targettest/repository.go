package targettest

import (
	"fmt"
	"testing"
	"testing/fstest"

	databases "github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// Today is the day that the suite's repository is read for.
var Today = schema.Day(2026, 11, 23)

// Repository is a small access repository for a target's tests, read: systems a and b with the roles r and s, units u and v, the people that the
// suite gives access to and takes it from (ada, bo, nobody, p0…p7, p00…p19), and a targets.yaml. Each person has a login that is the key, an
// employee id E-key, and an HSA-id. Ada leaves on 2027-06-30; the others have no last day. Files beside these, or in their stead, are
// given by path.
func Repository(t testing.TB, targets string, files map[string]string) *schema.Org {
	t.Helper()
	tree := fstest.MapFS{}
	put := func(path, text string) { tree[path] = &fstest.MapFile{Data: []byte(text)} }
	put("behorig.yaml", "organisation: Provkommun\ntimezone: Europe/Stockholm\n")
	put("targets.yaml", targets)
	for _, s := range []string{"a", "b"} {
		put("systems/"+s+".yaml", "name: System "+s+"\nowner: chef\ndesk: it\nroles: {r: {name: Roll r}, s: {name: Roll s}}\n")
	}
	for _, u := range []string{"u", "v"} {
		put("units/"+u+".yaml", "name: Enhet "+u+"\nmanager: chef\n")
	}
	people := []string{"chef", "ada", "bo", "nobody"}
	for i := range 8 {
		people = append(people, fmt.Sprintf("p%d", i))
	}
	for i := range 20 {
		people = append(people, fmt.Sprintf("p%02d", i))
	}
	for i, p := range people {
		until := ""
		if p == "ada" {
			until = ", until: 2027-06-30"
		}
		put("people/"+p+".yaml", fmt.Sprintf("name: Namn %s\nlogin: %s\nemployeeId: E-%s\nhsaId: SE5560000000-T%03d\nemployments:\n  - {unit: u, title: vikarie, form: permanent, from: 2020-01-01%s}\n", p, p, p, i, until))
	}
	for path, text := range files {
		put(path, text)
	}
	o, err := schema.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// Config is what a target of [Repository] is opened with.
func Config(t testing.TB, o *schema.Org, name, state string, systems ...string) kind.Config {
	t.Helper()
	return kind.Config{
		Org: o, Name: name, Systems: systems, State: databases.Dir(state), On: Today,
		People: func() *kind.People { return kind.NewPeople(o, Today) },
	}
}
