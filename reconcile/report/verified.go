package report

import (
	"slices"
	"strconv"

	"github.com/behorig/behorig/reconcile/audit"
	"github.com/behorig/behorig/schema"
)

// Verified reports whether the ledger is what was written.
type Verified struct {
	On              schema.Date
	Names           Names
	Absent          string // the place, where there is no ledger at all
	Records, Chains int    // of the log; what is damaged may keep them from being counted
	Checkpoints     []audit.Signed
	Damages         []audit.Damage
}

// OK tells whether all is whole.
func (v Verified) OK() bool { return v.Absent == "" && len(v.Damages) == 0 }

// The JSON contract of audit verify.
type (
	auditJSON struct {
		Version     int              `json:"version" need:"yes" min:"1" max:"1" sv:"Kontraktets version" en:"Version of the contract"`
		At          schema.Date      `json:"at" need:"yes" sv:"Dagen det kontrollerades" en:"The day it was verified"`
		OK          bool             `json:"ok" need:"yes" sv:"Allt är orört" en:"All is whole"`
		Ledger      bool             `json:"ledger" need:"yes" sv:"Det finns en liggare" en:"There is a ledger"`
		Records     int              `json:"records" need:"yes" sv:"Antal poster i loggen, 0 där de inte kan räknas" en:"Records of the log, 0 where they cannot be counted"`
		Chains      int              `json:"chains" need:"yes" sv:"Antal kedjor: en per system och en för resten" en:"Chains: one for each system and one for the rest"`
		Checkpoints []checkpointJSON `json:"checkpoints" need:"yes" sv:"Kontrollpunkterna som loggen jämfördes med" en:"The checkpoints that the log was held against"`
		Damages     []damageJSON     `json:"damages" need:"yes" sv:"Varje ställe där liggaren inte är vad den var" en:"Each place where the ledger is not what it was"`
	}
	checkpointJSON struct {
		Time         string `json:"time" need:"yes" sv:"När den undertecknades, RFC 3339" en:"When it was signed, RFC 3339"`
		Organisation string `json:"organisation" need:"yes" sv:"Organisationen" en:"The organisation"`
	}
	damageJSON struct {
		Chain   string     `json:"chain" need:"yes" sv:"Systemets nyckel, tomt för kedjan som inte rör något system" en:"The system's key, empty for the chain of no system"`
		Record  int64      `json:"record" need:"yes" sv:"Postens nummer i kedjan, 0 om inget" en:"Number of the record in the chain, 0 if none"`
		Table   string     `json:"table" need:"yes" sv:"Tabellen i databasen" en:"The table of the database"`
		Row     string     `json:"row" need:"yes" sv:"Radens nyckel, tomt om ingen" en:"The row's key, empty if none"`
		Change  int64      `json:"change" need:"yes" sv:"Ändringens nummer i liggaren, 0 om inget" en:"Number of the change in the ledger, 0 if none"`
		What    audit.What `json:"what" need:"yes" is:"hash|gap|order|head|body|checkpoint|anchor|row|missing|extra|file" sv:"Hur det är skadat" en:"How it is damaged"`
		Message string     `json:"message" need:"yes" sv:"Vad som är fel" en:"What is wrong"`
		Meaning string     `json:"meaning" need:"yes" sv:"Vad det betyder" en:"What it means"`
	}
)

// Data implements [Report].
func (v Verified) Data(lang string) any {
	out := auditJSON{
		Version: version, At: v.On, OK: v.OK(), Ledger: v.Absent == "", Records: v.Records, Chains: v.Chains,
		Checkpoints: []checkpointJSON{}, Damages: []damageJSON{},
	}
	for _, c := range v.Checkpoints {
		out.Checkpoints = append(out.Checkpoints, checkpointJSON{audit.Stamp(c.At), c.Organisation})
	}
	for _, d := range v.Damages {
		out.Damages = append(out.Damages, damageJSON{d.Chain, d.Seq, d.Table, d.Row, d.Entry, d.What, d.Text.In(lang), v.meaning(d, lang)})
	}
	return out
}

// Document implements [Report].
func (v Verified) Document(lang string) Document {
	text := func(name string, pairs ...any) string { return verifiedWords[name].With(pairs...).In(lang) }
	d := Document{Title: untitled(text("title", "day", v.On.String(), "name", v.Names.Organisation))}
	n := strconv.Itoa
	switch {
	case v.Absent != "":
		d.Lead = []string{text("absent", "place", v.Absent)}
		d.Close = []string{text("absent-do")}
		return d
	case v.OK():
		d.Lead = []string{text("whole", "n", n(v.Records), "chains", howMany("chain", v.Chains, lang))}
	default:
		d.Lead = []string{text("damaged", "places", howMany("place", len(v.Damages), lang), "chains", howMany("chain", len(v.damaged()), lang))}
	}
	for _, c := range v.Checkpoints {
		if v.OK() {
			d.Lead = append(d.Lead, text("fits", "at", minute(c.At.UTC())+" UTC"))
		}
	}
	const most = 200
	var s Section
	for i, damage := range v.Damages {
		if s.Title != v.chain(damage, lang) {
			d.Sections = append(d.Sections, s)
			s = Section{Title: v.chain(damage, lang)}
		}
		if i == most {
			s.Lines = append(s.Lines, "… +"+n(len(v.Damages)-most))
			break
		}
		place := v.place(damage, lang)
		if place != "" {
			place += ": "
		}
		s.Lines = append(s.Lines, place+damage.Text.In(lang), "  → "+v.meaning(damage, lang))
	}
	d.Sections = append(d.Sections, s)
	switch {
	case !v.OK():
		d.Close = []string{text("damaged-do")}
	case len(v.Checkpoints) == 0:
		d.Close = []string{text("no-checkpoint")}
	}
	return d
}

// damaged are the chains that have damages, with whether their records have.
func (v Verified) damaged() map[string]bool {
	chains := map[string]bool{}
	for _, d := range v.Damages {
		chains[d.Chain] = chains[d.Chain] || !slices.Contains([]audit.What{audit.BadRow, audit.MissingRow, audit.ExtraRow, audit.BadFile}, d.What)
	}
	return chains
}

// meaning is what a damage means. Where the log is damaged itself, what differs from it need not be what was changed.
func (v Verified) meaning(d audit.Damage, lang string) string {
	switch d.What {
	case audit.BadRow, audit.MissingRow, audit.ExtraRow:
		if v.damaged()[d.Chain] {
			return verifiedWords["either"].In(lang)
		}
	}
	return meanings[d.What].In(lang)
}

// howMany is a number of things in words.
func howMany(thing string, n int, lang string) string {
	if n != 1 {
		thing += "s"
	}
	return strconv.Itoa(n) + " " + verifiedWords[thing].In(lang)
}

// chain names a damage's chain.
func (v Verified) chain(d audit.Damage, lang string) string {
	switch name := v.Names.system(d.Chain); {
	case d.Table == "file":
		return verifiedWords["file"].In(lang)
	case d.Chain == "":
		return verifiedWords["common"].In(lang)
	case name != d.Chain:
		return name + " (" + d.Chain + ")"
	}
	return d.Chain
}

// place is where in its chain a damage is.
func (v Verified) place(d audit.Damage, lang string) string {
	name := ""
	switch {
	case d.Row != "":
		name = "row"
	case d.Seq != 0:
		name = "entry"
	}
	place := verifiedWords[name].With("seq", strconv.FormatInt(d.Seq, 10), "table", d.Table, "row", d.Row).In(lang)
	if d.Row != "" && d.Seq != 0 {
		place += verifiedWords["told"].With("seq", strconv.FormatInt(d.Seq, 10)).In(lang)
	}
	return place
}

var verifiedWords = map[string]schema.Text{
	"title":         {Sv: "Liggaren kontrollerad {day} · {name}", En: "The ledger verified {day} · {name}"},
	"whole":         {Sv: "Alla {n} poster i {chains} är orörda, och det som liggaren minns stämmer med dem.", En: "All {n} records of {chains} are whole, and what the ledger remembers agrees with them."},
	"chain":         {Sv: "kedja", En: "chain"},
	"chains":        {Sv: "kedjor", En: "chains"},
	"place":         {Sv: "ställe", En: "place"},
	"places":        {Sv: "ställen", En: "places"},
	"fits":          {Sv: "De stämmer med kontrollpunkten {at}.", En: "They fit the checkpoint of {at}."},
	"no-checkpoint": {Sv: "Ingen kontrollpunkt gavs. Den som kan skriva i databasen kan skriva om en hel kedja så att den stämmer med sig själv; det syns bara mot en kontrollpunkt som förvaras på annat håll (behorig audit checkpoint).", En: "No checkpoint was given. Whoever can write to the database can rewrite a whole chain so that it fits in itself; only a checkpoint that is kept elsewhere shows that (behorig audit checkpoint)."},
	"damaged":       {Sv: "SKADAD på {places}, i {chains}. Allt annat som kontrollerades stämmer.", En: "DAMAGED in {places}, in {chains}. All else that was verified fits."},
	"either":        {Sv: "Loggen är själv skadad i den här kedjan, så det kan vara samma skada sedd från andra hållet. Vilken av dem som har rätt framgår inte här.", En: "The log itself is damaged in this chain, so this may be the same damage seen from the other side. Which of the two is right cannot be seen here."},
	"damaged-do":    {Sv: "Rör inte databasen. Ta en kopia (behorig ledger backup), jämför med den senaste säkerhetskopian och den senaste kontrollpunkten, och ta reda på vem som kan skriva i den.", En: "Leave the database as it is. Take a copy (behorig ledger backup), compare with the last backup and the last checkpoint, and find out who can write to it."},
	"absent":        {Sv: "Det finns ingen liggare i {place}: inget att kontrollera.", En: "There is no ledger in {place}: nothing to verify."},
	"absent-do":     {Sv: "Är det rätt plats (--repo, --state, BEHORIG_DATABASE)? Har något gjorts förut är liggaren borta: lägg tillbaka den från en säkerhetskopia (behorig ledger restore).", En: "Is it the right place (--repo, --state, BEHORIG_DATABASE)? If anything was done before, the ledger is lost: restore it from a backup (behorig ledger restore)."},
	"common":        {Sv: "Det som inte rör något system", En: "What is of no system"},
	"file":          {Sv: "Databasens fil", En: "The database's file"},
	"entry":         {Sv: "post {seq}", En: "record {seq}"},
	"row":           {Sv: "tabellen {table}, rad {row}", En: "table {table}, row {row}"},
	"told":          {Sv: " (post {seq} i loggen)", En: " (record {seq} of the log)"},
}

// meanings are what each kind of damage means to whoever must judge the log.
var meanings = map[audit.What]schema.Text{
	audit.BadHash:       {Sv: "Vad posten säger går inte att lita på. Posterna före och efter är orörda.", En: "What the record says cannot be relied on. The records before and after it are whole."},
	audit.Gap:           {Sv: "Någon eller något har tagit bort poster. Vad som hände då syns inte.", En: "Somebody or something has removed records. What happened then cannot be seen."},
	audit.BadOrder:      {Sv: "Poster har bytt plats eller numrerats om. Vad de säger är orört, men inte när i ordningen det hände.", En: "Records have changed places or been renumbered. What they say is whole, but not when in the order it happened."},
	audit.BadHead:       {Sv: "De sista posterna kan ha tagits bort, eller noteringen ändrats.", En: "The last records may have been removed, or the note changed."},
	audit.BadBody:       {Sv: "Posten har skrivits av något annat än behorig. Lita inte på den.", En: "The record was written by something else than behorig. Do not rely on it."},
	audit.BadCheckpoint: {Sv: "Loggen är inte den som fanns när kontrollpunkten undertecknades. Lita på kontrollpunkten.", En: "The log is not the one that there was when the checkpoint was signed. Rely on the checkpoint."},
	audit.BadAnchor:     {Sv: "Det som fanns före loggen går inte att lita på.", En: "What was there before the log cannot be relied on."},
	audit.BadRow:        {Sv: "Lita på loggen. Raden är ändrad utanför behorig, och nästa körning går efter raden.", En: "Rely on the log. The row was changed past behorig, and the next run goes by the row."},
	audit.MissingRow:    {Sv: "Lita på loggen. Raden är borttagen utanför behorig, och nästa körning vet inte av den.", En: "Rely on the log. The row was removed past behorig, and the next run does not know of it."},
	audit.ExtraRow:      {Sv: "Lita på loggen. Raden är tillagd utanför behorig, och nästa körning går efter den.", En: "Rely on the log. The row was added past behorig, and the next run goes by it."},
	audit.BadFile:       {Sv: "Disken eller filen är skadad. Lägg tillbaka en säkerhetskopia (behorig ledger restore).", En: "The disk or the file is damaged. Restore a backup (behorig ledger restore)."},
}
