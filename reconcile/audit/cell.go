package audit

// Cell is a text as a cell of CSV that no spreadsheet runs: what it would take for a formula has ' before it.
func Cell(text string) string { return defuse(text) }
