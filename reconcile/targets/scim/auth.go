package scim

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// tokens gives the token that proves who we are.
type tokens interface {
	token(ctx context.Context) (string, error)
	// refused is told that the service no longer takes the token; it tells whether another can be had.
	refused(token string) bool
	close()
}

// fixed is a token that somebody made.
type fixed struct{ kind.Secret }

func (f fixed) token(context.Context) (string, error) { return f.Reveal(), nil }
func (f fixed) refused(string) bool                   { return false }
func (f fixed) close()                                {}

// granted are tokens by OAuth 2.0 client credentials (RFC 6749 §4.4), each used until it expires.
type granted struct {
	web            *kind.Web
	url, id, scope string
	secret         kind.Secret
	inBody         bool // the client's name and secret go in the body (§2.3.1)

	mu     sync.Mutex
	now    string
	expire time.Time // zero: not said
}

func (g *granted) close() { g.web.Close() }

func (g *granted) refused(token string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.now == token {
		g.now = ""
	}
	return true
}

func (g *granted) token(ctx context.Context) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.now != "" && (g.expire.IsZero() || time.Now().Before(g.expire)) {
		return g.now, nil
	}
	form := url.Values{"grant_type": {"client_credentials"}}
	if g.scope != "" {
		form.Set("scope", g.scope)
	}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}}
	if g.inBody {
		form.Set("client_id", g.id)
		form.Set("client_secret", g.secret.Reveal())
	} else {
		pair := url.QueryEscape(g.id) + ":" + url.QueryEscape(g.secret.Reveal())
		header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
	}
	asked := time.Now()
	a, err := g.web.Do(ctx, http.MethodPost, g.url, []byte(form.Encode()), header)
	if err != nil {
		return "", err
	}
	var answer struct {
		Token   string  `json:"access_token"`
		Type    string  `json:"token_type"`
		Seconds float64 `json:"expires_in"`
		Error   string  `json:"error"`
	}
	bad := json.Unmarshal(a.Body, &answer)
	switch {
	case a.Status != http.StatusOK:
		return "", fmt.Errorf("the token endpoint refuses the client: %d %s; check oauth/clientId and renew the client's secret", a.Status, kind.Clean(answer.Error))
	case bad != nil || answer.Token == "" || strings.ContainsAny(answer.Token, "\r\n"):
		return "", fmt.Errorf("the token endpoint gave no token; check oauth/tokenUrl")
	case answer.Type != "" && !strings.EqualFold(answer.Type, "bearer"):
		return "", fmt.Errorf("the token endpoint gave a token of type %s; bearer is needed", schema.Quote(answer.Type))
	}
	g.now, g.expire = answer.Token, time.Time{}
	if answer.Seconds > 0 {
		// Let go of it a little early, so that it does not expire on its way.
		life := time.Duration(min(answer.Seconds, 86400) * float64(time.Second))
		g.expire = asked.Add(life - min(life/10, 30*time.Second))
	}
	return g.now, nil
}
