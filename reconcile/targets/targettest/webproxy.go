package targettest

import (
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/targets/kind"
)

// WebProxy is an HTTPS proxy in front of a web interface that fails as a test says.
type WebProxy struct {
	URL string // the target's, at this proxy
	CA  string // file with the authority of its certificate, in PEM

	mu       sync.Mutex
	hook     Failure
	faults   []*webFault
	requests map[string]int
}

// Failure answers a request in the target's stead where ok is true.
type Failure func(r *http.Request) (status int, header http.Header, body string, ok bool)

// NewWebProxy makes a proxy to the server of target, verified by the authorities in the file ca where that is https. It keeps the Host that
// it is asked for, so that a server which tells its address by that tells the proxy's. It passes all until it is told otherwise, and ends with the test.
func NewWebProxy(t testing.TB, target *url.URL, ca string) *WebProxy {
	t.Helper()
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16}
	if target.Scheme == "https" {
		trust, err := kind.TLS(ca, target.Hostname())
		if err != nil {
			t.Fatal(err)
		}
		transport.TLSClientConfig = trust
	}
	p := &WebProxy{requests: map[string]int{}}
	behind := &httputil.ReverseProxy{
		Transport: transport,
		Rewrite:   func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.serve(behind, w, r) }))
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		transport.CloseIdleConnections()
	})
	p.CA = filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(p.CA, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	address := *target
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	address.Scheme, address.Host = at.Scheme, at.Host
	p.URL = address.String()
	return p
}

// Fail has every request asked of f first; nil ends that.
func (p *WebProxy) Fail(f Failure) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hook = f
}

// Each of the following strikes so many times, on requests by the given methods, or by any where none is named. What was asked for first strikes first.

// Unavailable answers 503.
func (p *WebProxy) Unavailable(times int, methods ...string) {
	p.answer(times, methods, http.StatusServiceUnavailable, nil)
}

// TooMany answers 429 with a Retry-After of whole seconds, rounded up.
func (p *WebProxy) TooMany(times int, after time.Duration, methods ...string) {
	seconds := strconv.Itoa(int(math.Ceil(after.Seconds())))
	p.answer(times, methods, http.StatusTooManyRequests, http.Header{"Retry-After": {seconds}})
}

// Unauthorized answers 401, as when a token has ended.
func (p *WebProxy) Unauthorized(times int, methods ...string) {
	p.answer(times, methods, http.StatusUnauthorized, http.Header{"Www-Authenticate": {"Bearer"}})
}

// CutBody lets the target do what is asked, and closes the connection in the middle of the answer's body (of its header if it has none).
func (p *WebProxy) CutBody(times int, methods ...string) {
	p.add(&webFault{times: times, methods: methods, cut: cutInside})
}

// CutAnswer lets the target do what is asked, and closes the connection instead of answering: it happened, and nobody knows.
func (p *WebProxy) CutAnswer(times int, methods ...string) {
	p.add(&webFault{times: times, methods: methods, cut: cutWhole})
}

// CutRequest closes the connection without asking the target: it did not happen.
func (p *WebProxy) CutRequest(times int, methods ...string) {
	p.add(&webFault{times: times, methods: methods, cut: cutAsked})
}

// Requests is how many requests came by a method, by all if it is "", those that failed too.
func (p *WebProxy) Requests(method string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if method != "" {
		return p.requests[method]
	}
	sum := 0
	for n := range maps.Values(p.requests) {
		sum += n
	}
	return sum
}

// webFault is something that goes wrong a number of times: an answer of the proxy's own, or a cut.
type webFault struct {
	times   int
	methods []string
	status  int
	header  http.Header
	cut     cut
}

type cut int

const (
	cutNot cut = iota
	cutInside
	cutWhole
	cutAsked
)

func (p *WebProxy) answer(times int, methods []string, status int, header http.Header) {
	p.add(&webFault{times: times, methods: methods, status: status, header: header})
}

func (p *WebProxy) add(f *webFault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, f)
}

// next gives the fault that strikes a request, nil if none does.
func (p *WebProxy) next(r *http.Request) *webFault {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.faults {
		if f.times > 0 && (len(f.methods) == 0 || slices.Contains(f.methods, r.Method)) {
			f.times--
			return f
		}
	}
	return nil
}

func (p *WebProxy) serve(behind http.Handler, w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.requests[r.Method]++
	hook := p.hook
	p.mu.Unlock()
	if hook != nil {
		if status, header, body, ok := hook(r); ok {
			reply(w, status, header, body)
			return
		}
	}
	fault := p.next(r)
	switch {
	case fault == nil:
		behind.ServeHTTP(w, r)
	case fault.status != 0:
		reply(w, fault.status, fault.header, http.StatusText(fault.status)+"\n")
	case fault.cut == cutAsked:
		hangUp(w, "")
	default:
		answer := httptest.NewRecorder()
		behind.ServeHTTP(answer, r)
		part := ""
		if fault.cut == cutInside {
			part = half(answer)
		}
		hangUp(w, part)
	}
}

func reply(w http.ResponseWriter, status int, header http.Header, body string) {
	maps.Copy(w.Header(), header)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

// half is an answer as it is sent, up to the middle of its body.
func half(answer *httptest.ResponseRecorder) string {
	body := answer.Body.String()
	head := fmt.Sprintf("HTTP/1.1 %d %s\r\n", answer.Code, http.StatusText(answer.Code))
	if body == "" {
		return head
	}
	for _, name := range slices.Sorted(maps.Keys(answer.Header())) {
		if name == "Content-Length" || name == "Transfer-Encoding" {
			continue
		}
		for _, value := range answer.Header()[name] {
			head += name + ": " + value + "\r\n"
		}
	}
	return fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", head, len(body), body[:len(body)/2])
}

// hangUp sends some text and closes the connection.
func hangUp(w http.ResponseWriter, text string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(conn, text)
	_ = conn.Close()
}
