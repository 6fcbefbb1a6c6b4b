package signin

import (
	"encoding/json"
	"errors"
	"testing"
	"testing/fstest"

	"github.com/behorig/behorig/schema"
)

// An e-mail address is somebody's if the provider says of it, and where it says it, that it is verified; unless the settings take it all the same.
func TestVerified(t *testing.T) {
	email := func(s *Settings) { s.Claim = "email" }
	upn := func(s *Settings) { s.Claim, s.Email = "upn", true }
	for name, c := range map[string]struct {
		settings    func(*Settings)
		token, info string
		want        string
	}{
		"verified":                        {email, `{"email": "a@x.test", "email_verified": true}`, "", "a@x.test"},
		"verified, as a text":             {email, `{"email": "a@x.test", "email_verified": "true"}`, "", "a@x.test"},
		"by userinfo":                     {email, `{}`, `{"email": "a@x.test", "email_verified": true}`, "a@x.test"},
		"not said":                        {email, `{"email": "a@x.test"}`, "", ""},
		"null":                            {email, `{"email": "a@x.test", "email_verified": null}`, "", ""},
		"not so":                          {email, `{"email": "a@x.test", "email_verified": false}`, "", ""},
		"a number":                        {email, `{"email": "a@x.test", "email_verified": 1}`, "", ""},
		"of the token, not of userinfo":   {email, `{"email_verified": true}`, `{"email": "a@x.test"}`, ""},
		"of userinfo, not of the token":   {email, `{"email": "a@x.test"}`, `{"email": "a@x.test", "email_verified": true}`, ""},
		"another claim, matched as email": {upn, `{"upn": "a@x.test"}`, "", ""},
		"that and another's address":      {upn, `{"upn": "a@x.test", "email": "evil@x.test", "email_verified": true}`, "", ""},
		"that and its own address":        {upn, `{"upn": "A@x.test", "email": "a@x.test", "email_verified": true}`, "", "A@x.test"},
		"taken all the same":              {func(s *Settings) { s.Claim, s.Unverified = "email", true }, `{"email": "a@x.test"}`, "", "a@x.test"},
		"no e-mail address at all":        {func(s *Settings) { s.Claim = "upn" }, `{"upn": "a"}`, "", "a"},
	} {
		p := &Provider{}
		c.settings(&p.Settings)
		read := func(raw string) (told claims) {
			if raw != "" && json.Unmarshal([]byte(raw), &told) != nil {
				t.Fatal(raw)
			}
			return told
		}
		got, err := p.known(read(c.token), func() (claims, error) { return read(c.info), nil })
		if got != c.want || (err == nil) != (c.want != "") || err != nil && !errors.Is(err, ErrNoClaim) {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, c.want)
		}
	}
}

// Letters that Unicode folds into those of A to Z are others.
func TestFolding(t *testing.T) {
	o, err := schema.Load(fstest.MapFS{
		"behorig.yaml":     {Data: []byte("organisation: Prov\nguideline: {title: Riktlinjen, edition: \"2026\", from: 2026-01-01}\n")},
		"targets.yaml":     {Data: []byte("targets: {}\nsystems: {}\n")},
		"people/kurt.yaml": {Data: []byte("name: Kurt\nlogin: kurtasp\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]bool{"KurtAsp": true, "\u212Aurtasp": false, "kurta\u017Fp": false, "kurtåsp": false} {
		if _, ok := Person(o, "login", value); ok != want {
			t.Errorf("%q: got %v, want %v", value, ok, want)
		}
	}
}
