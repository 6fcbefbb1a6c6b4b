package schema

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"
)

const maxDepth = 20

func distance(a, b string) int { return levenshtein.ComputeDistance(a, b) }

// field is what the tags of a struct's field say of it.
type field struct {
	name     string
	index    int
	need     bool
	is       string // a row of shapes, or values parted by |
	keys     string // the same for the keys of a map
	min, max int
	inline   bool
}

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
	for i := range t.NumField() {
		f := t.Field(i)
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
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
		r.fields = append(r.fields, field{name: name, index: i, need: f.Tag.Get("need") == "yes", is: f.Tag.Get("is"),
			keys: f.Tag.Get("keys"), min: low, max: high})
	}
	got, _ := records.LoadOrStore(t, r)
	return got.(*record)
}

// decoder puts a file's nodes into a struct and collects what is wrong with them.
type decoder struct {
	file   string
	faults Faults
}

func (d *decoder) pos(n *yaml.Node) Pos { return Pos{d.file, n.Line, n.Column} }

func (d *decoder) fault(n *yaml.Node, m message, pairs ...any) {
	d.faults = append(d.faults, m.at(d.pos(n), pairs...))
}

var dateType = reflect.TypeFor[Date]()

// value reads one node into v. f is the field that it belongs to: its name for messages, and its rules.
func (d *decoder) value(n *yaml.Node, v reflect.Value, f field, depth int) {
	if !d.ordinary(n, f, depth) {
		return
	}
	switch t := v.Type(); {
	case t == dateType:
		d.date(n, v, f)
	case t.Kind() == reflect.Pointer:
		p := reflect.New(t.Elem())
		d.value(n, p.Elem(), f, depth)
		v.Set(p)
	case t.Kind() == reflect.Struct:
		d.object(n, v, f, depth)
	case t.Kind() == reflect.Map:
		d.table(n, v, f, depth)
	case t.Kind() == reflect.Slice:
		d.list(n, v, f, depth)
	case t.Kind() == reflect.String:
		if s, ok := d.text(n, f); ok {
			v.SetString(s)
		}
	case t.Kind() == reflect.Bool:
		d.truth(n, v, f)
	case t.Kind() == reflect.Int:
		d.integer(n, v, f)
	case t.Kind() == reflect.Interface:
		if x := d.anything(n, f, depth); x != nil {
			v.Set(reflect.ValueOf(x))
		}
	}
}

// ordinary refuses what no file of ours uses: aliases, anchors, tags, deep nesting, empty values.
func (d *decoder) ordinary(n *yaml.Node, f field, depth int) bool {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.fault(n, faultAlias)
	case n.Style&yaml.TaggedStyle != 0:
		d.fault(n, faultTag, "value", Quote(n.Tag))
	case depth > maxDepth:
		d.fault(n, faultDepth, "max", strconv.Itoa(maxDepth))
	case n.Kind == yaml.ScalarNode && plain(n) && nothing.MatchString(n.Value):
		d.fault(n, faultEmpty, "key", f.name)
	default:
		return true
	}
	return false
}

func (d *decoder) wrongType(n *yaml.Node, f field, want Text, example string) {
	got := map[yaml.Kind]Text{yaml.MappingNode: {"nycklar och värden", "keys and values"}, yaml.SequenceNode: {"en lista", "a list"}, yaml.ScalarNode: {Quote(n.Value), Quote(n.Value)}}[n.Kind]
	d.fault(n, faultType, "key", f.name, "want", want, "got", got, "example", example)
}

// pairs gives a mapping's keys and values, each key once.
func (d *decoder) pairs(n *yaml.Node, f field, each func(key, value *yaml.Node)) bool {
	if n.Kind != yaml.MappingNode {
		d.wrongType(n, f, Text{"nycklar och värden", "keys and values"}, "key: value")
		return false
	}
	lines := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Anchor != "" || key.Style&yaml.TaggedStyle != 0 {
			d.fault(key, faultAlias)
			continue
		}
		if first, twice := lines[key.Value]; twice {
			d.fault(key, faultTwice, "key", Quote(key.Value), "line", strconv.Itoa(first))
			continue
		}
		lines[key.Value] = key.Line
		each(key, value)
	}
	return true
}

func (d *decoder) object(n *yaml.Node, v reflect.Value, f field, depth int) {
	r := recordOf(v.Type())
	if r.line >= 0 {
		v.Field(r.line).SetInt(int64(n.Line))
	}
	var seen uint64
	ok := d.pairs(n, f, func(key, value *yaml.Node) {
		i, known := r.byName[key.Value]
		switch {
		case known:
			seen |= 1 << i
			d.value(value, v.Field(r.fields[i].index), r.fields[i], depth+1)
		case nearest(key.Value, r.names) != "" && (r.inline < 0 || strings.EqualFold(nearest(key.Value, r.names), key.Value)):
			d.fault(key, faultMisspelt, "key", Quote(key.Value), "want", nearest(key.Value, r.names))
			seen |= 1 << r.byName[nearest(key.Value, r.names)]
		case r.inline >= 0:
			if x := d.anything(value, field{name: key.Value}, depth+1); x != nil && d.word(key, "word") {
				m := v.Field(r.inline)
				if m.IsNil() {
					m.Set(reflect.ValueOf(map[string]any{}))
				}
				m.SetMapIndex(reflect.ValueOf(key.Value), reflect.ValueOf(x))
			}
		default:
			d.fault(key, faultUnknownKey, "key", Quote(key.Value), "keys", strings.Join(r.names, ", "))
		}
	})
	if !ok {
		return
	}
	for i, f := range r.fields {
		if f.need && seen&(1<<i) == 0 {
			d.fault(n, faultMissing, "key", f.name, "want", exampleOf(v.Type().Field(f.index).Type, f))
		}
	}
}

// exampleOf is a value that a field could have, for a message.
func exampleOf(t reflect.Type, f field) string {
	switch {
	case t == dateType:
		return "2026-12-01"
	case t.Kind() == reflect.Slice:
		return "[…]"
	case t.Kind() == reflect.Map:
		return "{…}"
	}
	if s, ok := shapes[f.is]; ok {
		return s.example
	}
	first, _, _ := strings.Cut(f.is, "|")
	return first
}

// word checks a key against a shape or a list of values.
func (d *decoder) word(n *yaml.Node, is string) bool {
	if m := ambiguous(n); m != nil && *m != faultNumberLike {
		d.fault(n, *m, "value", Quote(n.Value), "plain", n.Value)
		return false
	}
	return d.fits(n, n.Value, field{name: "key", is: is})
}

func (d *decoder) table(n *yaml.Node, v reflect.Value, f field, depth int) {
	v.Set(reflect.MakeMap(v.Type()))
	d.pairs(n, f, func(key, value *yaml.Node) {
		if !d.word(key, f.keys) {
			return
		}
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(value, item, field{name: key.Value, is: f.is, min: f.min, max: f.max}, depth+1)
		v.SetMapIndex(reflect.ValueOf(key.Value), item)
	})
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, f field, depth int) {
	if n.Kind != yaml.SequenceNode {
		d.wrongType(n, f, Text{"en lista", "a list"}, "[…]")
		return
	}
	items := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		d.value(item, items.Index(i), f, depth+1)
	}
	v.Set(items)
}

// text reads a string: NFC, with no hidden character, unmistakably text, and of the field's shape.
func (d *decoder) text(n *yaml.Node, f field) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		d.wrongType(n, f, Text{"text", "text"}, f.name+": …")
		return "", false
	}
	s := norm.NFC.String(n.Value)
	if i := strings.IndexFunc(s, hidden); i >= 0 {
		d.fault(n, faultHidden, "char", strconv.QuoteToASCII(string([]rune(s[i:])[0])))
		return "", false
	}
	if f.is == "sealed" && !shapes["sealed"].re.MatchString(s) {
		d.fault(n, faultIdentity)
		return "", false
	}
	if m := ambiguous(n); m != nil {
		d.fault(n, *m, "value", Quote(n.Value), "plain", strings.Trim(Quote(n.Value), `"`))
		return "", false
	}
	return s, d.fits(n, s, f)
}

func (d *decoder) fits(n *yaml.Node, s string, f field) bool {
	if f.is == "" {
		return true
	}
	if shape, ok := shapes[f.is]; ok {
		if shape.re.MatchString(s) {
			return true
		}
		d.fault(n, faultPattern, "key", f.name, "value", Quote(s), "want", shape.want, "example", shape.example)
		return false
	}
	values := strings.Split(f.is, "|")
	if !slices.Contains(values, s) {
		d.fault(n, faultEnum, "key", f.name, "value", Quote(s), "want", strings.Join(values, ", "))
		return false
	}
	return true
}

func (d *decoder) truth(n *yaml.Node, v reflect.Value, f field) {
	switch {
	case n.Kind == yaml.ScalarNode && plain(n) && truth.MatchString(n.Value):
		v.SetBool(n.Value == "true")
	default:
		d.wrongType(n, f, Text{"true eller false", "true or false"}, f.name+": true")
	}
}

func (d *decoder) integer(n *yaml.Node, v reflect.Value, f field) {
	if n.Kind != yaml.ScalarNode {
		d.wrongType(n, f, Text{"ett tal", "a number"}, f.name+": 1")
		return
	}
	x, err := strconv.Atoi(n.Value)
	if err != nil || !plain(n) || !integer.MatchString(n.Value) || x < f.min || x > f.max {
		d.fault(n, faultNumber, "key", f.name, "value", Quote(n.Value), "min", strconv.Itoa(f.min), "max", strconv.Itoa(f.max))
		return
	}
	v.SetInt(int64(x))
}

func (d *decoder) date(n *yaml.Node, v reflect.Value, f field) {
	date, err := ParseDate(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		d.fault(n, faultDate, "key", f.name, "value", Quote(n.Value))
		return
	}
	v.SetInt(int64(date))
}

// anything reads a value that only a kind of target knows the meaning of: text, whole number, truth value, list or mapping.
func (d *decoder) anything(n *yaml.Node, f field, depth int) any {
	if !d.ordinary(n, f, depth) {
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		d.pairs(n, f, func(key, value *yaml.Node) {
			if x := d.anything(value, field{name: key.Value}, depth+1); x != nil {
				m[norm.NFC.String(key.Value)] = x
			}
		})
		return m
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, d.anything(item, f, depth+1))
		}
		return list
	}
	switch {
	case plain(n) && truth.MatchString(n.Value):
		return n.Value == "true"
	case plain(n) && integer.MatchString(n.Value):
		x, _ := strconv.Atoi(n.Value)
		return x
	}
	if s, ok := d.text(n, f); ok {
		return s
	}
	return nil
}
