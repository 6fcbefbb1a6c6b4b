package forge_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile/forge"
	"github.com/behorig/behorig/reconcile/repo"
)

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%s (-got +want):\n%s", what, diff)
	}
}

// A plain git server gets a branch, which is all that tells of the order.
func TestGit(t *testing.T) {
	t.Parallel()
	work := seed(t)
	bare := filepath.Join(t.TempDir(), "r.git")
	git(t, work, "clone", "-q", "--bare", ".", bare)
	f, err := forge.New(forge.Settings{Kind: "git", Remote: bare})
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, repo.Remote{URL: bare})
	o := p.order("")
	if opened, err := f.Send(t.Context(), p, o); err != nil || opened != (forge.Opened{}) {
		t.Fatalf("got %+v, error %v", opened, err)
	}
	if state, err := f.State(t.Context(), o); err != nil || state.Stage != forge.StageUnknown {
		t.Errorf("state: got %+v, error %v", state, err)
	}
	found, err := p.Proposals(t.Context(), f.Refs("portal/"), []string{p.line()})
	if err != nil || len(found) != 1 || found[0].Commit != o.Commit || found[0].Signer != "karin.berg" {
		t.Errorf("proposals: got %+v, error %v", found, err)
	}
	if err := f.Close(t.Context(), p, o); err != nil {
		t.Error(err)
	}
	same(t, "branches", git(t, bare, "for-each-ref", "--format=%(refname)"), "refs/heads/main")
}

// GitLab makes the merge request of push options, says after the push where it is, and is asked by its API where it did not.
func TestGitLab(t *testing.T) {
	t.Parallel()
	s := serve(t, "kommun/social/access", map[string]string{"post-receive": noted + `echo
echo 'View merge request for portal/00000000000000e1:'
echo '  https://gitlab.example.org/kommun/social/access/-/merge_requests/12'
`})
	p := s.portal()
	o := p.order("")
	quiet := s.forge("gitlab", "")
	opened, err := quiet.Send(t.Context(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	want := forge.Opened{Number: 12, URL: "https://gitlab.example.org/kommun/social/access/-/merge_requests/12"}
	same(t, "opened", opened, want)
	same(t, "options", s.options(), "merge_request.create=\nmerge_request.description=Beställning av en chef. /approve ＠alla Behorig-Order: 00000000000000e1\nmerge_request.remove_source_branch=\n"+
		"merge_request.target=main\nmerge_request.title=Nyanställd: Hemtjänst Norr")
	same(t, "branch", git(t, s.bare, "rev-parse", "portal/00000000000000e1"), o.Commit)
	if state, err := quiet.State(t.Context(), o); err != nil || state.Stage != forge.StageUnknown || len(s.questions()) != 0 {
		t.Errorf("without a token: got %+v, error %v, want nothing asked", state, err)
	}

	loud := s.forge("gitlab", apiToken)
	for _, c := range []struct {
		answer string
		want   forge.Stage
	}{
		{`[]`, forge.StageUnknown},
		{`[{"iid":12,"state":"opened","web_url":"https://gitlab.example.org/kommun/social/access/-/merge_requests/12","sha":"x"}]`, forge.StageOpen},
		{`[{"iid":12,"state":"locked"}]`, forge.StageOpen},
		{`[{"iid":13,"state":"closed"},{"iid":12,"state":"closed"}]`, forge.StageClosed},
		{`[{"iid":13,"state":"opened"},{"iid":12,"state":"closed"}]`, forge.StageOpen},
		{`[{"iid":13,"state":"closed"},{"iid":12,"state":"merged"}]`, forge.StageMerged},
		{`[{"iid":12,"state":"something new"}]`, ""},
	} {
		s.says(func(*http.Request, string) (int, string) { return http.StatusOK, c.answer })
		state, err := loud.State(t.Context(), o)
		if err != nil || c.want != "" && state.Stage != c.want || c.want == "" && state.Stage != forge.StageUnknown {
			t.Errorf("%s: got %+v, error %v, want %s", c.answer, state, err, c.want)
		}
	}
	same(t, "asked", s.questions()[0], "GET /api/v4/projects/kommun%2Fsocial%2Faccess/merge_requests?order_by=created_at&per_page=20&source_branch=portal%2F00000000000000e1&state=all&target_branch=main")

	// A second commit of the order, whose push said nothing, and then a project that makes none.
	s.says(func(*http.Request, string) (int, string) {
		return http.StatusOK, `[{"iid":12,"state":"opened","web_url":"` + want.URL + `"}]`
	})
	second := p.order(o.Commit)
	opened, err = loud.Send(t.Context(), forgotten{p}, second)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "opened, by the API", opened, want)
	s.says(func(*http.Request, string) (int, string) { return http.StatusOK, `[]` })
	third := p.order(second.Commit)
	var unopened *forge.Unopened
	if _, err := loud.Send(t.Context(), forgotten{p}, third); !errors.As(err, &unopened) {
		t.Errorf("no merge request: got error %v", err)
	}
	write(t, filepath.Join(s.bare, "hooks", "post-receive"), "#!/bin/sh\necho \"WARNINGS: Error encountered with push options 'merge_request.target': Merge requests are not enabled\"\n")
	fourth := p.order(third.Commit)
	if _, err := quiet.Send(t.Context(), p, fourth); !errors.As(err, &unopened) || !strings.Contains(err.Error(), "not enabled") {
		t.Errorf("options that did nothing: got error %v", err)
	}

	s.questions()
	s.says(func(r *http.Request, _ string) (int, string) {
		if r.Method == http.MethodPut {
			return http.StatusOK, `{"iid":12,"state":"closed"}`
		}
		return http.StatusOK, `[{"iid":12,"state":"opened"}]`
	})
	if err := loud.Close(t.Context(), p, fourth); err != nil {
		t.Error(err)
	}
	same(t, "closed by", s.questions()[1], `PUT /api/v4/projects/kommun%2Fsocial%2Faccess/merge_requests/12 {"state_event":"close"}`)
	same(t, "branches", git(t, s.bare, "for-each-ref", "--format=%(refname)"), "refs/heads/main")
}

// Forgejo and Gitea make a pull request of a push to refs/for, here by a proc-receive hook as theirs; an order made anew is the same pull request's.
func TestForgejo(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"forgejo", "gitea"} {
		s := serve(t, "kommun/access", map[string]string{"proc-receive": fmt.Sprintf("BEHORIG_TEST_PROC_RECEIVE=1 exec '%s'\n", program)})
		git(t, s.bare, "config", "receive.procReceiveRefs", "refs/for")
		p := s.portal()
		o := p.order("")
		quiet, loud := s.forge(kind, ""), s.forge(kind, apiToken)
		want := forge.Opened{Number: 1, URL: "https://git.example.org/kommun/access/pulls/1"}
		opened, err := quiet.Send(t.Context(), p, o)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "opened", opened, want)
		same(t, "options", s.options(), "description=Beställning av en chef. /approve ＠alla Behorig-Order: 00000000000000e1\nforce-push=true\ntitle=Nyanställd: Hemtjänst Norr")
		same(t, "references", git(t, s.bare, "for-each-ref", "--format=%(refname)"), "refs/heads/main\nrefs/pull/1/head")
		if _, err := quiet.Send(t.Context(), p, o); err != nil {
			t.Errorf("the same again: got error %v", err)
		}
		second := p.order(o.Commit)
		if opened, err = quiet.Send(t.Context(), p, second); err != nil || opened != want {
			t.Errorf("made anew: got %+v, error %v", opened, err)
		}
		found, err := p.Proposals(t.Context(), quiet.Refs("portal/"), []string{p.line()})
		if err != nil || len(found) != 1 || found[0].Commit != second.Commit || found[0].Signer != "karin.berg" {
			t.Errorf("proposals: got %+v, error %v", found, err)
		}

		other := `{"number":3,"state":"open","merged":false,"html_url":"https://git.example.org/kommun/access/pulls/3","head":{"ref":"refs/pull/3/head","sha":"` + o.Commit + `"},"base":{"ref":"main"}}`
		mine := func(state string, merged bool) string {
			return fmt.Sprintf(`{"number":1,"state":%q,"merged":%v,"html_url":%q,"head":{"ref":"refs/pull/1/head","label":"","sha":%q},"base":{"ref":"main"}}`, state, merged, want.URL, second.Commit)
		}
		for answer, stage := range map[string]forge.Stage{mine("open", false): forge.StageOpen, mine("closed", true): forge.StageMerged, mine("closed", false): forge.StageClosed} {
			s.says(func(r *http.Request, _ string) (int, string) {
				if r.URL.Query().Get("page") == "1" {
					return http.StatusOK, "[" + other + "]"
				}
				return http.StatusOK, "[" + other + "," + answer + "]"
			})
			state, err := loud.State(t.Context(), second)
			if err != nil || state != (forge.State{Opened: want, Stage: stage}) {
				t.Errorf("got %+v, error %v, want %s", state, err, stage)
			}
		}
		same(t, "asked", s.questions()[0], "GET /api/v1/repos/kommun/access/pulls?limit=50&page=1&sort=recentupdate&state=all")
		s.says(func(r *http.Request, _ string) (int, string) {
			if r.Method == http.MethodPatch {
				return http.StatusCreated, mine("closed", false)
			}
			return http.StatusOK, "[" + mine("open", false) + "]"
		})
		if err := loud.Close(t.Context(), p, second); err != nil {
			t.Error(err)
		}
		same(t, "closed by", s.questions()[1], `PATCH /api/v1/repos/kommun/access/pulls/1 {"state":"closed"}`)
		if err := quiet.Close(t.Context(), p, second); !errors.Is(err, forge.ErrByHand) {
			t.Errorf("without a token: got error %v, want %v", err, forge.ErrByHand)
		}
		// One that is nobody's is not looked for without end.
		s.says(func(*http.Request, string) (int, string) { return http.StatusOK, "[" + other + "]" })
		if state, err := loud.State(t.Context(), second); err != nil || state.Stage != forge.StageUnknown || len(s.questions()) != 20 {
			t.Errorf("not there: got %+v, error %v", state, err)
		}
	}
}

// GitHub is asked for a pull request after the push; where there is one of the branch, that is it.
func TestGitHub(t *testing.T) {
	t.Parallel()
	s := serve(t, "kommun/access", nil)
	p := s.portal()
	f := s.forge("github", apiToken)
	o := p.order("")
	open := `{"number":5,"state":"open","merged_at":null,"html_url":"https://github.example.org/kommun/access/pull/5"}`
	want := forge.Opened{Number: 5, URL: "https://github.example.org/kommun/access/pull/5"}
	s.says(func(*http.Request, string) (int, string) { return http.StatusCreated, open })
	opened, err := f.Send(t.Context(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "opened", opened, want)
	same(t, "asked", s.questions(), []string{`POST /api/v3/repos/kommun/access/pulls {"base":"main","body":"Beställning av en chef. /approve ＠alla Behorig-Order: 00000000000000e1","head":"portal/00000000000000e1","title":"Nyanställd: Hemtjänst Norr"}`})
	s.says(func(r *http.Request, _ string) (int, string) {
		if r.Method == http.MethodPost {
			return http.StatusUnprocessableEntity, `{"message":"Validation Failed","errors":[{"message":"A pull request already exists for kommun:portal."}]}`
		}
		return http.StatusOK, "[" + open + "]"
	})
	second := p.order(o.Commit)
	if opened, err = f.Send(t.Context(), p, second); err != nil || opened != want {
		t.Errorf("a second commit: got %+v, error %v", opened, err)
	}
	same(t, "asked then", s.questions()[1], "GET /api/v3/repos/kommun/access/pulls?base=main&head=kommun%3Aportal%2F00000000000000e1&per_page=20&state=all")
	for answer, stage := range map[string]forge.Stage{
		open: forge.StageOpen, strings.Replace(open, `"open","merged_at":null`, `"closed","merged_at":"2026-12-02T08:00:00Z"`, 1): forge.StageMerged,
		strings.Replace(open, `"open"`, `"closed"`, 1): forge.StageClosed,
	} {
		s.says(func(*http.Request, string) (int, string) { return http.StatusOK, "[" + answer + "]" })
		if state, err := f.State(t.Context(), o); err != nil || state != (forge.State{Opened: want, Stage: stage}) {
			t.Errorf("%s: got %+v, error %v, want %s", answer, state, err, stage)
		}
	}
	// Pushed, and then the API fails: the order is not lost, and sending it again is the same.
	s.says(func(*http.Request, string) (int, string) {
		return http.StatusBadGateway, "<html>" + apiToken + strings.Repeat("x", 1000)
	})
	third := p.order(second.Commit)
	_, err = f.Send(t.Context(), p, third)
	var unopened *forge.Unopened
	if !errors.As(err, &unopened) || strings.Contains(err.Error(), apiToken) || len(err.Error()) > 600 {
		t.Errorf("an API that fails: got error %v", err)
	}
	s.says(func(*http.Request, string) (int, string) { return http.StatusCreated, open })
	if opened, err = f.Send(t.Context(), p, third); err != nil || opened != want {
		t.Errorf("again: got %+v, error %v", opened, err)
	}
	s.questions()
	s.says(func(r *http.Request, _ string) (int, string) {
		if r.Method == http.MethodPatch {
			return http.StatusOK, open
		}
		return http.StatusOK, "[" + open + "]"
	})
	if err := f.Close(t.Context(), p, third); err != nil {
		t.Error(err)
	}
	same(t, "closed by", s.questions()[1], `PATCH /api/v3/repos/kommun/access/pulls/5 {"state":"closed"}`)
	same(t, "branches", git(t, s.bare, "for-each-ref", "--format=%(refname)"), "refs/heads/main")
}

// An order that the server's rules or another's push stand in the way of is no merge request, for every kind.
func TestRejected(t *testing.T) {
	t.Parallel()
	s := serve(t, "kommun/access", map[string]string{"pre-receive": "echo 'GL-HOOK-ERR: only owners push here'; exit 1\n"})
	p := s.portal()
	o := p.order("")
	for _, kind := range forge.Kinds() {
		_, err := s.forge(kind, apiToken).Send(t.Context(), p, o)
		var no *repo.Rejected
		if !errors.As(err, &no) || !strings.Contains(no.Reason, "only owners push here") {
			t.Errorf("%s: got error %v, want the server's words", kind, err)
		}
		if len(s.questions()) != 0 {
			t.Errorf("%s: asked the API about an order that was not pushed", kind)
		}
		if kind == "forgejo" || kind == "gitea" {
			continue
		}
		o.Was = o.Commit
		if _, err := s.forge(kind, apiToken).Send(t.Context(), p, p.order(o.Commit)); !errors.Is(err, repo.ErrTaken) {
			t.Errorf("%s, after a commit that is not there: got error %v, want %v", kind, err, repo.ErrTaken)
		}
		o.Was = ""
	}
}

// An API that lies, stalls, sends on or answers for ever gets no token for another, and its answer is no state.
func TestHostileAPI(t *testing.T) {
	t.Parallel()
	s := serve(t, "kommun/access", nil)
	p := s.portal()
	o := p.order("")
	for _, kind := range []string{"gitlab", "forgejo", "github"} {
		f := s.forge(kind, apiToken)
		for name, c := range map[string]struct {
			status int
			answer string
		}{
			"a page":      {200, "<html>" + apiToken},
			"an object":   {200, `{"message":"` + apiToken + `"}`},
			"a number":    {200, `[{"iid":"x","number":"x"}]`},
			"nothing":     {200, ""},
			"very long":   {200, "[" + strings.Repeat(" ", 9<<20) + "]"},
			"sent on":     {302, apiToken},
			"forbidden":   {403, apiToken},
			"no project":  {404, apiToken},
			"an error":    {500, "\x1b[2J" + apiToken + strings.Repeat("w", 5000)},
			"too many":    {429, apiToken},
			"no content":  {204, ""},
			"deep":        {200, strings.Repeat("[", 20000)},
			"wrong shape": {200, `[[]]`},
		} {
			s.says(func(*http.Request, string) (int, string) { return c.status, c.answer })
			state, err := f.State(t.Context(), o)
			if err == nil || strings.Contains(err.Error(), "hemligt") || strings.ContainsRune(err.Error(), '\x1b') || len(err.Error()) > 500 || state.Number != 0 {
				t.Errorf("%s, %s: got %+v, error %v", kind, name, state, err)
			}
		}
		if _, err := s.forge(kind, "wrong-hemligt").State(t.Context(), o); err == nil || !strings.Contains(err.Error(), "does not let the token in") || strings.Contains(err.Error(), "hemligt") {
			t.Errorf("%s, a wrong token: got error %v", kind, err)
		}
		s.says(func(*http.Request, string) (int, string) {
			return 200, `[{"iid":1,"number":1,"state":"opened","web_url":"javascript:alert(1)","html_url":"https://x@evil/","head":{"sha":"` + o.Commit + `"},"base":{"ref":"main"}}]`
		})
		if state, err := f.State(t.Context(), o); err != nil || state.URL != "" {
			t.Errorf("%s, an address that is none: got %+v, error %v", kind, state, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		s.says(func(*http.Request, string) (int, string) { time.Sleep(200 * time.Millisecond); return 200, "[]" })
		if _, err := f.State(ctx, o); err == nil {
			t.Errorf("%s, late: got no error", kind)
		}
		cancel()
	}
	// Without the authority's certificate nothing is asked.
	s.questions()
	f, err := forge.New(forge.Settings{Kind: "gitlab", Remote: s.url, Token: func() (string, error) { return apiToken, nil }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.State(t.Context(), o); err == nil || !strings.Contains(err.Error(), "certificate") || len(s.questions()) != 0 {
		t.Errorf("not trusted: got error %v", err)
	}
}

// Where a forge is, is read from the repository's address; what cannot be asked is told at once.
func TestSettings(t *testing.T) {
	t.Parallel()
	token := func() (string, error) { return apiToken, nil }
	for _, c := range []struct {
		s    forge.Settings
		want string // of the error, "" for none
	}{
		{forge.Settings{Kind: "git"}, ""},
		{forge.Settings{Kind: "gitlab", Remote: "/srv/r.git"}, ""},
		{forge.Settings{Kind: "gitlab", Remote: "git@gitlab.example.org:kommun/social/access.git", Token: token}, ""},
		{forge.Settings{Kind: "forgejo", Remote: "ssh://git@git.example.org:2222/kommun/access.git", Token: token}, ""},
		{forge.Settings{Kind: "github", Remote: "https://github.com/kommun/access", Token: token}, ""},
		{forge.Settings{Kind: "github", Remote: "https://github.com/kommun/access"}, "name a token"},
		{forge.Settings{Kind: "svn"}, "no kind"},
		{forge.Settings{Kind: "gitlab", Remote: "/srv/r.git", Token: token}, "address of its API"},
		{forge.Settings{Kind: "forgejo", Remote: "https://git.example.org/a/b/c.git", Token: token}, "no project"},
		{forge.Settings{Kind: "github", Remote: "https://git.example.org/../b", Token: token}, "no project"},
		{forge.Settings{Kind: "gitlab", Remote: "https://git.example.org/a/b", API: "http://git.example.org/api/v4", Token: token}, "write https"},
		{forge.Settings{Kind: "gitlab", Remote: "https://git.example.org/a/b", API: "https://x:hemligt@git.example.org/api/v4", Token: token}, "cannot be read"},
		{forge.Settings{Kind: "gitlab", Remote: "https://git.example.org/a/b", CA: []byte("x"), Token: token}, "no certificate"},
	} {
		_, err := forge.New(c.s)
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hemligt")) {
			t.Errorf("%s %s: got error %v, want %q", c.s.Kind, c.s.Remote, err, c.want)
		}
	}
}
