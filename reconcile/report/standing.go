package report

import (
	"cmp"
	"strconv"
	"time"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/schema"
)

// Standing reports what stands past the repository.
type Standing struct {
	At     time.Time
	Zone   *time.Location
	Names  Names
	Orders []ledger.Standing
}

// Data implements [Report].
func (s Standing) Data(string) any {
	type orderJSON struct {
		ID     int64      `json:"id"`
		Kind   string     `json:"kind"`
		Person string     `json:"person,omitempty"`
		System string     `json:"system,omitempty"`
		Role   string     `json:"role,omitempty"`
		Unit   string     `json:"unit,omitempty"`
		Reason string     `json:"reason"`
		By     string     `json:"by"`
		At     time.Time  `json:"at"`
		Second string     `json:"second,omitempty"`
		Until  *time.Time `json:"until,omitempty"`
		Force  bool       `json:"inForce"`
	}
	out := struct {
		Version int         `json:"version"`
		Orders  []orderJSON `json:"orders"`
	}{version, []orderJSON{}}
	for _, o := range s.Orders {
		j := orderJSON{o.ID, o.Kind, o.Person, o.System, o.Role, o.Unit, o.Reason, o.By, o.At, o.Second, nil, o.InForce(s.At)}
		if !o.Until.IsZero() {
			j.Until = &o.Until
		}
		out.Orders = append(out.Orders, j)
	}
	return out
}

// Document implements [Report].
func (s Standing) Document(lang string) Document {
	text := func(name string) string { return standingWords[name].In(lang) }
	d := Document{Title: text("title")}
	table := Section{Title: text("orders"), Head: []string{text("number"), text("what"), say(lang, "person"), say(lang, "system"), say(lang, "role"), text("long"), text("by"), text("why")}}
	for _, o := range s.Orders {
		what, end, system := text(o.Kind), text("agrees"), s.Names.system(o.System)
		switch {
		case !o.Until.IsZero():
			end = standingWords["until"].With("time", o.Until.In(s.Zone).Format("2006-01-02 15:04")).In(lang)
		case o.System == "":
			system = text("all")
		}
		if o.Kind == ledger.StandingGrant && o.SecondAt.IsZero() {
			what = text("waits")
		}
		role := ""
		if o.Role != "" {
			role = s.Names.role(o.Key, lang)
		}
		by := o.By
		if o.Second != "" {
			by += ", " + o.Second
		}
		table.Rows = append(table.Rows, []string{strconv.FormatInt(o.ID, 10), what, s.Names.person(o.Person), cmp.Or(system, o.System), role, end, by, o.Reason})
	}
	if len(table.Rows) == 0 {
		d.Lead = []string{text("none")}
		return d
	}
	d.Lead, d.Sections = []string{text("lead")}, []Section{table}
	return d
}

var standingWords = map[string]schema.Text{
	"title":                {Sv: "Det som gäller vid sidan av filerna", En: "What stands past the repository"},
	"lead":                 {Sv: "Avsluta i förtid: behorig revoke PERSON --lift, behorig grant --end NR, behorig suspend SYSTEM --lift.", En: "To end one before its time: behorig revoke PERSON --lift, behorig grant --end NO, behorig suspend SYSTEM --lift."},
	"none":                 {Sv: "Ingenting.", En: "Nothing."},
	"orders":               {Sv: "Order", En: "Orders"},
	"number":               {Sv: "Nr", En: "No"},
	"what":                 {Sv: "Vad", En: "What"},
	"long":                 {Sv: "Hur länge", En: "How long"},
	"by":                   {Sv: "Av", En: "By"},
	"why":                  {Sv: "Varför", En: "Why"},
	"all":                  {Sv: "alla system", En: "all systems"},
	"until":                {Sv: "till {time}", En: "until {time}"},
	"agrees":               {Sv: "tills filerna säger detsamma", En: "until the repository agrees"},
	"waits":                {Sv: "nödåtkomst, väntar på en andra person", En: "break-glass, waits for a second person"},
	ledger.StandingRevoke:  {Sv: "spärrad", En: "revoked"},
	ledger.StandingGrant:   {Sv: "nödåtkomst", En: "break-glass"},
	ledger.StandingSuspend: {Sv: "lämnas i fred", En: "left alone"},
}
