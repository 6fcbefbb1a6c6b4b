package kind

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/behorig/behorig/schema"
)

// Person is what a target may be told of somebody. It holds no personnummer.
type Person struct {
	Key, Name                string
	Login, EmployeeID, HSAID string // "" if not known
	Protected                bool   // name and identity go nowhere but into the target itself: no ticket, no log, no error
	LastDay                  schema.Date
	Jobs                     []Job // that have begun on the day or are to come, in the file's order
}

// Job is one employment of a person.
type Job struct {
	Unit, Title, Form string
	From, Until       schema.Date
}

// By is what an account is matched to a person by.
type By string

// The ways, as options name them. ByPerson is the key of the person's file.
const (
	ByPerson     By = "person"
	ByLogin      By = "login"
	ByEmployeeID By = "employeeId"
	ByHSAID      By = "hsaId"
)

// Value is a person's value of it, "" if it is not known.
func (p *Person) Value(by By) string {
	switch by {
	case ByPerson:
		return p.Key
	case ByLogin:
		return p.Login
	case ByEmployeeID:
		return p.EmployeeID
	case ByHSAID:
		return p.HSAID
	}
	return ""
}

// People is everybody of a repository whose file loads.
type People struct {
	byKey map[string]*Person
	by    map[By]map[string][]string // folded value to keys
}

// NewPeople puts together the people of a repository as they are on a day. People whose files do not load are not among them.
func NewPeople(o *schema.Org, on schema.Date) *People {
	p := &People{byKey: map[string]*Person{}, by: map[By]map[string][]string{ByLogin: {}, ByEmployeeID: {}, ByHSAID: {}}}
	var mu sync.Mutex
	o.Each(func(of *schema.Person, err error) {
		if err != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		p.add(of, on)
	})
	return p
}

func (p *People) add(of *schema.Person, on schema.Date) {
	person := &Person{
		Key: of.Key, Name: of.Name, Login: of.Login, EmployeeID: of.EmployeeID, HSAID: of.HSAID, Protected: of.Protected, LastDay: of.LastDay(),
	}
	for _, e := range of.Employments {
		if e.Until == 0 || e.Until >= on {
			person.Jobs = append(person.Jobs, Job{e.Unit, e.Title, e.Form, e.From, e.Until})
		}
	}
	p.byKey[of.Key] = person
	for by, keys := range p.by {
		if v := person.Value(by); v != "" {
			keys[strings.ToLower(v)] = append(keys[strings.ToLower(v)], of.Key)
		}
	}
}

// Person is one person by key.
func (p *People) Person(key string) (*Person, error) {
	if person := p.byKey[key]; person != nil {
		return person, nil
	}
	return nil, fmt.Errorf("%s has no file that loads", key)
}

// Match finds whose account it is by a value that it bears, letters' case aside. A value that two people share is nobody's.
func (p *People) Match(by By, value string) (key string, ok bool) {
	keys := p.Bearers(by, value)
	if len(keys) != 1 {
		return "", false
	}
	return keys[0], true
}

// Bearers are the people who bear a value, letters' case aside.
func (p *People) Bearers(by By, value string) []string {
	value = strings.ToLower(value)
	if by != ByPerson {
		return p.by[by][value]
	}
	if _, ok := p.byKey[value]; !ok {
		return nil
	}
	return []string{value}
}

// Keys are all keys, sorted.
func (p *People) Keys() []string {
	keys := make([]string, 0, len(p.byKey))
	for k := range p.byKey {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Whose finds the person of an account by the first of several ways that knows the value; values are by way. Nobody's account is a
// stranger's (reconcile.Stranger).
func (p *People) Whose(ways []By, value func(By) string) (key string, ok bool) {
	for _, by := range ways {
		if v := value(by); v != "" {
			if key, ok := p.Match(by, v); ok {
				return key, true
			}
		}
	}
	return "", false
}
