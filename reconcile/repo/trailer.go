package repo

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Trailers are the last paragraph of an order's commit message: what the order is, and who gave it. Since the managers' pages sign with a key of their own,
// By is all that says whose order it is, so it is read more strictly than git does.
type Trailers struct {
	Order  string   // 16 hex digits that nothing else has
	Kind   string   // "hire", "extend", …
	By     string   // key of the person who was signed in
	People []string // keys of those whom it concerns
}

// The names of the trailers.
const (
	trailerOrder  = "Behorig-Order"
	trailerKind   = "Behorig-Kind"
	trailerBy     = "Behorig-Ordered-By"
	trailerPeople = "Behorig-People"
)

// maxMessage is the longest message of an order, bytes.
const maxMessage = 64 << 10

// The shapes of what trailers hold; that of a person's key is schema's.
var trailerShapes = map[string]*regexp.Regexp{
	trailerOrder:  regexp.MustCompile(`^[0-9a-f]{16}$`),
	trailerKind:   regexp.MustCompile(`^[a-z]{1,32}$`),
	trailerBy:     regexp.MustCompile(`^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?$`),
	trailerPeople: regexp.MustCompile(`^[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?(?:, [a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?)*$`),
	"":            regexp.MustCompile(`^[A-Za-z0-9-]+: \S(?:.*\S)?$`), // any
}

var errTrailers = errors.New("the message does not say in one way who ordered")

// Message writes a commit message: subject, text ("" for none) and trailers. The error tells a subject or text that could pass for a trailer.
func (t Trailers) Message(subject, text string) (string, error) {
	lines := []string{trailerOrder + ": " + t.Order, trailerKind + ": " + t.Kind, trailerBy + ": " + t.By}
	if len(t.People) > 0 {
		lines = append(lines, trailerPeople+": "+strings.Join(t.People, ", "))
	}
	var message strings.Builder
	for _, paragraph := range []string{subject, text} {
		if paragraph = strings.TrimSpace(paragraph); paragraph != "" {
			message.WriteString(paragraph + "\n\n")
		}
	}
	message.WriteString(strings.Join(lines, "\n") + "\n")
	got, err := ParseTrailers(message.String())
	if err == nil && (got.Order != t.Order || got.Kind != t.Kind || got.By != t.By || !slices.Equal(got.People, t.People)) {
		err = errTrailers
	}
	return message.String(), err
}

// ParseTrailers reads the last paragraph of a message. Each trailer but Behorig-People must be there, and none twice; a line anywhere that begins like one
// of them, in whatever case, width or indentation, counts as one, so that what people read and what is read here cannot differ. Folded lines are refused.
func ParseTrailers(message string) (Trailers, error) {
	if len(message) > maxMessage || strings.ContainsFunc(message, odd) {
		return Trailers{}, fmt.Errorf("%w: it is too long, or holds hidden characters", errTrailers)
	}
	lines := strings.Split(strings.TrimRight(message, "\n"), "\n")
	last := len(lines) - 1
	for last >= 0 && strings.TrimSpace(lines[last]) != "" {
		last--
	}
	found := map[string]string{}
	for i, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		shape, ours := trailerShapes[name]
		switch {
		case i > last && !trailerShapes[""].MatchString(line):
			return Trailers{}, fmt.Errorf("%w: its last paragraph holds more than trailers of one line each", errTrailers)
		case !ours || name == "":
			if like(line) {
				return Trailers{}, fmt.Errorf("%w: line %d looks like a trailer and is none", errTrailers, i+1)
			}
		case i < last || last < 0:
			return Trailers{}, fmt.Errorf("%w: %s stands before the last paragraph", errTrailers, name)
		case found[name] != "":
			return Trailers{}, fmt.Errorf("%w: it has %s twice", errTrailers, name)
		case !shape.MatchString(value):
			return Trailers{}, fmt.Errorf("%w: %s is not written as it should be", errTrailers, name)
		default:
			found[name] = value
		}
	}
	for _, name := range []string{trailerOrder, trailerKind, trailerBy} {
		if found[name] == "" {
			return Trailers{}, fmt.Errorf("%w: %s is missing", errTrailers, name)
		}
	}
	t := Trailers{Order: found[trailerOrder], Kind: found[trailerKind], By: found[trailerBy]}
	if people := found[trailerPeople]; people != "" {
		t.People = strings.Split(people, ", ")
	}
	return t, nil
}

// like tells a line that a person could take for a trailer of ours.
func like(line string) bool {
	plain := strings.ToLower(norm.NFKC.String(line))
	plain = strings.TrimLeftFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.HasPrefix(plain, "behorig-") || strings.Contains(plain, "behorig-order")
}

// odd tells a character that a line of plain text does not have.
func odd(r rune) bool {
	return r != '\n' && (!unicode.IsPrint(r) || r == unicode.ReplacementChar)
}

// orderOf finds the order that a commit of the branch carries, signed or not, "" for none: a forge that squashes or rebases signs anew or not at all, and
// may write more below, or all on one line.
func orderOf(message string) string {
	rest, found := message[:min(len(message), maxMessage)], true
	for found {
		if _, rest, found = strings.Cut(rest, trailerOrder+": "); len(rest) >= 16 && trailerShapes[trailerOrder].MatchString(rest[:16]) {
			return rest[:16]
		}
	}
	return ""
}

// OrderLine is how a merge request's text names an order, "" for none, so that a commit which a forge makes of the text is known as that order's.
func OrderLine(order string) string {
	if order == "" {
		return ""
	}
	return trailerOrder + ": " + order
}
