package example

import (
	"math/rand/v2"
	"strconv"

	"github.com/behorig/behorig/schema"
)

// job is what somebody does in a kind of unit.
type job struct {
	title, pack string
	lines       []schema.Access // beside the package; only for those who may hold a SITHS card
	licence     string
	hsa, siths  bool
	items       []string
	shifts      bool // has hourly and agency staff
}

func lines(system, role string) []schema.Access { return []schema.Access{{System: system, Role: role}} }

var jobs = map[string][]job{
	"hemtjanst": {{title: "undersköterska", pack: "hemtjanst", lines: lines("journal", "utforare"), siths: true, shifts: true, items: []string{"phone", "digital-key"}}},
	"sabo":      {{title: "vårdbiträde", pack: "sabo", lines: lines("journal", "utforare"), siths: true, shifts: true, items: []string{"phone"}}},
	"lss":       {{title: "stödassistent", pack: "lss", lines: lines("journal", "utforare"), siths: true, shifts: true}},
	"hsl":       {{title: "sjuksköterska", pack: "sjukskoterska", lines: append(lines("kvalitet", "inmatning"), schema.Access{System: "signering", Role: "delegering"}), licence: "sjukskoterska", hsa: true, siths: true}},
	"rehab": {
		{title: "arbetsterapeut", pack: "rehab", lines: lines("kvalitet", "inmatning"), licence: "arbetsterapeut", hsa: true, siths: true},
		{title: "fysioterapeut", pack: "rehab", lines: lines("kvalitet", "inmatning"), licence: "fysioterapeut", hsa: true, siths: true},
	},
	"myndighet": {{title: "biståndshandläggare", pack: "myndighet", lines: lines("bidrag", "anvandare")}},
	"ledning":   {{title: "systemförvaltare", pack: "stab", siths: true}},
}

var chief = job{title: "enhetschef", pack: "chef", lines: lines("kvalitet", "rapport"), hsa: true, siths: true, items: []string{"phone"}}

// administered are the roles that the administrators share.
var administered = []schema.Access{
	{System: "journal", Role: "admin"},
	{System: "bidrag", Role: "administrator"},
	{System: "signering", Role: "admin"},
	{System: "nyckel", Role: "admin"},
	{System: "larm", Role: "admin"},
}

// life is what happens to an everyday person beside their work.
type life string

const (
	plain     life = ""
	ended     life = "ended"
	future    life = "future"
	away      life = "leave"
	lent      life = "temporary"
	extended  life = "extended"
	second    life = "second employment"
	protected life = "protected"
)

// lives are how a hundred permanent people live.
var lives = []struct {
	life life
	of   int
}{{ended, 5}, {future, 2}, {away, 4}, {lent, 4}, {extended, 1}, {second, 4}, {protected, 1}}

func liveOne(dice *rand.Rand) life {
	n := dice.IntN(100)
	for _, l := range lives {
		if n -= l.of; n < 0 {
			return l.life
		}
	}
	return plain
}

// formOf is a form of employment for a job: substitutes, hourly and agency staff are everyday in care.
func formOf(j job, dice *rand.Rand) string {
	switch n := dice.IntN(100); {
	case j.shifts && n < 14:
		return "hourly"
	case j.shifts && n < 18:
		return "agency"
	case n < 28:
		return "substitute"
	case !j.shifts && !j.siths && n < 32:
		return "consultant"
	}
	return "permanent"
}

// person makes one person, by number.
func (m *municipality) person(i int) *schema.Person {
	b := &builder{municipality: m, dice: m.dice(i + 1), i: i}
	b.p = &schema.Person{Name: m.names[i], Login: m.login(i), Key: m.keys[i], Path: pathOf(m.keys[i])}
	b.p.Guideline = &schema.Read{Edition: m.edition, Read: b.later(-240, -1)}
	switch admin := i - m.managers; {
	case i < m.managers:
		b.work(chief, i, "permanent", plain)
	case admin < m.admins:
		b.work(jobs["ledning"][0], 0, "permanent", plain)
		for j := admin % len(administered); j < len(administered); j += m.admins {
			b.home().Access = append(b.home().Access, administered[j])
		}
	default:
		b.staff(admin - m.admins)
	}
	return b.p
}

// staff makes one of the many. Every so many of them has a fault, and the work that it can be made in.
func (b *builder) staff(n int) {
	before, after := n*b.Faults/100, (n+1)*b.Faults/100
	if before < after {
		f := faults[before%len(faults)]
		if units := b.ofKind[f.unit]; len(units) > 0 {
			b.work(jobs[f.unit][0], units[b.dice.IntN(len(units))], f.form, f.life)
			f.breaks(b)
			return
		}
	}
	unit := b.leaves[b.dice.IntN(len(b.leaves))]
	kind := b.units[unit].Kind
	switch n := b.dice.IntN(200); {
	case n < 3 && (kind == "hemtjanst" || kind == "sabo" || kind == "hsl"):
		b.work(job{title: "student", pack: "student"}, unit, "student", plain)
	case n == 3:
		b.work(job{title: "nämndledamot", pack: "fortroendevald"}, 0, "elected", plain)
	default:
		j := jobs[kind][b.dice.IntN(len(jobs[kind]))]
		form, life := formOf(j, b.dice), plain
		if form == "permanent" {
			life = liveOne(b.dice)
		}
		b.work(j, unit, form, life)
	}
}

// builder makes one person. Every day is so chosen that no rule has anything to say on the day of the spec, warnings included.
type builder struct {
	*municipality
	dice *rand.Rand
	i    int
	unit int
	p    *schema.Person
}

func (b *builder) home() *schema.Employment { return &b.p.Employments[0] }

// later is a day so and so many days after that of the spec, before it if less than nought.
func (b *builder) later(least, most int) schema.Date {
	return b.On + schema.Date(least+b.dice.IntN(most-least+1))
}

func (b *builder) work(j job, unit int, form string, l life) {
	b.unit = unit
	e := schema.Employment{Unit: b.units[unit].Key, Title: j.title, Form: form}
	access := schema.Access{Package: j.pack}
	switch form {
	case "permanent", "elected":
		e.From = b.later(-6000, -100)
	case "hourly":
		e.From = b.later(-400, -60)
		access.From, access.Until = b.later(-45, -5), b.later(62, 70)
	default:
		e.From, e.Until = b.later(-60, -30), b.later(70, 190)
	}
	if l == ended {
		e.Until = min(b.later(-700, -10), e.From+4000)
		e.From = min(e.From, e.Until-30)
	}
	if l == future {
		e.From = b.later(5, 30)
	}
	e.Access = []schema.Access{access}
	carded := form != "hourly" && form != "student" && form != "elected"
	if carded {
		e.Access = append(e.Access, j.lines...)
	}
	b.p.Employments = []schema.Employment{e}
	b.bring(j, carded, l)
	b.live(l)
}

// bring gives a person what the job requires of them.
func (b *builder) bring(j job, carded bool, l life) {
	e := b.home()
	if j.hsa {
		b.p.HSAID = hsaID(b.i)
	}
	if j.licence != "" {
		b.p.Licences = []schema.Licence{{Profession: j.licence, Checked: b.later(-290, -20)}}
	}
	if l == ended {
		b.issue("phone", e.From, e.Until)
		return
	}
	switch {
	case carded && j.siths:
		b.p.Cards = []schema.Card{{Kind: "siths", LoA: 3, ValidUntil: b.later(200, 1500)}}
		b.issue("siths-card", e.From, 0)
	case !carded:
		b.p.Cards = []schema.Card{{Kind: "falkenberg", ValidUntil: b.later(200, 1500)}}
		b.issue("falkenberg-card", e.From, 0)
	}
	for _, kind := range j.items {
		b.issue(kind, e.From, 0)
	}
}

func (b *builder) issue(kind string, from, returned schema.Date) {
	label := map[string]string{"phone": "T", "digital-key": "N", "siths-card": "S", "falkenberg-card": "K"}[kind] + "-" + strconv.Itoa(10000+b.i)
	b.p.Items = append(b.p.Items, schema.Item{Kind: kind, Label: label, Issued: from, Returned: returned})
}

func (b *builder) live(l life) {
	e := b.home()
	switch l {
	case away:
		from := b.later(-20, 40)
		e.Leave = []schema.Leave{{From: from, Until: from + schema.Date(10+b.dice.IntN(10))}}
	case lent:
		b.p.Identity = sealed
		e.Access = append(e.Access, schema.Access{
			System: "skrivbord", Role: "mapp-las", Unit: b.elsewhere(), From: b.later(-15, 0), Until: b.later(62, 70),
			Reason: pick(b.dice, reasons),
		})
	case extended:
		b.p.Identity = sealed
		e.Access = append(e.Access, schema.Access{
			System: "handlaggning", Role: "las", From: b.later(-15, 0), Until: b.later(62, 70), Reason: pick(b.dice, reasons),
			Extended: true,
		})
	case second:
		access := schema.Access{System: "skrivbord", Role: "mapp-skriv", From: b.later(-45, -5), Until: b.later(62, 70)}
		b.p.Employments = append(b.p.Employments, schema.Employment{
			Unit: b.elsewhere(), Title: e.Title, Form: "hourly", From: b.later(-99, -50),
			Access: []schema.Access{access},
		})
	case protected:
		b.p.Protected = true
	}
}

// elsewhere is another unit than the person's; with one leaf alone, the root.
func (b *builder) elsewhere() string {
	if unit := b.leaves[b.dice.IntN(len(b.leaves))]; unit != b.unit {
		return b.units[unit].Key
	}
	return b.units[0].Key
}
