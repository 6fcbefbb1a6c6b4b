package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
	sigs "sigs.k8s.io/yaml"
)

// Write gives a person's file as somebody would write it: the keys in the order of the format, what is not there left out, short lists on one
// line, and the line by which an editor finds the schema (schemaPath, relative to the file; "": none). The text is read back by another YAML
// reader and must be the same person to it.
func (p *Person) Write(schemaPath string) ([]byte, error) {
	return write(p, new(Person), p.Key, schemaPath)
}

// Write gives a unit's file, as [Person.Write] does a person's.
func (u *Unit) Write(schemaPath string) ([]byte, error) {
	return write(u, new(Unit), u.Key, schemaPath)
}

// Flow is the access line as it stands in a file, on one line: {system: lifecare, role: utforare}.
func (a Access) Flow() (string, error) {
	raw, err := yaml.Marshal(nodeOf(reflect.ValueOf(a), 1))
	return strings.TrimSpace(string(raw)), err
}

// write gives the file of a noun; back is an empty one of its type, to read it back into.
func write[T any](noun, back *T, key, schemaPath string) ([]byte, error) {
	var out bytes.Buffer
	if schemaPath != "" {
		fmt.Fprintf(&out, "# yaml-language-server: $schema=%s\n", schemaPath)
	}
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(nodeOf(reflect.ValueOf(*noun), 0)); err != nil {
		return nil, err
	}
	if err := sigs.UnmarshalStrict(out.Bytes(), back); err != nil {
		return nil, fmt.Errorf("%s cannot be written: %w", key, err)
	}
	was, err := json.Marshal(noun)
	if err != nil {
		return nil, err
	}
	now, err := json.Marshal(back)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(was, now) {
		return nil, fmt.Errorf("%s cannot be written so that all readers of YAML agree on it", key)
	}
	return out.Bytes(), nil
}

// nodeOf is a value as a YAML node; nil for one that is left out.
func nodeOf(v reflect.Value, depth int) *yaml.Node {
	if v.Type() == dateType {
		return &yaml.Node{Kind: yaml.ScalarNode, Value: v.Interface().(Date).String()}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return nodeOf(v.Elem(), depth)
	case reflect.Struct:
		return objectNode(v, depth)
	case reflect.Slice:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range v.Len() {
			n.Content = append(n.Content, nodeOf(v.Index(i), depth+1))
		}
		return n
	}
	n := &yaml.Node{}
	n.SetString("")
	switch v.Kind() {
	case reflect.String:
		n.SetString(v.String())
		if n.Style == 0 && (v.String() == "=" || ambiguous(&yaml.Node{Value: v.String()}) != nil) { // = is no text in YAML 1.1
			n.Style = yaml.DoubleQuotedStyle
		}
	default:
		n = &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(v.Interface())}
	}
	return n
}

func objectNode(v reflect.Value, depth int) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	flat := depth > 0
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		value := v.Field(i)
		if name == "-" || name == "" || value.IsZero() || value.Kind() == reflect.Slice && value.Len() == 0 {
			continue
		}
		child := nodeOf(value, depth+1)
		flat = flat && child.Kind == yaml.ScalarNode && !strings.Contains(child.Value, "\n")
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, child)
	}
	if flat && depth > 0 {
		n.Style = yaml.FlowStyle
	}
	return n
}
