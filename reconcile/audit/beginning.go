package audit

// The damages that a ledger finds in what is not a chain.

// NoBeginning is a log without its first record.
func NoBeginning() Damage { return Damage{Table: "audit", Seq: 1, What: BadAnchor, Text: sayNoAnchor} }

// OlderChanged is that what was there before the log does not fit the digest that its first record has.
func OlderChanged() Damage { return Damage{Table: "entry", Seq: 1, What: BadAnchor, Text: sayOlder} }

// OtherLedger is a checkpoint of another ledger.
func OtherLedger(s Signed) Damage {
	return Damage{Table: "audit", What: BadCheckpoint, Text: sayOther.With("at", Stamp(s.At))}
}

// Unreadable is a record whose body cannot be read.
func Unreadable(r Record) Damage {
	return Damage{Chain: r.Chain, Seq: r.Seq, Table: "audit", What: BadBody, Text: sayBody}
}

// BrokenFile is what the database says of itself.
func BrokenFile(told string) Damage {
	return Damage{Table: "file", What: BadFile, Text: sayFile.With("told", Clean(told))}
}
