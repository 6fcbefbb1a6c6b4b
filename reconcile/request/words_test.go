package request_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

var hole = regexp.MustCompile(`\{([A-Za-z]+)\}`)

// What speaks to those who write the files, and says nothing to a manager.
var technical = regexp.MustCompile(`\bYAML\b|\buntil\b på|\bsigners\b|\bgit\b|behorig seal|under (cards|items|guideline|licences|employments|analysis|checked|hsaId|signers)\b|\bloa\b|\badopted:|targets|incheckning|commit\b|on the line\b|på raden`)

// Every rule and every case of it says what to do in the pages, with no value that the finding does not have.
func TestHintsOfAllRules(t *testing.T) {
	src := falkenberg(t)
	used := map[string]bool{}
	for _, r := range src.Engine.Rules() {
		if r.Name == "no-lent-keys" { // the organisation's own: its hint is its own too
			continue
		}
		cases := []string{""}
		for c := range r.Cases {
			cases = append(cases, c)
		}
		for _, c := range cases {
			id := strings.TrimSpace(r.Name + " " + c)
			hint, ok := request.Hints[id]
			if !ok {
				if hint, ok = request.Hints[r.Name]; !ok {
					t.Errorf("%s: got no hint for the pages", id)
					continue
				}
				id = r.Name
			}
			used[id] = true
			message, own := r.Message, r.Hint
			if m := r.Cases[c].Message; m != (schema.Text{}) {
				message = m
			}
			if h := r.Cases[c].Hint; h != (schema.Text{}) {
				own = h
			}
			for _, text := range []string{hint.Sv, hint.En} {
				for _, m := range hole.FindAllString(text, -1) {
					if !strings.Contains(message.Sv+own.Sv, m) || !strings.Contains(message.En+own.En, m) {
						t.Errorf("%s %q: got the value %s in %q, want one that the rule's own words have", r.Name, c, m, text)
					}
				}
			}
		}
	}
	for id, hint := range request.Hints {
		if !used[id] {
			t.Errorf("%s: got a hint that no rule has", id)
		}
		if hint.Sv == "" || hint.En == "" || technical.MatchString(hint.Sv) || technical.MatchString(hint.En) {
			t.Errorf("%s: got %q and %q, want plain words in both languages", id, hint.Sv, hint.En)
		}
	}
}

// Every problem that the code names has words, and all words are used.
func TestProblemWords(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") || f == "words.go" {
			continue
		}
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(raw)
	}
	for name, w := range request.ProblemWords {
		shape, isShape := strings.CutPrefix(name, "shape-")
		if !strings.Contains(code.String(), `"`+name+`"`) && !(isShape && strings.Contains(code.String(), `"`+shape+`"`)) {
			t.Errorf("%s: got words that nothing says", name)
		}
		what, do := w.WhatAndDo()
		for _, text := range []string{what.Sv, what.En, do.Sv, do.En} {
			if text == "" || technical.MatchString(text) || text != strings.TrimSpace(text) {
				t.Errorf("%s: got %q, want plain words", name, text)
			}
		}
		sv, en := hole.FindAllString(what.Sv+do.Sv, -1), hole.FindAllString(what.En+do.En, -1)
		slices.Sort(sv)
		slices.Sort(en)
		same(t, name+": values in the two languages", sv, en)
	}
	for line := range strings.Lines(code.String()) {
		if _, args, said := strings.Cut(line, ".say("); said && !strings.Contains(line, "func ") {
			literals := regexp.MustCompile(`"([^"]*)"`).FindAllStringSubmatch(args, -1)
			known := func(m []string) bool { _, ok := request.ProblemWords[m[1]]; return ok || m[1] == "shape-" }
			if !slices.ContainsFunc(literals, known) && !strings.Contains(args, "words") {
				t.Errorf("got %q, want a problem with words", strings.TrimSpace(line))
			}
		}
	}
}
