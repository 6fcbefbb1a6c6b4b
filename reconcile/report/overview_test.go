package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

const (
	hostile   = `<script>alert("1")</script>`
	protected = "Astrid Hemlig"
	stray     = `199001012385"><img src=x>`
)

func day(t *testing.T, s string) schema.Date {
	t.Helper()
	d, err := schema.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// sampleOrg has two units, one below the other, two systems and four people: one with a hostile name, one protected, one who has left.
func sampleOrg(t *testing.T) *schema.Org {
	t.Helper()
	person := func(name, more string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("name: " + name + "\n" + more)}
	}
	work := "employments: [{unit: norr, form: permanent, from: 2026-01-01, title: '" + hostile + "', access: [{system: alfa, role: las}, {system: alfa, role: skriv, from: 2027-01-15}]}]\n"
	org, err := schema.Load(fstest.MapFS{
		"behorig.yaml":        {Data: []byte("organisation: '" + hostile + "'\n")},
		"targets.yaml":        {Data: []byte("targets: {lista: {kind: worklist}}\nsystems: {alfa: {target: lista}, beta: {target: lista}}\n")},
		"units/topp.yaml":     {Data: []byte("name: Ö-toppen\nmanager: ada\n")},
		"units/norr.yaml":     {Data: []byte("name: '" + hostile + "'\nparent: topp\nmanager: skyddad\n")},
		"systems/alfa.yaml":   {Data: []byte("name: Alfa\nowner: ada\ndesk: soc-it\nroles: {las: {name: Läsa}, skriv: {name: '" + hostile + "'}}\n")},
		"systems/beta.yaml":   {Data: []byte("name: Beta\nowner: nobody\ndesk: soc-it\nroles: {las: {}}\n")},
		"people/ada.yaml":     person("'"+hostile+"'", work),
		"people/skyddad.yaml": person(protected, "protected: true\n"+work),
		"people/gone.yaml":    person("Gustav Gången", "employments: [{unit: norr, form: permanent, from: 2020-01-01, until: 2020-12-31}]\n"),
		"people/left.yaml":    person("Lena Lämnat", "employments: [{unit: norr, form: hourly, from: 2026-01-01, until: 2026-12-01}]\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return org
}

func key(person, system, role, unit string) schema.Key {
	return schema.Key{System: system, Role: role, Unit: unit, Person: person}
}

// samplePlan is a plan with nothing in it but names.
func samplePlan(t *testing.T) *reconcile.Plan {
	return &reconcile.Plan{
		Commit: "abc", On: day(t, "2026-12-20"), Have: schema.State{}, Owned: schema.State{},
		Desire: &reconcile.Desire{People: 4, Names: map[string]string{"ada": hostile, "skyddad": "skyddad", "left": "Lena Lämnat"}, Why: map[schema.Key][]string{}},
	}
}

func TestState(t *testing.T) {
	k := key("ada", "alfa", "las", "norr")
	near, far := schema.Grant{Until: day(t, "2027-02-01")}, schema.Grant{}
	past := day(t, "2026-12-10")
	have := func(g schema.Grant) func(*reconcile.Plan) { return func(p *reconcile.Plan) { p.Have[k] = g } }
	order := func(o reconcile.Order) func(*reconcile.Plan) {
		return func(p *reconcile.Plan) { o.Key, o.ID = k, 7; p.Orders = append(p.Orders, o) }
	}
	change := func(c reconcile.Change) func(*reconcile.Plan) {
		return func(p *reconcile.Plan) {
			c.Key = k
			p.Changes = append(p.Changes, reconcile.Step{Change: c, Cause: reconcile.Ordered})
		}
	}
	held := func(cause reconcile.Cause, c reconcile.Change) func(*reconcile.Plan) {
		return func(p *reconcile.Plan) {
			c.Key = k
			p.Held = append(p.Held, reconcile.Step{Change: c, Cause: cause, Rules: []string{"siths"}})
		}
	}
	give, take, renew := reconcile.Change{To: &far}, reconcile.Change{From: &far}, reconcile.Change{From: &near, To: &far}
	type got struct {
		State            State
		Held, Late, Soon bool
	}
	for name, c := range map[string]struct {
		plan []func(*reconcile.Plan)
		want got
	}{
		"in the system":                     {[]func(*reconcile.Plan){have(far)}, got{Held, true, false, false}},
		"in the system, ends soon":          {[]func(*reconcile.Plan){have(near)}, got{Held, true, false, true}},
		"ends on the last day of warning":   {[]func(*reconcile.Plan){have(schema.Grant{Until: day(t, "2027-02-18")})}, got{Held, true, false, true}},
		"ends the day after that":           {[]func(*reconcile.Plan){have(schema.Grant{Until: day(t, "2027-02-19")})}, got{Held, true, false, false}},
		"ordered, the listing counts it":    {[]func(*reconcile.Plan){have(near), order(reconcile.Order{Change: reconcile.Change{To: &near}})}, got{Waiting, false, false, false}},
		"ordered, overdue":                  {[]func(*reconcile.Plan){have(far), order(reconcile.Order{Change: give, Due: past})}, got{Waiting, false, true, false}},
		"revoke ordered, listing lacks it":  {[]func(*reconcile.Plan){order(reconcile.Order{Change: take})}, got{Leaving, true, false, false}},
		"new last day ordered":              {[]func(*reconcile.Plan){have(far), order(reconcile.Order{Change: renew})}, got{Waiting, true, false, false}},
		"to be given":                       {[]func(*reconcile.Plan){change(give)}, got{Due, false, false, false}},
		"to be taken":                       {[]func(*reconcile.Plan){have(far), change(take)}, got{Leaving, true, false, false}},
		"to be taken before it was done":    {[]func(*reconcile.Plan){have(far), order(reconcile.Order{Change: give}), change(take)}, got{Cancelled, false, false, false}},
		"withheld":                          {[]func(*reconcile.Plan){held(reconcile.ByPolicy, give)}, got{Withheld, false, false, false}},
		"refused":                           {[]func(*reconcile.Plan){held(reconcile.ByDesk, give), order(reconcile.Order{Change: give, Refused: true})}, got{Refused, false, false, false}},
		"removal refused: still there":      {[]func(*reconcile.Plan){have(far), held(reconcile.ByDesk, take)}, got{Refused, true, false, false}},
		"removal stopped: still there":      {[]func(*reconcile.Plan){have(far), held(reconcile.ByGuard, take)}, got{Stopped, true, false, false}},
		"nobody ordered it":                 {[]func(*reconcile.Plan){have(far), func(p *reconcile.Plan) { p.Unordered = []reconcile.Unordered{{Key: k, Left: true}} }}, got{Unordered, true, false, false}},
		"ordered by a line, nowhere to see": {nil, got{Unknown, false, false, false}},
	} {
		p := samplePlan(t)
		for _, f := range c.plan {
			f(p)
		}
		o, err := NewOverview(sampleOrg(t), p)
		if err != nil {
			t.Fatal(err)
		}
		mine := o.byKey["ada"].Access
		i := slices.IndexFunc(mine, func(a Access) bool { return a.Key == k })
		if i < 0 {
			t.Errorf("%s: not shown", name)
			continue
		}
		if diff := cmp.Diff(got{mine[i].State, mine[i].Held, mine[i].Late, mine[i].Soon}, c.want); diff != "" {
			t.Errorf("%s: (-got +want)\n%s", name, diff)
		}
	}
}

func TestAccountIsShownWhereItSaysMore(t *testing.T) {
	p := samplePlan(t)
	account, role := key("ada", "alfa", "", ""), key("ada", "alfa", "las", "norr")
	bare := key("left", "beta", "", "")
	p.Have = schema.State{account: {}, role: {}, bare: {}}
	o, err := NewOverview(sampleOrg(t), p)
	if err != nil {
		t.Fatal(err)
	}
	shown := func(k schema.Key) bool {
		return slices.ContainsFunc(o.byKey[k.Person].Access, func(a Access) bool { return a.Key == k })
	}
	if shown(account) || !shown(role) || !shown(bare) {
		t.Errorf("shown: account beside its role %t, role %t, bare account %t; want false, true, true", shown(account), shown(role), shown(bare))
	}
	if o.All.Held != 2 {
		t.Errorf("got %d held, want 2: an account and its role are one thing", o.All.Held)
	}
}

// fullPlan has something in every part of the page.
func fullPlan(t *testing.T) *reconcile.Plan {
	p := samplePlan(t)
	g, soon := schema.Grant{Source: "people/ada.yaml:3"}, schema.Grant{Until: day(t, "2026-12-31")}
	withheld := key("skyddad", "alfa", "las", "norr")
	p.Have = schema.State{key("ada", "alfa", "las", "norr"): soon, key(stray, "alfa", "las", ""): {}}
	p.Unordered = []reconcile.Unordered{{Key: key(stray, "alfa", "las", ""), Left: true}}
	p.Orders = []reconcile.Order{
		{Change: reconcile.Change{Key: key("ada", "beta", "las", "norr"), To: &g}, ID: 1, Due: day(t, "2026-12-01")},
		{Change: reconcile.Change{Key: key("left", "alfa", "las", "norr"), From: &g}, ID: 2, Due: day(t, "2026-12-27")},
		{Change: reconcile.Change{Key: key("left", "beta", "las", "norr"), To: &g}, ID: 3, Refused: true, Reason: hostile, By: "frida"},
	}
	p.Held = []reconcile.Step{
		{Change: reconcile.Change{Key: withheld, To: &g}, Cause: reconcile.ByPolicy, Rules: []string{"siths"}},
		{Change: reconcile.Change{Key: key("left", "beta", "las", "norr"), To: &g}, Cause: reconcile.ByDesk, Note: hostile},
		{Change: reconcile.Change{Key: key("ada", "beta", "las", "topp"), To: &g}, Cause: reconcile.ByGuard},
	}
	p.Stops = []reconcile.Stop{{Axis: "new", Count: 9, Of: 3}}
	p.Unread = []reconcile.Unread{{Target: "lista", Systems: []string{"beta"}, Err: errors.New(hostile)}}
	p.Desire.Why[withheld] = []string{"siths"}
	p.Desire.Returns = []reconcile.Return{{Person: "left", Kind: "phone", Label: hostile, LastDay: day(t, "2026-12-01")}}
	p.Desire.Findings = []policies.Finding{
		{
			Rule: "siths", Severity: "deny", Effect: policies.Withhold, Person: "skyddad", Keys: []schema.Key{withheld}, Pos: schema.Pos{File: "people/skyddad.yaml", Line: 3},
			Message: schema.Text{Sv: "kort saknas", En: "no card"}, Hint: schema.Text{Sv: "fråga kortdisken", En: "ask the card desk"},
		},
		{
			Rule: "analysis", Severity: "warn", Effect: policies.Keep, Keys: []schema.Key{{System: "alfa", Role: "skriv"}}, Pos: schema.Pos{File: "systems/alfa.yaml", Line: 4},
			Message: schema.Text{Sv: "analysen saknas", En: "no analysis"}, Hint: schema.Text{Sv: "be ägaren", En: "ask the owner"},
		},
	}
	return p
}

func fullOverview(t *testing.T) *Overview {
	t.Helper()
	o, err := NewOverview(sampleOrg(t), fullPlan(t))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestOverviewCounts(t *testing.T) {
	o := fullOverview(t)
	want := Tally{Held: 3, Waiting: 2, Late: 1, Leaving: 1, Withheld: 1, Stopped: 1, Refused: 1, Unordered: 1, Ending: 1, Things: 1}
	if diff := cmp.Diff(o.All, want); diff != "" {
		t.Errorf("(-got +want)\n%s", diff)
	}
	var units []string
	for _, u := range o.Units {
		units = append(units, strings.Repeat(".", u.Depth)+u.Key)
	}
	if diff := cmp.Diff(units, []string{"topp", ".norr"}); diff != "" {
		t.Errorf("units (-got +want)\n%s", diff)
	}
	if len(o.People) != 4 || o.Gone != 1 {
		t.Errorf("got %d people and %d gone, want ada, left, skyddad and the stray account, and 1 gone", len(o.People), o.Gone)
	}
}

// TestOverviewProtected looks for the protected name in every format, and for the long number in the stray account.
func TestOverviewProtected(t *testing.T) {
	for _, format := range append(Formats, "page") {
		var b bytes.Buffer
		var err error
		if o := fullOverview(t); format == "page" {
			err = o.Page(&b, "sv")
		} else {
			err = Write(&b, o, format, "sv")
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{protected, "Hemlig", "199001012385"} {
			if strings.Contains(b.String(), secret) {
				t.Errorf("%s shows %q", format, secret)
			}
		}
		if !strings.Contains(b.String(), "skyddad") {
			t.Errorf("%s does not show the key of the protected person", format)
		}
	}
}

func TestOverviewData(t *testing.T) {
	raw, err := json.Marshal(fullOverview(t).Data("sv"))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Version int
		People  []struct {
			Person string
			Access []struct {
				System, State string
				Held          bool
				Order         int64
				Overdue       bool
			}
		}
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != version || len(got.People) != 4 {
		t.Fatalf("got version %d and %d people, want %d and 4", got.Version, len(got.People), version)
	}
	for _, p := range got.People {
		for _, a := range p.Access {
			if p.Person == "left" && a.System == "alfa" && (a.State != "leaving" || !a.Held || a.Order != 2) {
				t.Errorf("an open removal: got %+v, want leaving, held, order 2", a)
			}
		}
	}
}
