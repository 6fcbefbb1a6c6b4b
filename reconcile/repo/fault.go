package repo

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"unicode"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
)

// What is wrong with a remote, each with what to do said where it is told.
var (
	errNoBranch  = errors.New("no such branch")
	errLimit     = errors.New("the fetch is too large")
	errMoved     = errors.New("moved")
	errStalled   = errors.New("stalled")
	errDamaged   = errors.New("what it sent is damaged")
	errBusy      = errors.New("another process is fetching")
	errSigningIn = errors.New("signing in was refused")
)

// passing is an error that may be gone at the next try.
type passing struct{ error }

func (p passing) Unwrap() error { return p.error }

// Passing tells whether an error may be gone at the next try: the network, a server that is overloaded or being restarted, a time limit. All others
// stay until somebody does what they say.
func Passing(err error) bool {
	var p passing
	return errors.As(err, &p)
}

// fault says what went wrong with the remote, by what the transports give. secrets are those that were used; none of them is in it.
func (p *place) fault(ctx context.Context, err error, secrets ...string) error {
	if err == nil {
		return nil
	}
	say := func(text string, more ...any) error {
		return fmt.Errorf("%s: "+text, append([]any{p.shown}, more...)...)
	}
	if cause := context.Cause(ctx); cause != nil {
		if errors.Is(cause, errStalled) {
			return passing{say("it has sent nothing for %s; see whether it is well", patience)}
		}
		return passing{say("%w", ctx.Err())}
	}
	var told told
	var no *Rejected
	if errors.As(err, &told) || errors.As(err, &no) || errors.Is(err, ErrTaken) {
		return err
	}
	var unexpected *plumbing.UnexpectedError
	if errors.As(err, &unexpected) {
		err = unexpected.Err
	}
	var status *githttp.Err
	var certificate *tls.CertificateVerificationError
	text := scrub(err.Error(), secrets)
	switch {
	case errors.Is(err, transport.ErrAuthenticationRequired) && p.Token == nil:
		return say("it wants a sign-in (401); give a token that may read the repository")
	case errors.Is(err, transport.ErrAuthenticationRequired):
		return say("it does not take the token (401); make a new one that may read the repository, and put it where the old one is")
	case errors.Is(err, transport.ErrAuthorizationFailed):
		return say("it does not let the token in (403); give it the right to read the repository")
	case errors.Is(err, transport.ErrRepositoryNotFound):
		return say("there is no repository, or none that may be seen with what was given; see the address, and what the token or key may read")
	case errors.Is(err, errNoBranch), errors.Is(err, transport.ErrEmptyRemoteRepository):
		return say("there is no branch %s; push it, or name another", p.Branch)
	case errors.Is(err, errMoved):
		return say("%s; if that is right, write the new address", text)
	case errors.Is(err, errLimit):
		return say("the fetch is larger than %d bytes, and no access repository is; see what was pushed, or raise the limit", p.Limit)
	case errors.Is(err, errObjectSize), errors.Is(err, errSigningIn):
		return say("%s", text)
	case errors.As(err, &certificate):
		return say("its certificate is not trusted (%s); give the authority's certificate as ca, or see whether it is the right server", text)
	case errors.As(err, &status) && status.StatusCode() < 500 && status.StatusCode() != 429 && status.StatusCode() != 408:
		return say("it answered %d; see the address", status.StatusCode())
	case errors.As(err, &status):
		return passing{say("it answered %d; it is tried again", status.StatusCode())}
	case errors.Is(err, syscall.ENOSPC):
		return passing{say("the disk is full; make room")}
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return say("%s; see who owns it", text)
	}
	return passing{say("%s", text)}
}

// told is an error that says it all already.
type told struct{ error }

func (t told) Unwrap() error { return t.error }

// longest is how much of what a server says is told, bytes.
const longest = 300

// scrub takes from a text what is secret and what could play tricks in a log: the secrets, who signs in in an URL, and all but plain text of one line.
func scrub(text string, secrets []string) string {
	for _, s := range secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "…")
		}
	}
	var clean strings.Builder
	for {
		before, after, found := strings.Cut(text, "://")
		clean.WriteString(before)
		if !found {
			break
		}
		clean.WriteString("://")
		authority := after
		if end := strings.IndexAny(after, "/ \t\r\n\"'"); end >= 0 {
			authority = after[:end]
		}
		text = after[strings.LastIndexByte(authority, '@')+1:]
	}
	line := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, clean.String())
	line = strings.Join(strings.Fields(line), " ")
	if len(line) > longest {
		line = strings.ToValidUTF8(line[:longest], "") + "…"
	}
	return line
}
