package userlist_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/reconcile/userlist"
	"github.com/behorig/behorig/schema"
)

// A preview says what taking a list in then says, and changes nothing. A short list is taken in only on somebody's word.
func TestIntake(t *testing.T) {
	ctx, on, place := context.Background(), schema.Day(2026, 12, 1), store.Dir(t.TempDir())
	org := options(t, "dorr").Org
	key := schema.Key{System: "dorr", Role: "nyckel", Unit: "norr", Person: "ada"}
	books, err := worklist.Open(ctx, worklist.Config{State: place, Systems: []string{"dorr"}, On: on, ServiceDays: 7})
	if err != nil {
		t.Fatal(err)
	}
	defer books.Close()
	if _, err := books.Apply(ctx, reconcile.Change{Key: key, To: &schema.Grant{}}); err != nil {
		t.Fatal(err)
	}
	open := func() int {
		all, err := books.List(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	begin := func() *userlist.Intake {
		in, err := userlist.Begin(ctx, org, "dorr", place, on)
		if err != nil {
			t.Fatal(err)
		}
		in.By = "test"
		return in
	}
	in := begin()
	list, faults, err := in.Read("lista.csv", []byte("login;roll;enhet\nadpr0001;nyckel;norr\nadpr0001;nyckel;nordpolen\n"))
	if err != nil || len(faults) != 1 || len(list.Entries) != 0 {
		t.Fatalf("got %v, %v and %d entries, want the one fault and nothing else", faults, err, len(list.Entries))
	}
	list, faults, err = in.Read("lista.csv", []byte("login;roll;enhet\nadpr0001;nyckel;norr\ngast;admin;\n"))
	if err != nil || faults != nil || list.SHA256 == "" {
		t.Fatalf("got %v and %v", faults, err)
	}
	before, err := in.Preview(ctx, list)
	if err != nil {
		t.Fatal(err)
	}
	if open() != 1 || before.Count(worklist.Confirmed) != 1 || before.Count(worklist.Unordered) != 3 {
		t.Fatalf("got %d open orders and %+v, want the order as it was, and what the list shows", open(), before)
	}
	after, err := begin().Take(ctx, list)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" || open() != 0 {
		t.Errorf("%d open orders (-preview +taken):\n%s", open(), diff)
	}

	empty, _, err := in.Read("lista.csv", []byte("login;roll;enhet\n"))
	if err != nil {
		t.Fatal(err)
	}
	var short *userlist.ShortError
	if _, err := begin().Take(ctx, empty); !errors.As(err, &short) || short.Shows != 0 {
		t.Errorf("got %v, want an empty list refused", err)
	}
	if shown, err := begin().Preview(ctx, empty); err != nil || shown.Count(worklist.Missing)+shown.Count(worklist.Gone) == 0 {
		t.Errorf("got %+v and %v, want it shown what an empty list would say", shown, err)
	}
	in = begin()
	in.Right = true
	if _, err := in.Take(ctx, empty); err != nil {
		t.Errorf("got %v, want it taken in on somebody's word", err)
	}
}
