package policies

import (
	"reflect"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
)

// encoder turns the input's structs into OPA's own values without a detour over JSON. What a pointer points to is never
// changed and encoded once: in shared for what all inputs hold (settings, roles, units), in local for what one input repeats.
type encoder struct{ shared, local map[uintptr]*ast.Term }

type column struct {
	key   *ast.Term
	index int
}

var columns sync.Map // reflect.Type to []column

func columnsOf(t reflect.Type) []column {
	if c, ok := columns.Load(t); ok {
		return c.([]column)
	}
	var cols []column
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		cols = append(cols, column{ast.InternedTerm(name), i})
	}
	got, _ := columns.LoadOrStore(t, cols)
	return got.([]column)
}

func (e *encoder) term(v reflect.Value) *ast.Term {
	switch v.Kind() {
	case reflect.Pointer:
		at := v.Pointer()
		if t := e.shared[at]; t != nil {
			return t
		}
		t := e.local[at]
		if t == nil {
			t = e.term(v.Elem())
			e.local[at] = t
		}
		return t
	case reflect.Struct:
		cols := columnsOf(v.Type())
		pairs := make([][2]*ast.Term, len(cols))
		for i, c := range cols {
			pairs[i] = [2]*ast.Term{c.key, e.term(v.Field(c.index))}
		}
		return ast.NewTerm(ast.NewObject(pairs...))
	case reflect.Slice:
		items := make([]*ast.Term, v.Len())
		for i := range items {
			items[i] = e.term(v.Index(i))
		}
		return ast.ArrayTerm(items...)
	case reflect.Map:
		obj := ast.NewObjectWithCapacity(v.Len())
		for it := v.MapRange(); it.Next(); {
			obj.Insert(ast.StringTerm(it.Key().String()), e.term(it.Value()))
		}
		return ast.NewTerm(obj)
	case reflect.String:
		return ast.InternedTerm(v.String())
	case reflect.Bool:
		return ast.InternedTerm(v.Bool())
	case reflect.Int:
		return ast.InternedTerm(int(v.Int()))
	}
	return ast.NullTerm() // no field of the input is of another kind; a test walks them
}

// encode gives an input's value, and the terms of all pointers met on the way.
func encode(in any, shared map[uintptr]*ast.Term) (ast.Value, map[uintptr]*ast.Term) {
	e := encoder{shared, map[uintptr]*ast.Term{}}
	return e.term(reflect.ValueOf(in).Elem()).Value, e.local
}
