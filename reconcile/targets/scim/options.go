package scim

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// options is what targets.yaml says of a target.
type options struct {
	kind.Endpoint
	TokenEnv     string   `json:"tokenEnv,omitempty" is:"env" sv:"Miljövariabel med den token (Bearer) som tjänsten godtar" en:"Environment variable with the bearer token that the service takes"`
	TokenFile    string   `json:"tokenFile,omitempty" is:"line" sv:"Fil med den token (Bearer) som tjänsten godtar" en:"File with the bearer token that the service takes"`
	OAuth        *oauth   `json:"oauth,omitempty" sv:"Hämta token med OAuth 2.0 client credentials, i stället för tokenEnv eller tokenFile" en:"Fetch tokens by OAuth 2.0 client credentials, in the place of tokenEnv or tokenFile"`
	Timeout      string   `json:"timeout,omitempty" is:"duration" sv:"Längsta väntan på ett svar (30s)" en:"Longest wait for an answer (30s)"`
	ExternalID   string   `json:"externalId,omitempty" is:"person|employeeId|hsaId|login" sv:"Vad användarens externalId är (person, alltså personens nyckel)" en:"What a user's externalId is (person, which is the person's key)"`
	Match        []string `json:"match,omitempty" is:"externalId|employeeNumber|userName" sv:"Vad användare känns igen på, i tur och ordning ([externalId, userName])" en:"What users are recognised by, one after the other ([externalId, userName])"`
	User         template `json:"user,omitzero" sv:"Hur en ny användare ser ut, och hur userName läses; {person} {login} {name} {employeeId} {hsaId} fylls i" en:"What a new user looks like, and how userName is read; {person} {login} {name} {employeeId} {hsaId} are filled in"`
	Create       *bool    `json:"create,omitempty" sv:"false: skapa inga användare, ta bara över dem som finns (true)" en:"false: create no users, only take over those that are there (true)"`
	CreateGroups bool     `json:"createGroups,omitempty" sv:"true: skapa grupper som saknas (false)" en:"true: create groups that are missing (false)"`
}

// oauth is how tokens are fetched (RFC 6749 §4.4).
type oauth struct {
	TokenURL         string `json:"tokenUrl,omitempty" is:"line" sv:"Adressen som ger token" en:"The address that gives tokens"`
	TokenURLEnv      string `json:"tokenUrlEnv,omitempty" is:"env" sv:"Miljövariabel med den adressen" en:"Environment variable with that address"`
	ClientID         string `json:"clientId,omitempty" is:"line" sv:"Klientens namn" en:"The client's name"`
	ClientIDEnv      string `json:"clientIdEnv,omitempty" is:"env" sv:"Miljövariabel med klientens namn" en:"Environment variable with the client's name"`
	ClientSecretEnv  string `json:"clientSecretEnv,omitempty" is:"env" sv:"Miljövariabel med klientens hemlighet" en:"Environment variable with the client's secret"`
	ClientSecretFile string `json:"clientSecretFile,omitempty" is:"line" sv:"Fil med klientens hemlighet" en:"File with the client's secret"`
	Scope            string `json:"scope,omitempty" is:"line" sv:"Omfattning (scope) att be om" en:"The scope to ask for"`
	Send             string `json:"send,omitempty" is:"header|body" sv:"Var klientens namn och hemlighet skickas (header)" en:"Where the client's name and secret are sent (header)"`
}

// template is how the attributes of a user are made.
type template struct {
	UserName       string `json:"userName,omitempty" is:"line" sv:"userName ({login})" en:"userName ({login})"`
	DisplayName    string `json:"displayName,omitempty" is:"line" sv:"displayName ({name})" en:"displayName ({name})"`
	Name           string `json:"name,omitempty" is:"line" sv:"name.formatted ({name})" en:"name.formatted ({name})"`
	Email          string `json:"email,omitempty" is:"line" sv:"E-postadress, t.ex. {login}@kommun.se (ingen)" en:"E-mail address, as {login}@kommun.se (none)"`
	EmployeeNumber string `json:"employeeNumber,omitempty" is:"line" sv:"employeeNumber (ingen; {employeeId} om match har employeeNumber)" en:"employeeNumber (none; {employeeId} if match has employeeNumber)"`
}

// binding is what targets.yaml says of a system on the target.
type binding struct {
	Account   *group           `json:"account,omitempty" sv:"Gruppen som är systemets konto; utelämnat: den som är aktiv och har någon av systemets roller har konto, eller varje aktiv användare om målet bara har ett system" en:"The group that is the system's account; left out: who is active and holds a role of the system has one, or every active user where the target has one system alone"`
	Attribute string           `json:"attribute,omitempty" is:"roles|entitlements" sv:"Attribut som roller med value skrivs i (roles)" en:"The attribute that roles with a value are written to (roles)"`
	Roles     map[string]*role `json:"roles,omitempty" need:"yes" keys:"key" sv:"Vad varje roll är där: {group: …} eller {value: …}" en:"What each role is there: {group: …} or {value: …}"`
}

type group struct {
	Group string `json:"group" need:"yes" is:"line" sv:"Gruppens displayName; {system} fylls i" en:"The group's displayName; {system} is filled in"`
}

type role struct {
	Group string `json:"group,omitempty" is:"line" sv:"Gruppens displayName; {system}, {role} och {unit} fylls i" en:"The group's displayName; {system}, {role} and {unit} are filled in"`
	Value string `json:"value,omitempty" is:"line" sv:"Värdet i användarens attribut; {system}, {role} och {unit} fylls i" en:"The value in the user's attribute; {system}, {role} and {unit} are filled in"`
}

// Schemes that a service is reached by.
var secure, plain = []string{"https"}, []string{"http"}

// Places of templates.
var (
	personPlaces = []string{"person", "login", "name", "employeeId", "hsaId"}
	rolePlaces   = []string{"system", "role", "unit"}
)

func (o *options) defaults() {
	or := func(s *string, otherwise string) {
		if *s == "" {
			*s = otherwise
		}
	}
	or(&o.ExternalID, "person")
	or(&o.User.UserName, "{login}")
	or(&o.User.DisplayName, "{name}")
	or(&o.User.Name, "{name}")
	if len(o.Match) == 0 {
		o.Match = []string{"externalId", "userName"}
	}
	if o.User.EmployeeNumber == "" && slices.Contains(o.Match, "employeeNumber") {
		o.User.EmployeeNumber = "{employeeId}"
	}
}

// creates tells whether users are made.
func (o *options) creates() bool { return o.Create == nil || *o.Create }

// Check finds the faults of a target's options and of what its systems say, from files alone.
func Check(c kind.Config) schema.Faults {
	var o options
	faults := c.Options(&o)
	if len(faults) == 0 {
		faults = o.check(c)
	}
	_, more := newNames(c)
	return append(faults, more...)
}

func (o *options) check(c kind.Config) schema.Faults {
	faults := o.Endpoint.Check(c, secure, plain)
	faults = append(faults, c.Either(o.OAuth == nil, "tokenEnv", o.TokenEnv, "tokenFile", o.TokenFile)...)
	if a := o.OAuth; a != nil {
		if o.TokenEnv+o.TokenFile != "" {
			faults = append(faults, c.Fault("oauth",
				schema.Text{Sv: "oauth står bredvid tokenEnv eller tokenFile", En: "oauth stands beside tokenEnv or tokenFile"},
				schema.Text{Sv: "behåll det ena", En: "keep one"}))
		}
		faults = slices.Concat(
			faults,
			c.Either(true, "oauth/tokenUrl", a.TokenURL, "oauth/tokenUrlEnv", a.TokenURLEnv),
			c.Either(true, "oauth/clientId", a.ClientID, "oauth/clientIdEnv", a.ClientIDEnv),
			c.Either(true, "oauth/clientSecretEnv", a.ClientSecretEnv, "oauth/clientSecretFile", a.ClientSecretFile),
			c.CheckURL("oauth/tokenUrl", a.TokenURL, secure, plain),
		)
	}
	o.defaults()
	ts, err := o.User.parse()
	for _, path := range slices.Sorted(maps.Keys(err)) {
		faults = append(faults, c.Fault("user/"+path, schema.Text{Sv: "mallen duger inte: " + err[path].Error(), En: "the template will not do: " + err[path].Error()},
			schema.Text{Sv: "rätta den", En: "correct it"}))
	}
	if err["userName"] == nil && identifying(ts.userName) == "" {
		faults = append(faults, c.Fault("user/userName",
			schema.Text{Sv: "userName skiljer inte en person från en annan", En: "userName does not tell one person from another"},
			schema.Text{Sv: "använd {login}, {person}, {employeeId} eller {hsaId}", En: "use {login}, {person}, {employeeId} or {hsaId}"}))
	}
	return faults
}

// templates are the templates of a user, read; email and employeeNumber are nil where there is none.
type templates struct{ userName, displayName, name, email, employeeNumber *kind.Template }

// parse reads the templates; errors are by option.
func (t *template) parse() (templates, map[string]error) {
	errs := map[string]error{}
	one := func(option, text string) *kind.Template {
		if text == "" {
			return nil
		}
		parsed, err := kind.ParseTemplate(text, personPlaces...)
		if err != nil {
			errs[option] = err
			return nil
		}
		return parsed
	}
	return templates{
		one("userName", t.UserName), one("displayName", t.DisplayName), one("name", t.Name), one("email", t.Email), one("employeeNumber", t.EmployeeNumber),
	}, errs
}

// identifying is the first place of a template that tells who somebody is, "" if none does.
func identifying(t *kind.Template) kind.By {
	for _, by := range []kind.By{kind.ByLogin, kind.ByPerson, kind.ByEmployeeID, kind.ByHSAID} {
		if t != nil && t.Uses(string(by)) {
			return by
		}
	}
	return ""
}

// open resolves what the options name in the environment and in files.
func (o *options) open(c kind.Config) (*client, error) {
	u, tls, err := o.Endpoint.Open(c, secure, plain)
	if err != nil {
		return nil, err
	}
	wait := kind.Duration(o.Timeout, defaultTimeout)
	w := &client{web: kind.NewWeb(tls, wait), base: u}
	if o.OAuth == nil {
		token, err := c.Secret("token", o.TokenEnv, o.TokenFile)
		if err == nil && !token.Set() {
			err = errors.New("it has no token; give tokenEnv, tokenFile or oauth")
		}
		w.tokens = fixed{token}
		return w, err
	}
	a := o.OAuth
	t := &granted{scope: a.Scope, inBody: a.Send == "body"}
	where := kind.Endpoint{URL: a.TokenURL, URLEnv: a.TokenURLEnv, CAFile: o.CAFile, CAFileEnv: o.CAFileEnv}
	u, tls, err = where.Open(c, secure, plain)
	if err != nil {
		return nil, fmt.Errorf("oauth/tokenUrl: %w", err)
	}
	t.web, t.url = kind.NewWeb(tls, wait), u.String()
	if t.id, err = c.Setting("oauth/clientId", a.ClientID, a.ClientIDEnv); err != nil {
		return nil, err
	}
	t.secret, err = c.Secret("oauth/clientSecret", a.ClientSecretEnv, a.ClientSecretFile)
	w.tokens = t
	return w, err
}

// Shape is what targets.yaml may say of a target and of a system on it.
func Shape() (target, system any) { return options{}, binding{} }
