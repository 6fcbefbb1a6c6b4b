package notify

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/schema"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares messages with a file of testdata.
func golden(t *testing.T, name string, all []Message) {
	t.Helper()
	var b strings.Builder
	for _, m := range all {
		b.WriteString("To: " + m.To + "\nSubject: " + m.Subject + "\n\n" + m.Text)
		if m.Post.Version != 0 && m.To == "" {
			raw, err := json.MarshalIndent(m.Post, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			b.WriteString(string(raw) + "\n")
		}
		b.WriteString("\n" + strings.Repeat("#", 78) + "\n")
	}
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), string(want)); diff != "" {
		t.Errorf("%s (-got +want); go test -update writes it anew:\n%s", name, diff)
	}
}

// The texts, to be read as those read them who get them.
func TestTexts(t *testing.T) {
	day := date(23)
	for _, lang := range []string{"sv", "en"} {
		w := newTown(t, lang)
		access := ending("hemtjanst-norr", "sara.holm", Access, day+2)
		access.Label = "Appva MCSS (Sjuksköterska, webben), Särskilt boende Västerhöjd"
		adopted := ending("sabo-vasterhoj", "sara.holm", Adopted, day+20)
		adopted.Label = "Baspaket hemtjänst"
		other := ending("hemtjanst-norr", "bo.ek", Other, 0)
		other.Text = schema.Text{Sv: "Handläggare i Lifecare är beställd till och med 2027-06-30, men SITHS-kortet gäller till och med 2027-03-31", En: "Handläggare in Lifecare is ordered until 2027-06-30, but the SITHS card is valid until 2027-03-31"}
		other.Do = schema.Text{Sv: "behörigheten vilar från dagen efter om kortet inte förnyas; beställ ett nytt kort i god tid", En: "the access rests from the day after unless the card is renewed; order a new card in good time"}
		people := remember(day,
			ending("hemtjanst-norr", "anna.lindqvist", Employment, day+8), ending("hemtjanst-norr", "bo.ek", Card, day+22),
			ending("hemtjanst-norr", "elsa.dold", Employment, day+1), ending("sabo-vasterhoj", "sara.holm", Licence, day), access, adopted, other,
			withheld("hemtjanst-norr", "bo.ek", "guideline", "lifecare", "Lifecare (Handläggare)"), withheld("hemtjanst-norr", "bo.ek", "guideline", "npo", "NPÖ (Läsare)"),
			withheld("hemtjanst-norr", "bo.ek", "guideline", "combine", "Combine (Utförare)"), withheld("hemtjanst-norr", "bo.ek", "siths", "npo", "NPÖ (Läsare)"),
			withheld("hemtjanst-norr", "anna.lindqvist", "our-own", "npo", "NPÖ (Läsare)"),
			ending("hemtjanst-norr", "karin.berg", Card, day+1),
			order(1, "lifecare", "grant", day-3), order(2, "lifecare", "revoke", day-1), order(3, "npo", "change", day), order(4, "npo", "grant", day+7), order(5, "combine", "grant", day+7),
		)
		messages, after := Digest(people, &w.Directory, w.at(23, 7, 0))
		golden(t, "people."+lang+".txt", messages)
		// Wednesday, a deputy stands in, and what is nearer is told.
		after.Marks.Judged = day + 2
		messages, _ = Digest(after, &w.Directory, w.at(25, 9, 30))
		golden(t, "people-later."+lang+".txt", messages)

		var notices []Notice
		for _, n := range []Notice{
			{What: Stopped, About: "system/lifecare", System: "lifecare", Label: "system", Count: 40, Total: 120},
			{What: Stopped, About: "people/", Label: "people", Count: 12, Total: 30},
			{What: Failed, About: "npo", System: "npo", Count: 3},
			{What: Unread, About: "katalogen", Target: "katalogen", Count: 2},
			{What: Unjudged, Count: 1},
			{What: Faults, Count: 4},
			{What: Broken, About: "lifecare", System: "lifecare"},
			{What: Broken, About: "npo", System: "npo"},
			{What: RemovalsOnly},
			{What: Rewound},
			{What: Unsigned},
			{What: Unfetched},
			{What: Clock},
			{What: DeadJobs, Count: 2},
			{What: BreakGlass, About: "lifecare/17", Label: "17", System: "lifecare", Until: day + 1},
			{What: Revoked, About: "18", Label: "18"},
			{What: Suspended, About: "combine/", System: "combine", Until: day + 4},
			{What: NoAddress, About: Managers, Label: Managers, Count: 2},
			{What: Undelivered, Count: 1},
		} {
			n.To = Operations
			notices = append(notices, n)
		}
		messages, after = Digest(remember(0, notices...), &w.Directory, w.at(23, 3, 14))
		golden(t, "operations."+lang+".txt", messages)
		// Some of it is over, some has become worse.
		later := slicesOf(notices, 2, 7, 8)
		later[0].Count = 300
		after = after.learn(Report{Notices: later, Covers: func(*Notice) bool { return true }}, w.at(23, 3, 20))
		messages, _ = Digest(after, &w.Directory, w.at(23, 3, 40))
		golden(t, "operations-later."+lang+".txt", messages)
	}
}

func slicesOf(all []Notice, which ...int) []Notice {
	var some []Notice
	for _, i := range which {
		some = append(some, all[i])
	}
	return some
}

// Lines of a mail are short, whatever it says, and nothing in it is left to be filled in.
func TestGoldenShape(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) != 8 {
		t.Fatalf("got %d files, %v, want 8", len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		mail := true
		for l := range strings.Lines(string(raw)) {
			switch {
			case strings.HasPrefix(l, "To: "):
				mail = l != "To: \n"
			case mail && strings.HasPrefix(l, "Subject:"):
			case mail && len([]rune(l)) > 79 || mail && strings.ContainsAny(l, "{}"):
				t.Errorf("%s: got line %q, want at most 78 characters and no brace", file, l)
			}
		}
		if strings.Contains(string(raw), "lsa") {
			t.Errorf("%s: got a trace of somebody whose data are protected", file)
		}
	}
}
