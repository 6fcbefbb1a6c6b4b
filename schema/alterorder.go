package schema

import (
	"reflect"

	"go.yaml.in/yaml/v3"
)

// nounOf is the type of the noun that a file is of, as far as its keys tell; nil where they fit none.
func nounOf(root *yaml.Node, c *change) reflect.Type {
	for _, noun := range []any{Person{}, Unit{}, Package{}, System{}, Settings{}, Targets{}} {
		t := reflect.TypeOf(noun)
		fits := true
		for i := 0; i < len(root.Content); i += 2 {
			fits = fits && rank(t, root.Content[i].Value) >= 0
		}
		for part := range c.kids {
			fits = fits && rank(t, part) >= 0
		}
		if fits {
			return t
		}
	}
	return nil
}

// rank is the place of a key among those of a struct type; -1 where it has none.
func rank(t reflect.Type, key string) int {
	if t != nil && t.Kind() == reflect.Struct {
		if i, ok := recordOf(t).byName[key]; ok {
			return i
		}
	}
	return -1
}

// partOf is the type of a value's part; nil where that is not known.
func partOf(t reflect.Type, part string) reflect.Type {
	if t == nil {
		return nil
	}
	switch t.Kind() {
	case reflect.Struct:
		r := recordOf(t)
		i, ok := r.byName[part]
		if !ok {
			return nil
		}
		t = t.FieldByIndex(r.fields[i].index).Type
	case reflect.Slice, reflect.Map:
		t = t.Elem()
	default:
		return nil
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// anchor is the index of the part that a new key of a mapping comes behind: the last, of those that stay, that the format puts before it; -1: none.
func anchor(n *yaml.Node, key string, t reflect.Type, gone map[int]bool) int {
	own := rank(t, key)
	for i := length(n) - 1; i >= 0; i-- {
		if r := rank(t, n.Content[2*i].Value); !gone[i] && (own < 0 || r >= 0 && r < own) {
			return i
		}
	}
	return -1
}
