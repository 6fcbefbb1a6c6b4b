package schema

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
	"go.yaml.in/yaml/v3"
)

// What keeps a sealed identity from being made or opened. No error text holds a number or a key.
var (
	ErrNoRecipient = errors.New("there is no key to seal to")
	ErrRecipient   = errors.New("a key to seal to is no public age key (age1…)")
	ErrNoIdentity  = errors.New("there is no number to seal")
	ErrSealKey     = errors.New("none of the keys opens it")
	ErrSealDamaged = errors.New("the sealed block is damaged")
	ErrSealContent = errors.New("what is sealed is no personnummer")
)

// sealedDigits is how many bytes are sealed: the twelve digits and nothing else, so that all blocks for the same number of keys are of one length.
const sealedDigits = 12

// Seal encrypts a number to X25519 recipients (age-encryption.org/v1), any one of whom can open it. The text is armored, fit for the key identity of a
// person's file, and differs each time, so that two blocks do not tell whether they hold the same number.
func Seal(id Identity, recipients []string) (string, error) {
	if id.digits == nil {
		return "", ErrNoIdentity
	}
	if len(recipients) == 0 {
		return "", ErrNoRecipient
	}
	to := make([]age.Recipient, len(recipients))
	for i, r := range recipients {
		x, err := age.ParseX25519Recipient(r)
		if err != nil {
			return "", ErrRecipient
		}
		to[i] = x
	}
	var out strings.Builder
	text := armor.NewWriter(&out)
	w, err := age.Encrypt(text, to...)
	if err != nil {
		return "", err
	}
	plain := []byte(*id.digits)
	defer clear(plain)
	if _, err := w.Write(plain); err != nil {
		return "", err
	}
	if err := errors.Join(w.Close(), text.Close()); err != nil {
		return "", err
	}
	return out.String(), nil
}

// Unseal opens what [Seal] made, with any of the keys. The error is [ErrSealKey], [ErrSealDamaged] or [ErrSealContent].
func Unseal(sealed string, keys []age.Identity) (Identity, error) {
	if len(keys) == 0 {
		return Identity{}, ErrSealKey
	}
	if !shapes["sealed"].re.MatchString(sealed) {
		return Identity{}, ErrSealDamaged
	}
	r, err := age.Decrypt(armor.NewReader(strings.NewReader(sealed)), keys...)
	var other *age.NoIdentityMatchError
	switch {
	case errors.As(err, &other):
		return Identity{}, ErrSealKey
	case err != nil:
		return Identity{}, ErrSealDamaged
	}
	plain := make([]byte, sealedDigits+1)
	defer clear(plain)
	n, err := io.ReadFull(r, plain) // to its end, which is where age tells that nothing is missing
	switch {
	case err == nil:
		return Identity{}, ErrSealContent
	case !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF):
		return Identity{}, ErrSealDamaged
	case n != sealedDigits || bytes.ContainsFunc(plain[:n], func(r rune) bool { return r < '0' || r > '9' }):
		return Identity{}, ErrSealContent
	}
	id, err := ParseIdentity(string(plain[:n]), Day(lastYear, 12, 31)) // that the birth had been was seen when it was sealed
	if err != nil {
		return Identity{}, ErrSealContent
	}
	return id, nil
}

var faultRecipient = message{
	Text{"recipients {value} är ingen giltig publik age-nyckel (X25519)", "recipients {value} is no valid public age key (X25519)"},
	Text{"skriv av hela raden som age-keygen visar: age1…", "copy the whole line that age-keygen shows: age1…"},
}

// check holds that age itself can read each key to seal to: its last characters are a checksum.
func (s *Sealing) check(d *decoder, n *yaml.Node, _ bool) {
	list := childOf(n, "recipients")
	for i, r := range s.Recipients {
		if _, err := age.ParseX25519Recipient(r); err != nil && shapes["recipient"].re.MatchString(r) {
			d.fault(list.Content[i], faultRecipient, "value", Quote(r))
		}
	}
}
