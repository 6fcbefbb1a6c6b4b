package ledger_test

import (
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/store"
)

// A grant ordered by a clock that was ahead, by mistake or to outlast its day, is neither confirmed nor in force before its time.
func TestGrantOfAnotherTime(t *testing.T) {
	c := &clock{noon}
	l := at(t, store.Dir(t.TempDir()), c.now)
	defer l.Close()
	ahead := glass(noon.Add(11 * time.Hour))
	ahead.At, c.at = noon.Add(10*time.Hour), noon.Add(10*time.Hour)
	s, err := l.Order(t.Context(), ahead)
	must(t, err)
	for _, back := range []time.Duration{0, 10*time.Hour - time.Minute - 1} {
		c.at = noon.Add(back)
		if err := l.Confirm(t.Context(), s.ID, "omar.haddad", ""); err == nil || !strings.Contains(err.Error(), "has not come") {
			t.Errorf("confirmed %v after noon: got error %v, want one of the time", back, err)
		}
	}
	c.at = noon.Add(10*time.Hour - time.Minute)
	must(t, l.Confirm(t.Context(), s.ID, "omar.haddad", ""))

	whole := glass(noon.Add(24 * time.Hour))
	whole.SecondAt = noon.Add(time.Minute)
	for name, tt := range map[string]struct {
		change func(s *ledger.Standing)
		want   bool
	}{
		"whole":                  {func(*ledger.Standing) {}, true},
		"ordered soon":           {func(s *ledger.Standing) { s.At = noon.Add(time.Minute) }, true},
		"ordered later":          {func(s *ledger.Standing) { s.At = noon.Add(time.Minute + 1) }, false},
		"confirmed later":        {func(s *ledger.Standing) { s.SecondAt = noon.Add(time.Minute + 1) }, false},
		"not confirmed":          {func(s *ledger.Standing) { s.SecondAt = time.Time{} }, false},
		"for more than a day":    {func(s *ledger.Standing) { s.Until = noon.Add(24*time.Hour + 1) }, false},
		"for more than it lasts": {func(s *ledger.Standing) { s.At = noon.Add(-1) }, false},
		"over":                   {func(s *ledger.Standing) { s.Until = noon }, false},
		"ended":                  {func(s *ledger.Standing) { s.Ended = noon }, false},
	} {
		s := whole
		tt.change(&s)
		same(t, name, s.InForce(noon), tt.want)
	}
}

// personal is a key of somebody's, and its public half.
func personal(t *testing.T, seed byte) (ssh.Signer, string) {
	t.Helper()
	key, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed([]byte(strings.Repeat(string(rune('a'+seed)), ed25519.SeedSize))))
	must(t, err)
	return key, strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key.PublicKey())))
}

// What two people signed holds as long as it says what they signed and their keys count; one person's two keys or names do not make two people.
func TestSigned(t *testing.T) {
	keys, public := map[string]ssh.Signer{}, map[string]string{}
	for i, who := range []string{"karin.berg", "omar.haddad", "anna.lindqvist"} {
		keys[who], public[who] = personal(t, byte(i))
	}
	_, other := personal(t, 9)
	line := func(s ledger.Standing, who, by, namespace string) string {
		signed, err := audit.SignText(s.Statement(), keys[by], namespace)
		must(t, err)
		return ledger.SignedBy(who, signed)
	}
	sign := func(s *ledger.Standing, first, second string) {
		s.Signatures = line(*s, s.By, first, ledger.GrantNamespace) + "\n" + line(*s, s.Second, second, ledger.GrantNamespace)
	}
	for name, tt := range map[string]struct {
		change  func(s *ledger.Standing)
		signers func(all map[string][]string)
		want    string // in the error
	}{
		"whole":             {want: ""},
		"as it is kept":     {change: func(s *ledger.Standing) { s.Reason = "ensam i jour, •••••••••••••" }},
		"for another":       {change: func(s *ledger.Standing) { s.Person = "bo.ek" }, want: "first"},
		"of another role":   {change: func(s *ledger.Standing) { s.Role = "x" }, want: "first"},
		"of another system": {change: func(s *ledger.Standing) { s.System = "x" }, want: "first"},
		"of another unit":   {change: func(s *ledger.Standing) { s.Unit = "x" }, want: "first"},
		"for longer":        {change: func(s *ledger.Standing) { s.Until = s.Until.Add(time.Second) }, want: "first"},
		"again":             {change: func(s *ledger.Standing) { s.At = s.At.Add(time.Second) }, want: "first"},
		"for another cause": {change: func(s *ledger.Standing) { s.Reason = "x" }, want: "first"},
		"by another":        {change: func(s *ledger.Standing) { s.By = "omar.haddad" }, want: "first"},
		"confirmed by another": {
			change: func(s *ledger.Standing) { s.Second = "bo.ek" }, want: "second",
		},
		"by nobody":        {change: func(s *ledger.Standing) { s.Signatures = "" }, want: "first"},
		"by one":           {change: func(s *ledger.Standing) { s.Signatures, _, _ = strings.Cut(s.Signatures, "\n") }, want: "second"},
		"by one, twice":    {change: func(s *ledger.Standing) { s.Second = s.By; sign(s, s.By, s.By) }, want: "second"},
		"by one, as two":   {change: func(s *ledger.Standing) { sign(s, s.By, s.By) }, want: "second"},
		"by the receiver":  {change: func(s *ledger.Standing) { s.By = s.Person; sign(s, s.Person, s.Second) }, want: "first"},
		"for the receiver": {change: func(s *ledger.Standing) { s.Second = s.Person; sign(s, s.By, s.Person) }, want: "second"},
		"for another purpose": {change: func(s *ledger.Standing) {
			s.Signatures = line(*s, s.By, s.By, ledger.GrantNamespace) + "\n" + line(*s, s.Second, s.Second, "git")
		}, want: "second"},
		"no signature":    {change: func(s *ledger.Standing) { s.Signatures = "karin.berg x\nomar.haddad x" }, want: "first"},
		"gone":            {signers: func(all map[string][]string) { delete(all, "omar.haddad") }, want: "second"},
		"a key of theirs": {signers: func(all map[string][]string) { all["omar.haddad"] = []string{other, all["omar.haddad"][0] + " second"} }},
		"a key of two": {signers: func(all map[string][]string) {
			all["omar.haddad"] = append(all["omar.haddad"], public["karin.berg"]+" another comment")
		}, want: "first"},
	} {
		t.Run(name, func(t *testing.T) {
			s := glass(noon.Add(time.Hour))
			s.Second = "omar.haddad"
			sign(&s, s.By, s.Second)
			signers := map[string][]string{}
			for who, key := range public {
				signers[who] = []string{key}
			}
			if tt.change != nil {
				tt.change(&s)
			}
			if tt.signers != nil {
				tt.signers(signers)
			}
			err := s.Signed(signers)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want+" signature") {
				t.Errorf("got error %v, want one of the %q signature", err, tt.want)
			}
		})
	}
}
