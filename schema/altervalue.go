package schema

import (
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// nodeOfValue is an edit's value as [Person.Write] would write it.
func nodeOfValue(value any) (*yaml.Node, error) {
	v := reflect.ValueOf(value)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if (v.IsZero() && v.Kind() != reflect.Bool && v.Type() != reflect.TypeFor[int]()) || !writable(v) {
		return nil, ErrEditValue
	}
	n := nodeOf(v, 1)
	if n.Kind != yaml.ScalarNode && len(n.Content) == 0 {
		return nil, ErrEditValue
	}
	return n, nil
}

// writable tells whether all of a value can be written on lines that every reader takes alike. Where a struct holds nothing, nothing is written.
func writable(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return utf8.ValidString(v.String()) && !strings.ContainsFunc(v.String(), func(r rune) bool { return r < ' ' || hidden(r) })
	case reflect.Bool, reflect.Int:
		return true
	case reflect.Int32:
		return v.Type() == dateType
	case reflect.Pointer:
		return v.IsNil() || writable(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.Tag.Get("json") != "-" && (!f.IsExported() || !v.Field(i).IsZero() && !writable(v.Field(i))) {
				return false
			}
		}
		return true
	case reflect.Slice:
		for i := range v.Len() {
			if item := v.Index(i); item.IsZero() || !writable(item) {
				return false
			}
		}
		return true
	}
	return false
}

// inline is a node on one line, as it stands in a block or, flow, within brackets.
func inline(n *yaml.Node, flow bool) (string, error) {
	holder := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "k"}, n}}
	before, after := "k: ", "\n"
	if flow {
		holder = &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Content: []*yaml.Node{flowing(n)}}
		before, after = "[", "]\n"
	}
	raw, err := yaml.Marshal(holder)
	text, begins := strings.CutPrefix(string(raw), before)
	text, ends := strings.CutSuffix(text, after)
	if err != nil || !begins || !ends || strings.ContainsAny(text, "\r\n") {
		return "", ErrEditValue
	}
	return text, nil
}

// flowing is a node with all that it holds in brackets.
func flowing(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = slices.Clone(n.Content)
	if n.Kind != yaml.ScalarNode {
		c.Style |= yaml.FlowStyle
	}
	for i := range c.Content {
		c.Content[i] = flowing(c.Content[i])
	}
	return &c
}

// keyText is a key as it is written before its colon.
func keyText(key string, flow bool) (string, error) {
	return inline(nodeOf(reflect.ValueOf(key), 1), flow)
}

// oneLine tells what is written behind its key or hyphen.
func oneLine(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode || n.Style&yaml.FlowStyle != 0 }
