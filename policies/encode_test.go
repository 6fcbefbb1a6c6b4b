package policies

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"pgregory.net/rapid"
)

func TestEncodeKnowsEveryKindOfTheInput(t *testing.T) {
	var walk func(string, reflect.Type)
	walk = func(at string, typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice:
			walk(at, typ.Elem())
		case reflect.Map:
			if typ.Key().Kind() != reflect.String {
				t.Errorf("%s: keys of a map are %s, want string", at, typ.Key())
			}
			walk(at, typ.Elem())
		case reflect.Struct:
			for i := range typ.NumField() {
				f := typ.Field(i)
				if f.Tag.Get("json") == "" || f.Tag.Get("sv") == "" || f.Tag.Get("en") == "" {
					t.Errorf("%s.%s lacks a tag of json, sv, en", at, f.Name)
				}
				walk(at+"."+f.Name, f.Type)
			}
		case reflect.String, reflect.Bool, reflect.Int:
		default:
			t.Errorf("%s: %s is not encoded", at, typ)
		}
	}
	walk("Input", reflect.TypeFor[Input]())
}

// drawn fills any value of the input with what chance gives, two pointers at times with the same.
func drawn(t *rapid.T, typ reflect.Type, seen map[reflect.Type]reflect.Value) reflect.Value {
	v := reflect.New(typ).Elem()
	switch typ.Kind() {
	case reflect.Pointer:
		if old, ok := seen[typ]; ok && rapid.Bool().Draw(t, "same") {
			return old
		}
		v.Set(reflect.New(typ.Elem()))
		v.Elem().Set(drawn(t, typ.Elem(), seen))
		seen[typ] = v
	case reflect.Struct:
		for i := range typ.NumField() {
			v.Field(i).Set(drawn(t, typ.Field(i).Type, seen))
		}
	case reflect.Slice:
		for range rapid.IntRange(0, 2).Draw(t, "length") {
			v = reflect.Append(v, drawn(t, typ.Elem(), seen))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(typ))
		for range rapid.IntRange(0, 2).Draw(t, "entries") {
			v.SetMapIndex(reflect.ValueOf(rapid.String().Draw(t, "key")), drawn(t, typ.Elem(), seen))
		}
	case reflect.String:
		v.SetString(rapid.StringN(0, 5, -1).Draw(t, "text"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "truth"))
	case reflect.Int:
		v.SetInt(int64(rapid.IntRange(0, Never).Draw(t, "number")))
	}
	return v
}

// The values that OPA sees are those of the input's JSON, but that an empty list is a list and not null.
func TestEncodeIsTheInputsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawn(t, reflect.TypeFor[*Input](), map[reflect.Type]reflect.Value{}).Interface().(*Input)
		_, shared := encode(&struct {
			Settings *Settings `json:"settings"`
		}{in.Settings}, nil)
		for _, terms := range []map[uintptr]*ast.Term{nil, shared} {
			got, _ := encode(in, terms)
			raw, err := json.Marshal(in)
			if err != nil {
				t.Fatal(err)
			}
			var plain any
			dec := json.NewDecoder(bytes.NewReader(raw))
			dec.UseNumber()
			if err := dec.Decode(&plain); err != nil {
				t.Fatal(err)
			}
			want, err := ast.InterfaceToValue(listed(plain))
			if err != nil {
				t.Fatal(err)
			}
			if got.Compare(want) != 0 {
				t.Fatalf("got %v\nwant %v", got, want)
			}
		}
	})
}

// listed puts an empty list for each null.
func listed(v any) any {
	switch v := v.(type) {
	case nil:
		return []any{}
	case []any:
		for i := range v {
			v[i] = listed(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = listed(v[k])
		}
	}
	return v
}
