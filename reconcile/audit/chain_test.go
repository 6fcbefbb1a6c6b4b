package audit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/behorig/behorig/reconcile/audit"
)

// check verifies records as they stand; head nil is that of the last record.
func check(records []audit.Record, head *audit.Head, checkpoints ...audit.Signed) []string {
	c := audit.NewChain("s", checkpoints)
	for _, r := range records {
		c.Add(r)
	}
	var all []string
	for _, d := range c.End(head) {
		all = append(all, fmt.Sprintf("%d %s", d.Seq, d.What))
	}
	return all
}

func headOf(records []audit.Record) *audit.Head {
	last := records[len(records)-1]
	return &audit.Head{Chain: "s", Seq: last.Seq, Hash: last.Hash}
}

func renumber(records []audit.Record) []audit.Record {
	for i := range records {
		records[i].Seq = int64(i + 1)
	}
	return records
}

// relink is what somebody does who knows how hashes are made.
func relink(records []audit.Record) []audit.Record {
	prev := ""
	for i, r := range records {
		records[i].Hash = audit.Link(prev, r)
		prev = records[i].Hash
	}
	return records
}

// What is done to a chain of ten, and what is said of it: where, and what, and nothing of what is as it was.
func TestChain(t *testing.T) {
	seal := func(r []audit.Record) audit.Signed {
		return audit.Signed{At: noon, Heads: []audit.Head{{"s", 6, r[5].Hash}, {"other", 3, "x"}}}
	}
	for _, c := range []struct {
		name string
		do   func(r []audit.Record) []audit.Record
		want []string
	}{
		{"nothing", func(r []audit.Record) []audit.Record { return r }, nil},
		{"a body changed", func(r []audit.Record) []audit.Record { r[3].Body = strings.Replace(r[3].Body, "p4", "p5", 1); return r }, []string{"4 hash"}},
		{"the first body changed", func(r []audit.Record) []audit.Record { r[0].Body = "{}"; return r }, []string{"1 hash"}},
		{"the last body changed", func(r []audit.Record) []audit.Record { r[9].Body = "{}"; return r }, []string{"10 hash"}},
		{"a kind changed", func(r []audit.Record) []audit.Record { r[3].Kind = audit.Outcome; return r }, []string{"4 hash"}},
		{"a time changed", func(r []audit.Record) []audit.Record { r[3].At = r[4].At; return r }, []string{"4 hash"}},
		{"a time that is none", func(r []audit.Record) []audit.Record { r[3].At = "noon"; return r }, []string{"4 body", "4 hash"}},
		{"a hash changed", func(r []audit.Record) []audit.Record { r[3].Hash = r[2].Hash; return r }, []string{"4 hash"}},
		{"the last hash changed", func(r []audit.Record) []audit.Record { r[9].Hash = r[2].Hash; return r }, []string{"10 hash"}},
		{"two bodies changed", func(r []audit.Record) []audit.Record { r[3].Body, r[4].Body = "{}", "{}"; return r }, []string{"4 hash", "5 hash"}},
		{"one removed", func(r []audit.Record) []audit.Record { return slices.Delete(r, 3, 4) }, []string{"4 gap"}},
		{"the first removed", func(r []audit.Record) []audit.Record { return r[1:] }, []string{"1 gap"}},
		{"some removed in two places", func(r []audit.Record) []audit.Record { return slices.Delete(slices.Delete(r, 6, 8), 2, 3) }, []string{"3 gap", "7 gap"}},
		{"one removed, one changed", func(r []audit.Record) []audit.Record { r[8].Body = "{}"; return slices.Delete(r, 3, 4) }, []string{"4 gap", "9 hash"}},
		{"tail cut off", func(r []audit.Record) []audit.Record { return r[:8] }, []string{"8 head"}},
		{"all removed", func(r []audit.Record) []audit.Record { return nil }, []string{"0 head", "6 checkpoint"}},
		{
			"one removed and renumbered", func(r []audit.Record) []audit.Record { return renumber(slices.Delete(r, 3, 4)) },
			[]string{"4 hash", "5 order", "6 checkpoint", "6 order", "7 order", "8 order", "9 head", "9 order"},
		},
		{"two neighbours swapped", func(r []audit.Record) []audit.Record { r[3], r[4] = r[4], r[3]; return renumber(r) }, []string{"4 order", "5 order"}},
		{"two swapped", func(r []audit.Record) []audit.Record { r[2], r[7] = r[7], r[2]; return renumber(r) }, []string{"3 order", "8 order"}},
		{"two swapped by content", func(r []audit.Record) []audit.Record { r[2].Body, r[7].Body = r[7].Body, r[2].Body; return r }, []string{"3 hash", "8 hash"}},
		{"the last two swapped", func(r []audit.Record) []audit.Record { r[8], r[9] = r[9], r[8]; return renumber(r) }, []string{"9 order", "10 head", "10 order"}},
		{"out of order", func(r []audit.Record) []audit.Record { r[3], r[4] = r[4], r[3]; return r }, []string{"4 gap", "4 order"}},
		{
			"one put in", func(r []audit.Record) []audit.Record { return renumber(slices.Insert(r, 3, r[8])) },
			[]string{"4 order", "5 order", "6 checkpoint", "6 order", "7 order", "8 order", "9 order", "10 head", "10 order", "11 order"},
		},
		{"one added", func(r []audit.Record) []audit.Record { return relink(renumber(append(r, r[3]))) }, []string{"10 head"}},
		{"rewritten after the checkpoint", func(r []audit.Record) []audit.Record { r[7].Body = "{}"; return relink(r) }, []string{"10 head"}},
		{"rewritten before it", func(r []audit.Record) []audit.Record { r[4].Body = "{}"; return relink(r) }, []string{"6 checkpoint", "10 head"}},
		{"cut off before it", func(r []audit.Record) []audit.Record { return r[:5] }, []string{"5 head", "6 checkpoint"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			records := people(10)
			head, s := headOf(records), seal(records)
			same(t, "damages", check(c.do(records), head, s), c.want)
		})
	}
}

// What is noted of the last record is verified too.
func TestHead(t *testing.T) {
	records := people(3)
	for name, c := range map[string]struct {
		head *audit.Head
		want []string
	}{
		"none":         {nil, []string{"3 head"}},
		"further on":   {&audit.Head{Chain: "s", Seq: 4, Hash: records[2].Hash}, []string{"3 head"}},
		"before":       {&audit.Head{Chain: "s", Seq: 2, Hash: records[1].Hash}, []string{"2 head"}},
		"another hash": {&audit.Head{Chain: "s", Seq: 3, Hash: records[1].Hash}, []string{"3 head"}},
		"right":        {headOf(records), nil},
	} {
		t.Run(name, func(t *testing.T) { same(t, "damages", check(records, c.head), c.want) })
	}
	same(t, "nothing at all", len(check(nil, nil)), 0)
}

// Any change of any record of any chain is found, at its place.
func TestAnyChangeIsFound(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		records := people(rapid.IntRange(1, 60).Draw(rt, "records"))
		head := headOf(records)
		i := rapid.IntRange(0, len(records)-1).Draw(rt, "which")
		r := &records[i]
		text := rapid.SampledFrom([]*string{&r.At, &r.Body, &r.Hash, (*string)(&r.Kind)}).Draw(rt, "column")
		at := rapid.IntRange(0, len(*text)-1).Draw(rt, "byte")
		b := []byte(*text)
		b[at] ^= byte(1 << rapid.IntRange(0, 7).Draw(rt, "bit"))
		*text = string(b)
		want := fmt.Sprintf("%d hash", i+1)
		if got := check(records, head); !slices.Contains(got, want) {
			rt.Fatalf("got %q, want %s", got, want)
		}
	})
}

// What is wrong is told in both languages, with its place.
func TestDamageString(t *testing.T) {
	records := people(4)
	records[1].Body = audit.Encode(audit.Body{Entry: 17})
	c := audit.NewChain("s", nil)
	for _, r := range slices.Delete(records, 2, 3) {
		c.Add(r)
	}
	var sv, en []string
	for _, d := range append(c.End(nil), audit.NoBeginning()) {
		sv, en = append(sv, d.Text.In("sv")), append(en, d.String())
	}
	same(t, "English", en, []string{
		"chain s, record 2, entry 17: hash: the record does not fit its hash: it has been changed",
		"chain s, record 3: gap: 1 record is missing, number 3; whether the next is untouched cannot be told",
		"chain s, record 4: head: the note of the chain's last record is gone",
		"chain of no system, record 1: anchor: the log has no beginning: its first record should tell what was before it",
	})
	same(t, "Swedish", sv[0], "posten stämmer inte med sin kontrollsumma: den har ändrats")
}
