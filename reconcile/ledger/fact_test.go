package ledger_test

import (
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
)

func accept(t *testing.T, l *ledger.Ledger, from, to string, want bool) {
	t.Helper()
	moved, err := l.SetAccepted(t.Context(), from, to)
	must(t, err)
	if moved != want {
		t.Errorf("accepting %q after %q: got %v, want %v", to, from, moved, want)
	}
}

// What is accepted is moved only by whoever has read what it is: two who judge at once do not move it back.
func TestAcceptedMoves(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p := place()
		one, two := at(t, p, (&clock{noon}).now), at(t, p, (&clock{noon}).now)
		defer one.Close()
		defer two.Close()
		accept(t, one, "", "c1", true)
		accept(t, two, "", "c0", false)
		accept(t, one, "c1", "c2", true)
		accept(t, two, "c1", "c1b", false)
		accept(t, two, "c2", "c2", true)
		commit, _, err := two.Accepted(t.Context())
		same(t, "accepted", []any{commit, err}, []any{"c2", nil})

		for _, c := range []struct {
			was, is string
			want    bool
		}{{"", "f1 forged", true}, {"", "f2 forged", false}, {"f2 forged", "", false}, {"f1 forged", "f1 forged", true}, {"f1 forged", "", true}} {
			got, err := two.SwapFact(t.Context(), "refused", c.was, c.is)
			must(t, err)
			same(t, c.was+" to "+c.is, got, c.want)
		}
		if _, err := two.SwapFact(t.Context(), "clock", "", "x"); err == nil {
			t.Error("got no error, want one: that fact is the ledger's own")
		}
	})
}

// A commit that is accepted on somebody's word is in the log with who, why and what was before, and the log stays whole.
func TestAccept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, place func() store.Place) {
		p := place()
		l := at(t, p, (&clock{noon}).now)
		defer l.Close()
		accept(t, l, "", "c1", true)
		must(t, l.Accept(t.Context(), "c1", "c9", "karin", "historiken skrevs om, 19121212-1212"))
		if err := l.Accept(t.Context(), "c1", "c8", "karin", "igen"); err == nil {
			t.Error("accepting after what is not accepted any more: got no error, want one")
		}
		commit, _, err := l.Accepted(t.Context())
		same(t, "accepted", []any{commit, err}, []any{"c9", nil})
		var got []string
		for _, text := range said(t, records(t, l, audit.Filter{})) {
			if !strings.Contains(text, "anchor") {
				got = append(got, text)
			}
		}
		same(t, "records", got, []string{
			` 2 commit {"commit":"c1","event":"accepted"}`,
			` 3 commit {"commit":"c9","event":"accepted"}`,
			` 4 override {"actor":"karin","by":"karin","commit":"c9","event":"accepted","reason":"historiken skrevs om, •••••••••••••","was":"c1"}`,
		})
		found, err := l.Verify(t.Context())
		must(t, err)
		same(t, "verified", len(found), 0)
	})
}
