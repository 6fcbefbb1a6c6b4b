package schema_test

import (
	"testing"
	"testing/fstest"

	"github.com/behorig/behorig/schema"
)

// An option is a name that something else has: it is read as it stands, also where its digits could be a personnummer.
func TestOptionsAreExact(t *testing.T) {
	const file = "/tmp/slapd-9001012385/ca.pem"
	o, err := schema.Load(fstest.MapFS{
		"behorig.yaml": {Data: []byte("organisation: Prov\n")},
		"targets.yaml": {Data: []byte("targets:\n  ad:\n    kind: ldap\n    caFile: " + file + "\n    misspelt: x\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	var options struct {
		CAFile string `json:"caFile" is:"line"`
	}
	faults := o.DecodeOptions("targets/ad", &options)
	if options.CAFile != file {
		t.Errorf("got %s, want %s", options.CAFile, file)
	}
	if len(faults) != 1 || faults[0].Pos.String() != "targets.yaml:5:5" {
		t.Errorf("got %v, want the misspelt key at its place", faults)
	}
}
