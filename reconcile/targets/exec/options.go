package exec

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile/targets/kind"
	"github.com/behorig/behorig/schema"
)

// options are what targets.yaml says of one program.
type options struct {
	Command     []string          `json:"command,omitempty" is:"line" sv:"Programmet, med hela sökvägen, och dess argument; inget skal tolkar dem" en:"The program, by its whole path, and its arguments; no shell reads them"`
	CommandEnv  string            `json:"commandEnv,omitempty" is:"env" sv:"Miljövariabel med programmets hela sökväg, i stället för command; inga argument" en:"Environment variable with the program's whole path, in the place of command; no arguments"`
	Lines       string            `json:"lines,omitempty" is:"json|tsv" sv:"Hur raderna skrivs: JSON, eller fält åtskilda av tabb för skalskript; utelämnat: json" en:"How lines are written: JSON, or fields parted by tabs for shell scripts; left out: json"`
	Match       string            `json:"match,omitempty" is:"person|login|employeeId|hsaId" sv:"Vad ett konto heter hos programmet; utelämnat: login" en:"What an account is called with the program; left out: login"`
	Tell        []string          `json:"tell,omitempty" is:"person|name|login|employeeId|hsaId|unitName" sv:"Vad programmet därutöver får veta om den som ändringen gäller" en:"What else the program is told of whom a change is about"`
	Identity    bool              `json:"identity,omitempty" sv:"true: programmet får personnumret, med tolv siffror" en:"true: the program is given the personnummer, of twelve digits"`
	Env         []string          `json:"env,omitempty" is:"env" sv:"Miljövariabler som programmet får; inga andra än PATH, HOME, LANG och TZ ges annars" en:"Environment variables that the program gets; none but PATH, HOME, LANG and TZ are given else"`
	SecretFiles map[string]string `json:"secretFiles,omitempty" keys:"env" is:"line" sv:"Miljövariabler vars värde står i en fil: {API_TOKEN: /etc/behorig/token}" en:"Environment variables whose value is in a file: {API_TOKEN: /etc/behorig/token}"`
	Directory   string            `json:"directory,omitempty" is:"line" sv:"Mapp som programmet startas i, också dess HOME; utelämnat: /" en:"Folder that the program is started in, its HOME too; left out: /"`
	Timeout     string            `json:"timeout,omitempty" is:"duration" sv:"Hur länge ett anrop får ta; utelämnat: 60s" en:"How long a call may take; left out: 60s"`
	Batch       int               `json:"batch,omitempty" min:"1" max:"1000" sv:"Hur många ändringar ett anrop får; utelämnat: 100" en:"How many changes a call is given; left out: 100"`
	Undated     bool              `json:"undated,omitempty" sv:"true: programmet håller ingen sista dag" en:"true: the program keeps no last day"`
}

func (o options) by() kind.By { return kind.By(cmp.Or(o.Match, "login")) }

func (o options) timeout() time.Duration { return kind.Duration(o.Timeout, time.Minute) }

func (o options) batch() int { return cmp.Or(o.Batch, 100) }

// Check finds the faults of a target's options, from files alone: the program itself is looked at when it is opened.
func Check(c kind.Config) schema.Faults {
	_, faults := prepare(c)
	return faults
}

func prepare(c kind.Config) (options, schema.Faults) {
	var o options
	faults := c.Options(&o)
	for _, system := range c.Systems {
		for _, option := range slices.Sorted(maps.Keys(c.Org.Targets.Systems[system].Options)) {
			faults = append(faults, c.BindingFault(system, option,
				schema.Text{Sv: "inställningen " + schema.Quote(option) + " finns inte för exec", En: "option " + schema.Quote(option) + " is not known to exec"},
				schema.Text{Sv: "ta bort den; programmet får systemets nyckel och avgör själv", En: "remove it; the program is told the system's key and decides for itself"}))
		}
	}
	absolute := func(option, path string) {
		if path != "" && !filepath.IsAbs(path) {
			faults = append(faults, c.Fault(option, schema.Text{Sv: schema.Quote(path) + " är ingen hel sökväg", En: schema.Quote(path) + " is no whole path"},
				schema.Text{Sv: "börja den med /", En: "begin it with /"}))
		}
	}
	program := ""
	if len(o.Command) > 0 {
		program = o.Command[0]
	}
	absolute("command/0", program)
	if len(faults) == 0 {
		faults = c.Either(true, "command", program, "commandEnv", o.CommandEnv)
	}
	absolute("directory", o.Directory)
	own := []string{"PATH", "HOME", "LANG", "TZ"}
	for _, name := range slices.Sorted(maps.Keys(o.SecretFiles)) {
		if slices.Contains(o.Env, name) || slices.Contains(own, name) {
			faults = append(faults, c.Fault("secretFiles/"+name, schema.Text{Sv: name + " får redan ett värde på annat sätt", En: name + " gets a value in another way already"},
				schema.Text{Sv: "ta bort det ena", En: "remove one of them"}))
		}
	}
	return o, faults
}

// program finds the program, where an environment variable names it, and holds that nobody else can change it.
func (t *Target) program() error {
	if t.options.CommandEnv != "" {
		path, err := t.Setting("command", "", t.options.CommandEnv)
		if err != nil {
			return err
		}
		if !filepath.IsAbs(path) {
			return fmt.Errorf("%s is no whole path; begin it with /", t.options.CommandEnv)
		}
		t.options.Command = []string{path}
	}
	return trusted(t.options.Command, t.options.Directory)
}

// environment puts together what the program sees of ours.
func (t *Target) environment() error {
	t.env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=" + t.directory()}
	if zone, err := t.Org.Zone(); err == nil {
		t.env = append(t.env, "TZ="+zone.String())
	}
	give := func(name, value string) {
		t.env = append(t.env, name+"="+value)
		if len(value) > 3 {
			t.secrets = append(t.secrets, value)
		}
	}
	for _, name := range t.options.Env {
		value, err := t.Setting(name, "", name)
		if err != nil {
			return err
		}
		give(name, value)
	}
	for _, name := range slices.Sorted(maps.Keys(t.options.SecretFiles)) {
		secret, err := t.Secret("secret", "", t.options.SecretFiles[name])
		if err != nil {
			return err
		}
		give(name, secret.Reveal())
	}
	return nil
}

func (t *Target) directory() string { return cmp.Or(t.options.Directory, "/") }

// trusted tells why a program will not do: others than its owner could change it, or a script among its arguments, or swap them for others.
func trusted(command []string, directory string) error {
	for i, path := range command {
		if i > 0 && !filepath.IsAbs(path) {
			continue
		}
		info, err := os.Stat(path)
		switch {
		case err != nil && i > 0:
			continue // an argument that is no file
		case err != nil:
			return fmt.Errorf("command: %w", err)
		case i == 0 && (!info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0):
			return fmt.Errorf("command: %s is no program; chmod +x %s", path, path)
		case info.Mode().IsRegular():
			if err := alone(path); err != nil {
				return err
			}
		}
	}
	if info, err := os.Stat(cmp.Or(directory, "/")); err != nil || !info.IsDir() {
		return fmt.Errorf("directory: there is no folder %s", directory)
	}
	return nil
}

// alone tells why a file may be changed by others: its own rights, or those of a folder above it.
func alone(path string) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("command: %w", err)
	}
	for at := real; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			return fmt.Errorf("command: %w", err)
		}
		sticky := info.IsDir() && info.Mode()&os.ModeSticky != 0
		if info.Mode().Perm()&0o002 != 0 && !sticky || info.Mode().Perm()&0o020 != 0 && at == real {
			return fmt.Errorf("command: %s may be changed by others than its owner; chmod go-w %s", at, at)
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

// clean makes what the program said fit to be shown: no personnummer, no secret of its environment, no name of a person whose data are protected, however
// it is put.
func (t *Target) clean(text string) string { return kind.Clean(t.veil()(text)) }

// hidden covers what must not be shown.
func hidden(secrets []string, people *kind.People) func(string) string {
	var pairs, names []string
	for _, s := range secrets {
		pairs = append(pairs, s, "…")
	}
	for _, key := range people.Keys() {
		if p, err := people.Person(key); err == nil && p.Protected {
			names = append(names, p.Name)
		}
	}
	covers := strings.NewReplacer(pairs...)
	return func(text string) string { return kind.Veil(covers.Replace(text), names...) }
}

// Shape is what targets.yaml may say of a target and of a system on it.
func Shape() (target, system any) { return options{}, struct{}{} }
