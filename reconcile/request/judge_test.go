package request_test

import (
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// What somebody else has to approve waits for them, and is named with what they are asked; it stops nothing.
func TestApprovals(t *testing.T) {
	src := falkenberg(t)
	lend := &request.Lend{Person: "fatima.noorzai", Unit: "sabo-solhaga", Roles: []string{"combine/utforare"}, From: day("2026-12-01"), Until: day("2026-12-14"), Reason: "Natt"}
	v := judge(t, src, "karin.berg", lend)
	same(t, "lent by her own manager", lines(v), []string{"wait ordered-by fatima.noorzai → jan.ovesson"})
	same(t, "approvers", v.Approvers, []string{"jan.ovesson"})
	same(t, "what", v.Hindrances[0].What.Sv+"; "+v.Hindrances[0].Do.Sv, "beställningen gäller Solhaga, där någon annan bestämmer; skicka den; den väntar tills någon av dessa har godkänt den: jan.ovesson")
	same(t, "name", v.Names["jan.ovesson"], "Jan Ovesson")
	same(t, "lent by somebody above both", lines(judge(t, src, "birgitta.sjolund", lend)), []string(nil))
	same(t, "she may ask for it", request.May(src.Org, "karin.berg", lend, src.On), true)

	move := &request.Move{Person: "fatima.noorzai", Unit: "hemtjanst-soder", From: day("2026-12-15"), Choice: request.Choice{Packages: []string{"hemtjanst"}}}
	south := src.Org.Units["hemtjanst-soder"].Manager
	same(t, "moved by the old manager", judge(t, src, "karin.berg", move).Approvers, []string{south})
	if v := judge(t, src, south, move); v.Stops() || v.Approvers != nil {
		t.Errorf("moved by the new manager: got %v, want that she may end the old employment too", lines(v))
	}
	same(t, "the new manager may", request.May(src.Org, south, move, src.On), true)

	deputy := &request.Deputy{Unit: "hemtjanst-norr", Person: "omar.haddad", From: day("2026-12-20"), Until: day("2027-01-10")}
	v = judge(t, src, "karin.berg", deputy)
	same(t, "deputy", lines(v), []string{"wait ordered-by  → birgitta.sjolund lars-erik.holm"})
	same(t, "owners of units", v.Approvers, []string{"birgitta.sjolund", "lars-erik.holm"})
	if v := judge(t, src, "birgitta.sjolund", deputy); len(v.Hindrances) > 0 {
		t.Errorf("got %v, want nothing in the way of an owner of units", lines(v))
	}
}

// A privileged role waits for two who are neither the orderer nor the holder.
func TestSecondApproval(t *testing.T) {
	src := town(t, map[string]string{"bo.ek": bo})
	r := &request.Add{Person: "bo.ek", Employment: "hemtjanst-norr@2020-11-09", Choice: request.Choice{Roles: []string{"appva-mcss/admin"}}}
	v := judge(t, src, "karin.berg", r)
	if v.Stops() || len(v.Hindrances) != 1 || v.Hindrances[0].Rule != "second-approval" || len(v.Approvers) < 2 {
		t.Fatalf("got %v with approvers %v, want an order that waits for two", lines(v), v.Approvers)
	}
	for _, who := range v.Approvers {
		if who == "karin.berg" || who == "bo.ek" || !src.Org.Knows(who) {
			t.Errorf("got %s among the approvers %v", who, v.Approvers)
		}
	}
	if !strings.Contains(v.Hindrances[0].Do.Sv, "tills två av dessa") {
		t.Errorf("got %q, want two to be asked", v.Hindrances[0].Do.Sv)
	}
	// The approvals that are named are those that the merge request is then held to.
	f := files(t, src, r)
	head, err := src.Org.WithPeople(request.Apply(src.Org.Files(), f), []string{f[0].Path})
	if err != nil {
		t.Fatal(err)
	}
	merge := reconcile.Merge{Base: src, Head: head, Changed: []string{f[0].Path}, Approvers: v.Approvers[:2], Commits: []reconcile.Commit{{ID: "c", Signer: "karin.berg", Paths: []string{f[0].Path}}}}
	review, err := merge.Review(t.Context())
	if err != nil || len(review.Findings) > 0 {
		t.Errorf("got %v, error %v, want nothing once two have approved", review.Findings, err)
	}
}

// Whoever is named as an approver of a lend settles it.
func TestApproversSettle(t *testing.T) {
	src := falkenberg(t)
	for _, unit := range []string{"sabo-solhaga", "gruppbostad-alen", "hsl-team-norr", "stab"} {
		r := &request.Lend{Person: "fatima.noorzai", Unit: unit, Roles: []string{"df-respons/rapportor"}, From: day("2026-12-01"), Until: day("2026-12-14"), Reason: "Natt"}
		f := files(t, src, r)
		v := judge(t, src, "karin.berg", r)
		if len(v.Approvers) == 0 {
			t.Errorf("%s: got nobody to approve it", unit)
		}
		head, err := src.Org.WithPeople(request.Apply(src.Org.Files(), f), []string{f[0].Path})
		if err != nil {
			t.Fatal(err)
		}
		for _, who := range v.Approvers {
			merge := reconcile.Merge{Base: src, Head: head, Changed: []string{f[0].Path}, Approvers: []string{who}, Commits: []reconcile.Commit{{ID: "c", Signer: "karin.berg", Paths: []string{f[0].Path}}}}
			review, err := merge.Review(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range review.Findings {
				if found.Severity == "deny" {
					t.Errorf("%s approved by %s: got %s", unit, who, found.Message.En)
				}
			}
		}
	}
}

// What stood in somebody's way before is not said of an order that does not bring it.
func TestOldFindings(t *testing.T) {
	unread := strings.Replace(bo, "guideline: {edition: \"2025-03\", read: 2026-05-06}\n", "", 1)
	src := town(t, map[string]string{"bo.ek": unread})
	r := &request.Issue{Person: "bo.ek", Thing: "phone", Label: "T-2", On: day("2026-11-20")}
	if v := judge(t, src, "karin.berg", r); len(v.Hindrances) > 0 {
		t.Errorf("got %v, want nothing that the order does not bring", lines(v))
	}
	r2 := &request.Add{Person: "bo.ek", Employment: "hemtjanst-norr@2020-11-09", Choice: request.Choice{Roles: []string{"v-katalogen/las"}}}
	if v := judge(t, src, "karin.berg", r2); len(v.Hindrances) != 1 || v.Hindrances[0].Rule != "guideline" || len(v.Hindrances[0].Keys) != 1 {
		t.Errorf("got %v, want the new role's own guideline alone", v.Hindrances)
	}
}

// A file that no longer loads stops its order, with the place of the fault.
func TestFaults(t *testing.T) {
	src := falkenberg(t)
	f := files(t, src, hire())
	f[0].Raw = append(f[0].Raw, "colour: red\n"...)
	v, err := request.Judge(t.Context(), src, "karin.berg", f)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "hindrances", lines(v)[0], "stop format maja.agren →")
	if do := v.Hindrances[0].Do.En; !strings.Contains(do, "people/hemtjanst/maja.agren.yaml, line 15") {
		t.Errorf("got %q, want the place", do)
	}
	raw, ok := schema.ReadText(src.Org.Files(), "units/stab/stab.yaml")
	if !ok {
		t.Fatal("no such unit")
	}
	v, err = request.Judge(t.Context(), src, "birgitta.sjolund", []request.File{{Path: "units/stab/stab.yaml", Raw: []byte(raw + "colour: red\n")}})
	if err != nil || !v.Stops() || v.Hindrances[0].Rule != "format" {
		t.Errorf("got %+v, error %v, want a unit that does not load to stop", v, err)
	}
}

// A glance says what judging says, of orders with and without what must be nobody else's, and of such as somebody else has.
func TestGlance(t *testing.T) {
	src := town(t, map[string]string{"bo.ek": bo})
	var others []request.File // taken out, so that judging everybody takes less time
	for _, key := range src.Org.PersonKeys() {
		if path := src.Org.Path(key); !strings.Contains(path, "/hemtjanst/") {
			others = append(others, request.File{Path: path})
		}
	}
	org, err := schema.Load(request.Apply(src.Org.Files(), others))
	if err != nil {
		t.Fatal(err)
	}
	src.Org, src.Engine = org, src.Engine.For(org)
	desire, err := reconcile.Judge(t.Context(), src.Org, src.Engine, src.On)
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*request.Hire)) *request.Hire {
		r := hire()
		change(r)
		return r
	}
	compared := 0
	for i, r := range []request.Request{
		hire(),
		with(func(r *request.Hire) { r.Cards, r.Read = nil, 0 }),
		with(func(r *request.Hire) { r.Login, r.HSAID, r.EmployeeID = "maag2612", "SE5560000000-ZZ9", "998877" }),
		with(func(r *request.Hire) { r.Login = "ny1234"; r.Unit, r.Packages = "sabo-solhaga", []string{"sabo"} }),
		with(func(r *request.Hire) { r.Login = "FANO2469" }),
		with(func(r *request.Hire) { r.Login, r.HSAID = "fano2469", "SE5560000000-P1481" }),
		with(func(r *request.Hire) { r.Login = "karin.berg" }), // a key, and no login
		&request.Details{Person: "bo.ek", Login: "boek1234"},
		&request.Details{Person: "bo.ek", Login: "fano2469", HSAID: "SE5560000000-Q1"},
		&request.Details{Person: "fatima.noorzai", HSAID: "SE5560000000-H2024"},
		&request.End{Person: "bo.ek", Last: day("2026-11-30")},
		&request.Deputy{Unit: "hemtjanst-norr", Person: "omar.haddad", From: day("2026-12-20"), Until: day("2027-01-10")},
	} {
		by := []string{"karin.berg", "jan.ovesson"}[i%2]
		f := files(t, src, r)
		want, err := request.Judge(t.Context(), src, by, f)
		if err != nil {
			t.Fatal(err)
		}
		got, err := request.Glance(t.Context(), src, by, f, desire.Marks)
		if err != nil {
			t.Fatal(err)
		}
		same(t, r.Kind()+" by "+by, got, want)
		compared += len(want.Hindrances)
	}
	if compared < 10 {
		t.Errorf("got %d hindrances, want enough to compare", compared)
	}
}

// That nobody would be left with a role that somebody must have is told before the order is sent.
func TestLastHolder(t *testing.T) {
	src := falkenberg(t)
	remove := func(key string) *request.Remove {
		return &request.Remove{Person: key, Lines: []string{"appva-mcss/admin"}}
	}
	src = merged(t, src, remove("frida.lind"))
	v := judge(t, src, "birgitta.sjolund", remove("ingrid.malmqvist"))
	same(t, "hindrances", lines(v), []string{"stop at-least  → ingrid.malmqvist"})
	if h := v.Hindrances[0]; !strings.Contains(h.Do.Sv, "åt någon annan först") {
		t.Errorf("got %q, want what to do in the page", h.Do.Sv)
	}
}
