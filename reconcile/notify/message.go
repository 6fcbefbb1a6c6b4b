package notify

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/behorig/behorig/schema"
)

// Message is what one recipient is sent: a mail in words, and the same as counts and keys for a program.
type Message struct {
	ID      string    `json:"id"` // of RFC 5322, without its angle brackets; the same at each attempt
	To      string    `json:"to,omitempty"`
	Date    time.Time `json:"date"` // when it was written
	At      time.Time `json:"-"`    // the attempt to send it
	Subject string    `json:"subject,omitempty"`
	Text    string    `json:"text,omitempty"`
	Post    Post      `json:"post,omitzero"`
	people  []string  // whom it tells of, so that it can be taken back
}

// Post is the body of a webhook: version 1. It holds keys of systems, targets and desks and counts, never anything of a person or in words.
type Post struct {
	Version    int       `json:"version"`
	ID         string    `json:"id"` // one that comes twice is one
	At         time.Time `json:"at"`
	Repository string    `json:"repository"` // name of the access repository, "" for the only one
	Audience   string    `json:"audience"`   // operations or desks
	Desk       string    `json:"desk,omitempty"`
	Urgent     bool      `json:"urgent"`
	Items      []Item    `json:"items"`
}

// Item is one line of a [Post].
type Item struct {
	What   What        `json:"what"`
	State  State       `json:"state"`
	System string      `json:"system,omitempty"`
	Target string      `json:"target,omitempty"`
	Count  int         `json:"count,omitempty"`
	Of     int         `json:"of,omitempty"`
	Until  schema.Date `json:"until,omitzero"`
}

// Sender sends a message once. When it returns an error the message may have arrived all the same. One that may pass by itself is [Transient], one that
// is of this message alone and will not pass is [ErrRefused]; any other is a setting that somebody has to mend. No error holds an address or a secret.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// ErrRefused is what a server says of a message that it will never take: there is no such recipient.
var ErrRefused = errors.New("refused for good")

// Transient is an error that may pass. After is how long the server asks to be left alone, 0 if it does not say; Whole tells that it is the server's and
// not this message's, so that there is no use in trying the next.
type Transient struct {
	Err   error
	After time.Duration
	Whole bool
}

func (t *Transient) Error() string { return t.Err.Error() }
func (t *Transient) Unwrap() error { return t.Err }

// line is a text that may stand in a header or on one line of a body: no control character, no line end of any alphabet, nothing that turns the
// direction of writing, no personnummer, at most 300 characters.
func line(s string) string {
	s = strings.Join(strings.FieldsFunc(schema.Mask(s), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.C, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || r == unicode.ReplacementChar
	}), " ")
	if runes := []rune(s); len(runes) > 300 {
		s = strings.TrimSpace(string(runes[:299])) + "…"
	}
	return s
}
