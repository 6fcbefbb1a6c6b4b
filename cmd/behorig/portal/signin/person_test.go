package signin

import (
	"testing"
	"testing/fstest"

	"github.com/behorig/behorig/schema"
)

// A claim is somebody's if one file alone has it.
func TestPerson(t *testing.T) {
	files := fstest.MapFS{"behorig.yaml": {Data: []byte("organisation: Prov\nguideline: {title: Riktlinjen, edition: \"2026\", from: 2026-01-01}\n")}, "targets.yaml": {Data: []byte("targets: {}\nsystems: {}\n")}}
	for key, text := range map[string]string{
		"anna":  "name: Anna\nlogin: anli4821\nemail: anna@example.test\nemployeeId: \"4711\"\nhsaId: SE5560000000-A1B2\n",
		"bo":    "name: Bo\nlogin: bo17\nemail: delad@example.test\n",
		"bodil": "name: Bodil\nlogin: bod1\nemail: Delad@example.test\n",
		"cilla": "name: Cilla\n",
	} {
		files["people/"+key+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	o, err := schema.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ field, value, want string }{
		{"login", "anli4821", "anna"},
		{"login", "ANLI4821", "anna"},
		{"login", "anli482", ""},
		{"login", "", ""},
		{"email", "anna@example.test", "anna"},
		{"email", "delad@example.test", ""}, // two have it
		{"employeeId", "4711", "anna"},
		{"hsaId", "se5560000000-a1b2", "anna"},
		{"key", "cilla", "cilla"},
		{"key", "ingen", ""},
		{"key", "../behorig", ""},
		{"name", "Anna", ""},
	} {
		if got, ok := Person(o, c.field, c.value); ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s %q: got %q, %v, want %q", c.field, c.value, got, ok, c.want)
		}
	}
}
