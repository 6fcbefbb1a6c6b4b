package main

import (
	"bytes"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// buildProgram gives the program as it is shipped, built once for all tests.
func buildProgram(t *testing.T) string {
	t.Helper()
	program, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

var built = sync.OnceValues(func() (string, error) {
	program := filepath.Join(scratch, "behorig")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return program, nil
})

// agrees holds a round that is over against what is wanted: the targets, how often they were touched, the ledger, and what a plan would do more.
func (k *killing) agrees(before schema.State, m mark) {
	k.t.Helper()
	want, held := k.want(k.on), k.held()
	bare := maps.Clone(want)
	if k.admin != nil { // it knows no days
		for key := range of(want, inDirectory) {
			bare[key] = schema.Grant{}
		}
	}
	if d := cmp.Diff(bare, held); d != "" {
		k.t.Errorf("the targets hold (- want, + got):\n%s", d)
	}
	once := map[schema.Key]int{}
	for _, key := range differ(before, bare, true) {
		once[key] = 1
	}
	if d := cmp.Diff(once, k.done(m)); d != "" {
		k.t.Errorf("how often each grant was touched, by the targets' own logs (- want, + got):\n%s", d)
	}
	k.accounts(m)
	k.ledger(want)
	k.nothingMore()
}

// accounts wants each account of the directory made once and switched on or off once in a round.
func (k *killing) accounts(m mark) {
	k.t.Helper()
	n := map[wrote]int{}
	for _, e := range k.wire.since(m.wire) {
		if e.what == "new" || e.what == "gone" || e.what[1:] != "member" {
			n[wrote{dn: e.dn, what: e.what}]++
		}
	}
	for e, times := range n {
		if times > 1 || e.what == "gone" {
			k.t.Errorf("directory: %s %s: got it %d times, want it once, and nothing deleted", e.dn, e.what, times)
		}
	}
}

// ledger wants what is ours to be what is wanted, every intent to have an outcome, and the log to be whole.
func (k *killing) ledger(want schema.State) {
	k.t.Helper()
	ctx := k.t.Context()
	l, err := ledger.OpenReadOnly(ctx, store.Dir(k.state))
	k.must(err)
	defer l.Close()
	owned, err := l.Owned(ctx)
	k.must(err)
	given, err := l.Given(ctx)
	k.must(err)
	for name, got := range map[string]schema.State{"owned": owned, "given": given} {
		for key, g := range got {
			got[key] = schema.Grant{Until: g.Until}
		}
		if d := cmp.Diff(want, got); d != "" {
			k.t.Errorf("%s by the ledger (- want, + got):\n%s", name, d)
		}
	}
	if damages, err := l.Verify(ctx); err != nil || len(damages) > 0 {
		k.t.Errorf("verify: got %v, %v, want the log whole", damages, err)
	}
	for _, c := range k.rows("ledger", `SELECT id, verb, system, role, unit, person FROM entry e WHERE status = 'intended' AND NOT EXISTS (SELECT 1 FROM entry l
		WHERE l.id > e.id AND l.status != 'intended' AND l.person = e.person AND l.system = e.system AND l.role = e.role AND l.unit = e.unit)`) {
		k.t.Errorf("got an intent whose outcome is not known, %v, want none", c)
	}
	for _, c := range k.rows("ledger", "SELECT id, status, system, person, error FROM entry WHERE unsure = 1 OR status = 'failed'") {
		if c[1] != "failed" || !k.mayFail {
			k.t.Errorf("got an entry that failed or is unsure, %v, want none", c)
		}
	}
}

// nothingMore wants a plan to be empty.
func (k *killing) nothingMore() {
	k.t.Helper()
	var out, speech bytes.Buffer
	at := time.Date(2026, 12, 1, 20, 0, 0, 0, time.UTC).AddDate(0, 0, int(k.on-schema.Day(2026, 12, 1)))
	w := &world{out: &out, err: &speech, now: func() time.Time { return at }, actor: "test", env: k.lookup}
	if code := run(k.t.Context(), w, []string{"plan", "--repo", k.dir, "--exit-code"}); code != 0 {
		k.t.Errorf("plan when all is done: got code %d, want 0 and nothing to do: %s%s", code, out.String(), speech.String())
	}
	k.orders()
}

// orders wants no two open lines of the work list for the same thing.
func (k *killing) orders() {
	k.t.Helper()
	var open []schema.Key
	for _, c := range k.rows("worklist", "SELECT system, role, unit, person FROM line WHERE state = 'open'") {
		key := schema.Key{System: c[0], Role: c[1], Unit: c[2], Person: c[3]}
		if slices.Contains(open, key) {
			k.t.Errorf("got two open orders for %v, want one", key)
		}
		open = append(open, key)
	}
}
