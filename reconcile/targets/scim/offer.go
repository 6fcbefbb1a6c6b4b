package scim

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile"
)

// offer is what a service says that it can do (RFC 7644 §4). What it does not say it is taken to do, if the standard says that all do.
type offer struct {
	patch, bulk, filter, etag             bool
	maxOperations, maxPayload, maxResults int      // 0: not said
	users, groups                         string   // paths; groups is "" where there are none
	attributes                            []string // of users, in small letters; nil: not said
}

// ask asks the service what it can do.
func (c *client) ask(ctx context.Context) (*offer, error) {
	o := &offer{patch: true, filter: true, users: "/Users", groups: "/Groups"}
	type supported struct {
		Supported     bool `json:"supported"`
		MaxOperations int  `json:"maxOperations"`
		MaxPayload    int  `json:"maxPayloadSize"`
		MaxResults    int  `json:"maxResults"`
	}
	var config struct{ Patch, Bulk, Filter, Etag *supported }
	if said, err := c.optional(ctx, "/ServiceProviderConfig", &config); err != nil {
		return nil, err
	} else if said {
		is := func(s *supported) bool { return s != nil && s.Supported }
		o.patch = config.Patch == nil || config.Patch.Supported
		o.bulk, o.filter, o.etag = is(config.Bulk), is(config.Filter), is(config.Etag)
		if o.bulk {
			o.maxOperations, o.maxPayload = config.Bulk.MaxOperations, config.Bulk.MaxPayload
		}
		if config.Filter != nil {
			o.maxResults = config.Filter.MaxResults
		}
	}
	if err := o.types(ctx, c); err != nil {
		return nil, err
	}
	return o, o.schemas(ctx, c)
}

// types reads where users and groups are.
func (o *offer) types(ctx context.Context, c *client) error {
	var list struct {
		Resources []struct{ Name, Endpoint string }
	}
	said, err := c.optional(ctx, "/ResourceTypes", &list)
	if err != nil || !said || len(list.Resources) == 0 {
		return err
	}
	o.users, o.groups = "", ""
	for _, t := range list.Resources {
		path, err := below(c.base, t.Endpoint)
		switch {
		case err != nil:
			return fmt.Errorf("GET /ResourceTypes: the endpoint of %s is elsewhere; ask the service's owner", t.Name)
		case strings.EqualFold(t.Name, "User"):
			o.users = path
		case strings.EqualFold(t.Name, "Group"):
			o.groups = path
		}
	}
	if o.users == "" {
		return fmt.Errorf("GET /ResourceTypes: the service has no users; is the url right")
	}
	return nil
}

// below is the path of an endpoint within a service, whether it is given as a path or as a whole address.
func below(base *url.URL, endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host != "" && !strings.EqualFold(u.Host, base.Host) {
		return "", fmt.Errorf("%s is elsewhere", endpoint)
	}
	path := u.Path
	if u.Host != "" {
		path = strings.TrimPrefix(path, strings.TrimSuffix(base.Path, "/"))
	}
	return "/" + strings.Trim(path, "/"), nil
}

// schemas reads which attributes users have.
func (o *offer) schemas(ctx context.Context, c *client) error {
	var list struct {
		Resources []struct {
			ID         string
			Attributes []struct{ Name, Mutability string }
		}
	}
	said, err := c.optional(ctx, "/Schemas", &list)
	if err != nil || !said {
		return err
	}
	for _, s := range list.Resources {
		if !strings.EqualFold(s.ID, userSchema) {
			continue
		}
		o.attributes = []string{}
		for _, a := range s.Attributes {
			if !strings.EqualFold(a.Mutability, "readOnly") {
				o.attributes = append(o.attributes, strings.ToLower(a.Name))
			}
		}
	}
	return nil
}

// optional reads what not all services have.
func (c *client) optional(ctx context.Context, path string, v any) (said bool, err error) {
	a, err := c.call(ctx, request{method: http.MethodGet, path: path})
	if no := refused(err); no != nil && !reconcile.Passing(err) && (no.status == http.StatusNotFound || no.status == http.StatusNotImplemented) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	// A list that fits on no page is all here: these resources are not paged (RFC 7644 §4).
	if err := json.Unmarshal(a.Body, v); err != nil {
		return false, fmt.Errorf("GET %s: the answer is no SCIM; is the url that of a SCIM service", path)
	}
	return true, nil
}

// has tells whether users have an attribute that may be written.
func (o *offer) has(attribute string) bool {
	return o.attributes == nil || slices.Contains(o.attributes, strings.ToLower(attribute))
}
