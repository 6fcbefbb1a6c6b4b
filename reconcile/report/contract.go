package report

import (
	"bytes"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// The JSON contract: what --format json prints of plan, check and apply, field by field. Within one version fields are only added.
type (
	planJSON struct {
		Version   int             `json:"version" need:"yes" min:"1" max:"1" sv:"Kontraktets version" en:"Version of the contract"`
		Commit    string          `json:"commit" need:"yes" sv:"Det som lästes: en commit eller folder" en:"What was read: a commit, or folder"`
		At        schema.Date     `json:"at" need:"yes" sv:"Dagen det gäller" en:"The day it is for"`
		Changes   []changeJSON    `json:"changes" need:"yes" sv:"Det som ska göras, sorterat på person" en:"What is to be done, sorted by person"`
		Held      []changeJSON    `json:"held" need:"yes" sv:"Det som hålls tillbaka, och varför" en:"What is held back, and why"`
		Findings  []findingJSON   `json:"findings" need:"yes" sv:"Vad reglerna säger" en:"What the rules say"`
		Unordered []unorderedJSON `json:"unordered" need:"yes" sv:"Det som finns i systemen och som ingen har beställt" en:"What the systems hold and nobody ordered"`
		Orders    []orderJSON     `json:"orders" need:"yes" sv:"Det som väntar på handläggare" en:"What waits for a desk"`
		Stops     []stopJSON      `json:"stops" need:"yes" sv:"Det som spärren har stoppat" en:"What the guard has stopped"`
		Unread    []unreadJSON    `json:"unread" need:"yes" sv:"System som inte kunde läsas" en:"Systems that could not be read"`
		Paused    []pausedJSON    `json:"paused,omitempty" sv:"System som lämnas i fred; saknas när inget gör det" en:"Systems that are left alone; absent where none is"`
	}
	applyJSON struct {
		planJSON
		Outcomes []outcomeJSON `json:"outcomes,omitempty" sv:"Vad det blev av varje ändring; saknas i en plan och när inget gjordes" en:"What came of each change; absent from a plan and where nothing was done"`
	}
	checkJSON struct {
		Version  int           `json:"version" need:"yes" min:"1" max:"1" sv:"Kontraktets version" en:"Version of the contract"`
		Commit   string        `json:"commit" need:"yes" sv:"Det som lästes: en commit eller folder" en:"What was read: a commit, or folder"`
		Base     string        `json:"base" need:"yes" sv:"Det som det jämfördes med, tomt om inget" en:"What it was compared with, empty if nothing"`
		At       schema.Date   `json:"at" need:"yes" sv:"Dagen det gäller" en:"The day it is for"`
		Findings []findingJSON `json:"findings" need:"yes" sv:"Vad reglerna säger, sorterat på fil och rad" en:"What the rules say, sorted by file and line"`
		Changes  []changeJSON  `json:"changes" need:"yes" sv:"Vad som ändras mot det som det jämfördes med" en:"What changes against what it was compared with"`
	}
)

type (
	changeJSON struct {
		Verb   reconcile.Verb `json:"verb" need:"yes" is:"grant|revoke|change" sv:"Ges, tas bort eller får ny sista dag" en:"Given, taken away or given a new last day"`
		Person string         `json:"person" need:"yes" sv:"Personens nyckel" en:"The person's key"`
		System string         `json:"system" need:"yes" sv:"Systemets nyckel" en:"The system's key"`
		Role   string         `json:"role" need:"yes" sv:"Rollens nyckel, tomt för kontot" en:"The role's key, empty for the account"`
		Unit   string         `json:"unit" need:"yes" sv:"Enhetens nyckel, tomt för kontot" en:"The unit's key, empty for the account"`
		From   schema.Date    `json:"from" need:"yes" sv:"Första dag för det som ges, tomt annars" en:"The first day of what is given, empty otherwise"`
		Was    schema.Date    `json:"was" need:"yes" sv:"Sista dag som gällde förut, tomt om ingen eller tills vidare" en:"The last day that held before, empty if none or until further notice"`
		Until  schema.Date    `json:"until" need:"yes" sv:"Sista dag, tomt om tills vidare" en:"The last day, empty if until further notice"`
		Source string         `json:"source" need:"yes" sv:"Raden som beställer: fil:rad" en:"The line that orders it: file:line"`
		Reason string         `json:"reason" need:"yes" sv:"Varför, i ord" en:"Why, in words"`
		Cause  string         `json:"cause" need:"yes" sv:"Varför, som nyckel: ordered, expired, not-ordered, policy, guard, …" en:"Why, as a key: ordered, expired, not-ordered, policy, guard, …"`
		Rules  []string       `json:"rules,omitempty" sv:"Reglerna som stoppar" en:"The rules that stop it"`
	}
	findingJSON struct {
		Rule     string   `json:"rule" need:"yes" sv:"Regelns namn" en:"Name of the rule"`
		Severity string   `json:"severity" need:"yes" is:"deny|warn" sv:"deny stoppar en sammanslagning, warn inte" en:"deny stops a merge, warn does not"`
		Effect   string   `json:"effect" need:"yes" is:"none|keep|withhold" sv:"Vad som sker med behörigheten vid körning" en:"What becomes of the grant at a run"`
		Person   string   `json:"person" need:"yes" sv:"Personens nyckel, tomt om ingen" en:"The person's key, empty if nobody's"`
		File     string   `json:"file" need:"yes" sv:"Fil" en:"File"`
		Line     int      `json:"line" need:"yes" sv:"Rad, från 1" en:"Line, from 1"`
		Column   int      `json:"column" need:"yes" sv:"Tecken på raden, från 1" en:"Character of the line, from 1"`
		Message  string   `json:"message" need:"yes" sv:"Vad som är fel" en:"What is wrong"`
		Hint     string   `json:"hint" need:"yes" sv:"Vad man gör" en:"What to do"`
		Controls []string `json:"controls" need:"yes" sv:"Säkerhetsåtgärder i ISO/IEC 27002:2022" en:"Controls of ISO/IEC 27002:2022"`
	}
	unorderedJSON struct {
		Person string      `json:"person" need:"yes" sv:"Personens nyckel" en:"The person's key"`
		System string      `json:"system" need:"yes" sv:"Systemets nyckel" en:"The system's key"`
		Role   string      `json:"role" need:"yes" sv:"Rollens nyckel, tomt för kontot" en:"The role's key, empty for the account"`
		Unit   string      `json:"unit" need:"yes" sv:"Enhetens nyckel, tomt för kontot" en:"The unit's key, empty for the account"`
		Until  schema.Date `json:"until" need:"yes" sv:"Sista dag, tomt om tills vidare" en:"The last day, empty if until further notice"`
		Left   bool        `json:"left" need:"yes" sv:"Lämnas kvar" en:"Left as it is"`
	}
	orderJSON struct {
		changeJSON
		ID      int64       `json:"id" need:"yes" sv:"Arbetsorderns nummer" en:"Number of the work order"`
		Since   schema.Date `json:"since" need:"yes" sv:"Beställd dag" en:"Day it was ordered"`
		Due     schema.Date `json:"due" need:"yes" sv:"Senast" en:"Due day"`
		Refused bool        `json:"refused" need:"yes" sv:"Handläggaren har sagt nej" en:"The desk has said no"`
		Note    string      `json:"note" need:"yes" sv:"Handläggarens skäl" en:"The desk's reason"`
	}
	stopJSON struct {
		Axis   string `json:"axis" need:"yes" sv:"Det som räknas" en:"What is counted"`
		System string `json:"system" need:"yes" sv:"Systemets nyckel, tomt för alla" en:"The system's key, empty for all"`
		Count  int    `json:"count" need:"yes" sv:"Antal" en:"How many"`
		Of     int    `json:"of" need:"yes" sv:"Av så många" en:"Of how many"`
	}
	unreadJSON struct {
		Target  string   `json:"target" need:"yes" sv:"Målets namn i targets.yaml" en:"Name of the target in targets.yaml"`
		Systems []string `json:"systems" need:"yes" sv:"Systemens nycklar" en:"Keys of the systems"`
		Error   string   `json:"error" need:"yes" sv:"Felet" en:"The error"`
	}
	pausedJSON struct {
		System string      `json:"system" need:"yes" sv:"Systemets nyckel" en:"The system's key"`
		Until  schema.Date `json:"until" need:"yes" sv:"Sista dagen, tomt medan ett underhållsfönster varar" en:"The last day, empty while a maintenance window lasts"`
		Reason string      `json:"reason" need:"yes" sv:"Varför, tomt för ett underhållsfönster" en:"Why, empty for a maintenance window"`
	}
	outcomeJSON struct {
		changeJSON
		Status reconcile.Status `json:"status" need:"yes" is:"done|already|dispatched|failed|held" sv:"Hur det gick" en:"How it went"`
		Error  string           `json:"error" need:"yes" sv:"Felet, tomt om inget" en:"The error, empty if none"`
	}
)

// ContractSchemas are JSON Schemas (draft 2020-12) of what --format json prints, by file name ("plan.schema.json").
func ContractSchemas() map[string][]byte {
	return map[string][]byte{
		"plan.schema.json":  contract(planJSON{}, "behorig plan --format json"),
		"check.schema.json": contract(checkJSON{}, "behorig check --format json"),
		"apply.schema.json": contract(applyJSON{}, "behorig apply --format json"),
		"audit.schema.json": contract(auditJSON{}, "behorig audit verify --format json"),
	}
}

// contract is the schema of a struct type. Here, unlike in files, a day may be empty: there is none.
func contract(v any, title string) []byte {
	const day = `(19|20|21)\\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])`
	raw := bytes.ReplaceAll(schema.JSONSchema(v, title), []byte(`"pattern": "^`+day+`$"`), []byte(`"pattern": "^(`+day+`)?$"`))
	for _, indent := range []string{"        ", "          "} {
		raw = bytes.ReplaceAll(raw, []byte(",\n"+indent+`  "format": "date"`), nil)
	}
	return raw
}
