package sql

import "testing"

// What a trigger tells of a protected person is covered though the statement was not given the name.
func TestCover(t *testing.T) {
	f := &failure{text: "PERSON, Hemlig finns redan"}
	call{name: "Hemlig Person"}.cover(f)
	if want := "•••, ••• finns redan"; f.text != want {
		t.Errorf("got %q, want %q", f.text, want)
	}
}
