package kind

import (
	"maps"
	"slices"

	"github.com/behorig/behorig/schema"
)

// Row is one line of a listing: an account, where Role is "", or a role that an account holds.
type Row struct {
	System, Account string // the account as the target spells it
	Role, Unit      string // as we call them
	Until           schema.Date
	Disabled        bool
}

// Listing is what a target lists, by whose it is and by key.
type Listing struct {
	State schema.State
	spelt map[[2]string][]string // system and person to their accounts, as spelt there
	rows  map[schema.Key][]int
}

// NewListing makes keys of rows, the account matched to a person by what by says of its system. Of accounts that differ in letters' case alone
// only one is a person's: the one spelt as in the repository, or else the first; the others are nobody's. What is listed twice holds until the later day.
func NewListing(people *People, by func(system string) By, rows []Row) *Listing {
	l := &Listing{schema.State{}, map[[2]string][]string{}, map[schema.Key][]int{}}
	spellings := map[[2]string]map[string]bool{}
	for _, r := range rows {
		if person, ok := people.Match(by(r.System), r.Account); ok {
			who := [2]string{r.System, person}
			if spellings[who] == nil {
				spellings[who] = map[string]bool{}
			}
			spellings[who][r.Account] = true
		}
	}
	theirs := map[[2]string]string{}
	for who, all := range spellings {
		theirs[who] = slices.Min(slices.Collect(maps.Keys(all)))
		if p, err := people.Person(who[1]); err == nil && all[p.Value(by(who[0]))] {
			theirs[who] = p.Value(by(who[0]))
		}
	}
	for i, r := range rows {
		person, ok := people.Match(by(r.System), r.Account)
		if !ok || theirs[[2]string{r.System, person}] != r.Account {
			person = Stranger(r.Account)
		}
		who := [2]string{r.System, person}
		if !slices.Contains(l.spelt[who], r.Account) {
			l.spelt[who] = append(l.spelt[who], r.Account)
		}
		if r.Role == "" && r.Disabled {
			continue
		}
		k := schema.Key{System: r.System, Role: r.Role, Unit: r.Unit, Person: person}
		l.rows[k] = append(l.rows[k], i)
		if before, twice := l.State[k]; !twice || schema.CompareEnds(r.Until, before.Until) > 0 {
			l.State[k] = schema.Grant{Until: r.Until}
		}
	}
	return l
}

// Spelt are the accounts of a person or stranger in a system, as the target spells them; several only where strangers share a key.
func (l *Listing) Spelt(system, person string) []string { return l.spelt[[2]string{system, person}] }

// Rows are the places of the rows that list a key.
func (l *Listing) Rows(k schema.Key) []int { return l.rows[k] }
