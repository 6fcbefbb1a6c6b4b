package scim

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/behorig/behorig/reconcile"
)

// bulkOperation is one operation of a BulkRequest (RFC 7644 §3.7).
type bulkOperation struct {
	Method  string `json:"method"`
	ID      string `json:"bulkId"`
	Version string `json:"version,omitempty"`
	Path    string `json:"path"`
	Data    any    `json:"data"`
}

// room is what is left of a bulk request's size for what surrounds its operations, bytes.
const room = 256

// bulk makes calls together, as many as the service takes in one request, and returns those that are to be made alone: all, if it takes none
// after all, and those that it refused, whose reason is then known by its own answer.
func (p *plan) bulk(ctx context.Context, writes []*write) (rest []*write) {
	most, size := p.d.offer.maxOperations, p.d.offer.maxPayload
	if most <= 0 {
		most = 100
	}
	if size <= 0 {
		size = 1 << 20
	}
	var chunk []*write
	var ops []json.RawMessage
	used := room
	flush := func() {
		if len(chunk) == 1 || !p.bulky {
			rest = append(rest, chunk...)
		} else if len(chunk) > 1 {
			rest = append(rest, p.together(ctx, chunk, ops)...)
		}
		chunk, ops, used = nil, nil, room
	}
	on := map[*resource]bool{}
	for _, w := range writes {
		if on[w.on] { // a second part of the same: after the first
			rest = append(rest, w)
			continue
		}
		on[w.on] = true
		r := p.request(w)
		raw, err := json.Marshal(bulkOperation{r.method, strconv.Itoa(len(ops)), w.version(p.d.offer), r.path, r.body})
		if err != nil || len(raw)+room > size {
			rest = append(rest, w)
			continue
		}
		if len(chunk) == most || used+len(raw)+1 > size {
			flush()
			raw, _ = json.Marshal(bulkOperation{r.method, "0", w.version(p.d.offer), r.path, r.body})
		}
		chunk, ops, used = append(chunk, w), append(ops, raw), used+len(raw)+1
	}
	flush()
	return rest
}

// version is what a resource must still be to be changed, "" where the service keeps none or it is not known.
func (w *write) version(o *offer) string {
	if !o.etag || w.on.ID == "" {
		return ""
	}
	return w.on.Meta.Version
}

// together makes one bulk request and returns the calls that are to be made alone.
func (p *plan) together(ctx context.Context, writes []*write, ops []json.RawMessage) (rest []*write) {
	body := map[string]any{"schemas": []string{bulkMessage}, "Operations": ops}
	a, err := p.t.client.call(ctx, request{method: http.MethodPost, path: "/Bulk", body: body, mute: true})
	if err != nil {
		no := refused(err)
		if no != nil && !reconcile.Passing(err) && no.status != http.StatusUnauthorized {
			p.bulky = false // it takes no bulk requests, or none like ours
			return writes
		}
		for _, w := range writes {
			p.lost(w, err)
		}
		return nil
	}
	var said struct {
		Operations []struct {
			Method   string          `json:"method"`
			ID       string          `json:"bulkId"`
			Location string          `json:"location"`
			Version  string          `json:"version"`
			Status   json.RawMessage `json:"status"`
			Response json.RawMessage `json:"response"`
		}
	}
	if err := json.Unmarshal(a.Body, &said); err != nil {
		p.bulky = false
		return writes
	}
	done := map[*write]bool{}
	for at, o := range said.Operations {
		w := answers(writes, at, o.ID, o.Method, o.Location, len(said.Operations) == len(writes))
		if status := bulkStatus(o.Status); w == nil || done[w] || status < 200 || status >= 300 {
			continue
		}
		if w.on.ID == "" {
			id := o.Location[strings.LastIndexByte(o.Location, '/')+1:]
			if id == "" {
				continue // made, and it does not say as what: asked for alone, it is found
			}
			w.on.ID = id
		}
		w.on.Meta.Version = o.Version
		done[w] = true
		p.serve(w.all())
	}
	for _, w := range writes {
		if !done[w] {
			rest = append(rest, w)
		}
	}
	return rest
}

// answers finds the call that an operation of a bulk answer is of: by its bulkId, or by what it was made to, or else by its place.
func answers(writes []*write, at int, id, method, location string, same bool) *write {
	if n, err := strconv.Atoi(id); err == nil && n >= 0 && n < len(writes) {
		return writes[n]
	}
	for _, w := range writes {
		if w.on.ID != "" && strings.HasSuffix(location, one(w.on.path, w.on.ID)) {
			return w
		}
	}
	if same && (method == "" || (method == http.MethodPost) == (writes[at].on.ID == "")) {
		return writes[at]
	}
	return nil
}

// bulkStatus reads the status of an operation: "201", 201 or {"code": "201"}.
func bulkStatus(raw json.RawMessage) int {
	var o struct{ Code json.RawMessage }
	if json.Unmarshal(raw, &o) == nil && o.Code != nil {
		raw = o.Code
	}
	n, err := strconv.Atoi(strings.Trim(string(raw), `"`))
	if err != nil {
		return 0
	}
	return n
}
