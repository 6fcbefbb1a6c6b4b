package scim

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/behorig/behorig/reconcile"
)

// one makes one call and says what came of its changes. What several edits together fail of is found by halves: one bad change fails alone.
func (p *plan) one(ctx context.Context, w *write) error {
	err := p.send(ctx, w)
	no := refused(err)
	switch {
	case err == nil:
		p.serve(w.all())
		return nil
	case w.user != nil && no != nil && no.status == http.StatusConflict:
		return p.adopt(ctx, w)
	case w.team != nil && no != nil && no.status == http.StatusConflict:
		return p.adoptTeam(ctx, w)
	case no == nil || reconcile.Passing(err) || w.user != nil || w.team != nil || final(no.status):
	case len(w.edits) > 1 && (no.status != http.StatusNotFound || p.refresh(ctx, w.on) == nil): // it may be a member that is not found
		half := len(w.edits) / 2
		_ = p.one(ctx, &write{on: w.on, edits: w.edits[:half]})
		return p.one(ctx, &write{on: w.on, edits: w.edits[half:]})
	case len(w.edits) == 1 && w.edits[0].verb == "remove" && no.kind == "noTarget":
		p.serve(w.all()) // it was gone already (RFC 7644 §3.5.2.2 lets a service say so)
		return nil
	}
	p.lost(w, err)
	return err
}

// lost says that a call failed, and with it what was to be done with a resource that it was to make.
func (p *plan) lost(w *write, err error) {
	p.fail(w.all(), err)
	if w.on.ID == "" {
		w.on.made = err
		p.orphan(w)
	}
}

// orphan fails what was to be done with a resource that could not be made.
func (p *plan) orphan(w *write) {
	for _, phase := range []int{give, enter, open} {
		if later := p.writes[phase][w.on]; later != nil {
			p.fail(later.all(), w.on.made)
			later.edits = nil
		}
	}
}

// final tells a status that says no to the call, whatever is in it.
func final(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden || status >= 300 && status < 400
}

// send makes the call of a write. Where the service keeps versions, the resource is changed only if nobody changed it since it was read; edits give and take single
// members and values, so they are as right after another's change, and only the version is read anew.
func (p *plan) send(ctx context.Context, w *write) error {
	for attempt := 0; ; attempt++ {
		r := p.request(w)
		if p.d.offer.etag && r.method == http.MethodPatch {
			if w.on.Meta.Version == "" {
				if err := p.refresh(ctx, w.on); err != nil {
					return err
				}
			}
			r.version = w.on.Meta.Version
		}
		a, err := p.t.client.call(ctx, r)
		if no := refused(err); no != nil && no.status == http.StatusPreconditionFailed {
			if w.on.Meta.Version = ""; attempt < reversed {
				continue
			}
			return &reconcile.Transient{Err: err}
		}
		if err != nil {
			return err
		}
		return w.on.answered(r, a.Status, a.Header.Get("ETag"), a.Body)
	}
}

// refresh reads the version of a resource.
func (p *plan) refresh(ctx context.Context, on *resource) error {
	a, err := p.t.client.call(ctx, request{method: http.MethodGet, path: one(on.path, on.ID)})
	if err != nil {
		return err
	}
	var now resource
	if err := decode(http.MethodGet, one(on.path, on.ID), a.Body, &now); err != nil {
		return err
	}
	on.Meta.Version = now.Meta.Version
	if tag := a.Header.Get("ETag"); tag != "" {
		on.Meta.Version = tag
	}
	return nil
}

// answered takes the id and version from the answer to a write.
func (on *resource) answered(r request, status int, tag string, body []byte) error {
	var now resource
	shown := len(body) > 0 && json.Unmarshal(body, &now) == nil
	on.Meta.Version = tag
	if tag == "" && shown {
		on.Meta.Version = now.Meta.Version
	}
	if r.method == http.MethodPost && on.ID == "" {
		if !shown || now.ID == "" {
			return &reconcile.Transient{Err: errors.New("POST " + r.path + ": the service did not say what it made")}
		}
		on.ID = now.ID
	}
	return nil
}

// operation is one operation of a PATCH.
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

// request is the call of a write.
func (p *plan) request(w *write) request {
	r := request{method: http.MethodPatch, path: one(w.on.path, w.on.ID), mute: p.mute(w)}
	switch {
	case w.user != nil:
		r.method, r.path, r.body = http.MethodPost, w.on.path, p.t.body(w.user, w.edits)
		return r
	case w.team != nil:
		r.method, r.path = http.MethodPost, w.on.path
		r.body = map[string]any{"schemas": []string{groupSchema}, "displayName": w.team.DisplayName}
		return r
	}
	var ops []operation
	for _, e := range w.edits {
		value := e.value
		switch {
		case e.member != nil:
			value = []map[string]string{{"value": e.member.ID}}
		case e.single != "":
			value = []map[string]string{{"value": e.single}}
		}
		// What is added to one attribute is added at once.
		if n := len(ops); n > 0 && e.verb == "add" && ops[n-1].Op == "add" && ops[n-1].Path == e.path {
			if more, several := value.([]map[string]string); several {
				ops[n-1].Value = append(ops[n-1].Value.([]map[string]string), more...)
				continue
			}
		}
		ops = append(ops, operation{e.verb, e.path, value})
	}
	r.body = map[string]any{"schemas": []string{patchMessage}, "Operations": ops}
	return r
}

// mute tells whether a call is about somebody whose data are protected.
func (p *plan) mute(w *write) bool {
	return slices.ContainsFunc(w.all(), func(i int) bool {
		of, err := p.t.config.People().Person(p.changes[i].Person)
		return err == nil && of.Protected
	})
}

// body is a user to make.
func (t *Target) body(u *user, edits []*edit) map[string]any {
	b := map[string]any{
		"schemas": []string{userSchema}, "userName": u.UserName, "displayName": u.DisplayName, "active": u.active,
		"name": map[string]string{"formatted": u.Name.Formatted},
	}
	if u.ExternalID != "" {
		b["externalId"] = u.ExternalID
	}
	if u.email != "" {
		b["emails"] = []map[string]any{{"value": u.email, "type": "work", "primary": true}}
	}
	if number := u.Enterprise.EmployeeNumber; number != "" {
		b["schemas"] = []string{userSchema, enterpriseSchema}
		b[enterpriseSchema] = map[string]string{"employeeNumber": number}
	}
	for _, e := range edits {
		if e.single != "" {
			list, _ := b[e.path].([]map[string]string)
			b[e.path] = append(list, map[string]string{"value": e.single})
		}
	}
	return b
}
