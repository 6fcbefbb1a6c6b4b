package audit_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile/audit"
)

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%s (-got +want):\n%s", what, diff)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// chain makes records of bodies.
func chain(name string, bodies ...audit.Body) []audit.Record {
	var all []audit.Record
	prev := ""
	for i, b := range bodies {
		r := audit.Record{Chain: name, Seq: int64(i + 1), At: audit.Stamp(noon.Add(time.Duration(i) * time.Second)), Kind: audit.Intent, Body: audit.Encode(b)}
		r.Hash = audit.Link(prev, r)
		prev = r.Hash
		all = append(all, r)
	}
	return all
}

// people makes a chain that is about so many.
func people(n int) []audit.Record {
	var bodies []audit.Body
	for i := range n {
		bodies = append(bodies, audit.Body{Person: fmt.Sprintf("p%d", i+1), Entry: int64(i + 1)})
	}
	return chain("s", bodies...)
}

// The hash is what the package's comment says, worked out without the package.
func TestLinkByTheBook(t *testing.T) {
	r := audit.Record{Chain: "combine", Seq: 7, At: "2026-12-01T12:00:00.000000000Z", Kind: audit.Intent, Body: `{"person":"anna.lindqvist"}`}
	prev := strings.Repeat("ab", 32)
	sum := sha256.Sum256([]byte("behorig-audit-1\n" + prev + "\ncombine\n7\n2026-12-01T12:00:00.000000000Z\nintent\n" + `{"person":"anna.lindqvist"}`))
	same(t, "hash", audit.Link(prev, r), hex.EncodeToString(sum[:]))
	sum = sha256.Sum256([]byte("behorig-audit-1\n" + strings.Repeat("0", 64) + "\n\n1\n\n\n"))
	same(t, "hash of the first", audit.Link("", audit.Record{Seq: 1}), hex.EncodeToString(sum[:]))
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh here: skipped")
	}
	const line = `printf 'behorig-audit-1\n%s\n%s\n%s\n%s\n%s\n%s' "$prev" "$chain" "$seq" "$at" "$kind" "$body" | sha256sum`
	c := exec.Command(sh, "-c", line)
	c.Env = []string{"PATH=/usr/bin:/bin", "prev=" + prev, "chain=combine", "seq=7", "at=" + r.At, "kind=intent", "body=" + r.Body}
	out, err := c.Output()
	must(t, err)
	same(t, "hash by sh", strings.Fields(string(out))[0], audit.Link(prev, r))
}

// Names in alphabetical order are what makes encoding/json write the canonical form.
func TestBodyIsInOrder(t *testing.T) {
	var names []string
	b := reflect.TypeFor[audit.Body]()
	for i := range b.NumField() {
		name, option, _ := strings.Cut(b.Field(i).Tag.Get("json"), ",")
		same(t, name, option, "omitempty")
		names = append(names, name)
	}
	same(t, "in order", slices.IsSorted(names), true)
}

func TestEncode(t *testing.T) {
	for _, c := range []struct {
		body audit.Body
		want string
	}{
		{audit.Body{}, `{}`},
		{audit.Body{Verb: "grant", Actor: "ada", Entry: 3, Rules: []string{"b", "a"}}, `{"actor":"ada","entry":3,"rules":["b","a"],"verb":"grant"}`},
		{audit.Body{Reason: "a<b> & \"å\" \\ \n\t\x01"}, `{"reason":"a<b> & \"å\" \\ \n\t\u0001"}`},
		{audit.Body{Reason: "a\u2028b\u2029c\xffd\x00"}, "{\"reason\":\"a b c\ufffdd \"}"},
		{audit.Body{Reason: `\u2028`}, `{"reason":"\\u2028"}`},
		{audit.Body{Rules: []string{"a\xff"}}, "{\"rules\":[\"a\ufffd\"]}"},
	} {
		got := audit.Encode(c.body)
		same(t, "body", got, c.want)
		if _, err := audit.Decode(got); err != nil {
			t.Errorf("%s: got error %v, want none", got, err)
		}
	}
}

// Whatever is encoded is read as it was, if it is text at all.
func TestEncodeDecode(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := audit.Body{
			Person: rapid.String().Draw(rt, "person"), Error: string(rapid.SliceOf(rapid.Byte()).Draw(rt, "error")), Reason: rapid.String().Draw(rt, "reason"),
			Entry: rapid.Int64().Draw(rt, "entry"), Of: rapid.Int().Draw(rt, "of"), Rules: rapid.SliceOf(rapid.String()).Draw(rt, "rules"),
		}
		text := audit.Encode(b)
		got, err := audit.Decode(text)
		if err != nil {
			rt.Fatalf("got error %v of %q, want none", err, text)
		}
		if again := audit.Encode(got); again != text {
			rt.Fatalf("got %q, want %q", again, text)
		}
	})
}

// What is not just as written is refused.
func TestDecodeIsStrict(t *testing.T) {
	for _, text := range []string{
		``, `{`, `[]`, `null`, ` {}`, `{} `, "{}\n", `{}{}`, `{"nobody":"x"}`, `{"verb":"grant","actor":"ada"}`, `{"actor":"a","actor":"b"}`, `{"actor":""}`, `{"Actor":"a"}`,
		`{"entry":1.0}`, `{"entry":1e0}`, `{"entry":"1"}`, `{"entry":0}`, `{"actor":"\u0061"}`, `{"actor":"\/"}`, `{"actor": "a"}`, "{\"actor\":\"\xff\"}", `{"actor":"\ud800"}`, `{"rules":[]}`, `{"rules":null}`,
	} {
		if b, err := audit.Decode(text); err == nil {
			t.Errorf("%q: got %+v, want an error", text, b)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(`{"actor":"ada","rules":["a"]}`)
	f.Add(`{"entry":1e3}`)
	f.Add("{\"error\":\"\u2028\"}")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := audit.Decode(text)
		if err == nil && audit.Encode(b) != text {
			t.Errorf("got %q, want %q", audit.Encode(b), text)
		}
	})
}

// A stamp has one width, so that texts are in the order of time.
func TestStamp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(name string) time.Time {
			return time.Unix(rapid.Int64Range(0, 1<<33).Draw(rt, name), rapid.Int64Range(0, 999999999).Draw(rt, name+" ns"))
		}
		a, b := draw("a"), draw("b")
		if got, want := strings.Compare(audit.Stamp(a), audit.Stamp(b)), a.Compare(b); got != want {
			rt.Fatalf("got %d, want %d", got, want)
		}
		back, err := audit.ParseStamp(audit.Stamp(a))
		if err != nil || !back.Equal(a) {
			rt.Fatalf("got %v, %v, want %v", back, err, a)
		}
	})
}

func TestCleanHidesPersonnummer(t *testing.T) {
	same(t, "text", audit.Clean("login 19121212-1212 finns\x00 inte"), "login ••••••••••••• finns  inte")
}
