package reconcile

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/behorig/behorig/schema"
)

// Marks are what people's accounts are told by, by person: key, login, employee number and HSA-id, each as a [Mark].
type Marks map[string][]string

// Mark is a name that an account bears, letters' case aside, as a hash: it is only compared, and some of those who bear one have protected data.
func Mark(name string) string {
	sum := sha256.Sum256([]byte("behorig mark " + strings.ToLower(name)))
	return hex.EncodeToString(sum[:16])
}

// marksOf are a person's.
func marksOf(p *schema.Person) []string {
	var marks []string
	for _, v := range []string{p.Key, p.Login, p.EmployeeID, p.HSAID} {
		if v != "" && !slices.Contains(marks, Mark(v)) {
			marks = append(marks, Mark(v))
		}
	}
	return marks
}

// bearers are the people by mark.
func (m Marks) bearers() map[string][]string {
	by := map[string][]string{}
	for person, marks := range m {
		for _, mark := range marks {
			by[mark] = append(by[mark], person)
		}
	}
	return by
}

// inherit makes ours what we gave to somebody in an account that does not match them any more: their file is gone or does not load, or it names another
// login. Their account then shows as somebody else's or as nobody's, and what we gave there would be left for ever.
//
//	former mark is today     the account shows as   and what we gave in it is
//	theirs alone             theirs                 ours, as ever
//	nobody's                 a stranger's           ours
//	another's alone          the other's            ours, unless it is ordered for them
//	theirs and another's     a stranger's           left while it is ordered: whose it is must be settled first
func (p *Plan) inherit(former Marks) {
	p.former = former
	if len(former) == 0 {
		return
	}
	today := p.Desire.Marks.bearers()
	shown := map[string][]string{} // whom an account shows as, a stranger by mark, to whose it was
	for person, marks := range former {
		for _, mark := range marks {
			switch bearers := today[mark]; {
			case len(bearers) == 1 && bearers[0] == person:
			case len(bearers) == 1:
				shown[bearers[0]] = append(shown[bearers[0]], person)
			default:
				shown["@"+mark] = append(shown["@"+mark], person)
			}
		}
	}
	if len(shown) == 0 {
		return
	}
	owned := maps.Clone(p.Owned)
	for k := range p.Have {
		holder := k.Person
		if name, stranger := strings.CutPrefix(holder, "@"); stranger {
			holder = "@" + Mark(name)
		}
		for _, person := range shown[holder] {
			if len(today[strings.TrimPrefix(holder, "@")]) == 0 && strings.HasPrefix(k.Person, "@") && p.emergency.revoked(schema.Key{System: k.System, Person: person}) {
				p.emergency.exact[k] = person
			}
			own := k
			own.Person = person
			g, ours := p.Owned[own]
			if !ours || !strings.HasPrefix(k.Person, "@") && p.ordered(k) {
				continue
			}
			if p.inherited == nil {
				p.inherited = map[schema.Key]bool{}
			}
			p.inherited[own] = true
			if _, there := p.Desire.Marks[person]; there && strings.HasPrefix(k.Person, "@") && p.ordered(own) && p.shares(person, k.Person, today) {
				continue
			}
			owned[k] = g
		}
	}
	p.Owned = owned
}

// ordered tells whether some line orders a key.
func (p *Plan) ordered(k schema.Key) bool {
	_, wanted := p.Desire.Want[k]
	_, kept := p.Desire.Kept[k]
	return wanted || kept
}

// shares tells whether a person bears the mark of a stranger's account today, together with somebody else.
func (p *Plan) shares(person, stranger string, today map[string][]string) bool {
	return slices.Contains(today[Mark(strings.TrimPrefix(stranger, "@"))], person)
}

// Remember is what the next run must know people's accounts by: today's marks of those who have or had something from us, and former ones while
// something of theirs may be left.
func (p *Plan) Remember() Marks {
	with := map[string]bool{}
	for _, s := range []schema.State{p.Owned, p.Desire.Want, p.Desire.Kept} {
		for k := range s {
			with[k.Person] = true
		}
	}
	left := map[string]bool{}
	for k := range p.inherited {
		left[k.Person] = true
	}
	next := Marks{}
	for person := range with {
		if marks := p.Desire.Marks[person]; marks != nil {
			next[person] = slices.Clone(marks)
		}
	}
	for person, marks := range p.former {
		_, there := p.Desire.Marks[person]
		if !with[person] || there && !left[person] && len(p.Unread) == 0 && p.whole {
			continue
		}
		for _, mark := range marks {
			if !slices.Contains(next[person], mark) {
				next[person] = append(next[person], mark)
			}
		}
	}
	return next
}

// protectedBy are the people whose accounts are under protect: those who bear the name of one.
func (m Marks) protectedBy(accounts map[string]bool) map[string]bool {
	people, protected := map[string]bool{}, map[string]bool{}
	for account := range accounts {
		protected[Mark(account)] = true
	}
	for person, marks := range m {
		if slices.ContainsFunc(marks, func(mark string) bool { return protected[mark] }) {
			people[person] = true
		}
	}
	return people
}
