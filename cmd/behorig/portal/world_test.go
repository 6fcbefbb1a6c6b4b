package portal

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/behorig/behorig/cmd/behorig/portal/demo"
	"github.com/behorig/behorig/cmd/behorig/portal/signin"
	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/schedule"
	"github.com/behorig/behorig/reconcile/store"
)

// house is the pages as a demonstration has them, over HTTP, with the example's own files in a git repository; a test may also have merged orders applied.
type house struct {
	*testing.T
	Portal  *Portal
	World   *demo.World
	Server  *httptest.Server
	Service *schedule.Service
	now     func() time.Time
	altered bool // its files are not the example's own
}

// noon is when tests are made, unless they say otherwise.
func noon() time.Time { return time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC) }

// newHouse opens the pages of an example ("falkenberg"), after files of it are put in others' place ("": taken out).
func newHouse(t *testing.T, example string, files map[string]string) *house {
	t.Helper()
	begun := time.Now()
	h := &house{T: t, altered: len(files) > 0 || example != "falkenberg", now: func() time.Time { return noon().Add(time.Since(begun)) }}
	dir := t.TempDir()
	from := filepath.Join(dir, "files")
	if err := os.CopyFS(from, os.DirFS(filepath.Join("..", "..", "..", "examples", example))); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(from, name)
		if text == "" {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if h.World, err = demo.Make(os.DirFS(from), dir, noon().AddDate(0, 0, -1)); err != nil {
		t.Fatal(err)
	}
	mirror, err := repo.OpenMirror(filepath.Join(dir, "mirror.git"), repo.Remote{URL: h.World.Dir})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelInfo}))
	public, err := url.Parse("http://127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	place := store.Dir(h.World.State)
	everybody := &Demo{Merge: h.World.Merge}
	ctx, stop := context.WithCancel(context.Background())
	h.Portal, err = New(ctx, Config{
		Mirror: mirror, Place: place, Key: h.World.Key, Public: public, Keys: signin.NewRandomKeyring(), Demo: everybody, Now: h.now, Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range h.Portal.now.Load().Org.PersonKeys() {
		everybody.People = append(everybody.People, Actor{Person: key})
	}
	h.Server = httptest.NewServer(h.Portal.Handler())
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.Portal.Follow(ctx, time.Second)
	}()
	h.Service = &schedule.Service{Queue: schedule.NewLocal(2, h.now), Now: h.now, Actor: "test", Env: func(string) (string, bool) { return "", false }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Tick: 200 * time.Millisecond}
	source, err := repo.Open(h.World.Dir)
	if err != nil {
		t.Fatal(err)
	}
	h.Service.Serve([]schedule.Repository{{Source: schedule.Folder{Repo: source}, Place: place, TargetsFile: "targets.yaml"}})
	t.Cleanup(func() {
		stop()
		<-done
		h.Server.Close()
		_ = mirror.Close()
		_ = source.Close()
	})
	return h
}

// testLog gives a portal's log to its test.
type testLog struct{ testing.TB }

func (l testLog) Write(line []byte) (int, error) {
	l.Log(strings.TrimSpace(string(line)))
	return len(line), nil
}

// population is the state of the example after its first passes, which take long: made by the first test that needs it.
var population struct {
	sync.Mutex
	dir string
}

// apply does all that is due now: passes over the systems.
func (h *house) apply() {
	h.Helper()
	if left, err := os.ReadDir(h.World.State); err != nil || len(left) > 0 || h.altered {
		h.pass()
		return
	}
	population.Lock()
	defer population.Unlock()
	if population.dir != "" {
		if err := os.RemoveAll(h.World.State); err != nil {
			h.Fatal(err)
		}
		if err := os.CopyFS(h.World.State, os.DirFS(population.dir)); err != nil {
			h.Fatal(err)
		}
		h.pass()
		return
	}
	h.pass()
	dir, err := os.MkdirTemp("", "population-")
	if err != nil {
		h.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, "state"), os.DirFS(h.World.State)); err != nil {
		h.Fatal(err)
	}
	population.dir = filepath.Join(dir, "state")
}

func (h *house) pass() {
	h.Helper()
	ctx := context.Background()
	for _, name := range h.Service.Names() {
		if err := h.Service.Ask(ctx, name); err != nil {
			h.Fatal(err)
		}
	}
	if err := h.Service.Queue.(*schedule.Local).Drain(ctx, h.Service.Do); err != nil {
		h.Fatal(err)
	}
	h.refresh()
}

// refresh has the pages see what there is now.
func (h *house) refresh() {
	h.Helper()
	if err := h.Portal.refresh(context.Background(), true); err != nil {
		h.Fatal(err)
	}
}

// browser is somebody's: it keeps cookies, and follows redirects unless it is told not to.
type browser struct {
	*testing.T
	client *http.Client
	base   string
	token  string
}

// as is a browser in which somebody has signed in.
func (h *house) as(person string) *browser {
	h.Helper()
	b := h.nobody()
	b.get("/sign-in", 200)
	b.post("/sign-in/demo", url.Values{"person": {person}}, 0)
	return b
}

// nobody is a browser in which nobody has signed in.
func (h *house) nobody() *browser {
	h.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.Fatal(err)
	}
	return &browser{h.T, &http.Client{Jar: jar}, h.Server.URL, ""}
}

var tokenIn = regexp.MustCompile(`name="_token" value="([0-9a-f]+)"`)

// get asks for a page, which must answer so (0: as it likes), and keeps its form token.
func (b *browser) get(path string, status int) string {
	b.Helper()
	r, err := b.client.Get(b.base + path)
	return b.read("GET "+path, r, err, status)
}

// post sends a form with the token of the last page.
func (b *browser) post(path string, form url.Values, status int) string {
	b.Helper()
	if form == nil {
		form = url.Values{}
	}
	if !form.Has("_token") {
		form.Set("_token", b.token)
	}
	r, err := b.client.PostForm(b.base+path, form)
	return b.read("POST "+path, r, err, status)
}

func (b *browser) read(what string, r *http.Response, err error, status int) string {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	defer r.Body.Close()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		b.Fatal(err)
	}
	if m := tokenIn.FindSubmatch(raw); m != nil {
		b.token = string(m[1])
	}
	if status != 0 && r.StatusCode != status {
		b.Fatalf("%s: got %d, want %d\n%.2000s", what, r.StatusCode, status, raw)
	}
	return string(raw)
}
