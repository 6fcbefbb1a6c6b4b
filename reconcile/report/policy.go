package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/policies"
	"github.com/behorig/behorig/schema"
)

// ruleWords are what reports of rules say of themselves.
var ruleWords = map[string]schema.Text{
	"list":     {Sv: "Regler: {n}, varav {own} egna", En: "Rules: {n}, {own} of them the organisation's own"},
	"rule":     {Sv: "Regel", En: "Rule"},
	"severity": {Sv: "Allvar", En: "Severity"},
	"effect":   {Sv: "Verkan", En: "Effect"},
	"controls": {Sv: "ISO/IEC 27002", En: "ISO/IEC 27002"},
	"message":  {Sv: "Säger", En: "Says"},
	"more":     {Sv: "Mer om en regel: behorig policy explain REGEL", En: "More of a rule: behorig policy explain RULE"},
	"deny":     {Sv: "hindrar sammanslagning", En: "stops a merge"},
	"warn":     {Sv: "varnar", En: "warns"},
	"none":     {Sv: "rapporteras bara", En: "reported only"},
	"keep":     {Sv: "ges inte på nytt, lämnas om den finns", En: "not given anew, left if held"},
	"withhold": {Sv: "ges inte, och tas bort om den finns", En: "not given, and taken away if held"},
	"source":   {Sv: "Organisationens egen regel, {file}", En: "The organisation's own rule, {file}"},
	"cases":    {Sv: "Vad den säger", En: "What it says"},
	"why":      {Sv: "Varför", En: "Why"},
	"bad":      {Sv: "Stoppas", En: "Denied"},
	"good":     {Sv: "Går bra", En: "Lets pass"},

	"test-title":  {Sv: "Egna regler: {files} filer, {tests} test", En: "Own rules: {files} files, {tests} tests"},
	"test-none":   {Sv: "Det finns inga egna regler under policies/.", En: "There are no rules of its own under policies/."},
	"test-ok":     {Sv: "Alla test går igenom.", En: "All tests pass."},
	"test-bad":    {Sv: "{n} fel.", En: "{n} wrong."},
	"test-no":     {Sv: "Inget test: skriv ett som stoppas och ett som nästan gör det, i policies/{name}_test.rego", En: "No test: write one that is denied and one that nearly is, in policies/{name}_test.rego"},
	"test-faults": {Sv: "Kan inte användas eller är inte formaterad", En: "Cannot be used or is not formatted"},
	"test-fails":  {Sv: "Går inte igenom", En: "Does not pass"},
	"test-cover":  {Sv: "Rader som testen når", En: "Lines that the tests come to"},
	"test-file":   {Sv: "Fil", En: "File"},
	"test-missed": {Sv: "Missade rader", En: "Missed lines"},
	"test-low":    {Sv: "{file}: {have} % av raderna nås, minst {want} % krävs", En: "{file}: {have} % of the lines are come to, at least {want} % are required"},
}

func tell(lang, name string, pairs ...any) string { return ruleWords[name].With(pairs...).In(lang) }

// Rules lists rules.
type Rules []policies.Rule

// Rule explains one.
type Rule policies.Rule

type caseJSON struct {
	Case    string `json:"case"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

type ruleJSON struct {
	Rule     string   `json:"rule"`
	Severity string   `json:"severity"`
	Effect   string   `json:"effect"`
	Controls []string `json:"controls"`
	Own      bool     `json:"own"`
	Source   string   `json:"source"`
	Message  string   `json:"message"`
}

func ruleOf(r policies.Rule, lang string) ruleJSON {
	j := ruleJSON{r.Name, r.Severity, r.Effect.String(), listed(r.Controls), r.Local(), "", r.Message.In(lang)}
	if j.Own {
		j.Source = r.Source
	}
	return j
}

// Data implements [Report].
func (rs Rules) Data(lang string) any {
	out := struct {
		Version int        `json:"version"`
		Rules   []ruleJSON `json:"rules"`
	}{version, []ruleJSON{}}
	for _, r := range rs {
		out.Rules = append(out.Rules, ruleOf(r, lang))
	}
	return out
}

// Document implements [Report].
func (rs Rules) Document(lang string) Document {
	own := 0
	s := Section{Title: tell(lang, "rule"), Head: []string{tell(lang, "rule"), tell(lang, "severity"), tell(lang, "effect"), tell(lang, "controls"), tell(lang, "message")}}
	for _, r := range rs {
		name := r.Name
		if r.Local() {
			own++
			name += " *"
		}
		s.Rows = append(s.Rows, []string{name, r.Severity, r.Effect.String(), joined(r.Controls), r.Message.In(lang)})
	}
	return Document{Title: tell(lang, "list", "n", strconv.Itoa(len(rs)), "own", strconv.Itoa(own)), Sections: []Section{s}, Close: []string{tell(lang, "more")}}
}

// cases are the rule's messages: its own first, then those of its cases, by name.
func (r Rule) cases(lang string) []caseJSON {
	out := []caseJSON{{"", r.Message.In(lang), r.Hint.In(lang)}}
	for _, name := range slices.Sorted(maps.Keys(r.Cases)) {
		c := caseJSON{name, r.Cases[name].Message.In(lang), r.Cases[name].Hint.In(lang)}
		if c.Message == "" {
			c.Message = out[0].Message
		}
		if c.Hint == "" {
			c.Hint = out[0].Hint
		}
		out = append(out, c)
	}
	return out
}

// Data implements [Report].
func (r Rule) Data(lang string) any {
	return struct {
		Version int `json:"version"`
		ruleJSON
		Cases []caseJSON `json:"cases"`
		Why   string     `json:"why"`
		Bad   string     `json:"bad"`
		Good  string     `json:"good"`
	}{version, ruleOf(policies.Rule(r), lang), r.cases(lang), r.Why.In(lang), r.Bad, r.Good}
}

// Document implements [Report].
func (r Rule) Document(lang string) Document {
	d := Document{Title: r.Name, Lead: []string{tell(lang, r.Severity) + "; " + tell(lang, r.Effect.String()) + controls(r.Controls)}}
	if policies.Rule(r).Local() {
		d.Lead = append(d.Lead, tell(lang, "source", "file", r.Source))
	}
	said := Section{Title: tell(lang, "cases")}
	for _, c := range r.cases(lang) {
		said.Lines = append(said.Lines, c.Message, "    → "+c.Hint)
	}
	d.Sections = []Section{
		said,
		{Title: tell(lang, "why"), Lines: split(r.Why.In(lang))},
		{Title: tell(lang, "bad"), Lines: split(r.Bad)},
		{Title: tell(lang, "good"), Lines: split(r.Good)},
	}
	return d
}

// split is a text's lines, none of an empty one.
func split(text string) []string {
	if text = strings.TrimRight(text, "\n"); text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// Trial is what the organisation's tests of its own rules came to. AtLeast is the share of lines, in per cent, that they have to come to.
type Trial struct {
	*policies.Trial
	AtLeast int
}

// Failed tells whether something is to be mended.
func (t Trial) Failed() bool { return t.Trial.Failed() || len(t.low("en")) > 0 }

func reached(c policies.Coverage) int {
	if c.Lines() == 0 {
		return 100
	}
	return 100 * c.Covered / c.Lines()
}

// low are the files that the tests come to too little of.
func (t Trial) low(lang string) []string {
	var out []string
	for _, f := range t.Files {
		if reached(f) < t.AtLeast {
			out = append(out, tell(lang, "test-low", "file", f.File, "have", strconv.Itoa(reached(f)), "want", strconv.Itoa(t.AtLeast)))
		}
	}
	return out
}

func missed(c policies.Coverage) []string {
	out := []string{}
	for _, m := range c.Missed {
		if m[0] == m[1] {
			out = append(out, strconv.Itoa(m[0]))
			continue
		}
		out = append(out, fmt.Sprintf("%d-%d", m[0], m[1]))
	}
	return out
}

// Data implements [Report].
func (t Trial) Data(lang string) any {
	type faultJSON struct {
		schema.Pos
		Message string `json:"message"`
		Hint    string `json:"hint"`
	}
	type testJSON struct {
		schema.Pos
		Name    string `json:"name"`
		Passed  bool   `json:"passed"`
		Problem string `json:"problem"`
		Output  string `json:"output"`
	}
	type fileJSON struct {
		File    string   `json:"file"`
		Covered int      `json:"covered"`
		Lines   int      `json:"lines"`
		Missed  []string `json:"missed"`
	}
	out := struct {
		Version int         `json:"version"`
		Passed  bool        `json:"passed"`
		Faults  []faultJSON `json:"faults"`
		Tests   []testJSON  `json:"tests"`
		Files   []fileJSON  `json:"files"`
	}{version, !t.Failed(), []faultJSON{}, []testJSON{}, []fileJSON{}}
	for _, f := range t.Faults {
		out.Faults = append(out.Faults, faultJSON{f.Pos, f.What.In(lang), f.Do.In(lang)})
	}
	for _, r := range t.Tests {
		out.Tests = append(out.Tests, testJSON{r.Pos, r.Name, r.Problem == "", r.Problem, r.Output})
	}
	for _, f := range t.Files {
		out.Files = append(out.Files, fileJSON{f.File, f.Covered, f.Lines(), missed(f)})
	}
	return out
}

// Document implements [Report].
func (t Trial) Document(lang string) Document {
	faults := Section{Title: tell(lang, "test-faults")}
	for _, f := range t.Faults {
		faults.Lines = append(faults.Lines, f.Pos.String()+": "+f.What.In(lang), "    → "+f.Do.In(lang))
	}
	fails := Section{Title: tell(lang, "test-fails"), Lines: t.low(lang)}
	for _, r := range t.Tests {
		if r.Problem != "" {
			fails.Lines = append(fails.Lines, fmt.Sprintf("%s: %s: %s", r.Pos, r.Name, r.Problem))
			for _, line := range split(r.Output) {
				fails.Lines = append(fails.Lines, "    "+line)
			}
		}
	}
	cover := Section{Title: tell(lang, "test-cover"), Head: []string{tell(lang, "test-file"), "%", tell(lang, "test-missed")}}
	for _, f := range t.Files {
		cover.Rows = append(cover.Rows, []string{f.File, strconv.Itoa(reached(f)), strings.Join(missed(f), ", ")})
	}
	if len(t.Files) > 0 && len(t.Tests) == 0 && len(t.Faults) == 0 {
		name := strings.TrimSuffix(t.Files[0].File[strings.LastIndexByte(t.Files[0].File, '/')+1:], ".rego")
		fails.Lines = append(fails.Lines, tell(lang, "test-no", "name", name))
	}
	d := Document{Title: tell(lang, "test-title", "files", strconv.Itoa(len(t.Files)), "tests", strconv.Itoa(len(t.Tests))), Sections: []Section{faults, fails, cover}}
	switch {
	case t.Failed():
		d.Lead = []string{tell(lang, "test-bad", "n", strconv.Itoa(max(1, len(t.Faults)+len(t.low(lang))+failures(t.Tests))))}
	case len(t.Files) == 0:
		d.Lead = []string{tell(lang, "test-none")}
	default:
		d.Lead = []string{tell(lang, "test-ok")}
	}
	return d
}

func failures(tests []policies.TestRun) int {
	n := 0
	for _, r := range tests {
		if r.Problem != "" {
			n++
		}
	}
	return n
}
