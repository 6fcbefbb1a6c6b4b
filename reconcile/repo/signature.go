package repo

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// Why a commit has no signer.
var (
	ErrUnsigned   = errors.New("unsigned")
	ErrUnknownKey = errors.New("unknown-key")
	ErrBadSigned  = errors.New("bad-signature")
)

// namespace is what git signs commits in (git's Documentation/gitformat-signature, openssh PROTOCOL.sshsig).
const namespace = "git"

// Signer is whose key has signed a commit: a person of signers, whose keys are lines as of an authorized_keys file or armoured OpenPGP
// public keys. The error is [ErrUnsigned], [ErrUnknownKey] (nobody's key, or one that has been revoked or has expired) or [ErrBadSigned].
func (c Commit) Signer(signers map[string][]string) (string, error) {
	armoured := c.commit.PGPSignature
	if strings.TrimSpace(armoured) == "" {
		return "", ErrUnsigned
	}
	if strings.HasPrefix(armoured, "-----BEGIN SSH SIGNATURE-----") {
		return c.sshSigner(armoured, signers)
	}
	for _, person := range slices.Sorted(maps.Keys(signers)) {
		for _, key := range signers[person] {
			if !strings.HasPrefix(key, "-----BEGIN PGP") {
				continue
			}
			if _, err := c.commit.Verify(key); err == nil {
				return person, nil
			}
		}
	}
	return "", ErrUnknownKey
}

func (c Commit) sshSigner(armoured string, signers map[string][]string) (string, error) {
	sig, err := sshsig.Unarmor([]byte(armoured))
	if err != nil {
		return "", ErrBadSigned
	}
	signed := &plumbing.MemoryObject{}
	if err := c.commit.EncodeWithoutSignature(signed); err != nil {
		return "", ErrBadSigned
	}
	for _, person := range slices.Sorted(maps.Keys(signers)) {
		for _, line := range signers[person] {
			key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
			if err != nil || !bytes.Equal(key.Marshal(), sig.PublicKey.Marshal()) {
				continue
			}
			text, err := signed.Reader()
			if err != nil {
				return "", ErrBadSigned
			}
			raw, err := io.ReadAll(text)
			if err != nil || sshsig.Verify(bytes.NewReader(raw), sig, key, sig.HashAlgorithm, namespace) != nil {
				return "", ErrBadSigned
			}
			return person, nil
		}
	}
	return "", ErrUnknownKey
}
