package schema_test

import (
	"io/fs"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/schema"
)

const falkenberg = "../examples/falkenberg"

// overlaid is a tree with one file of another text.
type overlaid struct {
	fs.FS
	path string
	raw  []byte
}

func (o overlaid) Open(name string) (fs.File, error) {
	if name == o.path {
		return fstest.MapFS{name: {Data: o.raw}}.Open(name)
	}
	return o.FS.Open(name)
}

// In each file of a person of the example: what a manager orders is what the person has afterwards, and nothing else of the organisation is other than it was.
func TestAlterPeopleOfTheExample(t *testing.T) {
	t.Parallel()
	tree := os.DirFS(falkenberg)
	org, err := schema.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	until := day("2098-12-31")
	lent := schema.Access{System: "lifecare", Role: "utforare", Unit: "bemanning", From: day("2027-01-01"), Until: until, Reason: `täcker upp: "julen" #1`}
	tried := 0
	for nr, key := range org.PersonKeys() {
		raw, err := fs.ReadFile(tree, org.Path(key))
		if err != nil {
			t.Fatal(err)
		}
		for name, order := range map[string]func(*schema.Person) []schema.Edit{
			"extend": func(p *schema.Person) (edits []schema.Edit) {
				for i := range p.Employments {
					p.Employments[i].Until = until
					edits = append(edits, schema.Edit{Path: at("employments", i, "until"), Value: until})
				}
				return edits
			},
			"extend each line": func(p *schema.Person) (edits []schema.Edit) {
				for i := range p.Employments {
					for j := range p.Employments[i].Access {
						p.Employments[i].Access[j].Until = until
						edits = append(edits, schema.Edit{Path: at("employments", i, "access", j, "until"), Value: until})
					}
				}
				return edits
			},
			"lend and pause": func(p *schema.Person) (edits []schema.Edit) {
				for i := range p.Employments {
					leave := schema.Leave{From: day("2027-06-01"), Until: day("2027-06-30")}
					p.Employments[i].Access, p.Employments[i].Leave = append(p.Employments[i].Access, lent), append(p.Employments[i].Leave, leave)
					edits = append(edits, schema.Edit{Path: at("employments", i, "leave", "-"), Value: leave}, schema.Edit{Path: at("employments", i, "access", "-"), Value: lent})
				}
				return edits
			},
			"all anew": func(p *schema.Person) []schema.Edit {
				e := job("bemanning", schema.Access{Package: "bemanning"}, lent)
				p.Employments = append(p.Employments, e)
				p.Items = append(p.Items, schema.Item{Kind: "phone", Label: "no", Issued: until})
				p.Guideline, p.Cards = &schema.Read{Edition: "2025-03", Read: until}, append(p.Cards, schema.Card{Kind: "siths", LoA: 3, ValidUntil: until})
				return []schema.Edit{{Path: "items/-", Value: p.Items[len(p.Items)-1]}, {Path: "employments/-", Value: e}, {Path: "guideline", Value: p.Guideline}, {Path: "cards/-", Value: p.Cards[len(p.Cards)-1]}}
			},
			"other cards": func(p *schema.Person) []schema.Edit {
				p.Cards = []schema.Card{{Kind: "siths", LoA: 3, ValidUntil: until}, {Kind: "falkenberg", ValidUntil: until}}
				return []schema.Edit{{Path: "cards", Value: p.Cards}}
			},
			"return all": func(p *schema.Person) (edits []schema.Edit) {
				for i := range p.Items {
					p.Items[i].Returned = until
					edits = append(edits, schema.Edit{Path: at("items", i, "returned"), Value: until})
				}
				return edits
			},
			"take out every line": func(p *schema.Person) (edits []schema.Edit) {
				for i := range p.Employments {
					for j := range p.Employments[i].Access {
						edits = append(edits, schema.Edit{Path: at("employments", i, "access", j)})
					}
					p.Employments[i].Access = nil
				}
				return edits
			},
			"take out the first employment and line": func(p *schema.Person) (edits []schema.Edit) {
				if len(p.Employments) > 1 && len(p.Employments[1].Access) > 0 {
					p.Employments = p.Employments[1:]
					p.Employments[0].Access = p.Employments[0].Access[1:]
					if len(p.Employments[0].Access) == 0 {
						p.Employments[0].Access = nil
					}
					edits = append(edits, schema.Edit{Path: at("employments", 0)}, schema.Edit{Path: at("employments", 1, "access", 0)})
				}
				return edits
			},
			"take out what need not be": func(p *schema.Person) []schema.Edit {
				p.Guideline, p.Cards, p.Items, p.Login = nil, nil, nil, ""
				return []schema.Edit{{Path: "guideline"}, {Path: "cards"}, {Path: "items"}, {Path: "login"}}
			},
		} {
			want, err := org.Person(key)
			if err != nil {
				t.Fatal(err)
			}
			edits := order(want)
			got, err := schema.Alter(raw, edits...)
			if err != nil {
				t.Errorf("%s, %s: got %v, want no error", key, name, err)
				continue
			}
			now, err := onePerson(t, string(got))
			if name == "lend and pause" && nr%8 == 0 { // with all the others
				changed, faults := schema.Load(overlaid{tree, want.Path, got})
				if faults != nil {
					t.Fatalf("%s, %s: got %v, want no fault", key, name, faults)
				}
				now, err = changed.Person(key)
			}
			now.Key, now.Path = want.Key, want.Path
			if diff := cmp.Diff(now, want, places); err != nil || diff != "" {
				t.Errorf("%s, %s: got %v; got (-), want (+):\n%s\nof %s", key, name, err, diff, got)
			}
			was, is := compared(name, raw), compared(name, got)
			if strings.HasPrefix(name, "take out") {
				was, is = is, was
			}
			if line := missing(was, is); line != "" && name != "other cards" {
				t.Errorf("%s, %s: got no line %q where it was, want all that was not ordered as it was:\n%s", key, name, line, got)
			}
			if len(edits) > 0 {
				tried++
			}
		}
	}
	if people := len(org.PersonKeys()); people < 50 || tried < 6*people {
		t.Errorf("got %d orders tried on %d people, want some of each", tried, people)
	}
}

func at(parts ...any) string {
	var path []string
	for _, part := range parts {
		if i, ok := part.(int); ok {
			part = strconv.Itoa(i)
		}
		path = append(path, part.(string))
	}
	return strings.Join(path, "/")
}

// compared are the lines of a file that an order leaves as they are: where it writes into lines, those of comments, else all.
func compared(order string, raw []byte) []string {
	lines := strings.SplitAfter(string(raw), "\n")
	if order == "extend each line" || order == "return all" || order == "all anew" || order == "extend" {
		for i, line := range lines {
			_, lines[i], _ = strings.Cut(line, "#")
		}
	}
	return lines
}

// missing is the first of some lines that are not among others in the same order.
func missing(lines, others []string) string {
	for _, line := range lines {
		for len(others) > 0 && others[0] != line {
			others = others[1:]
		}
		if len(others) == 0 {
			return line
		}
		others = others[1:]
	}
	return ""
}

// A manager's, administrator's and owner's edits of the example's other files: the noun is what they say.
func TestAlterOtherFilesOfTheExample(t *testing.T) {
	t.Parallel()
	tree := os.DirFS(falkenberg)
	org, err := schema.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	alter := func(path string, edits ...schema.Edit) (*schema.Org, []byte) {
		raw, err := fs.ReadFile(tree, path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := schema.Alter(raw, edits...)
		if err != nil {
			t.Fatalf("%s: got %v, want no error", path, err)
		}
		changed, err := schema.Load(overlaid{tree, path, got})
		if err != nil {
			t.Fatalf("%s: got %v, want no fault in\n%s", path, err, got)
		}
		return changed, got
	}
	for key, u := range org.Units {
		want := *u
		deputy := schema.Deputy{Person: "karin.berg", From: day("2027-01-01"), Until: day("2027-02-01")}
		want.Manager, want.Deputies, want.Aliases = "omar.haddad", append(want.Deputies[:len(want.Deputies):len(want.Deputies)], deputy), append(want.Aliases[:len(want.Aliases):len(want.Aliases)], "no")
		changed, raw := alter(u.Path, schema.Edit{Path: "aliases/-", Value: "no"}, schema.Edit{Path: "manager", Value: "omar.haddad"}, schema.Edit{Path: "deputies/-", Value: deputy})
		if key == "hemtjanst-norr" || key == "hemtjanst-soder" { // one alias for two units would be a fault
			if diff := cmp.Diff(changed.Units[key], &want); diff != "" {
				t.Errorf("%s: got (-), want (+):\n%s\nof %s", u.Path, diff, raw)
			}
		}
	}
	for key, p := range org.Packages {
		row := schema.PackageRow{System: "citrix", Role: "anvandare"}
		changed, raw := alter(p.Path, schema.Edit{Path: "access/-", Value: row}, schema.Edit{Path: "access/0", Value: nil})
		if diff := cmp.Diff(changed.Packages[key].Access, append(p.Access[1:len(p.Access):len(p.Access)], row)); diff != "" {
			t.Errorf("%s: got (-), want (+):\n%s\nof %s", p.Path, diff, raw)
		}
	}
	for key, s := range org.Systems {
		edits := []schema.Edit{{Path: "owner", Value: "omar.haddad"}, {Path: "authoritative", Value: !s.Authoritative}}
		for role := range s.Roles {
			edits = append(edits, schema.Edit{Path: at("roles", role, "atLeast"), Value: 1}, schema.Edit{Path: at("roles", role, "forms"), Value: []string{"hourly", "agency"}})
		}
		changed, raw := alter(s.Path, edits...)
		for role, r := range changed.Systems[key].Roles {
			if r.AtLeast != 1 || !cmp.Equal(r.Forms, []string{"hourly", "agency"}) || r.Name != s.Roles[role].Name || !cmp.Equal(r.Requires, s.Roles[role].Requires) {
				t.Errorf("%s: got %+v, want role %s with two more keys of %+v:\n%s", s.Path, r, role, s.Roles[role], raw)
			}
		}
		if got := changed.Systems[key]; got.Owner != "omar.haddad" || got.Authoritative == s.Authoritative {
			t.Errorf("%s: got owner %s, authoritative %v; want omar.haddad, %v", s.Path, got.Owner, got.Authoritative, !s.Authoritative)
		}
	}
	changed, raw := alter("behorig.yaml", schema.Edit{Path: "portal/auditors", Value: []string{"karin.berg"}}, schema.Edit{Path: "organisation", Value: "No"})
	if changed.Organisation != "No" || !cmp.Equal(changed.Portal.Auditors, []string{"karin.berg"}) {
		t.Errorf("got %q and auditors %v, want No and karin.berg in\n%s", changed.Organisation, changed.Portal.Auditors, raw)
	}
}

// The line that a grant comes from is found again in the person's file, unless several stand on it.
func TestLinePath(t *testing.T) {
	t.Parallel()
	org, err := schema.Load(os.DirFS(falkenberg))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range org.PersonKeys() {
		p, err := org.Person(key)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range org.Lines(p) {
			if e, a, ok := schema.LinePath(p, line.Source); !ok || e != line.Employment || a != line.Access {
				t.Errorf("%s: got %d, %d, %v; want %d, %d", line.Source, e, a, ok, line.Employment, line.Access)
			}
		}
	}
	p := &schema.Person{Path: "people/a.yaml", Employments: []schema.Employment{{Access: []schema.Access{{Line: 7}, {Line: 7}}}, {Access: []schema.Access{{Line: 9}}}}}
	for source, want := range map[string]bool{"people/a.yaml:7": false, "people/a.yaml:8": false, "people/b.yaml:9": false, "people/a.yaml:9": true, "": false} {
		if _, _, ok := schema.LinePath(p, source); ok != want {
			t.Errorf("%q: got %v, want %v", source, ok, want)
		}
	}
}
