package sql

import (
	"slices"
	"strconv"
	"strings"

	"github.com/behorig/behorig/schema"
)

// dialect is how a database writes SQL.
type dialect int

const (
	postgres dialect = iota // PostgreSQL manual 4.1, standard_conforming_strings on
	lite                    // https://www.sqlite.org/lang_expr.html, tokenize.c
)

// statement is one of the administrator's statements with the database's own places ($1 …, or ?) where the named parameters stood.
type statement struct {
	option string   // which it is: read, grant …
	text   string   // "": the binding has none
	params []string // the parameter of each place, in order
	words  []string // the words outside quotes and comments, in capitals
}

// uses tells whether a statement has one of some parameters.
func (s statement) uses(names ...string) bool {
	return slices.ContainsFunc(s.params, func(p string) bool { return slices.Contains(names, p) })
}

// says tells whether words stand one after another in a statement.
func (s statement) says(words string) bool {
	return strings.Contains(" "+strings.Join(s.words, " ")+" ", " "+words+" ")
}

// problem is what a statement cannot be: a fault without its place.
type problem struct{ what, do schema.Text }

func (p *problem) Error() string { return p.what.En + "; " + p.do.En }

var (
	unclosed  = &problem{schema.Text{Sv: "ett citattecken eller en kommentar avslutas aldrig", En: "a quote or comment is never closed"}, schema.Text{Sv: "avsluta det", En: "close it"}}
	several   = &problem{schema.Text{Sv: "det är flera satser", En: "these are several statements"}, schema.Text{Sv: "skriv en sats, utan semikolon inuti; det som hör ihop körs i en transaktion ändå", En: "write one statement, with no semicolon within; what belongs together is of one transaction anyhow"}}
	empty     = &problem{schema.Text{Sv: "satsen är tom", En: "the statement is empty"}, schema.Text{Sv: "skriv den", En: "write it"}}
	zero      = &problem{schema.Text{Sv: "satsen har ett nolltecken", En: "the statement holds a NUL character"}, schema.Text{Sv: "ta bort det", En: "remove it"}}
	ownPlaces = &problem{schema.Text{Sv: "databasens egna platshållare ($1, ?, @namn) används inte", En: "the database's own places ($1, ?, @name) are not used"}, schema.Text{Sv: "skriv :login, :role och så vidare", En: "write :login, :role and so on"}}
)

// lexer goes through a statement token by token; nothing in quotes or comments is looked at.
type lexer struct {
	dialect
	text string
	at   int // where the next token begins
}

// token is what a piece of a statement is.
type token int

const (
	space token = iota // comments too
	quoted
	word
	parameter
	foreign // a place of the database's own
	semicolon
	other
)

// parse reads a statement that may use some parameters and no others.
func parse(text string, d dialect, known []string) (statement, *problem) {
	if strings.IndexByte(text, 0) >= 0 {
		return statement{}, zero
	}
	var s statement
	var out strings.Builder
	l, ended := lexer{dialect: d, text: text}, false
	for l.at < len(text) {
		start := l.at
		kind, ok := l.next()
		if !ok {
			return statement{}, unclosed
		}
		piece := text[start:l.at]
		switch {
		case kind == foreign:
			return statement{}, ownPlaces
		case kind == semicolon:
			ended = true
			continue
		case kind == space && ended:
			continue
		case ended:
			return statement{}, several
		case kind == word:
			s.words = append(s.words, strings.ToUpper(piece))
		case kind == parameter:
			name := piece[1:]
			if !slices.Contains(known, name) {
				return statement{}, unknown(name, known)
			}
			s.params = append(s.params, name)
			piece = d.place(len(s.params))
			if start > 0 && (letter(text[start-1]) || digit(text[start-1]) || text[start-1] == '$') {
				piece = " " + piece // a$1 is a name
			}
		}
		out.WriteString(piece)
	}
	if len(s.words) == 0 {
		return statement{}, empty
	}
	s.text = strings.TrimSpace(out.String())
	return s, nil
}

// place is the nth place of a statement. Each has a number of its own, since PostgreSQL gives every number one type.
func (d dialect) place(n int) string {
	if d == lite {
		return "?"
	}
	return "$" + strconv.Itoa(n)
}

func unknown(name string, known []string) *problem {
	p := &problem{
		schema.Text{Sv: "parametern :" + name + " finns inte här", En: "parameter :" + name + " is not known here"},
		schema.Text{Sv: "använd :" + strings.Join(known, ", :"), En: "use :" + strings.Join(known, ", :")},
	}
	if meant := schema.Nearest(name, known); meant != "" {
		p.do = schema.Text{Sv: "skriv :" + meant, En: "write :" + meant}
	}
	return p
}

// next takes one token; ok is false where it is never closed.
func (l *lexer) next() (kind token, ok bool) {
	rest := l.text[l.at:]
	switch c := rest[0]; {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
		l.at++
		return space, true
	case strings.HasPrefix(rest, "--"):
		l.line()
		return space, true
	case strings.HasPrefix(rest, "/*"):
		return space, l.comment()
	case c == '\'':
		return quoted, l.quote('\'', false)
	case c == '"', c == '`' && l.dialect == lite:
		return quoted, l.quote(c, false)
	case c == '[' && l.dialect == lite:
		return quoted, l.until("]")
	case c == ';':
		l.at++
		return semicolon, true
	case letter(c):
		l.at += span(rest, func(c byte) bool { return letter(c) || digit(c) || c == '$' })
		if l.dialect == postgres && len(rest) > 1 && (c == 'e' || c == 'E') && rest[1] == '\'' {
			return quoted, l.escaped()
		}
		return word, true
	case c == '$':
		return l.dollar(rest)
	case c == ':':
		return l.colon(rest), true
	case l.dialect == lite && (c == '?' || (c == '@' || c == '#') && len(rest) > 1 && (letter(rest[1]) || digit(rest[1]) || rest[1] == '$')):
		l.at++
		return foreign, true
	}
	l.at++
	return other, true
}

// colon takes a parameter, a cast (::), an assignment (:=), or the colon of an array's slice.
func (l *lexer) colon(rest string) token {
	if len(rest) > 1 && (rest[1] == ':' || rest[1] == '=') {
		l.at += 2
		return other
	}
	n := span(rest[1:], func(c byte) bool { return letter(c) || digit(c) || c == '$' })
	if n > 0 && (letter(rest[1]) || l.dialect == lite) {
		l.at += 1 + n
		return parameter
	}
	l.at++
	return other
}

// dollar takes $1, or a string in $$ or $tag$.
func (l *lexer) dollar(rest string) (kind token, ok bool) {
	if len(rest) > 1 && (digit(rest[1]) || l.dialect == lite) {
		l.at++
		return foreign, true
	}
	n := 1
	if len(rest) > 1 && letter(rest[1]) {
		n += span(rest[1:], func(c byte) bool { return letter(c) || digit(c) })
	}
	if n >= len(rest) || rest[n] != '$' {
		l.at++
		return other, true
	}
	l.at += n + 1
	return quoted, l.until(rest[:n+1])
}

// until takes all up to and with an end.
func (l *lexer) until(end string) bool {
	i := strings.Index(l.text[l.at:], end)
	if i < 0 {
		return false
	}
	l.at += i + len(end)
	return true
}

// line takes a comment to the end of its line.
func (l *lexer) line() {
	if i := strings.IndexAny(l.text[l.at:], l.newlines()); i >= 0 {
		l.at += i
		return
	}
	l.at = len(l.text)
}

// newlines are what ends a line: SQLite knows no carriage return.
func (d dialect) newlines() string {
	if d == lite {
		return "\n"
	}
	return "\r\n"
}

// comment takes a comment in /* */; PostgreSQL's nest.
func (l *lexer) comment() bool {
	depth := 0
	for l.at < len(l.text) {
		switch rest := l.text[l.at:]; {
		case strings.HasPrefix(rest, "/*") && (depth == 0 || l.dialect == postgres):
			depth++
			l.at += 2
		case strings.HasPrefix(rest, "*/"):
			depth--
			l.at += 2
		default:
			l.at++
		}
		if depth == 0 {
			return true
		}
	}
	return false
}

// quote takes a string or name in quotes, which are doubled within it; backslash: \ takes the next character with it.
func (l *lexer) quote(mark byte, backslash bool) bool {
	for l.at++; l.at < len(l.text); l.at++ {
		switch c := l.text[l.at]; {
		case c == '\\' && backslash:
			l.at++
		case c == mark && strings.HasPrefix(l.text[l.at+1:], string(mark)):
			l.at++
		case c == mark:
			l.at++
			return true
		}
	}
	return false
}

// escaped takes E'…' with what continues it: a string after white space with a newline in it is of the same kind (PostgreSQL manual 4.1.2.2).
func (l *lexer) escaped() bool {
	for {
		if !l.quote('\'', true) {
			return false
		}
		ahead, broken := *l, false
		for ahead.at < len(ahead.text) {
			rest := ahead.text[ahead.at:]
			if strings.HasPrefix(rest, "--") {
				ahead.line()
				continue
			}
			if !strings.ContainsAny(rest[:1], " \t\n\r\f\v") {
				break
			}
			broken = broken || strings.ContainsAny(rest[:1], "\r\n")
			ahead.at++
		}
		if !broken || !strings.HasPrefix(ahead.text[ahead.at:], "'") {
			return true
		}
		l.at = ahead.at
	}
}

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// span is how many bytes at the beginning are of a kind.
func span(s string, of func(byte) bool) int {
	n := 0
	for n < len(s) && of(s[n]) {
		n++
	}
	return n
}
