package signin

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"sync"
	"time"
)

// How long a session is good for, from when somebody signed in and from when they last asked for a page.
const (
	Longest = 10 * time.Hour
	Idle    = 30 * time.Minute
)

// Session is what a browser brings along. Of nobody it holds a form token alone.
type Session struct {
	ID     string    `json:"i"`
	Person string    `json:"p,omitempty"` // a key; "": nobody has signed in
	Began  time.Time `json:"b"`
	Seen   time.Time `json:"s"`
	Token  string    `json:"t"`           // that forms carry
	Back   string    `json:"r,omitempty"` // the page that was asked for before signing in
	Flash  *Flash    `json:"f,omitempty"`
	Hint   string    `json:"h,omitempty"` // who the provider says it is, to sign out there
}

// Flash is said on the next page that is shown.
type Flash struct {
	Kind string `json:"k"`
	Text string `json:"t"`
}

// NewSession is one of nobody.
func NewSession(now time.Time) *Session {
	return &Session{ID: Random(16), Token: Random(16), Began: now, Seen: now}
}

// As is a new session of somebody who has signed in: nothing that was known before is of use to whoever knew it.
func (s *Session) As(person string, now time.Time) *Session {
	n := NewSession(now)
	n.Person = person
	return n
}

// Checks tells whether a form's token is the session's.
func (s *Session) Checks(token string) bool {
	return token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.Token)) == 1
}

// ErrNoSession is that there is none, or that it is over.
var ErrNoSession = errors.New("there is no session")

// Cookies keeps sessions in cookies.
type Cookies struct {
	Keys   *Keyring
	Secure bool // over HTTPS alone, with the name that says so (__Host-, RFC 6265bis § 4.1.3.2)
	Now    func() time.Time
}

func (c Cookies) name(what string) string {
	if c.Secure {
		return "__Host-" + what
	}
	return what
}

const sessionPurpose = "session"

// Read is the session of a request.
func (c Cookies) Read(r *http.Request) (*Session, error) {
	k, err := r.Cookie(c.name(sessionPurpose))
	if err != nil {
		return nil, ErrNoSession
	}
	s := &Session{}
	if err := c.Keys.Open(sessionPurpose, k.Value, s); err != nil {
		return nil, err
	}
	now := c.Now()
	if now.Sub(s.Began) > Longest || now.Sub(s.Seen) > Idle || s.Seen.Sub(now) > time.Minute {
		return nil, ErrNoSession
	}
	return s, nil
}

// Write puts a session into its cookie, as seen now.
func (c Cookies) Write(w http.ResponseWriter, s *Session) error {
	s.Seen = c.Now()
	return c.set(w, sessionPurpose, s, 0)
}

// Clear takes the session's cookie away.
func (c Cookies) Clear(w http.ResponseWriter) { c.clear(w, sessionPurpose) }

// Plain sets a cookie that is no secret and lasts a year.
func (c Cookies) Plain(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: c.Secure, SameSite: http.SameSiteLaxMode})
}

func (c Cookies) set(w http.ResponseWriter, purpose string, v any, age time.Duration) error {
	text, err := c.Keys.Seal(purpose, v)
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: c.name(purpose), Value: text, Path: "/", MaxAge: int(age / time.Second), HttpOnly: true, Secure: c.Secure, SameSite: http.SameSiteLaxMode})
	return nil
}

func (c Cookies) clear(w http.ResponseWriter, purpose string) {
	http.SetCookie(w, &http.Cookie{Name: c.name(purpose), Path: "/", MaxAge: -1, HttpOnly: true, Secure: c.Secure, SameSite: http.SameSiteLaxMode})
}

// Ended are the sessions that were signed out of, so that their cookies are of no more use, as long as those could have been. It is lost with the process.
type Ended struct {
	now func() time.Time
	mu  sync.Mutex
	at  map[string]time.Time
}

// NewEnded has none.
func NewEnded(now func() time.Time) *Ended { return &Ended{now: now, at: map[string]time.Time{}} }

// Add ends a session.
func (e *Ended) Add(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.now()
	for k, at := range e.at {
		if now.Sub(at) > Longest {
			delete(e.at, k)
		}
	}
	e.at[id] = now
}

// Has tells whether a session was ended.
func (e *Ended) Has(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, ended := e.at[id]
	return ended
}
