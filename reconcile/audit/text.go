package audit

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// SignText is a text's SSH signature in a namespace, in base64 on one line (openssh PROTOCOL.sshsig).
func SignText(text string, key ssh.Signer, namespace string) (string, error) {
	sig, err := sshsig.Sign(strings.NewReader(text), key, sshsig.HashSHA512, namespace)
	if err != nil {
		return "", fmt.Errorf("it cannot be signed: %w", err)
	}
	return base64.StdEncoding.EncodeToString(sig.Marshal()), nil
}

// VerifyText refuses a signature of [SignText] that is not by one of some public keys, lines as of an authorized_keys file.
func VerifyText(text, signature string, keys []string, namespace string) error {
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return errors.New("that is no signature")
	}
	sig, err := sshsig.ParseSignature(raw)
	if err != nil {
		return errors.New("that is no signature")
	}
	for _, line := range keys {
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
		if err == nil && sshsig.Verify(strings.NewReader(text), sig, key, sig.HashAlgorithm, namespace) == nil {
			return nil
		}
	}
	return errors.New("the signature is by nobody who may, or of another text")
}
