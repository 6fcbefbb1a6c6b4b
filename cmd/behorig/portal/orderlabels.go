package portal

import (
	"cmp"
	"strings"
	"time"

	"github.com/behorig/behorig/schema"
)

// months as they are written out, from January.
var months = map[string][12]string{
	"sv": {"januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"},
	"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
}

// longDay is a day as it is read aloud: 1 december 2026.
func (x *visit) longDay(d schema.Date) string {
	if d == 0 {
		return x.t("people-until-further")
	}
	year, month, day := d.Time().Date()
	return number(day) + " " + months[cmp.Or(x.Lang, "sv")][month-time.January] + " " + number(year)
}

// period is a time with or without an end.
func (x *visit) period(from, until schema.Date) string {
	if until == 0 {
		return x.t("people-from-day", "day", x.longDay(from))
	}
	return x.longDay(from) + " – " + x.longDay(until)
}

// lineName is an access line in words.
func (x *visit) lineName(a *schema.Access) string {
	text := x.roleName(a.System, a.Role)
	if a.Package != "" {
		text = a.Package
		if pkg := x.Now.Org.Packages[a.Package]; pkg != nil {
			text = pkg.Name
		}
	}
	if a.Unit != "" {
		text += ", " + x.unitName(a.Unit)
	}
	switch {
	case a.Until != 0:
		text += ", " + x.t("people-until-day", "day", x.longDay(a.Until))
	case a.From > x.Now.On:
		text += ", " + x.t("people-from-day", "day", x.longDay(a.From))
	}
	return text
}

// roleName is a role with its system; the account has no role.
func (x *visit) roleName(system, role string) string {
	name := system
	if s := x.Now.Org.Systems[system]; s != nil {
		name = s.Name
	}
	return name + ", " + x.roleOnly(system, role)
}

func (x *visit) roleOnly(system, role string) string {
	if role == "" {
		return x.t("account")
	}
	if r := x.Now.Org.Role(system, role); r != nil && r.Name != "" {
		return r.Name
	}
	return role
}

func (x *visit) itemName(kind, label string) string {
	return strings.TrimSpace(x.t("item-"+kind) + " " + label)
}
