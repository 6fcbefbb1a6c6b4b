package ldap

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/reconcile/targets/kind"
)

// server is what a server says of itself in its root (RFC 4512 §5.1).
type server struct {
	ad         bool
	vendor     string
	paging     bool
	permissive bool // says that it knows the permissive modify control; OpenLDAP knows it and does not say so
	contexts   []string
	clock      time.Time // the server's, 0 if it does not say
}

// Object identifiers of MS-ADTS 3.1.1.3.4.
const (
	capabilityAD      = "1.2.840.113556.1.4.800"
	controlPermissive = "1.2.840.113556.1.4.1413"
)

func (t *Target) rootDSE(ctx context.Context) (*server, error) {
	e, err := t.one(ctx, "", "(objectClass=*)", "supportedCapabilities", "supportedControl", "namingContexts", "defaultNamingContext", "currentTime",
		"vendorName", "objectClass")
	if err != nil {
		return nil, err
	}
	if e == nil {
		return &server{}, nil
	}
	s := &server{
		ad:         slices.Contains(e.GetAttributeValues("supportedCapabilities"), capabilityAD),
		vendor:     kind.Clean(e.GetAttributeValue("vendorName")),
		paging:     slices.Contains(e.GetAttributeValues("supportedControl"), ldap.ControlTypePaging),
		permissive: slices.Contains(e.GetAttributeValues("supportedControl"), controlPermissive),
		contexts:   e.GetAttributeValues("namingContexts"),
	}
	if c := e.GetAttributeValue("defaultNamingContext"); c != "" {
		s.contexts = []string{c}
	}
	s.clock, _ = parseGeneralized(e.GetAttributeValue("currentTime"))
	if slices.Contains(e.GetAttributeValues("objectClass"), "OpenLDAProotDSE") {
		s.vendor = "OpenLDAP"
	}
	return s, nil
}

// name is what to call the server.
func (s *server) name() string {
	switch {
	case s.ad && s.vendor != "":
		return "Active Directory, " + s.vendor
	case s.ad:
		return "Active Directory"
	case s.vendor != "":
		return s.vendor
	}
	return "LDAP"
}

// accountRules are how accounts look in the dialect at hand: the options, with what they leave out filled in.
type accountRules struct {
	ad                 bool
	users              users
	groups             groups
	match              []kind.By
	attribute          map[kind.By]string
	anybody            string // filter of accounts wherever they are
	id                 string // attribute with what the server knows an entry by
	lock               lock   // of what is not userAccountControl
	expires, expiresAt string
	rdn                string
	classes            []string
	dnAttribute        string // finds an entry by its DN
}

func rulesOf(o options, s *server) *accountRules {
	r := &accountRules{ad: s.ad, users: o.Users, groups: o.Groups, lock: o.Accounts.Lock, expires: o.Accounts.Expires, expiresAt: o.Accounts.ExpiresAttribute}
	def := func(field *string, ad, other string) {
		if *field == "" && s.ad {
			*field = ad
		} else if *field == "" {
			*field = other
		}
	}
	def(&r.anybody, "(&(objectCategory=person)(objectClass=user))", "(objectClass=person)")
	if r.users.Filter == "" {
		r.users.Filter = r.anybody
	}
	def(&r.users.Login, "sAMAccountName", "uid")
	def(&r.users.EmployeeID, "employeeID", "employeeNumber")
	def(&r.users.Name, "displayName", "displayName")
	def(&r.users.MemberOf, "memberOf", "")
	def(&r.groups.Member, "member", "member")
	def(&r.expires, "filetime", "none")
	def(&r.expiresAt, "accountExpires", "pwdEndTime")
	def(&r.id, "objectGUID", "entryUUID")
	def(&r.rdn, "CN={login}", "uid={login}")
	def(&r.dnAttribute, "distinguishedName", "entryDN")
	r.rdn = cmp.Or(o.Accounts.RDN, r.rdn)
	r.classes = o.Accounts.Classes
	if len(r.classes) == 0 {
		r.classes = map[bool][]string{true: {"top", "person", "organizationalPerson", "user"}, false: {"inetOrgPerson"}}[s.ad]
	}
	if len(r.groups.Classes) == 0 {
		r.groups.Classes = map[bool][]string{true: {"group"}, false: {"groupOfNames"}}[s.ad]
	}
	if !s.ad && r.lock.Attribute == "" {
		r.lock = lock{Attribute: "pwdAccountLockedTime", Locked: lockedForEver}
	}
	r.match, r.attribute = matchOf(r.users)
	return r
}

// matchOf are the ways that accounts are known by, in order, and their attributes.
func matchOf(u users) ([]kind.By, map[kind.By]string) {
	attribute := map[kind.By]string{kind.ByLogin: u.Login, kind.ByEmployeeID: u.EmployeeID, kind.ByHSAID: u.HSAID}
	names := u.Match
	if len(names) == 0 {
		names = []string{string(kind.ByEmployeeID), string(kind.ByLogin)}
	}
	var ways []kind.By
	for _, n := range names {
		ways = append(ways, kind.By(n))
	}
	return ways, attribute
}

// What a directory writes for no end, and for a lock without one (draft-behera-ldap-password-policy §5.3.3).
const (
	neverExpires  = "9223372036854775807"
	lockedForEver = "000001010000Z"
)

// epochOffset is from 1601-01-01, where Windows counts from, to 1970-01-01, in seconds.
const epochOffset = 11644473600

// end is an instant as the directory writes it; the zero instant is no end: "" means that the attribute is removed.
func (r *accountRules) end(at time.Time) string {
	switch {
	case r.expires == "filetime" && at.IsZero():
		return neverExpires
	case r.expires == "filetime":
		return strconv.FormatInt((at.Unix()+epochOffset)*10_000_000, 10)
	case at.IsZero():
		return ""
	}
	return at.UTC().Format(generalized)
}

// parseEnd reads what [accountRules.end] writes; zero: no end. What cannot be read is one that has been.
func (r *accountRules) parseEnd(text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	if r.expires == "filetime" {
		n, err := strconv.ParseInt(text, 10, 64)
		switch {
		case err != nil:
			return time.Unix(0, 0)
		case n == 0 || text == neverExpires:
			return time.Time{}
		}
		return time.Unix(n/10_000_000-epochOffset, 0)
	}
	at, err := parseGeneralized(text)
	if err != nil {
		return time.Unix(0, 0)
	}
	return at
}

const generalized = "20060102150405Z"

// parseGeneralized reads the generalized time that servers write (RFC 4517 §3.3.13): UTC, to the second.
func parseGeneralized(text string) (time.Time, error) {
	at, err := time.Parse("20060102150405Z", text)
	if err != nil {
		return time.Parse("20060102150405.0Z", text)
	}
	return at, nil
}
