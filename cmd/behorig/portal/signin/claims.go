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

// claim is what the token, or else the provider's userinfo, says that somebody is known by: one text.
func (p *Provider) claim(ctx context.Context, conf *oauth2.Config, tokens *oauth2.Token, id *oidc.IDToken) (string, error) {
	var told map[string]json.RawMessage
	if err := id.Claims(&told); err != nil {
		return "", fmt.Errorf("%w: %w", ErrToken, err)
	}
	if len(p.SecondFactor) > 0 && !slices.Contains(p.SecondFactor, text(told["acr"])) {
		return "", fmt.Errorf("%w: it does not say that somebody signed in as strongly as is asked", ErrToken)
	}
	if told[p.Claim] == nil && p.provider.UserInfoEndpoint() != "" {
		info, err := p.provider.UserInfo(ctx, conf.TokenSource(ctx, tokens))
		if err != nil {
			return "", fmt.Errorf("%w: userinfo: %w", ErrToken, err)
		}
		if info.Subject != id.Subject { // OpenID Connect Core 1.0 § 5.3.2
			return "", fmt.Errorf("%w: userinfo is of somebody else", ErrToken)
		}
		if err := info.Claims(&told); err != nil {
			return "", fmt.Errorf("%w: %w", ErrToken, err)
		}
	}
	if p.Claim == "email" && told["email_verified"] != nil && string(told["email_verified"]) != "true" {
		return "", fmt.Errorf("%w: the e-mail address is not verified", ErrNoClaim)
	}
	value := text(told[p.Claim])
	if value == "" {
		return "", fmt.Errorf("%w: there is no text in claim %s", ErrNoClaim, p.Claim)
	}
	return value, nil
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

// Person is the key of the one person whose file has a value in a field of [Matches]; letters' case aside. ok is false where there is none, or more than one: to
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
		if err == nil && p != nil && strings.EqualFold(strings.TrimSpace(fieldOf(p, field)), value) {
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
