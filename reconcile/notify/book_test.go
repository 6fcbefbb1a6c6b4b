package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

// places are a folder and, where there is one, a PostgreSQL server.
func places(t *testing.T, f func(t *testing.T, p store.Place)) {
	t.Run("folder", func(t *testing.T) { f(t, store.Dir(t.TempDir())) })
	t.Run("postgres", func(t *testing.T) {
		s := targettest.Start(t, "postgres")
		server, err := store.Connect(t.Context(), s.Vars["URL"])
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Close)
		f(t, store.Place{Dir: t.TempDir(), Server: server, Schema: "notify_" + unique()})
	})
}

func openBook(t *testing.T, p store.Place) *Book {
	t.Helper()
	b, err := Open(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func tick(t *testing.T, b *Book, w *town, s Senders, now time.Time) Tally {
	t.Helper()
	tally, err := b.Tick(t.Context(), &w.Directory, s, now)
	if err != nil {
		t.Fatal(err)
	}
	return tally
}

// text is what came of a tick.
func (t Tally) text() string {
	return fmt.Sprintf("written %d sent %d dropped %d waiting %d errors %d", t.Written, t.Sent, t.Dropped, t.Waiting, len(t.Errors))
}

func (w *town) learn(t *testing.T, b *Book, now time.Time, all ...Notice) {
	t.Helper()
	r := Report{Notices: all, Covers: func(*Notice) bool { return true }, Judged: date(now.In(w.Zone).Day()), Commit: "c1"}
	if err := b.Learn(t.Context(), r, now); err != nil {
		t.Fatal(err)
	}
}

// From what is learned to a real mail server and a real receiver, over restarts: each once, whatever goes wrong on the way, under one id.
func TestBook(t *testing.T) {
	places(t, func(t *testing.T, p store.Place) {
		name := unique()
		e, s := mailServer(t, "smtp", "PORT")
		r, hook := newReceiver(t, code(500), code(http.StatusTooManyRequests, "Retry-After", "600"), code(200))
		for k, v := range hook {
			e[k] = v
		}
		w := newTown(t, "sv")
		karin, ulla, helena := "later-"+name+"@example.org", "cut-"+name+"@example.org", "unknown-"+name+"@example.org"
		w.people["karin.berg"] = Contact{Name: "Karin Berg", Email: karin}
		w.people["ulla.brannstr"] = Contact{Name: "Ulla Brännström", Email: ulla}
		w.people["helena.stridh"] = Contact{Name: "Helena Stridh", Email: helena}
		w.Desks["soc-it"] = "desk-" + name + "@example.org"
		w.Operations = []string{"drift-" + name + "@example.org"}
		notices := []Notice{
			ending("hemtjanst-norr", "bo.ek", Card, date(40)), ending("aldreomsorg", "sara.holm", Card, date(41)), ending("sabo-vasterhoj", "anna.lindqvist", Card, date(42)),
			order(1, "npo", "grant", date(20)),
			{To: Operations, What: Failed, About: "npo", System: "npo", Count: 1},
		}
		b := openBook(t, p)
		w.learn(t, b, w.at(23, 6, 0), notices...)
		w.Desks["soc-it"] = ""
		var got []string
		step := func(hour, minute int) {
			senders := open(t, e)
			got = append(got, tick(t, b, w, senders, w.at(23, hour, minute)).text())
			b.Close()
			b = openBook(t, p) // as after a restart
		}
		step(6, 0) // operations: a mail, and a post that the receiver fails
		step(6, 0) // nothing is due
		w.Desks["soc-it"] = "desk-" + name + "@example.org"
		step(7, 0)  // greylisted, cut, unknown, desk; the post of the desk, and the first again, of which the first to fail stops the other
		step(7, 2)  // what was greylisted and what was cut; operations are told of the unknown address, by a post too
		step(7, 15) // the posts that the receiver asked to wait with
		step(9, 0)
		want := []string{
			"written 2 sent 1 dropped 0 waiting 1 errors 1",
			"written 0 sent 0 dropped 0 waiting 1 errors 0",
			"written 5 sent 1 dropped 1 waiting 4 errors 4",
			"written 2 sent 4 dropped 0 waiting 2 errors 0",
			"written 0 sent 2 dropped 0 waiting 0 errors 0",
			"written 0 sent 0 dropped 0 waiting 0 errors 0",
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("ticks (-got +want):\n%s", diff)
		}
		for address, n := range map[string]int{karin: 1, ulla: 2, helena: 0, w.Desks["soc-it"]: 1, w.Operations[0]: 2} {
			all := taken(t, s, address)
			ids := map[string]bool{}
			for _, m := range all {
				ids[m.Header.Get("Message-ID")] = true
			}
			if len(all) != n || address == ulla && len(ids) != 1 || address == w.Operations[0] && len(ids) != 2 {
				t.Errorf("%s: got %d mails of %d ids, want %d", address, len(all), len(ids), n)
			}
		}
		// Two that were refused for now, then each once; none of them names anybody.
		if n := len(r.bodies); n != 5 {
			t.Errorf("got %d posts, want 5", n)
		}
		for _, body := range r.bodies {
			if strings.Contains(string(body), "Berg") || strings.Contains(string(body), "karin") {
				t.Errorf("got %s, want no name", body)
			}
		}
	})
}

// recorder is a sender that fails as it is told to; it is what no real server does at will.
type recorder struct {
	mu   sync.Mutex
	sent []Message
	err  error
}

func (r *recorder) Send(_ context.Context, m Message) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent = append(r.sent, m)
	return r.err
}

// A server that is away is asked once a tick, each time later, an hour apart at most, and after five days operations lose nothing else by it.
func TestBackoff(t *testing.T) {
	w := newTown(t, "sv")
	b := openBook(t, store.Dir(t.TempDir()))
	w.learn(t, b, w.at(23, 8, 0), ending("sabo-vasterhoj", "bo.ek", Card, date(60)), ending("aldreomsorg", "bo.ek", Card, date(60)))
	away := &recorder{err: &Transient{Err: errors.New("away"), Whole: true}}
	var tries []time.Duration
	begun := w.at(23, 8, 0)
	for now := begun; now.Sub(begun) < 6*24*time.Hour; now = now.Add(30 * time.Second) {
		before := len(away.sent)
		tally := tick(t, b, w, Senders{Mail: away}, now)
		if n := len(away.sent) - before; n > 1 {
			t.Fatalf("after %s: got %d tries, want 1", now.Sub(begun), n)
		} else if n == 1 {
			tries = append(tries, now.Sub(begun))
		}
		if tally.Dropped > 0 {
			break
		}
		if len(tries) > 12 {
			now = now.Add(time.Hour)
		}
	}
	minutes := func(n ...int) (all []time.Duration) {
		for _, n := range n {
			all = append(all, time.Duration(n)*time.Minute)
		}
		return all
	}
	if diff := cmp.Diff(tries[:9], minutes(0, 1, 3, 7, 15, 31, 63, 123, 183)); diff != "" {
		t.Errorf("tries (-got +want):\n%s", diff)
	}
	ids := map[string]bool{}
	for _, m := range away.sent {
		ids[m.ID] = true
	}
	if len(ids) > 2 {
		t.Errorf("got %d ids, want the two of the messages", len(ids))
	}
	// It is there again: what has been given up is told to operations.
	there := &recorder{}
	tick(t, b, w, Senders{Mail: there}, begun.Add(5*24*time.Hour+2*time.Hour))
	tick(t, b, w, Senders{Mail: there}, begun.Add(5*24*time.Hour+3*time.Hour))
	if !slices.ContainsFunc(there.sent, func(m Message) bool { return m.To == "drift@example.org" && strings.Contains(m.Text, "leverera") }) {
		t.Errorf("got %v, want operations told of what could not be delivered", there.sent)
	}
}

// Where a message fails by itself, the others go.
func TestOneFails(t *testing.T) {
	w := newTown(t, "sv")
	b := openBook(t, store.Dir(t.TempDir()))
	w.learn(t, b, w.at(23, 8, 0), ending("sabo-vasterhoj", "bo.ek", Card, date(60)), ending("aldreomsorg", "bo.ek", Card, date(60)))
	each := &recorder{err: &Transient{Err: errors.New("later")}}
	if got, want := tick(t, b, w, Senders{Mail: each}, w.at(23, 8, 0)).text(), "written 2 sent 0 dropped 0 waiting 2 errors 2"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A mail that waits while somebody in it becomes protected, or is gone, is never sent; of the others their manager is told anew.
func TestWithdrawn(t *testing.T) {
	w := newTown(t, "sv")
	b := openBook(t, store.Dir(t.TempDir()))
	w.learn(t, b, w.at(23, 8, 0), ending("sabo-vasterhoj", "bo.ek", Card, date(60)), ending("sabo-vasterhoj", "sara.holm", Card, date(60)))
	away := &recorder{err: &Transient{Err: errors.New("away"), Whole: true}}
	tick(t, b, w, Senders{Mail: away}, w.at(23, 8, 0))
	w.people["bo.ek"] = Contact{Name: "Bo Ek", Protected: true}
	there := &recorder{}
	if got, want := tick(t, b, w, Senders{Mail: there}, w.at(23, 9, 0)).text(), "written 0 sent 0 dropped 1 waiting 0 errors 0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	w.learn(t, b, w.at(24, 0, 5), ending("sabo-vasterhoj", "sara.holm", Card, date(60)))
	tick(t, b, w, Senders{Mail: there}, w.at(24, 7, 0))
	if len(there.sent) != 1 || !strings.Contains(there.sent[0].Text, "Sara Holm") || strings.Contains(there.sent[0].Text, "Bo Ek") {
		t.Errorf("got %v, want one of Sara Holm alone", there.sent)
	}
	if len(away.sent) != 1 || !strings.Contains(away.sent[0].Text, "Bo Ek") {
		t.Errorf("got %v, want one that was of Bo Ek too", away.sent)
	}
}

// Many processes that tick at once send each message once.
func TestTogether(t *testing.T) {
	places(t, func(t *testing.T, p store.Place) {
		w := newTown(t, "sv")
		var books []*Book
		for range 6 {
			books = append(books, openBook(t, p))
		}
		w.learn(t, books[0], w.at(23, 8, 0), ending("sabo-vasterhoj", "bo.ek", Card, date(60)), ending("aldreomsorg", "bo.ek", Card, date(60)), order(1, "npo", "grant", date(20)))
		all := &recorder{}
		var wait sync.WaitGroup
		for _, b := range books {
			wait.Go(func() {
				for range 4 {
					if _, err := b.Tick(t.Context(), &w.Directory, Senders{Mail: all}, w.at(23, 8, 0)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		tick(t, books[0], w, Senders{Mail: all}, w.at(23, 8, 0))
		if len(all.sent) != 3 {
			t.Errorf("got %d messages sent, want 3", len(all.sent))
		}
	})
}
