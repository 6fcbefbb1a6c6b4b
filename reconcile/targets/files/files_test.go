package files

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/store/storetest"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/reconcile/targets/targettest"
	"github.com/behorig/behorig/schema"
)

// binding is what targets.yaml says of a system in these tests; more is indented by four.
func binding(system, mode, more string) string {
	return fmt.Sprintf(`  %s:
    target: fil
    mode: %s
    file: in/{system}-{date}-{number}.txt
    digits: 6
    columns:
      - {name: Rad, value: "{id}"}
      - {name: Åtgärd, value: "{verb}"}
      - {name: Anst, value: "{employeeId}"}
      - {name: Roll, value: "{role}"}
      - {name: Enhet, value: "{unit}"}
      - {name: Till, value: "{until}"}
    verbs: {grant: "N", change: U, revoke: B}
    roles: {r: Omvårdnad, s: Planerare}
    units: {u: Enhet Ö}
%s`, system, mode, more)
}

const (
	receipts = "    format: csv\n    encoding: latin1\n    marker: \"{file}.done\"\n    receipt: {file: \"out/{file}.kvitto\", columns: {line: Rad, status: Status, reason: Orsak}, ok: [OK]}\n"
	lists    = "    format: xml\n    root: behorigheter\n    row: rad\n    listing: {file: out/users.csv, format: csv, lineEnd: lf, trailer: \"SLUT;{count}\", accounts: own, active: [Aktiv],\n" +
		"      columns: {employeeId: Anst, role: Roll, unit: Enhet, until: Till, status: Status}}\n"
	folderYAML = "    folderEnv: FOLDER\n"
)

// targetsYAML is a whole targets.yaml.
func targetsYAML(target string, bindings ...string) string {
	return "targets:\n  fil:\n    kind: files\n" + target + "systems:\n" + strings.Join(bindings, "")
}

// folder is the environment of a local folder.
func folder(root string) func(string) (string, bool) {
	return func(name string) (string, bool) { return root, name == "FOLDER" }
}

// open opens the target of a targets.yaml.
func open(t *testing.T, yaml, state string, env func(string) (string, bool), systems ...string) *Target {
	t.Helper()
	return openWith(t, targettest.Config(t, targettest.Repository(t, yaml, nil), "fil", state, systems...), env)
}

func openWith(t *testing.T, c kind.Config, env func(string) (string, bool)) *Target {
	t.Helper()
	c.Env = env
	target, err := Open(t.Context(), c)
	must(t, err)
	t.Cleanup(func() { _ = target.Close() })
	return target.(*Target)
}

// checked is a target that compares, whenever it is read, what it says with what the vendor has imported.
type checked struct {
	*Target
	t       *testing.T
	vendors map[string]*vendor
	gate    *sync.RWMutex
}

func (c *checked) Apply(ctx context.Context, ch reconcile.Change) (reconcile.Status, error) {
	c.gate.RLock()
	defer c.gate.RUnlock()
	return c.Target.Apply(ctx, ch)
}

func (c *checked) ApplyAll(ctx context.Context, changes []reconcile.Change) []reconcile.Result {
	c.gate.RLock()
	defer c.gate.RUnlock()
	return c.Target.ApplyAll(ctx, changes)
}

func (c *checked) Read(ctx context.Context) (schema.State, error) {
	c.gate.Lock()
	defer c.gate.Unlock()
	want := schema.State{}
	for system, v := range c.vendors {
		v.night(c.t)
		for k, g := range v.state(c.t, system) {
			want[k] = g
		}
	}
	// A run does it in this order, and reads nothing where the first fails.
	if err := c.Sync(ctx); err != nil {
		return nil, err
	}
	orders, err := c.Orders(ctx)
	if err != nil || len(orders) > 0 {
		c.t.Errorf("orders: got %v, error %v, want none: the vendor has answered", orders, err)
	}
	got, err := c.Target.Read(ctx)
	if diff := cmp.Diff(got, want); err == nil && diff != "" {
		c.t.Errorf("read, and what the vendor has (-got +want):\n%s", diff)
	}
	return got, err
}

func TestConformance(t *testing.T) {
	server, records := sshd(t), storetest.Server(t)
	var proxy *targettest.Proxy
	if !testing.Short() { // every cut is a new sign-in
		proxy = targettest.NewProxy(t, net.JoinHostPort(server.host, server.port))
	}
	for _, c := range []struct {
		name, mode, more string
		vendor           vendor
		sftp             bool
		proxy            *targettest.Proxy
		records          *store.Server // nil: in a folder
	}{
		{"changes by SFTP, answered by receipts", "delta", receipts, vendor{format: "csv", marker: true, receipt: true}, true, nil, nil},
		{"changes by SFTP, confirmed by the user list", "delta", lists, vendor{format: "xml", listing: true}, true, proxy, nil},
		{"everybody in a folder, not answered", "full", "    format: json\n", vendor{format: "json", full: true}, false, nil, nil},
		{"everybody in a folder, answered by receipts", "full", receipts, vendor{format: "csv", full: true, marker: true, receipt: true}, false, nil, nil},
		{"changes in a folder, answered by receipts, recorded on a server", "delta", receipts, vendor{format: "csv", marker: true, receipt: true}, false, nil, records},
		{"everybody in a folder, confirmed by the user list, recorded on a server", "full", lists, vendor{format: "xml", full: true, listing: true}, false, nil, records},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var vendors map[string]*vendor // of the store that is open
			targettest.Run(t, targettest.Options{
				Fresh: func(t *testing.T) func() reconcile.Target {
					root := t.TempDir()
					target, env := folderYAML, folder(root)
					if c.sftp {
						s := sshd(t)
						if c.proxy != nil {
							s = s.through(t, c.proxy)
						}
						root, target, env = s.root, s.yaml(2*time.Second), s.env
					}
					mine, gate, state := map[string]*vendor{}, &sync.RWMutex{}, t.TempDir()
					at := storetest.On(t, c.records)
					var bindings []string
					for _, system := range []string{"a", "b"} {
						v := c.vendor
						v.root = filepath.Join(root, system)
						mine[system] = newVendor(t, v)
						own := strings.NewReplacer("in/{system}", system+"/in/{system}", "out/", system+"/out/").Replace(binding(system, c.mode, c.more))
						bindings = append(bindings, own)
					}
					vendors = mine
					org := targettest.Repository(t, targetsYAML(target, bindings...), nil)
					return func() reconcile.Target {
						config := targettest.Config(t, org, "fil", state, "a", "b")
						if c.records != nil {
							config.State = at
						}
						return &checked{openWith(t, config, env), t, mine, gate}
					}
				},
				Systems: [2]string{"a", "b"}, Roles: [2]string{"r", "s"}, Units: [2]string{"u", "v"},
				Disabled: func(_ *testing.T, target reconcile.Target, system, person string) bool {
					return target.(*checked).vendors[system].disabled(person)
				},
				Effects: func(t *testing.T, _ reconcile.Target) int { return vendors["a"].effects(t) + vendors["b"].effects(t) },
				Checks:  3, Proxy: c.proxy,
			})
		})
	}
}

// grant and revoke are changes of system a.
func grant(person, role string, until schema.Date) reconcile.Change {
	k := schema.Key{System: "a", Person: person, Role: role}
	if role != "" {
		k.Unit = "u"
	}
	return reconcile.Change{Key: k, To: &schema.Grant{Until: until, Source: "people/x.yaml:7"}}
}

func revoke(person, role string) reconcile.Change {
	c := grant(person, role, 0)
	c.From, c.To = c.To, nil
	return c
}

// all makes changes in one batch and wants one status of all.
func all(t *testing.T, target *Target, want reconcile.Status, changes ...reconcile.Change) {
	t.Helper()
	for i, r := range target.ApplyAll(t.Context(), changes) {
		if r.Status != want || (r.Err != nil) != (want == reconcile.Failed) {
			t.Errorf("%s %v: got %s, error %v, want %s", changes[i].Verb(), changes[i].Key, r.Status, r.Err, want)
		}
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%s (-got +want):\n%s", what, diff)
	}
}

// lies is what lies below a folder: name to content.
func lies(t *testing.T, root string) map[string]string {
	t.Helper()
	found := map[string]string{}
	must(t, filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path)
		found[filepath.ToSlash(name)] = string(raw)
		return err
	}))
	return found
}
