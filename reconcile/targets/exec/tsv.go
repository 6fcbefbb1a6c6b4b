package exec

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// tabLines are fields parted by tabs, the first of which says what the line is. So that a shell's read, for which tabs in a row are one, can part them, no
// field is empty: \- stands for nothing, \\ for a backslash, \t, \n and \r for a tab and line ends.
type tabLines struct {
	tell     []string
	identity bool
}

var (
	escapes   = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)
	unescapes = strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r", `\-`, "")
)

func tabbed(b *bytes.Buffer, fields ...string) {
	for i, f := range fields {
		if i > 0 {
			b.WriteByte('\t')
		}
		if f == "" {
			b.WriteString(`\-`)
		}
		_, _ = escapes.WriteString(b, f)
	}
	b.WriteByte('\n')
}

// request: behorig VERSION OP TARGET TODAY; system KEY for each; change ID VERB SYSTEM ACCOUNT ROLE UNIT UNTIL and what else the program is told, in the order of the options tell, and
// identity last; end COUNT of the changes.
func (f tabLines) request(r request, changes []order) ([]byte, error) {
	var b bytes.Buffer
	tabbed(&b, "behorig", strconv.Itoa(r.Version), r.Op, r.Target, r.Today)
	for _, s := range r.Systems {
		tabbed(&b, "system", s)
	}
	for _, c := range changes {
		fields := []string{"change", c.ID, c.Verb, c.System, c.Account, c.Role, c.Unit, c.Until}
		for _, t := range f.tell {
			fields = append(fields, map[string]string{"person": c.Person, "name": c.Name, "login": c.Login, "employeeId": c.EmployeeID, "hsaId": c.HSAID, "unitName": c.UnitName}[t])
		}
		if f.identity {
			fields = append(fields, c.Identity)
		}
		tabbed(&b, fields...)
	}
	tabbed(&b, "end", strconv.Itoa(len(changes)))
	return b.Bytes(), nil
}

// What a line of the answer may be, and its fields: those that must be there, and all.
var (
	entryFields   = []string{"entry", "system", "account", "role", "unit", "until", "enabled", "name", "login", "employeeId", "hsaId"}
	answerFields  = []string{"answer", "id", "status", "error", "retry", "after"}
	findingFields = []string{"probe", "answer", "sv", "en", "doSv", "doEn"}
)

func (tabLines) decode(line []byte, into any) error {
	if !utf8.Valid(line) {
		return errors.New("it is not UTF-8")
	}
	fields := strings.Split(string(line), "\t")
	for i, f := range fields {
		if f != `\-` && !sound(f) {
			return fmt.Errorf("field %d has a backslash that stands for nothing; write \\\\ for one", i+1)
		}
		fields[i] = unescapes.Replace(f)
	}
	at := func(i int) string {
		if i < len(fields) {
			return fields[i]
		}
		return ""
	}
	expect := func(names []string, least int) error {
		if fields[0] != names[0] || len(fields) < least || len(fields) > len(names) {
			return fmt.Errorf("it is not: %s, parted by tabs", strings.Join(names, " "))
		}
		return nil
	}
	if fields[0] == "end" {
		n, err := strconv.Atoi(at(1))
		if err != nil || len(fields) != 2 {
			return errors.New("it is not: end COUNT, parted by a tab")
		}
		last := end{true, &n}
		switch v := into.(type) {
		case *entry:
			v.end = last
		case *answer:
			v.end = last
		case *finding:
			v.end = last
		}
		return nil
	}
	switch v := into.(type) {
	case *entry:
		if err := expect(entryFields, 3); err != nil {
			return err
		}
		enabled, err := flag(at(6), true)
		*v = entry{System: at(1), Account: at(2), Role: at(3), Unit: at(4), Until: at(5), Enabled: &enabled, Name: at(7), Login: at(8), EmployeeID: at(9), HSAID: at(10)}
		return err
	case *answer:
		if err := expect(answerFields, 3); err != nil {
			return err
		}
		retry, err := flag(at(4), false)
		*v = answer{ID: at(1), Status: at(2), Error: at(3), Retry: retry}
		if err == nil && at(5) != "" {
			if v.After, err = strconv.Atoi(at(5)); err != nil {
				err = errors.New("after is no number of seconds")
			}
		}
		return err
	case *finding:
		if err := expect(findingFields, 3); err != nil {
			return err
		}
		*v = finding{Answer: at(1), Sv: at(2), En: at(3), DoSv: at(4), DoEn: at(5)}
	}
	return nil
}

// sound tells whether each backslash of a field begins an escape.
func sound(f string) bool {
	for i := 0; i < len(f); i++ {
		if f[i] == '\\' {
			if i++; i == len(f) || !strings.ContainsRune(`\tnr`, rune(f[i])) {
				return false
			}
		}
	}
	return true
}

func flag(s string, otherwise bool) (bool, error) {
	switch s {
	case "":
		return otherwise, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, errors.New("a field that is true or false is neither")
}
