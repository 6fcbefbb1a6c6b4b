package pass

import (
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/schema"
)

// keysOf gives some people keys whose signatures count.
func (h *house) keysOf(people ...string) map[string]ssh.Signer {
	h.Helper()
	keys, text := map[string]ssh.Signer{}, "organisation: Prov\nsigners:\n"
	for i, who := range people {
		key, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(rune('a'+i)), ed25519.SeedSize))))
		if err != nil {
			h.Fatal(err)
		}
		keys[who] = key
		text += "  " + who + ": [\"" + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key.PublicKey()))) + "\"]\n"
		h.person(who)
	}
	h.write("behorig.yaml", text)
	return keys
}

// glass is an order of access past the rules for an hour, ordered by karin.
func (h *house) glass() ledger.Standing {
	return ledger.Standing{
		Kind: ledger.StandingGrant, Key: schema.Key{System: "journal", Role: "s", Unit: "u", Person: "anna"}, Reason: "x", By: "karin", At: h.now, Until: h.now.Add(time.Hour),
	}
}

func (h *house) sign(o ledger.Standing, who string, key ssh.Signer) string {
	h.Helper()
	signed, err := audit.SignText(o.Statement(), key, ledger.GrantNamespace)
	if err != nil {
		h.Fatal(err)
	}
	return ledger.SignedBy(who, signed)
}

// Access past the rules ends with its time; then there is a task to review it, once.
func TestGlass(t *testing.T) {
	h := newHouse(t)
	keys := h.keysOf("karin", "omar")
	h.apply()
	l := h.ledger()
	o := h.glass()
	o.Signatures = h.sign(o, "karin", keys["karin"])
	o, err := l.Order(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "by one person's word", made(h.apply("journal")), "")
	if err := l.Confirm(t.Context(), o.ID, "omar", h.sign(o, "omar", keys["omar"])); err != nil {
		t.Fatal(err)
	}
	want(t, "by two", made(h.apply("journal")), "journal grant done")
	tasks := func() int {
		t.Helper()
		n, err := h.pass().Household(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	h.now = h.now.Add(time.Hour - time.Second)
	if n := tasks(); n != 0 || made(h.apply("journal")) != "" {
		t.Errorf("within its time: got %d tasks, want none and no change", n)
	}
	h.now = h.now.Add(time.Second)
	want(t, "when its time is out", made(h.apply("journal")), "journal revoke done")
	if first, second := tasks(), tasks(); first != 1 || second != 0 {
		t.Errorf("got %d tasks, then %d, want one, once", first, second)
	}
	want(t, "what stands", h.standing(), "")
}

// What the ledger says to be confirmed is given only if two people whose signatures count in the pass's own files signed it; once one of them does not, it is
// taken away.
func TestGlassUnsigned(t *testing.T) {
	for name, tt := range map[string]struct{ first, second string }{
		"by nobody": {}, "by one": {first: "karin"}, "by one as two": {"karin", "karin"}, "by a stranger": {"karin", "stranger"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			keys := h.keysOf("karin", "omar", "stranger")
			h.keysOf("karin", "omar")
			h.apply()
			l, o := h.ledger(), h.glass()
			line := func(who, by string) string {
				if by == "" {
					return ""
				}
				return h.sign(o, who, keys[by])
			}
			o.Signatures = line("karin", tt.first)
			ordered, err := l.Order(t.Context(), o)
			if err == nil {
				err = l.Confirm(t.Context(), ordered.ID, "omar", line("omar", tt.second))
			}
			if err != nil {
				t.Fatal(err)
			}
			p := h.pass("journal")
			r, _ := p.Apply(t.Context())
			want(t, "made", made(r), "")
			standing, err := l.Standing(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			in, refused := p.Revision.Emergencies(standing, h.now)
			if len(in) != 0 || len(refused) != 1 || refused[0].ID != ordered.ID {
				t.Errorf("got %d in force and refused %v, want none and the order", len(in), refused)
			}
		})
	}
	t.Run("by one who is gone", func(t *testing.T) {
		h := newHouse(t)
		keys := h.keysOf("karin", "omar")
		h.apply()
		l, o := h.ledger(), h.glass()
		o.Signatures = h.sign(o, "karin", keys["karin"])
		ordered, err := l.Order(t.Context(), o)
		if err == nil {
			err = l.Confirm(t.Context(), ordered.ID, "omar", h.sign(o, "omar", keys["omar"]))
		}
		if err != nil {
			t.Fatal(err)
		}
		want(t, "by two", made(h.apply("journal")), "journal grant done")
		h.keysOf("karin")
		r, _ := h.pass("journal").Apply(t.Context())
		want(t, "by one who is left", made(r), "journal revoke done")
	})
}
