package schema_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/behorig/behorig/schema"
)

// onePerson loads the base with one more person, whose file is text.
func onePerson(t rapid.TB, text string) (*schema.Person, error) {
	t.Helper()
	files := fstest.MapFS{"people/p.yaml": {Data: []byte(text)}}
	for _, name := range []string{"behorig.yaml", "targets.yaml"} {
		files[name] = base()[name]
	}
	org, err := schema.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return org.Person("p")
}

var places = cmpopts.IgnoreFields(schema.Access{}, "Line")

// What editors and people do to a file by themselves changes nothing.
func TestAcceptedSilently(t *testing.T) {
	t.Parallel()
	plain := `name: Åsa Öman
login: asom0001
employments:
  - unit: hemtjanst-norr
    form: permanent
    from: 2026-12-01
    access:
      - package: hemtjanst
`
	want, err := onePerson(t, plain)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"byte order mark": "\ufeff" + plain,
		"CRLF":            strings.ReplaceAll(plain, "\n", "\r\n"),
		"lone CR":         strings.ReplaceAll(plain, "\n", "\r"),
		"NFD":             strings.ReplaceAll(strings.ReplaceAll(plain, "Å", "A\u030a"), "Ö", "O\u0308"),
		"quoted date":     strings.ReplaceAll(plain, "2026-12-01", `"2026-12-01"`),
		"single quotes":   strings.ReplaceAll(plain, "2026-12-01", `'2026-12-01'`),
		"comments":        "# Åsa\n" + strings.ReplaceAll(plain, "\n", " # så\n"),
		"trailing spaces": strings.ReplaceAll(plain, "\n", "   \n"),
		"no last newline": strings.TrimSuffix(plain, "\n"),
		"blank lines":     strings.ReplaceAll(plain, "\n", "\n\n"),
		"document marks":  "---\n" + plain + "...\n",
		"quoted keys":     strings.ReplaceAll(plain, "name:", `"name":`),
		"escapes":         strings.Replace(plain, "Åsa Öman", `"\u00c5sa \u00d6man"`, 1),
		"flow style":      `{name: Åsa Öman, login: asom0001, employments: [{unit: hemtjanst-norr, form: permanent, from: 2026-12-01, access: [{package: hemtjanst}]}]}`,
		"JSON":            `{"name": "Åsa Öman", "login": "asom0001", "employments": [{"unit": "hemtjanst-norr", "form": "permanent", "from": "2026-12-01", "access": [{"package": "hemtjanst"}]}]}`,
		"other order": `employments:
- access:
  - {package: hemtjanst}
  from: 2026-12-01
  form: permanent
  unit: hemtjanst-norr
login: asom0001
name: >-
  Åsa
  Öman
`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := onePerson(t, text)
			if err != nil {
				t.Fatalf("got %v, want no fault", err)
			}
			if diff := cmp.Diff(got, want, places); diff != "" {
				t.Errorf("got (-), want (+):\n%s", diff)
			}
		})
	}
}

func TestBaseLoads(t *testing.T) {
	t.Parallel()
	if faults := faultsOf(base()); len(faults) > 0 {
		t.Fatalf("got %v, want no fault", faults)
	}
	org, err := schema.Load(base())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := org.PersonKeys(), []string{"anna.lindqvist", "karin.berg", "omar.haddad"}; !cmp.Equal(got, want) {
		t.Errorf("got people %v, want %v", got, want)
	}
	if !org.Knows("karin.berg") || org.Knows("karin") {
		t.Errorf("got Knows %v and %v, want true and false", org.Knows("karin.berg"), org.Knows("karin"))
	}
	if got, want := org.Path("karin.berg"), "people/karin.berg.yaml"; got != want {
		t.Errorf("got path %q, want %q", got, want)
	}
	if got := org.Unit("hemtjanst-skogstorp"); got == nil || got.Key != "hemtjanst-norr" {
		t.Errorf("got unit %v of a former key, want hemtjanst-norr", got)
	}
	if got := org.Unit(""); got != nil {
		t.Errorf("got unit %v of no key, want none", got)
	}
	want := schema.Limits{TemporaryDays: 90, HourlyDays: 120, AdoptedDays: 180, LicenceDays: 365, WarnDays: 60, RevokePercent: 20, RevokeAtLeast: 10, ServiceDays: 7, ReviewDays: 180}
	if diff := cmp.Diff(org.Limits, want); diff != "" {
		t.Errorf("limits: got (-), want (+):\n%s", diff)
	}
	options := map[string]any{"url": "ldaps://ldap.example.test", "passwordEnv": "LDAP_PASSWORD", "pageSize": 500, "nested": map[string]any{"startTls": true}}
	if diff := cmp.Diff(org.Targets.Targets["katalog"].Options, options); diff != "" {
		t.Errorf("options: got (-), want (+):\n%s", diff)
	}
	if got := org.Rules["policies/local.rego"]; got != "package local\n" {
		t.Errorf("got rule %q, want its source", got)
	}
	if _, err := org.Files().Open("behorig.yaml"); err != nil {
		t.Errorf("got %v from Files, want the tree that was read", err)
	}
}

// A nought that somebody wrote is a nought and no default: revokePercent 0 lets no unexpected removal through.
func TestLimitNought(t *testing.T) {
	t.Parallel()
	org, err := schema.Load(fstest.MapFS{
		"targets.yaml": {Data: []byte("targets: {}\n")},
		"behorig.yaml": {Data: []byte("organisation: O\nlimits: {revokePercent: 0}\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := org.Limits; got.RevokePercent != 0 || got.RevokeAtLeast != 10 {
		t.Errorf("got %+v, want revokePercent 0 and revokeAtLeast 10", got)
	}
}
