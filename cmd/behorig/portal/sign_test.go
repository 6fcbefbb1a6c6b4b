package portal

import (
	"net/url"
	"strings"
	"testing"
)

// Whoever signs in is shown their room, nobody else is shown anything, and a session that was ended is of no more use.
func TestSignIn(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	n := h.nobody()
	if got := n.get("/", 200); !strings.Contains(got, "/sign-in/demo") {
		t.Errorf("got %.300s, want to be asked who one is", got)
	}
	n.post("/sign-in/demo", url.Values{"person": {"nobody.at-all"}}, 404)
	n.post("/sign-in/demo", url.Values{"person": {"frida.lind"}, "_token": {"0"}}, 403)
	h.as("frida.lind").get("/healthz", 200)
}
