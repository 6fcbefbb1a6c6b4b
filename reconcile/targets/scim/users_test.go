package scim_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

func strangers(t *testing.T, s *service) {
	id := s.addUser(map[string]any{"userName": `Löst "Folk"\ AB`})
	for _, g := range []string{"a-konto", "a-r-u"} {
		s.must("PATCH", "/Groups/"+s.group(g), patch("add", "members", []any{map[string]any{"value": id}}))
	}
	target := open(t, s.config(byGroup))
	who := reconcile.Stranger(`Löst "Folk"\ AB`)
	want(t, state(t, target), []string{"a " + who, "a/r/u " + who})
	var got []reconcile.Status
	for _, k := range []schema.Key{{System: "a", Person: who}, {System: "a", Role: "r", Unit: "u", Person: who}} {
		status, err := target.Apply(t.Context(), reconcile.Change{Key: k, From: &schema.Grant{}})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, status)
	}
	want(t, got, []reconcile.Status{reconcile.Done, reconcile.Done})
	want(t, state(t, target), []string{})
	want(t, s.must("GET", "/Users/"+id, nil)["active"], any(false))
	// A userName that is a personnummer is shown to nobody, and can be taken away all the same.
	for _, name := range []string{"199001012385", "19900101-2385"} {
		id := s.addUser(map[string]any{"userName": name})
		s.must("PATCH", "/Groups/"+s.group("a-konto"), patch("add", "members", []any{map[string]any{"value": id}}))
	}
	for _, text := range state(t, target) {
		if strings.Contains(text, "2385") {
			t.Errorf("got %s, want no personnummer", text)
		}
		want(t, apply(t, target, "-"+text), many("done", 1))
	}
	want(t, s.holds("a-konto"), []string{})
	want(t, apply(t, target, "+a @nobody-there"), many("failed: the service has no user @nobody-there", 1))
}

func twoUsers(t *testing.T, s *service) {
	s.addUser(map[string]any{"userName": "ada", "externalId": "not.hers"})
	s.addUser(map[string]any{"userName": "gamla.ada", "externalId": "ada"})
	target := open(t, s.config(alone))
	want(t, state(t, target), []string{"a @ada", "a ada"}) // the second is recognised by the better way, and the first is seen
	want(t, apply(t, target, "-a ada"), many("done", 1))
	want(t, state(t, target), []string{"a @ada"})
	want(t, apply(t, target, "-a @ada"), many("done", 1))
	want(t, state(t, target), []string{})
}

func takenOver(t *testing.T, s *service) {
	id := s.addUser(map[string]any{"userName": "ADA", "active": false, "displayName": "som förut"})
	target := open(t, s.config(byGroup, "create: false"))
	want(t, apply(t, target, "+a ada", "+a/r/u ada"), many("done", 2))
	want(t, state(t, target), []string{"a ada", "a/r/u ada"})
	u := s.must("GET", "/Users/"+id, nil)
	want(t, []any{u["externalId"], u["displayName"], u["active"]}, []any{"ada", "som förut", true})
}

// cameBetween: somebody else makes the user after the list was read (409, uniqueness).
func cameBetween(t *testing.T, s *service) {
	for _, bulk := range []bool{true, false} {
		t.Run(fmt.Sprintf("bulk %t", bulk), func(t *testing.T) {
			s.t = t
			s.wipe()
			s.groups()
			target, once := open(t, s.config(byGroup)), false
			s.hook(func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method == "POST" && !once {
					once = true
					s.addUser(map[string]any{"userName": "ada", "externalId": "ada", "active": false})
				}
				return false
			}, nil)
			list := []string{"+a ada", "+a/r/u ada"}
			if bulk {
				list = append(list, "+a bo", "+a/r/u bo")
			}
			want(t, apply(t, target, list...), many("done", len(list)))
			want(t, len(s.all("/Users")), len(list)/2)
			want(t, s.user("ada")["active"], any(true))
			want(t, slices.Contains(s.holds("a-r-u"), "ada"), true)
		})
	}
}

func takenName(t *testing.T, s *service) {
	s.addUser(map[string]any{"userName": "ada", "externalId": "bo"})
	target := open(t, s.config(byGroup))
	got := apply(t, target, "+a ada", "+a p1")
	want(t, got[1], "done")
	if !strings.Contains(got[0], "not to be recognised as this person") {
		t.Errorf("got %s, want that the user is another's", got[0])
	}
	want(t, s.holds("a-konto"), []string{"p1"})
}

func notMade(t *testing.T, s *service) {
	target := open(t, s.config(byGroup, "create: false"))
	want(t, apply(t, target, "+a ada")[0], "failed: the service has no user that is recognised as ada by externalId or userName; make one there, or write create: true")
	want(t, len(s.all("/Users")), 0)
}

func missingGroup(t *testing.T, s *service) {
	s.must("DELETE", "/Groups/"+s.group("a-r-u"), nil)
	want(t, apply(t, open(t, s.config(byGroup)), "+a/r/u ada", "+a ada", "-a/r/u bo"), []string{
		`failed: the service has no group "a-r-u"; make it there, or write createGroups: true`, "done", "already",
	})
	want(t, apply(t, open(t, s.config(byGroup, "createGroups: true")), "+a/r/u ada", "+a/r/u bo"), many("done", 2))
	want(t, s.holds("a-r-u"), []string{"ada", "bo"})
}

func formerUnit(t *testing.T, s *service) {
	ada := s.addUser(map[string]any{"userName": "ada"})
	s.addGroup("a-r-nedlagd", ada)
	s.addGroup("a-r-Inte En Enhet", ada)
	target := open(t, s.config(byGroup))
	want(t, state(t, target), []string{"a/r/nedlagd ada"})
	want(t, apply(t, target, "-a/r/nedlagd ada"), many("done", 1))
	want(t, s.holds("a-r-nedlagd"), []string{})
}

func hostile(t *testing.T, s *service) {
	unit := `u" or displayName pr or displayName eq "`
	name := "a-r-" + unit
	s.addUser(map[string]any{"userName": "bo"})
	s.addGroup("a-r-"+strings.ToUpper(unit[:1]), s.user("bo")["id"].(string))
	target := open(t, s.config(byGroup, "createGroups: true"))
	k := schema.Key{System: "a", Role: "r", Unit: unit, Person: "ada"}
	if status, err := target.Apply(t.Context(), reconcile.Change{Key: k, To: &schema.Grant{}}); status != reconcile.Done || err != nil {
		t.Fatalf("got %s, %v, want done", status, err)
	}
	want(t, s.holds(name), []string{"ada"})
	if status, err := target.Apply(t.Context(), reconcile.Change{Key: k, From: &schema.Grant{}}); status != reconcile.Done || err != nil {
		t.Fatalf("got %s, %v, want done", status, err)
	}
	want(t, s.holds(name), []string{})
	want(t, s.holds("a-r-U"), []string{"bo"})
}

func madeOf(t *testing.T, s *service) {
	options := []string{
		"externalId: hsaId", "match: [externalId, employeeNumber]",
		`user: {userName: "{login}@kommun.example", displayName: "{name} ({employeeId})", email: "{login}@kommun.example"}`,
	}
	target := open(t, s.config(byGroup, options...))
	apply(t, target, "+a ada")
	u := s.user("ada@kommun.example")
	enterprise, _ := u["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"].(map[string]any)
	email := u["emails"].([]any)[0].(map[string]any)
	want(t, []any{u["displayName"], u["externalId"], u["name"].(map[string]any)["formatted"], enterprise["employeeNumber"], email["value"], u["active"]},
		[]any{"Namn ada (E-ada)", "SE5560000000-T001", "Namn ada", "E-ada", "ada@kommun.example", true})
	// A new login is not a new user.
	s.must("PATCH", "/Users/"+u["id"].(string), patch("replace", "userName", "annat"))
	want(t, apply(t, target, "+a ada"), many("already", 1))
	want(t, state(t, target), []string{"a ada"})
}

func protected(t *testing.T, s *service) {
	files := map[string]string{
		"people/skyddad.yaml": "name: Hemlig Person\nlogin: hemlog\nprotected: true\nemployments:\n  - {unit: u, title: vikarie, form: permanent, from: 2020-01-01}\n",
	}
	yaml := "targets:\n  t: {kind: scim, urlEnv: SCIM_URL, tokenEnv: SCIM_TOKEN}" + byGroup
	target := open(t, s.repository(yaml, files, byGroup))
	want(t, apply(t, target, "+a skyddad"), many("done", 1))
	want(t, s.user("hemlog")["displayName"], any("Hemlig Person"))
	for _, status := range []int{400, 403, 500} {
		s.hook(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == "GET" {
				return false
			}
			w.WriteHeader(status)
			fmt.Fprint(w, `{"detail": "Hemlig Person (hemlog) cannot be changed", "scimType": "invalidValue"}`)
			return true
		}, nil)
		got := apply(t, target, "+a/r/u skyddad", "-a skyddad", "+a/s/u skyddad")
		for _, text := range got {
			if !strings.HasPrefix(text, "failed") || strings.Contains(text, "Hemlig") || strings.Contains(text, "hemlog") {
				t.Errorf("%d: got %q, want a failure that names nobody", status, text)
			}
		}
	}
}

// failsAlone: of many changes to one group, the one that the service refuses fails, and no other.
func failsAlone(t *testing.T, s *service) {
	target := open(t, s.config(byGroup))
	var list []string
	for i := range 8 {
		list = append(list, fmt.Sprintf("+a/r/u p%d", i))
	}
	want(t, apply(t, target, list...), many("done", 8))
	bad := s.user("p3")["id"].(string)
	s.hook(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == "GET" || !strings.Contains(body(t, r), bad) {
			return false
		}
		w.WriteHeader(400)
		fmt.Fprint(w, `{"detail": "no p3 here, 19900101-2385", "scimType": "invalidValue"}`)
		return true
	}, nil)
	for i := range list {
		list[i] = "-" + list[i][1:]
	}
	got := apply(t, target, list...)
	for i, text := range got {
		if i == 3 {
			if !strings.Contains(text, "no p3 here") || strings.Contains(text, "2385") {
				t.Errorf("got %q, want the service's words without the personnummer", text)
			}
			continue
		}
		want(t, text, "done")
	}
	want(t, s.holds("a-r-u"), []string{"p3"})
}
