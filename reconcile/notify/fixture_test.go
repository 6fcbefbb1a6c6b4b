package notify

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/behorig/behorig/schema"
)

// town is a small organisation: two units under a third, a deputy in one of them from 24 to 27 November.
type town struct {
	Directory
	people map[string]Contact
}

func newTown(t testing.TB, lang string) *town {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	w := &town{people: map[string]Contact{
		"karin.berg":     {Name: "Karin Berg", Email: "karin.berg@example.org"},
		"omar.haddad":    {Name: "Omar Haddad", Email: "omar.haddad@example.org"},
		"helena.stridh":  {Name: "Helena Stridh", Email: "helena.stridh@example.org"},
		"ulla.brannstr":  {Name: "Ulla Brännström", Email: "ulla.brannstrom@example.org"},
		"anna.lindqvist": {Name: "Anna Lindqvist"},
		"bo.ek":          {Name: "Bo Ek"},
		"sara.holm":      {Name: "Sara Holm"},
		"elsa.dold":      {Name: "Elsa Dold", Email: "elsa.dold@example.org", Protected: true},
	}}
	w.Directory = Directory{
		Organisation: "Falkenbergs kommun, socialförvaltningen", Lang: lang, Zone: zone, Mail: true, Post: true, Domain: "example.org", Managers: true,
		Guideline: "Riktlinje informationssäkerhet för medarbetare och förtroendevalda",
		Units: map[string]*schema.Unit{
			"aldreomsorg":    {Key: "aldreomsorg", Name: "Äldreomsorg", Manager: "ulla.brannstr"},
			"hemtjanst-norr": {Key: "hemtjanst-norr", Name: "Hemtjänst Norr", Manager: "karin.berg", Parent: "aldreomsorg", Deputies: []schema.Deputy{{Person: "omar.haddad", From: date(24), Until: date(27)}}},
			"sabo-vasterhoj": {Key: "sabo-vasterhoj", Name: "Särskilt boende Västerhöjd", Manager: "helena.stridh", Parent: "aldreomsorg"},
		},
		Systems:    map[string]string{"lifecare": "Lifecare", "npo": "NPÖ", "combine": "Combine"},
		Desks:      map[string]string{"soc-it": "soc-it@example.org"},
		Operations: []string{"drift@example.org"},
		People:     func(key string) Contact { return w.people[key] },
	}
	return w
}

// date is a day of November 2026, of which 23 is a Monday; 31 is 1 December.
func date(day int) schema.Date { return schema.Day(2026, time.November, day) }

// at is an instant of November 2026 in Stockholm.
func (w *town) at(day, hour, minute int) time.Time {
	return time.Date(2026, time.November, day, hour, minute, 0, 0, w.Zone)
}

// remember is what is known before anything was told.
func remember(judged schema.Date, notices ...Notice) Memory {
	m := Memory{Marks: Marks{Judged: judged, Commit: "c1"}}
	for _, n := range notices {
		m.Entries = append(m.Entries, Entry{Notice: n, Seen: time.Date(2026, time.November, 23, 0, 0, 0, 0, time.UTC)})
	}
	return m
}

func ending(unit, person string, what What, until schema.Date) Notice {
	return Notice{To: Managers, Of: unit, What: what, About: person + "/" + until.String(), Person: person, Until: until, Label: "sjukskoterska"}
}

func withheld(unit, person, rule, system, label string) Notice {
	return Notice{
		To: Managers, Of: unit, What: Withheld, About: person + "/" + rule + "/" + system, Person: person, Rule: rule, System: system, Label: label,
		Text: schema.Text{Sv: "regeln säger nej", En: "the rule says no"}, Do: schema.Text{Sv: "fråga", En: "ask"},
	}
}

func order(id int64, system, verb string, due schema.Date) Notice {
	return Notice{To: Desks, Of: "soc-it", What: WorkOrder, About: system + "/" + string(rune('0'+id)), System: system, ID: id, Until: due, Label: verb}
}

// to are the messages to an address.
func to(all []Message, address string) []Message {
	return slices.DeleteFunc(slices.Clone(all), func(m Message) bool { return m.To != address })
}

// unique is a word that no other test of the process has, nor the same test run again: they share their servers.
func unique() string { return strconv.FormatInt(time.Now().UnixNano(), 36) }
