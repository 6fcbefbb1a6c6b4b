package files

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/targettest"
	"github.com/behorig/behorig/schema"
)

// cutting is a place whose connection is cut at one of its calls, before or after the effect, or in the middle of what is written. From then on nothing goes through.
type cutting struct {
	place
	left  int
	after bool
}

var errCut = &reconcile.Transient{Err: errors.New("cut")}

// pass tells whether a call goes through, and whether its answer does.
func (c *cutting) pass(effect func() error) error {
	c.left--
	switch {
	case c.left > 0:
		return effect()
	case c.left == 0 && c.after:
		_ = effect()
	}
	return errCut
}

func (c *cutting) stat(ctx context.Context, name string) (i info, err error) {
	err = c.pass(func() (err error) { i, err = c.place.stat(ctx, name); return err })
	return i, err
}

func (c *cutting) write(ctx context.Context, name string, content []byte) error {
	if c.left == 1 && !c.after {
		_ = c.place.write(ctx, name, content[:len(content)/2])
	}
	return c.pass(func() error { return c.place.write(ctx, name, content) })
}

func (c *cutting) create(ctx context.Context, name string) error {
	return c.pass(func() error { return c.place.create(ctx, name) })
}

func (c *cutting) rename(ctx context.Context, from, to string) error {
	return c.pass(func() error { return c.place.rename(ctx, from, to) })
}

func (c *cutting) remove(ctx context.Context, name string) error {
	return c.pass(func() error { return c.place.remove(ctx, name) })
}

// Wherever a run is cut off, the next one finishes: the vendor is given each file once, whole, as if nothing had happened, whether it has read what was there in
// between or not. All calls are tried, each with the cut before and after its effect.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	first := []reconcile.Change{grant("ada", "", 0), grant("ada", "r", 0), grant("bo", "", 0)}
	second := []reconcile.Change{revoke("bo", "")}
	markers := map[string]string{"a marker with a checksum": receipts + "    markerWith: sha256\n", "everybody, an empty marker": receipts}
	for _, name := range slices.Sorted(maps.Keys(markers)) {
		mode, more := "delta", markers[name]
		if strings.HasPrefix(name, "everybody") {
			mode, more = "full", receipts
		}
		yaml := targetsYAML(folderYAML, binding("a", mode, more))
		run := func(t *testing.T, left int, after, night bool) (got map[string]string, calls int) {
			root, state := t.TempDir(), t.TempDir()
			v := newVendor(t, vendor{root: root, full: mode == "full", marker: true, receipt: true})
			target := open(t, yaml, state, folder(root), "a")
			c := &cutting{target.place, left, after}
			target.place = c
			for _, batch := range [][]reconcile.Change{first, second} {
				target.ApplyAll(t.Context(), batch)
			}
			calls = left - c.left
			must(t, target.Close())
			if night {
				v.night(t)
			}
			target = open(t, yaml, state, folder(root), "a")
			must(t, target.Sync(t.Context()))
			for _, batch := range [][]reconcile.Change{first, second} { // made again; what was refused before is made now
				state, err := target.Read(t.Context())
				must(t, err)
				for _, ch := range batch {
					if _, has := state[ch.Key]; has != (ch.To != nil) {
						if ch.Person == "bo" && ch.To != nil {
							continue // taken away by the second batch, if that is recorded
						}
						all(t, target, reconcile.Dispatched, ch)
					}
				}
			}
			v.night(t)
			must(t, target.Sync(t.Context()))
			read, err := target.Read(t.Context())
			must(t, err)
			want := schema.State{grant("ada", "", 0).Key: {}, grant("ada", "r", 0).Key: {}}
			same(t, "read", read, want)
			same(t, "the vendor", v.state(t, "a"), want)
			same(t, "what is left in in/", len(lies(t, filepath.Join(root, "in"))), 0)
			orders, err := target.Orders(t.Context())
			if err != nil || len(orders) > 0 {
				t.Errorf("orders: got %v, error %v, want none", orders, err)
			}
			return v.contents, calls
		}
		t.Run(name, func(t *testing.T) {
			want, calls := run(t, 1000, false, false)
			if len(want) != 2 || calls < 8 {
				t.Fatalf("got %d files by %d calls, want 2 by several", len(want), calls)
			}
			for left := 1; left <= calls; left++ {
				for _, after := range []bool{false, true} {
					for _, night := range []bool{false, true} {
						t.Run(fmt.Sprintf("call %d, after %t, night %t", left, after, night), func(t *testing.T) {
							t.Parallel()
							got, _ := run(t, left, after, night)
							same(t, "the files that the vendor was given", got, want)
						})
					}
				}
			}
		})
	}
}

// many is a repository of 5,000 people, and the changes that give them all an account.
func many(t *testing.T, n int) (map[string]string, []reconcile.Change) {
	files := map[string]string{}
	var changes []reconcile.Change
	for i := range n {
		p := fmt.Sprintf("q%04d", i)
		files["people/"+p+".yaml"] = fmt.Sprintf("name: Namn %s\nemployeeId: E-%s\nemployments:\n  - {unit: u, title: vikarie, form: permanent, from: 2020-01-01}\n", p, p)
		changes = append(changes, grant(p, "", 0))
	}
	return files, changes
}

// A connection that is cut while a large file is sent, wherever, leaves nothing that the vendor reads; made again, the file is there once and whole.
func TestCutWhileWriting(t *testing.T) {
	t.Parallel()
	s := sshd(t)
	p := targettest.NewProxy(t, net.JoinHostPort(s.host, s.port))
	v := newVendor(t, vendor{root: s.root, marker: true, receipt: true})
	files, changes := many(t, 5000)
	c := targettest.Config(t, targettest.Repository(t, targetsYAML(s.yaml(2*time.Second), binding("a", "delta", receipts)), files), "fil", t.TempDir(), "a")
	target := openWith(t, c, s.through(t, p).env)
	temporary := filepath.Join(s.root, "in", "."+name1+".part")
	half := 0
	for turn := 1; turn < 40; turn++ {
		must(t, target.place.close())
		p.CutAt(targettest.CutBefore, turn)
		r := target.ApplyAll(t.Context(), changes)
		if p.Struck() == 0 {
			break
		}
		for _, r := range r {
			if r.Status != reconcile.Failed || !reconcile.Passing(r.Err) {
				t.Fatalf("cut at turn %d: got %s, error %v, want one that passes", turn, r.Status, r.Err)
			}
		}
		if i, err := os.Stat(temporary); err == nil && i.Size() > 0 && i.Size() < 5000*20 {
			half++
		}
		same(t, "what the vendor would read", v.waiting(t), []string(nil))
	}
	p.Set(targettest.Pass)
	if half == 0 {
		t.Error("got no file half written, want one at least")
	}
	all(t, target, reconcile.Already, changes...)
	same(t, "what the vendor would read", v.waiting(t), []string{name1})
	v.night(t)
	must(t, target.Sync(t.Context()))
	if got := len(v.state(t, "a")); got != 5000 {
		t.Errorf("the vendor: got %d accounts, want 5000", got)
	}
}

// The connection is cut when the file has its name and no marker yet. The vendor, who waits for the marker, gets it by the next run.
func TestCutBeforeMarker(t *testing.T) {
	t.Parallel()
	s := sshd(t)
	v := newVendor(t, vendor{root: s.root, marker: true, receipt: true})
	yaml, state := targetsYAML(s.yaml(2*time.Second), binding("a", "delta", receipts)), t.TempDir()
	target := open(t, yaml, state, s.env, "a")
	target.place = &named{target.place.(*remote)}
	all(t, target, reconcile.Failed, grant("ada", "", 0))
	if got := lies(t, filepath.Join(s.root, "in")); len(got) != 1 || got["a-2026-11-23-000001.txt"] == "" {
		t.Fatalf("got %v, want the file without its marker", got)
	}
	v.night(t)
	same(t, "files taken", len(v.contents), 0)
	target = open(t, yaml, state, s.env, "a")
	must(t, target.Sync(t.Context()))
	v.night(t)
	must(t, target.Sync(t.Context()))
	same(t, "the vendor", v.state(t, "a"), schema.State{grant("ada", "", 0).Key: {}})
}

// named is an SFTP server that is lost once a file has got its name: the rename is made, its answer does not come.
type named struct{ *remote }

func (n *named) rename(ctx context.Context, from, to string) error {
	if err := n.remote.rename(ctx, from, to); err != nil {
		return err
	}
	return errCut
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	s := sshd(t)
	p := targettest.NewProxy(t, net.JoinHostPort(s.host, s.port))
	p.Set(targettest.Slow(time.Minute))
	newVendor(t, vendor{root: s.root})
	refused, nobody, unknown := s, s, s.knowing(t, "# nobody\n")
	refused.port = "1"
	nobody.key = filepath.Join(filepath.Dir(s.key), "host") // a key that the server does not let in
	id, err := os.ReadFile(s.key + ".pub")
	must(t, err)
	wrong := s.knowing(t, "[127.0.0.1]:"+s.port+" "+string(id))
	for _, c := range []struct {
		name    string
		s       server
		timeout time.Duration
		passing bool
		want    string
	}{
		{"refused", refused, 5 * time.Second, true, "connection refused"},
		{"too slow", s.through(t, p), 300 * time.Millisecond, true, "i/o timeout"},
		{"another host key", wrong, 5 * time.Second, false, "has another key than the one in"},
		{"a host key that is not known", unknown, 5 * time.Second, false, "ask whoever keeps the server for its key"},
		{"a key that is not let in", nobody, 5 * time.Second, false, "does not let " + s.user + " in"},
	} {
		t.Run(c.name, func(t *testing.T) {
			target := open(t, targetsYAML(c.s.yaml(c.timeout), binding("a", "delta", receipts)), t.TempDir(), c.s.env, "a")
			r := target.ApplyAll(t.Context(), []reconcile.Change{grant("ada", "", 0)})[0]
			if r.Err == nil || reconcile.Passing(r.Err) != c.passing || !strings.Contains(r.Err.Error(), c.want) {
				t.Errorf("got %s, error %v, passing %t, want %q, passing %t", r.Status, r.Err, reconcile.Passing(r.Err), c.want, c.passing)
			}
			same(t, "files", len(lies(t, s.root)), 0)
		})
	}
}

// A server that falls silent while a file is written is given up after the timeout, not waited for for ever.
func TestSilent(t *testing.T) {
	t.Parallel()
	s := sshd(t)
	p := targettest.NewProxy(t, net.JoinHostPort(s.host, s.port))
	newVendor(t, vendor{root: s.root})
	target := open(t, targetsYAML(s.yaml(time.Second), binding("a", "delta", receipts)), t.TempDir(), s.through(t, p).env, "a")
	all(t, target, reconcile.Dispatched, grant("ada", "", 0))
	p.Set(targettest.Slow(time.Minute))
	r := target.ApplyAll(t.Context(), []reconcile.Change{grant("bo", "", 0)})[0]
	if !reconcile.Passing(r.Err) {
		t.Errorf("got %s, error %v, want one that passes", r.Status, r.Err)
	}
	p.Set(targettest.Pass)
	all(t, target, reconcile.Dispatched, grant("bo", "", 0))
}
