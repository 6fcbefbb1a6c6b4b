package schema

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"
)

func (d *decoder) wrongType(n *yaml.Node, f field, want, do Text) {
	got := Text{Quote(n.Value), Quote(n.Value)}
	switch n.Kind {
	case yaml.MappingNode:
		got = wantKeys
	case yaml.SequenceNode:
		got = wantList
	}
	d.fault(n, faultType, "key", f.label(), "want", want, "got", got, "do", do)
}

// text reads a string: NFC, with no hidden character (which only an escape can hold here: [plainText]), unmistakably text, and of the
// field's shape.
func (d *decoder) text(n *yaml.Node, f field) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		if f.is == "sealed" {
			d.fault(n, faultIdentity)
			return "", false
		}
		d.wrongType(n, f, wantText, doText)
		return "", false
	}
	s := norm.NFC.String(n.Value)
	if i := strings.IndexFunc(s, hidden); i >= 0 {
		d.fault(n, faultEscape, "char", codePoint([]rune(s[i:])[0]))
		return "", false
	}
	if f.is == "sealed" && !shapes["sealed"].re.MatchString(s) {
		d.fault(n, faultIdentity)
		return "", false
	}
	if m := ambiguous(n); m != nil {
		d.fault(n, *m, "value", Quote(n.Value))
		return "", false
	}
	if f.is == "line" && !d.exact {
		return Mask(s), d.fits(n, s, f) // it will be shown; that it stands in the file is the rule clear-identity's affair
	}
	return s, d.fits(n, s, f)
}

func (d *decoder) fits(n *yaml.Node, s string, f field) bool {
	if f.is == "" {
		return true
	}
	if strings.TrimSpace(s) == "" {
		d.fault(n, faultEmpty, "key", f.label())
		return false
	}
	if shape, ok := shapes[f.is]; ok {
		if shape.re.MatchString(s) {
			if (f.is == "key" || f.is == "role" || f.is == "word") && Mask(s) != s || (f.is == "employeeid" || f.is == "email") && bearsIdentity(s) {
				d.fault(n, faultClear, "key", f.label())
				return false
			}
			return true
		}
		d.fault(n, faultPattern, "key", f.label(), "value", Quote(s), "want", shape.want, "do", suggestion(f.is, s))
		return false
	}
	values := strings.Split(f.is, "|")
	if slices.Contains(values, s) {
		return true
	}
	do := doOneOf.With("want", strings.Join(values, ", "))
	if meant := Nearest(s, values); meant != "" {
		do = doWrite.With("want", meant)
	}
	d.fault(n, faultEnum, "key", f.label(), "value", Quote(s), "do", do)
	return false
}

// suggestion is what to write instead of a string that has not its shape.
func suggestion(is, s string) Text {
	switch is {
	case "line":
		if len([]rune(s)) > 500 {
			return doShorten
		}
		return doWrite.With("want", Quote(strings.Join(strings.Fields(s), " ")))
	case "key":
		if slug := bare(Slug(s)); shapes["key"].re.MatchString(slug) {
			return doWrite.With("want", slug)
		}
	}
	return doExample.With("want", shapes[is].example)
}

// nos are the words that people write for false.
var nos = []string{"no", "n", "off", "false", "nej", "0"}

func (d *decoder) truth(n *yaml.Node, v reflect.Value, f field) {
	low := strings.ToLower(n.Value)
	switch {
	case f.name == "protected" && (n.Kind != yaml.ScalarNode || !plain(n) || !truth.MatchString(n.Value)):
		d.fault(n, faultFlag, "key", f.name) // what it was to be is nobody's business
	case n.Kind == yaml.ScalarNode && plain(n) && truth.MatchString(n.Value):
		v.SetBool(n.Value == "true")
	case n.Kind == yaml.ScalarNode && truth.MatchString(low) && !plain(n):
		d.fault(n, faultQuoted, "key", f.label(), "value", low)
	case n.Kind == yaml.ScalarNode && slices.Contains(nos, low):
		d.wrongType(n, f, wantTruth, doWrite.With("want", f.name+": false"))
	default:
		d.wrongType(n, f, wantTruth, doWrite.With("want", f.name+": true"))
	}
}

func (d *decoder) integer(n *yaml.Node, v reflect.Value, f field) {
	low, high := strconv.Itoa(f.min), strconv.Itoa(f.max)
	if n.Kind != yaml.ScalarNode {
		d.wrongType(n, f, wantNumber, doNumber.With("min", low, "max", high))
		return
	}
	x, err := strconv.Atoi(n.Value)
	switch {
	case err != nil || !integer.MatchString(n.Value) || x < f.min || x > f.max:
		d.fault(n, faultNumber, "key", f.label(), "value", Quote(n.Value), "min", low, "max", high)
	case !plain(n):
		d.fault(n, faultQuoted, "key", f.label(), "value", n.Value)
	default:
		v.SetInt(int64(x))
	}
}

func (d *decoder) date(n *yaml.Node, v reflect.Value, f field) {
	if n.Kind != yaml.ScalarNode {
		d.wrongType(n, f, wantDate, doDate)
		return
	}
	date, err := ParseDate(n.Value)
	if err != nil {
		d.fault(n, faultDate, "key", f.label(), "value", Quote(n.Value))
		return
	}
	v.SetInt(int64(date))
}
