// Package adopt makes a first repository of what targets hold: it tells which accounts are one person's and proposes the files of people and
// units that order what these have already, each line adopted until a day by which somebody reviews it. Whose an account is when the facts do
// not say, it leaves open and says why. It reads and writes nothing, and proposes no change to a file that is there.
package adopt

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// Rule is what an account is linked to a person by.
type Rule string

// The rules. ByKey and Made are of no list: a target that knows its accounts by people's keys, and a person made of accounts alone.
const (
	ByHSAID      Rule = "hsaId"
	ByEmployeeID Rule = "employeeId"
	ByLogin      Rule = "login"
	ByName       Rule = "name"
	ByKey        Rule = "key"
	Made         Rule = "made"
)

// Rules are those that can be asked for, in the order in which they are asked when nothing else is said.
var Rules = []Rule{ByHSAID, ByEmployeeID, ByLogin, ByName}

// ParseRules reads a list of rules, parted by commas.
func ParseRules(list string) ([]Rule, error) {
	var rules []Rule
	for word := range strings.SplitSeq(list, ",") {
		r := Rule(strings.TrimSpace(word))
		if !slices.Contains(Rules, r) || slices.Contains(rules, r) {
			return nil, fmt.Errorf("%s is no rule, or is there twice; use some of hsaId, employeeId, login, name, parted by commas", schema.Quote(word))
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// Class is what became of an account. Each account has just one.
type Class string

// The classes.
const (
	Linked    Class = "linked"    // it is somebody's, and their file orders what it holds, or a new one will, or what to add by hand is said
	Unordered Class = "unordered" // it is somebody's, but nothing that it holds can be ordered
	Unmatched Class = "unmatched" // nobody's that could be told or made
	Disputed  Class = "disputed"  // the facts point at several
	Passed    Class = "passed"    // not looked at: it is switched off, or targets.yaml says that it is never touched
)

// Classes are all, in the order in which they are shown.
var Classes = []Class{Linked, Unordered, Disputed, Unmatched, Passed}

// Account is an account of a target. Person is the key that the target itself knows its owner by, "" if it knows none.
type Account struct {
	Target, Person string
	reconcile.Account
}

// Of makes accounts of what a target holds that can list grants but no whole accounts.
func Of(target string, state schema.State) []Account {
	by := map[string]*Account{}
	for k, g := range state {
		a := by[k.Person]
		if a == nil {
			login, stranger := strings.CutPrefix(k.Person, "@")
			a = &Account{Target: target, Account: reconcile.Account{ID: k.Person, Login: login, Enabled: true}}
			if !stranger {
				a.Person = k.Person
			}
			by[k.Person] = a
		}
		a.Grants = append(a.Grants, reconcile.Holding{System: k.System, Role: k.Role, Unit: k.Unit, Until: g.Until})
	}
	var all []Account
	for _, a := range by {
		all = append(all, *a)
	}
	return Sorted(all)
}

// Sorted is accounts by target, login and the target's own name of them, with their grants in order.
func Sorted(all []Account) []Account {
	all = slices.Clone(all)
	for i := range all {
		all[i].Grants = slices.Clone(all[i].Grants)
		slices.SortFunc(all[i].Grants, func(a, b reconcile.Holding) int {
			return cmp.Or(cmp.Compare(a.System, b.System), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Unit, b.Unit), schema.CompareEnds(a.Until, b.Until))
		})
	}
	slices.SortFunc(all, func(a, b Account) int {
		return cmp.Or(cmp.Compare(a.Target, b.Target), cmp.Compare(a.Login, b.Login), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// Input is what a proposal is made of.
type Input struct {
	Org      *schema.Org
	People   []*schema.Person // whose files are there
	Staff    []*Employee      // of the HR list
	HasStaff bool             // there is one: whom it does not know is not made of accounts
	Accounts []Account        // see [Sorted]
	On       schema.Date
	Until    schema.Date // the day by which what is adopted is to be reviewed
	Match    []Rule
	Manager  string      // of units that are made
	Unit     string      // of people whose unit nothing tells
	Unseen   map[ID]bool // accounts that their targets would not take for the person's whom they are linked to
}

// ID names an account among all targets'.
type ID struct{ Target, ID string }

// Proposal is the files of a first repository, and what became of each account.
type Proposal struct {
	People  []Person
	Units   []*schema.Unit
	Entries []Entry   // one for each account, in their order
	Loose   []Loose   // of linked accounts, that no line can order
	Missing []Missing // of people whose files are there
	Idle    int       // people of the HR list who have no account; no file is made for them
}

// Person is a person to be written. Assumed tells that the HR list does not know the employment.
type Person struct {
	*schema.Person
	Assumed bool
}

// Entry is what became of one account.
type Entry struct {
	ID
	Shown  string // the account, as it may be shown
	Class  Class
	By     Rule
	Person string // the key of the person whose it is, "" for none
	Why    schema.Text
	Keys   []schema.Key // that the target must hold for the person if it takes the account for theirs
}

// Loose is a grant of somebody's account that cannot be ordered.
type Loose struct {
	ID
	Shown              string
	System, Role, Unit string // as they may be shown
	Why                schema.Text
	entry              *Entry
}

// Of tells whether it is a grant of an entry's account.
func (l Loose) Of(e Entry) bool { return l.ID == e.ID }

// Missing is a grant that somebody holds whose file is there and does not order it: the line to add, and where.
type Missing struct {
	schema.Key
	Path, Line string
}

// Count is how many accounts a class has.
func (p *Proposal) Count(c Class) int {
	n := 0
	for _, e := range p.Entries {
		if e.Class == c {
			n++
		}
	}
	return n
}

// Unseen are the accounts that a target would not take for the person's whom they are linked to, given what targets hold when they are read with the
// proposed files.
func (p *Proposal) Unseen(have schema.State) []ID {
	var all []ID
	for _, e := range p.Entries {
		if slices.ContainsFunc(e.Keys, func(k schema.Key) bool { _, held := have[k]; return !held }) {
			all = append(all, e.ID)
		}
	}
	return all
}
