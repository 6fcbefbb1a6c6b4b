package notify

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFromEnvironment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const from = "BEHORIG_SMTP_FROM=Behörig <behorig@example.org>"
	for _, x := range []struct {
		env  string // lines
		want string // of the error; "" for none, and then of the configuration after the arrow
	}{
		{"", "-> <nil> <nil>"},
		{"BEHORIG_SMTP_URL=smtp://behorig@mail.example.org\nBEHORIG_SMTP_PASSWORD_FILE=" + file + "\n" + from, "-> mail.example.org 587 starttls behorig true"},
		{"BEHORIG_SMTP_URL=smtps://behorig@mail.example.org:4650\nBEHORIG_SMTP_PASSWORD=x\n" + from, "-> mail.example.org 4650 tls behorig true"},
		{"BEHORIG_SMTP_URL=smtp://mail.example.org\n" + from, "-> mail.example.org 587 starttls  false"},
		{"BEHORIG_SMTP_URL=smtp+plain://localhost\n" + from, "-> localhost 25 plain  false"},
		{"BEHORIG_SMTP_URL=smtp+plain://mail.example.org\n" + from, "is for this machine alone"},
		{"BEHORIG_SMTP_URL=http://mail.example.org\n" + from, "the scheme is not known"},
		{"BEHORIG_SMTP_URL=mail.example.org\n" + from, "no address of a mail server"},
		{"BEHORIG_SMTP_URL=smtp://behorig:hunter2@mail.example.org\n" + from, "holds a password"},
		{"BEHORIG_SMTP_URL=smtp://behorig@mail.example.org\n" + from, "belong together"},
		{"BEHORIG_SMTP_URL=smtp://mail.example.org\nBEHORIG_SMTP_PASSWORD=x\n" + from, "belong together"},
		{"BEHORIG_SMTP_URL=smtp://mail.example.org", "BEHORIG_SMTP_FROM is no address"},
		{"BEHORIG_SMTP_URL=smtp://mail.example.org\nBEHORIG_SMTP_CA_FILE=/nowhere\n" + from, "BEHORIG_SMTP_CA_FILE"},
		{"BEHORIG_WEBHOOK_URL=https://hooks.example.org/x\nBEHORIG_WEBHOOK_SECRET=x", "-> https://hooks.example.org/x true"},
		{"BEHORIG_WEBHOOK_URL=http://127.0.0.1:80/x\nBEHORIG_WEBHOOK_SECRET=x", "-> http://127.0.0.1:80/x false"},
		{"BEHORIG_WEBHOOK_URL=http://hooks.example.org/x\nBEHORIG_WEBHOOK_SECRET=x", "is not encrypted"},
		{"BEHORIG_WEBHOOK_URL=https://u:hunter2@hooks.example.org/x\nBEHORIG_WEBHOOK_SECRET=x", "holds a user or password"},
		{"BEHORIG_WEBHOOK_URL=https://hooks.example.org/x", "BEHORIG_WEBHOOK_SECRET_FILE is missing"},
		{"BEHORIG_WEBHOOK_URL=nowhere", "is no address"},
	} {
		env := map[string]string{}
		for l := range strings.SplitSeq(x.env, "\n") {
			name, value, _ := strings.Cut(l, "=")
			env[name] = value
		}
		c, err := FromEnvironment(func(name string) (string, bool) { v, ok := env[name]; return v, ok })
		got := fmt.Sprint(err)
		if err == nil {
			switch {
			case c.SMTP != nil:
				got = fmt.Sprintln("->", c.SMTP.Host, c.SMTP.Port, c.SMTP.Security, c.SMTP.User, c.SMTP.Password.Set())
			case c.Webhook != nil:
				got = fmt.Sprintln("->", c.Webhook.URL, c.Webhook.TLS != nil)
			default:
				got = fmt.Sprintln("->", c.SMTP, c.Webhook)
			}
		}
		if got = strings.TrimSpace(got); !strings.Contains(got, x.want) || strings.Contains(got, "hunter2") || strings.Contains(fmt.Sprintf("%+v", c.SMTP), "hunter2") {
			t.Errorf("%q: got %s, want %s and no secret", x.env, got, x.want)
		}
	}
	// All faults, not the first.
	_, err := FromEnvironment(func(name string) (string, bool) {
		v, ok := map[string]string{"BEHORIG_SMTP_URL": "smtp+plain://mail.example.org", "BEHORIG_WEBHOOK_URL": "http://hooks.example.org/"}[name]
		return v, ok
	})
	for _, want := range []string{"this machine alone", "BEHORIG_SMTP_FROM", "is not encrypted"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}
