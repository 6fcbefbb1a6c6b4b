package ldap

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/targets/kind"
)

// refusal is an error that says all there is to say: it is final, and nothing is added to it.
type refusal string

func (r refusal) Error() string { return string(r) }

func refuse(format string, args ...any) error { return refusal(fmt.Sprintf(format, args...)) }

// code is a server's result code (RFC 4511 appendix A), or one that the library gives to what is no answer; 0 for another error.
func code(err error) uint16 {
	var e *ldap.Error
	if errors.As(err, &e) {
		return e.ResultCode
	}
	return 0
}

// words are what the server said beside the code, cleaned.
func words(err error) string {
	var e *ldap.Error
	if errors.As(err, &e) && e.Err != nil {
		return kind.Clean(e.Err.Error())
	}
	return ""
}

// broken tells an error after which the connection is of no more use: it was no answer of the server's.
func broken(err error) bool {
	return err != nil && (code(err) == 0 || code(err) >= ldap.ErrorNetwork && code(err) < 4096)
}

// bindReasons are why AD refuses a bind, by the number in its words ("data 52e").
var bindReasons = map[string]string{
	"52e": "the password is wrong", "525": "there is no such account", "530": "the account may not sign in at this hour",
	"531": "the account may not sign in from here", "532": "the password has expired", "533": "the account is disabled", "701": "the account has expired",
	"773": "the password must be changed first", "775": "the account is locked out",
}

// refusedBind is the error of a bind. The password is in none of it.
func (d dialer) refusedBind(err error) error {
	switch code(err) {
	case ldap.LDAPResultInvalidCredentials, ldap.LDAPResultInappropriateAuthentication, ldap.LDAPResultNoSuchObject, ldap.LDAPResultInvalidDNSyntax, ldap.ErrorEmptyPassword:
		reason := "the password is wrong or has expired, or there is no such account"
		for number, why := range bindReasons {
			if strings.Contains(words(err), "data "+number) {
				reason = why
			}
		}
		return refuse("%s refuses %s: %s; set a new password for it and in passwordEnv or passwordFile", d.address.Host, d.bindDN, reason)
	case ldap.LDAPResultStrongAuthRequired, ldap.LDAPResultConfidentialityRequired:
		return refuse("%s wants encryption; write url: ldaps://… or startTLS: true", d.address.Host)
	}
	return explain("sign in to "+d.address.Host, err, false)
}

// advice is what to do about a result code that is final.
var advice = map[uint16]string{
	ldap.LDAPResultInsufficientAccessRights:     "bindDN may not do that; delegate the right to it",
	ldap.LDAPResultNoSuchObject:                 "there is no such entry, or bindDN may not see it",
	ldap.LDAPResultObjectClassViolation:         "an attribute is missing or not allowed; look at classes and attributes",
	ldap.LDAPResultUndefinedAttributeType:       "the server knows no such attribute; look at the attribute names, and in OpenLDAP at its schema and overlays (ppolicy)",
	ldap.LDAPResultInvalidAttributeSyntax:       "a value is not of the attribute's shape",
	ldap.LDAPResultInvalidDNSyntax:              "it is no DN there",
	ldap.LDAPResultConstraintViolation:          "the server does not allow the value",
	ldap.LDAPResultNamingViolation:              "the entry cannot have that name or that place",
	ldap.LDAPResultUnwillingToPerform:           "the server is unwilling",
	ldap.LDAPResultEntryAlreadyExists:           "an entry of that name is there already, and belongs to another",
	ldap.LDAPResultStrongAuthRequired:           "the server wants encryption; write url: ldaps://… or startTLS: true",
	ldap.LDAPResultInvalidCredentials:           "the credentials are not good any more",
	ldap.LDAPResultSizeLimitExceeded:            "the server cuts lists short (size limit); raise the limit for bindDN, paged lists too",
	ldap.LDAPResultAdminLimitExceeded:           "the server cuts lists short (administrative limit); raise the limit for bindDN, paged lists too",
	ldap.LDAPResultUnavailableCriticalExtension: "the server does not know a control that is needed",
}

// passing are result codes that may be others in a while.
var passing = map[uint16]bool{
	ldap.LDAPResultBusy: true, ldap.LDAPResultUnavailable: true, ldap.LDAPResultTimeLimitExceeded: true, ldap.LDAPResultTimeout: true,
	ldap.LDAPResultServerDown: true, ldap.LDAPResultConnectError: true,
}

// explain makes of an error one that says what could not be done and what to do about it, or one that may pass. veil leaves the server's own words out,
// since they may hold a name.
func explain(what string, err error, veil bool) error {
	said := words(err)
	if said != "" {
		said = " (" + said + ")"
	}
	if veil {
		said = ""
	}
	var refused refusal
	switch c := code(err); {
	case err == nil, reconcile.Passing(err), errors.As(err, &refused), isStop(err):
		return err
	case passing[c]:
		return &reconcile.Transient{Err: fmt.Errorf("%s: the server is busy, code %d%s", what, c, said)}
	case broken(err):
		return &reconcile.Transient{Err: fmt.Errorf("%s: the connection failed: %s", what, cleaned(err, veil))}
	case c == ldap.LDAPResultReferral, readOnly(err):
		return refuse("%s: this server takes no writes, it is a read-only replica%s; give the server that does as url", what, referred(err))
	case advice[c] != "":
		return refuse("%s: %s, code %d%s", what, advice[c], c, said)
	default:
		return refuse("%s: %s, code %d%s", what, strings.ToLower(ldap.LDAPResultCodeMap[c]), c, said)
	}
}

func cleaned(err error, veil bool) string {
	if veil {
		return "no answer"
	}
	return kind.Clean(err.Error())
}

// readOnly tells a server that takes no writes from one that is unwilling to make this one.
func readOnly(err error) bool {
	if code(err) != ldap.LDAPResultUnwillingToPerform {
		return false
	}
	said := strings.ToLower(words(err))
	for _, w := range []string{"operation restricted", "read-only", "read only", "shadow context", "rodc"} {
		if strings.Contains(said, w) {
			return true
		}
	}
	return false
}

// referred is the host that a referral names (RFC 4511 §4.1.10), as a clause.
func referred(err error) string {
	var e *ldap.Error
	if !errors.As(err, &e) || e.Packet == nil || len(e.Packet.Children) < 2 {
		return ""
	}
	for _, child := range e.Packet.Children[1].Children {
		if child.Tag != 3 || len(child.Children) == 0 {
			continue
		}
		if text, ok := child.Children[0].Value.(string); ok {
			if u, err := url.Parse(text); err == nil && u.Host != "" {
				return ", and refers to " + kind.Clean(u.Scheme+"://"+u.Host)
			}
		}
		if u, err := url.Parse(string(child.Children[0].ByteValue)); err == nil && u.Host != "" {
			return ", and refers to " + kind.Clean(u.Scheme+"://"+u.Host)
		}
	}
	return ""
}

// isStop tells the error of a run that was stopped.
func isStop(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
