package signin

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A sealed text is read by its keyring, for its purpose, whole; and by a later keyring that still has the key.
func TestKeyring(t *testing.T) {
	old, new := strings.Repeat("0a", 32), base64.StdEncoding.EncodeToString([]byte(strings.Repeat("n", 32)))
	first, err := NewKeyring(old)
	if err != nil {
		t.Fatal(err)
	}
	text, err := first.Seal("session", "hello")
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := first.Seal("session", "hello"); again == text {
		t.Error("got the same text twice, want another each time")
	}
	rotated, err := NewKeyring(new + "\n\n" + old + "\n")
	if err != nil {
		t.Fatal(err)
	}
	without, err := NewKeyring(new)
	if err != nil {
		t.Fatal(err)
	}
	other := func(c byte) string { // than a character of the text
		if c == 'A' {
			return "Q"
		}
		return "A"
	}
	for name, c := range map[string]struct {
		keys          *Keyring
		purpose, text string
		want          error
	}{
		"as it was":      {first, "session", text, nil},
		"rotated":        {rotated, "session", text, nil},
		"key gone":       {without, "session", text, ErrSealed},
		"other purpose":  {first, "signing-in", text, ErrSealed},
		"first altered":  {first, "session", other(text[0]) + text[1:], ErrSealed},
		"last altered":   {first, "session", text[:len(text)-1] + other(text[len(text)-1]), ErrSealed},
		"cut":            {first, "session", text[:20], ErrSealed},
		"empty":          {first, "session", "", ErrSealed},
		"not even text":  {first, "session", "åäö", ErrSealed},
		"of random keys": {NewRandomKeyring(), "session", text, ErrSealed},
	} {
		var got string
		if err := c.keys.Open(c.purpose, c.text, &got); !errors.Is(err, c.want) || err == nil && got != "hello" {
			t.Errorf("%s: got %q, %v, want %v", name, got, err, c.want)
		}
	}
	for _, bad := range []string{"", "\n", "hello", strings.Repeat("0a", 31), old + "\nx"} {
		if _, err := NewKeyring(bad); err == nil {
			t.Errorf("%q: got a keyring, want an error", bad)
		} else if strings.Contains(err.Error(), "0a0a") {
			t.Errorf("got %v, want no word of a key", err)
		}
	}
}

// A session is over when it is old, when it has been idle, and when its cookie is not as it was made.
func TestSession(t *testing.T) {
	now := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	c := Cookies{Keys: NewRandomKeyring(), Secure: true, Now: func() time.Time { return now }}
	begun := NewSession(now)
	s := begun.As("karin.berg", now)
	if s.ID == begun.ID || s.Token == begun.Token || begun.Person != "" {
		t.Error("got parts of the session from before signing in, want all new")
	}
	keep := func() *http.Request {
		w := httptest.NewRecorder()
		if err := c.Write(w, s); err != nil {
			t.Fatal(err)
		}
		k := w.Result().Cookies()[0]
		if k.Name != "__Host-session" || !k.Secure || !k.HttpOnly || k.SameSite != http.SameSiteLaxMode || k.Path != "/" || k.Domain != "" {
			t.Fatalf("got %+v, want a cookie for this host alone, of HTTPS alone, that no script reads", k)
		}
		if strings.Contains(k.Value, "karin") {
			t.Fatal("got a name in the cookie, want it sealed")
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(k)
		return r
	}
	r := keep()
	if got, err := c.Read(r); err != nil || got.Person != "karin.berg" || !got.Checks(s.Token) || got.Checks("") || got.Checks(begun.Token) {
		t.Errorf("got %+v, %v, want karin.berg and her token alone", got, err)
	}
	now = now.Add(Idle + time.Second)
	if got, err := c.Read(r); !errors.Is(err, ErrNoSession) {
		t.Errorf("got %+v, %v after half an hour without a word, want none", got, err)
	}
	now = s.Began
	for now.Sub(s.Began) < Longest-Idle {
		now = now.Add(20 * time.Minute)
		if _, err := c.Read(keep()); err != nil {
			t.Fatalf("got %v after %s, want the session of somebody who is at it", err, now.Sub(s.Began))
		}
	}
	r = keep()
	now = s.Began.Add(Longest + time.Second)
	s.Seen = now
	if got, err := c.Read(keep()); !errors.Is(err, ErrNoSession) {
		t.Errorf("got %+v, %v after ten hours, want none", got, err)
	}
	now = s.Began.Add(-time.Hour)
	if got, err := c.Read(r); !errors.Is(err, ErrNoSession) {
		t.Errorf("got %+v, %v, want none that is still to come", got, err)
	}
	plain := c
	plain.Secure = false
	if _, err := plain.Read(r); !errors.Is(err, ErrNoSession) {
		t.Errorf("got %v, want no session of another cookie", err)
	}
}

// A session that was ended stays so as long as its cookie could be used, and is forgotten then.
func TestEnded(t *testing.T) {
	now := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	e := NewEnded(func() time.Time { return now })
	e.Add("a")
	now = now.Add(Longest)
	e.Add("b")
	if !e.Has("a") || !e.Has("b") || e.Has("c") {
		t.Error("got another answer, want a and b ended and c not")
	}
	now = now.Add(time.Second)
	e.Add("c")
	if e.Has("a") || !e.Has("b") {
		t.Error("got a kept or b gone, want only what can be used no more forgotten")
	}
}
