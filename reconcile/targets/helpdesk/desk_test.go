package helpdesk_test

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/helpdesk"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/targettest"
	"github.com/behorig/behorig/schema"
)

func TestMain(m *testing.M) { os.Exit(targettest.Main(m)) }

// server is the RT that all tests share; they keep apart by their installations.
func server(t *testing.T) map[string]string {
	t.Helper()
	return targettest.Start(t, "rt").Vars
}

// desk is a person at the desk, at work as root with a client of its own.
type desk struct {
	t    *testing.T
	vars map[string]string
}

// do is one call; what is not answered with success fails the test.
func (d desk) do(method, path string, query url.Values, body, out any) {
	d.t.Helper()
	raw, err := json.Marshal(body)
	must(d.t, err)
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.vars["URL"]+"/REST/2.0"+path+"?"+query.Encode(), bytes.NewReader(raw))
	must(d.t, err)
	r.Header.Set("Content-Type", "application/json")
	r.SetBasicAuth(d.vars["ROOT_USER"], d.vars["ROOT_PASSWORD"])
	answer, err := http.DefaultClient.Do(r)
	must(d.t, err)
	defer answer.Body.Close()
	if answer.StatusCode > 299 {
		d.t.Fatalf("%s %s: got %s, want success", method, path, answer.Status)
	}
	if out != nil {
		must(d.t, json.NewDecoder(answer.Body).Decode(out))
	}
}

// ticket is a ticket as root sees it.
type ticket struct {
	ID       string
	Subject  string
	Status   string
	Priority string
	Due      string
	Queue    struct{ Name string }
	Creator  struct{ ID string }
}

// tickets are all tickets of an installation as root finds them, by the orders' numbers.
func (d desk) tickets(installation string) []ticket {
	d.t.Helper()
	var answer struct{ Items []ticket }
	d.do("GET", "/tickets", url.Values{
		"query": {"CF.{Behorig} LIKE '" + installation + "'"}, "per_page": {"100"},
		"fields": {"Subject,Status,Priority,Due,Queue,Creator"}, "fields[Queue]": {"Name"},
	}, nil, &answer)
	number := func(t ticket) float64 {
		_, marker, _ := strings.Cut(t.Subject, installation+"-")
		n, err := strconv.ParseFloat(strings.TrimSuffix(marker, ")"), 64)
		must(d.t, err)
		return n
	}
	slices.SortFunc(answer.Items, func(a, b ticket) int { return cmp.Compare(number(a), number(b)) })
	return answer.Items
}

// count is how many tickets an installation has made.
func (d desk) count(installation string) int {
	d.t.Helper()
	var answer struct{ Total int }
	d.do("GET", "/tickets", url.Values{"query": {"CF.{Behorig} LIKE '" + installation + "'"}, "per_page": {"1"}}, nil, &answer)
	return answer.Total
}

// texts are what is written on a ticket: its own text and then each comment.
func (d desk) texts(number string) []string {
	d.t.Helper()
	var list struct{ Items []struct{ ID string } }
	d.do("GET", "/ticket/"+number+"/attachments", url.Values{"per_page": {"100"}}, nil, &list)
	slices.SortFunc(list.Items, func(a, b struct{ ID string }) int { return len(a.ID) - len(b.ID) + strings.Compare(a.ID, b.ID) })
	var all []string
	for _, item := range list.Items {
		var a struct{ Content, ContentType string }
		d.do("GET", "/attachment/"+item.ID, nil, nil, &a)
		text, err := base64.StdEncoding.DecodeString(a.Content)
		must(d.t, err)
		all = append(all, string(text))
	}
	return all
}

func (d desk) set(number string, fields map[string]any) {
	d.t.Helper()
	d.do("PUT", "/ticket/"+number, nil, fields, nil)
}

func (d desk) comment(number, kind, text string) {
	d.t.Helper()
	d.do("POST", "/ticket/"+number+"/comment", nil, map[string]any{"ContentType": kind, "Content": text}, nil)
}

// place is one state of one repository, whose helpdesk can be opened again and again.
type place struct {
	desk
	org      *schema.Org
	state    string
	on       schema.Date
	address  string // of RT, or of what stands before it
	queue    string // of the desk it
	options  string
	field    string // of the target: where tickets have their marker
	name     string // of the target
	identify func(string) (schema.Identity, error)
}

// newPlace is a repository of systems a (desk it) and b (desk other), with its own state.
func newPlace(t *testing.T) *place {
	d := desk{t, server(t)}
	return &place{desk: d, state: t.TempDir(), on: targettest.Today, address: d.vars["URL"], queue: "Soc-IT", field: "    field: Behorig\n", name: "desk"}
}

// files are the catalogue with names that a desk would know, and somebody whose data are protected.
var files = map[string]string{
	"systems/a.yaml": "name: Combine\nowner: chef\ndesk: it\nroles: {r: {name: Handläggare}, s: {name: Chef, perUnit: false}}\n",
	"systems/b.yaml": "name: V-katalogen\nowner: chef\ndesk: other\nroles: {r: {name: Läsa}, s: {name: Skriva}}\n",
	"units/u.yaml":   "name: Hemtjänst Norr\nmanager: chef\n",
	"people/k7.yaml": "name: Hemliga Persson\nlogin: hepe01\nprotected: true\nemployments:\n  - {unit: u, form: permanent, from: 2020-01-01}\n",
}

func (p *place) config() kind.Config {
	p.t.Helper()
	if p.org == nil {
		p.org = targettest.Repository(p.t, fmt.Sprintf("targets:\n  %s:\n    kind: helpdesk\n    url: %s\n    tokenEnv: RT_TOKEN\n    queues: {it: %s, other: IT-support}\n%s%ssystems:\n  a: {target: %s}\n  b: {target: %s}\n", p.name, p.address, p.queue, p.field, p.options, p.name, p.name), files)
	}
	c := targettest.Config(p.t, p.org, p.name, p.state, "a", "b")
	c.On, c.Identify = p.on, p.identify
	c.Env = func(name string) (string, bool) { return p.vars["TOKEN"], name == "RT_TOKEN" }
	return c
}

// open opens the helpdesk on a day.
func (p *place) open() *helpdesk.Helpdesk {
	p.t.Helper()
	target, err := helpdesk.Open(p.t.Context(), p.config())
	must(p.t, err)
	p.t.Cleanup(func() { _ = target.Close() })
	return target.(*helpdesk.Helpdesk)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("got error %v, want none", err)
	}
}

func installation(t *testing.T, h *helpdesk.Helpdesk) string {
	t.Helper()
	id, err := h.Installation(t.Context())
	must(t, err)
	return id
}

func TestConformance(t *testing.T) {
	t.Parallel()
	targettest.Run(t, targettest.Options{
		Fresh: func(t *testing.T) func() reconcile.Target {
			p := newPlace(t)
			return func() reconcile.Target { return p.open() }
		},
		Systems: [2]string{"a", "b"}, Roles: [2]string{"r", "s"}, Units: [2]string{"u", "v"},
		Effects: func(t *testing.T, target reconcile.Target) int {
			return desk{t, server(t)}.count(installation(t, target.(*helpdesk.Helpdesk)))
		},
		Checks: 1,
	})
}
