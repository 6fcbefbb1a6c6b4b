package targets_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

const system = "name: S\nowner: chef\ndesk: it\nroles: {r: {}}\n"

func org(t *testing.T, targets string) *schema.Org {
	t.Helper()
	tree := fstest.MapFS{}
	for name, text := range map[string]string{"behorig.yaml": "organisation: Ett\n", "targets.yaml": targets, "systems/a.yaml": system, "systems/b.yaml": system} {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	o, err := schema.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestCheck(t *testing.T) {
	for _, c := range []struct{ targets, want string }{
		{"targets: {reg: {kind: register}, lista: {kind: worklist}}\n", ""},
		{"targets:\n  reg:\n    kind: registre\n", `targets.yaml:3:11: kind "registre" does not exist; write one of: exec, files, helpdesk, ldap, register, scim, sql, worklist`},
		{"targets:\n  reg: {kind: register}\n  ny:\n    kind: register\n    servr: x\n", `option "servr" is not known to register; remove it`},
	} {
		err := targets.Check(org(t, c.targets))
		if got := message(err); c.want == "" && err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%q: got %s, want %s", c.targets, got, c.want)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Each system's changes go to its own target, which holds no other.
func TestOpen(t *testing.T) {
	o := org(t, "targets: {reg: {kind: register}, lista: {kind: worklist}}\nsystems: {a: {target: reg}, b: {target: lista}}\n")
	set := targets.Open(t.Context(), o, kind.Config{State: store.Dir(t.TempDir()), On: 1})
	defer set.Close()
	var got []reconcile.Status
	for _, s := range []string{"a", "b"} {
		status, err := set.Writers(o)[s].Apply(t.Context(), reconcile.Change{Key: schema.Key{System: s, Person: "p"}, To: &schema.Grant{}})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, status)
	}
	if diff := cmp.Diff(got, []reconcile.Status{reconcile.Done, reconcile.Dispatched}); diff != "" {
		t.Errorf("statuses (-got +want):\n%s", diff)
	}
	for name, r := range set.Readers() {
		if state, err := r.Read(t.Context()); err != nil || len(state) != 1 {
			t.Errorf("%s: got %v, error %v, want one account", name, state, err)
		}
	}
}

// A target that cannot be opened fails when it is used and stops no other.
func TestOpenStopsNothingElse(t *testing.T) {
	state := t.TempDir()
	if err := os.Mkdir(filepath.Join(state, "reg.db"), 0o700); err != nil {
		t.Fatal(err)
	}
	o := org(t, "targets: {reg: {kind: register}, lista: {kind: worklist}}\nsystems: {a: {target: reg}, b: {target: lista}}\n")
	set := targets.Open(t.Context(), o, kind.Config{State: store.Dir(state), On: 1})
	if _, err := set["reg"].Read(context.Background()); err == nil || !strings.HasPrefix(err.Error(), "target reg: ") {
		t.Errorf("got error %v, want one of target reg", err)
	}
	if status, err := set["reg"].Apply(t.Context(), reconcile.Change{}); err == nil || status != reconcile.Failed {
		t.Errorf("got %s, error %v, want failed", status, err)
	}
	if _, err := set["lista"].Read(t.Context()); err != nil {
		t.Errorf("got error %v, want none", err)
	}
	if err := set.Close(); err != nil {
		t.Errorf("close: got error %v, want none", err)
	}
}

// synced is a target with business of its own, which it cannot all see to.
type synced struct {
	reconcile.Target
	err error
}

func (s synced) Sync(context.Context) error { return s.err }

// What a target cannot see to is told, and stops neither that target nor another.
func TestSyncStopsNothing(t *testing.T) {
	o := org(t, "targets: {reg: {kind: register}, lista: {kind: worklist}}\nsystems: {a: {target: reg}, b: {target: lista}}\n")
	set := targets.Open(t.Context(), o, kind.Config{State: store.Dir(t.TempDir()), On: 1})
	defer set.Close()
	trouble := errors.New("a bad receipt")
	set["reg"], set["lista"] = synced{set["reg"], trouble}, synced{set["lista"], nil}
	late := set.Sync(t.Context())
	if len(late) != 1 || late[0].Target != "reg" || len(late[0].Systems) != 0 || !errors.Is(late[0].Err, trouble) {
		t.Errorf("got %v, want the trouble of reg, of no system", late)
	}
	for _, s := range []string{"a", "b"} {
		if _, err := set.Writers(o)[s].Apply(t.Context(), reconcile.Change{Key: schema.Key{System: s, Person: "p"}, To: &schema.Grant{}}); err != nil {
			t.Errorf("%s: got error %v, want none", s, err)
		}
	}
	for name, r := range set.Readers() {
		if state, err := r.Read(t.Context()); err != nil || len(state) != 1 {
			t.Errorf("%s: got %v, error %v, want one account", name, state, err)
		}
	}
}
