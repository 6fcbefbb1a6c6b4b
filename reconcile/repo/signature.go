package repo

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
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
// public keys. A key of portals, the managers' pages' own SSH keys, stands for the one person whom the commit names as having ordered ([Trailers]); such a
// commit may change files of people and units alone, as [Proposal] has it. The error is [ErrUnsigned], [ErrUnknownKey] (nobody's key, or one that has
// been revoked or has expired) or [ErrBadSigned].
func (c Commit) Signer(signers map[string][]string, portals []string) (string, error) {
	who, _, err := c.signer(signers, portals)
	return who, err
}

// signer is [Commit.Signer], and tells whether a portal's key has signed.
func (c Commit) signer(signers map[string][]string, portals []string) (who string, portal bool, err error) {
	armoured := c.commit.PGPSignature
	if strings.TrimSpace(armoured) == "" {
		return "", false, ErrUnsigned
	}
	if strings.HasPrefix(armoured, "-----BEGIN SSH SIGNATURE-----") {
		return c.sshSigner(armoured, signers, portals)
	}
	for _, person := range slices.Sorted(maps.Keys(signers)) {
		for _, key := range signers[person] {
			if !strings.HasPrefix(key, "-----BEGIN PGP") {
				continue
			}
			if _, err := c.commit.Verify(key); err == nil {
				return person, false, nil
			}
		}
	}
	return "", false, ErrUnknownKey
}

func (c Commit) sshSigner(armoured string, signers map[string][]string, portals []string) (who string, portal bool, err error) {
	sig, err := sshsig.Unarmor([]byte(armoured))
	if err != nil {
		return "", false, ErrBadSigned
	}
	// A portal's key that is somebody's as well is taken for the portal's, which may less.
	if slices.ContainsFunc(portals, func(line string) bool { return bears(sig, line) }) {
		if !c.verified(sig) || !c.canonical(sig) {
			return "", true, ErrBadSigned
		}
		who, err = c.ordered()
		return who, true, err
	}
	for _, person := range slices.Sorted(maps.Keys(signers)) {
		if !slices.ContainsFunc(signers[person], func(line string) bool { return bears(sig, line) }) {
			continue
		}
		if !c.verified(sig) {
			return "", false, ErrBadSigned
		}
		return person, false, nil
	}
	return "", false, ErrUnknownKey
}

// bears tells whether a signature says that it was made with a key.
func bears(sig *sshsig.Signature, line string) bool {
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
	return err == nil && bytes.Equal(key.Marshal(), sig.PublicKey.Marshal())
}

// verified tells whether a signature is of this commit.
func (c Commit) verified(sig *sshsig.Signature) bool {
	signed := &plumbing.MemoryObject{}
	if c.commit.EncodeWithoutSignature(signed) != nil {
		return false
	}
	text, err := signed.Reader()
	if err != nil {
		return false
	}
	return sshsig.Verify(text, sig, sig.PublicKey, sig.HashAlgorithm, namespace) == nil
}

// canonical tells whether a commit is byte for byte what a program that signs writes, since a signature written otherwise, or more in the header that is not
// signed, makes another commit that is signed as well. Lines are 64 characters as [sshsig.Armor] breaks them, or 70 as ssh-keygen does.
func (c Commit) canonical(sig *sshsig.Signature) bool {
	flat := base64.StdEncoding.EncodeToString(sig.Marshal())
	for _, width := range []int{64, 70} {
		var text strings.Builder
		text.WriteString("-----BEGIN " + sshsig.PEMType + "-----\n")
		for line := range slices.Chunk([]byte(flat), width) {
			text.Write(append(slices.Clip(line), '\n'))
		}
		text.WriteString("-----END " + sshsig.PEMType + "-----\n")
		again, o := *c.commit, &plumbing.MemoryObject{}
		again.PGPSignature = text.String()
		if again.Encode(o) == nil && o.Hash() == c.commit.Hash {
			return true
		}
	}
	return false
}

// ordered is the person in whose name a portal has signed, if that is said in one way and the commit changes no more than an order may.
func (c Commit) ordered() (string, error) {
	t, err := ParseTrailers(c.Message)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrBadSigned, err)
	}
	if n := c.commit.NumParents(); n != 1 {
		return "", fmt.Errorf("%w: an order of the managers' pages has one parent, this has %d", ErrBadSigned, n)
	}
	parent, err := c.commit.Parent(0)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrBadSigned, errShallow)
	}
	// All of the git repository, not the folder of the access repository alone.
	paths, err := (&Repo{git: c.repo.git}).differ(parent, c.commit)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrBadSigned, err)
	}
	top, err := c.commit.Tree()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrBadSigned, errShallow)
	}
	for _, at := range paths {
		file, inside := strings.CutPrefix(at, c.repo.inside(""))
		if !inside || !orderable(file) {
			return "", fmt.Errorf("%w: the managers' pages may change people/ and units/ alone, and this changes %s", ErrBadSigned, scrub(at, nil))
		}
		if e, err := top.FindEntry(at); err == nil && e.Mode != filemode.Regular {
			return "", fmt.Errorf("%w: %s is no plain file", ErrBadSigned, scrub(at, nil))
		}
	}
	return t.By, nil
}
