package policies

import (
	"fmt"
	"slices"

	"github.com/behorig/behorig/schema"
)

// The words of the repository's files that a manager reads in a message, by the parameter that holds one.
var words = map[string]map[string]schema.Text{
	"form":  forms,
	"forms": forms,
	"card": {
		"siths":         {Sv: "SITHS-kort", En: "a SITHS card"},
		"siths-reserve": {Sv: "SITHS-reservkort", En: "a SITHS reserve card"},
		"falkenberg":    {Sv: "Falkenbergskort", En: "a Falkenberg card"},
	},
	"item": {
		"phone":           {Sv: "telefon", En: "phone"},
		"digital-key":     {Sv: "digital nyckel", En: "digital key"},
		"siths-card":      {Sv: "SITHS-kort", En: "SITHS card"},
		"falkenberg-card": {Sv: "Falkenbergskort", En: "Falkenberg card"},
	},
	"noun": {
		"system":  {Sv: "systemet", En: "system"},
		"role":    {Sv: "rollen", En: "role"},
		"unit":    {Sv: "enheten", En: "unit"},
		"package": {Sv: "paketet", En: "package"},
		"person":  {Sv: "personen", En: "person"},
		"target":  {Sv: "målet", En: "target"},
	},
	"label": {"": {Sv: "utan märkning", En: "without a label"}},
}

var forms = map[string]schema.Text{
	"permanent":  {Sv: "tillsvidareanställd", En: "permanent staff"},
	"substitute": {Sv: "vikarie", En: "a substitute"},
	"hourly":     {Sv: "timavlönad", En: "hourly staff"},
	"agency":     {Sv: "inhyrd", En: "agency staff"},
	"student":    {Sv: "student", En: "a student"},
	"consultant": {Sv: "konsult", En: "a consultant"},
	"elected":    {Sv: "förtroendevald", En: "an elected representative"},
}

// free are the parameters that hold what somebody wrote as they liked.
var free = []string{"value", "label", "had"}

// shown is a denial's parameter as text. What somebody wrote freely is quoted, with anything like a personnummer blotted out.
func shown(name string, v any) schema.Text {
	switch v := v.(type) {
	case string:
		if word, ok := words[name][v]; ok {
			return word
		}
		if slices.Contains(free, name) {
			v = schema.Quote(v)
		}
		return schema.Text{Sv: v, En: v}
	case []any:
		var list schema.Text
		for i, x := range v {
			word := shown(name, x)
			if i > 0 {
				list.Sv, list.En = list.Sv+", ", list.En+", "
			}
			list.Sv, list.En = list.Sv+word.Sv, list.En+word.En
		}
		return list
	}
	return schema.Text{Sv: fmt.Sprint(v), En: fmt.Sprint(v)}
}
