package notify

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile/targets/targettest"
)

// mailServer is the environment of the real server, by way of one of its ports.
func mailServer(t *testing.T, scheme, port string) (map[string]string, *targettest.Server) {
	t.Helper()
	s := targettest.Start(t, "smtp")
	user := s.Vars["USER"] + "@"
	if scheme == "smtp+plain" {
		user = ""
	}
	e := map[string]string{
		"BEHORIG_SMTP_URL": scheme + "://" + user + s.Vars["HOST"] + ":" + s.Vars[port], "BEHORIG_SMTP_FROM": "Behörig <behorig@example.org>",
		"BEHORIG_SMTP_CA_FILE": s.Vars["CA"],
	}
	if user != "" {
		e["BEHORIG_SMTP_PASSWORD"] = s.Vars["PASSWORD"]
	}
	return e, s
}

func open(t *testing.T, e map[string]string) Senders {
	t.Helper()
	c, err := FromEnvironment(func(name string) (string, bool) { v, ok := e[name]; return v, ok })
	if err != nil {
		t.Fatal(err)
	}
	return c.Open()
}

// taken are the mails that the server holds for an address.
func taken(t *testing.T, s *targettest.Server, address string) []*mail.Message {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.Vars["MAILDIR"], "new", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var all []*mail.Message
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if m.Header.Get("To") == "<"+address+">" {
			all = append(all, m)
		}
	}
	return all
}

func letterTo(address string) Message {
	return Message{
		ID: "0123456789abcdef@example.org", To: address, Date: time.Date(2026, time.November, 23, 7, 0, 0, 0, time.FixedZone("", 3600)),
		Subject: "Behörigheter: 1 upphör snart (Hemtjänst Norr)\r\nBcc: alla@example.org", Text: "Hej!\n\nÅsa Öberg:\n.\n.. två punkter\nFrom här\n" + strings.Repeat("é", 300) + "\n",
	}
}

// A mail by each way that is allowed arrives as it was written, as a robot's, and nothing of it becomes a header.
func TestMail(t *testing.T) {
	for scheme, port := range map[string]string{"smtp": "PORT", "smtps": "TLS_PORT", "smtp+plain": "PLAIN_PORT"} {
		e, s := mailServer(t, scheme, port)
		address := unique() + "@example.org"
		m := letterTo(address)
		if err := open(t, e).Mail.Send(t.Context(), m); err != nil {
			t.Fatalf("%s: %v", scheme, err)
		}
		all := taken(t, s, address)
		if len(all) != 1 {
			t.Fatalf("%s: got %d mails, want 1", scheme, len(all))
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(all[0].Header.Get("Subject"))
		if err != nil {
			t.Fatal(err)
		}
		from, err := mail.ParseAddress(all[0].Header.Get("From"))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{"subject": subject, "from": from.String(), "bcc": all[0].Header.Get("Bcc")}
		for _, h := range []string{"Message-ID", "Date", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding", "Mime-Version"} {
			got[h] = all[0].Header.Get(h)
		}
		want := map[string]string{
			"subject": "Behörigheter: 1 upphör snart (Hemtjänst Norr) Bcc: alla@example.org", "from": (&mail.Address{Name: "Behörig", Address: "behorig@example.org"}).String(), "bcc": "",
			"Message-ID": "<0123456789abcdef@example.org>", "Date": "Mon, 23 Nov 2026 07:00:00 +0100", "Auto-Submitted": "auto-generated",
			"Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "quoted-printable", "Mime-Version": "1.0",
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", scheme, diff)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(all[0].Body))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.TrimRight(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"), strings.TrimRight(m.Text, "\n")); diff != "" {
			t.Errorf("%s: text (-got +want):\n%s", scheme, diff)
		}
	}
}

// An error is one that may pass, one of this message for good, or one that somebody mends; whole is that the next message would meet it too. None tells the
// address or the password.
func TestMailErrors(t *testing.T) {
	e, s := mailServer(t, "smtp", "PORT")
	with := func(change map[string]string) map[string]string {
		all := map[string]string{}
		for _, m := range []map[string]string{e, change} {
			for k, v := range m {
				all[k] = v
			}
		}
		return all
	}
	host := s.Vars["USER"] + "@" + s.Vars["HOST"] + ":"
	away, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := strconv.Itoa(away.Addr().(*net.TCPAddr).Port)
	away.Close()
	for _, x := range []struct {
		name, to              string
		change                map[string]string
		passing, whole, final bool
		want                  string
	}{
		{"wrong password", "a@example.org", map[string]string{"BEHORIG_SMTP_PASSWORD": "not-this-one"}, false, true, false, "does not let behorig in: it answers 535"},
		{"another authority", "a@example.org", map[string]string{"BEHORIG_SMTP_CA_FILE": ""}, false, true, false, "is not to be trusted"},
		{"another authority, TLS", "a@example.org", map[string]string{"BEHORIG_SMTP_CA_FILE": "", "BEHORIG_SMTP_URL": "smtps://" + host + s.Vars["TLS_PORT"]}, false, true, false, "is not to be trusted"},
		{"no STARTTLS", "a@example.org", map[string]string{"BEHORIG_SMTP_URL": "smtp://" + host + s.Vars["PLAIN_PORT"]}, false, true, false, "offers no STARTTLS"},
		{"TLS where there is none", "a@example.org", map[string]string{"BEHORIG_SMTP_URL": "smtps://" + host + s.Vars["PLAIN_PORT"]}, true, true, false, "broke"},
		{"nobody there", "a@example.org", map[string]string{"BEHORIG_SMTP_URL": "smtp://" + host + nobody}, true, true, false, "refused"},
		{"greylisted", "later-" + unique() + "@example.org", nil, true, false, false, "it answers 451"},
		{"no such mailbox", "unknown@example.org", nil, false, false, true, "it answers 550"},
		{"denied by policy", "denied@example.org", nil, true, false, false, "it answers 550"},
		{"a quoted mailbox", `"a> b"@example.org`, nil, false, false, true, "address is none"},
		{"no address", "a@example.org\r\nRCPT TO:<b@example.org>", nil, false, false, true, "address is none"},
		{"two addresses", "a@example.org, b@example.org", nil, false, false, true, "address is none"},
	} {
		begun := time.Now()
		err := open(t, with(x.change)).Mail.Send(t.Context(), letterTo(x.to))
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%s: took %s, want no waiting", x.name, took)
		}
		var passing *Transient
		got := []any{errors.As(err, &passing), !errors.Is(err, ErrRefused) && (passing == nil || passing.Whole), errors.Is(err, ErrRefused)}
		if diff := cmp.Diff(got, []any{x.passing, x.whole, x.final}); diff != "" || err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: got %v, want %q; passing, whole, final (-got +want):\n%s", x.name, err, x.want, diff)
		}
		for _, hidden := range []string{"example.org", "not-this-one", s.Vars["PASSWORD"]} {
			if strings.Contains(fmt.Sprint(err), hidden) {
				t.Errorf("%s: got %v, want no address and no secret in it", x.name, err)
			}
		}
	}
}

// A server that says nothing holds a message up no longer than it may.
func TestMailSlow(t *testing.T) {
	e, _ := mailServer(t, "smtp+plain", "PLAIN_PORT")
	c, err := FromEnvironment(func(name string) (string, bool) { v, ok := e[name]; return v, ok })
	if err != nil {
		t.Fatal(err)
	}
	c.SMTP.Timeout = 200 * time.Millisecond
	begun := time.Now()
	err = SMTP(*c.SMTP).Send(t.Context(), letterTo("slow@example.org"))
	var passing *Transient
	if !errors.As(err, &passing) || time.Since(begun) > 2*time.Second {
		t.Errorf("got %v after %s, want one that may pass after 200 ms", err, time.Since(begun))
	}
}
