package files

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/targettest"
	"github.com/behorig/behorig/schema"
)

// person is a file of somebody for the test repository.
func person(key, name, more string) map[string]string {
	return map[string]string{"people/" + key + ".yaml": "name: " + name + "\nemployeeId: E-" + key + "\n" + more + "employments:\n  - {unit: u, title: vikarie, form: permanent, from: 2020-01-01}\n"}
}

const named6 = "columns:\n      - {name: Namn, value: \"{name}\"}\n"

// A character that the encoding lacks is an error of its own line alone, and no question mark.
func TestEncoding(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	newVendor(t, vendor{root: root})
	yaml := strings.Replace(targetsYAML(folderYAML, binding("a", "delta", "    encoding: latin1\n    lineEnd: lf\n")), "columns:\n", named6, 1)
	c := targettest.Config(t, targettest.Repository(t, yaml, person("ada", "Ljiljana Čović", "")), "fil", t.TempDir(), "a")
	target := openWith(t, c, folder(root))
	r := target.ApplyAll(t.Context(), []reconcile.Change{grant("ada", "", 0), grant("bo", "", 0)})
	if r[0].Err == nil || !strings.Contains(r[0].Err.Error(), "ada: column Namn: the character U+010C is not in latin1") || strings.Contains(r[0].Err.Error(), "Ljiljana") {
		t.Errorf("got %s, error %v, want one of the character", r[0].Status, r[0].Err)
	}
	same(t, "the other", r[1], reconcile.Result{Status: reconcile.Done})
	same(t, "the file", lies(t, root), map[string]string{
		"in/" + name1: "Namn;Rad;\xc5tg\xe4rd;Anst;Roll;Enhet;Till\nNamn bo;1;N;E-bo;;;\n",
	})
}

// A personnummer and a protected person's name stand in the file and nowhere else: not in the record, in no error.
func TestIdentity(t *testing.T) {
	t.Parallel()
	root, state := t.TempDir(), t.TempDir()
	newVendor(t, vendor{root: root})
	yaml := strings.Replace(targetsYAML(folderYAML+"    identity: true\n", binding("a", "delta", "    lineEnd: lf\n")), "columns:\n", named6+"      - {name: Pnr, value: \"{identity}\"}\n", 1)
	c := targettest.Config(t, targettest.Repository(t, yaml, person("ada", "Hemlig Hemligsson", "protected: true\n")), "fil", state, "a")
	target := openWith(t, c, folder(root))
	r := target.ApplyAll(t.Context(), []reconcile.Change{grant("ada", "", 0)})[0]
	if r.Err == nil || !strings.Contains(r.Err.Error(), "no key was given") {
		t.Errorf("got %s, error %v, want one that asks for the key", r.Status, r.Err)
	}
	must(t, target.Close())
	c.Identify = func(string) (schema.Identity, error) {
		return schema.ParseIdentity("199001012385", targettest.Today)
	}
	target = openWith(t, c, folder(root))
	target.place = &cutting{target.place, 2, false} // it is recorded, and half written
	all(t, target, reconcile.Failed, grant("ada", "", 0))
	must(t, target.Close())
	for name, text := range lies(t, state) {
		if strings.Contains(text, "9001012385") || strings.Contains(text, "Hemlig") {
			t.Errorf("%s holds what it may not", name)
		}
	}
	target = openWith(t, c, folder(root))
	must(t, target.Sync(t.Context()))
	same(t, "the file", lies(t, root), map[string]string{
		"in/" + name1: "Namn;Pnr;Rad;Åtgärd;Anst;Roll;Enhet;Till\nHemlig Hemligsson;199001012385;1;N;E-ada;;;\n",
	})
}

// No file is overwritten: a name that is taken is passed by.
func TestNothingOverwritten(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"folder", "sftp"} {
		t.Run(where, func(t *testing.T) {
			root, target := t.TempDir(), folderYAML
			env := folder(root)
			if where == "sftp" {
				s := sshd(t)
				root, target, env = s.root, s.yaml(5*time.Second), s.env
			}
			newVendor(t, vendor{root: root})
			for _, name := range []string{name1, name2} {
				put(t, filepath.Join(root, "in", name), "another's")
			}
			tg := open(t, targetsYAML(target, binding("a", "delta", "")), t.TempDir(), env, "a")
			all(t, tg, reconcile.Done, grant("ada", "", 0))
			got := lies(t, filepath.Join(root, "in"))
			same(t, "theirs", []string{got[name1], got[name2]}, []string{"another's", "another's"})
			same(t, "ours is there", len(got), 3)
			// Somebody takes the name when the temporary file is whole.
			put(t, filepath.Join(root, "x"), "ours")
			must(t, os.Chmod(filepath.Join(root, "x"), 0o644))
			if err := tg.place.rename(t.Context(), "x", "in/"+name1); err == nil || !strings.Contains(err.Error(), "file") {
				t.Errorf("rename onto another: got error %v, want one", err)
			}
			if err := tg.place.create(t.Context(), "in/"+name1); err == nil {
				t.Errorf("create onto another: got no error, want one")
			}
			same(t, "theirs", lies(t, filepath.Join(root, "in"))[name1], "another's")
		})
	}
}

// Files that wait behind one whose name is taken are numbered after it, so that they are read in their order.
func TestOrderKept(t *testing.T) {
	t.Parallel()
	target, v := exchange(t, "delta", "    encoding: latin1\n", vendor{})
	there := target.place
	target.place = &cutting{there, 0, false}
	all(t, target, reconcile.Failed, grant("ada", "", 0))
	all(t, target, reconcile.Failed, revoke("ada", ""), grant("bo", "", 0))
	target.place = there
	put(t, filepath.Join(v.root, "in", name1), "Rad;Åtgärd;Anst;Roll;Enhet;Till\r\n")
	must(t, target.Sync(t.Context()))
	v.night(t)
	same(t, "the vendor", v.state(t, "a"), schema.State{grant("bo", "", 0).Key: {}})
	same(t, "switched off", v.disabled("ada"), true)
}

// In full mode each file has everybody who is to have access after its batch, and one whose file does not load any more stays as told last.
func TestFull(t *testing.T) {
	t.Parallel()
	root, state := t.TempDir(), t.TempDir()
	v := newVendor(t, vendor{root: root, full: true})
	yaml := targetsYAML(folderYAML, binding("a", "full", "    encoding: latin1\n"))
	target := open(t, yaml, state, folder(root), "a")
	all(t, target, reconcile.Done, grant("ada", "", 0), grant("bo", "", 0), grant("p0", "", 0))
	all(t, target, reconcile.Done, revoke("bo", ""))
	must(t, target.Close())
	gone := targettest.Repository(t, yaml, map[string]string{"people/ada.yaml": "nam: x\n"})
	target = openWith(t, targettest.Config(t, gone, "fil", state, "a"), folder(root))
	all(t, target, reconcile.Done, grant("p1", "", 0))

	want := schema.State{grant("ada", "", 0).Key: {}, grant("p0", "", 0).Key: {}, grant("p1", "", 0).Key: {}}
	v.night(t)
	same(t, "files", len(v.contents), 3)
	same(t, "the vendor", v.state(t, "a"), want)
	all(t, target, reconcile.Done, revoke("ada", ""))
	v.night(t)
	same(t, "the vendor has switched off", v.disabled("ada"), true)
}

// A file of everybody goes out although one of them cannot be written as their file now says: they stand there as told last.
func TestFullKeeps(t *testing.T) {
	t.Parallel()
	root, state := t.TempDir(), t.TempDir()
	newVendor(t, vendor{root: root})
	yaml := strings.Replace(targetsYAML(folderYAML, binding("a", "full", "    encoding: latin1\n    lineEnd: lf\n")), "columns:\n", named6, 1)
	target := open(t, yaml, state, folder(root), "a")
	all(t, target, reconcile.Done, grant("ada", "", 0))
	must(t, target.Close())
	renamed := targettest.Repository(t, yaml, person("ada", "Ljiljana Čović", ""))
	target = openWith(t, targettest.Config(t, renamed, "fil", state, "a"), folder(root))
	all(t, target, reconcile.Done, grant("bo", "", 0))
	same(t, "the second file", lies(t, root)["in/"+name2], "Namn;Rad;\xc5tg\xe4rd;Anst;Roll;Enhet;Till\nNamn ada;1;N;E-ada;;;\nNamn bo;2;N;E-bo;;;\n")
}

// Cells that a spreadsheet would run are defused, numbers with a sign are not, and what another reader would take for a cell of its own is quoted.
func TestDefuse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ cell, want string }{
		{"Anna", "Anna"},
		{"=1+1", "'=1+1"},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"},
		{"-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"},
		{"\t=1", "'\t=1"},
		{"\r=1", "'\r=1"},
		{"  =1", "'  =1"},
		{"\u200b=1", "'\u200b=1"},
		{"＝1", "'＝1"},
		{"+46 70-123 45 67", "+46 70-123 45 67"},
		{"+46 (0)70 123 45 67", "+46 (0)70 123 45 67"},
		{"-12,50", "-12,50"},
		{"-", "'-"},
		{"+A1", "'+A1"},
		{"'=1", "''=1"},
		{"'bara", "'bara"},
		{"", ""},
	} {
		if got := defuse(c.cell); got != c.want {
			t.Errorf("%q: got %q, want %q", c.cell, got, c.want)
		}
		if got := unfuse(defuse(c.cell)); got != c.cell {
			t.Errorf("%q and back: got %q", c.cell, got)
		}
	}
	f := Form{Separator: ";"}.whole()
	out, err := f.render([]string{"A", "B"}, [][]string{{`x",=1`, "y,=cmd"}}, "")
	must(t, err)
	same(t, "quoted", string(out), "A;B\r\n\"x\"\",=1\";\"y,=cmd\"\r\n")
}

func FuzzCSV(f *testing.F) {
	f.Add("a", "=1", ";", true)
	f.Add("'=x\"", "x;\ny", "tab", false)
	f.Fuzz(func(t *testing.T, a, b, separator string, keep bool) {
		if !slices.Contains([]string{";", ",", "|", "tab"}, separator) || fits("utf-8", a) != nil || fits("utf-8", b) != nil {
			t.Skip()
		}
		form := Form{Separator: separator, Formulas: map[bool]string{true: "keep", false: "defuse"}[keep]}.whole()
		raw, err := form.render([]string{"A", "B"}, [][]string{{a, b}, {b, a}}, "SLUT;2")
		must(t, err)
		if !keep { // nothing that any reader finds in it begins as a formula
			r := csv.NewReader(strings.NewReader(strings.TrimSuffix(string(raw), "SLUT;2\r\n")))
			r.Comma = form.comma()
			rows, err := r.ReadAll()
			must(t, err)
			for _, cell := range slices.Concat(rows...) {
				if formula(cell) {
					t.Errorf("got the cell %q, want it defused", cell)
				}
			}
		}
		form.Trailer = "SLUT;{count}"
		got, err := form.parse("f", raw, map[string]string{"a": "A", "b": "B"})
		if err != nil || len(got) != 2 {
			t.Fatalf("%q: got %v, error %v, want two lines", raw, got, err)
		}
		for i, want := range [][2]string{{a, b}, {b, a}} {
			if got[i].cells["a"] != strings.TrimSpace(want[0]) && got[i].cells["a"] != want[0] {
				t.Errorf("got %q, want %q", got[i].cells["a"], want[0])
			}
		}
	})
}

// Whatever a receipt holds, it is read whole or refused, and says nothing of lines that the file has not.
func FuzzReceipt(f *testing.F) {
	f.Add("csv", "Rad;Status;Orsak\r\n1;OK;\r\n2;FEL;x\r\n")
	f.Add("json", `[{"Rad": 1, "Status": "OK"}, {"Rad": "2", "Status": "FEL", "Orsak": "x"}]`)
	f.Add("xml", `<rows><row Rad="1"><Status>OK</Status></row></rows>`)
	f.Fuzz(func(t *testing.T, format, text string) {
		if !slices.Contains([]string{"csv", "json", "xml"}, format) {
			t.Skip()
		}
		l := &layout{Binding: Binding{Receipt: &Receipt{Columns: map[string]string{"line": "Rad", "status": "Status", "reason": "Orsak"}, OK: []string{"OK"}}}}
		l.receiptForm = Form{Format: format}.whole()
		verdicts, err := l.readReceipt("kvitto", []byte(text), []int64{1, 2})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "kvitto") || strings.ContainsAny(err.Error(), "\r\n") {
				t.Errorf("got error %q, want one line that names the file", err)
			}
			return
		}
		for id, v := range verdicts {
			if id != 1 && id != 2 || !v.ok && v.reason == "" || schema.Mask(v.reason) != v.reason {
				t.Errorf("got %d %v, want a line of the file, and a reason for a refusal", id, v)
			}
		}
	})
}

// A name that is accepted stays below the folder.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"in/{file}.done", "../{file}", "/etc/{number}", "in/./{file}", `in\{number}`, "{file}/../../x", "in/{system}{number}"} {
		f.Add(s)
	}
	root := filepath.Clean("/exchange")
	f.Fuzz(func(t *testing.T, text string) {
		l, ps := compile("a", Binding{Mode: "delta", File: "in/{number}", Marker: text})
		if len(ps) > 0 || l.marker == nil {
			return
		}
		name, err := l.beside(l.marker, "in/1", 1, 1)
		if err != nil {
			return
		}
		full := filepath.Join(root, filepath.FromSlash(name))
		if rel, err := filepath.Rel(root, full); err != nil || strings.HasPrefix(rel, "..") || full == root || filepath.ToSlash(rel) != name {
			t.Errorf("%q: got %q, want a name below the folder", text, name)
		}
	})
}
