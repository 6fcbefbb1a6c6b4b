package scim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile"
)

// TestADeactivationThatFailedIsTriedAgain: a user who cannot be made inactive keeps what tells the next run that there is an account.
func TestADeactivationThatFailedIsTriedAgain(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		name, mapping string
		role          string // what comes of the role's own change
		left          []string
	}{
		{"the account follows from its roles", derived, "failed", []string{"a ada", "a/r/u ada"}},
		{"the account has a group", byGroup, "done", []string{"a ada"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			s.hook(nil, nil)
			s.wipe()
			s.groups()
			target := open(t, s.config(c.mapping))
			want(t, apply(t, target, "+a ada", "+a/r/u ada"), many("done", 2))
			s.hook(refusing("/Users/"+s.user("ada")["id"].(string), http.StatusBadRequest, "mutability"), nil)
			got := apply(t, target, "-a ada", "-a/r/u ada")
			if !strings.HasPrefix(got[0], "failed: PATCH /Users/") || !strings.HasPrefix(got[1], c.role) {
				t.Errorf("got %q, want the account's change failed and the role's %s", got, c.role)
			}
			want(t, state(t, target), c.left)
			s.hook(nil, nil)
			var again []string
			for _, key := range c.left {
				again = append(again, "-"+key)
			}
			want(t, apply(t, target, again...), many("done", len(again)))
			want(t, state(t, target), []string{})
			want(t, s.user("ada")["active"], any(false))
		})
	}
}

// TestGroupsWhoseMembersTheListLeavesOut: some services list who is in small groups, and not in large ones.
func TestGroupsWhoseMembersTheListLeavesOut(t *testing.T) {
	s := start(t)
	s.groups()
	target := open(t, s.config(byGroup))
	want(t, apply(t, target, "+a ada", "+a/r/u ada", "+a bo", "+a/s/u bo"), many("done", 4))
	// A group that is hidden by way of another that is not, and one that gives nothing.
	carl := s.addUser(map[string]any{"userName": "p1"})
	inner := s.addGroup("hemlig-inre", carl)
	s.must("PATCH", "/Groups/"+s.group("b-r-v"), patch("add", "members", []any{map[string]any{"value": inner, "type": "Group"}}))
	idle := s.addGroup("annat", carl)
	s.count("")
	s.hook(nil, func(r *http.Response) error {
		if r.Request.Method != http.MethodGet || !strings.HasSuffix(r.Request.URL.Path, "/Groups") {
			return nil
		}
		return edit(r, func(list map[string]any) {
			for _, g := range list["Resources"].([]any) {
				switch g := g.(map[string]any); g["displayName"] {
				case "a-r-u", "hemlig-inre", "annat":
					delete(g, "members")
				}
			}
		})
	})
	want(t, state(t, target), []string{"a ada", "a bo", "a/r/u ada", "a/s/u bo", "b/r/v p1"})
	for _, call := range s.take() {
		if strings.HasSuffix(call, idle) {
			t.Errorf("got %s, want a group that gives nothing left alone", call)
		}
	}
	// Of many people the lists are read.
	want(t, apply(t, target, "-a/r/u ada", "-a/r/u p0", "-a/r/u p1", "-a/r/u p2", "-a/r/u p3", "-a/r/u p4", "-a/r/u p5"), append(many("done", 1), many("already", 6)...))
	want(t, s.holds("a-r-u"), []string{})
}

// TestAContradictingUserIsNotTaken: a user with somebody else's externalId is somebody else's, whatever its userName.
func TestAContradictingUserIsNotTaken(t *testing.T) {
	s := start(t)
	s.groups()
	id := s.addUser(map[string]any{"userName": "ada", "externalId": "anders.nagon", "active": false})
	s.must("PATCH", "/Groups/"+s.group("a-s-u"), patch("add", "members", []any{map[string]any{"value": id}}))
	target := open(t, s.config(byGroup))
	for _, got := range apply(t, target, "+a ada", "+a/r/u ada") {
		if !strings.Contains(got, "not to be recognised as this person") {
			t.Errorf("got %s, want that the user is another's", got)
		}
	}
	u := s.user("ada")
	want(t, []any{u["externalId"], u["active"]}, []any{"anders.nagon", false})
	want(t, s.holds("a-r-u"), []string{})
	want(t, state(t, target), []string{"a/s/u @ada"})
	want(t, apply(t, target, "-a/s/u @ada"), many("done", 1))
	want(t, s.holds("a-s-u"), []string{})
}

// TestAdoptingDoesNotSwitchOff: a role alone gives no account, and takes none from a user that somebody made, active, after the list was read.
func TestAdoptingDoesNotSwitchOff(t *testing.T) {
	s := start(t)
	s.groups()
	target, once := open(t, s.config(byGroup)), false
	s.hook(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost && !once {
			once = true
			s.addUser(map[string]any{"userName": "ada", "externalId": "ada", "active": true})
		}
		return false
	}, nil)
	want(t, apply(t, target, "+a/r/u ada"), many("done", 1))
	want(t, s.user("ada")["active"], any(true))
	want(t, s.holds("a-r-u"), []string{"ada"})
}

// TestSecondUsersOfProtected: of somebody whose data are protected no other user is called by its name, and no refusal tells the id, which some services
// make of the name.
func TestSecondUsersOfProtected(t *testing.T) {
	s := start(t)
	s.groups()
	files := map[string]string{
		"people/skyddad.yaml": "name: Hemlig Person\nlogin: hemlog\nprotected: true\nemployments:\n  - {unit: u, title: vikarie, form: permanent, from: 2020-01-01}\n",
	}
	target := open(t, s.repository("targets:\n  t: {kind: scim, urlEnv: SCIM_URL, tokenEnv: SCIM_TOKEN}"+byGroup, files, byGroup))
	second := s.addUser(map[string]any{"userName": "hemlog", "externalId": "not.theirs"})
	third := s.addUser(map[string]any{"userName": "hemlig.person", "externalId": "skyddad", "active": false})
	var members []any
	for _, id := range []string{second, third} {
		members = append(members, map[string]any{"value": id})
	}
	s.must("PATCH", "/Groups/"+s.group("a-r-u"), patch("add", "members", members))
	want(t, state(t, target), []string{"a/r/u @id-" + second, "a/r/u skyddad"})
	want(t, apply(t, target, "-a/r/u @id-"+second), many("done", 1))
	want(t, s.holds("a-r-u"), []string{"hemlig.person"})
	s.hook(refusing("/Users/"+third, http.StatusForbidden, ""), nil)
	if got := apply(t, target, "+a skyddad")[0]; !strings.HasPrefix(got, "failed: PATCH /Users: 403") {
		t.Errorf("got %q, want the refusal without the id", got)
	}
	accounts, err := target.(reconcile.Lister).Accounts(t.Context())
	if err != nil || len(accounts) != 2 {
		t.Errorf("got %v, error %v, want two accounts", accounts, err)
	}
}
