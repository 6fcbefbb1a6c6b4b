package policies

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/schema"
)

var update = flag.Bool("update", false, "rewrite schema/input.schema.json")

// ordered is a change of anna's access that karin has signed and may order.
func ordered(edit func(*Change)) Order {
	c := Change{
		File: "people/anna.yaml", Path: "employments/0/access/0", What: "grant", Person: "anna", Name: "Väst", Orderers: []string{"karin"},
		May: []string{"karin", "omar"}, Lapsed: []string{"lena"}, Gained: true, Role: "Sjuksköterska i Lifecare",
	}
	edit(&c)
	return Order{Commits: []Commit{{ID: "0123456789", Signer: "karin"}}, Changes: []Change{c}}
}

// adopts is a line of anna's that somebody has adopted.
func adopts(who string) Order {
	return Order{
		Commits: []Commit{{ID: "0123456789", Signer: who}},
		Adopted: []Adoption{{File: "people/anna.yaml", Path: "employments/0/access/1", Person: "anna", UntilDate: "2027-05-30", Orderers: []string{who}, May: []string{"frida"}}},
	}
}

// orders are merge requests that rules speak of.
var orders = []struct {
	name  string
	order Order
	want  []string
}{
	{"in order", ordered(func(*Change) {}), nil},
	{"another unit's manager", ordered(func(c *Change) { c.Orderers = []string{"maria"} }), []string{"ordered-by/unit people/anna.yaml"}},
	{"for oneself", ordered(func(c *Change) { c.Person = "karin" }), []string{"ordered-by/self people/anna.yaml"}},
	{"deputy the day after", ordered(func(c *Change) { c.Orderers = []string{"lena"} }), []string{"ordered-by/lapsed people/anna.yaml"}},
	{"unknown", ordered(func(c *Change) { c.Orderers = []string{""} }), []string{"ordered-by/nobody people/anna.yaml"}},
	{"unsigned commit", Order{Commits: []Commit{{ID: "0123456789", Problem: "unsigned"}}, Changes: ordered(func(*Change) {}).Changes}, []string{"ordered-by/commit "}},
	{"one approval", ordered(func(c *Change) { c.Privileged, c.Approvers = true, []string{"omar"} }), []string{"second-approval/ people/anna.yaml"}},
	{"adopted by an owner", adopts("frida"), nil},
	{"adopted by no owner", adopts("karin"), []string{"adopted/owner people/anna.yaml"}},
	{"adopted where nobody owns the settings", Order{Adopted: []Adoption{{File: "people/anna.yaml", Person: "anna", UntilDate: "2027-05-30", Orderers: []string{"karin"}}}}, []string{"adopted/nobody people/anna.yaml"}},
	{
		"clear",
		Order{Clear: []Clear{{File: "people/a.yaml", Line: 2, Col: 3, Where: "file"}, {Where: "name", File: "people/x.yaml", Line: 1, Col: 1}, {Where: "branch"}, {Where: "message", ID: "0123456789"}}},
		[]string{"clear-identity/branch ", "clear-identity/file people/a.yaml", "clear-identity/message ", "clear-identity/name people/x.yaml"},
	},
}

// speak runs the orders and notes which cases were said.
func speak(t *testing.T, spoken map[string]bool) {
	e := engine(t)
	for _, row := range orders {
		in := &Input{Version: Version, Kind: "order", Settings: e.facts.settings, Order: row.order}
		denials, err := e.deny(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range denials {
			spoken[d.Rule+"/"+d.Case] = true
			got = append(got, d.Rule+"/"+d.Case+" "+d.File)
			wellSaid(t, e.finding(d, "behorig.yaml"))
		}
		slices.Sort(got)
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.name, diff)
		}
	}
}

func TestOrderHasItsPlaces(t *testing.T) {
	e := engine(t)
	found, err := e.Order(t.Context(), orders[len(orders)-1].order, today)
	if err != nil {
		t.Fatal(err)
	}
	if want := (schema.Pos{File: "people/a.yaml", Line: 2, Col: 3}); len(found) != 4 || !slices.ContainsFunc(found, func(f Finding) bool { return f.Pos == want }) {
		t.Errorf("got %v, want four findings, one at %v", found, want)
	}
}

func TestOrderThatAdoptsHasItsPlaceAndPerson(t *testing.T) {
	found, err := engine(t).Order(t.Context(), adopts("karin"), today)
	if err != nil || len(found) != 1 {
		t.Fatalf("got %v, %v; want one finding", found, err)
	}
	if f := found[0]; f.Pos.String() != "people/anna.yaml:20:9" || f.Person != "anna" || f.Severity != "deny" || f.Effect != None {
		t.Errorf("got %+v, want a denial of anna at line 20 that withholds nothing", f)
	}
}

// The joined input is a contract: its JSON Schema lies beside the others.
func TestInputSchemaIsTheFile(t *testing.T) {
	file := filepath.Join("..", "schema", "input.schema.json")
	want := schema.JSONSchema(Input{}, "input")
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(got) {
		t.Error("got no JSON")
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run with -update (-want +got):\n%s", diff)
	}
}
