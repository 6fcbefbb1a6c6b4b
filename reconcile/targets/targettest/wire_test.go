package targettest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// wire is a server that holds access for the suite's own test: lines of JSON over TCP. It is no model of a real one, which the kinds of target have.
type wire struct {
	addr    string
	mu      sync.Mutex
	held    schema.State
	effects int
	defect  string
}

// word is a line of the client's or the server's.
type word struct {
	Do      string
	Key     schema.Key
	Until   schema.Date
	Already bool
	Batch   []word
}

func newWire(t *testing.T, defect string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	w := &wire{addr: listener.Addr().String(), held: schema.State{}, defect: defect}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go w.serve(conn)
		}
	}()
	return w
}

func (w *wire) serve(conn net.Conn) {
	defer conn.Close()
	in, out := json.NewDecoder(conn), bufio.NewWriter(conn)
	for {
		var asked word
		if in.Decode(&asked) != nil {
			return
		}
		for _, a := range w.answer(asked) {
			_ = json.NewEncoder(out).Encode(a)
		}
		if out.Flush() != nil {
			return
		}
	}
}

func (w *wire) answer(asked word) []word {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch asked.Do {
	case "list":
		var all []word
		for k, g := range w.held {
			all = append(all, word{Key: k, Until: g.Until})
		}
		return append(all, word{Do: "end"})
	case "batch":
		done := word{}
		for _, one := range asked.Batch {
			done.Batch = append(done.Batch, w.one(one))
		}
		return []word{done}
	}
	return []word{w.one(asked)}
}

func (w *wire) one(asked word) word {
	g, ok := w.held[asked.Key]
	if asked.Do == "give" && ok && g.Until == asked.Until || asked.Do == "take" && !ok {
		if w.defect == "does again" {
			w.effects++
		}
		return word{Already: true}
	}
	w.effects++
	if asked.Do == "give" {
		w.held[asked.Key] = schema.Grant{Until: asked.Until}
	} else {
		delete(w.held, asked.Key)
	}
	return word{}
}

// wired is a target that reaches a wire.
type wired struct {
	addr, defect string
	mu           sync.Mutex
	conn         net.Conn
	in           *json.Decoder
	broken       error
}

var errForeign = errors.New("the system is of another target")

// say sends a word and hands each word of the answer to hear until it has heard enough.
func (w *wired) say(ctx context.Context, said word, hear func(word) (enough bool)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.defect == "never again" && w.broken != nil {
		return w.broken
	}
	err := w.try(ctx, said, hear)
	if err == nil {
		return nil
	}
	if w.conn != nil {
		_ = w.conn.Close()
		w.conn = nil
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case w.defect == "loses":
		return nil
	case w.defect == "final":
		return err
	case w.defect == "shorter" && said.Do == "list" && errors.Is(err, io.EOF):
		return nil
	}
	w.broken = &reconcile.Transient{Err: err}
	return w.broken
}

func (w *wired) try(ctx context.Context, said word, hear func(word) bool) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if w.conn == nil {
		conn, err := net.Dial("tcp", w.addr)
		if err != nil {
			return err
		}
		w.conn, w.in = conn, json.NewDecoder(conn)
	}
	if w.defect != "waits for ever" {
		conn := w.conn
		defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	}
	if err := json.NewEncoder(w.conn).Encode(said); err != nil {
		return err
	}
	for {
		var heard word
		if err := w.in.Decode(&heard); err != nil {
			return err
		}
		if hear(heard) {
			return nil
		}
	}
}

func (w *wired) Read(ctx context.Context) (schema.State, error) {
	state := schema.State{}
	err := w.say(ctx, word{Do: "list"}, func(a word) bool {
		if a.Do != "end" {
			state[a.Key] = schema.Grant{Until: a.Until}
		}
		return a.Do == "end"
	})
	return state, err
}

func order(c reconcile.Change) word {
	if c.To == nil {
		return word{Do: "take", Key: c.Key}
	}
	return word{Do: "give", Key: c.Key, Until: c.To.Until}
}

func result(a word) reconcile.Status {
	if a.Already {
		return reconcile.Already
	}
	return reconcile.Done
}

func (w *wired) Apply(ctx context.Context, c reconcile.Change) (reconcile.Status, error) {
	if c.System != "a" && c.System != "b" {
		return reconcile.Failed, errForeign
	}
	status := reconcile.Done
	if err := w.say(ctx, order(c), func(a word) bool { status = result(a); return true }); err != nil {
		return reconcile.Failed, err
	}
	return status, nil
}

func (w *wired) ApplyAll(ctx context.Context, changes []reconcile.Change) []reconcile.Result {
	results := make([]reconcile.Result, len(changes))
	ask := word{Do: "batch"}
	var asked []int
	for i, c := range changes {
		if c.System != "a" && c.System != "b" {
			results[i] = reconcile.Result{Status: reconcile.Failed, Err: errForeign}
			if w.defect == "all or nothing" {
				for j := range results {
					results[j] = results[i]
				}
				return results
			}
			continue
		}
		ask.Batch, asked = append(ask.Batch, order(c)), append(asked, i)
	}
	if len(asked) == 0 {
		return results
	}
	err := w.say(ctx, ask, func(a word) bool {
		for n, i := range asked {
			if w.defect == "another order" {
				i = asked[len(asked)-1-n]
			}
			results[i] = reconcile.Result{Status: result(a.Batch[n])}
		}
		return true
	})
	if err != nil {
		for _, i := range asked {
			results[i] = reconcile.Result{Status: reconcile.Failed, Err: err}
		}
	}
	return results
}

func (w *wired) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn != nil {
		_ = w.conn.Close()
		w.conn = nil
	}
	return nil
}
