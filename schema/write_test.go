package schema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// What is written loads again, as the same person.
func TestWriteLoads(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want, err := onePerson(t, drawPerson(t))
		if err != nil {
			t.Fatal(err)
		}
		text, err := want.Write("../schema/person.schema.json")
		if err != nil {
			t.Fatalf("got %v, want no error for %+v", err, want)
		}
		got, err := onePerson(t, string(text))
		if err != nil {
			t.Fatalf("got %v, want no fault in\n%s", err, text)
		}
		if diff := cmp.Diff(got, want, places); diff != "" {
			t.Fatalf("got (-), want (+):\n%s\nin %s", diff, text)
		}
	})
}
