package scim

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile"
)

// few is how many people and groups are looked up one by one. For more, everything is listed.
const few = 6

// look reads what some changes need to know: everything, or for a few changes the people and groups of them alone.
func (t *Target) look(ctx context.Context, changes []reconcile.Change) (*directory, error) {
	o, err := t.offered(ctx)
	if err != nil {
		return nil, err
	}
	people, groups, ok := t.about(changes)
	if !ok || !o.filter || len(people) > few || len(groups) > few {
		return t.all(ctx)
	}
	d := newDirectory(o)
	if found, err := t.lookGroups(ctx, d, groups); err != nil {
		return nil, err
	} else if !found {
		return t.all(ctx)
	}
	if found, err := t.lookPeople(ctx, d, people); err != nil {
		return nil, err
	} else if found {
		t.assign(d)
		return d, nil
	}
	// Somebody is not to be found by what they should have. Before they are said not to be there, everybody is gone through.
	if err := t.allUsers(ctx, d); err != nil {
		return nil, err
	}
	t.assign(d)
	return d, nil
}

// about are the people and the groups that some changes touch; ok is false where it takes all groups to tell who has an account.
func (t *Target) about(changes []reconcile.Change) (people, groups []string, ok bool) {
	for _, name := range t.names.accounts {
		groups = append(groups, name)
	}
	for _, system := range t.config.Systems {
		if _, named := t.names.accounts[system]; !named && t.names.single == "" {
			return nil, nil, false
		}
	}
	for _, c := range changes {
		people = append(people, c.Person)
		if c.Role == "" {
			continue
		}
		if p, err := t.names.place(entry{c.System, c.Role, c.Unit}); err == nil && p.attribute == "" {
			groups = append(groups, p.name)
		}
	}
	slices.Sort(people)
	slices.Sort(groups)
	return slices.Compact(people), slices.Compact(groups), true
}

// lookGroups reads groups by name, and the groups that are in them. It tells false where one is not found, or what is in it cannot be known.
func (t *Target) lookGroups(ctx context.Context, d *directory, names []string) (bool, error) {
	if len(names) > 0 && d.offer.groups == "" {
		return false, nil
	}
	for _, name := range names {
		raws, err := t.client.list(ctx, d.offer, d.offer.groups, "displayName eq "+quoted(name))
		if refusedFilter(err) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		for _, raw := range raws {
			if ok, err := t.lookGroup(ctx, d, raw); err != nil || !ok {
				return false, err
			}
		}
		if len(d.named[strings.ToLower(name)]) == 0 {
			return false, nil // it is not there, or the service takes small and capital letters for different ones, or does not heed the filter
		}
	}
	return true, nil
}

func (t *Target) lookGroup(ctx context.Context, d *directory, raw json.RawMessage) (bool, error) {
	g, err := readTeam(d.offer.groups, raw)
	if err != nil || d.teams[g.ID] != nil {
		return err == nil, err
	}
	if !g.shown { // the list of one may hide what the group itself shows
		if err := t.client.get(ctx, one(g.path, g.ID), nil, &raw); err != nil {
			return false, err
		}
		if g, err = readTeam(d.offer.groups, raw); err != nil {
			return false, err
		}
	}
	d.add(g)
	for id, said := range g.Members {
		switch said {
		case unsaid:
			return false, nil
		case aGroup:
			var child json.RawMessage
			if err := t.client.get(ctx, one(d.offer.groups, id), nil, &child); err != nil {
				return false, err
			}
			if ok, err := t.lookGroup(ctx, d, child); err != nil || !ok {
				return false, err
			}
		}
	}
	return true, nil
}

// lookPeople reads the users of people; it tells false where somebody is not found.
func (t *Target) lookPeople(ctx context.Context, d *directory, people []string) (bool, error) {
	for _, person := range people {
		found := false
		for _, filter := range t.filters(person) {
			raws, err := t.client.list(ctx, d.offer, d.offer.users, filter)
			if refusedFilter(err) {
				return false, nil
			}
			if err != nil {
				return false, err
			}
			if err := d.addUsers(raws); err != nil {
				return false, err
			}
			if found = slices.ContainsFunc(raws, func(raw json.RawMessage) bool { return t.belongs(d, raw, person) }); found {
				break
			}
		}
		if !found {
			return false, nil
		}
	}
	return true, nil
}

// belongs tells whether a user that was found is a person's. Of one who would be somebody else's it takes all users to tell.
func (t *Target) belongs(d *directory, raw json.RawMessage, person string) bool {
	u, err := readUser(d.offer.users, raw)
	if err != nil {
		return false
	}
	whose, _, known := t.whose(u)
	return known && whose == person || !known && t.stranger(u) == person
}

// filters are what a person's user is looked up by, the best way first.
func (t *Target) filters(person string) []string {
	if login, stranger := strings.CutPrefix(person, "@"); stranger {
		return []string{"userName eq " + quoted(login)}
	}
	p, err := t.config.People().Person(person)
	if err != nil {
		return nil
	}
	var filters []string
	for _, attribute := range t.options.Match {
		path, value := attribute, ""
		switch attribute {
		case "externalId":
			value = p.Value(by(t.options.ExternalID))
		case "employeeNumber":
			path, value = enterpriseSchema+":employeeNumber", p.EmployeeID
		case "userName":
			value, _ = fill(t.templates.userName, p)
		}
		if value != "" {
			filters = append(filters, path+" eq "+quoted(value))
		}
	}
	return filters
}

// refusedFilter tells that the service cannot filter by that (RFC 7644 §3.12, invalidFilter), or not at all.
func refusedFilter(err error) bool {
	no := refused(err)
	return no != nil && !reconcile.Passing(err) && (no.status == 400 || no.status == 403 || no.status == 404 || no.status == 501)
}
