package main

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/behorig/behorig/schema"
)

// staff is everybody of a made-up access repository, who change from round to round as the seed has it. What they are to hold is worked out here, past all of
// our own code.
type staff struct {
	r      *rand.Rand
	dir    string
	letter string // that keys begin with: a directory has everybody of all repositories
	all    []*clerk
}

type clerk struct {
	key, unit string
	last      schema.Date // day of the employment; 0: none is
	card      bool
	wishes    []wish
}

// wish is a role that a clerk's file orders.
type wish struct {
	system, role string
	late         bool // begins in some years
	until        schema.Date
}

// The systems of the repository by where they are.
const (
	inRegister  = "journal"
	inDirectory = "katalog"
	onList      = "dorr"
)

func newStaff(t *testing.T, seed uint64, n int) *staff {
	s := &staff{r: rand.New(rand.NewPCG(seed, seed)), dir: t.TempDir(), letter: string(rune('a' + seed%26))}
	for _, unit := range []string{"norr", "soder", "oster"} {
		s.write(t, "units/"+unit+".yaml", "name: Enhet\nkind: hemtjanst\nmanager: chef\n")
	}
	role := func(key, more string) string {
		return fmt.Sprintf("  %s: {name: Roll, %sanalysis: {date: 2026-01-01, review: 2099-01-01, owner: chef}}\n", key, more)
	}
	s.write(t, "people/chef.yaml", "name: Chef Provsson\nlogin: chef\nemployments:\n  - {unit: norr, form: permanent, from: 2020-01-01}\n")
	s.write(t, "systems/"+inRegister+".yaml", "name: Journal\nowner: chef\ndesk: it\nroles:\n"+role("lasa", "")+role("skriva", "requires: {siths: 2}, "))
	s.write(t, "systems/"+inDirectory+".yaml", "name: Katalog\nowner: chef\ndesk: it\nroles:\n"+role("lasa", "")+role("skriva", ""))
	s.write(t, "systems/"+onList+".yaml", "name: Dörr\nowner: chef\ndesk: it\nroles:\n"+role("nyckel", "")+role("kod", ""))
	s.settings(t, "Europe/Stockholm")
	s.git(t, "init", "-q", "-b", "main")
	for range n {
		s.hire()
	}
	return s
}

func (s *staff) settings(t *testing.T, zone string) {
	t.Helper()
	s.write(t, "behorig.yaml", "organisation: Prov\ntimezone: "+zone+"\nlimits: {revokePercent: 100, revokeAtLeast: 1000000}\n")
}

func (s *staff) write(t *testing.T, path, text string) {
	t.Helper()
	path = filepath.Join(s.dir, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (s *staff) git(t *testing.T, args ...string) string {
	t.Helper()
	c := exec.Command("git", append([]string{"-C", s.dir, "-c", "user.name=prov", "-c", "user.email=prov@example.test", "-c", "commit.gpgsign=false", "-c", "gc.auto=0"}, args...)...)
	c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (s *staff) hire() {
	s.all = append(s.all, &clerk{key: fmt.Sprintf("%s%03d", s.letter, len(s.all)), unit: pick(s.r, "norr", "soder", "oster"), card: s.r.IntN(4) > 0})
}

func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

// change is what happens to somebody by a day: they move, end, come back, get or lose a card, and order other things.
func (s *staff) change(w *clerk, on schema.Date) {
	if w.last = 0; s.r.IntN(6) == 0 {
		w.last = on - 1
	}
	w.card = s.r.IntN(4) > 0
	w.unit = pick(s.r, w.unit, "norr", "soder", "oster")
	w.wishes = nil
	until := func() schema.Date { return pick(s.r, 0, 0, on+schema.Date(s.r.IntN(4)), on+400) }
	system := func(name string, roles ...string) {
		if s.r.IntN(4) == 0 {
			return
		}
		end := until()
		for i, role := range roles {
			if i == 0 || s.r.IntN(2) == 0 {
				w.wishes = append(w.wishes, wish{name, role, i > 0 && name != inRegister && s.r.IntN(4) == 0, end})
			}
		}
	}
	system(inRegister, "lasa", "skriva")
	system(inDirectory, "lasa", "skriva")
	system(onList, "nyckel", "kod")
}

// advance changes some of the people for a day and commits it.
func (s *staff) advance(t *testing.T, on schema.Date, changes int) {
	t.Helper()
	s.hire()
	some := []*clerk{s.all[len(s.all)-1]}
	for range min(changes, len(s.all)) {
		some = append(some, pick(s.r, s.all...))
	}
	if changes >= len(s.all) {
		some = s.all
	}
	for _, w := range some {
		s.change(w, on)
		s.write(t, "people/"+w.key+".yaml", w.file())
	}
	s.git(t, "add", "-A")
	s.git(t, "commit", "-q", "--allow-empty", "-m", "order access for "+on.String())
}

func (w *clerk) file() string {
	var b strings.Builder
	fmt.Fprintf(&b, "name: Namn %s\nlogin: %s\n", w.key, w.key)
	if w.card {
		b.WriteString("cards:\n  - {kind: siths, loa: 3, validUntil: 2099-01-31}\n")
	}
	fmt.Fprintf(&b, "employments:\n  - unit: %s\n    form: permanent\n    from: 2020-01-01\n", w.unit)
	if w.last != 0 {
		fmt.Fprintf(&b, "    until: %s\n", w.last)
	}
	if len(w.wishes) > 0 {
		b.WriteString("    access:\n")
	}
	for _, x := range w.wishes {
		fmt.Fprintf(&b, "      - {system: %s, role: %s", x.system, x.role)
		if x.late {
			b.WriteString(", from: 2040-01-01")
		}
		if x.until != 0 && w.last == 0 {
			fmt.Fprintf(&b, ", until: %s", cmp.Or(x.lateEnd(), x.until))
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// lateEnd is the end of what begins in some years, 0 for all else.
func (x wish) lateEnd() schema.Date {
	if x.late {
		return schema.Day(2041, 1, 1)
	}
	return 0
}

// want is what is wanted and allowed on a day: writing in the journal needs a card.
func (s *staff) want(on schema.Date) schema.State {
	want := schema.State{}
	for _, w := range s.all {
		for _, x := range w.wishes {
			end := cmp.Or(w.last, x.until)
			if x.late || end != 0 && end < on || x.system == inRegister && x.role == "skriva" && !w.card {
				continue
			}
			want[schema.Key{System: x.system, Role: x.role, Unit: w.unit, Person: w.key}] = schema.Grant{Until: end}
			want[schema.Key{System: x.system, Person: w.key}] = schema.Grant{Until: end}
		}
	}
	return want
}

// of is the part of a state that is in one system.
func of(state schema.State, system string) schema.State {
	part := maps.Clone(state)
	maps.DeleteFunc(part, func(k schema.Key, _ schema.Grant) bool { return k.System != system })
	return part
}

// changed are the keys that two states differ in, sorted; by days too, or by keys alone.
func differ(a, b schema.State, days bool) []schema.Key {
	all := map[schema.Key]bool{}
	for _, pair := range [][2]schema.State{{a, b}, {b, a}} {
		for k, g := range pair[0] {
			if h, there := pair[1][k]; !there || days && g.Until != h.Until {
				all[k] = true
			}
		}
	}
	return sorted(all)
}

func sorted(keys map[schema.Key]bool) []schema.Key {
	return slices.SortedFunc(maps.Keys(keys), func(a, b schema.Key) int {
		return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Person, b.Person), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Unit, b.Unit))
	})
}
