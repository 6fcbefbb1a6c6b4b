// Package audit is the log of what was asked, done and decided, chained by hash so that whoever has a part of it, or a signed note of where it stood,
// can tell whether anything was changed, removed, reordered or put in afterwards. It is pure: package ledger keeps the log in a database and writes
// each record in the transaction of what it tells.
//
// There is a chain for each system, and one, "", for what is of no system. A record's hash is SHA-256, in lower-case hexadecimal, of seven lines, of
// which the last has no line feed:
//
//	behorig-audit-1
//	the hash of the record before it in its chain; 64 zeros for the first
//	chain
//	seq, decimal, from 1 without gaps
//	at, UTC, YYYY-MM-DDThh:mm:ss.nnnnnnnnnZ
//	kind
//	body
//
// so that with a record of an export in hand, sh recomputes it:
//
//	printf 'behorig-audit-1\n%s\n%s\n%s\n%s\n%s\n%s' "$prev" "$chain" "$seq" "$at" "$kind" "$body" | sha256sum
//
// The body is a JSON object in canonical form (RFC 8785): no white space, names in alphabetical order, nothing that is empty, numbers whole, no escape
// that is not needed. In an export to JSON lines it stands last on its line, byte for byte.
//
// A chain that was rewritten from some record to its end fits in itself. That it does not fit what was is seen by a [Checkpoint] kept elsewhere, and
// by the ledger's tables, which [Replay] compares.
package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/behorig/behorig/schema"
)

// Kind is what a record tells.
type Kind string

// The kinds. Event, in the body, parts some of them further.
const (
	Anchor     Kind = "anchor"     // the log begins; events ledger, owned, unsure tell what was in the ledger before it
	Intent     Kind = "intent"     // a change is about to be made
	Outcome    Kind = "outcome"    // what came of it; status confirmed: people have made it
	Adopted    Kind = "adopted"    // ordered, and there before us
	Run        Kind = "run"        // events begin, end, clock
	Commit     Kind = "commit"     // events good (it loads) and accepted (the branch may stand there)
	Override   Kind = "override"   // an acknowledged guard stop let something through
	Review     Kind = "review"     // somebody decided on a grant
	Emergency  Kind = "emergency"  // an order past the repository; events ordered, confirmed, lifted, ended
	Checkpoint Kind = "checkpoint" // a checkpoint was signed
)

// Kinds are all of them.
var Kinds = []Kind{Anchor, Intent, Outcome, Adopted, Run, Commit, Override, Review, Emergency, Checkpoint}

// Record is one entry of the log.
type Record struct {
	Chain string // a system's key, or ""
	Seq   int64
	At    string // as [Stamp] writes it
	Kind  Kind
	Body  string // as [Encode] writes it
	Hash  string
}

// Head is the last record of a chain.
type Head struct {
	Chain string
	Seq   int64
	Hash  string
}

// version begins what is hashed, so that no hash of another format is ever one of this.
const version = "behorig-audit-1"

// zero is the hash before the first record.
var zero = strings.Repeat("0", 2*sha256.Size)

// Link is the hash of a record that stands after one with the hash prev ("": none).
func Link(prev string, r Record) string {
	if prev == "" {
		prev = zero
	}
	b := make([]byte, 0, len(version)+len(prev)+len(r.Chain)+len(r.At)+len(r.Kind)+len(r.Body)+32)
	for _, line := range []string{version, prev, r.Chain, strconv.FormatInt(r.Seq, 10), r.At, string(r.Kind)} {
		b = append(append(b, line...), '\n')
	}
	sum := sha256.Sum256(append(b, r.Body...))
	return hex.EncodeToString(sum[:])
}

const stamp = "2006-01-02T15:04:05.000000000Z"

// Stamp writes an instant as records have it: of one width, so that the order of texts is that of time.
func Stamp(at time.Time) string { return at.UTC().Format(stamp) }

// ParseStamp reads what [Stamp] writes.
func ParseStamp(s string) (time.Time, error) { return time.Parse(stamp, s) }

// Body is what a record says. Which fields have a value depends on the kind; names are in alphabetical order, so that encoding/json writes them so.
type Body struct {
	Actor     string   `json:"actor,omitempty"` // who ran the program
	By        string   `json:"by,omitempty"`    // who ordered, confirmed, lifted or decided
	Cause     string   `json:"cause,omitempty"`
	Commit    string   `json:"commit,omitempty"`
	Count     int      `json:"count,omitempty"`
	Day       string   `json:"day,omitempty"` // that the run was for
	Decision  string   `json:"decision,omitempty"`
	Digest    string   `json:"digest,omitempty"` // SHA-256 of older entries or of a checkpoint
	Due       string   `json:"due,omitempty"`    // when a removal should have been made
	Entry     int64    `json:"entry,omitempty"`  // its number in the ledger
	Error     string   `json:"error,omitempty"`
	Event     string   `json:"event,omitempty"`
	Guard     string   `json:"guard,omitempty"`
	Key       string   `json:"key,omitempty"`    // fingerprint of the key that signed
	Ledger    string   `json:"ledger,omitempty"` // a random name that the ledger was given when its log began
	Of        int      `json:"of,omitempty"`
	Order     int64    `json:"order,omitempty"`     // the standing order's number
	OrderKind string   `json:"orderKind,omitempty"` // revoke, grant, suspend
	People    int      `json:"people,omitempty"`
	Person    string   `json:"person,omitempty"`
	Plan      string   `json:"plan,omitempty"` // its SHA-256
	Reason    string   `json:"reason,omitempty"`
	Result    string   `json:"result,omitempty"`
	Role      string   `json:"role,omitempty"`
	Rules     []string `json:"rules,omitempty"`
	Run       int64    `json:"run,omitempty"`
	Signature string   `json:"signature,omitempty"`
	Since     string   `json:"since,omitempty"`
	Source    string   `json:"source,omitempty"` // the line that orders it
	Status    string   `json:"status,omitempty"`
	Systems   []string `json:"systems,omitempty"` // that a run was over; none: all
	Unit      string   `json:"unit,omitempty"`
	Until     string   `json:"until,omitempty"`
	Verb      string   `json:"verb,omitempty"`
	Was       string   `json:"was,omitempty"` // what the clock had shown
}

// Encode writes a body in canonical form.
func Encode(b Body) string {
	text := marshal(b)
	// What encoding/json escapes and the canonical form does not: the first stands for bytes that are no text, the others part lines.
	if strings.Contains(text, `\ufffd`) || strings.Contains(text, `\u2028`) || strings.Contains(text, `\u2029`) {
		eachText(&b, plain)
		text = marshal(b)
	}
	return text
}

func marshal(b Body) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(b) // to a buffer, and of strings and numbers alone: it cannot fail
	return strings.TrimSuffix(out.String(), "\n")
}

// Decode reads a body that is just as [Encode] writes it; anything else, however little, is an error.
func Decode(text string) (Body, error) {
	var b Body
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&b); err != nil {
		return Body{}, errors.New("the body is no record of this version")
	}
	if marshal(b) != text {
		return Body{}, errors.New("the body is not in canonical form")
	}
	return b, nil
}

// eachText changes every text of a body.
func eachText(b *Body, change func(string) string) {
	v := reflect.ValueOf(b).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			f.SetString(change(f.String()))
		case reflect.Slice:
			for j := range f.Len() {
				f.Index(j).SetString(change(f.Index(j).String()))
			}
		}
	}
}

// plain is a text of characters that every database and reader takes: valid UTF-8, no NUL (PostgreSQL has none), nothing that parts lines unseen.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 0, '\u2028', '\u2029':
			return ' '
		}
		return r
	}, s)
}

// Clean is a text from outside (an error, a reason, a line's place) as the log and the ledger keep it: plain, and with no personnummer in clear.
func Clean(s string) string { return schema.Mask(plain(s)) }
