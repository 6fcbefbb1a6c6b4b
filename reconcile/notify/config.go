package notify

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"time"

	"github.com/behorig/behorig/reconcile/targets/kind"
)

// Transports are the ways that messages go, as the machine's environment gives them. They are of the machine and not of the repository: a merge
// request must not turn the mail of an organisation elsewhere.
type Transports struct {
	SMTP    *SMTPConfig    // nil: no mail
	Webhook *WebhookConfig // nil: none
}

// SMTPConfig is how mail is handed over.
type SMTPConfig struct {
	Host     string
	Port     int
	Security Security
	User     string // "": without signing in
	Password kind.Secret
	From     mail.Address
	TLS      *tls.Config
	Timeout  time.Duration
}

// Security is how a connection is encrypted.
type Security string

// The securities. Plain is for this machine alone.
const (
	STARTTLS Security = "starttls"
	TLS      Security = "tls"
	Plain    Security = "plain"
)

// WebhookConfig is where posts go and what they are signed with.
type WebhookConfig struct {
	URL     string
	Secret  kind.Secret
	TLS     *tls.Config // nil: a plain connection within this machine
	Timeout time.Duration
}

// FromEnvironment reads the transports. Variables:
//
//	BEHORIG_SMTP_URL       smtp://user@host:587 (STARTTLS, required), smtps://host:465 (TLS), smtp+plain://localhost:25 (this machine alone)
//	BEHORIG_SMTP_PASSWORD  or BEHORIG_SMTP_PASSWORD_FILE, where the address names a user
//	BEHORIG_SMTP_FROM      the sender, as "Behörig <behorig@example.org>"
//	BEHORIG_SMTP_CA_FILE   authorities that the server is verified by; left out: the machine's own
//	BEHORIG_WEBHOOK_URL    https://…, or http:// on this machine
//	BEHORIG_WEBHOOK_SECRET or BEHORIG_WEBHOOK_SECRET_FILE
//	BEHORIG_WEBHOOK_CA_FILE
//
// All faults are told, not the first.
func FromEnvironment(lookup func(string) (string, bool)) (Transports, error) {
	e := environment{lookup: lookup}
	t := Transports{SMTP: e.smtp(), Webhook: e.webhook()}
	if err := errors.Join(e.faults...); err != nil {
		return Transports{}, err
	}
	return t, nil
}

// patience is how long one message may take to be handed over.
const patience = 30 * time.Second

type environment struct {
	lookup func(string) (string, bool)
	faults []error
}

func (e *environment) fault(format string, args ...any) {
	e.faults = append(e.faults, fmt.Errorf(format, args...))
}

func (e *environment) get(name string) string {
	v, _ := e.lookup(name)
	return v
}

// secret is that of a variable or of the file that another names.
func (e *environment) secret(name string) kind.Secret {
	variable := ""
	if e.get(name) != "" {
		variable = name
	}
	s, err := kind.Config{Env: e.lookup}.Secret(name, variable, e.get(name+"_FILE"))
	if err != nil {
		e.fault("%s: %w", name, err)
	}
	return s
}

func (e *environment) tls(name, host string) *tls.Config {
	t, err := kind.TLS(e.get(name), host)
	if err != nil {
		e.fault("%s: %w", name, err)
	}
	return t
}

func (e *environment) smtp() *SMTPConfig {
	const name = "BEHORIG_SMTP_URL"
	address := e.get(name)
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" {
		e.fault("%s is no address of a mail server; write smtp://user@host:587", name)
		return nil
	}
	c := &SMTPConfig{Host: u.Hostname(), Timeout: patience}
	ports := map[string]int{"smtp": 587, "smtps": 465, "smtp+plain": 25}
	c.Security = map[string]Security{"smtp": STARTTLS, "smtps": TLS, "smtp+plain": Plain}[u.Scheme]
	c.Port = ports[u.Scheme]
	if u.Port() != "" {
		c.Port, _ = strconv.Atoi(u.Port())
	}
	switch {
	case c.Security == "":
		e.fault("%s: the scheme is not known; write smtp://, smtps:// or smtp+plain://", name)
	case c.Security == Plain && !loopback(c.Host):
		e.fault("%s: smtp+plain is not encrypted and is for this machine alone; write smtp:// or smtps://", name)
	case c.Security != Plain:
		c.TLS = e.tls("BEHORIG_SMTP_CA_FILE", c.Host)
	}
	if _, given := u.User.Password(); given {
		e.fault("%s holds a password; put it in BEHORIG_SMTP_PASSWORD_FILE", name)
	}
	c.User = u.User.Username()
	if c.Password = e.secret("BEHORIG_SMTP_PASSWORD"); c.Password.Set() != (c.User != "") && len(e.faults) == 0 {
		e.fault("a user in %s and BEHORIG_SMTP_PASSWORD(_FILE) belong together; give both or neither", name)
	}
	from, err := mail.ParseAddress(e.get("BEHORIG_SMTP_FROM"))
	if err != nil {
		e.fault(`BEHORIG_SMTP_FROM is no address; write it as "Behörig <behorig@example.org>"`)
		return nil
	}
	c.From = mail.Address{Name: line(from.Name), Address: from.Address}
	return c
}

func (e *environment) webhook() *WebhookConfig {
	const name = "BEHORIG_WEBHOOK_URL"
	address := e.get(name)
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "":
		e.fault("%s is no address; write https://host/path", name)
		return nil
	case u.User != nil:
		e.fault("%s holds a user or password; the secret is BEHORIG_WEBHOOK_SECRET_FILE", name)
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		e.fault("%s is not encrypted; write https://", name)
	}
	c := &WebhookConfig{URL: address, Timeout: patience, Secret: e.secret("BEHORIG_WEBHOOK_SECRET")}
	if !c.Secret.Set() && len(e.faults) == 0 {
		e.fault("BEHORIG_WEBHOOK_SECRET or BEHORIG_WEBHOOK_SECRET_FILE is missing; a receiver knows the sender by it")
	}
	if u.Scheme == "https" {
		c.TLS = e.tls("BEHORIG_WEBHOOK_CA_FILE", u.Hostname())
	}
	return c
}

// loopback tells a host that is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
