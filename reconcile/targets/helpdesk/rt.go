package helpdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"

	"github.com/behorig/behorig/reconcile/targets/kind"
)

// rt is Request Tracker's REST 2 (docs.bestpractical.com/rt/5.0.3/RT/REST2.html).
type rt struct {
	web  *kind.Web
	base string // ends in /REST/2.0
}

// What an answer can mean that the caller acts on.
var (
	errNotFound  = errors.New("it is not there")
	errForbidden = errors.New("RT says no")
	errChanged   = errors.New("somebody changed it meanwhile")
)

func newRT(c kind.Config, o options) (*rt, error) {
	u, t, err := o.Open(c, secure, plain)
	if err != nil {
		return nil, err
	}
	token, err := c.Secret("token", o.TokenEnv, o.TokenFile)
	if err != nil {
		return nil, err
	}
	r := &rt{web: kind.NewWeb(t, kind.Duration(o.Timeout, timeout)), base: strings.TrimSuffix(strings.TrimRight(u.String(), "/"), "/REST/2.0") + "/REST/2.0"}
	r.web.Authorise = func(_ context.Context, q *http.Request) error {
		q.Header.Set("Authorization", "token "+token.Reveal())
		return nil
	}
	return r, nil
}

// call sends one request and reads the answer into out. match is the ETag that the thing must still have, "" for any. RT answers a change that it
// refused in part with 200 and words, so what must be so is read afterwards.
func (r *rt) call(ctx context.Context, method, path string, query url.Values, body any, match string, out any) (etag string, err error) {
	address, header := r.base+path, http.Header{"Accept": {"application/json"}}
	if query != nil {
		address += "?" + query.Encode()
	}
	var raw []byte
	if body != nil {
		if raw, err = json.Marshal(body); err != nil {
			return "", err
		}
		header.Set("Content-Type", "application/json; charset=utf-8")
	}
	if match != "" {
		header.Set("If-Match", match)
	}
	a, err := r.web.Do(ctx, method, address, raw, header)
	if a != nil && a.Status == http.StatusTooManyRequests { // not so 503, which may be of a proxy that no longer waits for RT
		return "", &refused{err}
	}
	if err != nil {
		return "", err
	}
	path = "/REST/2.0" + path
	switch {
	case a.Status == http.StatusUnauthorized:
		return "", &refused{errors.New("RT does not accept the token: make a new one for the same user (Settings, Auth Tokens) and put it where tokenEnv or tokenFile says")}
	case a.Status == http.StatusForbidden:
		return "", &refused{fmt.Errorf("%w: %w; give the token's user the rights that behorig targets test asks for", errForbidden, a.Err(method, path))}
	case a.Status == http.StatusNotFound:
		return "", fmt.Errorf("%s: %w", path, errNotFound)
	case a.Status == http.StatusPreconditionFailed, a.Status == http.StatusConflict:
		return "", errChanged
	case a.Status > 399 && a.Status < 500:
		return "", &refused{a.Err(method, path)}
	case a.Status < 200 || a.Status > 299:
		return "", a.Err(method, path)
	}
	if out != nil {
		if err := json.Unmarshal(a.Body, out); err != nil {
			return "", fmt.Errorf("%s: the answer is not RT's; url must be the address of RT's first page", path)
		}
	}
	return a.Header.Get("ETag"), nil
}

// refused is an answer that says no, or not now.
type refused struct{ error }

func (r *refused) Unwrap() error { return r.error }

// without tells an error after which nothing can have been made: nobody answered the call, or RT answered that it would not.
func without(err error) bool {
	var no *refused
	var name *net.DNSError
	return errors.As(err, &no) || errors.As(err, &name) || errors.Is(err, syscall.ECONNREFUSED)
}

// seen is a ticket as RT shows it.
type seen struct {
	ID            json.Number
	Status        string
	Subject       string
	Started       string
	Owner         user
	Creator       user
	LastUpdatedBy user
	CustomFields  []struct {
		Name   string
		Values []any
	}
	etag string
}

type user struct{ ID string }

const fields = "Status,Subject,Started,Owner,Creator,LastUpdatedBy,CustomFields"

// begun tells whether somebody but us has done anything with a ticket.
func (s *seen) begun() bool {
	ours := s.LastUpdatedBy == s.Creator || s.LastUpdatedBy.ID == "RT_System"
	return s.Owner.ID != "Nobody" || s.Started != "" && !strings.HasPrefix(s.Started, "1970") || !ours
}

// by is who has a ticket, or else who had to do with it last.
func (s *seen) by() string {
	if s.Owner.ID != "Nobody" && s.Owner.ID != "" {
		return kind.Clean(s.Owner.ID)
	}
	return kind.Clean(s.LastUpdatedBy.ID)
}

// bears tells whether a ticket has a marker, in the field or in the title.
func (s *seen) bears(field, marker string) bool {
	for _, f := range s.CustomFields {
		if f.Name == field && len(f.Values) > 0 && f.Values[0] == marker {
			return true
		}
	}
	return strings.Contains(s.Subject, sign(marker))
}

// ticket reads one ticket. A ticket that was merged into another is read as that one.
func (r *rt) ticket(ctx context.Context, number string) (*seen, error) {
	s := &seen{}
	etag, err := r.call(ctx, http.MethodGet, "/ticket/"+url.PathEscape(number), nil, nil, "", s)
	s.etag = etag
	return s, err
}

// search lists the tickets of a query that the token's user may see, page by page. Those that are deleted or merged into others are not among them,
// nor need all others be: RT takes from a page what may not be seen, and pages move while tickets close. So what is missed is asked for by number.
func (r *rt) search(ctx context.Context, query string) ([]*seen, error) {
	var all []*seen
	for page := 1; ; page++ {
		var answer struct {
			Items []*seen
			Pages float64 // 0 where RT cannot tell
		}
		_, err := r.call(ctx, http.MethodGet, "/tickets", url.Values{
			"query": {query}, "fields": {fields}, "fields[CustomFields]": {"name,values"}, "per_page": {"100"}, "page": {strconv.Itoa(page)}, "orderby": {"id"},
		}, nil, "", &answer)
		if err != nil {
			return nil, err
		}
		all = append(all, answer.Items...)
		if more := len(answer.Items) == 100; answer.Pages > 0 && float64(page) >= answer.Pages || answer.Pages == 0 && !more {
			return all, nil
		}
	}
}

// create makes a ticket and returns its number.
func (r *rt) create(ctx context.Context, ticket map[string]any) (string, error) {
	var made struct{ ID json.Number }
	if _, err := r.call(ctx, http.MethodPost, "/ticket", nil, ticket, "", &made); err != nil {
		return "", err
	}
	if made.ID == "" {
		return "", errors.New("/REST/2.0/ticket: the answer holds no number of a ticket; url must be the address of RT's first page")
	}
	return made.ID.String(), nil
}

// change sets fields of a ticket, if it has not changed since match was read.
func (r *rt) change(ctx context.Context, number string, to map[string]any, match string) error {
	_, err := r.call(ctx, http.MethodPut, "/ticket/"+url.PathEscape(number), nil, to, match, nil)
	return err
}

// comment puts a comment on a ticket, which its requestor does not see.
func (r *rt) comment(ctx context.Context, number, subject, text string) error {
	_, err := r.call(ctx, http.MethodPost, "/ticket/"+url.PathEscape(number)+"/comment", nil,
		map[string]any{"Subject": subject, "Content": text, "ContentType": "text/plain"}, "", nil)
	return err
}

// message is something written on a ticket.
type message struct {
	ID            json.Number
	TransactionID json.Number `json:"TransactionId"`
	Creator       user
	ContentType   string
	Subject       string
}

// messages lists what is written on a ticket, without the texts.
func (r *rt) messages(ctx context.Context, number string) ([]message, error) {
	var all []message
	for page := 1; ; page++ {
		var answer struct{ Items []message }
		_, err := r.call(ctx, http.MethodGet, "/ticket/"+url.PathEscape(number)+"/attachments", url.Values{
			"fields": {"TransactionId,Creator,ContentType,Subject"}, "per_page": {"100"}, "page": {strconv.Itoa(page)},
		}, nil, "", &answer)
		if err != nil {
			return nil, err
		}
		all = append(all, answer.Items...)
		if len(answer.Items) < 100 {
			return all, nil
		}
	}
}

// text reads one message.
func (r *rt) text(ctx context.Context, id string) (string, error) {
	var answer struct{ Content []byte } // in base 64
	_, err := r.call(ctx, http.MethodGet, "/attachment/"+url.PathEscape(id), nil, nil, "", &answer)
	return string(answer.Content), err
}
