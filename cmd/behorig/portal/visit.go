package portal

import (
	"bytes"
	"net"
	"net/http"
	"strings"

	"github.com/behorig/behorig/cmd/behorig/portal/signin"
	"github.com/behorig/behorig/schema"
)

// visit is one request: who asks, in which language, and the state of things that the answer is drawn from.
type visit struct {
	p *Portal
	w http.ResponseWriter
	r *http.Request

	Viewer  *Viewer // nil: nobody is signed in, on the few pages that are open
	Lang    string  // sv or en
	Now     *Now
	Partial bool // htmx asks for a part of a page

	session *signin.Session
	status  int // of the page; 0: 200
	written bool
}

// t is a word of the tables, with pairs of a name and what stands for {name}.
func (x *visit) t(key string, pairs ...any) string { return x.p.renderer.say(x.Lang, key, pairs...) }

// flash is said on the next page that is shown: kind is ok, note, wait or stop.
func (x *visit) flash(kind string, text schema.Text) {
	x.session.Flash = &signin.Flash{Kind: kind, Text: text.In(x.Lang)}
}

// page answers with a whole page: templates/<name>.html within the layout.
func (x *visit) page(name string, title schema.Text, data any) error {
	var out bytes.Buffer
	s := &sheet{X: x, Name: name, Title: title.In(x.Lang), Data: data, Flash: x.session.Flash}
	if err := x.p.renderer.page(&out, x, name, s); err != nil {
		return err
	}
	x.session.Flash = nil
	return x.write(&out)
}

// pageWith is page with another status than 200, as 422 for a form that is to be mended.
func (x *visit) pageWith(status int, name string, title schema.Text, data any) error {
	x.status = status
	return x.page(name, title, data)
}

// partial answers with the template called name, of any templates/part-*.html, for htmx.
func (x *visit) partial(name string, data any) error {
	var out bytes.Buffer
	if err := x.p.renderer.partial(&out, x, name, data); err != nil {
		return err
	}
	return x.write(&out)
}

func (x *visit) write(out *bytes.Buffer) error {
	if err := x.keep(); err != nil {
		return err
	}
	h := x.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", x.Lang)
	h.Add("Vary", "HX-Request")
	x.written = true
	if x.status != 0 {
		x.w.WriteHeader(x.status)
	}
	_, _ = x.w.Write(out.Bytes()) // who asked may be gone
	return nil
}

// keep puts the session into its cookie.
func (x *visit) keep() error { return x.p.cookies().Write(x.w, x.session) }

// redirect sends the browser to a page of these, after a form. htmx follows it as a whole page.
func (x *visit) redirect(to string) error {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
		to = "/"
	}
	if err := x.keep(); err != nil {
		return err
	}
	x.written = true
	if x.Partial {
		x.w.Header().Set("HX-Redirect", to)
		x.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(x.w, x.r, to, http.StatusSeeOther)
	return nil
}

// address is where the request comes from, for the limits.
func (x *visit) address() string {
	if x.p.Proxied {
		all := strings.Split(strings.Join(x.r.Header.Values("X-Forwarded-For"), ","), ",") // a proxy may add a line of its own below one that was sent
		if ip := net.ParseIP(strings.TrimSpace(all[len(all)-1])); ip != nil {              // the last is the one that our proxy has seen
			return ip.String()
		}
	}
	host, _, err := net.SplitHostPort(x.r.RemoteAddr)
	if err != nil {
		return x.r.RemoteAddr
	}
	return host
}

// language is what the viewer chose, or else the organisation's.
func (x *visit) language() string {
	if c, err := x.r.Cookie("language"); err == nil && (c.Value == "sv" || c.Value == "en") {
		return c.Value
	}
	if x.Now != nil && x.Now.Org.Language == "en" {
		return "en"
	}
	return "sv"
}

// name is what somebody is called to this viewer: the key alone of one whose data are protected and whom the viewer may not see.
func (x *visit) name(key string) string { return x.Now.name(x.Viewer, key) }
