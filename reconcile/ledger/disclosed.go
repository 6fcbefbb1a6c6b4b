package ledger

import (
	"context"
	"io"

	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/schema"
)

// Disclosed is part of the log as it may be given out. Of people whose data are protected it gives pseudonyms, and of people whom the repository does not have
// any more, since nobody can tell by now whether theirs were.
type Disclosed struct {
	Filter    audit.Filter
	Format    string                   // of [audit.NewWriter]
	Masked    bool                     // everybody has a pseudonym, and no free text is given
	Reveal    bool                     // nobody has one; whoever asks may see those who are protected
	Key       []byte                   // of the pseudonyms: with one key a person has one; at least 16 bytes
	Protected []*schema.Person         // whose data are protected
	Knows     func(person string) bool // tells whether the repository has somebody
}

// Disclose writes an export, and tells how many records it has.
func (l *Ledger) Disclose(ctx context.Context, d Disclosed, w io.Writer) (n int, err error) {
	shown := audit.Disclosure{Masked: d.Masked, Key: d.Key, Reveal: d.Reveal}
	hidden := d.Protected
	switch {
	case d.Reveal:
		hidden = nil
	case !d.Masked:
		if shown.Protected, err = l.gone(ctx, d.Knows); err != nil {
			return 0, err
		}
	}
	for _, p := range hidden {
		shown.Protected = append(shown.Protected, p.Key, p.Login)
	}
	to, err := audit.NewWriter(d.Format, w)
	if err != nil {
		return 0, err
	}
	err = l.Export(ctx, d.Filter, func(r audit.Record) error {
		r, of := shown.Of(r)
		for _, text := range FreeText(&of) {
			if clean := Blotted(*text, hidden); clean != *text {
				*text, r.Hash = clean, ""
				shown.Hidden(r.Chain)
			}
		}
		if r.Hash == "" {
			r.Body = audit.Encode(of)
		}
		n++
		return to.Write(r, of)
	})
	if err != nil {
		return n, err
	}
	return n, to.Close()
}

// gone are the people of the log whom the repository does not have any more, by key.
func (l *Ledger) gone(ctx context.Context, knows func(string) bool) ([]string, error) {
	seen := map[string]bool{"": true}
	var gone []string
	err := l.Export(ctx, audit.Filter{}, func(r audit.Record) error {
		of, err := audit.Decode(r.Body)
		if err == nil && !seen[of.Person] {
			seen[of.Person] = true
			if !knows(of.Person) {
				gone = append(gone, of.Person)
			}
		}
		return err
	})
	return gone, err
}

// FreeText are the texts of a record that somebody wrote, or that name who did something by a login.
func FreeText(b *audit.Body) []*string { return []*string{&b.Reason, &b.Error, &b.By, &b.Actor} }

// Blotted is a text of somebody's without the names and logins of some people, and without personnummer.
func Blotted(text string, people []*schema.Person) string {
	for _, p := range people {
		text = p.Blot(text)
	}
	return schema.Mask(text)
}
