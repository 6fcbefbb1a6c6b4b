package schema

import (
	"reflect"
	"slices"
	"strings"
)

// DecodeOptions reads what targets.yaml says of one target ("targets/ad") or binding ("systems/combine") beside the keys that are the same for
// all kinds, into v: a pointer to a struct with the tags of this package's own nouns (json, need, is, keys, min, max, sv, en). What is wrong is
// returned, all of it, each with its place. Values are as they stand there, not masked: they are names of things elsewhere, and a folder may well be called
// as a personnummer is written.
func (o *Org) DecodeOptions(path string, v any) Faults {
	node, faults := parse(o.files, o.Targets.Path)
	if node == nil {
		return faults
	}
	for part := range strings.SplitSeq(path, "/") {
		if node = childOf(node, part); node == nil {
			return nil
		}
	}
	common := recordOf(reflect.TypeFor[Target]()).names
	if strings.HasPrefix(path, "systems/") {
		common = recordOf(reflect.TypeFor[Binding]()).names
	}
	own := *node
	own.Content = nil
	for i := 0; i+1 < len(node.Content); i += 2 {
		if !slices.Contains(common, node.Content[i].Value) {
			own.Content = append(own.Content, node.Content[i], node.Content[i+1])
		}
	}
	d := decoder{file: o.Targets.Path, exact: true}
	d.value(&own, reflect.ValueOf(v).Elem(), field{name: path[strings.LastIndexByte(path, '/')+1:]}, 0)
	return d.faults
}

// OptionFault is a fault of a value of targets.yaml, by its path ("targets/ad/url").
func (o *Org) OptionFault(path string, what, do Text) Fault {
	return Fault{Pos: Locate(o.files, o.Targets.Path, path), What: what, Do: do}
}
