package report

import (
	"fmt"

	"github.com/behorig/behorig/schema"
)

// Copies reports databases that were copied: into a backup, or back.
type Copies struct {
	Restored bool
	Place    string // that they are of
	Files    []CopiedFile
	Records  int // of the log, in a ledger that was restored
}

// CopiedFile is one of them: the file of the backup.
type CopiedFile struct {
	Database, File string
	Size           int64 // bytes
}

// Data implements [Report].
func (c Copies) Data(string) any {
	type fileJSON struct {
		Database string `json:"database"`
		File     string `json:"file"`
		Size     int64  `json:"size"`
	}
	out := struct {
		Version  int        `json:"version"`
		Restored bool       `json:"restored"`
		Place    string     `json:"place"`
		Files    []fileJSON `json:"files"`
	}{version, c.Restored, c.Place, []fileJSON{}}
	for _, f := range c.Files {
		out.Files = append(out.Files, fileJSON(f))
	}
	return out
}

// Document implements [Report].
func (c Copies) Document(lang string) Document {
	text := func(name string, pairs ...any) string { return copiesWords[name].With(pairs...).In(lang) }
	kind := "backup"
	if c.Restored {
		kind = "restore"
	}
	d := Document{Title: text(kind, "place", c.Place)}
	s := Section{Title: text("files"), Head: []string{text("database"), text("file"), text("size")}}
	for _, f := range c.Files {
		s.Rows = append(s.Rows, []string{f.Database, f.File, size(f.Size)})
	}
	d.Sections = []Section{s}
	d.Close = []string{text(kind + "-close")}
	if c.Restored && c.Records > 0 {
		d.Lead = []string{text("verified", "n", fmt.Sprint(c.Records))}
	}
	return d
}

// size is a number of bytes as people read it.
func size(n int64) string {
	switch {
	case n < 1_000_000:
		return fmt.Sprintf("%d kB", (n+999)/1000)
	case n < 1_000_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}

var copiesWords = map[string]schema.Text{
	"backup":        {Sv: "Kopierat från {place}", En: "Copied from {place}"},
	"backup-close":  {Sv: "Förvara kopian där bara de som får se behörigheterna kommer åt den. Tillbaka: behorig ledger restore.", En: "Keep the copy where only those who may see the access can reach it. Back again: behorig ledger restore."},
	"restore":       {Sv: "Tillbakalagt i {place}", En: "Restored into {place}"},
	"restore-close": {Sv: "Nästa körning är försiktig: det som gjorts efter kopian känner liggaren inte till. Behörigheter som getts sedan dess och som någon beställt tas över; de som ingen beställer rapporteras och lämnas. Se efter med behorig plan och behorig drift.", En: "The next run is careful: the ledger knows nothing of what was done after the copy. Access given since then that somebody orders is adopted; what nobody orders is reported and left. See behorig plan and behorig drift."},
	"verified":      {Sv: "Liggaren kontrollerades först: alla {n} poster i loggen är orörda.", En: "The ledger was verified first: all {n} records of its log are whole."},
	"files":         {Sv: "Databaser", En: "Databases"},
	"database":      {Sv: "Databas", En: "Database"},
	"file":          {Sv: "Fil", En: "File"},
	"size":          {Sv: "Storlek", En: "Size"},
}
