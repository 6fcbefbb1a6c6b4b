package scim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/behorig/behorig/reconcile"
)

// page is how many resources are asked for at a time, unless the service gives fewer.
const page = 500

// errMoved is that a list was another by the time its next page was read.
var errMoved = errors.New("the list changed while it was read")

// list reads all resources of a path, of those that match the filter if one is given. It is all of them or an error.
func (c *client) list(ctx context.Context, o *offer, path, filter string) ([]json.RawMessage, error) {
	var err error
	for range tries {
		var all []json.RawMessage
		if all, err = c.pages(ctx, o, path, filter); !errors.Is(err, errMoved) {
			return all, err
		}
	}
	return nil, &reconcile.Transient{Err: fmt.Errorf("GET %s: %w, %d times; try again when less is going on there", path, err, tries)}
}

// pages reads a list once, page by page (RFC 7644 §3.4.2.4). SCIM has no cursor, so what is added or removed meanwhile moves the rest from page to page: unseen,
// if it moves to a page that was read. So each page begins with the last resource of the one before it, and says how many there are.
func (c *client) pages(ctx context.Context, o *offer, path, filter string) ([]json.RawMessage, error) {
	count := page
	if o.maxResults > 0 {
		count = min(count, o.maxResults)
	}
	query := url.Values{"count": {strconv.Itoa(count)}}
	if filter != "" {
		query.Set("filter", filter)
	}
	var all []json.RawMessage
	seen := map[string]bool{}
	last, overlap := "", 0
	for total := -1; ; {
		query.Set("startIndex", strconv.Itoa(len(all)+1-overlap))
		var p struct {
			Total     *int              `json:"totalResults"`
			Resources []json.RawMessage `json:"Resources"`
		}
		if err := c.get(ctx, path, query, &p); err != nil {
			return nil, err
		}
		switch {
		case p.Total == nil || *p.Total < 0:
			return nil, fmt.Errorf("GET %s: the answer is no SCIM list; is the url that of a SCIM service", path)
		case total >= 0 && *p.Total != total:
			return nil, errMoved
		}
		total = *p.Total
		for i, raw := range p.Resources {
			var r struct {
				ID string `json:"id"`
			}
			if err := json.Unmarshal(raw, &r); err != nil || r.ID == "" {
				return nil, fmt.Errorf("GET %s: the service lists a resource that has no id; ask its owner", path)
			}
			if i < overlap {
				if r.ID != last {
					return nil, errMoved
				}
				continue
			}
			if seen[r.ID] {
				return nil, errMoved
			}
			seen[r.ID], last = true, r.ID
			all = append(all, raw)
		}
		switch got := len(p.Resources); {
		case len(all) == total:
			return all, nil
		case len(all) > total:
			return nil, errMoved
		case got <= overlap:
			return nil, &reconcile.Transient{Err: fmt.Errorf("GET %s: the service lists %d of %d, and no more; nothing is done with a list cut short", path, len(all), total)}
		case got > 1: // pages of one cannot overlap
			overlap = 1
		}
	}
}
