package kind_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/targets/kind"
)

func env(name string) (string, bool) {
	v, ok := map[string]string{"PW": "hunter2", "EMPTY": ""}[name]
	return v, ok
}

func TestSecret(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, open, empty := write("good", "s3cret\n", 0o640), write("open", "s3cret", 0o644), write("empty", "\n", 0o600)
	c := kind.Config{Env: env}
	for _, x := range []struct{ env, file, want, err string }{
		{"", "", "", ""},
		{"PW", "", "hunter2", ""},
		{"", good, "s3cret", ""},
		{"EMPTY", "", "", "the environment variable EMPTY is not set"},
		{"NONE", "", "", "the environment variable NONE is not set"},
		{"PW", good, "", "passwordEnv and passwordFile are both given"},
		{"", open, "", "may be read by everybody; chmod o-rwx"},
		{"", empty, "", "is empty"},
		{"", filepath.Join(dir, "none"), "", "no such file"},
	} {
		got, err := c.Secret("password", x.env, x.file)
		if got.Reveal() != x.want || got.Set() != (x.want != "") || (x.err == "") != (err == nil) || !strings.Contains(errText(err), x.err) {
			t.Errorf("env %q file %q: got %q, error %v, want %q, error %q", x.env, x.file, got.Reveal(), err, x.want, x.err)
		}
		if err != nil && (strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("env %q file %q: got the secret in the error", x.env, x.file)
		}
	}
}

// A secret shows in no way that somebody prints it by mistake.
func TestSecretDoesNotShow(t *testing.T) {
	s, err := kind.Config{Env: env}.Secret("password", "PW", "")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(map[string]any{"s": s})
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s, s), string(raw), fmt.Sprint([]kind.Secret{s}), fmt.Sprintf("%+v %#v", struct{ S kind.Secret }{s}, struct{ s kind.Secret }{s})} {
		if strings.Contains(shown, "hunter2") {
			t.Errorf("got %s, want the secret hidden", shown)
		}
	}
}

func TestSetting(t *testing.T) {
	c := kind.Config{Env: env}
	for _, x := range []struct{ value, env, want, err string }{
		{"v", "", "v", ""},
		{"", "PW", "hunter2", ""},
		{"", "", "", ""},
		{"v", "PW", "", "url and urlEnv are both given"},
		{"", "NONE", "", "NONE is not set"},
	} {
		got, err := c.Setting("url", x.value, x.env)
		if got != x.want || !strings.Contains(errText(err), x.err) || (x.err == "") != (err == nil) {
			t.Errorf("%q %q: got %q, error %v, want %q, error %q", x.value, x.env, got, err, x.want, x.err)
		}
	}
}
