package portal

import (
	"errors"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// allow holds an order against who gives it, by the files that it makes and not by what its form said: each employment that it touches is in a unit that the
// viewer may order for, nobody orders for themselves, and nobody is reached whom the viewer may not see. Where somebody moves to, or what access they get
// elsewhere, is for the policies and that unit's manager. The policies judge all of it again.
func (x *visit) allow(r request.Request) error {
	switch t := r.(type) {
	case *request.Deputy:
		if t.Person == x.Viewer.Person {
			return forbidden(orderWords["order-self"])
		}
	case *request.HandOver:
		if t.To == x.Viewer.Person {
			return forbidden(orderWords["order-self"])
		}
	}
	files, err := r.Files(x.Now.Org, x.Now.On)
	if slices.Contains(r.People(), x.Viewer.Person) {
		return forbidden(orderWords["order-self"])
	}
	if err != nil {
		var problems request.Problems
		if errors.As(err, &problems) {
			return nil // it is not sent; and the page shows nothing but what the form says
		}
		return err
	}
	changed := make([]string, len(files))
	for i, f := range files {
		changed[i] = f.Path
	}
	after, err := x.Now.Org.WithPeople(request.Apply(x.Now.Org.Files(), files), changed)
	var faults schema.Faults
	if err != nil && !errors.As(err, &faults) {
		return err
	}
	for _, file := range changed {
		key := strings.TrimSuffix(path.Base(file), ".yaml")
		if schema.Area(file) == "units" {
			if !x.mayUnit(key) {
				return forbidden(orderWords["order-not-unit"])
			}
			continue
		}
		if err := x.allowPerson(after, key, r); err != nil {
			return err
		}
	}
	return nil
}

// hiddenColleague tells of a deputy or new manager whose data are protected, and who is not somebody's own to see, what is told of somebody who is not there. Managers'
// names stand in the units for everybody.
func hiddenColleague(n *Now, by string, r request.Request) request.Problems {
	var field, person string
	switch t := r.(type) {
	case *request.Deputy:
		field, person = "person", t.Person
	case *request.HandOver:
		field, person = "to", t.To
	default:
		return nil
	}
	if !n.Org.Knows(person) {
		return nil
	}
	for _, u := range n.Org.Units {
		if u.Manager == person {
			return nil
		}
	}
	p, _ := n.Org.Person(person)
	if p != nil && !p.Protected || n.viewer(by).Sees(p) {
		return nil
	}
	return request.Nobody(field)
}

func (x *visit) allowPerson(after *schema.Org, key string, r request.Request) error {
	var was schema.Person
	if x.Now.Org.Knows(key) {
		p, err := x.Now.Org.Person(key)
		if err != nil {
			return err
		}
		if !x.seesPerson(p) {
			return notFound()
		}
		was = *p
	}
	will, err := after.Person(key)
	if err != nil || will == nil {
		will = &schema.Person{} // its faults are told by the verdict
	}
	touched := false
	for _, e := range was.Employments {
		if slices.ContainsFunc(will.Employments, func(other schema.Employment) bool { return sameLines(e, other) }) {
			continue
		}
		touched = true
		if !x.mayUnit(e.Unit) {
			return forbidden(orderWords["order-not-unit"])
		}
	}
	_, moves := r.(*request.Move)
	for _, e := range will.Employments {
		began := !slices.ContainsFunc(was.Employments, func(other schema.Employment) bool { return other.Unit == e.Unit && other.From == e.From })
		if began && !moves && !x.mayUnit(e.Unit) {
			return forbidden(orderWords["order-not-unit"])
		}
		touched = touched || began
	}
	if !touched && !slices.ContainsFunc(was.Employments, func(e schema.Employment) bool { return x.mayUnit(e.Unit) }) {
		return forbidden(orderWords["order-not-unit"])
	}
	return nil
}

// sameLines compares employments, wherever their lines stand in the file.
func sameLines(a, b schema.Employment) bool {
	plain := func(e schema.Employment) schema.Employment {
		e.Access = slices.Clone(e.Access)
		for i := range e.Access {
			e.Access[i].Line = 0
		}
		return e
	}
	return reflect.DeepEqual(plain(a), plain(b))
}

// seesPerson is [Viewer.Sees], of somebody employed in a unit by a former key too.
func (x *visit) seesPerson(p *schema.Person) bool {
	return x.Viewer.Sees(p) || x.Viewer.SeesDrawn(x.Now.Picture.Person(p.Key)) && (!p.Protected || slices.ContainsFunc(p.Employments, func(e schema.Employment) bool { return x.mayUnit(e.Unit) }))
}
