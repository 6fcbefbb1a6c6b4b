package audit

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// Namespace is what checkpoints are signed in, so that a signature of theirs is none of a commit and none of a commit's is theirs (openssh
// PROTOCOL.sshsig). With the lines up to the signature in a file, `ssh-keygen -Y check-novalidate -n behorig-checkpoint` verifies it too.
const Namespace = "behorig-checkpoint"

// Signed is a checkpoint: where each chain of a ledger stood at a moment. Kept where the ledger's keeper cannot write, and signed, it shows that the
// chains up to there have not been rewritten.
type Signed struct {
	Organisation string
	Ledger       string // the ledger's random name
	At           time.Time
	Heads        []Head
}

const (
	firstLine = "behorig checkpoint 1"
	noSystem  = "*" // no system is called so
)

// Text is what is signed: a line for each thing and each chain.
func (s Signed) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\norganisation: %s\nledger: %s\ntime: %s\n", firstLine, oneLine(s.Organisation), s.Ledger, Stamp(s.At))
	heads := slices.SortedFunc(slices.Values(s.Heads), func(a, b Head) int { return cmp.Compare(a.Chain, b.Chain) })
	for _, h := range heads {
		fmt.Fprintf(&b, "chain: %s %d %s\n", cmp.Or(h.Chain, noSystem), h.Seq, h.Hash)
	}
	return b.String()
}

func oneLine(s string) string { return strings.Join(strings.Fields(Clean(s)), " ") }

// Sign is the checkpoint with its signature: what to keep elsewhere.
func (s Signed) Sign(key ssh.Signer) ([]byte, error) {
	text := s.Text()
	sig, err := sshsig.Sign(strings.NewReader(text), key, sshsig.HashSHA512, Namespace)
	if err != nil {
		return nil, fmt.Errorf("the checkpoint cannot be signed: %w", err)
	}
	return append([]byte(text), sshsig.Armor(sig)...), nil
}

// SigningKey reads an SSH private key of the kind ed25519, as ssh-keygen -t ed25519 makes it; passphrase is for one that has one.
func SigningKey(file, passphrase []byte) (ssh.Signer, error) {
	raw, err := ssh.ParseRawPrivateKey(file)
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		if len(passphrase) == 0 {
			return nil, errors.New("the key has a passphrase: name the variable that holds it")
		}
		raw, err = ssh.ParseRawPrivateKeyWithPassphrase(file, passphrase)
	}
	if err != nil {
		return nil, errors.New("this is no private SSH key, or the passphrase is another one: make a key with ssh-keygen -t ed25519")
	}
	if _, ok := raw.(*ed25519.PrivateKey); !ok {
		return nil, errors.New("checkpoints are signed with an ed25519 key: make one with ssh-keygen -t ed25519")
	}
	return ssh.NewSignerFromKey(raw)
}

// Fingerprint names a key without showing whose it is, as ssh-keygen -l does.
func Fingerprint(key ssh.PublicKey) string { return ssh.FingerprintSHA256(key) }

const armour = "-----BEGIN SSH SIGNATURE-----"

// OpenCheckpoint reads a checkpoint that one of some keys has signed; they are lines as of an authorized_keys file.
func OpenCheckpoint(document []byte, keys []string) (Signed, error) {
	document = bytes.ReplaceAll(document, []byte("\r\n"), []byte("\n")) // mail and editors make such of it
	at := bytes.Index(document, []byte(armour))
	if at < 0 {
		return Signed{}, errors.New("this is no checkpoint, or its signature is gone")
	}
	text := string(document[:at])
	s, err := parseCheckpoint(text)
	if err != nil {
		return Signed{}, err
	}
	sig, err := sshsig.Unarmor(document[at:])
	if err != nil {
		return Signed{}, errors.New("the checkpoint's signature cannot be read: take it from where it is kept once more")
	}
	for _, line := range keys {
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
		if err != nil {
			return Signed{}, fmt.Errorf("a key given for checkpoints cannot be read: %w", err)
		}
		if !bytes.Equal(key.Marshal(), sig.PublicKey.Marshal()) {
			continue
		}
		if err := sshsig.Verify(strings.NewReader(text), sig, key, sig.HashAlgorithm, Namespace); err != nil {
			return Signed{}, errors.New("the checkpoint's signature does not fit it: it has been changed")
		}
		return s, nil
	}
	return Signed{}, fmt.Errorf("the checkpoint is signed by %s, which is none of the keys given", Fingerprint(sig.PublicKey))
}

// parseCheckpoint reads what [Signed.Text] writes, and nothing else.
func parseCheckpoint(text string) (Signed, error) {
	bad := errors.New("this is no checkpoint of this version")
	var s Signed
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		name, value, _ := strings.Cut(line, ": ")
		switch i {
		case 0:
		case 1:
			s.Organisation = value
		case 2:
			s.Ledger = value
		case 3:
			at, err := ParseStamp(value)
			if err != nil {
				return Signed{}, bad
			}
			s.At = at
		default:
			parts := strings.Split(value, " ")
			if name != "chain" || len(parts) != 3 {
				return Signed{}, bad
			}
			seq, err := strconv.ParseInt(parts[1], 10, 64)
			if err != nil {
				return Signed{}, bad
			}
			if parts[0] == noSystem {
				parts[0] = ""
			}
			s.Heads = append(s.Heads, Head{parts[0], seq, parts[2]})
		}
	}
	if s.Text() != text {
		return Signed{}, bad
	}
	return s, nil
}
