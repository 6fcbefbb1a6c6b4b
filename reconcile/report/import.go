package report

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/adopt"
	"github.com/behorig/behorig/schema"
)

// Import reports a first repository made of what targets hold, what became of each account, and what a plan makes of it.
type Import struct {
	On, Until schema.Date
	Names     Names // with the people who are made
	Proposal  *adopt.Proposal
	Plan      *reconcile.Plan
	Unread    []reconcile.Unread
	Dry       bool // nothing was to be written
	Stopped   bool // nothing was written, because something could not be read
}

// Data implements [Report].
func (i Import) Data(lang string) any {
	type accountJSON struct {
		Target  string      `json:"target"`
		Account string      `json:"account"`
		Class   adopt.Class `json:"class"`
		By      adopt.Rule  `json:"by,omitempty"`
		Person  string      `json:"person,omitempty"`
		Why     string      `json:"why,omitempty"`
	}
	type looseJSON struct {
		Target  string `json:"target"`
		Account string `json:"account"`
		System  string `json:"system"`
		Role    string `json:"role"`
		Unit    string `json:"unit"`
		Why     string `json:"why"`
	}
	type missingJSON struct {
		Person string `json:"person"`
		File   string `json:"file"`
		Line   string `json:"line"`
	}
	deny, warn := i.findings()
	out := struct {
		Version  int                 `json:"version"`
		At       schema.Date         `json:"at"`
		Until    schema.Date         `json:"until"`
		Written  bool                `json:"written"`
		Files    []string            `json:"files"`
		Counts   map[adopt.Class]int `json:"counts"`
		Accounts []accountJSON       `json:"accounts"`
		Loose    []looseJSON         `json:"loose"`
		Missing  []missingJSON       `json:"missing"`
		Idle     int                 `json:"idle"`
		Changes  []changeJSON        `json:"changes"`
		Deny     int                 `json:"deny"`
		Warn     int                 `json:"warn"`
		Unread   []string            `json:"unread"`
	}{
		version, i.On, i.Until, !i.Dry && !i.Stopped && len(i.files()) > 0, i.files(),
		map[adopt.Class]int{},
		[]accountJSON{},
		[]looseJSON{},
		[]missingJSON{},
		i.Proposal.Idle,
		changesOf(i.Plan.Changes, i.On, lang), deny, warn,
		[]string{},
	}
	for _, c := range adopt.Classes {
		out.Counts[c] = i.Proposal.Count(c)
	}
	for _, e := range i.Proposal.Entries {
		out.Accounts = append(out.Accounts, accountJSON{e.Target, e.Shown, e.Class, e.By, e.Person, e.Why.In(lang)})
	}
	for _, l := range i.Proposal.Loose {
		out.Loose = append(out.Loose, looseJSON{l.Target, l.Shown, l.System, l.Role, l.Unit, l.Why.In(lang)})
	}
	for _, m := range i.Proposal.Missing {
		out.Missing = append(out.Missing, missingJSON{m.Person, m.Path, m.Line})
	}
	for _, u := range i.Unread {
		out.Unread = append(out.Unread, u.Target+": "+u.Err.Error())
	}
	return out
}

// files are the paths of new files.
func (i Import) files() []string {
	files := []string{}
	for _, u := range i.Proposal.Units {
		files = append(files, u.Path)
	}
	for _, p := range i.Proposal.People {
		files = append(files, p.Path)
	}
	return files
}

// findings are how many the rules have against the repository with the new files.
func (i Import) findings() (deny, warn int) {
	for _, f := range i.Plan.Desire.Findings {
		if f.Severity == "deny" {
			deny++
		} else {
			warn++
		}
	}
	return deny, warn
}

// Document implements [Report].
func (i Import) Document(lang string) Document {
	p := i.Proposal
	n := strconv.Itoa
	d := Document{Title: say(lang, "import-title", "day", i.On.String(), "name", i.Names.Organisation)}
	made := "import-written"
	switch {
	case i.Stopped:
		made = "import-stopped"
	case len(i.files()) == 0:
		made = "import-nothing"
	case i.Dry:
		made = "import-dry"
	}
	counts := []any{"n", n(len(p.Entries))}
	for _, c := range adopt.Classes {
		counts = append(counts, string(c), n(p.Count(c)))
	}
	deny, warn := i.findings()
	d.Lead = []string{
		say(lang, made, "people", n(len(p.People)), "units", n(len(p.Units)), "until", i.Until.String()),
		say(lang, "import-counts", counts...),
		say(lang, "import-plan", "n", n(len(i.Plan.Changes)), "deny", n(deny), "warn", n(warn)),
	}
	if p.Idle > 0 {
		d.Lead = append(d.Lead, say(lang, "import-idle", "n", n(p.Idle)))
	}
	unread := Section{Title: say(lang, "unread")}
	for _, u := range i.Unread {
		unread.Lines = append(unread.Lines, u.Target+": "+u.Err.Error())
	}
	d.Sections = append([]Section{unread, i.planned(lang)}, i.classes(lang)...)
	switch {
	case i.Stopped:
		d.Close = []string{say(lang, "import-close-stopped")}
	case !i.Dry && len(i.files()) > 0:
		d.Close = []string{say(lang, "import-close")}
	}
	return d
}

// planned is what a plan would change.
func (i Import) planned(lang string) Section {
	const most = 50
	s := Section{Title: say(lang, "import-changes")}
	for at, c := range i.Plan.Changes {
		if at == most {
			s.Rows = append(s.Rows, []string{"… +" + strconv.Itoa(len(i.Plan.Changes)-most)})
			break
		}
		s.Rows = append(s.Rows, []string{
			c.Sign(), i.Names.person(c.Person), i.Names.system(c.System), i.Names.role(c.Key, lang), i.Names.unit(c.Unit), until(lang, c.Until()), cause(c, lang),
		})
	}
	if len(s.Rows) > 0 {
		s.Lines = []string{say(lang, "import-changes-do")}
	}
	return s
}

// classes are the sections of what is left for people to do.
func (i Import) classes(lang string) []Section {
	section := func(name string, head ...string) Section {
		s := Section{Title: say(lang, "import-"+name)}
		for _, h := range head {
			s.Head = append(s.Head, say(lang, h))
		}
		return s
	}
	of := map[adopt.Class]*Section{}
	for _, c := range []adopt.Class{adopt.Disputed, adopt.Unmatched} {
		s := section(string(c), "import-target", "import-account", "why")
		of[c] = &s
	}
	loose := section("unordered", "import-target", "import-account", "system", "role", "unit", "why")
	named := section("named", "person", "import-target", "import-account")
	passed := section("passed", "import-target", "why", "count")
	count := map[[2]string]int{}
	for _, e := range i.Proposal.Entries {
		switch {
		case of[e.Class] != nil:
			of[e.Class].Rows = append(of[e.Class].Rows, []string{e.Target, e.Shown, e.Why.In(lang)})
		case e.Class == adopt.Unordered && !slices.ContainsFunc(i.Proposal.Loose, func(l adopt.Loose) bool { return l.Of(e) }):
			loose.Rows = append(loose.Rows, []string{e.Target, e.Shown, "", "", "", e.Why.In(lang)})
		case e.Class == adopt.Linked && e.By == adopt.ByName:
			named.Rows = append(named.Rows, []string{i.Names.person(e.Person), e.Target, e.Shown})
		case e.Class == adopt.Passed:
			count[[2]string{e.Target, e.Why.In(lang)}]++
		}
	}
	for _, l := range i.Proposal.Loose {
		loose.Rows = append(loose.Rows, []string{l.Target, l.Shown, i.Names.system(l.System), i.Names.role(schema.Key{System: l.System, Role: l.Role}, lang), i.Names.unit(l.Unit), l.Why.In(lang)})
	}
	missing := section("missing", "person", "import-file", "import-line")
	for _, m := range i.Proposal.Missing {
		missing.Rows = append(missing.Rows, []string{i.Names.person(m.Person), m.Path, m.Line})
	}
	for _, k := range slices.SortedFunc(maps.Keys(count), func(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) }) {
		passed.Rows = append(passed.Rows, []string{k[0], k[1], strconv.Itoa(count[k])})
	}
	for name, s := range map[string]*Section{"disputed": of[adopt.Disputed], "unmatched": of[adopt.Unmatched], "unordered": &loose, "missing": &missing, "named": &named} {
		if len(s.Rows) > 0 {
			s.Lines = []string{say(lang, "import-"+name+"-do")}
		}
	}
	return []Section{*of[adopt.Disputed], *of[adopt.Unmatched], loose, missing, named, passed}
}
