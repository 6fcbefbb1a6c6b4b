package helpdesk

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// Probe implements [reconcile.Prober].
func (h *Helpdesk) Probe(ctx context.Context) []reconcile.Probe {
	signIn := reconcile.Probe{What: schema.Text{Sv: "logga in i RT", En: "sign in to RT"}, Answer: reconcile.Yes}
	rt, err := h.rt()
	if err == nil {
		_, err = rt.call(ctx, http.MethodGet, "/rt", nil, nil, "", &struct{}{})
	}
	if err != nil {
		signIn.Answer, signIn.Do = reconcile.No, same(err)
		return []reconcile.Probe{signIn}
	}
	all := []reconcile.Probe{signIn}
	queues := map[string]bool{}
	for _, q := range h.options.Queues {
		queues[q] = true
	}
	if h.options.Escalate.Queue != "" {
		queues[h.options.Escalate.Queue] = true
	}
	for _, q := range sorted(queues) {
		all = append(all, h.probeQueue(ctx, rt, q)...)
	}
	all = append(all, reconcile.Probe{
		What: schema.Text{Sv: "kommentera, ändra och se ärenden", En: "comment on, change and see tickets"}, Answer: reconcile.Unknown,
		Do: schema.Text{
			Sv: "RT säger det först när det görs; ge rättigheterna ShowTicket, ShowTicketComments, CommentOnTicket, ModifyTicket, SeeCustomField och ModifyCustomField i varje kö",
			En: "RT tells only when it is done; grant the rights ShowTicket, ShowTicketComments, CommentOnTicket, ModifyTicket, SeeCustomField and ModifyCustomField in each queue",
		},
	})
	return append(all, h.probeNotes(ctx)...)
}

// probeQueue tells whether a queue is there, may be created in, and has the field.
func (h *Helpdesk) probeQueue(ctx context.Context, rt *rt, name string) []reconcile.Probe {
	create := reconcile.Probe{What: schema.Text{Sv: "skapa ärenden i kön " + name, En: "create tickets in the queue " + name}, Answer: reconcile.No}
	q, err := rt.queue(ctx, name)
	switch {
	case err != nil:
		create.Answer, create.Do = reconcile.Unknown, same(err)
		return []reconcile.Probe{create}
	case q == nil:
		create.Do = schema.Text{
			Sv: "kön finns inte, eller får inte ses: rätta queues, eller ge rättigheten SeeQueue",
			En: "there is no such queue, or it may not be seen: mend queues, or grant the right SeeQueue",
		}
		return []reconcile.Probe{create}
	case slices.ContainsFunc(q.Links, func(l link) bool { return l.Ref == "create" }):
		create.Answer = reconcile.Yes
	default:
		create.Do = schema.Text{Sv: "ge rättigheten CreateTicket", En: "grant the right CreateTicket"}
	}
	if h.options.Field == "" {
		return []reconcile.Probe{create}
	}
	field := reconcile.Probe{What: schema.Text{Sv: "fältet " + h.options.Field + " i kön " + name, En: "the field " + h.options.Field + " in the queue " + name}, Answer: reconcile.Yes}
	if !slices.ContainsFunc(q.TicketCustomFields, func(l link) bool { return l.Name == h.options.Field }) {
		field.Answer, field.Do = reconcile.No, schema.Text{
			Sv: "lägg till fältet för ärenden i kön och ge rättigheten SeeCustomField, eller ta bort field ur targets.yaml",
			En: "add the field to the queue's tickets and grant the right SeeCustomField, or remove field from targets.yaml",
		}
	}
	return []reconcile.Probe{create, field}
}

// probeNotes tells of tickets that something is amiss with.
func (h *Helpdesk) probeNotes(ctx context.Context) []reconcile.Probe {
	notes, err := h.Noted(ctx, h.config.Name)
	if err != nil {
		return []reconcile.Probe{{What: schema.Text{Sv: "läsa beställningsboken", En: "read the book of orders"}, Answer: reconcile.No, Do: same(err)}}
	}
	var all []reconcile.Probe
	for _, number := range slices.Sorted(maps.Keys(notes)) {
		what := schema.Text{Sv: fmt.Sprintf("ärendet %s är i ordning", reference(number)), En: fmt.Sprintf("the ticket %s is in order", reference(number))}
		if number == "" {
			what = schema.Text{Sv: "alla beställningar är skickade", En: "all orders are sent"}
		}
		all = append(all, reconcile.Probe{What: what, Answer: reconcile.No, Do: schema.Text{Sv: notes[number], En: notes[number]}})
	}
	return all
}

// same is an error in the one language that it has.
func same(err error) schema.Text {
	words := kind.Clean(err.Error())
	return schema.Text{Sv: words, En: words}
}

// queue is a queue as RT shows it.
type queue struct {
	TicketCustomFields []link
	Links              []link `json:"_hyperlinks"`
}

type link struct{ Ref, Name string }

// queue finds a queue by its name; nil where there is none that may be seen.
func (r *rt) queue(ctx context.Context, name string) (*queue, error) {
	query, err := json.Marshal([]map[string]string{{"field": "Name", "value": name}})
	if err != nil {
		return nil, err
	}
	var found struct{ Items []struct{ ID json.Number } }
	if _, err := r.call(ctx, http.MethodGet, "/queues", url.Values{"query": {string(query)}}, nil, "", &found); err != nil || len(found.Items) == 0 {
		return nil, err
	}
	q := &queue{}
	_, err = r.call(ctx, http.MethodGet, "/queue/"+found.Items[0].ID.String(), nil, nil, "", q)
	return q, err
}
