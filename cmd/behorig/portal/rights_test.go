package portal

import (
	"maps"
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

	// Of an order for two, each of two managers sees their own; whoever gave it, and an auditor, sees both.
	files := h.files(newEmployee("Tora Norrman"), "")
	maps.Copy(files, h.files(atSolhaga("Stig Solman"), ""))
	const both = "00000000000000c1"
	h.propose(both, "ulla.brannstrom", h.Portal.now.Load().tip, files)
	h.refresh()
	for who, want := range map[string][2]bool{"karin.berg": {true, false}, "jan.ovesson": {false, true}, "ulla.brannstrom": {true, true}, "ingrid.malmqvist": {true, true}} {
		b := h.as(who)
		for _, path := range []string{"/orders/" + both, "/orders"} {
			page := b.get(path, http.StatusOK)
			if who == "ingrid.malmqvist" && path == "/orders" {
				continue // is asked for under audit
			}
			if got := [2]bool{strings.Contains(page, "Norrman"), strings.Contains(page, "Solman")}; got != want {
				t.Errorf("%s, %s: got the two shown %v, want %v", who, path, got, want)
			}
			if some := want[0] != want[1]; some != strings.Contains(page, "och 1 till") {
				t.Errorf("%s, %s: got it said of one more: %t, want %t", who, path, !some, some)
			}
		}
	}

	// Of a deputy whose data are protected nothing is told but what is told of nobody.
	for kind, form := range map[string]url.Values{
		"deputy":   {"unit": {"hemtjanst-norr"}, "from": {"2027-02-01"}, "until": {"2027-02-14"}},
		"handover": {"units": {"hemtjanst-norr"}, "manager": {"karin.berg"}},
	} {
		field := map[string]string{"deputy": "person", "handover": "to"}[kind]
		b := h.as("karin.berg")
		var said []string
		for _, key := range []string{"p4711", "p9999"} {
			form.Set(field, key)
			b.get("/order/"+kind, http.StatusOK)
			form.Del("_token")
			said = append(said, strings.ReplaceAll(plainText(b.post("/order/"+kind+"/check", form, http.StatusOK)), key, "KEY"))
		}
		if said[0] != said[1] || !strings.Contains(said[0], "personen finns inte här") {
			t.Errorf("%s: got\n%s\nof somebody protected and\n%s\nof nobody, want the same", kind, said[0], said[1])
		}
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
