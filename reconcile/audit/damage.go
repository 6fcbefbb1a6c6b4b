package audit

import (
	"fmt"
	"strings"

	"github.com/behorig/behorig/schema"
)

// What is how something is damaged.
type What string

// The ways.
const (
	BadHash       What = "hash"       // a record's hash does not fit it and the one before
	Gap           What = "gap"        // records are missing
	BadOrder      What = "order"      // a record stands where it was not written
	BadHead       What = "head"       // the note of the chain's last record does not fit the chain
	BadBody       What = "body"       // a record that no version of this program writes
	BadCheckpoint What = "checkpoint" // a signed checkpoint does not fit the chain
	BadAnchor     What = "anchor"     // what was there before the log is not what it was, or the log has no beginning, or two
	BadRow        What = "row"        // a row of a table says other than the log
	MissingRow    What = "missing"    // the log has it and the table has not
	ExtraRow      What = "extra"      // the table has it and the log has not
	BadFile       What = "file"       // the database's file is broken
)

// Damage is one place where the ledger is not what it was.
type Damage struct {
	Chain string
	Seq   int64  // of the record; 0: none, or not known
	Table string // audit, head, entry, owned, run, standing, fact, file
	Row   string // of a table other than audit: its id or key
	Entry int64  // the number of the change that it is about; 0: none, or not known
	What  What
	Text  schema.Text
}

// String is for a log or a test: the place and what is wrong there, in English.
func (d Damage) String() string {
	var place []string
	if d.Chain == "" {
		place = append(place, "chain of no system")
	} else {
		place = append(place, "chain "+d.Chain)
	}
	if d.Seq != 0 {
		place = append(place, fmt.Sprintf("record %d", d.Seq))
	}
	if d.Row != "" {
		place = append(place, fmt.Sprintf("%s %s", d.Table, d.Row))
	} else if d.Entry != 0 {
		place = append(place, fmt.Sprintf("entry %d", d.Entry))
	}
	return strings.Join(place, ", ") + ": " + string(d.What) + ": " + d.Text.En
}

// LateAnchor is a record of what was before the log that stands where the log had begun.
func LateAnchor(r Record) Damage {
	return Damage{Chain: r.Chain, Seq: r.Seq, Table: "audit", What: BadAnchor, Text: sayLate}
}

// BegunTwice is a ledger that says that its log has not begun, and has one.
func BegunTwice() Damage {
	return Damage{Table: Facts.Name, Row: "log", What: BadAnchor, Text: sayBegun}
}

// gap tells of records that are missing, from one to another.
func gap(from, to int64) schema.Text {
	if from == to {
		return sayGapOne.With("from", itoa(from))
	}
	return sayGap.With("n", itoa(to-from+1), "from", itoa(from), "to", itoa(to))
}

// cut tells of n records that are missing after the last that is there.
func cut(n, last int64) schema.Text {
	if n == 1 {
		return sayCutOne.With("last", itoa(last))
	}
	return sayCut.With("n", itoa(n), "last", itoa(last))
}

// The texts of damages.
var (
	sayContent    = schema.Text{Sv: "posten stämmer inte med sin kontrollsumma: den har ändrats", En: "the record does not fit its hash: it has been changed"}
	sayHash       = schema.Text{Sv: "postens kontrollsumma har ändrats; posten själv stämmer med den som följer", En: "the record's hash has been changed; the record itself fits the one that follows"}
	sayGap        = schema.Text{Sv: "{n} poster saknas, {from} till {to}; om posten därefter är orörd kan inte avgöras", En: "{n} records are missing, {from} to {to}; whether the next is untouched cannot be told"}
	sayGapOne     = schema.Text{Sv: "1 post saknas, nummer {from}; om posten därefter är orörd kan inte avgöras", En: "1 record is missing, number {from}; whether the next is untouched cannot be told"}
	sayOrder      = schema.Text{Sv: "posten skrevs som nummer {seq} och står på fel plats", En: "the record was written as number {seq} and stands in the wrong place"}
	sayTwice      = schema.Text{Sv: "posten kommer efter en med högre eller samma nummer", En: "the record comes after one with a higher number or the same"}
	sayCut        = schema.Text{Sv: "slutet är borta: {n} poster fattas efter {last}", En: "the end is gone: {n} records are missing after {last}"}
	sayCutOne     = schema.Text{Sv: "slutet är borta: 1 post fattas efter {last}", En: "the end is gone: 1 record is missing after {last}"}
	sayBeyond     = schema.Text{Sv: "det finns poster till och med {last}, men noteringen slutar här", En: "there are records up to {last}, but the note of the last one ends here"}
	sayNoHead     = schema.Text{Sv: "noteringen om kedjans sista post är borta", En: "the note of the chain's last record is gone"}
	sayHead       = schema.Text{Sv: "noteringen om kedjans sista post har en annan kontrollsumma än posten", En: "the note of the chain's last record has another hash than the record"}
	sayBody       = schema.Text{Sv: "posten är inte en som programmet skriver", En: "the record is none that this program writes"}
	sayAt         = schema.Text{Sv: "tiden är inte skriven som programmet skriver den", En: "the time is not written as this program writes it"}
	sayShort      = schema.Text{Sv: "kontrollpunkten {at} har sett fler poster än kedjan har", En: "the checkpoint of {at} has seen more records than the chain has"}
	sayRewritten  = schema.Text{Sv: "kedjan fram till hit är en annan än när kontrollpunkten {at} undertecknades: den har skrivits om", En: "the chain up to here is another than when the checkpoint of {at} was signed: it has been rewritten"}
	sayOther      = schema.Text{Sv: "kontrollpunkten {at} är av en annan liggare", En: "the checkpoint of {at} is of another ledger"}
	sayNoAnchor   = schema.Text{Sv: "loggen har ingen början: första posten ska säga vad som fanns före den", En: "the log has no beginning: its first record should tell what was before it"}
	sayLate       = schema.Text{Sv: "posten säger vad som fanns före loggen, och loggen hade redan börjat", En: "the record tells what was before the log, and the log had begun already"}
	sayBegun      = schema.Text{Sv: "liggaren säger att loggen inte har börjat, och det finns en", En: "the ledger says that its log has not begun, and there is one"}
	sayOlder      = schema.Text{Sv: "det som fanns före loggen är inte vad det var när den började", En: "what was there before the log is not what it was when the log began"}
	sayRow        = schema.Text{Sv: "raden säger annat än loggen i {columns}", En: "the row says other than the log in {columns}"}
	sayMissingRow = schema.Text{Sv: "raden finns i loggen men inte i tabellen", En: "the log has the row and the table has not"}
	sayFile       = schema.Text{Sv: "databasens fil är trasig: {told}", En: "the database's file is broken: {told}"}
	sayExtraRow   = schema.Text{Sv: "raden finns i tabellen men inte i loggen", En: "the table has the row and the log has not"}
)
