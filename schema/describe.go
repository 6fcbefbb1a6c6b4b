package schema

import (
	"reflect"
	"strings"
)

// Described is one key that a file may have, as the tags of a struct's fields say.
type Described struct {
	Path  string // "users.match": a key within a key; "roles.…" for the keys of a mapping
	Need  bool
	Type  string // text, number, day, true, list, mapping
	Of    string // the values that it may have, parted by |; or the name of a shape; "" for any
	About Text
}

// Describe lists the keys of a struct type and of those within it, in the order of its fields.
func Describe(v any) []Described { return describeType(reflect.TypeOf(v), "", 0) }

func describeType(t reflect.Type, above string, depth int) []Described {
	var all []Described
	for _, f := range recordOf(t).fields {
		of := t.FieldByIndex(f.index).Type
		d := Described{Path: above + f.name, Need: f.need, Of: f.is, About: f.about}
		if of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		inner := of
		switch {
		case of == dateType:
			d.Type = "day"
		case of.Kind() == reflect.Slice:
			d.Type, inner = "list", of.Elem()
		case of.Kind() == reflect.Map:
			d.Type, inner = "mapping", of.Elem()
		case of.Kind() == reflect.Struct:
			d.Type = "mapping"
		case of.Kind() == reflect.Bool:
			d.Type = "true"
		case of.Kind() == reflect.Int:
			d.Type = "number"
		default:
			d.Type = "text"
		}
		all = append(all, d)
		path := d.Path + "."
		switch {
		case of.Kind() == reflect.Map:
			path += "…."
		case of.Kind() == reflect.Slice:
			path = d.Path + "[]."
		}
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && inner != dateType && depth < 5 {
			all = append(all, describeType(inner, path, depth+1)...)
		}
	}
	return all
}

// Values is what may stand there, for people: the values, or what the shape wants.
func (d Described) Values(lang string) string {
	if s, ok := shapes[d.Of]; ok {
		return s.want.In(lang)
	}
	return strings.ReplaceAll(d.Of, "|", " | ")
}
