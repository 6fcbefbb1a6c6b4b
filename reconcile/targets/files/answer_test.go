package files

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/targettest"
	"github.com/behorig/behorig/schema"
)

const name1, name2 = "a-2026-11-23-000001.txt", "a-2026-11-23-000002.txt"

// exchange is a target on a local folder, and its vendor.
func exchange(t *testing.T, mode, more string, v vendor) (*Target, *vendor) {
	t.Helper()
	v.root = t.TempDir()
	made := newVendor(t, v)
	return open(t, targetsYAML(folderYAML, binding("a", mode, more)), t.TempDir(), folder(v.root), "a"), made
}

// What is sent counts as done and is an open order until it is answered; what the vendor refuses is an order refused, for its reason and with no personnummer.
func TestOrders(t *testing.T) {
	t.Parallel()
	target, v := exchange(t, "delta", receipts, vendor{marker: true, receipt: true, refuse: func(row map[string]string) string {
		return map[string]string{"E-bo": "Finns ej: 19900101-2385"}[row["Anst"]]
	}})
	all(t, target, reconcile.Dispatched, grant("ada", "", 0), grant("bo", "", 0))
	orders, err := target.Orders(t.Context())
	must(t, err)
	same(t, "orders", len(orders), 2)
	same(t, "due", []schema.Date{orders[0].Since, orders[0].Due}, []schema.Date{targettest.Today, targettest.Today + 7})
	v.night(t)
	must(t, target.Sync(t.Context()))
	orders, err = target.Orders(t.Context())
	must(t, err)
	bo := grant("bo", "", 0)
	same(t, "orders", orders, []reconcile.Order{{
		Change: bo, ID: 2, Since: targettest.Today, Due: targettest.Today + 7, Refused: true, Reason: "Finns ej: •••••••••••••", By: "out/" + name1 + ".kvitto",
	}})
	state, err := target.Read(t.Context())
	must(t, err)
	same(t, "read", state, schema.State{grant("ada", "", 0).Key: {}})
	all(t, target, reconcile.Dispatched, bo) // made all the same, it is ordered again
}

// A removal that is refused was not made.
func TestRefusedRemoval(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"delta", "full"} {
		target, v := exchange(t, mode, receipts, vendor{marker: true, receipt: true, full: mode == "full"})
		late := schema.Day(2027, 6, 30)
		all(t, target, reconcile.Dispatched, grant("ada", "", 0), grant("ada", "r", late))
		v.night(t)
		must(t, target.Sync(t.Context()))
		if mode == "full" { // the vendor changes its mind of what it has
			v.refuse = func(row map[string]string) string { return map[string]string{"Omvårdnad": "nej"}[row["Roll"]] }
			all(t, target, reconcile.Dispatched, grant("bo", "", 0))
		} else {
			v.refuse = func(row map[string]string) string { return map[string]string{"B": "nej"}[row["Åtgärd"]] }
			all(t, target, reconcile.Dispatched, reconcile.Change{Key: grant("ada", "r", 0).Key, From: &schema.Grant{Until: late}})
		}
		v.night(t)
		must(t, target.Sync(t.Context()))
		state, err := target.Read(t.Context())
		must(t, err)
		same(t, mode+": read", state, v.state(t, "a"))
	}
}

// A receipt counts as a whole or not at all, and once; a malformed one is an error that names its file and line.
func TestReceipts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, receipt, want string }{
		{"cut in a line", "Rad;Status;Orsak\r\n1;OK;\r\n2", ":3: it is no CSV as declared"},
		{"another file's line", "Rad;Status;Orsak\r\n1;OK;\r\n9;OK;\r\n", `:3: line "9" is not in the file`},
		{"no header", "1;OK;\r\n2;OK;\r\n", `:1: the column "`},
		{"empty", "", ": it is empty"},
		{"no status", "Rad;Status;Orsak\r\n1;OK;\r\n2;;\r\n", `:3: status "" is neither`},
		{"yes and no", "Rad;Status;Orsak\r\n1;OK;\r\n1;FEL;x\r\n", ":3: line 1 is answered twice"},
		{"not yet whole", "Rad;Status;Orsak\r\n1;OK;\r\n", ""},
		{"two lines, one refused", "Rad;Status;Orsak\r\n1;ok;\r\n2;FEL;nej\r\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			target, v := exchange(t, "delta", receipts, vendor{marker: true})
			all(t, target, reconcile.Dispatched, grant("ada", "", 0), grant("bo", "", 0))
			put(t, filepath.Join(v.root, "out", name1+".kvitto"), c.receipt)
			for range 2 {
				err := target.Sync(t.Context())
				if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), "out/"+name1+".kvitto"+c.want)) {
					t.Errorf("got error %v, want %q", err, c.want)
				}
			}
			orders, err := target.Orders(t.Context())
			must(t, err)
			open := 0
			for _, o := range orders {
				if !o.Refused {
					open++
				}
			}
			want := map[string]int{"not yet whole": 1, "two lines, one refused": 0}
			if n, ok := want[c.name]; ok {
				same(t, "open orders", open, n)
			} else {
				same(t, "open orders: nothing of it counts", open, 2)
			}
		})
	}
}

// An answer that comes late changes nothing that was settled after what it answers.
func TestLateReceipt(t *testing.T) {
	t.Parallel()
	target, v := exchange(t, "delta", receipts, vendor{marker: true})
	all(t, target, reconcile.Dispatched, grant("ada", "", 0))
	all(t, target, reconcile.Dispatched, revoke("ada", ""))
	for i, name := range []string{name2, name1} {
		put(t, filepath.Join(v.root, "out", name+".kvitto"), "Rad;Status;Orsak\r\n"+[]string{"2", "1"}[i]+";OK;\r\n")
		must(t, target.Sync(t.Context()))
		state, err := target.Read(t.Context())
		if err != nil || len(state) > 0 {
			t.Errorf("after the receipt of %s: got %v, error %v, want nothing held", name, state, err)
		}
	}
	same(t, "files left to be answered", count(t, target, `SELECT count(*) FROM file WHERE state != 'answered'`), 0)
}

func count(t *testing.T, target *Target, query string) (n int) {
	t.Helper()
	must(t, target.db.QueryRowContext(t.Context(), query).Scan(&n))
	return n
}

// A user list is the truth: of strangers, of what was lost, and of nothing where it cannot be true.
func TestListing(t *testing.T) {
	t.Parallel()
	target, v := exchange(t, "delta", lists, vendor{format: "xml", listing: true})
	users := filepath.Join(v.root, "out/users.csv")
	list := func(lines ...string) {
		put(t, users, strings.Join(append([]string{"Anst;Roll;Enhet;Till;Status"}, lines...), "\n")+"\n")
	}
	reads := func(want schema.State, fault string) {
		t.Helper()
		state, err := target.Read(t.Context())
		if fault == "" && err != nil || fault != "" && (err == nil || !strings.Contains(err.Error(), fault)) {
			t.Errorf("got error %v, want %q", err, fault)
		}
		same(t, "read", state, want)
	}
	stranger := schema.Key{System: "a", Person: "@x-77"}
	list("e-ADA;;;;Aktiv", "X-77;;;;Aktiv", "E-bo;;;;Spärrad", "SLUT;3")
	reads(schema.State{grant("ada", "", 0).Key: {}, stranger: {}}, "")
	must(t, target.Sync(t.Context()))
	all(t, target, reconcile.Dispatched, reconcile.Change{Key: stranger, From: &schema.Grant{}})
	reads(schema.State{grant("ada", "", 0).Key: {}}, "")
	v.extra = []string{"X-77;;;;Spärrad", "E-ada;;;;Aktiv"}
	v.night(t)
	same(t, "the vendor has switched off", v.accounts, map[string]bool{"X-77": false}) // in the case that it is in there
	must(t, target.Sync(t.Context()))
	orders, err := target.Orders(t.Context())
	if err != nil || len(orders) > 0 {
		t.Errorf("orders: got %v, error %v, want none", orders, err)
	}
	for _, c := range []struct {
		lines []string
		fault string
	}{
		{[]string{"E-ada;;;;Aktiv", "SLUT;2"}, "it is not whole"},
		{[]string{"E-ada;;;;Aktiv"}, "it is not whole"},
		{[]string{"SLUT;0"}, "is empty, the one before had"},
		{[]string{"E-ada;Okänd;;;Aktiv", "SLUT;1"}, `users.csv:2: role "Okänd" is not known`},
		{[]string{"E-ada;;;2026-13-01;Aktiv", "SLUT;1"}, "users.csv:2: \"2026-13-01\" is no date"},
		{[]string{";;;;Aktiv", "SLUT;1"}, "users.csv:2: it does not tell whose it is"},
		{[]string{"19900101-2385;;;;Aktiv", "SLUT;1"}, "users.csv:2: employeeId holds a personnummer"},
		{[]string{"E-ada;;Aktiv", "SLUT;1"}, "users.csv:2: it is no CSV as declared"},
	} {
		list(c.lines...)
		reads(nil, c.fault)
		if err := target.Sync(t.Context()); err == nil || strings.Contains(err.Error(), "2385") {
			t.Errorf("%v: sync: got error %v, want one without a personnummer", c.lines, err)
		}
	}
	list("E-ada;;;;Aktiv", "SLUT;1")
	must(t, os.Chtimes(users, time.Now(), time.Now().Add(-49*time.Hour)))
	reads(nil, "ask the vendor for a newer")
	must(t, os.Remove(users))
	reads(nil, "there is no user list out/users.csv")
}

// A user list that is empty because we ordered the last of it away is true.
func TestEmptyListing(t *testing.T) {
	t.Parallel()
	target, v := exchange(t, "delta", lists, vendor{format: "xml", listing: true})
	for _, c := range []reconcile.Change{grant("ada", "r", 0), revoke("ada", "r")} {
		all(t, target, reconcile.Dispatched, c)
		v.night(t)
		_, err := target.Read(t.Context())
		must(t, err)
		must(t, target.Sync(t.Context()))
	}
	all(t, target, reconcile.Dispatched, grant("ada", "r", 0))
	v.night(t)
	must(t, target.Sync(t.Context()))
	clear(v.roles)
	v.list(t)
	if _, err := target.Read(t.Context()); err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Errorf("emptied by nobody: got error %v, want one", err)
	}
}

// A user list made before an order was sent does not confirm it.
func TestOldListing(t *testing.T) {
	t.Parallel()
	target, v := exchange(t, "delta", lists, vendor{format: "xml", listing: true})
	users := filepath.Join(v.root, "out/users.csv")
	must(t, os.Chtimes(users, time.Now(), time.Now().Add(-time.Hour)))
	all(t, target, reconcile.Dispatched, grant("ada", "", 0))
	all(t, target, reconcile.Dispatched, revoke("ada", ""))
	must(t, target.Sync(t.Context()))
	orders, err := target.Orders(t.Context())
	if err != nil || len(orders) != 1 || orders[0].Verb() != reconcile.Revoke {
		t.Errorf("orders: got %v, error %v, want the removal", orders, err)
	}
	accounts, err := target.Accounts(t.Context())
	same(t, "accounts", len(accounts), 0)
	must(t, err)
}

// A plan writes nothing, here or there, be there a record or not.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	yaml, state, root := targetsYAML(folderYAML, binding("a", "delta", receipts)), t.TempDir(), t.TempDir()
	newVendor(t, vendor{root: root})
	for _, want := range []int{0, 1} {
		before := lies(t, state)
		c := targettest.Config(t, targettest.Repository(t, yaml, nil), "fil", state, "a")
		c.ReadOnly = true
		target := openWith(t, c, folder(root))
		held, err := target.Read(t.Context())
		must(t, err)
		same(t, "held", len(held), want)
		if r := target.ApplyAll(t.Context(), []reconcile.Change{grant("bo", "", 0)})[0]; r.Err != kind.ErrReadOnly {
			t.Errorf("apply: got %s, error %v, want %v", r.Status, r.Err, kind.ErrReadOnly)
		}
		if err := target.Sync(t.Context()); err != kind.ErrReadOnly {
			t.Errorf("sync: got error %v, want %v", err, kind.ErrReadOnly)
		}
		_, err = target.Orders(t.Context())
		must(t, err)
		target.Probe(t.Context())
		must(t, target.Close())
		if want == 0 {
			same(t, "the state folder", lies(t, state), before)
			same(t, "the folder", len(lies(t, root)), 0)
			w := open(t, yaml, state, folder(root), "a")
			all(t, w, reconcile.Dispatched, grant("ada", "", 0))
			must(t, w.Close())
		}
	}
}

// A user list that is half written confirms no removal, and does not become what the next is compared with.
func TestHalfWrittenListing(t *testing.T) {
	t.Parallel()
	target, v := exchange(t, "delta", lists, vendor{format: "xml", listing: true})
	var give []reconcile.Change
	for i := range 20 {
		if i != 8 && i != 9 { // nobody's
			give = append(give, grant(fmt.Sprintf("p%d", i), "", 0), grant(fmt.Sprintf("p%d", i), "r", 0))
		}
	}
	all(t, target, reconcile.Dispatched, give...)
	v.night(t)
	must(t, target.Sync(t.Context()))
	all(t, target, reconcile.Dispatched, revoke("p19", ""))
	open := func(when string, want int) {
		t.Helper()
		orders, err := target.Orders(t.Context())
		must(t, err)
		same(t, "open orders "+when, len(orders), want)
	}
	users := filepath.Join(v.root, "out/users.csv")
	whole := lies(t, v.root)["out/users.csv"]
	lines := strings.SplitAfter(whole, "\n")
	put(t, users, strings.Join(lines[:11], "")+"SLUT;10\n")
	for range 2 { // it is compared with the whole one each time
		if err := target.Sync(t.Context()); err == nil || !strings.Contains(err.Error(), "lacks 26 of 36") {
			t.Errorf("half a list: got error %v, want one that tells how much is missing", err)
		}
		open("by half a list", 1)
	}
	put(t, users, whole)
	must(t, target.Sync(t.Context()))
	open("before the vendor has acted", 1)
	v.night(t)
	must(t, target.Sync(t.Context()))
	open("when it is gone", 0)
	// Shown again, it is not nobody's: an open order in the service time, a refused one after it.
	for _, c := range []struct {
		later   schema.Date
		refused bool
	}{{0, false}, {30, true}} {
		v.accounts["E-p19"] = false
		v.list(t)
		must(t, target.Sync(t.Context()))
		v.accounts["E-p19"] = true
		v.list(t)
		target.On += c.later
		must(t, target.Sync(t.Context()))
		orders, err := target.Orders(t.Context())
		must(t, err)
		if len(orders) != 1 || orders[0].Verb() != reconcile.Revoke || orders[0].Refused != c.refused {
			t.Errorf("shown again after %d days: got %v, want the removal, refused: %t", c.later, orders, c.refused)
		}
	}
	all(t, target, reconcile.Dispatched, revoke("p19", "")) // made all the same, it is ordered again
}
