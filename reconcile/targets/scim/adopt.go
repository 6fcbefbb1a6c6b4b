package scim

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// adopt takes over the user that stands in the way of one to be made (409, uniqueness), if it is the person's: it came after the list was read, or
// the list does not show it.
func (p *plan) adopt(ctx context.Context, w *write) error {
	there, err := p.other(ctx, w.user)
	if err == nil && there == nil {
		err = fmt.Errorf("POST %s: %d: the service has a user with the same userName or externalId, and it is not to be recognised as this person; give one of them another, or correct it there", w.on.path, http.StatusConflict)
	}
	if err != nil {
		p.lost(w, err)
		return err
	}
	w.on.ID, w.on.Meta = there.ID, there.Meta
	if w.user.active && !there.active {
		w.edits = append(w.edits, &edit{verb: "replace", path: "active", value: w.user.active, serves: w.serves})
	}
	w.user = nil
	if len(w.edits) == 0 {
		p.serve(w.all())
		return nil
	}
	return p.one(ctx, w)
}

// other finds the user that a new one is in conflict with, nil if none of those is the person's.
func (p *plan) other(ctx context.Context, u *user) (*user, error) {
	filters := []string{"userName eq " + quoted(u.UserName)}
	if u.ExternalID != "" {
		filters = append(filters, "externalId eq "+quoted(u.ExternalID))
	}
	for _, filter := range filters {
		raws, err := p.t.client.list(ctx, p.d.offer, u.path, filter)
		if err != nil {
			return nil, err
		}
		for _, raw := range raws {
			there, err := readUser(u.path, raw)
			if err != nil {
				return nil, err
			}
			if person, _, ok := p.t.whose(there); ok && person == u.person {
				return there, nil
			}
		}
	}
	return nil, nil
}

// adoptTeam takes over the group that stands in the way of one to be made.
func (p *plan) adoptTeam(ctx context.Context, w *write) error {
	raws, err := p.t.client.list(ctx, p.d.offer, w.on.path, "displayName eq "+quoted(w.team.DisplayName))
	for _, raw := range raws {
		if g, wrong := readTeam(w.on.path, raw); wrong == nil && strings.EqualFold(g.DisplayName, w.team.DisplayName) {
			w.on.ID, w.on.Meta = g.ID, g.Meta
			p.serve(w.serves)
			return nil
		}
	}
	if err == nil {
		err = &reconcile.Transient{Err: fmt.Errorf("POST %s: the service says that group %s is there, and does not show it", w.on.path, schema.Quote(w.team.DisplayName))}
	}
	p.lost(w, err)
	return err
}
