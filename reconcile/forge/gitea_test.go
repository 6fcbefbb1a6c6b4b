package forge_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/forge"
	"github.com/behorig/behorig/reconcile/repo"
)

// real is a Gitea or Forgejo that runs elsewhere: BEHORIG_TEST_GITEA is its address with an administrator's name and password in it. There is none in Debian,
// so this test is run by hand against one that was built (go build -tags sqlite of code.gitea.io/gitea).
type real struct {
	t              *testing.T
	base           *url.URL
	user, password string
}

func (g *real) ask(method, path string, body any) map[string]any {
	g.t.Helper()
	for range 100 { // 405: it is still looking at whether the request can be merged
		if status, out := g.once(method, path, body); status != http.StatusMethodNotAllowed {
			return out
		}
		time.Sleep(200 * time.Millisecond)
	}
	g.t.Fatalf("%s %s: not in 20 s", method, path)
	return nil
}

func (g *real) once(method, path string, body any) (int, map[string]any) {
	g.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		g.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(g.t.Context(), method, g.base.String()+"/api/v1"+path, bytes.NewReader(raw))
	if err != nil {
		g.t.Fatal(err)
	}
	r.SetBasicAuth(g.user, g.password)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode > 299 && answer.StatusCode != http.StatusMethodNotAllowed {
		g.t.Fatalf("%s %s: %d %s %v", method, path, answer.StatusCode, text, err)
	}
	var out map[string]any
	_ = json.Unmarshal(text, &out)
	return answer.StatusCode, out
}

// What the hook and the API of [TestForgejo] pretend, by a real server: orders are sent, made anew, closed, merged and squashed.
func TestGitea(t *testing.T) {
	at := os.Getenv("BEHORIG_TEST_GITEA")
	if at == "" {
		t.Skip("BEHORIG_TEST_GITEA names no server: skipped")
	}
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal("BEHORIG_TEST_GITEA: no address")
	}
	g := &real{t: t, user: u.User.Username()}
	g.password, _ = u.User.Password()
	u.User = nil
	g.base = u
	name := fmt.Sprint("access", time.Now().UnixNano())
	g.ask("POST", "/user/repos", map[string]any{"name": name, "default_branch": "main", "private": true})
	made := g.ask("POST", "/users/"+g.user+"/tokens", map[string]any{"name": name, "scopes": []string{"write:repository", "write:issue"}})
	secret, _ := made["sha1"].(string)
	remote := g.base.String() + "/" + g.user + "/" + name + ".git"
	with := *g.base
	with.User = url.UserPassword(g.user, g.password)
	work := seed(t)
	git(t, work, "push", "-q", with.String()+"/"+g.user+"/"+name+".git", "main")
	for range 100 { // it looks at a push afterwards
		if g.ask("GET", "/repos/"+g.user+"/"+name, nil)["empty"] == false {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	token := func() (string, error) { return secret, nil }
	p := open(t, repo.Remote{URL: remote, User: g.user, Token: token})
	f, err := forge.New(forge.Settings{Kind: "gitea", Remote: remote, API: g.base.String() + "/api/v1", Token: token})
	if err != nil {
		t.Fatal(err)
	}
	send := func(what string, o forge.Order, number int) {
		t.Helper()
		got, err := f.Send(t.Context(), p, o)
		if err != nil || got.Number != number || !strings.HasSuffix(got.URL, fmt.Sprint("/pulls/", number)) {
			t.Fatalf("%s: got %+v, error %v, want number %d", what, got, err, number)
		}
	}
	state := func(what string, o forge.Order, want forge.Stage, number int) {
		t.Helper()
		var got forge.State
		for range 50 {
			if got, err = f.State(t.Context(), o); err != nil || got.Stage == want {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		if err != nil || got.Stage != want || got.Number != number {
			t.Errorf("%s: got %+v, error %v, want %s of %d", what, got, err, want, number)
		}
	}
	first := p.order("")
	send("new", first, 1)
	state("new", first, forge.StageOpen, 1)
	send("the same again", first, 1)
	second := p.order(first.Commit)
	send("made anew", second, 1)
	state("made anew", second, forge.StageOpen, 1)
	if err := f.Close(t.Context(), p, second); err != nil {
		t.Fatal(err)
	}
	state("closed", second, forge.StageClosed, 1)
	third := p.order(second.Commit)
	send("after that", third, 2)
	pull := g.ask("GET", fmt.Sprintf("/repos/%s/%s/pulls/2", g.user, name), nil)
	same(t, "title and text", fmt.Sprint(pull["title"], "|", pull["body"]), "Nyanställd: Hemtjänst Norr|Beställning av en chef. /approve ＠alla Behorig-Order: 00000000000000e1")
	g.ask("POST", fmt.Sprintf("/repos/%s/%s/pulls/2/merge", g.user, name), map[string]any{"Do": "merge"})
	state("merged", third, forge.StageMerged, 2)
	found, err := p.Proposals(t.Context(), f.Refs("portal/"), []string{p.line()})
	if err != nil || len(found) != 2 || found[1].Commit != third.Commit || !found[1].Merged || found[1].Signer != "karin.berg" {
		t.Errorf("proposals: got %+v, error %v", found, err)
	}
	p.id = "00000000000000e2"
	fourth := p.order("")
	send("one to squash", fourth, 3)
	g.ask("POST", fmt.Sprintf("/repos/%s/%s/pulls/3/merge", g.user, name), map[string]any{"Do": "squash"})
	found, err = p.Proposals(t.Context(), f.Refs("portal/"), []string{p.line()})
	if err != nil || len(found) != 3 || !found[2].Merged || found[2].Order != p.id {
		t.Errorf("squashed: got %+v, error %v", found, err)
	}
	log, err := p.Log(t.Context(), time.Time{}, []string{p.line()})
	if err != nil || len(log) != 1 || log[0].Signer != "karin.berg" { // its squash by the API keeps the title alone
		t.Errorf("log: got %+v, error %v, want the merged one", log, err)
	}
}
