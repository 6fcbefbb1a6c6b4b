package scim

import (
	"strings"

	"github.com/behorig/behorig/reconcile/targets/kind"
)

// whose finds the person that a user is recognised as, and by which of the ways. One that has another value than the person where a surer way looks is
// somebody else's, whatever else they share.
func (t *Target) whose(u *user) (person string, way int, ok bool) {
	people := t.config.People()
	for i := range t.options.Match {
		by, value := t.told(u, i)
		person, ok := people.Whose([]kind.By{by}, func(kind.By) string { return value })
		if ok && !t.contradicts(person, u, i) {
			return person, i, true
		}
	}
	return "", 0, false
}

// told is what a user says of itself in the place where one of the ways looks, "" if nothing.
func (t *Target) told(u *user, way int) (by kind.By, value string) {
	switch t.options.Match[way] {
	case "employeeNumber":
		return kind.ByEmployeeID, u.Enterprise.EmployeeNumber
	case "userName":
		by = identifying(t.templates.userName)
		if found, fits := t.templates.userName.Match(u.UserName); fits {
			value = found[string(by)]
		}
		return by, value
	}
	return kind.By(t.options.ExternalID), u.ExternalID
}

// contradicts tells that a user has another value than a person in a place where a way before this one looks.
func (t *Target) contradicts(person string, u *user, way int) bool {
	p, err := t.config.People().Person(person)
	if err != nil {
		return false
	}
	for i := range way {
		by, value := t.told(u, i)
		if v := p.Value(by); v != "" && value != "" && !strings.EqualFold(v, value) {
			return true
		}
	}
	return false
}

// stranger is the key of a user that is nobody's: its userName, unless that leads to somebody whose data are protected.
func (t *Target) stranger(u *user) string {
	people := t.config.People()
	for i := range t.options.Match {
		by, value := t.told(u, i)
		if key, ok := people.Match(by, value); ok && value != "" {
			if p, err := people.Person(key); err == nil && p.Protected {
				return kind.Stranger("id-" + u.ID)
			}
		}
	}
	return kind.Stranger(u.UserName)
}
