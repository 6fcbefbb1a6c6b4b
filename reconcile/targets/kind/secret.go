package kind

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/behorig/behorig/schema"
)

// Secret is a password, token or key. It prints as dots, whatever prints it.
type Secret struct {
	text *string // a pointer, so that fmt cannot print it as part of a struct whose field it is
}

// Reveal is the secret itself, for the one call that needs it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Set tells whether there is one.
func (s Secret) Set() bool { return s.Reveal() != "" }

// String and GoString hide it.
func (s Secret) String() string   { return "••••" }
func (s Secret) GoString() string { return s.String() }

// MarshalText hides it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Secret opens the secret that is in an environment variable or in a file, whichever the options name; none where they name neither. A file that
// others than its owner and group may read is refused, and so is an empty secret. name is the option's, without Env or File.
func (c Config) Secret(name, env, file string) (Secret, error) {
	switch {
	case env != "" && file != "":
		return Secret{}, fmt.Errorf("%sEnv and %sFile are both given; keep one", name, name)
	case env != "":
		text, err := c.lookup(env)
		return Secret{&text}, err
	case file == "":
		return Secret{}, nil
	}
	info, err := os.Stat(file)
	if err != nil {
		return Secret{}, fmt.Errorf("%sFile: %w", name, err)
	}
	if info.Mode().Perm()&0o007 != 0 {
		return Secret{}, fmt.Errorf("%sFile: %s may be read by everybody; chmod o-rwx %s", name, file, file)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return Secret{}, fmt.Errorf("%sFile: %w", name, err)
	}
	text := strings.TrimRight(string(raw), "\r\n")
	if text == "" {
		return Secret{}, fmt.Errorf("%sFile: %s is empty", name, file)
	}
	return Secret{&text}, nil
}

// Setting is the value of an option that may stand in targets.yaml or in an environment variable that it names (url, urlEnv). It is "" where
// neither is given.
func (c Config) Setting(name, value, env string) (string, error) {
	switch {
	case value != "" && env != "":
		return "", fmt.Errorf("%s and %sEnv are both given; keep one", name, name)
	case env != "":
		return c.lookup(env)
	}
	return value, nil
}

// lookup is the value of an environment variable that must be set.
func (c Config) lookup(env string) (string, error) {
	if c.Env != nil {
		if text, ok := c.Env(env); ok && text != "" {
			return text, nil
		}
	}
	return "", fmt.Errorf("the environment variable %s is not set", env)
}

// Either is the fault of two options of which just one is to be given, such as url and urlEnv; none where that is so, or where neither is
// given and need is false.
func (c Config) Either(need bool, a, valueA, b, valueB string) schema.Faults {
	switch {
	case valueA != "" && valueB != "":
		return schema.Faults{c.Fault(b,
			schema.Text{Sv: a + " och " + b + " står där båda", En: a + " and " + b + " are both given"},
			schema.Text{Sv: "behåll den ena", En: "keep one"})}
	case need && valueA == "" && valueB == "":
		return schema.Faults{c.Fault("",
			schema.Text{Sv: a + " eller " + b + " saknas", En: a + " or " + b + " is missing"},
			schema.Text{Sv: "skriv den ena", En: "write one of them"})}
	}
	return nil
}

// Duration is the length of time that an option of shape duration gives, or else a default.
func Duration(option string, otherwise time.Duration) time.Duration {
	if d, err := time.ParseDuration(option); err == nil {
		return d
	}
	return otherwise
}

// ErrNoIdentity is the error of a target that needs a personnummer when the run was given no key to open it with.
var ErrNoIdentity = errors.New("it needs the personnummer, and no key was given to open it with; give --key-file FILE, or name it in BEHORIG_IDENTITY_FILE")
