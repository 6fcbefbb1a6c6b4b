package portal

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"
	"time"
)

// One household's IPv6 addresses are limited as one, and IPv4 ones by themselves.
func TestNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2::1": "2001:db8:1:2::/64", "2001:db8:1:3::1": "2001:db8:1:3::/64", "fe80::1%eth0": "fe80::/64",
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "@": "@",
	} {
		if got := network(address); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
	l := newLimits(noon)
	for i := range addressBurst {
		l.address("2001:db8::" + strconv.FormatInt(int64(i), 16))
	}
	if l.address("2001:db8::f:f:f:f") || !l.address("2001:db8:0:1::1") {
		t.Error("want the /64 stopped, and the next one let in")
	}
}

// A full table takes new addresses in, each for one that is forgotten, and without a look through all for each.
func TestLimitsFull(t *testing.T) {
	l := newLimits(noon)
	began := time.Now()
	for i := range 10 * limitsAtMost {
		key := strconv.Itoa(i)
		if !l.address(key) || l.addresses[key] == nil {
			t.Fatalf("got %d stopped or not remembered, want new ones let in and counted", i)
		}
	}
	if took := time.Since(began); took > 3*time.Second { // a look through all for each takes a minute
		t.Errorf("got %v for %d new addresses, want no look through all for each", took, 10*limitsAtMost)
	}
	if len(l.addresses) != limitsAtMost {
		t.Errorf("got %d remembered, want %d", len(l.addresses), limitsAtMost)
	}
}

// An address that asks too often is told to wait, on a page, and whoever is signed in there stays so.
func TestTooMany(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	b := h.as("karin.berg")
	for h.Portal.limits.address("127.0.0.1") {
	}
	must(t, b.get("/people", 429), "För många")
	h.Portal.limits.forget()
	must(t, b.get("/people", 200), "Inloggad som")
}

// A proxy's word is the last one, whether it adds to a line that was sent or writes one below; without a proxy of ours there is no such word.
func TestAddress(t *testing.T) {
	for name, c := range map[string]struct {
		lines   []string
		proxied bool
		want    string
	}{
		"none":            {nil, true, "192.0.2.9"},
		"one":             {[]string{"198.51.100.7"}, true, "198.51.100.7"},
		"added to a line": {[]string{"203.0.113.1, 198.51.100.7"}, true, "198.51.100.7"},
		"a line below":    {[]string{"203.0.113.1", "198.51.100.7"}, true, "198.51.100.7"},
		"both":            {[]string{"203.0.113.1", "203.0.113.2 , 198.51.100.7"}, true, "198.51.100.7"},
		"no address":      {[]string{"198.51.100.7", "unknown"}, true, "192.0.2.9"},
		"no proxy":        {[]string{"198.51.100.7"}, false, "192.0.2.9"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = "192.0.2.9:1234"
		r.Header["X-Forwarded-For"] = c.lines
		if got := (&visit{p: &Portal{Config: Config{Proxied: c.proxied}}, r: r}).address(); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// A demonstration answers by its own address and this machine's, and not by a name that somebody else has led here; in earnest the proxy before the pages sees to that.
func TestHost(t *testing.T) {
	public, err := url.Parse("http://127.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	p := &Portal{Config: Config{Public: public, Demo: &Demo{}}}
	ask := func(host string) int {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		p.secured(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
		return w.Code
	}
	for host, want := range map[string]int{
		"127.0.0.1:8080": 200, "localhost:8080": 200, "LOCALHOST:8080": 200, "[::1]:8080": 200, "127.0.0.2:8080": 200,
		"evil.example.test:8080": 421, "evil.example.test": 421, "127.0.0.1.evil.example.test:8080": 421, "localhost.evil.example.test:8080": 421, "192.0.2.1:8080": 421, "127.0.0.1:9": 421, "127.0.0.1": 421, "": 421,
	} {
		if got := ask(host); got != want {
			t.Errorf("%q: got %d, want %d", host, got, want)
		}
	}
	p.Demo = nil
	if got := ask("evil.example.test"); got != 200 {
		t.Errorf("got %d, want 200: no demonstration", got)
	}
}
