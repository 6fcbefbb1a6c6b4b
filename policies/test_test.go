package policies

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/schema"
)

const keysRule = `package local

deny contains {"rule": "keys", "path": grant.path, "params": {}, "grants": [grant.id]} if {
	input.kind == "person"
	some grant in input.grants
	grant.role.system == "swedlock"
	not_at_home(grant)
}

not_at_home(grant) if not grant.home
`

const keysTest = `package local_test

import data.local

lent := json.patch(data.fixture.person, [
	{"op": "replace", "path": "/grants/0/role/system", "value": "swedlock"},
	{"op": "replace", "path": "/grants/0/home", "value": false},
])

test_lent if count(local.deny) == 1 with input as lent

test_at_home if count(local.deny) == 0 with input as data.fixture.person
`

// trial runs the tests of some files.
func trial(t *testing.T, timeout time.Duration, edits ...edit) (*Trial, error) {
	t.Helper()
	o, err := schema.Load(tree(t, edits...))
	if err != nil {
		t.Fatal(err)
	}
	return Test(t.Context(), o, timeout)
}

// said is what a trial found, a line each.
func said(t *Trial) []string {
	var lines []string
	for _, f := range t.Faults {
		lines = append(lines, f.Error())
	}
	for _, r := range t.Tests {
		lines = append(lines, fmt.Sprintf("%s:%d %s %s", r.File, r.Line, r.Name, r.Problem))
	}
	for _, f := range t.Files {
		lines = append(lines, fmt.Sprintf("%s %d of %d, missed %v", f.File, f.Covered, f.Lines(), f.Missed))
	}
	return lines
}

func TestTheOrganisationsTests(t *testing.T) {
	for _, c := range []struct {
		name   string
		edits  []edit
		failed bool
		want   []string
	}{
		{"no rule", nil, false, nil},
		{"all is well", []edit{local("keys.rego", keysRule), local("keys_test.rego", keysTest)}, false, []string{
			"policies/keys_test.rego:10 test_lent ", "policies/keys_test.rego:12 test_at_home ", "policies/keys.rego 6 of 6, missed []",
		}},
		{"a rule without tests", []edit{local("keys.rego", keysRule)}, true, []string{"policies/keys.rego 0 of 5, missed [[3 4] [6 7] [10 10]]"}},
		{"a line without a test", []edit{local("keys.rego", keysRule), local("keys_test.rego", strings.Replace(keysTest, "count(local.deny) == 1 with input as lent", "count(lent) > 0", 1))}, false, []string{
			"policies/keys_test.rego:10 test_lent ", "policies/keys_test.rego:12 test_at_home ", "policies/keys.rego 3 of 6, missed [[3 3] [7 7] [10 10]]",
		}},
		{"a test that fails", []edit{local("keys.rego", strings.Replace(keysRule, "not grant.home", "grant.home", 1)), local("keys_test.rego", keysTest)}, true, []string{
			"policies/keys_test.rego:10 test_lent is not true", "policies/keys_test.rego:12 test_at_home ", "policies/keys.rego 4 of 6, missed [[3 3] [10 10]]",
		}},
		{"not formatted", []edit{local("keys.rego", strings.Replace(keysRule, "\tsome", "  some", 1)), local("keys_test.rego", keysTest)}, true, []string{
			`policies/keys.rego:5:1: the file is not formatted as Rego should be; the line should read "·some grant in input.grants"; opa fmt --write mends the whole file`,
			"policies/keys_test.rego:10 test_lent ", "policies/keys_test.rego:12 test_at_home ", "policies/keys.rego 6 of 6, missed []",
		}},
		{"a rule that does not compile", []edit{local("keys.rego", strings.Replace(keysRule, "grant.home", "grant.hom", 1)+"\nx if input.person.nmae\n")}, true, []string{
			"policies/keys.rego:12:6: the rule cannot be used: undefined ref: input.person.nmae",
		}},
		{"a test that does not compile", []edit{local("keys.rego", keysRule), local("keys_test.rego", keysTest+"\ntest_x if time.now_ns() > 0\n")}, true, []string{
			"policies/keys_test.rego:14:11: the rule cannot be used: undefined function time.now_ns",
		}},
		{"a test of the program's package", []edit{local("keys.rego", keysRule), local("keys_test.rego", "package behorig\n\ntest_x if 1 > 0\n")}, true, []string{
			"policies/keys_test.rego:1:1: the rule cannot be used: package must be local_test or local",
			"policies/keys.rego 0 of 5, missed [[3 4] [6 7] [10 10]]",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := trial(t, time.Minute, c.edits...)
			if err != nil {
				t.Fatal(err)
			}
			lines := said(got)
			for i := range lines {
				if i < len(c.want) && strings.HasPrefix(lines[i], c.want[i]) && strings.Contains(c.want[i], "cannot be used") {
					lines[i] = c.want[i] // the compiler says more
				}
			}
			if diff := cmp.Diff(lines, c.want); diff != "" || got.Failed() != c.failed {
				t.Errorf("failed %v, want %v; got - want +:\n%s", got.Failed(), c.failed, diff)
			}
		})
	}
}

const endless = "count([1 | some i in numbers.range(1, 1000000); some j in numbers.range(1, 1000000); i == j]) > 0"

func TestATestThatNeverEnds(t *testing.T) {
	got, err := trial(t, 100*time.Millisecond, local("x.rego", "package local\n\nx := 1\n"), local("x_test.rego", "package local_test\n\ntest_x if "+endless+"\n"))
	if err != nil || len(got.Tests) != 1 || got.Tests[0].Problem != "took more than 100ms and was stopped" {
		t.Errorf("got %+v, error %v; want one test that was stopped", got, err)
	}
	o, err := schema.Load(tree(t, local("x.rego", "package local\n\nx := 1\n"), local("x_test.rego", "package local_test\n\ntest_x if "+endless+"\n")))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 500*time.Millisecond, errors.New("time is up"))
	defer cancel()
	if _, err := Test(ctx, o, time.Minute); err == nil || !strings.Contains(err.Error(), "time is up") {
		t.Errorf("error %v, want that the time is up", err)
	}
}

// A rule that never ends is stopped, and nothing is given by it.
func TestARuleThatNeverEnds(t *testing.T) {
	e := engine(t, local("x.rego", "package local\n\ndeny contains {\"rule\": \"x\", \"path\": \"\", \"params\": {}, \"grants\": []} if {\n\tinput.kind == \"person\"\n\t"+endless+"\n}\n"))
	p, err := e.org.Person("anna")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	v, err := e.Person(t.Context(), p, e.org.Lines(p), today)
	var slow *SlowError
	if !errors.As(err, &slow) || time.Since(start) > 20*time.Second {
		t.Errorf("error %v after %s, want that it was slow, after %s", err, time.Since(start), personLimit)
	}
	for _, effect := range v.Effects {
		if effect != Keep {
			t.Errorf("effects %v, want keep for all", v.Effects)
		}
	}
	over, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("too much memory"))
	if _, err := e.Person(over, p, e.org.Lines(p), today); err == nil || !strings.Contains(err.Error(), "too much memory") {
		t.Errorf("error %v, want the cause", err)
	}
}

func TestSampleIsOfNobody(t *testing.T) {
	e := engine(t)
	p, err := e.org.Person("anna")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := e.Sample(p, e.org.Lines(p), today)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, own := range []string{"anna", "Anna", "A1B2", "SW-88", "Nattpass", "null"} {
		if strings.Contains(text, own) {
			t.Errorf("the sample holds %q:\n%s", own, text)
		}
	}
	for _, kept := range []string{`"id": "lifecare/ssk"`, `"hsaId": "SE5560000000-X0"`, `"untilDate": "2030-01-31"`} {
		if !strings.Contains(text, kept) {
			t.Errorf("the sample has no %s", kept)
		}
	}
}

func TestCatalogueNamesEveryRule(t *testing.T) {
	o, err := schema.Load(tree(t, local("night.rego", nightRule), local("shared/wanted.rego", "package local\n\nwanted(grant) if grant.role.id == \"appva/webb\"\n")))
	if err != nil {
		t.Fatal(err)
	}
	all, err := Catalogue(o)
	if err != nil {
		t.Fatal(err)
	}
	own, err := Catalogue(nil)
	if err != nil || len(all) != len(own)+1 {
		t.Errorf("%d rules with one of the organisation, %d without, error %v; want one more", len(all), len(own), err)
	}
	for _, r := range all {
		if r.Message.Sv == "" || r.Message.En == "" || r.Hint.Sv == "" || r.Hint.En == "" || !r.Local() && (r.Why.Sv == "" || r.Bad == "" || r.Good == "") {
			t.Errorf("%s lacks words: %+v", r.Name, r)
		}
		if r.Local() != (r.Name == "night") {
			t.Errorf("%s: local %v", r.Name, r.Local())
		}
	}
}
