package ldap

import "github.com/behorig/behorig/reconcile/targets/kind"

// options are what targets.yaml says of the target.
type options struct {
	kind.Endpoint
	StartTLS     bool     `json:"startTLS,omitempty" sv:"true: kryptera en ldap://-adress med StartTLS" en:"true: encrypt an ldap:// address with StartTLS"`
	BindDN       string   `json:"bindDN" need:"yes" is:"account" sv:"Verktygets eget konto i katalogen: DN, eller i AD namn@domän" en:"The tool's own account in the directory: a DN, or in AD name@domain"`
	PasswordEnv  string   `json:"passwordEnv,omitempty" is:"env" sv:"Miljövariabel med dess lösenord" en:"Environment variable with its password"`
	PasswordFile string   `json:"passwordFile,omitempty" is:"line" sv:"Fil med dess lösenord" en:"File with its password"`
	Dialect      string   `json:"dialect,omitempty" is:"ad|openldap" sv:"Katalogens slag; utelämnat: servern tillfrågas" en:"The kind of directory; left out: the server is asked"`
	Timeout      string   `json:"timeout,omitempty" is:"duration" sv:"Hur länge ett svar får dröja (30s)" en:"How long an answer may take (30s)"`
	PageSize     int      `json:"pageSize,omitempty" min:"1" max:"100000" sv:"Poster per sida när listor läses (1000)" en:"Entries a page when lists are read (1000)"`
	Connections  int      `json:"connections,omitempty" min:"1" max:"32" sv:"Högst så många förbindelser på en gång (4)" en:"At most so many connections at once (4)"`
	Users        users    `json:"users,omitzero" sv:"Var användarna finns och hur de känns igen" en:"Where the users are and how they are known"`
	Accounts     accounts `json:"accounts,omitzero" sv:"Hur konton skapas, slås på och stängs av" en:"How accounts are made, switched on and switched off"`
	Groups       groups   `json:"groups,omitzero" sv:"Var grupperna finns" en:"Where the groups are"`
}

// schemes are the address schemes with TLS, and those without that do within the machine.
func (o options) schemes() (secure, plain []string) {
	if o.StartTLS {
		return []string{"ldap"}, nil
	}
	return []string{"ldaps"}, []string{"ldap"}
}

// users are where people's accounts are. The attributes have a default by dialect, shown as AD / OpenLDAP.
type users struct {
	Base       string   `json:"base,omitempty" is:"line" sv:"DN som alla användare finns under" en:"DN that all users are below"`
	Filter     string   `json:"filter,omitempty" is:"line" sv:"LDAP-filter för vad som är en användare ((&(objectCategory=person)(objectClass=user)) / (objectClass=person))" en:"LDAP filter for what is a user ((&(objectCategory=person)(objectClass=user)) / (objectClass=person))"`
	Match      []string `json:"match,omitempty" is:"hsaId|employeeId|login" sv:"Vad ett konto känns igen på, i tur och ordning ([employeeId, login])" en:"What an account is known by, in order ([employeeId, login])"`
	Login      string   `json:"login,omitempty" is:"word" sv:"Attribut med inloggningsnamnet (sAMAccountName / uid)" en:"Attribute of the login (sAMAccountName / uid)"`
	EmployeeID string   `json:"employeeId,omitempty" is:"word" sv:"Attribut med anställningsnumret (employeeID / employeeNumber)" en:"Attribute of the employee number (employeeID / employeeNumber)"`
	HSAID      string   `json:"hsaId,omitempty" is:"word" sv:"Attribut med HSA-id, om det finns något" en:"Attribute of the HSA-id, if there is one"`
	Name       string   `json:"name,omitempty" is:"word" sv:"Attribut med namnet (displayName)" en:"Attribute of the name (displayName)"`
	MemberOf   string   `json:"memberOf,omitempty" is:"word" sv:"Attribut där servern för bok över en användares grupper (memberOf / inget: grupperna söks); i OpenLDAP bara om memberof-modulen funnits sedan före grupperna" en:"Attribute in which the server keeps a user's groups (memberOf / none: the groups are searched); in OpenLDAP only if the memberof overlay was there before the groups"`
}

// accounts are how accounts are made and switched on and off.
type accounts struct {
	Create           bool              `json:"create,omitempty" sv:"true: konton som saknas skapas" en:"true: accounts that are missing are made"`
	Base             string            `json:"base,omitempty" is:"line" sv:"DN som nya konton läggs under (users.base)" en:"DN that new accounts are put below (users.base)"`
	RDN              string            `json:"rdn,omitempty" is:"line" sv:"Nya kontons namn i katalogen, med platser ({login} {person} {name} {given} {family} {employeeId} {hsaId}); (CN={login} / uid={login})" en:"New accounts' names in the directory, with places ({login} {person} {name} {given} {family} {employeeId} {hsaId}); (CN={login} / uid={login})"`
	Classes          []string          `json:"classes,omitempty" is:"word" sv:"Nya kontons objectClass (user / inetOrgPerson)" en:"New accounts' objectClass (user / inetOrgPerson)"`
	Attributes       map[string]string `json:"attributes,omitempty" keys:"word" is:"line" sv:"Nya kontons övriga attribut, med samma platser; ett attribut vars plats saknar värde utelämnas" en:"New accounts' other attributes, with the same places; one whose place has no value is left out"`
	Disable          string            `json:"disable,omitempty" is:"always|ended|never" sv:"När den som mist sin sista grupp stängs av: always, ended (först när anställningen är slut), never (always)" en:"When somebody who lost the last group is switched off: always, ended (only once the employment has ended), never (always)"`
	Lock             lock              `json:"lock,omitzero" sv:"Vad som stänger av ett konto, om inte dialektens eget (userAccountControl / pwdAccountLockedTime)" en:"What switches an account off, if not the dialect's own (userAccountControl / pwdAccountLockedTime)"`
	Expires          string            `json:"expires,omitempty" is:"filetime|generalized|none" sv:"Hur kontots sista dag skrivs (filetime / none)" en:"How the account's last day is written (filetime / none)"`
	ExpiresAttribute string            `json:"expiresAttribute,omitempty" is:"word" sv:"Attribut med kontots sista dag (accountExpires / pwdEndTime)" en:"Attribute of the account's last day (accountExpires / pwdEndTime)"`
}

// lock is an attribute that says that an account is switched off.
type lock struct {
	Attribute string `json:"attribute,omitempty" is:"word" sv:"Attributet" en:"The attribute"`
	Locked    string `json:"locked,omitempty" is:"line" sv:"Värdet när kontot är avstängt" en:"Its value when the account is off"`
	Open      string `json:"open,omitempty" is:"line" sv:"Värdet när det är på; utelämnat: attributet tas bort" en:"Its value when it is on; left out: the attribute is removed"`
}

// groups are where the groups of roles are.
type groups struct {
	Base        string   `json:"base,omitempty" is:"line" sv:"DN som alla grupper finns under" en:"DN that all groups are below"`
	Create      bool     `json:"create,omitempty" sv:"true: grupper som saknas skapas" en:"true: groups that are missing are made"`
	Classes     []string `json:"classes,omitempty" is:"word" sv:"Gruppers objectClass (group / groupOfNames)" en:"Groups' objectClass (group / groupOfNames)"`
	Member      string   `json:"member,omitempty" is:"word" sv:"Attribut med medlemmarnas DN (member)" en:"Attribute of the members' DNs (member)"`
	Placeholder string   `json:"placeholder,omitempty" is:"line" sv:"DN som står som medlem i en annars tom grupp (groupOfNames måste ha en)" en:"DN that stands as the member of a group otherwise empty (groupOfNames needs one)"`
}

// binding is what a system's binding says: its groups, or its assignments.
type binding struct {
	Account    accountGroup        `json:"account,omitzero" sv:"Systemets konto" en:"The system's account"`
	Roles      map[string][]string `json:"roles,omitempty" keys:"key" is:"line" sv:"Rollernas grupper: DN med platser ({unit} {role} {system}); den som är med i alla har rollen" en:"The roles' groups: DNs with places ({unit} {role} {system}); who is in all of them holds the role"`
	Assignment *assignmentOptions  `json:"assignment,omitempty" sv:"I stället för grupper: en post per person, roll och enhet" en:"Instead of groups: an entry per person, role and unit"`
}

type accountGroup struct {
	Group string `json:"group,omitempty" is:"line" sv:"DN för gruppen som ger kontot ({system}); utelämnat: kontot finns när någon roll finns" en:"DN of the group that gives the account ({system}); left out: the account is there when some role is"`
}

// assignmentOptions are how a system's assignments are kept. They share one folder with those of other systems if a value tells them apart.
type assignmentOptions struct {
	Base       string            `json:"base" need:"yes" is:"line" sv:"DN som posterna finns under" en:"DN that the entries are below"`
	RDN        string            `json:"rdn" need:"yes" is:"line" sv:"Postens namn, med platser ({hsaId} {employeeId} {login} {person} {unit} {role} {system})" en:"The entry's name, with places ({hsaId} {employeeId} {login} {person} {unit} {role} {system})"`
	Classes    []string          `json:"classes" need:"yes" is:"word" sv:"Posternas objectClass" en:"The entries' objectClass"`
	Attributes map[string]string `json:"attributes,omitempty" keys:"word" is:"line" sv:"Posternas attribut, med samma platser och {from} {until}; ett attribut vars dag saknas utelämnas" en:"The entries' attributes, with the same places and {from} {until}; one whose day is missing is left out"`
	Roles      map[string]string `json:"roles,omitempty" keys:"key" is:"line" sv:"Vad {role} är för varje roll; utelämnad roll: dess nyckel" en:"What {role} is for each role; a role left out: its key"`
	Dates      string            `json:"dates,omitempty" is:"day|time" sv:"Hur {from} och {until} skrivs: day (2027-06-30) eller time (20270630220000Z, dygnets slut i UTC)" en:"How {from} and {until} are written: day (2027-06-30) or time (20270630220000Z, the day's end in UTC)"`
}

// Shape is what targets.yaml may say of a target and of a system on it.
func Shape() (target, system any) { return options{}, binding{} }
