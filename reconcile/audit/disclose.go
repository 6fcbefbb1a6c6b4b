package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/behorig/behorig/schema"
)

// Filter says which records are wanted; what is zero filters nothing.
type Filter struct {
	From, To time.Time // from the one, and before the other
	Person   string    // that it is about, not who did it
	System   string    // with the emergency orders that are over all systems
	Kinds    []Kind
}

// Keeps tells whether a record is wanted.
func (f Filter) Keeps(r Record, b Body) bool {
	switch {
	case !f.From.IsZero() && r.At < Stamp(f.From), !f.To.IsZero() && r.At >= Stamp(f.To):
		return false
	case f.Person != "" && b.Person != f.Person:
		return false
	case f.System != "" && r.Chain != f.System && (r.Kind != Emergency || r.Chain != ""):
		return false
	}
	return len(f.Kinds) == 0 || slices.Contains(f.Kinds, r.Kind)
}

// Disclosure says what of the log is shown, for one export. The zero value shows all but personnummer. A record that is not shown as it is, or not at all, has no hash, nor
// has any after it in its chain: each of them follows from what is hidden, and with the rest in view that could be found by trying. So only an export of a chain from its first
// record on, without gaps, has hashes.
type Disclosure struct {
	Masked    bool     // persons as pseudonyms, and no free text, which may name them
	Key       []byte   // of the pseudonyms: with one key a person has one; without the key nobody can tell who it is. At least 16 bytes
	Protected []string // whose identity is protected: they are hidden so whether Masked is set or not
	Reveal    bool     // but not where this is

	hidden map[string]bool  // chains of which something has been
	last   map[string]int64 // record of each chain
	keys   map[string]bool  // those of Protected, in lower case
	names  *strings.Replacer
}

// Hidden is told by who hides something of a chain's record besides. That record is to have no hash. Records that are not given to Of are noticed.
func (d *Disclosure) Hidden(chain string) {
	if d.hidden == nil {
		d.hidden = map[string]bool{}
	}
	d.hidden[chain] = true
}

// Of is a record as it may be shown; those of a chain are given in their order. One that cannot be read has no body.
func (d *Disclosure) Of(r Record) (Record, Body) {
	if d.last == nil {
		d.last = map[string]int64{}
	}
	if r.Seq != d.last[r.Chain]+1 {
		d.Hidden(r.Chain)
	}
	d.last[r.Chain] = r.Seq
	b, err := Decode(r.Body)
	if err != nil {
		d.Hidden(r.Chain)
		r.Body, r.Hash = "{}", ""
		return r, Body{}
	}
	if d.Masked {
		d.hide(&b, func(string) bool { return true })
	} else if !d.Reveal && len(d.Protected) > 0 {
		d.learn()
		d.hide(&b, func(person string) bool { return d.keys[strings.ToLower(person)] })
	}
	eachText(&b, schema.Mask)
	if text := Encode(b); text != r.Body {
		r.Body = text
		d.Hidden(r.Chain)
	}
	if d.hidden[r.Chain] {
		r.Hash = ""
	}
	return r, b
}

// learn makes ready to find those who are protected, who may be many: all who have left.
func (d *Disclosure) learn() {
	if d.keys != nil {
		return
	}
	d.keys = map[string]bool{}
	var pairs []string
	for _, p := range d.Protected {
		if p = strings.ToLower(p); p != "" && !d.keys[p] {
			d.keys[p] = true
			pairs = append(pairs, p, "\x00")
		}
	}
	d.names = strings.NewReplacer(pairs...)
}

// mentions tells whether a text has the key or login of somebody who is protected in it.
func (d *Disclosure) mentions(text string) bool {
	text = strings.ToLower(text)
	return text != "" && d.names != nil && d.names.Replace(text) != text
}

// hide makes pseudonyms of some people, and blanks the free text of what is about them or names a protected person.
func (d *Disclosure) hide(b *Body, whom func(person string) bool) {
	hidden := false
	for _, person := range []*string{&b.Person, &b.Actor, &b.By} {
		if *person != "" && whom(*person) {
			*person = d.pseudonym(*person)
			hidden = true
		}
	}
	for _, free := range []*string{&b.Reason, &b.Source, &b.Error, &b.Signature} {
		if hidden || d.Masked || d.mentions(*free) {
			*free = ""
		}
	}
}

// pseudonym stands for a person: the same for each record of an export, and of all exports with one key. Without a key that nobody can guess, all people have one.
func (d *Disclosure) pseudonym(person string) string {
	if len(d.Key) < 16 {
		return "p-"
	}
	h := hmac.New(sha256.New, d.Key)
	h.Write([]byte(strings.ToLower(person)))
	return "p-" + hex.EncodeToString(h.Sum(nil)[:8])
}
