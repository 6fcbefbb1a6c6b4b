package schema

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// field is what the tags of a struct's field say of it.
type field struct {
	name     string // as messages show it
	index    []int
	need     bool
	is       string // a row of shapes, or values parted by |
	keys     string // the same for the keys of a map
	min, max int
	about    Text
}

// label is what messages call the field; a field with no name is a mapping's key.
func (f field) label() any {
	if f.name == "" {
		return Text{"nyckeln", "the key"}
	}
	return f.name
}

// record is what the tags of a struct's fields say, read once for each type.
type record struct {
	fields []field
	names  []string
	byName map[string]int
	inline int // index of the field that takes unknown keys; -1: none
	line   int // index of a Line field; -1: none
}

var records sync.Map // reflect.Type to *record

func recordOf(t reflect.Type) *record {
	if r, ok := records.Load(t); ok {
		return r.(*record)
	}
	r := &record{byName: map[string]int{}, inline: -1, line: -1}
	r.add(t, nil)
	got, _ := records.LoadOrStore(t, r)
	return got.(*record)
}

// add adds the fields of a struct type; those of a struct embedded in it count as its own.
func (r *record) add(t reflect.Type, above []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(slices.Clone(above), i)
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			r.add(f.Type, index)
			continue
		case rest == "inline":
			r.inline = i
			continue
		case name == "-" && f.Name == "Line":
			r.line = i
			continue
		case name == "-":
			continue
		}
		low, _ := strconv.Atoi(f.Tag.Get("min"))
		high, _ := strconv.Atoi(f.Tag.Get("max"))
		r.byName[name] = len(r.fields)
		r.names = append(r.names, name)
		r.fields = append(r.fields, field{
			name: name, index: index, need: f.Tag.Get("need") == "yes", is: f.Tag.Get("is"),
			keys: f.Tag.Get("keys"), min: low, max: high, about: Text{f.Tag.Get("sv"), f.Tag.Get("en")},
		})
	}
}

// exampleOf is a value that a field could have, for a message.
func exampleOf(t reflect.Type, f field) string {
	first, _, several := strings.Cut(f.is, "|")
	switch {
	case t == dateType:
		return "2026-12-01"
	case t.Kind() == reflect.Slice && several:
		return "[" + first + "]"
	case t.Kind() == reflect.Slice:
		return "[…]"
	case t.Kind() == reflect.Map:
		return "{…}"
	case several:
		return first
	case f.is == "word":
		return shapes["word"].example
	}
	return "…"
}
