package audit

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Writer writes an export. Close ends it and does not close what it writes to.
type Writer interface {
	Write(r Record, b Body) error
	Close() error
}

// NewWriter is a writer of a format: jsonl (a record on each line, its body last and byte for byte) or csv (RFC 4180, with a heading, and with nothing in
// it that a spreadsheet would run).
func NewWriter(format string, w io.Writer) (Writer, error) {
	switch format {
	case "jsonl":
		return jsonLines{bufio.NewWriter(w)}, nil
	case "csv":
		c := csv.NewWriter(w)
		c.UseCRLF = true
		return cells{c}, c.Write(columns)
	}
	return nil, fmt.Errorf("%q is no format of the log: write jsonl or csv", format)
}

type jsonLines struct{ w *bufio.Writer }

func (j jsonLines) Write(r Record, _ Body) error {
	head, err := json.Marshal(struct {
		System string `json:"chain"`
		Seq    int64  `json:"seq"`
		At     string `json:"at"`
		Kind   Kind   `json:"kind"`
		Hash   string `json:"hash"`
	}{r.Chain, r.Seq, r.At, r.Kind, r.Hash})
	if err != nil {
		return err
	}
	_, err = j.w.WriteString(strings.TrimSuffix(string(head), "}") + `,"body":` + r.Body + "}\n")
	return err
}

func (j jsonLines) Close() error { return j.w.Flush() }

// columns are those of an export to CSV.
var columns = []string{
	"at", "system", "seq", "kind", "event", "person", "role", "unit", "verb", "until", "status", "cause", "rules", "due", "day", "commit", "plan", "actor", "by",
	"decision", "orderKind", "order", "guard", "count", "of", "reason", "source", "error", "run", "entry", "result", "people", "systems", "was", "signature", "digest", "key", "ledger", "since", "hash",
}

type cells struct{ w *csv.Writer }

func (c cells) Write(r Record, b Body) error {
	n := func(i int64) string {
		if i == 0 {
			return ""
		}
		return strconv.FormatInt(i, 10)
	}
	row := []string{
		r.At, r.Chain, n(r.Seq), string(r.Kind), b.Event, b.Person, b.Role, b.Unit, b.Verb, b.Until, b.Status, b.Cause, strings.Join(b.Rules, " "), b.Due, b.Day, b.Commit, b.Plan, b.Actor, b.By,
		b.Decision, b.OrderKind, n(b.Order), b.Guard, n(int64(b.Count)), n(int64(b.Of)), b.Reason, b.Source, b.Error, n(b.Run), n(b.Entry), b.Result, n(int64(b.People)), strings.Join(b.Systems, " "), b.Was, b.Signature, b.Digest, b.Key, b.Ledger, b.Since, r.Hash,
	}
	for i := range row {
		row[i] = defuse(row[i])
	}
	return c.w.Write(row)
}

func (c cells) Close() error {
	c.w.Flush()
	return c.w.Error()
}

// within is a formula behind what other readers part cells by.
var within = regexp.MustCompile(`([;|\t\r\n][\s\p{Z}\p{Cc}\p{Cf}]*)([-=+@＝＋－＠−])`)

// defuse puts ' before what a spreadsheet would take for a formula (https://owasp.org/www-community/attacks/CSV_Injection), and before such a '.
func defuse(cell string) string {
	cell = within.ReplaceAllString(cell, "$1'$2")
	rest := strings.TrimLeftFunc(cell, func(r rune) bool {
		return r == '\'' || unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	})
	if r, _ := utf8.DecodeRuneInString(rest); strings.ContainsRune("=+-@＝＋－＠−", r) && rest != "" || strings.IndexAny(cell, "\t\r\n") == 0 {
		return "'" + cell
	}
	return cell
}
