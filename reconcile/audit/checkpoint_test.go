package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/behorig/behorig/reconcile/audit"
)

// key makes a signing key and its public line.
func key(t testing.TB) (ssh.Signer, string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	s, err := ssh.NewSignerFromKey(private)
	must(t, err)
	return s, string(ssh.MarshalAuthorizedKey(s.PublicKey()))
}

var point = audit.Signed{
	Organisation: "Falkenbergs  kommun\nsocialförvaltningen", Ledger: "L1", At: noon,
	Heads: []audit.Head{{"combine", 12, strings.Repeat("a", 64)}, {"", 3, strings.Repeat("b", 64)}},
}

func TestCheckpointText(t *testing.T) {
	want := "behorig checkpoint 1\norganisation: Falkenbergs kommun socialförvaltningen\nledger: L1\ntime: 2026-12-01T12:00:00.000000000Z\n" +
		"chain: * 3 " + strings.Repeat("b", 64) + "\nchain: combine 12 " + strings.Repeat("a", 64) + "\n"
	same(t, "text", point.Text(), want)
}

// A checkpoint is read back by whoever has the key's public half; what was changed, or signed by another, is refused.
func TestCheckpointSigned(t *testing.T) {
	signer, line := key(t)
	_, other := key(t)
	document, err := point.Sign(signer)
	must(t, err)
	got, err := audit.OpenCheckpoint(document, []string{other, line})
	must(t, err)
	same(t, "text", got.Text(), point.Text())
	same(t, "heads", got.Heads, []audit.Head{{"", 3, strings.Repeat("b", 64)}, {"combine", 12, strings.Repeat("a", 64)}})
	if _, err := audit.OpenCheckpoint(bytes.ReplaceAll(document, []byte("\n"), []byte("\r\n")), []string{line}); err != nil {
		t.Errorf("with line ends of Windows: got error %v, want none", err)
	}
	for name, c := range map[string]struct {
		document string
		key      string
		want     string
	}{
		"another key":    {string(document), other, "none of the keys given"},
		"no key":         {string(document), "ssh-ed25519 x", "cannot be read"},
		"a number":       {strings.Replace(string(document), "combine 12", "combine 13", 1), line, "it has been changed"},
		"a line gone":    {strings.Replace(string(document), "chain: * 3 "+strings.Repeat("b", 64)+"\n", "", 1), line, "it has been changed"},
		"no signature":   {point.Text(), line, "its signature is gone"},
		"half signature": {string(document[:len(document)-60]), line, "cannot be read"},
		"not canonical":  {strings.Replace(string(document), "combine 12", "combine 012", 1), line, "no checkpoint of this version"},
		"another text":   {"hej\n" + string(document), line, "no checkpoint of this version"},
	} {
		if _, err := audit.OpenCheckpoint([]byte(c.document), []string{c.key}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, c.want)
		}
	}
}

// OpenSSH verifies a checkpoint, and its keys sign one.
func TestCheckpointAndOpenSSH(t *testing.T) {
	keygen, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("no ssh-keygen here: skipped")
	}
	dir := t.TempDir()
	for _, passphrase := range []string{"", "hemligt ord"} {
		file := filepath.Join(dir, fmt.Sprintf("key%d", len(passphrase)))
		out, err := exec.Command(keygen, "-q", "-t", "ed25519", "-N", passphrase, "-C", "audit", "-f", file).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		private, err := os.ReadFile(file)
		must(t, err)
		signer, err := audit.SigningKey(private, []byte(passphrase))
		must(t, err)
		document, err := point.Sign(signer)
		must(t, err)
		at := bytes.Index(document, []byte("-----BEGIN"))
		signature, signers := filepath.Join(dir, "sig"), filepath.Join(dir, "signers")
		public, err := os.ReadFile(file + ".pub")
		must(t, err)
		must(t, os.WriteFile(signature, document[at:], 0o600))
		must(t, os.WriteFile(signers, append([]byte("audit "), public...), 0o600))
		c := exec.Command(keygen, "-Y", "verify", "-f", signers, "-I", "audit", "-n", audit.Namespace, "-s", signature)
		c.Stdin = bytes.NewReader(document[:at])
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("got %v: %s, want the signature verified", err, out)
		}
		if _, err := audit.OpenCheckpoint(document, []string{string(public)}); err != nil {
			t.Errorf("got error %v, want none", err)
		}
		if passphrase == "" {
			continue
		}
		for _, wrong := range []string{"", "annat"} {
			if _, err := audit.SigningKey(private, []byte(wrong)); err == nil || strings.Contains(err.Error(), wrong) && wrong != "" {
				t.Errorf("passphrase %q: got error %v, want one without it", wrong, err)
			}
		}
	}
}

func TestSigningKeyIsEd25519(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	block, err := ssh.MarshalPrivateKey(private, "")
	must(t, err)
	for _, file := range [][]byte{pem.EncodeToMemory(block), []byte("no key")} {
		if _, err := audit.SigningKey(file, nil); err == nil || !strings.Contains(err.Error(), "ssh-keygen -t ed25519") {
			t.Errorf("got error %v, want one that says how to make a key", err)
		}
	}
}

func FuzzOpenCheckpoint(f *testing.F) {
	signer, line := key(f)
	document, err := point.Sign(signer)
	must(f, err)
	f.Add(document)
	f.Add([]byte("behorig checkpoint 1\norganisation: \nledger: \ntime: \nchain: * 1 \n-----BEGIN SSH SIGNATURE-----\n"))
	f.Fuzz(func(t *testing.T, document []byte) {
		got, err := audit.OpenCheckpoint(document, []string{line})
		if err == nil && got.Text() != point.Text() {
			t.Errorf("got %q, want nothing but what was signed", got.Text())
		}
	})
}
