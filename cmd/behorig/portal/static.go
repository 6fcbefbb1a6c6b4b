package portal

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
)

//go:embed static
var staticFiles embed.FS

// assets are the addresses of static files: with what is in them, so that a browser keeps them for good and never has an old one.
func assets() (map[string]string, error) {
	all := map[string]string{}
	entries, err := fs.ReadDir(staticFiles, "static")
	for _, e := range entries {
		raw, err := staticFiles.ReadFile("static/" + e.Name())
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(raw)
		all[e.Name()] = "/static/" + e.Name() + "?" + hex.EncodeToString(sum[:6])
	}
	return all, err
}

func (p *Portal) static() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := path.Base(r.URL.Path)
		raw, err := staticFiles.ReadFile("static/" + name)
		if err != nil || r.URL.Path != "/static/"+name {
			http.NotFound(w, r)
			return
		}
		if r.URL.RawQuery != "" {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			w.Header().Set("Cache-Control", "public, max-age=3600")
		}
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(raw))
	})
}

// secured says to browsers what a page may do: fetch from here and nowhere else, run no script that is in the page, stand in nobody's frame, and be kept nowhere.
func (p *Portal) secured(next http.Handler) http.Handler {
	action := "'self'"
	if p.Provider != nil {
		if u, err := url.Parse(p.Provider.Issuer()); err == nil {
			action += " " + u.Scheme + "://" + u.Host // signing in and out ends there, by a redirect of a form
		}
	}
	csp := strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'", "form-action " + action,
		"frame-ancestors 'none'", "base-uri 'none'",
	}, "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", csp)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin") // no-referrer would make the Origin of our own forms null
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if p.Public.Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		h.Set("Cache-Control", "no-store")
		if p.Demo != nil && !p.here(r) {
			http.Error(w, "Den här demonstrationen svarar bara på den här datorn: öppna "+p.Public.String()+"\nThis demonstration answers on this machine alone: open "+p.Public.String(), http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// here tells whether a request names the pages by their own address, or this machine by one that nobody else can give it. A demonstration lets anybody be anybody:
// without this a site elsewhere could have its own name lead to this machine, and then read all of it in the browser of whoever tries the pages.
func (p *Portal) here(r *http.Request) bool {
	if strings.EqualFold(r.Host, p.Public.Host) {
		return true
	}
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, port = strings.Trim(r.Host, "[]"), ""
	}
	served := p.Public.Port()
	if at, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		if _, real, err := net.SplitHostPort(at.String()); err == nil {
			served = real // --listen may have left the port to the system
		}
	}
	ip := net.ParseIP(host)
	return (strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()) && (port == served || port == "" && served == "80")
}
