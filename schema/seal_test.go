package schema_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/fstest"

	"filippo.io/age"
	"filippo.io/age/armor"

	"github.com/behorig/behorig/schema"
)

// published are test numbers that Skatteverket has published.
var published = []string{"199001012385", "200002292399", "202402292383", "190001019801", "189001019802", "196408233234", "202601612381", "202201612393"}

func keyPair(t testing.TB) (age.Identity, string) {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return key, key.Recipient().String()
}

func identity(t testing.TB, s string) schema.Identity {
	t.Helper()
	id, err := schema.ParseIdentity(s, identityToday)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func sealed(t testing.TB, number string, recipients ...string) string {
	t.Helper()
	s, err := schema.Seal(identity(t, number), recipients)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Each of the keys opens what is sealed to all; another opens nothing.
func TestSealOpens(t *testing.T) {
	t.Parallel()
	one, to1 := keyPair(t)
	two, to2 := keyPair(t)
	other, _ := keyPair(t)
	for _, number := range published {
		block := sealed(t, number, to1, to2)
		for _, keys := range [][]age.Identity{{one}, {two}, {other, two}} {
			if id, err := schema.Unseal(block, keys); err != nil || id.Reveal() != number {
				t.Errorf("%s: got %q, %v; want the number", number, id.Reveal(), err)
			}
		}
		for _, keys := range [][]age.Identity{{other}, {}} {
			if id, err := schema.Unseal(block, keys); !errors.Is(err, schema.ErrSealKey) || id.Reveal() != "" {
				t.Errorf("%s with %d other keys: got %q, %v; want nothing, %v", number, len(keys), id.Reveal(), err, schema.ErrSealKey)
			}
		}
	}
}

// Two blocks tell nothing of whether they hold the same number: each differs, and all are of one length.
func TestSealHides(t *testing.T) {
	t.Parallel()
	_, to := keyPair(t)
	seen := map[string]bool{}
	for range 3 {
		for _, number := range published {
			block := sealed(t, number, to)
			if seen[block] {
				t.Errorf("%s: got a block twice, want another each time", number)
			}
			seen[block] = true
			if want := len(sealed(t, published[0], to)); len(block) != want {
				t.Errorf("%s: got %d bytes, want %d", number, len(block), want)
			}
			if strings.Contains(block, number) {
				t.Errorf("%s: got the number in the block", number)
			}
		}
	}
}

// A sealed block is taken by the loader as it is, and found by no search for numbers in clear.
func TestSealLoads(t *testing.T) {
	t.Parallel()
	_, to := keyPair(t)
	block := sealed(t, published[0], to)
	raw, err := schema.SetScalar([]byte("name: A\nemployments: []\n"), "identity", block, "name")
	if err != nil {
		t.Fatal(err)
	}
	if p, err := personOf(raw); err != nil || p.Identity != block {
		t.Errorf("got %q, %v; want the block", p.Identity, err)
	}
	if found := schema.ClearIdentities("a", string(raw), identityToday); found != nil {
		t.Errorf("got numbers in clear at %v, want none", found)
	}
}

// A block that is cut or changed anywhere opens for nobody, and the error holds nothing of it.
func TestUnsealRefuses(t *testing.T) {
	t.Parallel()
	key, to := keyPair(t)
	block := sealed(t, published[0], to)
	for n := range len(block) - 1 {
		if id, err := schema.Unseal(block[:n], []age.Identity{key}); err == nil || id.Reveal() != "" {
			t.Fatalf("cut to %d bytes: got %q, %v; want an error", n, id.Reveal(), err)
		}
	}
	for i := range len(block) - 1 {
		changed := []byte(block)
		if changed[i] = 'A'; block[i] == 'A' {
			changed[i] = 'B'
		}
		id, err := schema.Unseal(string(changed), []age.Identity{key})
		if !errors.Is(err, schema.ErrSealKey) && !errors.Is(err, schema.ErrSealDamaged) || id.Reveal() != "" {
			t.Fatalf("byte %d changed: got %q, %v; want an error of key or damage", i, id.Reveal(), err)
		}
		if strings.Contains(err.Error(), published[0]) || strings.Contains(err.Error(), "AGE-SECRET") {
			t.Fatalf("byte %d changed: got %q, want an error that tells nothing", i, err)
		}
	}
	for name, text := range map[string]string{"nothing": "", "a number": published[0], "twice": block + block, "before": "x" + block, "behind": block + "x"} {
		if _, err := schema.Unseal(text, []age.Identity{key}); !errors.Is(err, schema.ErrSealDamaged) {
			t.Errorf("%s: got %v, want %v", name, err, schema.ErrSealDamaged)
		}
	}
}

// What somebody else has sealed to our key is no personnummer until it is looked at.
func TestUnsealContent(t *testing.T) {
	t.Parallel()
	key, to := keyPair(t)
	for _, content := range []string{"", "19900101238", "1990010123855", "199001012386", "199002302385", "19900101-2385", "９９９９", strings.Repeat("1", 70000)} {
		id, err := schema.Unseal(armored(t, content, to), []age.Identity{key})
		if !errors.Is(err, schema.ErrSealContent) || id.Reveal() != "" {
			t.Errorf("%.20q: got %q, %v; want nothing, %v", content, id.Reveal(), err, schema.ErrSealContent)
		}
	}
}

func TestSealRefuses(t *testing.T) {
	t.Parallel()
	secret, to := keyPair(t)
	id := identity(t, published[0])
	for name, c := range map[string]struct {
		id   schema.Identity
		to   []string
		want error
	}{
		"no number":      {schema.Identity{}, []string{to}, schema.ErrNoIdentity},
		"nobody":         {id, nil, schema.ErrNoRecipient},
		"no key":         {id, []string{to, "age1x"}, schema.ErrRecipient},
		"the secret key": {id, []string{fmt.Sprint(secret)}, schema.ErrRecipient},
	} {
		if got, err := schema.Seal(c.id, c.to); !errors.Is(err, c.want) || got != "" {
			t.Errorf("%s: got %q, %v; want nothing, %v", name, got, err, c.want)
		}
	}
}

// A recipient that age cannot read is a fault of the file, at its place; so is a secret key, which is not shown.
func TestRecipients(t *testing.T) {
	t.Parallel()
	secret, to := keyPair(t)
	wrong := to[:len(to)-1] + map[bool]string{true: "p", false: "q"}[to[len(to)-1] == 'q']
	raw := "organisation: A\nidentity:\n  recipients:\n    - " + to + "\n    - " + wrong + "\n    - " + fmt.Sprint(secret) + "\n"
	_, err := schema.Load(fstest.MapFS{"behorig.yaml": {Data: []byte(raw)}, "targets.yaml": {Data: []byte("targets: {}\n")}})
	var faults schema.Faults
	if !errors.As(err, &faults) || len(faults) != 2 || faults[0].Pos != (schema.Pos{File: "behorig.yaml", Line: 5, Col: 7}) || faults[1].Line != 6 {
		t.Fatalf("got %v, want faults at 5:7 and line 6", err)
	}
	if strings.Contains(err.Error(), "SECRET") {
		t.Errorf("got %q, want no secret key in it", err)
	}
}

// armored seals any text.
func armored(t testing.TB, content, to string) string {
	t.Helper()
	r, err := age.ParseX25519Recipient(to)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	text := armor.NewWriter(&out)
	w, err := age.Encrypt(text, r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), text.Close()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
