package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// SMTP hands mail over to a server: plain text in UTF-8, as a robot's (RFC 3834), over verified TLS, each message on a connection of its own.
func SMTP(c SMTPConfig) Sender { return &smtpSender{c} }

type smtpSender struct{ SMTPConfig }

// addressShape is an address that may stand in a command and a header as it is.
var addressShape = regexp.MustCompile(`^[^\s<>"(),:;\\@[:cntrl:]]+@[^\s<>"(),:;\\@[:cntrl:]]+$`)

// Address is the bare address of what somebody wrote for one, "" where it is none that mail can be sent to.
func Address(s string) string {
	a, err := mail.ParseAddress(s)
	if err != nil || !addressShape.MatchString(a.Address) {
		return ""
	}
	return a.Address
}

func (s *smtpSender) Send(ctx context.Context, m Message) error {
	to := Address(m.To)
	if to == "" {
		return fmt.Errorf("smtp: the recipient's address is none: %w", ErrRefused)
	}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	client, end, err := s.connect(ctx)
	if err != nil {
		return s.whole(ctx, err)
	}
	defer end()
	if err := client.Mail("<" + s.From.Address + ">"); err != nil {
		return s.whole(ctx, fmt.Errorf("the sender is not taken: %w", answer(err)))
	}
	if err := client.Rcpt("<" + to + ">"); err != nil {
		return s.alone(ctx, "the recipient", err)
	}
	w, err := client.Data()
	if err != nil {
		return s.alone(ctx, "the message", err)
	}
	if _, err := s.compose(m, to).WriteTo(w); err != nil {
		return s.alone(ctx, "the message", err) // without its end the server does not take it
	}
	if err := w.Close(); err != nil {
		return s.alone(ctx, "the message", err)
	}
	_ = client.Quit() // it has been taken
	return nil
}

// compose makes the mail of a message. Nothing of it but the subject and the text is anybody's words, and these are encoded.
func (s *smtpSender) compose(m Message, to string) *gomail.Msg {
	mail := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingQP), gomail.WithCharset(gomail.CharsetUTF8), gomail.WithNoDefaultUserAgent())
	mail.FromMailAddress(&s.From)
	_ = mail.To(to) // it has the shape of one
	mail.Subject(line(m.Subject))
	mail.SetMessageIDWithValue(m.ID)
	mail.SetDateWithValue(m.Date)
	mail.SetGenHeader("Auto-Submitted", "auto-generated")
	mail.SetGenHeader("X-Auto-Response-Suppress", "All") // Exchange's word for it, so that nobody's absence answers
	mail.SetBodyString(gomail.TypeTextPlain, m.Text)
	return mail
}

// connect opens a conversation, encrypted and signed in as configured, and gives what ends it. The connection is closed when the context is over.
func (s *smtpSender) connect(ctx context.Context) (_ *smtp.Client, end func(), err error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.Port)))
	if err != nil {
		return nil, nil, &Transient{Err: err, Whole: true}
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	hangUp := func() { stop(); _ = conn.Close() }
	defer func() {
		if err != nil {
			hangUp()
		}
	}()
	if s.Security == TLS {
		secured := tls.Client(conn, s.SMTPConfig.TLS)
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, nil, handshake(err)
		}
		conn = secured
	}
	client, err := smtp.NewClient(conn, s.Host)
	if err != nil {
		return nil, nil, answer(err)
	}
	if err := client.Hello(s.domain()); err != nil {
		return nil, nil, answer(err)
	}
	if s.Security == STARTTLS {
		if offered, _ := client.Extension("STARTTLS"); !offered {
			return nil, nil, errors.New("the server offers no STARTTLS, and nothing is sent without")
		}
		if err := client.StartTLS(s.SMTPConfig.TLS); err != nil {
			return nil, nil, handshake(err)
		}
	}
	if s.User == "" {
		return client, hangUp, nil
	}
	a, err := s.auth(client)
	if err != nil {
		return nil, nil, err
	}
	if err := client.Auth(a); err != nil {
		return nil, nil, fmt.Errorf("the server does not let %s in: %w", s.User, answer(err))
	}
	return client, hangUp, nil
}

// auth is the best way to sign in that both know.
func (s *smtpSender) auth(client *smtp.Client) (smtp.Auth, error) {
	_, offered := client.Extension("AUTH")
	ways := strings.Fields(offered)
	switch {
	case slices.Contains(ways, "SCRAM-SHA-256"):
		return smtp.ScramSHA256Auth(s.User, s.Password.Reveal()), nil
	case slices.Contains(ways, "PLAIN"):
		return smtp.PlainAuth("", s.User, s.Password.Reveal(), s.Host, false), nil
	case slices.Contains(ways, "LOGIN"):
		return smtp.LoginAuth(s.User, s.Password.Reveal(), s.Host, false), nil
	}
	return nil, errors.New("the server offers none of the ways to sign in that are known here: SCRAM-SHA-256, PLAIN and LOGIN")
}

// domain is the sender's, which is what we call ourselves.
func (s *smtpSender) domain() string { return domainOf(s.From.Address) }

func domainOf(address string) string { return address[strings.LastIndex(address, "@")+1:] }

// replied is a server's answer without its text, which may repeat an address.
type replied struct {
	code   int
	policy bool // it refuses for a reason of its own (RFC 3463 X.7.X), not because there is no such mailbox
}

func (r *replied) Error() string { return fmt.Sprintf("it answers %d", r.code) }

// answer makes of an error of the conversation one that may be shown.
func answer(err error) error {
	var t *textproto.Error
	if errors.As(err, &t) {
		r := &replied{t.Code, strings.HasPrefix(t.Msg, "5.7.")}
		if t.Code/100 == 4 {
			return &Transient{Err: r, Whole: true}
		}
		return r
	}
	return &Transient{Err: fmt.Errorf("the connection broke: %w", err), Whole: true}
}

// handshake is an error of TLS: a certificate that does not verify has to be mended, all else may pass.
func handshake(err error) error {
	var c *tls.CertificateVerificationError
	if errors.As(err, &c) {
		return fmt.Errorf("its certificate is not to be trusted: %w; see BEHORIG_SMTP_CA_FILE", c.Err)
	}
	return answer(err)
}

// whole is an error that the next message would meet too.
func (s *smtpSender) whole(ctx context.Context, err error) error {
	var t *Transient
	if errors.As(err, &t) || ctx.Err() != nil {
		return &Transient{Err: fmt.Errorf("smtp: %s: %w", s.Host, err), Whole: true}
	}
	return fmt.Errorf("smtp: %s: %w", s.Host, err)
}

// alone is an error of this message: the next one may fare better. Only a mailbox that does not exist is refused for good: all else a server's keeper may
// put right.
func (s *smtpSender) alone(ctx context.Context, what string, err error) error {
	var r *replied
	err = answer(err)
	if errors.As(err, &r) && slices.Contains([]int{550, 551, 553}, r.code) && !r.policy && what == "the recipient" && ctx.Err() == nil {
		return fmt.Errorf("smtp: %s does not take the recipient: %w: %w", s.Host, r, ErrRefused)
	}
	return &Transient{Err: fmt.Errorf("smtp: %s does not take %s: %w", s.Host, what, err)}
}
