package signin

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/behorig/behorig/schema"
)

// claims are what a token or userinfo says.
type claims map[string]json.RawMessage

// claim is what the token, or else the provider's userinfo, says that somebody is known by: one text.
func (p *Provider) claim(ctx context.Context, conf *oauth2.Config, tokens *oauth2.Token, id *oidc.IDToken) (string, error) {
	var token claims
	if err := id.Claims(&token); err != nil {
		return "", fmt.Errorf("%w: %w", ErrToken, err)
	}
	if len(p.SecondFactor) > 0 && !slices.Contains(p.SecondFactor, text(token["acr"])) {
		return "", fmt.Errorf("%w: it does not say that somebody signed in as strongly as is asked", ErrToken)
	}
	if p.provider.UserInfoEndpoint() == "" {
		return p.known(token, nil)
	}
	return p.known(token, func() (claims, error) {
		info, err := p.provider.UserInfo(ctx, conf.TokenSource(ctx, tokens))
		if err != nil {
			return nil, fmt.Errorf("%w: userinfo: %w", ErrToken, err)
		}
		if info.Subject != id.Subject { // OpenID Connect Core 1.0 § 5.3.2
			return nil, fmt.Errorf("%w: userinfo is of somebody else", ErrToken)
		}
		var told claims
		if err := info.Claims(&told); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrToken, err)
		}
		return told, nil
	})
}

// known reads the claim from the token, or where that has none from what ask gives. All that it is judged by is of the same source: what one says of an address
// is not said of the other's.
func (p *Provider) known(told claims, ask func() (claims, error)) (string, error) {
	if told[p.Claim] == nil && ask != nil {
		var err error
		if told, err = ask(); err != nil {
			return "", err
		}
	}
	value := text(told[p.Claim])
	if value == "" {
		return "", fmt.Errorf("%w: there is no text in claim %s", ErrNoClaim, p.Claim)
	}
	if (p.Email || p.Claim == "email") && !p.Unverified {
		if !verified(told) {
			return "", fmt.Errorf("%w: the provider does not say email_verified of the e-mail address; have it do so, or see --oidc-unverified-email", ErrNoClaim)
		}
		if !same(value, text(told["email"])) { // the claim may be one that people write themselves: what is verified is email
			return "", fmt.Errorf("%w: claim %s is not the e-mail address that the provider has verified", ErrNoClaim, p.Claim)
		}
	}
	return value, nil
}

// verified tells whether email_verified is true; some providers write it as a text.
func verified(told claims) bool {
	var b bool
	if json.Unmarshal(told["email_verified"], &b) != nil {
		return text(told["email_verified"]) == "true"
	}
	return b
}

// same tells whether two texts are alike, A to Z being a to z. Other letters are themselves alone: by Unicode's folding the Kelvin sign is a k, and whoever may
// choose a name with one in it would be somebody else here.
func same(a, b string) bool { return lower(a) == lower(b) }

func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return strings.TrimSpace(s)
}

func joined(all []string) string { return strings.Join(all, " ") }

// Matches are what of a person's file a claim may be.
var Matches = []string{"login", "email", "employeeId", "hsaId", "key"}

// Person is the key of the one person whose file has a value in a field of [Matches]; the case of A to Z aside. ok is false where there is none, or more than one: to
// choose would be to guess who somebody is.
func Person(o *schema.Org, field, value string) (key string, ok bool) {
	if field == "key" {
		return value, o.Knows(value)
	}
	found := make(chan string, 1)
	done := make(chan []string)
	go func() {
		var all []string
		for k := range found {
			all = append(all, k)
		}
		done <- all
	}()
	o.Each(func(p *schema.Person, err error) {
		if err == nil && p != nil && same(strings.TrimSpace(fieldOf(p, field)), value) {
			found <- p.Key
		}
	})
	close(found)
	all := <-done
	if len(all) != 1 || value == "" {
		return "", false
	}
	return all[0], true
}

func fieldOf(p *schema.Person, field string) string {
	switch field {
	case "login":
		return p.Login
	case "email":
		return p.Email
	case "employeeId":
		return p.EmployeeID
	case "hsaId":
		return p.HSAID
	}
	return ""
}
