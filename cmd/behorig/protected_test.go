package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/schema"
)

// A small repository in git, written by a test and used through the commands as people use it.
type desk struct {
	*testing.T
	dir  string
	said strings.Builder // all that was ever printed
	runs map[string]bool // commands that were run
}

func newDesk(t *testing.T, files map[string]string) *desk {
	t.Helper()
	d := &desk{T: t, dir: t.TempDir(), runs: map[string]bool{}}
	if err := copyMissing(d.dir, filepath.Join("testdata", "base")); err != nil {
		t.Fatal(err)
	}
	d.write(files)
	d.git("init", "-q", "-b", "main")
	d.commit("First files")
	return d
}

func (d *desk) write(files map[string]string) {
	d.Helper()
	for name, text := range files {
		path := filepath.Join(d.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			d.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			d.Fatal(err)
		}
	}
}

func (d *desk) git(args ...string) {
	d.Helper()
	c := exec.Command("git", append([]string{"-C", d.dir, "-c", "user.name=Test", "-c", "user.email=t@example.test", "-c", "commit.gpgsign=false"}, args...)...)
	c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null")
	if out, err := c.CombinedOutput(); err != nil {
		d.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func (d *desk) commit(message string) {
	d.Helper()
	d.git("add", "-A")
	d.git("commit", "-q", "-m", message)
}

// run runs a command and keeps what it prints.
func (d *desk) run(args ...string) string {
	d.Helper()
	var out bytes.Buffer
	w := &world{out: &out, err: &out, now: func() time.Time { return now }, actor: "test", env: func(string) (string, bool) { return "", false }}
	if !slices.Contains([]string{"jobs", "man", "example"}, args[0]) {
		args = append(slices.Clone(args), "--repo", d.dir)
	}
	run(context.Background(), w, args)
	d.runs[args[0]] = true
	fmt.Fprintf(&d.said, "\n$ behorig %s\n%s", strings.Join(args, " "), &out)
	return out.String()
}

// everywhere runs a command in each format.
func (d *desk) everywhere(args ...string) {
	d.Helper()
	formats := report.Formats
	if args[0] == "check" {
		formats = slices.Concat(formats, report.FindingFormats)
	}
	for i, format := range formats {
		d.run(append(slices.Clone(args), "--format", format, "--lang", []string{"sv", "en"}[i%2])...)
	}
}

// both runs a command for people and for programs; the other formats say the same as the first.
func (d *desk) both(args ...string) {
	d.Helper()
	d.run(args...)
	d.run(append(slices.Clone(args), "--format", "json", "--lang", "en")...)
}

// all runs all that shows something, on each of some days, before and after apply.
func (d *desk) all(person string, days ...string) {
	d.Helper()
	for _, day := range days {
		at := "--at=" + day
		d.everywhere("plan", at)
		d.everywhere("check", at)
		d.everywhere("check", "--base", "HEAD~1", at)
		for _, c := range [][]string{{"forecast", "--days", "3"}, {"why", person, "journal"}, {"who", "norr"}, {"who", "journal", "--on", "2027-04-01"}} {
			d.both(append(c, at)...)
		}
		d.run("apply", at, "--format", "json")
		d.run("work", "refuse", "1", "--reason", "fel enhet", at)
		d.everywhere("report", at)
		for _, c := range [][]string{{"plan"}, {"apply"}, {"drift"}, {"work", "list"}, {"why", person, "dorr"}, {"who", person}} {
			d.both(append(c, at)...)
		}
		d.run("work", "reopen", "1", at)
		d.run("work", "done", "2", "--reference", "SOC-1", at)
	}
}

// rest runs the other commands.
func (d *desk) rest(person string) {
	d.Helper()
	d.run("new", "--name", "Ny Prov", "--unit", "norr", "--from", "2027-01-01", "--package", "bas")
	d.run("codeowners")
	d.run("targets", "test")
	d.everywhere("import", "--dry-run", "--at", "2026-12-01")
	d.run("import", "--at", "2026-12-01")
	d.userLists(person)
	d.run("policy")
	d.run("unseal", person)
	d.run("seal", person)
	d.run("seal", person, "x")
	d.run("example", filepath.Join(d.TempDir(), "e"), "--people", "1")
	d.run("man", filepath.Join(d.TempDir(), "man"))
	d.operations(person)
}

// operations runs what looks after the tool and its ledger, with reasons that say more than they should.
func (d *desk) operations(person string) {
	d.Helper()
	const at = "--at=2027-03-20T12:00"
	d.run("suspend", "dorr", "--until", "2027-12-31", "--reason", "Vendela Exempelgren (vend4242) hotad", at)
	d.run("suspend", "journal", "--until", "2027-12-31", "--reason", "gäller 19900101-2385", at)
	d.run("revoke", person, "--system", "journal", "--reason", "Vendela Exempelgren (vend4242) utreds", at)
	d.run("revoke", person, "--system", "journal", "--reason", "gäller 19900101-2385", at)
	d.run("grant", person, "journal", "lasa", "--break-glass", "--unit", "norr", "--reason", "gäller 19900101-2385", at)
	d.both("suspend", "--list", at)
	if out := d.run("plan", at); !strings.Contains(out, "lämnas i fred till och med 2027-12-31") {
		d.Errorf("got %s, want dorr left alone", out)
	}
	d.run("run", "--once", at)
	d.everywhere("audit", "log")
	d.both("audit", "log", "--person", person)
	d.both("audit", "verify")
	for _, format := range []string{"jsonl", "csv"} {
		d.run("audit", "export", "--format", format)
		d.run("audit", "export", "--format", format, "--disclose", "--person", person)
	}
	d.run("audit", "checkpoint", "--key", filepath.Join(d.TempDir(), "none"))
	d.run("ledger", "backup", filepath.Join(d.TempDir(), "saved"))
	d.run("suspend", "dorr", "--lift", "--reason", "Vendela Exempelgren", at)
	d.both("revoke", "--list", at)
	d.run("revoke", person, "--lift", "--reason", "Vendela Exempelgren är utredd", at)
	d.run("audit", "log", "--kind", "emergency")
	if out := d.run("jobs"); !strings.Contains(out, "no shared queue") {
		d.Errorf("got %s, want it said that there is none", out)
	}
}

// userLists takes in user lists that hold much that must not be shown: one with every fault, one that is taken in, one that lacks the person.
func (d *desk) userLists(person string) {
	d.Helper()
	folder := d.TempDir()
	for name, text := range map[string]string{
		"faults": "login;namn;roll\nvend4242;Vendela Exempelgren;nyckel\nVendela Exempelgren;x;Vendela Exempelgren\nx;x;vend4242\n19900101-2385;199001012385;nyckel\nx;x;19900101-2385\n",
		"whole":  "person;namn;personnummer;roll\n" + person + ";Vendela Exempelgren;19900101-2385;nyckel\ngast;Vendela Exempelgren;199001012385;nyckel\n",
		"lacks":  "person;namn;roll\ngast;Vendela Exempelgren 19900101-2385;nyckel\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name+".csv"), []byte(text), 0o600); err != nil {
			d.Fatal(err)
		}
	}
	d.everywhere("work", "import", "dorr", filepath.Join(folder, "faults.csv"), "--at", "2027-03-02")
	for i, name := range []string{"whole", "lacks"} {
		at := ""
		for j, format := range report.Formats { // the same list of another day is another list
			at = fmt.Sprintf("2027-03-%02d", 3+i*len(report.Formats)+j)
			d.run("work", "import", "dorr", filepath.Join(folder, name+".csv"), "--short-is-right", "--at", at, "--of", at, "--format", format)
		}
		for _, c := range [][]string{{"plan"}, {"drift"}, {"why", person, "dorr"}, {"work", "list"}} {
			d.both(append(c, "--at", at)...)
		}
	}
	if told := d.said.String(); !strings.Contains(told, `"strangers": 1`) || !strings.Contains(told, `"state": "refused"`) {
		d.Errorf("got neither a list with faults nor one with a stranger, want both")
	}
}

// state is the files of the tool's own state in which it must not be found either; register.db stands for the real system.
func (d *desk) state() string {
	d.Helper()
	var all strings.Builder
	for _, name := range []string{"ledger.db", "worklist.db"} {
		found, err := filepath.Glob(filepath.Join(d.dir, ".behorig", name+"*"))
		if err != nil || len(found) == 0 {
			d.Fatalf("got no %s (%v), want one", name, err)
		}
		for _, file := range found {
			raw, err := os.ReadFile(file)
			if err != nil {
				d.Fatal(err)
			}
			all.Write(raw)
		}
	}
	return all.String()
}

// every holds that all commands of the table were run.
func (d *desk) every() {
	d.Helper()
	for _, c := range commands {
		if name := c(&world{}).Name(); !d.runs[name] && name != "portal" { // whose pages are gone through in its own package
			d.Errorf("got no run of %s, want every command tried", name)
		}
	}
}

// shows reports each line of what was printed that matches, with the command that printed it, once for each command.
func (d *desk) shows(what string, re *regexp.Regexp) {
	d.Helper()
	for _, part := range strings.Split(d.said.String(), "\n$ ") {
		command, text, _ := strings.Cut(part, "\n")
		for line := range strings.Lines(text) {
			if re.MatchString(line) {
				d.Errorf("%s: got %q, want nothing of %s", command, strings.TrimSpace(line), what)
				break
			}
		}
	}
}

func sealedFor(t *testing.T, number string) string {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	id, err := schema.ParseIdentity(number, schema.Day(2026, 12, 1))
	if err != nil {
		t.Fatal(err)
	}
	block, err := schema.Seal(id, []string{key.Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	return block
}

// A person with much to say of: withheld, temporary without a reason, conflicting, ending, with things to hand back; manager of a unit, deputy, owner.
const troubled = `cards: [{kind: falkenberg, validUntil: 2027-01-10}]
guideline: {edition: "2020", read: 2020-01-01}
licences: [{profession: sjukskoterska, checked: 2020-01-01}]
employments:
  - unit: norr
    title: undersköterska
    form: permanent
    from: 2026-01-01
    until: 2027-02-15
    access:
      - package: bas
      - {system: patient, role: lasa}
      - {system: journal, role: skriva, unit: soder}
      - {system: journal, role: saknas}
      - {system: journal, role: lasa, unit: soder, from: 2026-12-10, until: 2027-01-05, reason: Nattpass}
    leave: [{from: 2027-01-20, until: 2027-01-25}]
items:
  - {kind: phone, label: T-1042, issued: 2026-01-01}
`

// Of somebody whose data are protected no output of any command holds name, login, HSA-id or identity, nor that they are protected.
func TestVeil(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every command in every format")
	}
	t.Parallel()
	block := sealedFor(t, "199001012385")
	person := "name: Vendela Exempelgren\nlogin: vend4242\nhsaId: SE5560000000-XQZ77\nidentity: |\n  " + strings.ReplaceAll(strings.TrimSpace(block), "\n", "\n  ") + "\n"
	flag := "protected: true\n"
	d := newDesk(t, map[string]string{
		"people/p77.yaml":    person + flag + troubled,
		"people/other.yaml":  "name: Otto Andersson\nlogin: vend4242\nhsaId: SE5560000000-XQZ77\nemployments: [{unit: soder, form: permanent, from: 2026-01-01, access: [{package: bas}]}]\n",
		"units/soder.yaml":   "name: Söder\nkind: sabo\nmanager: p77\ndeputies: [{person: p77, from: 2026-12-01, until: 2027-01-31}]\n",
		"systems/dorr.yaml":  "name: Dörr\nowner: p77\ndesk: vakt\nroles:\n  nyckel: {name: Nyckel, atLeast: 1, analysis: {date: 2026-01-01, review: 2099-01-01, owner: chef}}\n",
		".gitignore":         ".behorig/\n",
		"behorig.yaml":       "organisation: Prov\nguideline: {title: Riktlinjen, edition: \"2026\", from: 2026-01-01}\nidentity: {recipients: [age188tcu53cz8r5rjufagqrpweygpy0dvmgvewmyx54z59tmnuu2ehqxu5amh]}\n",
		"people/ended.yaml":  "name: Vendela Exempelgren\nprotected: true\nemployments: [{unit: norr, form: permanent, from: 2025-01-01, until: 2026-11-01}]\nitems: [{kind: phone, label: T-2, issued: 2025-01-01}]\n",
		"systems/extra.yaml": "name: Extra\nowner: ended\ndesk: it\nroles:\n  r: {conflicts: [journal/lasa]}\n",
		"targets.yaml":       "targets: {register: {kind: register}, lista: {kind: worklist}}\nsystems: {journal: {target: register}, patient: {target: register}, dorr: {target: lista}, extra: {target: lista}}\n",
	})
	d.git("-c", "user.name=Vendela Exempelgren", "commit", "-q", "--allow-empty", "-m", "x")
	d.write(map[string]string{"people/p77.yaml": person + flag + strings.Replace(troubled, "Nattpass", "Nattpasset", 1)})
	d.git("add", "-A")
	d.git("-c", "user.name=Vendela Exempelgren", "commit", "-q", "-m", "Behörighet för Vendela Exempelgren (vend4242)")
	d.all("p77", "2026-12-01", "2027-01-15")
	d.all("ended", "2027-03-01")
	d.rest("p77")
	d.every()
	for name, faulty := range map[string]string{
		"name": strings.Replace(person, "Vendela", "' Vendela", 1) + flag, "login": strings.Replace(person, "vend4242", "vend4242 !", 1) + flag, "hsa": strings.Replace(person, "SE55", "5E55", 1) + flag,
		"twice": person + flag + "name: Vendela Exempelgren\n", "misspelt": strings.Replace(person, "name", "nmae", 1) + flag, "syntax": person + flag + "items: [\n", "flag": person + "protected: ja\n",
		"list": strings.Replace(person, "name: Vendela Exempelgren", "name: [Vendela Exempelgren]", 1) + flag,
	} {
		d.write(map[string]string{"people/p77.yaml": faulty})
		d.both("check")
		d.run("apply", "--lang", "en")
		d.run("why", "p77", "journal")
		if !strings.Contains(d.run("check"), "people/p77.yaml") {
			t.Errorf("%s: got no fault of the file, want one", name)
		}
	}
	armour := strings.Split(strings.TrimSpace(block), "\n")
	words := []string{"vendela", "exempelgren", "vend4242", "xqz77"}
	for _, line := range armour {
		words = append(words, regexp.QuoteMeta(line))
	}
	d.shows("somebody protected", regexp.MustCompile(`(?i)`+strings.Join(words, "|")))
	told := d.said.String()
	d.said.Reset()
	d.said.WriteString(strings.NewReplacer("identity, protected, guideline", "", "format: protected", "", "protected är varken", "", "protected is neither", "").Replace(told)) // the format's own words
	d.shows("the flag", regexp.MustCompile(`(?i)skyddad|protected|sekretess`))
	if found := regexp.MustCompile(`(?i)` + strings.Join(words, "|") + `|skyddad`).FindString(d.state()); found != "" {
		t.Errorf("got %q in the tool's own state, want nothing of somebody protected", found)
	}
	if !strings.Contains(told, "fel enhet") {
		t.Error("got no refused work order, want one shown")
	}
	if !strings.Contains(told, "p77") {
		t.Error("got no word of p77, want the key where another's name would stand")
	}
}

// A merge request that makes somebody protected does not show them one last time.
func TestVeilMerge(t *testing.T) {
	t.Parallel()
	person := "name: Vendela Exempelgren\nlogin: vend4242\n" + troubled
	d := newDesk(t, map[string]string{"people/p77.yaml": person})
	d.write(map[string]string{
		"people/p77.yaml":      "protected: true\n" + person,
		"systems/journal.yaml": "name: Journal\nowner: chef\ndesk: it\nrequires: {siths: 3}\nroles:\n  lasa: {name: Läsa, analysis: {date: 2026-01-01, review: 2099-01-01, owner: chef}}\n",
	})
	d.commit("Rättar")
	d.everywhere("check", "--base", "HEAD~1")
	d.shows("somebody protected", regexp.MustCompile(`(?i)vendela|exempelgren|vend4242`))
	if !strings.Contains(d.said.String(), "p77") {
		t.Error("got no word of p77, want the key where another's name would stand")
	}
}

// A personnummer in clear, wherever it is written in the files, is repeated by no command: ten digits of it never stand together.
func TestClearNumberNowhere(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every command")
	}
	t.Parallel()
	const number = "19900101-2385"
	const word = "199001012385"
	good := map[string]string{
		".gitignore":        ".behorig/\n",
		"behorig.yaml":      "organisation: Prov " + number + "\nguideline: {title: Riktlinjen " + number + ", edition: \"2026\", from: 2026-01-01}\nidentity: {recipients: [age188tcu53cz8r5rjufagqrpweygpy0dvmgvewmyx54z59tmnuu2ehqxu5amh]}\nacknowledge: [{guard: new, until: 2026-12-31, reason: " + number + "}]\n",
		"units/soder.yaml":  "name: Söder " + number + "\nkind: sabo\nmanager: p77\n",
		"systems/dorr.yaml": "name: Dörr " + number + "\nowner: p77\ndesk: vakt\nroles:\n  nyckel: {name: Nyckel " + number + ", atLeast: 1, analysis: {date: 2026-01-01, review: 2099-01-01, owner: chef}}\n",
		"packages/bas.yaml": "name: Bas " + number + "\naccess: [{system: journal, role: lasa}, {system: dorr, role: nyckel}]\n",
		"people/p77.yaml":   "name: Anna " + number + "\nlogin: \"" + word + "\"\n" + strings.NewReplacer("undersköterska", number, "Nattpass", number, "T-1042", "\""+word+"\"", `"2020"`, `"2020"`).Replace(troubled),
		"people/ended.yaml": "name: Bo " + word + "\nlogin: \"" + word + "\"\nemployments: [{unit: norr, title: \"900101-2385\", form: permanent, from: 2025-01-01, until: 2026-11-01}]\nitems: [{kind: phone, label: 900101-2385, issued: 2025-01-01}]\n",
		"policies/own.rego": "package local\n# " + number + "\n",
		"people/readme.md":  number,
	}
	d := newDesk(t, good)
	d.write(map[string]string{"people/p77.yaml": good["people/p77.yaml"] + "# changed\n"})
	d.git("add", "-A")
	d.git("-c", "user.name=Test "+number, "commit", "-q", "-m", "Behörighet för "+number)
	d.all("p77", "2026-12-01")
	d.run("work", "refuse", "1", "--reason", "det gäller "+number)
	d.run("work", "done", "2", "--reference", number)
	if list := d.run("work", "list", "--at", "2026-12-01"); !strings.Contains(list, "p77") {
		t.Errorf("got %s, want a work order of p77", list)
	}
	d.both("work", "list")
	d.both("plan")
	d.rest("p77")
	d.every()
	for _, c := range []struct{ file, was, is string }{
		{"people/p77.yaml", "", "identity: " + number + "\n"},
		{"people/p77.yaml", "", "identity: [" + number + "]\n"},
		{"people/p77.yaml", "form: permanent", "form: " + number},
		{"people/p77.yaml", "unit: norr", "unit: \"" + word + "\""},
		{"people/p77.yaml", "unit: norr", "unit: " + word},
		{"people/p77.yaml", "package: bas", "package: \"" + word + "\""},
		{"people/p77.yaml", "role: saknas", "role: \"" + word + "\""},
		{"people/p77.yaml", "system: journal, role: saknas", "system: \"" + word + "\", role: x"},
		{"people/p77.yaml", "from: 2026-01-01", "from: " + number},
		{"people/p77.yaml", "kind: phone", "kind: " + number},
		{"people/p77.yaml", "name: Anna", "name: ' Anna"},
		{"people/p77.yaml", "login:", "\"" + number + "\":"},
		{"people/p77.yaml", "name:", "name: " + number + ": "},
		{"people/p77.yaml", "name: Anna", "name: [" + number + ", \"x"},
		{"people/p77.yaml", "edition: \"2020\"", "edition: \"" + word + "\""},
		{"people/p77.yaml", "profession: sjukskoterska", "profession: \"" + word + "\""},
		{"units/soder.yaml", "manager: p77", "manager: \"" + word + "\""},
		{"units/soder.yaml", "kind: sabo", "kind: \"" + word + "\""},
		{"systems/dorr.yaml", "nyckel:", "\"" + word + "\":"},
		{"systems/dorr.yaml", "desk: vakt", "desk: \"" + word + "\""},
		{"behorig.yaml", "edition: \"2026\"", "edition: \"" + word + "\""},
		{"behorig.yaml", "guideline:", "timezone: A" + word + "\nguideline:"},
		{"targets.yaml", "register: {kind: register}", "register: {kind: register, \"" + word + "\": x}"},
		{"targets.yaml", "register: {kind: register}", "register: {kind: \"" + word + "\"}"},
		{"policies/own.rego", "package local\n#", "package local\nx ="},
		{"policies/own.rego", "package local\n#", "package local\nx := 1 if {"},
	} {
		raw, err := os.ReadFile(filepath.Join(d.dir, c.file))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(raw), c.was) {
			t.Fatalf("%s: got no %q, want one to replace", c.file, c.was)
		}
		d.write(map[string]string{c.file: strings.Replace(string(raw), c.was, c.is, 1)})
		d.both("check")
		d.run("plan")
		d.write(map[string]string{c.file: string(raw)})
	}
	d.said.WriteString("\n$ end\n")
	d.shows("the number", regexp.MustCompile(`1?9?900101\D{0,3}2385`))
}
