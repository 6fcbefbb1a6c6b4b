package main

import (
	"bufio"
	"context"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets"
	"github.com/behorig/behorig/schema"
)

var falkenberg = filepath.Join("..", "..", "examples", "falkenberg")

// municipality is that of examples/falkenberg, read, and what it desires on the days that were asked for.
type municipality struct {
	org     *schema.Org
	engine  *policies.Engine
	desires map[schema.Date]*reconcile.Desire
}

// readExample reads the municipality; that it loads without a fault is the first thing it promises.
func readExample(t *testing.T) *municipality {
	t.Helper()
	org, err := schema.Load(os.DirFS(falkenberg))
	if err != nil {
		t.Fatal(err)
	}
	if err := targets.Check(org); err != nil {
		t.Fatal(err)
	}
	engine, err := policies.Compile(context.Background(), org)
	if err != nil {
		t.Fatal(err)
	}
	return &municipality{org, engine, map[schema.Date]*reconcile.Desire{}}
}

func (e *municipality) desire(t *testing.T, on string) *reconcile.Desire {
	t.Helper()
	day := date(t, on)
	if e.desires[day] == nil {
		d, err := reconcile.Judge(context.Background(), e.org, e.engine, day)
		if err != nil {
			t.Fatal(err)
		}
		e.desires[day] = d
	}
	return e.desires[day]
}

func date(t *testing.T, day string) schema.Date {
	t.Helper()
	d, err := schema.ParseDate(day)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestFalkenberg(t *testing.T) {
	t.Parallel()
	e := readExample(t)
	for _, c := range exampleCases {
		t.Run(c.slug, func(t *testing.T) {
			if len(c.sights) == 0 {
				t.Error("got nothing to see of the case, want at least one day")
			}
			for _, s := range c.sights {
				e.see(t, c, s)
			}
		})
	}
	t.Run("marks", func(t *testing.T) { marks(t) })
	t.Run("every rule", func(t *testing.T) { e.everyRule(t) })
	t.Run("everyday people", func(t *testing.T) { e.everyday(t) })
	t.Run("catalogue", func(t *testing.T) { e.catalogue(t) })
	t.Run("names", func(t *testing.T) { e.names(t) })
	t.Run("who orders", func(t *testing.T) { e.whoOrders(t) })
	t.Run("a year", func(t *testing.T) { e.year(t) })
}

// see compares what a case says with what the tool makes of its person and its file on a day.
func (e *municipality) see(t *testing.T, c exampleCase, s sight) {
	t.Helper()
	d := e.desire(t, s.on)
	person := c.person
	if person == "" {
		person = strings.TrimSuffix(path.Base(c.file), ".yaml")
	}
	claims := parseClaims(t, s.grants)
	got := make([]int, len(claims))
	for standing, state := range map[string]schema.State{"wanted": d.Want, "kept": d.Kept, "withheld": d.Withheld} {
		for k, g := range state {
			if k.Person != person || k.Role == "" {
				continue
			}
			i := slices.IndexFunc(claims, func(c claim) bool { return c.names(k) })
			if i < 0 || claims[i].standing != standing {
				t.Errorf("%s: got %s/%s@%s %s %v, want %q", s.on, k.System, k.Role, k.Unit, standing, d.Why[k], s.grants)
				continue
			}
			got[i]++
			if rules := d.Why[k]; standing != "wanted" && !slices.Equal(rules, claims[i].rules) {
				t.Errorf("%s: %s/%s@%s: got stopped by %v, want %v", s.on, k.System, k.Role, k.Unit, rules, claims[i].rules)
			}
			if want := claims[i].until; want != "" && g.Until.String() != want {
				t.Errorf("%s: %s/%s@%s: got until %q, want %q", s.on, k.System, k.Role, k.Unit, g.Until, want)
			}
		}
	}
	for i, c := range claims {
		if c.number >= 0 && got[i] != c.number || c.number < 0 && got[i] == 0 {
			t.Errorf("%s: %s: got %d grants, want %d (-1: some)", s.on, c.text, got[i], c.number)
		}
	}
	if diff := cmp.Diff(strings.Fields(s.rules), rulesIn(d, c.file, c.also)); diff != "" {
		t.Errorf("%s: rules of the findings (-want +got):\n%s", s.on, diff)
	}
}

// rulesIn are the rules of the findings in some files, each once, sorted.
func rulesIn(d *reconcile.Desire, files ...string) []string {
	rules := []string{}
	for _, f := range d.Findings {
		if slices.Contains(files, f.File) {
			rules = append(rules, f.Rule)
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

// claim is one part of [sight].grants.
type claim struct {
	text, system, role, unit, standing, until string
	number                                    int // -1: some
	rules                                     []string
}

func parseClaims(t *testing.T, text string) []claim {
	t.Helper()
	var claims []claim
	for part := range strings.SplitSeq(text, ";") {
		words := strings.Fields(part)
		c := claim{text: strings.TrimSpace(part), number: -1}
		which, unit, _ := strings.Cut(words[0], "@")
		c.unit = unit
		c.system, c.role, _ = strings.Cut(which, "/")
		if c.system == "*" || c.system == "rest" {
			c.system = ""
		}
		for i := 1; i < len(words); i++ {
			switch n, err := strconv.Atoi(words[i]); {
			case err == nil:
				c.number = n
			case c.standing == "":
				c.standing = words[i]
			case words[i] == "until":
				i++
				c.until = words[i]
			default:
				c.rules = append(c.rules, words[i])
			}
		}
		if !slices.Contains([]string{"wanted", "kept", "withheld", "not"}, c.standing) {
			t.Fatalf("%q: got standing %q, want wanted, kept, withheld or not", text, c.standing)
		}
		if c.standing == "not" {
			c.number = 0
		}
		claims = append(claims, c)
	}
	return claims
}

func (c claim) names(k schema.Key) bool {
	return (c.system == "" || c.system == k.System) && (c.role == "" || c.role == k.Role) && (c.unit == "" || c.unit == k.Unit)
}

var (
	markLine   = regexp.MustCompile(`^\s*# case: ([a-z0-9-]+): \S`)
	readmeLine = regexp.MustCompile(`^\| ([a-z0-9-]+) \| \[([^]]+)\]\(([^)]+)\) \| ([^|]+) \| ([^|]+) \|$`)
	dayText    = regexp.MustCompile(`\d{4}-\d{2}-\d{2}`)
)

// Each case is marked in its file, listed in the README with that file and all its days, and checked here: none is missing in any of the three.
func marks(t *testing.T) {
	marked, listed, checked := map[string]string{}, map[string]string{}, map[string]string{}
	for file, lines := range linesOf(t, falkenberg, ".yaml") {
		for _, line := range lines {
			if m := markLine.FindStringSubmatch(line); m != nil {
				if marked[m[1]] != "" {
					t.Errorf("case %s: got it in %s and %s, want one place", m[1], marked[m[1]], file)
				}
				marked[m[1]] = file
			} else if strings.Contains(line, "# case") {
				t.Errorf("%s: got %q, want \"# case: name: what it shows\"", file, line)
			}
		}
	}
	days := map[string]string{}
	for _, line := range linesOf(t, falkenberg, "README.md")["README.md"] {
		if m := readmeLine.FindStringSubmatch(line); m != nil {
			if m[2] != m[3] {
				t.Errorf("README.md: got a link %s to %s, want them the same", m[2], m[3])
			}
			listed[m[1]], days[m[1]] = m[3], m[4]
		}
	}
	for _, c := range exampleCases {
		if checked[c.slug] != "" {
			t.Errorf("case %s: got it twice in the table, want once", c.slug)
		}
		checked[c.slug] = c.file
		for _, day := range dayText.FindAllString(days[c.slug], -1) {
			if !slices.ContainsFunc(c.sights, func(s sight) bool { return s.on == day }) && !strings.Contains(c.slug, "deputy") {
				t.Errorf("case %s: got no sight of %s, want one for each day of the README", c.slug, day)
			}
		}
	}
	if diff := cmp.Diff(marked, listed); diff != "" {
		t.Errorf("README.md (-marked in files +listed in README.md):\n%s", diff)
	}
	if diff := cmp.Diff(marked, checked); diff != "" {
		t.Errorf("cases (-marked in files +checked here):\n%s", diff)
	}
}

// linesOf are the lines of all files below a folder whose names end in a suffix.
func linesOf(t *testing.T, folder, suffix string) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, suffix) {
			return err
		}
		f, err := os.Open(filepath.Join(folder, file))
		if err != nil {
			return err
		}
		defer f.Close()
		s := bufio.NewScanner(f)
		for s.Scan() {
			all[file] = append(all[file], s.Text())
		}
		return s.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Each rule is seen to stop or warn of something, and has a near miss that it lets pass. Rules on merge requests have both in a script;
// adopted, which judges people too, has them in both places.
func (e *municipality) everyRule(t *testing.T) {
	shown, near := map[string]bool{}, map[string]bool{}
	for _, c := range exampleCases {
		for _, s := range c.sights {
			rules := strings.Fields(s.rules)
			for _, rule := range rules {
				shown[rule] = true
			}
			for _, rule := range strings.Fields(c.near) {
				near[rule] = near[rule] || !slices.Contains(rules, rule)
			}
		}
	}
	merges, err := os.ReadFile(filepath.Join("testdata", "falkenberg-merge.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range e.engine.Rules() {
		if alone := r.Severity == "deny" && r.Effect == policies.None; alone || r.Name == "adopted" {
			shown[r.Name] = (alone || shown[r.Name]) && strings.Contains(string(merges), "\nstdout '"+r.Name+":")
			near[r.Name] = (alone || near[r.Name]) && strings.Contains(string(merges), "\n! stdout '"+r.Name+":")
		}
		if !shown[r.Name] || !near[r.Name] {
			t.Errorf("rule %s: got a case that it stops: %t, a near miss: %t; want both", r.Name, shown[r.Name], near[r.Name])
		}
	}
}

// Whoever is not a case has no finding at all.
func (e *municipality) everyday(t *testing.T) {
	cases := map[string]bool{}
	for _, c := range exampleCases {
		cases[c.file] = true
	}
	for _, f := range e.desire(t, "2026-12-01").Findings {
		if !cases[f.File] {
			t.Errorf("%s: got %s, want no finding where no case is", f.Pos, f.Message.En)
		}
	}
	if got := len(e.org.PersonKeys()); got != 151 {
		t.Errorf("got %d people, want the 151 of the README", got)
	}
	if got := len(e.org.Units); got != 38 {
		t.Errorf("got %d units, want the 38 of the README", got)
	}
}

// The systems that require SITHS are the order's list and no other, and the order's sixteen are all there.
func (e *municipality) catalogue(t *testing.T) {
	ordered := map[string]int{"appva-mcss web": 2, "lifecare": 2, "npo": 2, "pascal": 3, "migrationsverket": 2, "senior-alert": 2, "svedem": 2}
	required, desks := map[string]int{}, map[string][]string{}
	var channels []string
	for key, s := range e.org.Systems {
		desks[s.Desk] = append(desks[s.Desk], key)
		if !s.Requires.Guideline {
			t.Errorf("%s: got no guideline required, want it for every system", key)
		}
		for name, r := range s.Roles {
			channel, level := key, max(s.Requires.SITHS, r.Requires.SITHS)
			if key == "appva-mcss" && name != "omvardnad-app" {
				channel += " web"
			}
			channels = append(channels, channel)
			if _, on := ordered[channel]; on != (level > 0) {
				t.Errorf("%s/%s: got SITHS level %d, want it exactly where the order lists it (%t)", key, name, level, on)
			}
			if before, seen := required[channel]; level > 0 && (!seen || level < before) {
				required[channel] = level
			}
		}
	}
	if diff := cmp.Diff(ordered, required); diff != "" {
		t.Errorf("lowest level of SITHS (-order +catalogue):\n%s", diff)
	}
	slices.Sort(channels)
	if got := len(slices.Compact(channels)); got != 16 || len(e.org.Systems) != 15 {
		t.Errorf("got %d systems as the order counts in %d files, want 16 in 15", got, len(e.org.Systems))
	}
	if got := desks["it-support"]; !slices.Equal(got, []string{"v-katalogen"}) || len(desks["soc-it"]) != 14 || len(desks) != 2 {
		t.Errorf("got desks %v, want v-katalogen alone at it-support and all else at soc-it", desks)
	}
	if lasare := e.org.Role("npo", "lasare-utokad"); lasare.Requires.SITHS != 3 || e.org.Systems["pascal"].Requires.SITHS != 3 {
		t.Errorf("got a lower level, want LoA3 for Pascal and for a part of NPÖ")
	}
}

// The key is the person, whatever the name is: protected, changed, shared by two.
func (e *municipality) names(t *testing.T) {
	d := e.desire(t, "2026-12-01")
	first, last, _ := strings.Cut(d.Names["emma.karlsryd"], " ")
	if d.Names["p4711"] != "p4711" || first != "Emma" || last == "Karlsryd" || d.Names["anna.andersson"] != d.Names["anna.andersson.2"] {
		t.Errorf("got names %q, %q, %q and %q, want p4711, another surname than Karlsryd, and two alike",
			d.Names["p4711"], d.Names["emma.karlsryd"], d.Names["anna.andersson"], d.Names["anna.andersson.2"])
	}
	both := map[string]int{}
	for k := range d.Want {
		if strings.HasPrefix(k.Person, "anna.andersson") && k.Role != "" {
			both[k.Person]++
		}
	}
	if diff := cmp.Diff(map[string]int{"anna.andersson": 6, "anna.andersson.2": 6}, both); diff != "" {
		t.Errorf("grants of the namesakes (-want +got):\n%s", diff)
	}
}

// The files name those who may order: a manager above, and deputies from their first day to their last.
func (e *municipality) whoOrders(t *testing.T) {
	top := e.org.Units["socialforvaltningen"]
	if above := e.org.Units[top.Parent]; top.Manager != "birgitta.sjolund" || above.Manager != "per.algotsson" {
		t.Errorf("got %s below %s, want birgitta.sjolund below per.algotsson", top.Manager, above.Manager)
	}
	for unit, want := range map[string]schema.Deputy{
		"hemtjanst-norr":    {Person: "omar.haddad", From: date(t, "2026-12-20"), Until: date(t, "2027-01-07")},
		"hemtjanst-centrum": {Person: "elin.sandahl", From: date(t, "2026-11-16"), Until: date(t, "2027-01-31")},
	} {
		if diff := cmp.Diff([]schema.Deputy{want}, e.org.Units[unit].Deputies); diff != "" {
			t.Errorf("%s: deputies (-want +got):\n%s", unit, diff)
		}
	}
	for _, unit := range slices.Sorted(maps.Keys(e.org.Units)) {
		if manager := e.org.Units[unit].Manager; !e.org.Knows(manager) {
			t.Errorf("%s: got manager %s, want somebody who has a file", unit, manager)
		}
	}
}
