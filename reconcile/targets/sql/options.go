package sql

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// options are what targets.yaml says of one database.
type options struct {
	Driver       string `json:"driver" need:"yes" is:"postgres|sqlite" sv:"Slag av databas" en:"Kind of database"`
	Host         string `json:"host,omitempty" is:"line" sv:"PostgreSQL: serverns namn, eller mappen med dess uttag (/var/run/postgresql); TLS krävs utanför den här datorn" en:"PostgreSQL: the server's name, or the folder of its socket (/var/run/postgresql); TLS is required off this machine"`
	HostEnv      string `json:"hostEnv,omitempty" is:"env" sv:"Miljövariabel med serverns namn" en:"Environment variable with the server's name"`
	Port         int    `json:"port,omitempty" min:"1" max:"65535" sv:"PostgreSQL: serverns port; utelämnat: 5432" en:"PostgreSQL: the server's port; left out: 5432"`
	PortEnv      string `json:"portEnv,omitempty" is:"env" sv:"Miljövariabel med serverns port" en:"Environment variable with the server's port"`
	Database     string `json:"database,omitempty" is:"line" sv:"PostgreSQL: databasens namn" en:"PostgreSQL: the database's name"`
	DatabaseEnv  string `json:"databaseEnv,omitempty" is:"env" sv:"Miljövariabel med databasens namn" en:"Environment variable with the database's name"`
	User         string `json:"user,omitempty" is:"account" sv:"PostgreSQL: användare, en egen med bara de rättigheter som satserna behöver" en:"PostgreSQL: the user, one of its own with only the rights that the statements need"`
	UserEnv      string `json:"userEnv,omitempty" is:"env" sv:"Miljövariabel med användaren" en:"Environment variable with the user"`
	PasswordEnv  string `json:"passwordEnv,omitempty" is:"env" sv:"Miljövariabel med lösenordet" en:"Environment variable with the password"`
	PasswordFile string `json:"passwordFile,omitempty" is:"line" sv:"Fil med lösenordet" en:"File with the password"`
	CAFile       string `json:"caFile,omitempty" is:"line" sv:"Fil med de certifikatutfärdare (PEM) som servern prövas mot; utelämnat: datorns egna. Given används TLS även inom datorn" en:"File of the certificate authorities (PEM) that the server is verified by; left out: the machine's own. Given, TLS is used within the machine too"`
	CAFileEnv    string `json:"caFileEnv,omitempty" is:"env" sv:"Miljövariabel med namnet på den filen" en:"Environment variable with that file's name"`
	File         string `json:"file,omitempty" is:"line" sv:"SQLite: databasens fil; den ska finnas och skapas aldrig" en:"SQLite: the database's file; it must exist and is never created"`
	FileEnv      string `json:"fileEnv,omitempty" is:"env" sv:"Miljövariabel med filens namn" en:"Environment variable with the file's name"`
	Timeout      string `json:"timeout,omitempty" is:"duration" sv:"Hur länge en sats får ta; utelämnat: 10s" en:"How long a statement may take; left out: 10s"`
	MaxRows      int    `json:"maxRows,omitempty" min:"1" max:"1000" sv:"Hur många rader en sats för en person får röra; fler tas tillbaka och är ett fel; utelämnat: 1" en:"How many rows a statement for one person may touch; more are undone and are an error; left out: 1"`
	Identity     bool   `json:"identity,omitempty" sv:"true: satserna får använda :identity, personnumret med tolv siffror" en:"true: the statements may use :identity, the personnummer of twelve digits"`
}

// binding is what targets.yaml says of one system in it.
type binding struct {
	Match   string            `json:"match,omitempty" is:"person|login|employeeId|hsaId" sv:"Vad kolumnen person i read håller; utelämnat: login" en:"What the column person of read holds; left out: login"`
	Read    string            `json:"read" need:"yes" sv:"Sats som listar alla konton och roller, med kolumnerna person, role, unit, until, enabled, name, login, employeeId, hsaId; en rad utan role är kontot" en:"Statement that lists all accounts and roles, by the columns person, role, unit, until, enabled, name, login, employeeId, hsaId; a row with no role is the account"`
	Account string            `json:"account" need:"yes" sv:"Sats som skapar eller slår på kontot" en:"Statement that creates or enables the account"`
	Disable string            `json:"disable" need:"yes" sv:"Sats som stänger av kontot; ett konto tas aldrig bort" en:"Statement that disables the account; an account is never deleted"`
	Grant   string            `json:"grant,omitempty" sv:"Sats som ger en roll" en:"Statement that gives a role"`
	Change  string            `json:"change,omitempty" sv:"Sats som flyttar en rolls sista dag; utelämnat: grant" en:"Statement that moves a role's last day; left out: grant"`
	Revoke  string            `json:"revoke,omitempty" sv:"Sats som tar tillbaka en roll" en:"Statement that takes a role back"`
	Roles   map[string]string `json:"roles,omitempty" keys:"key" is:"line" sv:"Databasens namn på varje roll; utelämnat: rollens nyckel" en:"The database's name of each role; left out: the role's key"`
	Units   map[string]string `json:"units,omitempty" keys:"key" is:"line" sv:"Databasens namn på enheter; en enhet som saknas här heter som sin nyckel" en:"The database's names of units; a unit not listed is called by its key"`
	Undated bool              `json:"undated,omitempty" sv:"true: databasen håller ingen sista dag" en:"true: the database keeps no last day"`
}

// system is one system's binding, ready for use.
type system struct {
	key            string
	by             kind.By
	undated        bool
	read           statement
	account        statement
	disable        statement
	grant          statement
	change         statement // that of grant where there is none
	revoke         statement
	roles, units   names
	changesByGrant bool
}

// The parameters. Those of whom tell who it is.
var (
	whom   = []string{"person", "login", "employeeId", "hsaId", "identity"}
	things = []string{"name", "given", "family", "system", "role", "unit", "unitName", "until", "today"}
	always = []string{"system", "today"}
)

func (o options) dialect() dialect {
	if o.Driver == "sqlite" {
		return lite
	}
	return postgres
}

func (o options) maxRows() int64 { return int64(max(o.MaxRows, 1)) }

func (o options) timeout() time.Duration { return kind.Duration(o.Timeout, 10*time.Second) }

// Check finds the faults of a target's options and of its systems' statements, from files alone.
func Check(c kind.Config) schema.Faults {
	_, _, faults := prepare(c)
	return faults
}

// prepare reads options and statements.
func prepare(c kind.Config) (options, map[string]*system, schema.Faults) {
	var o options
	faults := c.Options(&o)
	if o.Driver != "" {
		faults = append(faults, o.check(c)...)
	}
	systems := map[string]*system{}
	for _, key := range c.Systems {
		s, wrong := bind(c, key, o)
		systems[key] = s
		faults = append(faults, wrong...)
	}
	return o, systems, faults
}

// check finds what is wrong with a database's options together.
func (o options) check(c kind.Config) schema.Faults {
	server := map[string]bool{
		"host": o.Host != "", "hostEnv": o.HostEnv != "", "port": o.Port != 0, "portEnv": o.PortEnv != "", "database": o.Database != "", "databaseEnv": o.DatabaseEnv != "",
		"user": o.User != "", "userEnv": o.UserEnv != "", "passwordEnv": o.PasswordEnv != "", "passwordFile": o.PasswordFile != "", "caFile": o.CAFile != "", "caFileEnv": o.CAFileEnv != "",
	}
	file := map[string]bool{"file": o.File != "", "fileEnv": o.FileEnv != ""}
	var faults schema.Faults
	alien := server
	if o.dialect() == lite {
		faults = c.Either(true, "file", o.File, "fileEnv", o.FileEnv)
	} else {
		alien = file
		port := ""
		if o.Port != 0 {
			port = "given"
		}
		faults = slices.Concat(c.Either(true, "host", o.Host, "hostEnv", o.HostEnv), c.Either(false, "port", port, "portEnv", o.PortEnv),
			c.Either(true, "database", o.Database, "databaseEnv", o.DatabaseEnv), c.Either(true, "user", o.User, "userEnv", o.UserEnv),
			c.Either(false, "passwordEnv", o.PasswordEnv, "passwordFile", o.PasswordFile), c.Either(false, "caFile", o.CAFile, "caFileEnv", o.CAFileEnv))
	}
	for _, option := range slices.Sorted(maps.Keys(alien)) {
		if alien[option] {
			faults = append(faults, c.Fault(option,
				schema.Text{Sv: option + " hör inte till driver: " + o.Driver, En: option + " is not of driver: " + o.Driver},
				schema.Text{Sv: "ta bort den", En: "remove it"}))
		}
	}
	return faults
}

// invalid are faults as an error.
func invalid(faults schema.Faults) error {
	if len(faults) == 0 {
		return nil
	}
	return errors.New(strings.ReplaceAll(faults.Sorted().Error(), "\n", "; "))
}

// Shape is what targets.yaml may say of a target and of a system on it.
func Shape() (target, system any) { return options{}, binding{} }
