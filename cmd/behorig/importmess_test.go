package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// messFiles is the folder that an import begins with: what systems there are and where, and no person.
func (m *mess) messFiles() map[string]string {
	return map[string]string{
		".gitignore":   ".behorig/\n",
		"behorig.yaml": "organisation: Prov\nguideline: {title: Riktlinjen, edition: \"2026\", from: 2026-01-01}\n",
		"targets.yaml": `targets:
  katalogen:
    kind: ldap
    urlEnv: AD_URL
    caFileEnv: AD_CA
    bindDN: ` + m.ad["BIND_DN"] + `
    passwordEnv: AD_PASSWORD
    protect: [svc-behorig]
    users: {base: "OU=Import,` + m.ad["PEOPLE"] + `"}
    groups: {base: "OU=Import,` + m.ad["GROUPS"] + `"}
  planering: {kind: scim, urlEnv: SCIM_URL, caFileEnv: SCIM_CA, tokenEnv: SCIM_TOKEN, match: [employeeNumber, userName]}
systems:
  journal:
    target: katalogen
    roles:
      lasa: ["CN=journal-lasa-{unit},OU=Import,` + m.ad["GROUPS"] + `"]
      skriva: ["CN=journal-skriva-{unit},OU=Import,` + m.ad["GROUPS"] + `"]
  skrivbord:
    target: katalogen
    roles: {anvandare: ["CN=skrivbord,OU=Import,` + m.ad["GROUPS"] + `"]}
  planering:
    target: planering
    roles: {planera: {group: "planering-{unit}"}}
`,
		"systems/journal.yaml":   "name: Journal\nowner: chef.provsson\ndesk: it\nrequires: {guideline: true, siths: 2}\nroles:\n  lasa: {analysis: {date: 2026-01-01, review: 2099-01-01, owner: chef.provsson}}\n  skriva: {unitKinds: [hemtjanst], conflicts: [journal/lasa], analysis: {date: 2026-01-01, review: 2099-01-01, owner: chef.provsson}}\n",
		"systems/skrivbord.yaml": "name: Skrivbord\nowner: chef.provsson\ndesk: it\nroles:\n  anvandare: {perUnit: false, analysis: {date: 2026-01-01, review: 2099-01-01, owner: chef.provsson}}\n",
		"systems/planering.yaml": "name: Planering\nowner: chef.provsson\ndesk: it\nroles:\n  planera: {}\n",
		"units/norr.yaml":        "name: Norr\nkind: hemtjanst\nmanager: chef.provsson\n",
	}
}

// fill puts in thirty who are in order, and what never is.
func (m *mess) fill() {
	units := []string{"norr", "soder", "Vaster"}
	first, last := []string{"Anna", "Bo", "Cia", "Dag", "Åsa", "Örjan"}, []string{"Ek", "Dahl", "Öberg", "Ström", "Lund-Berg"}
	for i := range 30 {
		unit, name := units[i%3], first[i%6]+" "+last[i/6]
		login, number := fmt.Sprintf("anv%04d", i), fmt.Sprintf("10%04d", i)
		m.user(worker{login: login, name: name, number: number, roles: []string{"journal-lasa-" + unit, "skrivbord"}[:1+i%2]})
		m.member(worker{login: strings.ToUpper(login), name: name, number: []string{number, ""}[i%2], roles: []string{"planering-" + strings.ToLower(units[(i+i/7)%3])}})
	}
	for _, w := range []worker{
		{login: "chpr", name: "Provsson, Chef", number: "1", roles: []string{"journal-lasa-norr", "journal-skriva-norr", "skrivbord"}},
		{login: "kien1", name: "Kim Enström", number: "21", roles: []string{"journal-lasa-norr"}},
		{login: "kien2", name: "Kim Enström", number: "22", roles: []string{"journal-lasa-soder"}},
		{login: "name1", name: "Nanna Mest", roles: []string{"journal-lasa-norr"}},
		{login: "strid", name: "Ulla Strid", number: "31", roles: []string{"journal-lasa-norr"}},
		{login: "strid2", name: "Ulla Strid", number: "31", roles: []string{"journal-skriva-norr"}},
		{login: "borta", name: "Bert Borta", number: "41", roles: []string{"journal-lasa-norr"}, off: true},
		{login: "svc-behorig", name: "Behörig", roles: []string{"skrivbord"}},
		{login: "svc-backup", name: "Backup", roles: []string{"skrivbord"}},
		{login: "tom", name: "Tom Tomsson", number: "51"},
		{login: "hemlos", name: "Hem Lös", number: "61", roles: []string{"skrivbord"}},
		{login: "199001012385", name: "Nils Nummer", roles: []string{"journal-lasa-norr"}},
		{login: "namnlos", roles: []string{"journal-lasa-norr"}},
	} {
		m.user(w)
	}
	for _, w := range []worker{
		{login: "kim", name: "Kim Enström", roles: []string{"planering-norr"}},
		{login: "nanna@mest", name: "Mest, Nanna", roles: []string{"planering-norr"}},
		{login: "bara.scim", name: "Sara Scimsson", number: "71", roles: []string{"planering-lunden"}},
		{login: "okand", name: "Olle Okänd", number: "72", roles: []string{"nagot-annat"}},
	} {
		m.member(w)
	}
	m.groups()
}

// run runs a command on the folder.
func (m *mess) run(want int, args ...string) string {
	m.Helper()
	var out bytes.Buffer
	w := &world{out: &out, err: &out, now: func() time.Time { return now }, actor: "test", env: func(name string) (string, bool) { v, ok := m.env[name]; return v, ok }}
	if code := run(context.Background(), w, append(args, "--repo", m.dir)); code != want {
		m.Fatalf("%v: got exit %d, want %d\n%s", args, code, want, &out)
	}
	return out.String()
}

// From a filled Samba AD and a SCIM server a repository is made that changes nothing of what people have: a plan has no change, apply has nothing to do,
// no rule stops a merge, and neither system was written to. A second import writes nothing.
func TestImportSambaAndSCIM(t *testing.T) {
	if testing.Short() {
		t.Skip("starts two servers")
	}
	t.Parallel()
	m := startMess(t)
	m.fill()
	for name, text := range m.messFiles() {
		path := filepath.Join(m.dir, name)
		m.must(os.MkdirAll(filepath.Dir(path), 0o755))
		m.must(os.WriteFile(path, []byte(text), 0o644))
	}
	before := m.snapshot()
	var said struct {
		Counts     map[string]int
		Accounts   []struct{ Target, Account, Class, By, Person string }
		Changes    []any
		Deny, Warn int
	}
	m.must(json.Unmarshal([]byte(m.run(0, "import", "--manager", "chef.provsson", "--format", "json")), &said))
	if diff := cmp.Diff(said.Counts, map[string]int{"linked": 65, "unordered": 3, "disputed": 3, "unmatched": 4, "passed": 2}); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
	var odd []string
	for _, a := range said.Accounts {
		if a.Class != "linked" {
			odd = append(odd, a.Class+" "+a.Target+" "+a.Account)
		}
	}
	slices.Sort(odd)
	if diff := cmp.Diff(odd, []string{
		"disputed katalogen Ulla Strid (strid)", "disputed katalogen Ulla Strid (strid2)", "disputed planering Kim Enström (kim)",
		"passed katalogen Behörig (svc-behorig)", "passed katalogen Bert Borta (borta)",
		"unmatched katalogen Backup (svc-backup)", "unmatched katalogen Nils Nummer", "unmatched katalogen namnlos (namnlos)", "unmatched planering Mest, Nanna (nanna@mest)",
		"unordered katalogen Hem Lös (hemlos)", "unordered katalogen Tom Tomsson (tom)", "unordered planering Olle Okänd (okand)",
	}); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
	if len(said.Changes) != 0 || said.Deny != 0 || said.Warn < 30 {
		t.Errorf("got %d changes, %d denials and %d warnings, want no change, no denial, and at least a warning for each", len(said.Changes), said.Deny, said.Warn)
	}
	m.run(0, "check")
	m.run(0, "plan", "--exit-code")
	if applied := m.run(0, "apply"); !strings.Contains(applied, "Inget att göra") {
		t.Errorf("got %s, want nothing to do", applied)
	}
	m.run(0, "plan", "--exit-code")
	if diff := cmp.Diff(m.snapshot(), before); diff != "" {
		t.Errorf("the systems were written to, got (-), want (+):\n%s", diff)
	}
	if again := m.run(0, "import", "--manager", "chef.provsson"); !strings.Contains(again, "Inget att skriva") {
		t.Errorf("got %s, want nothing to write", again)
	}
}
