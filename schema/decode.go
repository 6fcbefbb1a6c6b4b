package schema

import (
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"
)

const maxDepth = 20

// decoder puts a file's nodes into a struct and collects what is wrong with them.
type decoder struct {
	file   string
	faults Faults
	exact  bool       // a line is taken as it stands: it is a name that something else has, such as a path or a DN
	veil   *yaml.Node // what says that the data of the file's person are protected: then no fault quotes another value
}

func (d *decoder) pos(n *yaml.Node) Pos { return Pos{d.file, n.Line, n.Column} }

func (d *decoder) fault(n *yaml.Node, m message, pairs ...any) {
	f := m.at(d.pos(n), pairs...)
	if d.veil != nil && n != d.veil && m != faultMisspelt {
		f = f.without(n.Value)
	}
	d.faults = append(d.faults, f)
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
		d.fault(n, faultEmpty, "key", f.label())
	default:
		return true
	}
	return false
}

// pairs gives a mapping's keys and values, each key once. names are the keys that it may have, for a message.
func (d *decoder) pairs(n *yaml.Node, f field, names string, each func(key, value *yaml.Node)) bool {
	if n.Kind != yaml.MappingNode {
		d.wrongType(n, f, wantKeys, doKeys.With("keys", names))
		return false
	}
	lines := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.Kind == yaml.AliasNode, key.Anchor != "":
			d.fault(key, faultAlias)
			continue
		case key.Kind != yaml.ScalarNode, key.Style&yaml.TaggedStyle != 0:
			d.fault(key, faultKey)
			continue
		case key.Value == "<<" && plain(key):
			d.fault(key, faultMerge)
			continue
		}
		name := norm.NFC.String(key.Value)
		if first, twice := lines[name]; twice {
			d.fault(key, faultTwice, "key", Quote(key.Value), "line", strconv.Itoa(first))
			continue
		}
		lines[name] = key.Line
		each(key, value)
	}
	return true
}

func (d *decoder) object(n *yaml.Node, v reflect.Value, f field, depth int) {
	r := recordOf(v.Type())
	if r.line >= 0 {
		v.Field(r.line).SetInt(int64(n.Line))
	}
	before := len(d.faults)
	var seen uint64
	ok := d.pairs(n, f, strings.Join(r.names, ", "), func(key, value *yaml.Node) {
		if i, known := r.byName[key.Value]; known {
			seen |= 1 << i
			d.value(value, v.FieldByIndex(r.fields[i].index), r.fields[i], depth+1)
			return
		}
		meant := Nearest(key.Value, r.names)
		switch {
		case meant != "" && (r.inline < 0 || strings.EqualFold(meant, key.Value)):
			d.fault(key, faultMisspelt, "key", Quote(key.Value), "want", meant)
			i := r.byName[meant]
			seen |= 1 << i
			d.value(value, reflect.New(v.FieldByIndex(r.fields[i].index).Type()).Elem(), r.fields[i], depth+1) // for its faults
		case r.inline >= 0:
			d.option(key, value, v.Field(r.inline), depth+1)
		default:
			d.fault(key, faultUnknownKey, "key", Quote(key.Value), "keys", strings.Join(r.names, ", "))
		}
	})
	if !ok {
		return
	}
	for i, f := range r.fields {
		if f.need && seen&(1<<i) == 0 {
			d.fault(n, faultMissing, "key", f.name, "want", exampleOf(v.Type().FieldByIndex(f.index).Type, f), "about", f.about.within())
		}
	}
	if c, ok := v.Addr().Interface().(checked); ok {
		c.check(d, n, len(d.faults) == before)
	}
}

// word checks a key against a shape or a list of values.
func (d *decoder) word(n *yaml.Node, is string) bool {
	s, ok := d.text(n, field{is: is})
	return ok && s != ""
}

func (d *decoder) table(n *yaml.Node, v reflect.Value, f field, depth int) {
	v.Set(reflect.MakeMap(v.Type()))
	d.pairs(n, f, "…", func(key, value *yaml.Node) {
		if !d.word(key, f.keys) {
			return
		}
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(value, item, field{name: bare(key.Value), is: f.is, min: f.min, max: f.max}, depth+1)
		v.SetMapIndex(reflect.ValueOf(key.Value), item)
	})
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, f field, depth int) {
	switch entries := v.Type().Elem().Kind() == reflect.Struct; {
	case n.Kind == yaml.ScalarNode && !entries:
		d.wrongType(n, f, wantList, doList.With("key", f.name, "value", bare(n.Value)))
		return
	case n.Kind != yaml.SequenceNode:
		d.wrongType(n, f, wantList, doHyphen)
		return
	}
	items := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		d.value(item, items.Index(i), f, depth+1)
	}
	v.Set(items)
}

// option puts a key that only a kind of target knows into the map that takes such keys.
func (d *decoder) option(key, value *yaml.Node, options reflect.Value, depth int) {
	known := d.word(key, "word")
	x := d.anything(value, field{name: bare(key.Value)}, depth)
	if x == nil || !known {
		return
	}
	if options.IsNil() {
		options.Set(reflect.ValueOf(map[string]any{}))
	}
	options.SetMapIndex(reflect.ValueOf(key.Value), reflect.ValueOf(x))
}

// anything reads a value that only a kind of target knows the meaning of: text, whole number, truth value, list or mapping;
// nil where there is a fault.
func (d *decoder) anything(n *yaml.Node, f field, depth int) any {
	if !d.ordinary(n, f, depth) {
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		d.pairs(n, f, "…", func(key, value *yaml.Node) {
			name, ok := d.text(key, field{})
			if x := d.anything(value, field{name: bare(key.Value)}, depth+1); x != nil && ok {
				m[name] = x
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
