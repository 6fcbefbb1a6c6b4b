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

// What every system may say is no option of a kind, and is none of a target.
func TestCommonKeysAreNoOptions(t *testing.T) {
	t.Parallel()
	o, err := schema.Load(fstest.MapFS{
		"behorig.yaml": {Data: []byte("organisation: Prov\n")},
		"targets.yaml": {Data: []byte("targets:\n  ad:\n    kind: ldap\n    protect: [x]\n    schedule: {every: 1h}\nsystems:\n  s:\n    target: ad\n    schedule: {every: 1h}\n    suspend: {until: 2026-12-31, reason: x}\n    group: g\n    kind: ldap\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	var none struct{}
	var system struct {
		Group string `json:"group" is:"line"`
	}
	if faults := o.DecodeOptions("targets/ad", &none); len(faults) != 1 || faults[0].Line != 5 {
		t.Errorf("got %v, want the schedule of a target refused", faults)
	}
	if faults := o.DecodeOptions("systems/s", &system); len(faults) != 1 || faults[0].Line != 12 || system.Group != "g" {
		t.Errorf("got %v and group %q, want the kind of a system refused and its group read", faults, system.Group)
	}
	if got := o.Targets.Systems["s"]; len(got.Options) != 2 || got.Schedule.Every != "1h" || got.Suspend.Reason != "x" {
		t.Errorf("got %+v, want a schedule, a suspension, and two options for the kind to judge", got)
	}
}
