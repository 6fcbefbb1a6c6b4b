package files

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
	"github.com/behorig/behorig/reconcile/targets/targettest"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// nobodys opens everybody's number but those of some.
func nobodys(keys ...string) func(string) (schema.Identity, error) {
	return func(person string) (schema.Identity, error) {
		for _, k := range keys {
			if k == person {
				return schema.Identity{}, errors.New("no number is sealed")
			}
		}
		return schema.ParseIdentity("199001012385", targettest.Today)
	}
}

func withIdentity(mode string) string {
	return strings.Replace(targetsYAML(folderYAML+"    identity: true\n", binding("a", mode, "    encoding: latin1\n    lineEnd: lf\n    marker: \"{file}.done\"\n    markerWith: sha256\n")),
		"columns:\n", named6+"      - {name: Pnr, value: \"{identity}\"}\n", 1)
}

// A line that cannot be made any more is refused and stops no other: not the removals, whose account is told in another way, and no later file.
func TestLineLost(t *testing.T) {
	t.Parallel()
	root, state := t.TempDir(), t.TempDir()
	newVendor(t, vendor{root: root})
	yaml := withIdentity("delta")
	c := targettest.Config(t, targettest.Repository(t, yaml, person("ada", "Hemlig Hemligsson", "protected: true\n")), "fil", state, "a")
	c.Identify = nobodys()
	target := openWith(t, c, folder(root))
	all(t, target, reconcile.Done, grant("bo", "", 0), grant("ada", "", 0))
	there := target.place
	target.place = &cutting{there, 2, false}
	all(t, target, reconcile.Failed, grant("ada", "r", 0), grant("p0", "", 0), grant("p1", "", 0), revoke("bo", ""))
	all(t, target, reconcile.Failed, revoke("ada", ""))
	target.place = there
	must(t, target.Close())

	// Ada's file does not load any more, and the numbers of p0 and bo are lost.
	c = targettest.Config(t, targettest.Repository(t, yaml, map[string]string{"people/ada.yaml": "nam: x\n"}), "fil", state, "a")
	c.Identify = nobodys("p0", "bo", "ada")
	target = openWith(t, c, folder(root))
	must(t, target.Sync(t.Context()))
	const head = "Namn;Pnr;Rad;\xc5tg\xe4rd;Anst;Roll;Enhet;Till\n"
	got := lies(t, root)
	same(t, "the second file", got["in/"+name2], head+"Namn p1;199001012385;5;N;E-p1;;;\nNamn bo;;6;B;E-bo;;;\n")
	same(t, "the third file", got["in/a-2026-11-23-000003.txt"], head+";;7;B;E-ada;;;\n")
	same(t, "its sum", got["in/"+name2+".done"], sumOf([]byte(got["in/"+name2]))+"\n")
	orders, err := target.Orders(t.Context())
	must(t, err)
	for _, o := range orders {
		if !o.Refused || o.Reason == "" || strings.Contains(o.Reason, "Hemlig") {
			t.Errorf("got order %+v, want it refused for a reason without a name", o)
		}
	}
	same(t, "refused", len(orders), 2)
	// So it is of a removal that is ordered then.
	r := target.ApplyAll(t.Context(), []reconcile.Change{grant("p0", "", 0), revoke("p1", "")})
	if r[0].Err == nil || r[1].Status != reconcile.Done {
		t.Errorf("got %v, want the grant without a number refused and the removal done", r)
	}
}

// Without the key nothing is refused for want of it: the next run has it.
func TestKeyNotGiven(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"delta", "full"} {
		root, state := t.TempDir(), t.TempDir()
		newVendor(t, vendor{root: root})
		c := targettest.Config(t, targettest.Repository(t, withIdentity(mode), nil), "fil", state, "a")
		c.Identify = nobodys()
		target := openWith(t, c, folder(root))
		target.place = &cutting{target.place, 2, false}
		all(t, target, reconcile.Failed, grant("ada", "", 0))
		target.Identify, target.place = nil, target.place.(*cutting).place
		err := target.Sync(t.Context())
		if mode == "delta" && (err == nil || !strings.Contains(err.Error(), "no key was given")) {
			t.Errorf("%s: got error %v, want one that asks for the key", mode, err)
		}
		target.Identify = nobodys()
		must(t, target.Sync(t.Context()))
		orders, err := target.Orders(t.Context())
		if err != nil || len(orders) > 0 {
			t.Errorf("%s: got orders %v, error %v, want none", mode, orders, err)
		}
	}
}

// In a file of everybody one whose number or file is lost stops nobody else's change.
func TestFullWithoutNumber(t *testing.T) {
	t.Parallel()
	root, state := t.TempDir(), t.TempDir()
	newVendor(t, vendor{root: root})
	yaml := withIdentity("full")
	c := targettest.Config(t, targettest.Repository(t, yaml, person("ada", "Hemlig Hemligsson", "protected: true\n")), "fil", state, "a")
	c.Identify = nobodys()
	target := openWith(t, c, folder(root))
	all(t, target, reconcile.Done, grant("ada", "", 0), grant("bo", "", 0), grant("p0", "", 0))
	must(t, target.Close())
	c = targettest.Config(t, targettest.Repository(t, yaml, map[string]string{"people/ada.yaml": "nam: x\n"}), "fil", state, "a")
	c.Identify = nobodys("ada", "bo", "p0")
	target = openWith(t, c, folder(root))
	all(t, target, reconcile.Done, revoke("p0", ""))
	same(t, "the second file", lies(t, root)["in/"+name2], "Namn;Pnr;Rad;\xc5tg\xe4rd;Anst;Roll;Enhet;Till\n;;1;N;E-ada;;;\nNamn bo;;2;N;E-bo;;;\n")
}

// What the vendor says of a protected person is kept without the name, however it is put.
func TestReasonVeiled(t *testing.T) {
	t.Parallel()
	root, state := t.TempDir(), t.TempDir()
	v := newVendor(t, vendor{root: root, marker: true, receipt: true, refuse: func(map[string]string) string { return "HEMLIGSSON, Hemlig finns redan" }})
	yaml := targetsYAML(folderYAML, binding("a", "delta", receipts))
	c := targettest.Config(t, targettest.Repository(t, yaml, person("ada", "Hemlig Hemligsson", "protected: true\n")), "fil", state, "a")
	target := openWith(t, c, folder(root))
	all(t, target, reconcile.Dispatched, grant("ada", "", 0))
	v.night(t)
	must(t, target.Sync(t.Context()))
	orders, err := target.Orders(t.Context())
	must(t, err)
	if len(orders) != 1 || orders[0].Reason != "•••, ••• finns redan" {
		t.Errorf("got orders %+v, want one refused without the name", orders)
	}
}

// A target that has got another name does not begin anew: it asks for its record.
func TestRenamed(t *testing.T) { storetest.Each(t, testRenamed) }

func testRenamed(t *testing.T, place func() store.Place) {
	root, at := t.TempDir(), place()
	newVendor(t, vendor{root: root})
	yaml := targetsYAML(folderYAML, binding("a", "delta", ""))
	c := targettest.Config(t, targettest.Repository(t, yaml, nil), "fil", "", "a")
	c.State = at
	target := openWith(t, c, folder(root))
	all(t, target, reconcile.Done, grant("ada", "", 0))
	must(t, target.Close())
	put(t, filepath.Join(at.Dir, "other.db"), "no database")
	other, err := worklist.Open(t.Context(), worklist.Config{State: at, On: targettest.Today})
	must(t, err)
	must(t, other.Close())
	yaml = strings.ReplaceAll(strings.ReplaceAll(yaml, "fil:", "nytt:"), "target: fil", "target: nytt")
	c = targettest.Config(t, targettest.Repository(t, yaml, nil), "nytt", "", "a")
	c.State, c.Env = at, folder(root)
	for _, c.ReadOnly = range []bool{true, false} {
		if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), at.Rename("fil", "nytt")) {
			t.Errorf("got error %v, want one that tells where the record is", err)
		}
	}
	if at.Server == nil {
		must(t, os.Rename(at.Path("fil"), at.Path("nytt")))
	} else {
		_, err := at.Server.Pool().Exec(t.Context(), strings.TrimPrefix(at.Rename("fil", "nytt"), "say "))
		must(t, err)
	}
	all(t, openWith(t, c, folder(root)), reconcile.Already, grant("ada", "", 0))
}
