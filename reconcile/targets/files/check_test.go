package files

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/targettest"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	sound := targetsYAML(folderYAML, binding("a", "delta", receipts))
	for _, c := range []struct{ old, new, want string }{
		{"", "", ""},
		{folderYAML, server{folder: "x"}.yaml(time.Second), ""},
		{folderYAML, "    folder: /x\n" + folderYAML, "targets.yaml:5:16: folder and folderEnv are both given; keep one"},
		{folderYAML, "    sftp: {host: h, user: u, knownHosts: k}\n", "a key or a password is to be given"},
		{folderYAML, "    sftp: {host: h, user: u, keyFile: k}\n", "sftp/knownHosts or sftp/knownHostsEnv is missing"},
		{folderYAML, "    sftp: {host: h, user: u, knownHosts: k, keyfile: x}\n", "keyFile"},
		{"in/{system}", "../{system}", "the name will not do: it must be below the folder"},
		{"in/{system}", "/in/{system}", "the name will not do"},
		{"in/{system}", `in\{system}`, "the name will not do"},
		{"in/{system}", "in/*{system}", "the name will not do"},
		{"-{number}", "", "{number} is missing"},
		{"-{number}", "-{nummer}", "{nummer} is not known here; use {date}, {number}, {system}"},
		{"{file}.done", "done", "the name is the same for all files"},
		{"{file}.done", "{file}", "the name is the same as that of file"},
		{"out/{file}.kvitto", "o*/{file}.kvitto", "the name will not do"},
		{"out/{file}.kvitto", "out/{file}.*.kvitto", ""},
		{`"{employeeId}"`, `"{identity}"`, "{identity} may not stand in the target's files; remove the column, or write identity: true of the target"},
		{`"{employeeId}"`, `"x"`, "no column tells whom the line is of"},
		{`"{verb}"`, `"x"`, "no column tells what is to be done"},
		{`"{id}"`, `"x"`, "no column has {id}"},
		{"name: Roll", "name: Anst", `the column "Anst" is there twice`},
		{"name: Roll", "name: Roľ", "will not do in csv, latin1"},
		{"r: Omvårdnad, ", "", "r is missing"},
		{"r: Omvårdnad", "r: Omvårdnad, t: x", `"t" does not exist; write r`},
		{"s: Planerare", "s: omvårdnad", "the vendor calls r the same"},
		{"u: Enhet Ö", "uu: Enhet Ö", `"uu" does not exist; write u`},
		{"revoke: B", `revoke: "N"`, "grant and revoke are one word"},
		{"format: csv", "format: json", "JSON is written in UTF-8"},
		{"format: csv", "format: xml\n    row: 1x", "root and row must be names of elements"},
		{"format: csv", "format: csv\n    separator: x", `"x" will not do; write ; , | or tab`},
		{"format: csv", "format: csv\n    trailer: SLUT", "only CSV has a last line, and it has {count}"},
		{"ok: [OK]", "ok: [OK], refused: [ok]", `"OK" is under ok too`},
		{"status: Status, ", "", "status is missing"},
		{"mode: delta", "mode: alla", "delta"},
	} {
		text := strings.Replace(sound, c.old, c.new, 1)
		faults := Check(targettest.Config(t, targettest.Repository(t, text, nil), "fil", "", "a"))
		got := ""
		if len(faults) > 0 {
			got = faults.Error()
		}
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%q for %q: got %s, want %s", c.new, c.old, got, c.want)
		}
		for _, f := range faults {
			if f.Line == 0 || f.What.Sv == "" || f.Do.Sv == "" || f.Do.En == "" {
				t.Errorf("%q: got %+v, want a place and what to do, in both languages", c.new, f)
			}
		}
	}
}

func TestProbe(t *testing.T) {
	t.Parallel()
	s := sshd(t)
	newVendor(t, vendor{root: s.root})
	must(t, os.Chmod(filepath.Join(s.root, "in"), 0o555))
	target := open(t, targetsYAML(s.yaml(5*time.Second), binding("a", "delta", receipts)), t.TempDir(), s.env, "a")
	probes := func() (all []string) {
		for _, p := range target.Probe(t.Context()) {
			all = append(all, p.What.En+": "+string(p.Answer))
		}
		return all
	}
	want := []string{
		"log in on 127.0.0.1:" + s.port + ", whose key is the expected one: yes", "a: list in: yes", "a: write in in: no", "a: list out: yes",
		"a: in/" + name1 + " is free: yes",
	}
	same(t, "probes", probes(), want)
	must(t, os.Chmod(filepath.Join(s.root, "in"), 0o755))
	put(t, filepath.Join(s.root, "in", name1), "x")
	must(t, os.RemoveAll(filepath.Join(s.root, "out")))
	want[2], want[3], want[4] = "a: write in in: unknown", "a: list out: no", "a: in/"+name1+" is free: no"
	same(t, "probes", probes(), want)
	same(t, "what is there", len(lies(t, s.root)), 1)
}

// A key that others may read is refused.
func TestKeyMode(t *testing.T) {
	t.Parallel()
	s := sshd(t)
	key, err := os.ReadFile(s.key)
	must(t, err)
	s.key = filepath.Join(t.TempDir(), "id")
	put(t, s.key, string(key))
	must(t, os.Chmod(s.key, 0o644))
	c := targettest.Config(t, targettest.Repository(t, targetsYAML(s.yaml(5*time.Second), binding("a", "delta", "")), nil), "fil", t.TempDir(), "a")
	c.Env = s.env
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "may be read by everybody") {
		t.Errorf("got error %v, want one of the key's mode", err)
	}
}

// A folder of ours with a link in it that leads out is not followed.
func TestLinkOut(t *testing.T) {
	t.Parallel()
	root, outside := t.TempDir(), t.TempDir()
	must(t, os.Symlink(outside, filepath.Join(root, "in")))
	target := open(t, targetsYAML(folderYAML, binding("a", "delta", "")), t.TempDir(), folder(root), "a")
	all(t, target, reconcile.Failed, grant("ada", "", 0))
	same(t, "what lies outside", len(lies(t, outside)), 0)
}
