package example

import "github.com/behorig/behorig/schema"

// fault is what a person has against them, and the rule that says so.
type fault struct {
	rule   string
	what   string
	unit   string // the kind of unit that it is made in
	form   string
	life   life
	breaks func(*builder)
}

// faults are all faults of people, in the order in which they are dealt out: first one of each rule.
var faults = []fault{
	{"guideline", "not read", "hemtjanst", "permanent", plain, func(b *builder) { b.p.Guideline = nil }},
	{"siths", "no card", "hsl", "permanent", plain, func(b *builder) { b.p.Cards = nil }},
	{"card-form", "hourly with a role that needs a card", "sabo", "hourly", plain, func(b *builder) { b.order("journal", "utforare") }},
	{"hsa-id", "none", "hsl", "permanent", plain, func(b *builder) { b.p.HSAID = "" }},
	{"licence", "none", "hsl", "permanent", plain, func(b *builder) { b.p.Licences = nil }},
	{"temporary", "no end and no reason", "sabo", "permanent", lent, func(b *builder) { b.last().Until, b.last().Reason = 0, "" }},
	{"adopted", "too far away", "sabo", "permanent", plain, func(b *builder) { b.adopt("skrivbord", "mapp-skriv", b.later(181, 400)) }},
	{"employment", "substitute without end", "lss", "substitute", plain, func(b *builder) { b.home().Until = 0 }},
	{"hourly", "too long", "sabo", "hourly", plain, func(b *builder) { b.last().Until = b.later(150, 200) }},
	{"role-allowed", "another kind of unit", "myndighet", "permanent", plain, func(b *builder) { b.order("signering", "app") }},
	{"conflict", "administrator and user", "myndighet", "permanent", plain, func(b *builder) { b.order("bidrag", "administrator") }},
	{"items", "no digital key", "hemtjanst", "permanent", plain, func(b *builder) { b.drop("digital-key") }},
	{"expiring", "card", "hsl", "permanent", plain, func(b *builder) { b.p.Cards[0].ValidUntil = b.later(5, 55) }},
	{"reference", "misspelt role", "lss", "permanent", plain, func(b *builder) { b.order("planering", "personnal") }},
	{"reference", "login of somebody else", "sabo", "permanent", plain, func(b *builder) { b.p.Login = b.login(b.i - 1) }},

	{"guideline", "old edition", "sabo", "permanent", plain, func(b *builder) { b.p.Guideline.Edition = "2019-01" }},
	{"guideline", "read later", "sabo", "substitute", plain, func(b *builder) { b.p.Guideline.Read = b.later(3, 20) }},
	{"siths", "card of too low a level", "hsl", "permanent", plain, func(b *builder) { b.p.Cards[0].LoA = 2 }},
	{"siths", "card has run out", "hemtjanst", "permanent", plain, func(b *builder) { b.p.Cards[0].ValidUntil = b.later(-90, -5) }},
	{"card-form", "hourly with a card", "hemtjanst", "hourly", plain, func(b *builder) { b.p.Cards[0].Kind, b.p.Cards[0].LoA = "siths", 3 }},
	{"card-form", "short substitute", "sabo", "substitute", plain, func(b *builder) { b.home().From, b.home().Until = b.On-10, b.On+75 }},
	{"licence", "not checked for a year", "hsl", "permanent", plain, func(b *builder) { b.p.Licences[0].Checked = b.later(-700, -380) }},
	{"licence", "another profession", "hsl", "permanent", plain, func(b *builder) { b.p.Licences[0].Profession = "tandhygienist" }},
	{"temporary", "too long", "hemtjanst", "permanent", lent, func(b *builder) { b.last().Until = b.later(95, 200) }},
	{"temporary", "identity not sealed", "sabo", "permanent", extended, func(b *builder) { b.p.Identity = "" }},
	{"employment", "access after its end", "sabo", "substitute", plain, func(b *builder) { b.last().Until = b.home().Until + 30 }},
	{"role-allowed", "another form", "hemtjanst", "agency", plain, func(b *builder) { b.order("planering", "planerare") }},
	{"conflict", "officer and fees", "myndighet", "permanent", plain, func(b *builder) { b.order("handlaggning", "avgift") }},
	{"items", "not returned", "sabo", "permanent", ended, func(b *builder) { b.p.Items[0].Returned = 0 }},
	{"expiring", "employment", "lss", "substitute", plain, func(b *builder) { b.home().Until = b.On + 50 }},
	{"expiring", "temporary access", "hemtjanst", "permanent", lent, func(b *builder) { b.last().Until = b.later(5, 55) }},
	{"expiring", "licence", "hsl", "permanent", plain, func(b *builder) { b.p.Licences[0].Checked = b.later(-355, -320) }},
	{"expiring", "card before the access", "sabo", "substitute", plain, func(b *builder) { b.home().Until, b.p.Cards[0].ValidUntil = b.On+150, b.On+100 }},
	{"reference", "unknown unit", "sabo", "permanent", plain, func(b *builder) { b.home().Unit = "nedlagd-enhet" }},
	{"reference", "unknown package", "sabo", "permanent", plain, func(b *builder) { b.home().Access[0].Package = "grundpaket" }},
	{"reference", "HSA-id of somebody else", "hsl", "permanent", plain, func(b *builder) { b.p.HSAID = hsaID(b.i % b.managers) }},
}

// last is the last access line of the first employment.
func (b *builder) last() *schema.Access { return &b.home().Access[len(b.home().Access)-1] }

// order adds a line, of the same days as the first.
func (b *builder) order(system, role string) {
	first := b.home().Access[0]
	b.home().Access = append(b.home().Access, schema.Access{System: system, Role: role, From: first.From, Until: first.Until})
}

// adopt adds a line that is adopted until a day.
func (b *builder) adopt(system, role string, until schema.Date) {
	b.home().Access = append(b.home().Access, schema.Access{System: system, Role: role, Until: until, Adopted: true})
}

// drop takes away a thing issued.
func (b *builder) drop(kind string) {
	var rest []schema.Item
	for _, it := range b.p.Items {
		if it.Kind != kind {
			rest = append(rest, it)
		}
	}
	b.p.Items = rest
}
