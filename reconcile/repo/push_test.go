package repo_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/repo"
)

// takes lets an origin be pushed to over HTTPS, with options, and its hooks say what a test wants. A hook gets the options in GIT_PUSH_OPTION_<n>.
func (o *origin) takes(hooks map[string]string) {
	o.t.Helper()
	git(o.t, o.bare, "config", "http.receivepack", "true")
	git(o.t, o.bare, "config", "receive.advertisePushOptions", "true")
	for name, script := range hooks {
		write(o.t, o.bare, map[string]string{"hooks/" + name: "#!/bin/sh\n" + script})
		if err := os.Chmod(filepath.Join(o.bare, "hooks", name), 0o755); err != nil {
			o.t.Fatal(err)
		}
	}
}

// options is a hook that writes the options down, one a line.
const options = "env | grep '^GIT_PUSH_OPTION_[0-9]' | LC_ALL=C sort | cut -d= -f2- > options\n"

// ready is a mirror of an origin with an order in it, and how to make more.
func ready(t *testing.T, o *origin, r repo.Remote) (m *repo.Mirror, hash string, again func(files map[string]string) string) {
	t.Helper()
	m = mirror(t, t.TempDir(), r)
	fetch(t, m, git(t, o.work, "rev-parse", "HEAD"))
	key, _ := portalKey(t)
	again = func(files map[string]string) string { return commit(t, m, order(t, key, "00000000000000e1", files)) }
	return m, again(map[string]string{"people/bo.yaml": "name: Bo\n"}), again
}

func isFolder(r repo.Remote) bool {
	return !strings.Contains(r.URL, "://") || strings.HasPrefix(r.URL, "file:")
}

// A branch is made, moved and deleted over each transport, and only from where it was thought to be.
func TestPush(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *origin, r repo.Remote) {
		o.takes(nil)
		m, hash, again := ready(t, o, r)
		at := func() string {
			return git(t, o.bare, "for-each-ref", "--format=%(objectname)", "refs/heads/portal/e1")
		}
		send := func(what, commit, was, want string, wrong error) {
			t.Helper()
			_, err := m.Push(t.Context(), commit, repo.Push{Ref: "refs/heads/portal/e1", Was: was})
			if !errors.Is(err, wrong) || (err == nil) != (wrong == nil) {
				t.Errorf("%s: got error %v, want %v", what, err, wrong)
			}
			same(t, what, at(), want)
		}
		other := again(map[string]string{"people/bo.yaml": "name: Bo Ek\n"})
		send("a branch that is not there", other, hash, "", repo.ErrTaken)
		send("new", hash, "", hash, nil)
		send("the same again", hash, "", hash, nil)
		send("another, as new", other, "", hash, repo.ErrTaken)
		send("after another", other, other[:39]+"0", hash, repo.ErrTaken)
		send("after this", other, hash, other, nil)
		send("deleted as it was", "", hash, other, repo.ErrTaken)
		// The branch has moved on, there and then here.
		tip := o.commit("on main", "")
		second := again(map[string]string{"people/eva.yaml": "name: Eva\n"})
		send("with a main that is not here", second, other, second, nil)
		fetch(t, m, tip)
		third := again(map[string]string{"people/bo.yaml": "name: B\n"})
		send("upon the new main", third, second, third, nil)
		same(t, "files", git(t, o.bare, "diff", "--name-only", tip, third), "people/bo.yaml")
		same(t, "fsck", git(t, o.bare, "fsck", "--full", "--strict", "--no-dangling"), "")
		git(t, o.bare, "pack-refs", "--all")
		send("deleted", "", third, "", nil)
		send("deleted again", "", third, "", nil)
		same(t, "main", git(t, o.bare, "rev-parse", "main"), tip)
		fetch(t, m, o.commit("and fetched as before", ""))
	})
}

// What must not be pushed is not even tried.
func TestPushRefused(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	m, hash, _ := ready(t, o, repo.Remote{URL: o.bare})
	for _, c := range []struct {
		commit string
		to     repo.Push
	}{
		{hash, repo.Push{Ref: "refs/heads/main"}},
		{hash, repo.Push{Ref: "refs/tags/x"}},
		{hash, repo.Push{Ref: "main"}},
		{hash, repo.Push{Ref: ""}},
		{hash, repo.Push{Ref: "refs/heads/a b"}},
		{hash, repo.Push{Ref: "refs/heads/../../config"}},
		{hash, repo.Push{Ref: "refs/heads/x\n"}},
		{hash, repo.Push{Ref: "refs/heads/x.lock"}},
		{strings.Repeat("1", 40), repo.Push{Ref: "refs/heads/x"}},
		{"", repo.Push{Ref: "refs/heads/x"}},
		{"", repo.Push{Ref: "refs/for/main/x"}},
		{hash, repo.Push{Ref: "refs/heads/x", Was: "HEAD"}},
		{hash, repo.Push{Ref: "refs/for/main/x"}}, // a folder makes no merge requests
		{hash, repo.Push{Ref: "refs/heads/x", Options: map[string]string{"title": "a"}}},
		{hash, repo.Push{Ref: "refs/heads/x", Options: map[string]string{"title": "a\nmerge_request.merge_when_pipeline_succeeds"}}},
		{hash, repo.Push{Ref: "refs/heads/x", Options: map[string]string{"a=b": "c"}}},
	} {
		if _, err := m.Push(t.Context(), c.commit, c.to); err == nil {
			t.Errorf("%+v of %q: got no error", c.to, c.commit)
		}
	}
	same(t, "branches", git(t, o.bare, "for-each-ref", "--format=%(refname)"), "refs/heads/main")
}

// A folder with hooks is git's, and a branch that is checked out is somebody's.
func TestPushFolder(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	m, hash, _ := ready(t, o, repo.Remote{URL: o.work, Branch: "main"})
	git(t, o.work, "checkout", "-q", "-b", "portal/e1")
	if _, err := m.Push(t.Context(), hash, repo.Push{Ref: "refs/heads/portal/e1", Was: git(t, o.work, "rev-parse", "HEAD")}); err == nil || !strings.Contains(err.Error(), "checked out") {
		t.Errorf("checked out: got error %v", err)
	}
	if _, err := m.Push(t.Context(), hash, repo.Push{Ref: "refs/heads/portal/e1/more"}); err == nil || repo.Passing(err) {
		t.Errorf("below a branch: got error %v", err)
	}
	if _, err := m.Push(t.Context(), hash, repo.Push{Ref: "refs/heads/portal/e2"}); err != nil {
		t.Errorf("beside: got error %v", err)
	}
	write(t, o.work, map[string]string{".git/refs/heads/portal/e3.lock": ""})
	if _, err := m.Push(t.Context(), hash, repo.Push{Ref: "refs/heads/portal/e3"}); err == nil {
		t.Error("locked by another: got no error")
	}
	if _, err := m.Push(t.Context(), hash, repo.Push{Ref: "refs/heads/portal/e4"}); err != nil {
		t.Errorf("beside an empty lock: got error %v", err)
	}
	o.takes(map[string]string{"pre-receive": "exit 1\n"})
	other, hash, _ := ready(t, o, repo.Remote{URL: o.bare})
	if _, err := other.Push(t.Context(), hash, repo.Push{Ref: "refs/heads/x"}); err == nil || !strings.Contains(err.Error(), "hooks") {
		t.Errorf("with a hook: got error %v", err)
	}
}

// Options come as they were given, and what a server says before and after is heard, without what is secret.
func TestPushOptions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *origin, r repo.Remote) {
		if isFolder(r) {
			t.Skip("a folder takes none")
		}
		o.takes(map[string]string{"pre-receive": options, "post-receive": "sleep 0.2\necho\necho '  View merge request for portal/e1:'\n" +
			"printf 'https://oauth2:glpat-first@git.example.org/a/b/-/merge_requests/7  \\033[1m\\n'\n"})
		m, hash, _ := ready(t, o, r)
		said, err := m.Push(t.Context(), hash, repo.Push{Ref: "refs/heads/portal/e1", Options: map[string]string{
			"merge_request.create": "", "merge_request.title": "Nyanställd i Hemtjänst Norr: 5 = fem; $(touch x) `id`", "merge_request.target": "main",
		}})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "said", said, "View merge request for portal/e1:\nhttps://git.example.org/a/b/-/merge_requests/7 [1m")
		raw, err := os.ReadFile(filepath.Join(o.bare, "options"))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "options", string(raw), "merge_request.create=\nmerge_request.target=main\nmerge_request.title=Nyanställd i Hemtjänst Norr: 5 = fem; $(touch x) `id`\n")
		git(t, o.bare, "config", "receive.advertisePushOptions", "false")
		if _, err := m.Push(t.Context(), hash, repo.Push{Ref: "refs/heads/portal/e2", Options: map[string]string{"a": "b"}}); err == nil || !strings.Contains(err.Error(), "no push options") {
			t.Errorf("a server that takes none: got error %v", err)
		}
	})
}

// A server that says no is heard in its own words: on one line, cut, and without the token.
func TestPushRejected(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *origin, r repo.Remote) {
		if isFolder(r) {
			t.Skip("a folder has no hooks")
		}
		o.takes(map[string]string{"pre-receive": "echo 'GitLab: Commit must be signed by glpat-first,'\necho 'or not at all' >&2\nprintf '\\033]0;x\\007'\n" +
			"for i in 1 2 3 4 5 6 7 8 9; do echo wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww; done\nexit 1\n"})
		m, hash, _ := ready(t, o, r)
		_, err := m.Push(t.Context(), hash, repo.Push{Ref: "refs/heads/portal/e1"})
		var no *repo.Rejected
		if !errors.As(err, &no) || repo.Passing(err) || !strings.HasPrefix(no.Reason, "GitLab: Commit must be signed by ") || !strings.Contains(no.Reason, "or not at all") {
			t.Fatalf("got error %v, want the hook's words", err)
		}
		if len(no.Reason) > 310 || strings.ContainsAny(no.Reason, "\n\x1b\x07") || strings.HasPrefix(r.URL, "https") && strings.Contains(err.Error(), "glpat") {
			t.Errorf("got %q, want it short, plain and without the token", no.Reason)
		}
		same(t, "branches", git(t, o.bare, "for-each-ref", "--format=%(refname)"), "refs/heads/main")
		if err := os.Remove(filepath.Join(o.bare, "hooks", "pre-receive")); err != nil {
			t.Fatal(err)
		}
		// The connection is not left in the middle of something.
		fetch(t, m, o.commit("afterwards", ""))
	})
}

// Of many pushes at once to one branch, as by two portals, one gets through.
func TestPushAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, o *origin, r repo.Remote) {
		o.takes(nil)
		const n = 4
		var group sync.WaitGroup
		var hashes, errs [n]string
		var mirrors [n]*repo.Mirror
		for i := range n {
			var again func(map[string]string) string
			mirrors[i], _, again = ready(t, o, r)
			hashes[i] = again(map[string]string{"people/bo.yaml": fmt.Sprintf("name: Bo %d\n", i)})
		}
		for i := range n {
			group.Go(func() {
				_, err := mirrors[i].Push(t.Context(), hashes[i], repo.Push{Ref: "refs/heads/portal/e1"})
				var no *repo.Rejected
				switch {
				case err == nil:
				case errors.Is(err, repo.ErrTaken), isFolder(r) && errors.As(err, &no): // who finds the lock is asked to try again
					errs[i] = "taken"
				default:
					errs[i] = err.Error()
				}
			})
		}
		group.Wait()
		won := git(t, o.bare, "rev-parse", "portal/e1")
		for i := range n {
			want := "taken"
			if hashes[i] == won {
				want = ""
			}
			same(t, fmt.Sprint("push ", i), errs[i], want)
		}
		same(t, "fsck", git(t, o.bare, "fsck", "--full", "--strict", "--no-dangling"), "")
	})
}

// The token is asked for at each push, shown to nobody, and sent to nobody else.
func TestPushToken(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	o.takes(nil)
	w := serveWeb(t, o)
	m, hash, _ := ready(t, o, w.remote("glpat-first"))
	second := "glpat-second"
	w.token.Store(&second)
	to := repo.Push{Ref: "refs/heads/portal/e1"}
	for name, h := range map[string]http.HandlerFunc{
		"another token": nil,
		"forbidden": func(out http.ResponseWriter, _ *http.Request) {
			http.Error(out, "glpat-first may not", http.StatusForbidden)
		},
		"moved": func(out http.ResponseWriter, r *http.Request) {
			http.Redirect(out, r, "https://evil.example.org/glpat-first", http.StatusFound)
		},
		"no git":  func(out http.ResponseWriter, _ *http.Request) { _, _ = out.Write([]byte("glpat-first <html>")) },
		"nothing": func(http.ResponseWriter, *http.Request) {},
	} {
		w.instead(h)
		_, err := m.Push(t.Context(), hash, to)
		if err == nil || strings.Contains(err.Error(), "glpat") || !strings.HasPrefix(err.Error(), "https://127.0.0.1") {
			t.Errorf("%s: got error %v, want one of the server without the token", name, err)
		}
	}
	// The certificate is looked at before the token goes anywhere.
	untrusting := w.remote(second)
	untrusting.CA = nil
	w.instead(func(http.ResponseWriter, *http.Request) { t.Error("a server that is not trusted was asked") })
	if _, err := mirror(t, t.TempDir(), untrusting).Push(t.Context(), "", repo.Push{Ref: to.Ref, Was: hash}); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a server that is not trusted: got error %v", err)
	}
}

// A server that says nothing is given up at the caller's time, and the mirror is as useful as before.
func TestPushStopped(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	o.takes(nil)
	w := serveWeb(t, o)
	m, hash, _ := ready(t, o, w.remote("glpat-first"))
	hold := make(chan struct{})
	t.Cleanup(func() { close(hold) })
	w.instead(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-hold:
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := m.Push(ctx, hash, repo.Push{Ref: "refs/heads/portal/e1"}); !errors.Is(err, context.DeadlineExceeded) || !repo.Passing(err) {
		t.Errorf("got error %v, want a passing one of the deadline", err)
	}
	w.instead(nil)
	if _, err := m.Push(t.Context(), hash, repo.Push{Ref: "refs/heads/portal/e1"}); err != nil {
		t.Error(err)
	}
}

// A server that shows its branches and then sends what is no report of a push.
func TestPushHostile(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	o.takes(nil)
	w := serveWeb(t, o)
	m, hash, _ := ready(t, o, w.remote("glpat-first"))
	line := func(s string) string { return fmt.Sprintf("%04x%s", len(s)+4, s) }
	for name, answer := range map[string]string{
		"nothing":         "",
		"a page":          "<html>glpat-first</html>",
		"cut short":       line("\x01" + line("unpack ok\n")),
		"no command":      line("\x01"+line("unpack ok\n")+"0000") + "0000",
		"words alone":     line("\x02 glpat-first \x1b[2J no\n") + "0000",
		"an error":        line("\x03glpat-first is wrong"),
		"unknown channel": line("\x09x"),
		"long":            strings.Repeat(line("\x02"+strings.Repeat("w", 60000)), 200) + "0000",
		"not unpacked":    line("\x01"+line("unpack glpat-first\n")+line("ng refs/heads/portal/e1 unpacker error\n")+"0000") + "0000",
	} {
		w.instead(func(out http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				_, _ = out.Write([]byte(answer))
				return
			}
			head := git(t, o.bare, "rev-parse", "main")
			_, _ = out.Write([]byte(line("# service=git-receive-pack\n") + "0000" + line(head+" refs/heads/main\x00report-status side-band-64k\n") + "0000"))
		})
		if said, err := m.Push(t.Context(), hash, repo.Push{Ref: "refs/heads/portal/e1"}); err == nil || strings.Contains(err.Error(), "glpat") || len(err.Error()) > 600 {
			t.Errorf("%s: got %q, error %v", name, said, err)
		}
	}
}
