package portal

import (
	"errors"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/behorig/behorig/cmd/behorig/portal/signin"
	"github.com/behorig/behorig/schema"
)

// route is one page or action. A POST is served only with the form token of its session.
type route struct {
	Pattern string // as of [http.ServeMux]
	Serve   func(*Portal, *visit) error
}

// rooms are all pages, each room with its own file and table.
var rooms = [][]route{signRoutes, homeRoutes, demoRoutes, peopleRoutes, orderRoutes, reviewRoutes, workRoutes, systemsRoutes, auditRoutes}

// open are the routes that need nobody signed in.
var open = map[string]bool{
	"GET /sign-in": true, "GET /sign-in/begin": true, "GET /sign-in/callback": true, "POST /sign-in/demo": true, "GET /signed-out": true, "POST /language": true,
}

// large are the routes whose bodies may hold a pasted table or a list of users.
var large = map[string]bool{"POST /work/lists/{system}": true, "POST /work/lists/{system}/take": true, "POST /review/{unit}": true}

const (
	formBytes  = 64 << 10
	tableBytes = 1 << 20
)

// serve wraps a route: who asks, how often, how much, and what an error becomes.
func (p *Portal) serve(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		x := &visit{p: p, w: w, r: req, Now: p.now.Load(), Partial: req.Header.Get("HX-Request") == "true"}
		x.Lang = x.language()
		began := p.Now()
		defer func() {
			if v := recover(); v != nil {
				p.broken(x, r.Pattern, "panic", debug.Stack())
			}
		}()
		err := p.answer(x, r)
		if err != nil {
			x.fail(err, r.Pattern)
		}
		p.Log.Debug("served", "route", r.Pattern, "took", p.Now().Sub(began).Round(time.Millisecond).String())
	})
}

func (p *Portal) answer(x *visit, r route) error {
	x.session = p.session(x.r)
	if !p.limits.address(x.address()) {
		return errTooMany
	}
	if x.session.Person != "" {
		x.Viewer = x.Now.viewer(x.session.Person)
		if !p.limits.person(x.session.Person) {
			return errTooMany
		}
	}
	if x.r.Method == http.MethodPost {
		if err := x.readForm(large[r.Pattern]); err != nil {
			return err
		}
		if !x.session.Checks(x.formToken()) {
			return errToken
		}
	}
	if x.Viewer == nil && !open[r.Pattern] {
		return p.toSignIn(x)
	}
	return r.Serve(p, x)
}

// session is who the cookie says, or a new one of nobody.
func (p *Portal) session(r *http.Request) *signin.Session {
	s, err := p.cookies().Read(r)
	if err != nil || p.ended.Has(s.ID) {
		return signin.NewSession(p.Config.Now())
	}
	return s
}

func (p *Portal) cookies() signin.Cookies {
	return signin.Cookies{Keys: p.Keys, Secure: p.Public.Scheme == "https", Now: p.Config.Now}
}

// toSignIn sends somebody who is not signed in there; what is only a part of a page is reloaded whole.
func (p *Portal) toSignIn(x *visit) error {
	if x.Partial {
		x.w.Header().Set("HX-Refresh", "true")
		x.w.WriteHeader(http.StatusUnauthorized)
		return nil
	}
	if x.r.Method == http.MethodGet && x.r.URL.Path != "/" {
		x.session.Back = x.r.URL.RequestURI()
	}
	return x.redirect("/sign-in")
}

func (p *Portal) nowhere(*visit) error { return errNotFound }

// shown is an error that is a page of its own: what is wrong, and what to do.
type shown struct {
	status      int
	Title, Text schema.Text
	retry       bool
}

func (e *shown) Error() string { return e.Title.En }

// errorPage is what such a page is drawn of.
type errorPage struct {
	Title, Text schema.Text
	Number      string
}

// Errors that are pages.
var (
	errNotFound = &shown{status: http.StatusNotFound, Title: shellWords["not-found"], Text: shellWords["not-found-do"]}
	errTooMany  = &shown{status: http.StatusTooManyRequests, Title: shellWords["too-many"], Text: shellWords["too-many-do"], retry: true}
	errToken    = &shown{status: http.StatusForbidden, Title: shellWords["token"], Text: shellWords["token-do"]}
	errTooLarge = &shown{status: http.StatusRequestEntityTooLarge, Title: shellWords["too-large"], Text: shellWords["too-large-do"]}
	errBadForm  = &shown{status: http.StatusBadRequest, Title: shellWords["bad-form"], Text: shellWords["bad-form-do"]}
)

// notFound is that there is no such thing, or none that the viewer may see: the two are not told apart.
func notFound() error { return errNotFound }

// forbidden is that the viewer may not; the text says why and whom to ask.
func forbidden(text schema.Text) error {
	return &shown{status: http.StatusForbidden, Title: shellWords["forbidden"], Text: text}
}

// trouble is that something cannot be done now; the text says what to do.
func trouble(title, text schema.Text) error {
	return &shown{status: http.StatusServiceUnavailable, Title: title, Text: text}
}

// fail shows an error as a page.
func (x *visit) fail(err error, pattern string) {
	var e *shown
	if !errors.As(err, &e) {
		x.p.broken(x, pattern, schema.Mask(err.Error()), nil)
		return
	}
	if e.retry {
		x.w.Header().Set("Retry-After", "10")
	}
	x.status = e.status
	if err := x.page("error", e.Title, errorPage{e.Title, e.Text, ""}); err != nil {
		http.Error(x.w, strings.TrimSpace(e.Title.In(x.Lang)), e.status)
	}
}

// broken is an error of the program's own: a page with a number, and what it was in the log beside that number.
func (p *Portal) broken(x *visit, pattern, reason string, stack []byte) {
	number := signin.Random(4)
	p.Log.Error("a page could not be shown", "number", number, "route", pattern, "reason", reason, "stack", string(stack))
	x.status = http.StatusInternalServerError
	if x.written {
		return
	}
	if x.session == nil {
		x.session = signin.NewSession(p.Config.Now())
	}
	if err := x.page("error", shellWords["broken"], errorPage{shellWords["broken"], shellWords["broken-do"], number}); err != nil {
		http.Error(x.w, x.t("broken")+" "+number, http.StatusInternalServerError)
	}
}
