package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// What somebody may see and do ends where they do.
func TestRights(t *testing.T) {
	h := newHouse(t, "falkenberg", nil)
	h.apply()

	// Somebody from elsewhere who has access in the viewer's unit for a time: the story of that alone.
	n := h.Portal.now.Load()
	const guest, host = "bo.eklof", "sabo-havsbris"
	manager := h.as(n.Org.Unit(host).Manager)
	here, elsewhere := 0, 0
	for _, g := range n.Picture.Person(guest).Grants {
		want := http.StatusNotFound
		if g.Unit == host {
			want = http.StatusOK
			here++
		} else {
			elsewhere++
		}
		manager.get("/audit/grant?"+url.Values{"system": {g.System}, "role": {g.Role}, "unit": {g.Unit}, "person": {guest}}.Encode(), want)
	}
	if here == 0 || elsewhere == 0 {
		t.Fatalf("got %d and %d grants of %s in %s and elsewhere, want some of both", here, elsewhere, guest, host)
	}

	// An auditor who is not named for protected people sees no order of one.
	p := h.as("daniel.hjortsberg")
	p.get("/order/issue?person=p4711", http.StatusOK)
	p.post("/order/issue", url.Values{"do": {"send"}, "person": {"p4711"}, "thing": {"phone"}, "label": {"T-9"}, "on": {"2026-12-01"}}, http.StatusOK)
	auditor := h.as("ingrid.malmqvist")
	sent := h.orders()
	if len(sent) != 1 {
		t.Fatalf("got %d orders, want the one of p4711", len(sent))
	}
	auditor.get("/orders/"+sent[0].Order, http.StatusNotFound)
	if page := auditor.get("/orders", http.StatusOK); strings.Contains(page, "p4711") {
		t.Error("the auditor's list of orders: got p4711 in it, want no word of them")
	}

	// Whoever was ended at once may do nothing here, signed in as they are.
	karin := h.as("karin.berg")
	karin.get("/people", http.StatusOK)
	above := h.as("ulla.brannstrom")
	above.get("/order/now?person=karin.berg", http.StatusOK)
	above.post("/order/now", url.Values{"person": {"karin.berg"}, "reason": {"slutat"}, "sure": {"on"}}, http.StatusOK)
	if err := h.Portal.refresh(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	for path, status := range map[string]int{
		"/people": http.StatusForbidden, "/order/hire": http.StatusForbidden, "/orders/" + sent[0].Order: http.StatusNotFound,
		"/review/hemtjanst-norr": http.StatusForbidden, "/people/elisabet.hallgren": http.StatusNotFound,
	} {
		karin.get(path, status)
	}
	before := len(h.orders())
	karin.post("/order/now", url.Values{"person": {"elisabet.hallgren"}, "reason": {"hämnd"}, "sure": {"on"}}, http.StatusNotFound)
	karin.post("/order/hire", newEmployee("Bulvan Ett"), http.StatusForbidden)
	if after := len(h.orders()); after != before {
		t.Errorf("got %d orders of somebody who was ended, want none", after-before)
	}
}
