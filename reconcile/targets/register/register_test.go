package register_test

import (
	"testing"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
	"github.com/behorig/behorig/reconcile/targets/register"
	"github.com/behorig/behorig/reconcile/targets/targettest"
	"github.com/behorig/behorig/schema"
)

func open(t *testing.T, at store.Place, readOnly bool, systems ...string) *register.Register {
	t.Helper()
	r, err := register.Open(t.Context(), at, "reg", systems, readOnly)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestConformance(t *testing.T) { storetest.Each(t, testConformance) }

func testConformance(t *testing.T, place func() store.Place) {
	targettest.Run(t, targettest.Options{
		Fresh: func(t *testing.T) func() reconcile.Target {
			at := place()
			return func() reconcile.Target { return open(t, at, false, "a", "b") }
		},
		Systems: [2]string{"a", "b"}, Roles: [2]string{"r", "s"}, Units: [2]string{"", "u"},
		Disabled: func(t *testing.T, target reconcile.Target, system, person string) bool {
			off, err := target.(*register.Register).Disabled(t.Context(), system, person)
			if err != nil {
				t.Fatal(err)
			}
			return off
		},
	})
}

// Another register's systems in the same file are not this one's.
func TestReadsItsOwnSystemsAlone(t *testing.T) { storetest.Each(t, testReadsItsOwnSystemsAlone) }

func testReadsItsOwnSystemsAlone(t *testing.T, place func() store.Place) {
	at := place()
	both, one := open(t, at, false, "a", "b"), open(t, at, false, "a")
	defer both.Close()
	defer one.Close()
	for _, system := range []string{"a", "b"} {
		if _, err := both.Apply(t.Context(), reconcile.Change{Key: schema.Key{System: system, Person: "p"}, To: &schema.Grant{}}); err != nil {
			t.Fatal(err)
		}
	}
	state, err := one.Read(t.Context())
	if _, ok := state[schema.Key{System: "a", Person: "p"}]; err != nil || len(state) != 1 || !ok {
		t.Errorf("got %v, error %v, want the account in a alone", state, err)
	}
}

// Opened for reading, it writes nothing, be the file there or not.
func TestReadOnly(t *testing.T) { storetest.Each(t, testReadOnly) }

func testReadOnly(t *testing.T, place func() store.Place) {
	at := place()
	account := reconcile.Change{Key: schema.Key{System: "a", Person: "p"}, To: &schema.Grant{}}
	for _, held := range []int{0, 1} {
		r := open(t, at, true, "a")
		if status, err := r.Apply(t.Context(), reconcile.Change{Key: schema.Key{System: "a", Person: "q"}, To: &schema.Grant{}}); err == nil {
			t.Errorf("got %s, want an error", status)
		}
		if state, err := r.Read(t.Context()); err != nil || len(state) != held {
			t.Errorf("got %v, error %v, want %d grants", state, err, held)
		}
		if err := r.Close(); err != nil {
			t.Errorf("close: got %v, want no error", err)
		}
		w := open(t, at, false, "a")
		if _, err := w.Apply(t.Context(), account); err != nil {
			t.Fatal(err)
		}
		w.Close()
	}
}
