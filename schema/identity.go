package schema

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"time"
)

// Identity is a personnummer or samordningsnummer (folkbokföringslagen 18 and 18 a §§, Skatteverket SKV 704 and 707).
// It never prints itself: every verb of fmt, and JSON, give a row of dots. Only [Identity.Reveal] opens it.
type Identity struct {
	digits *string // a pointer, so that fmt cannot print it as part of a struct whose field it is
}

// What a number can have against it. The number itself is in no error text.
var (
	ErrIdentityShape = errors.New("no personnummer: write YYYYMMDD-NNNN, or YYMMDD-NNNN with + from the year the person turns 100")
	ErrIdentityDate  = errors.New("no personnummer: its first digits are no day on which somebody was born (a samordningsnummer has the day plus 60): look at them again")
	ErrIdentityCheck = errors.New("no personnummer: its last digit, the check digit, does not fit the others: look at them again")
)

var identityShape = regexp.MustCompile(`^(\d{2})?(\d{2})(\d{2})(\d{2})([-+])?(\d{4})$`)

// ParseIdentity reads a personnummer or samordningsnummer of ten or twelve digits. Ten digits mean the latest century in which
// the person is born on or before today; with a plus sign, which the hyphen becomes in the year that a person turns 100, the latest in
// which they turn 100 this year or did so before.
func ParseIdentity(s string, today Date) (Identity, error) {
	m := identityShape.FindStringSubmatch(s)
	if m == nil {
		return Identity{}, ErrIdentityShape
	}
	short := m[2] + m[3] + m[4] + m[6]
	month, day := time.Month(number(m[3])), number(m[4])
	if day > 60 {
		day -= 60
	}
	year := number(m[1] + m[2])
	if m[1] == "" {
		this := today.Time().Year()
		year += this / 100 * 100
		switch {
		case m[5] == "+":
			for year > this-100 {
				year -= 100
			}
		case Day(year, month, day) > today:
			year -= 100
		}
	}
	born := Day(year, month, day)
	if y, mo, d := born.Time().Date(); year < 1800 || y != year || mo != month || d != day || born > today {
		return Identity{}, ErrIdentityDate
	}
	if !luhn(short) {
		return Identity{}, ErrIdentityCheck
	}
	all := strconv.Itoa(year)[:2] + short
	return Identity{&all}, nil
}

// Coordination tells a samordningsnummer from a personnummer: its day has 60 added.
func (id Identity) Coordination() bool { return id.digits != nil && (*id.digits)[6] >= '6' }

// Equal tells whether two are the same number.
func (id Identity) Equal(other Identity) bool { return id.Reveal() == other.Reveal() }

// Reveal is the twelve digits in clear, for the target that needs them and nobody else.
func (id Identity) Reveal() string {
	if id.digits == nil {
		return ""
	}
	return *id.digits
}

// String is a row of dots.
func (id Identity) String() string { return "••••••••-••••" }

// Format is a row of dots for every verb, for those of numbers too.
func (id Identity) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, id.String()) }

// MarshalText is a row of dots too, for JSON.
func (id Identity) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// luhn is the check of ISO/IEC 7812-1 annex B over ten digits.
func luhn(ten string) bool {
	sum := 0
	for i := range len(ten) {
		d := int(ten[i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// number reads decimal digits that a pattern has already checked.
func number(s string) int {
	n := 0
	for _, c := range []byte(s) {
		n = n*10 + int(c-'0')
	}
	return n
}
