package ledger_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
)

// signing is a key for checkpoints, and its public line.
func signing(t *testing.T) (ssh.Signer, []string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	s, err := ssh.NewSignerFromKey(private)
	must(t, err)
	return s, []string{string(ssh.MarshalAuthorizedKey(s.PublicKey()))}
}

// worked is a place with a run of a few changes.
func worked(t *testing.T, p store.Place) *ledger.Ledger {
	t.Helper()
	l, _ := running(t, p)
	for _, person := range []string{"p", "q", "x", "y"} {
		settle(t, l, grant("a", person), "done")
	}
	settle(t, l, grant("b", "p"), "failed")
	settle(t, l, revoke("a", "q"), "dispatched")
	must(t, l.End(t.Context(), 4, "ok"))
	return l
}

// Each thing that can be done to a ledger past the tool, and all that is said of it.
func TestVerifySaysWhere(t *testing.T) {
	for _, c := range []struct {
		name string
		do   []string
		want []string
	}{
		{"nothing", nil, []string{}},
		{
			"one byte of a body",
			[]string{`UPDATE audit SET body = replace(body, '"person":"x"', '"person":"z"') WHERE chain = 'a' AND seq = 5`},
			[]string{"a 5 hash", "a 6 row entry 3"},
		},
		{"a row deleted", []string{`DELETE FROM audit WHERE chain = 'a' AND seq = 6`}, []string{"a 6 gap", "a 5 row entry 3", "a 0 extra owned a/r/u/x"}},
		{
			"two swapped",
			[]string{`UPDATE audit SET seq = 99 WHERE chain = 'a' AND seq = 1`, `UPDATE audit SET seq = 1 WHERE chain = 'a' AND seq = 2`, `UPDATE audit SET seq = 2 WHERE chain = 'a' AND seq = 99`},
			[]string{"a 1 order", "a 2 order", "a 2 row entry 1"},
		},
		{"an entry's status", []string{`UPDATE entry SET status = 'done' WHERE id = 5`}, []string{"b 2 row entry 5"}},
		{"an entry moved to another system", []string{`UPDATE entry SET system = 'b' WHERE id = 1`}, []string{"a 2 missing entry 1", "b 0 extra entry 1"}},
		{"a grant that nobody made", []string{`INSERT INTO owned (system, role, unit, person, until, source, since, entry) VALUES ('c', 'r', '', 'evil', '', '', '', 1)`}, []string{"c 0 extra owned c/r//evil"}},
		{"a grant forgotten", []string{`DELETE FROM owned WHERE person = 'x'`}, []string{"a 6 missing owned a/r/u/x"}},
		{"what waits forgotten", []string{`UPDATE entry SET waits = 0`}, []string{"a 10 row entry 6"}},
		{"who ran it", []string{`UPDATE run SET actor = 'eva' WHERE id = 1`}, []string{"4 row run 1"}},
		{"what was accepted", []string{`UPDATE fact SET value = 'c9' WHERE name = 'good'`}, []string{"2 row fact good"}},
		{
			"the tail cut off, and the head with it",
			[]string{`DELETE FROM audit WHERE chain = 'b' AND seq = 2`, `UPDATE head SET seq = 1, hash = (SELECT hash FROM audit WHERE chain = 'b' AND seq = 1) WHERE chain = 'b'`},
			[]string{"b 1 row entry 5"},
		},
		{"a head", []string{`UPDATE head SET hash = 'x' WHERE chain = 'b'`}, []string{"b 2 head"}},
		{"a head gone", []string{`DELETE FROM head WHERE chain = 'b'`}, []string{"b 2 head"}},
		{
			"another's record",
			[]string{`UPDATE audit SET chain = 'c' WHERE chain = 'b' AND seq = 2`, `UPDATE head SET chain = 'c' WHERE chain = 'b'`},
			[]string{"b 1 head", "b 1 row entry 5", "c 1 gap"},
		},
		{
			"a log that is to begin again, for a grant put in",
			[]string{`UPDATE fact SET value = 'due' WHERE name = 'log'`, `INSERT INTO owned (system, role, unit, person, until, source, since, entry) VALUES ('c', 'r', '', 'evil', '', '', '', 1)`},
			[]string{"0 anchor fact log", "c 0 extra owned c/r//evil"},
		},
		{"all of the log", []string{`DELETE FROM audit`, `DELETE FROM head`}, []string{
			"1 anchor", "0 extra run 1", "0 extra fact good", "a 0 extra entry 1", "a 0 extra entry 2", "a 0 extra entry 3", "a 0 extra entry 4", "a 0 extra entry 6",
			"a 0 extra owned a/r/u/p", "a 0 extra owned a/r/u/x", "a 0 extra owned a/r/u/y", "b 0 extra entry 5",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, place func() store.Place) {
				p := place()
				l := at(t, p, (&clock{noon}).now)
				must(t, l.SetGood(t.Context(), "c1"))
				must(t, l.Close())
				must(t, worked(t, p).Close())
				tampered(t, p, c.do...)
				got, want := verified(t, p), slices.Clone(c.want)
				slices.Sort(got)
				slices.Sort(want)
				same(t, "damages", got, want)
			})
		})
	}
}

// Whoever sets the fact back by which the log began, so that the tool itself anchors what was put in, is refused; and anchors that stand where the log had
// begun, with hashes that fit, stand for nothing.
func TestLogBeginsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p := place()
		must(t, worked(t, p).Close())
		put := `INSERT INTO owned (system, role, unit, person, until, source, since, entry) VALUES ('a', 'r', '', 'evil', '', '', '2026-12-01', 1)`
		tampered(t, p, `UPDATE fact SET value = 'due' WHERE name = 'log'`, put)
		if _, err := ledger.Open(t.Context(), p, (&clock{noon}).now); err == nil || !strings.Contains(err.Error(), "audit verify") {
			t.Errorf("got error %v, want one that sends to audit verify", err)
		}
		same(t, "after that", verified(t, p), []string{"0 anchor fact log", "a 0 extra owned a/r//evil"})

		l, err := ledger.OpenReadOnly(t.Context(), p)
		must(t, err)
		last := map[string]audit.Record{}
		for _, r := range records(t, l, audit.Filter{}) {
			last[r.Chain] = r
		}
		must(t, l.Close())
		statements := []string{`UPDATE fact SET value = 'begun' WHERE name = 'log'`}
		var want []string
		for chain, b := range map[string]audit.Body{
			"": {Event: "ledger", Ledger: "another"}, "a": {Event: "owned", Role: "r", Person: "evil", Since: "2026-12-01", Entry: 1}, "b": {Event: "unsure", Role: "r", Unit: "u", Person: "p", Entry: 5},
		} {
			r := audit.Record{Chain: chain, Seq: last[chain].Seq + 1, At: audit.Stamp(noon), Kind: audit.Anchor, Body: audit.Encode(b)}
			r.Hash = audit.Link(last[chain].Hash, r)
			seq := strconv.FormatInt(r.Seq, 10)
			statements = append(statements,
				"INSERT INTO audit (chain, seq, at, kind, body, hash) VALUES ("+quoted(r.Chain)+", "+seq+", "+quoted(r.At)+", 'anchor', "+quoted(r.Body)+", "+quoted(r.Hash)+")",
				"UPDATE head SET seq = "+seq+", hash = "+quoted(r.Hash)+" WHERE chain = "+quoted(chain))
			want = append(want, strings.TrimSpace(chain+" "+seq+" anchor"))
		}
		tampered(t, p, statements...)
		got := verified(t, p)
		want = append(want, "a 0 extra owned a/r//evil")
		slices.Sort(got)
		slices.Sort(want)
		same(t, "anchors put in", got, want)
	})
}

// Somebody who can write to the database, and knows how hashes are made, rewrites all of it: only a checkpoint that was kept elsewhere tells.
func TestCheckpointAgainstRewriting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p, other := place(), place()
		must(t, worked(t, other).Close())
		l := worked(t, p)
		signer, keys := signing(t)
		document, err := l.Checkpoint(t.Context(), "Falkenbergs kommun", signer)
		must(t, err)
		point, err := audit.OpenCheckpoint(document, keys)
		must(t, err)
		made := records(t, l, audit.Filter{Kinds: []audit.Kind{audit.Checkpoint}})
		same(t, "records of it", len(made), 1)
		same(t, "the key", strings.Contains(made[0].Body, ssh.FingerprintSHA256(signer.PublicKey())), true)
		must(t, l.Begin(t.Context(), ledger.Run{Revision: "c2", Actor: "ada", On: today}))
		settle(t, l, grant("a", "late"), "done")
		same(t, "as it was, and more", verified(t, p, point), []string{})

		var statements []string
		prev := ""
		for _, r := range records(t, l, audit.Filter{System: "a"}) {
			if r.Chain != "a" {
				continue
			}
			r.Body = strings.Replace(r.Body, `"person":"x"`, `"person":"z"`, 1)
			r.Hash = audit.Link(prev, r)
			prev = r.Hash
			statements = append(statements, "UPDATE audit SET body = "+quoted(r.Body)+", hash = "+quoted(r.Hash)+" WHERE chain = 'a' AND seq = "+strconv.FormatInt(r.Seq, 10))
		}
		must(t, l.Close())
		tampered(t, p, append(statements, "UPDATE head SET hash = "+quoted(prev)+" WHERE chain = 'a'", "UPDATE entry SET person = 'z' WHERE person = 'x'", "UPDATE owned SET person = 'z' WHERE person = 'x'")...)
		same(t, "by itself", verified(t, p), []string{})
		same(t, "with the checkpoint", verified(t, p, point), []string{"a 10 checkpoint"})

		got := verified(t, other, point)
		same(t, "another ledger", slices.Contains(got, "0 checkpoint"), true)
		none, err := ledger.OpenReadOnly(t.Context(), place())
		must(t, err)
		damages, err := none.Verify(t.Context(), point)
		same(t, "no ledger at all", []any{len(damages), err}, []any{1, nil})
	})
}

// A ledger goes on from a backup, and a checkpoint of since then tells what it lost.
func TestBackupAndRestore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p, to := place(), place()
		l := worked(t, p)
		defer l.Close()
		file := t.TempDir() + "/ledger.backup"
		must(t, ledger.Backup(t.Context(), p, file))
		must(t, l.Begin(t.Context(), ledger.Run{Revision: "c2", Actor: "ada", On: today}))
		settle(t, l, grant("a", "late"), "done")
		signer, keys := signing(t)
		document, err := l.Checkpoint(t.Context(), "x", signer)
		must(t, err)
		point, err := audit.OpenCheckpoint(document, keys)
		must(t, err)
		must(t, ledger.Restore(t.Context(), to, file))
		same(t, "by itself", verified(t, to), []string{})
		same(t, "with the checkpoint", verified(t, to, point), []string{"4 checkpoint", "a 12 checkpoint"})
		again := at(t, to, (&clock{noon}).now)
		defer again.Close()
		must(t, again.Begin(t.Context(), ledger.Run{Revision: "c2", Actor: "ada", On: today}))
		settle(t, again, grant("a", "late"), "done")
		same(t, "going on", verified(t, to), []string{})
	})
}

// A signature that cannot be made leaves no record of a checkpoint.
func TestCheckpointFails(t *testing.T) {
	p := store.Dir(t.TempDir())
	l := worked(t, p)
	defer l.Close()
	signer, _ := signing(t)
	if _, err := l.Checkpoint(t.Context(), "x", broken{signer}); err == nil {
		t.Error("got no error, want one")
	}
	same(t, "records of it", len(records(t, l, audit.Filter{Kinds: []audit.Kind{audit.Checkpoint}})), 0)
}

type broken struct{ ssh.Signer }

func (broken) Sign(io.Reader, []byte) (*ssh.Signature, error) {
	return nil, errors.New("no")
}
