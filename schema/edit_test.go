package schema_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/schema"
)

const block = "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\nLWVu+/==\n-----END AGE ENCRYPTED FILE-----\n"

// shown is the block under its key, with another indent than none and other line ends than \n.
func shown(head, indent, end string) string {
	return strings.ReplaceAll(indent+head+"\n"+indent+"  "+strings.ReplaceAll(strings.TrimSuffix(block, "\n"), "\n", "\n"+indent+"  ")+"\n", "\n", end)
}

// deeper is the block indented by one more, so that a comment below it at its indent stays a comment.
func deeper(header string) string {
	return strings.ReplaceAll(strings.Replace(shown("identity: |", "", "\n"), "|", header, 1), "\n  ", "\n   ")
}

func TestSetScalar(t *testing.T) {
	t.Parallel()
	plain := shown("identity: |", "", "\n")
	for name, c := range map[string]struct{ was, want string }{
		"new, behind the last of the keys": {"# one\nname: A # two\nhsaId: x\n\n# three\nitems: []\n", "# one\nname: A # two\nhsaId: x\n" + plain + "\n# three\nitems: []\n"},
		"new, at the end":                  {"login: a\nname: A\n", "login: a\nname: A\n" + plain},
		"new, no last line end":            {"name: A", "name: A\n" + plain},
		"new, none of the keys":            {"# top\nitems: []\n", "# top\n" + plain + "items: []\n"},
		"new, behind several lines":        {"name: A\n  B\n\n  C\n# x\nitems: []\n", "name: A\n  B\n\n  C\n" + plain + "# x\nitems: []\n"},
		"new, behind a quote":              {"name: \"A\n  'B\" # x\nitems: []\n", "name: \"A\n  'B\" # x\n" + plain + "items: []\n"},
		"new, document marks":              {"---\nname: A\n...\n", "---\nname: A\n" + plain + "...\n"},
		"windows":                          {"\ufeffname: A\r\nitems: []\r\n", "\ufeffname: A\r\n" + shown("identity: |", "", "\r\n") + "items: []\r\n"},
		"old macintosh":                    {"name: A\ritems: []\r", "name: A\r" + shown("identity: |", "", "\r") + "items: []\r"},
		"indented":                         {"  name: A\n  items: []\n", "  name: A\n" + shown("identity: |", "  ", "\n") + "  items: []\n"},
		"block":                            {"identity: |\n    old\n    text\n\nname: A\n", plain + "\nname: A\n"},
		"block, comments beside it":        {"identity: |- # why\n    old\n  # less indented\n# not indented\nname: A\n", deeper("| # why") + "  # less indented\n# not indented\nname: A\n"},
		"block, indent told":               {"identity: |2-\n    old\n   text\nname: A\n", plain + "name: A\n"},
		"block, at the end":                {"name: A\nidentity: >\n  old\n\n  text", "name: A\n" + plain},
		"block, on its own line":           {"identity:\n  |\n  old\nname: A\n", strings.Replace(plain, "identity: |", "identity:\n  |", 1) + "name: A\n"},
		"quoted":                           {"identity: \"a\\\"\\n\n  b\" # why\nname: A\n", strings.Replace(plain, "|", "| # why", 1) + "name: A\n"},
		"single quotes":                    {"identity: 'it''s\n\n  so'\nname: A\n", plain + "name: A\n"},
		"plain":                            {"identity: Åsa's number # why\nname: A\n", strings.Replace(plain, "|", "| # why", 1) + "name: A\n"},
		"plain, several lines":             {"identity: a\n  b#c # why\n  # x\nname: A\n", deeper("| # why") + "  # x\nname: A\n"},
		"empty":                            {"identity:\nname: A\n", plain + "name: A\n"},
		"empty, with a comment":            {"name: A\nidentity:   # to come\n", "name: A\n" + strings.Replace(plain, "|", "| # to come", 1)},
		"key in quotes":                    {"\"identity\": x\nname: A\n", strings.Replace(plain, "identity", "\"identity\"", 1) + "name: A\n"},
		"the same key deeper":              {"name: A\ncards:\n  - identity: x\n", "name: A\n" + plain + "cards:\n  - identity: x\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := schema.SetScalar([]byte(c.was), "identity", block, "name", "login", "hsaId")
			if diff := cmp.Diff(string(got), c.want); err != nil || diff != "" {
				t.Errorf("got %v, want no error; got (-), want (+):\n%s", err, diff)
			}
		})
	}
}

func TestSetScalarRefuses(t *testing.T) {
	t.Parallel()
	for was, want := range map[string]error{
		"":                          schema.ErrEditFile,
		"- a\n":                     schema.ErrEditFile,
		"{name: A}\n":               schema.ErrEditFile,
		"name: [\n":                 schema.ErrEditFile,
		"name: A\n---\nname: B\n":   schema.ErrEditFile,
		"name: A\n\tx: y\n":         schema.ErrEditFile,
		"identity: [a]\n":           schema.ErrEditKey,
		"identity: {a: b}\n":        schema.ErrEditKey,
		"identity: &x a\n":          schema.ErrEditKey,
		"a: &x b\nidentity: *x\n":   schema.ErrEditKey,
		"identity: !!str a\n":       schema.ErrEditKey,
		"\"identity\":\nname: A\n":  schema.ErrEditKey,
		"name: A\nidentity:\n- a\n": schema.ErrEditKey,
	} {
		if got, err := schema.SetScalar([]byte(was), "identity", block, "name"); !errors.Is(err, want) || got != nil {
			t.Errorf("%q: got %q, %v; want nothing, %v", was, got, err, want)
		}
	}
	for _, value := range []string{"", "\n", " a", "a\r\n", "a\n\n", "a\x00", "\ta\u2028"} {
		if got, err := schema.SetScalar([]byte("name: A\n"), "identity", value); !errors.Is(err, schema.ErrEditValue) || got != nil {
			t.Errorf("%q: got %q, %v; want nothing, %v", value, got, err, schema.ErrEditValue)
		}
	}
}

// A value without a last line end is kept without one.
func TestSetScalarChomps(t *testing.T) {
	t.Parallel()
	got, err := schema.SetScalar([]byte("a: b\n"), "note", "x\n\n  y", "a")
	if want := "a: b\nnote: |-\n  x\n\n    y\n"; err != nil || string(got) != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

// Laws: the second time changes nothing; the last writer wins; a new key takes nothing away and puts nothing else in; the person is the same but for the
// identity, and has no fault that was not there.
func FuzzSetScalar(f *testing.F) {
	for _, s := range []string{
		"name: A\n", "# a\nname: A # b\r\nlogin: c\r\n", "identity: |2-\n    x\n  y\n # z\nname: A\n", "identity: 'a''\n  b' # c\n", "identity:\n  # c\n  a\n\n  b # d\n# e\nname: >\n f\n",
		"\ufeffname: \"A\\\n  B\"\nemployments: []\n", "? identity\n: a\n", "identity: |+\n  a\n\n\n\nname: A", "name: A\n...\n", " name: A\n identity:\n  \"a\" #b\n", "name: A\nidentity: # x\nprotected: true\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		one, err := schema.SetScalar(raw, "identity", block, "name")
		if err != nil {
			return
		}
		if again, err := schema.SetScalar(one, "identity", block, "name"); err != nil || !bytes.Equal(again, one) {
			t.Fatalf("got %q, %v the second time; want %q", again, err, one)
		}
		other := strings.Replace(block, "YWdl", "eWdl", 1)
		two, err := schema.SetScalar(raw, "identity", other, "name")
		if err != nil {
			t.Fatalf("got %v with another value of the same shape, want no error", err)
		}
		if last, err := schema.SetScalar(one, "identity", other, "name"); err != nil || !bytes.Equal(last, two) {
			t.Fatalf("got %q, %v written over the first; want %q", last, err, two)
		}
		was, before := personOf(raw)
		now, after := personOf(one)
		if was.Identity == "" && !bytes.Contains(raw, []byte("identity")) {
			start := len(prefix(raw, one))
			rest := raw[start:]
			if inserted, ok := bytes.CutSuffix(one[start:], rest); !ok || bytes.Count(inserted, []byte("AGE")) != 2 {
				t.Fatalf("got %q of %q, want one block more and nothing else", one, raw)
			}
		}
		if before != nil {
			return
		}
		if after != nil || now.Identity != block {
			t.Fatalf("got identity %q and %v of %q, want the block and no fault", now.Identity, after, one)
		}
		was.Identity, now.Identity = "", ""
		for i := range was.Employments {
			for j := range was.Employments[i].Access {
				was.Employments[i].Access[j].Line, now.Employments[i].Access[j].Line = 0, 0 // they move down
			}
		}
		if diff := cmp.Diff(now, was); diff != "" {
			t.Fatalf("got (-), want (+):\n%s", diff)
		}
	})
}

func prefix(a, b []byte) []byte {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

// personOf loads a person's file by itself.
func personOf(raw []byte) (*schema.Person, error) {
	o, _ := schema.Load(fstest.MapFS{"people/a.yaml": {Data: raw}})
	return o.Person("a")
}
