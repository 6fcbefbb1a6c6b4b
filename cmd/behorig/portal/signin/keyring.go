// Package signin finds out who somebody is, by OpenID Connect, and remembers it in a cookie that nobody else can read or make. It keeps no sessions: what is in
// the cookie is all there is. What somebody may do is not its affair.
package signin

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// ErrSealed is that a text was sealed by none of the keys, for something else, or was altered.
var ErrSealed = errors.New("it was not sealed by these keys")

// Keyring seals texts that go through a browser (XChaCha20-Poly1305, RFC 8439 with draft-irtf-cfrg-xchacha). The first key seals; the others open what was sealed
// before keys were changed.
type Keyring struct{ all [][]byte }

// NewKeyring makes a keyring of lines, the newest first, each of 32 random bytes or more in hexadecimal or base64.
func NewKeyring(text string) (*Keyring, error) {
	k := &Keyring{}
	for i, line := range bytes.Split([]byte(text), []byte("\n")) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		raw, err := hex.DecodeString(string(line))
		if err != nil {
			raw, err = base64.StdEncoding.DecodeString(string(line))
		}
		if err != nil || len(raw) < 32 {
			return nil, fmt.Errorf("line %d is no key: write 32 random bytes in hexadecimal, as openssl rand -hex 32 gives", i+1)
		}
		k.all = append(k.all, raw)
	}
	if len(k.all) == 0 {
		return nil, errors.New("there is no key: write 32 random bytes in hexadecimal, as openssl rand -hex 32 gives")
	}
	return k, nil
}

// NewRandomKeyring is a keyring of this process alone.
func NewRandomKeyring() *Keyring {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return &Keyring{all: [][]byte{key}}
}

// Random is so many random bytes in hexadecimal.
func Random(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func (k *Keyring) aead(i int, purpose string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, k.all[i], nil, "behorig portal "+purpose, chacha20poly1305.KeySize)
	if err != nil {
		return nil, err
	}
	return chacha20poly1305.NewX(key)
}

// Seal makes a value a text that [Keyring.Open] alone can read, for the same purpose.
func (k *Keyring) Seal(purpose string, v any) (string, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	a, err := k.aead(0, purpose)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, a.NonceSize(), a.NonceSize()+len(plain)+a.Overhead())
	_, _ = rand.Read(nonce) // never fails
	return base64.RawURLEncoding.EncodeToString(a.Seal(nonce, nonce, plain, []byte(purpose))), nil
}

// Open reads what was sealed. The error is [ErrSealed].
func (k *Keyring) Open(purpose, text string, into any) error {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) < chacha20poly1305.NonceSizeX {
		return ErrSealed
	}
	for i := range k.all {
		a, err := k.aead(i, purpose)
		if err != nil {
			return err
		}
		plain, err := a.Open(nil, raw[:a.NonceSize()], raw[a.NonceSize():], []byte(purpose))
		if err == nil {
			if json.Unmarshal(plain, into) != nil {
				return ErrSealed
			}
			return nil
		}
	}
	return ErrSealed
}
