package helpdesk_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// fault is what goes wrong with a call.
type fault string

const (
	none      fault = ""
	before    fault = "cut before the effect"
	after     fault = "cut after the effect"
	busy      fault = "503"
	forbidden fault = "403"
	busyAfter fault = "503 after the effect"
	slow      fault = "slower than anybody waits"
)

// proxy stands before RT, counts calls and spoils those that it is told to.
type proxy struct {
	*httptest.Server
	mu    sync.Mutex
	calls []string
	spoil func(*http.Request) fault
}

// between puts a proxy before a place's RT.
func between(t *testing.T, p *place) *proxy {
	x := &proxy{}
	x.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x.mu.Lock()
		x.calls = append(x.calls, r.Method+" "+r.URL.Path)
		what := none
		if x.spoil != nil {
			what = x.spoil(r)
		}
		x.mu.Unlock()
		switch what {
		case before:
			panic(http.ErrAbortHandler)
		case forbidden:
			w.WriteHeader(http.StatusForbidden)
			return
		case busy:
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		q, err := http.NewRequest(r.Method, p.vars["URL"]+r.URL.RequestURI(), r.Body)
		if err != nil {
			panic(err)
		}
		q.Header = r.Header.Clone()
		answer, err := http.DefaultTransport.RoundTrip(q)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer answer.Body.Close()
		if what == slow {
			<-r.Context().Done()
		}
		if what == after {
			panic(http.ErrAbortHandler)
		}
		if what == busyAfter {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		for k, v := range answer.Header {
			w.Header()[k] = v
		}
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
	}))
	t.Cleanup(x.Close)
	p.address = x.URL
	return x
}

// on sets what is spoilt from now on, and forgets the calls so far.
func (x *proxy) on(spoil func(*http.Request) fault) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.calls, x.spoil = nil, spoil
}

// called is how many calls there were since then.
func (x *proxy) called() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.calls)
}

// first spoils the first call of a method.
func first(method string, what fault) func(*http.Request) fault {
	spoilt := false
	return func(r *http.Request) fault {
		if spoilt || r.Method != method {
			return none
		}
		spoilt = true
		return what
	}
}
