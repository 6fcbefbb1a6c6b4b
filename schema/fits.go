package schema

import "go.yaml.in/yaml/v3"

// Fits tells whether a value from elsewhere may stand in a file where a field's tag names a shape (key, line, login, employeeid, hsaid) or its
// values, parted by |: as the loader would judge it, within quotes.
func Fits(is, value string) bool {
	d := decoder{}
	_, ok := d.text(&yaml.Node{Kind: yaml.ScalarNode, Style: yaml.DoubleQuotedStyle, Value: value}, field{is: is})
	return ok
}
