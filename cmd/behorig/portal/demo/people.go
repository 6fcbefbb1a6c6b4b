package demo

import (
	"cmp"
	"maps"
	"slices"

	"github.com/behorig/behorig/schema"
)

// Person is somebody to be in a demonstration, with a line on what they may do, in Swedish and English.
type Person struct{ Key, Sv, En string }

// People are a few people of a repository who may do different things, on a day: managers of units with staff, one above others, a deputy, whoever works at a desk, and an auditor.
func People(o *schema.Org, on schema.Date) []Person {
	staff := map[string]int{}
	for _, key := range o.PersonKeys() {
		p, err := o.Person(key)
		if err != nil || p == nil || p.Protected {
			continue
		}
		for _, e := range p.Employments {
			if (schema.Span{From: e.From, Until: e.Until}).Holds(on) {
				staff[e.Unit]++
			}
		}
	}
	c := cast{o: o, seen: map[string]bool{}}
	units := slices.Sorted(maps.Keys(o.Units))
	slices.SortStableFunc(units, func(a, b string) int { return cmp.Compare(staff[b], staff[a]) })
	n := 0
	for _, key := range units {
		if u := o.Units[key]; n < 3 && staff[key] > 0 && c.add(u.Manager, "Chef för "+u.Name+": ser och beställer för sina medarbetare.", "Manager of "+u.Name+": sees and orders for the staff there.") {
			n++
		}
	}
	for _, key := range units {
		for _, d := range o.Units[key].Deputies {
			if (schema.Span{From: d.From, Until: d.Until}).Holds(on) {
				c.add(d.Person, "Ställföreträdare för chefen i "+o.Units[key].Name+" just nu.", "Deputy of the manager of "+o.Units[key].Name+" right now.")
			}
		}
	}
	for _, desk := range slices.Sorted(maps.Keys(o.Portal.Desks)) {
		for _, person := range o.Portal.Desks[desk][:min(1, len(o.Portal.Desks[desk]))] {
			c.add(person, "Handläggare vid "+desk+": gör det som görs för hand och kvitterar det.", "Works at the desk "+desk+": does what is done by hand, and confirms it.")
		}
	}
	for _, person := range o.Portal.Auditors[:min(1, len(o.Portal.Auditors))] {
		c.add(person, "Granskare: ser vem som haft vad och varför, och ändrar ingenting.", "Auditor: sees who has had what and why, and changes nothing.")
	}
	for _, key := range units[:min(3, len(units))] {
		if above := o.Unit(o.Units[key].Parent); above != nil {
			c.add(above.Manager, "Chef över flera enheter i "+above.Name+".", "Manager above several units of "+above.Name+".")
		}
	}
	return c.all
}

type cast struct {
	o    *schema.Org
	seen map[string]bool
	all  []Person
}

// add takes somebody in who is not there yet, and whose name may be shown.
func (c *cast) add(person, sv, en string) bool {
	if c.seen[person] {
		return false
	}
	p, err := c.o.Person(person)
	if err != nil || p == nil || p.Protected {
		return false
	}
	c.seen[person] = true
	c.all = append(c.all, Person{person, sv, en})
	return true
}
