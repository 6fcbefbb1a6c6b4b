package scim

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/behorig/behorig/reconcile/targets/kind"
)

// URNs of RFC 7643 and 7644.
const (
	userSchema       = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupSchema      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	patchMessage     = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	bulkMessage      = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
)

// resource is what users and groups have alike. ID is "" while it is not made.
type resource struct {
	ID   string `json:"id"`
	Meta struct {
		Version string `json:"version"`
	} `json:"meta"`

	path string // of its kind: /Users
	made error  // why it could not be made
}

// user is a user as the service shows it (RFC 7643 §4.1), and as a batch is to leave it.
type user struct {
	resource
	UserName    string `json:"userName"`
	ExternalID  string `json:"externalId"`
	DisplayName string `json:"displayName"`
	Name        struct {
		Formatted string `json:"formatted"`
	} `json:"name"`
	Active       *flag  `json:"active"`
	Roles        values `json:"roles"`
	Entitlements values `json:"entitlements"`
	Enterprise   struct {
		EmployeeNumber string `json:"employeeNumber"`
	} `json:"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`

	person string // whose it is; a stranger's has an @
	ours   bool   // it is of a person of the repository
	active bool
	email  string // of a user to make
}

// values are the values of an attribute, by folded value.
func (u *user) values(attribute string) values {
	if attribute == "entitlements" {
		return u.Entitlements
	}
	return u.Roles
}

// flag is a truth value, as a string too: some services write "True".
type flag bool

func (f *flag) UnmarshalJSON(raw []byte) error {
	switch strings.ToLower(strings.Trim(string(raw), `"`)) {
	case "true":
		*f = true
	case "false":
		*f = false
	default:
		return fmt.Errorf("%s is no truth value", kind.Clean(string(raw)))
	}
	return nil
}

// values are the values of a multi-valued attribute: folded to as written.
type values map[string]string

// UnmarshalJSON reads complex values (RFC 7643 §2.4) and plain strings.
func (v *values) UnmarshalJSON(raw []byte) error {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return err
	}
	*v = values{}
	for _, item := range items {
		var text string
		if json.Unmarshal(item, &text) != nil {
			var c struct {
				Value string `json:"value"`
			}
			if err := json.Unmarshal(item, &c); err != nil {
				return err
			}
			text = c.Value
		}
		(*v)[strings.ToLower(text)] = text
	}
	return nil
}

// readUser reads a user of a list.
func readUser(path string, raw json.RawMessage) (*user, error) {
	u := &user{}
	if err := json.Unmarshal(raw, u); err != nil {
		return nil, fmt.Errorf("GET %s: the service lists a user that is none; ask its owner", path)
	}
	if u.UserName == "" {
		return nil, fmt.Errorf("GET %s: the service lists a user without userName; ask its owner", path)
	}
	u.path = path
	u.active = u.Active == nil || bool(*u.Active) // one of whom the service does not say is taken to be active: then the access is seen
	if u.Roles == nil {
		u.Roles = values{}
	}
	if u.Entitlements == nil {
		u.Entitlements = values{}
	}
	return u, nil
}

// members are who and what is in a group: ids, true where it is a group.
type members map[string]memberKind

type memberKind string

// members that the service does not say the kind of are unsaid.
const (
	aUser  memberKind = "user"
	aGroup memberKind = "group"
	unsaid memberKind = ""
)

// UnmarshalJSON reads members (RFC 7643 §4.2).
func (m *members) UnmarshalJSON(raw []byte) error {
	var items []struct {
		Value string `json:"value"`
		Type  string `json:"type"`
		Ref   string `json:"$ref"`
	}
	if err := json.Unmarshal(raw, &items); err != nil {
		return err
	}
	*m = members{}
	for _, item := range items {
		said := unsaid
		switch {
		case strings.EqualFold(item.Type, "group"), item.Type == "" && strings.Contains(item.Ref, "/Groups/"):
			said = aGroup
		case strings.EqualFold(item.Type, "user"), item.Type == "" && strings.Contains(item.Ref, "/Users/"):
			said = aUser
		}
		if item.Value != "" {
			(*m)[item.Value] = said
		}
	}
	return nil
}

// team is a group as the service shows it (RFC 7643 §4.2), and as a batch is to leave it.
type team struct {
	resource
	DisplayName string  `json:"displayName"`
	Members     members `json:"members"`

	shown    bool // the service showed who is in it, if only that nobody is
	children []*team
	joining  map[*user]bool // who is to be in it and has no id yet
}

func readTeam(path string, raw json.RawMessage) (*team, error) {
	g := &team{}
	if err := json.Unmarshal(raw, g); err != nil || g.ID == "" {
		return nil, fmt.Errorf("GET %s: the service lists a group that is none; ask its owner", path)
	}
	g.path, g.shown, g.joining = path, g.Members != nil, map[*user]bool{}
	if g.Members == nil {
		g.Members = members{}
	}
	return g, nil
}

// has tells whether a user is directly in the group.
func (g *team) has(u *user) bool {
	if u.ID == "" {
		return g.joining[u]
	}
	_, in := g.Members[u.ID]
	return in
}

// put and drop change who is directly in the group, as a batch is to leave it.
func (g *team) put(u *user) {
	if u.ID == "" {
		g.joining[u] = true
	} else {
		g.Members[u.ID] = aUser
	}
}

func (g *team) drop(u *user) {
	delete(g.joining, u)
	delete(g.Members, u.ID)
}
