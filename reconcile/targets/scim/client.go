package scim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

const (
	defaultTimeout = 30 * time.Second
	tries          = 3                // of a reading call that failed in passing, and of any call that came too soon
	patience       = 30 * time.Second // the longest that a call waits because the service asks for it; a longer wait is the caller's
)

// client speaks SCIM 2.0 (RFC 7644) with one service.
type client struct {
	web    *kind.Web
	base   *url.URL
	tokens tokens
	calls  atomic.Int64
}

func (c *client) close() {
	c.web.Close()
	c.tokens.close()
}

// request is one call.
type request struct {
	method, path string // the path begins with / and is below the service's address
	query        url.Values
	body         any
	version      string // the resource is changed only if this is its version still (RFC 7644 §3.14)
	mute         bool   // the service's own words are shown to nobody: they may name a person whose data are protected
}

// refusal is an answer that says no.
type refusal struct {
	status int
	kind   string // scimType (RFC 7644 §3.12)
	text   string
}

func (r *refusal) Error() string { return r.text }

// refused gives the refusal within an error, nil if there is none.
func refused(err error) *refusal {
	var r *refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// call makes a call. A reading call that fails in passing is made again at once, and so is one that the service says came too soon (429), since that had no
// effect; other passing errors are [reconcile.Transient], other statuses than 2xx are a [refusal].
func (c *client) call(ctx context.Context, r request) (*kind.Answer, error) {
	for attempt := 1; ; attempt++ {
		a, err := c.once(ctx, r)
		var passing *reconcile.Transient
		if !errors.As(err, &passing) || attempt == tries || passing.After > patience {
			return a, err
		}
		if no := refused(err); r.method != http.MethodGet && (no == nil || no.status != http.StatusTooManyRequests) {
			return a, err
		}
		if stopped := sleep(ctx, max(passing.After, 50*time.Millisecond<<attempt)); stopped != nil {
			return nil, stopped
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// once makes a call, and once more with another token where the first is refused.
func (c *client) once(ctx context.Context, r request) (*kind.Answer, error) {
	u := c.base.JoinPath(r.path)
	u.RawQuery = r.query.Encode()
	header := http.Header{"Accept": {"application/scim+json, application/json"}}
	var body []byte
	if r.body != nil {
		var err error
		if body, err = json.Marshal(r.body); err != nil {
			return nil, err
		}
		header.Set("Content-Type", "application/scim+json")
	}
	if r.version != "" {
		header.Set("If-Match", r.version)
	}
	for again := false; ; again = true {
		token, err := c.tokens.token(ctx)
		if err != nil {
			return nil, err
		}
		header.Set("Authorization", "Bearer "+token)
		c.calls.Add(1)
		a, err := c.web.Do(ctx, r.method, u.String(), body, header)
		switch {
		case a == nil:
			return nil, err
		case a.Status == http.StatusUnauthorized && !again && c.tokens.refused(token):
			continue
		case a.Status >= 200 && a.Status < 300:
			return a, nil
		}
		no := refuse(r, a)
		var passing *reconcile.Transient
		if errors.As(err, &passing) {
			return nil, &reconcile.Transient{Err: no, After: passing.After}
		}
		return nil, no
	}
}

// refuse is the refusal that an answer is, with what to do.
func refuse(r request, a *kind.Answer) *refusal {
	var said struct {
		Kind   string `json:"scimType"`
		Detail string `json:"detail"`
	}
	_ = json.Unmarshal(a.Body, &said)
	no := &refusal{status: a.Status, kind: said.Kind}
	path := schema.Mask(r.path)
	if at := strings.LastIndexByte(path, '/'); r.mute && at > 0 {
		path = path[:at] // an id may be a name
	}
	no.text = strings.TrimSpace(fmt.Sprintf("%s %s: %d %s", r.method, path, a.Status, http.StatusText(a.Status)))
	if said.Kind != "" {
		no.text += ", " + kind.Clean(said.Kind)
	}
	if said.Detail != "" && !r.mute {
		no.text += ": " + kind.Clean(said.Detail)
	}
	switch {
	case a.Status == http.StatusUnauthorized:
		no.text += "; the service does not take the token: renew it"
	case a.Status == http.StatusForbidden:
		no.text += "; the client may not do this: ask the service's owner for the right"
	case a.Status >= 300 && a.Status < 400:
		no.text += "; the service is somewhere else: write its new address as url"
	}
	return no
}

// get reads one resource or list into v.
func (c *client) get(ctx context.Context, path string, query url.Values, v any) error {
	a, err := c.call(ctx, request{method: http.MethodGet, path: path, query: query})
	if err != nil {
		return err
	}
	return decode(http.MethodGet, path, a.Body, v)
}

// decode reads an answer that must be JSON.
func decode(method, path string, body []byte, v any) error {
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("%s %s: the answer is no SCIM; is the url that of a SCIM service", method, path)
	}
	return nil
}

// quoted is a value of a filter: a JSON string (RFC 7644 §3.4.2.2, RFC 7159 §7).
func quoted(value string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(value) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}
