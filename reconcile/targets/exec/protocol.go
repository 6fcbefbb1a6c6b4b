package exec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/behorig/behorig/schema"
)

// format is how lines are written.
type format interface {
	// request gives the lines of a call, the closing one included.
	request(r request, changes []order) ([]byte, error)
	// decode reads a line of the answer into an entry, finding or answer. Its errors hold nothing of the line.
	decode(line []byte, into any) error
}

// order is one change as the program is told it.
type order struct {
	ID         string `json:"id"`
	Verb       string `json:"verb"` // account, disable, grant, change or revoke
	System     string `json:"system"`
	Account    string `json:"account"`
	Role       string `json:"role,omitempty"`
	Unit       string `json:"unit,omitempty"`
	Until      string `json:"until,omitempty"`
	Person     string `json:"person,omitempty"`
	Name       string `json:"name,omitempty"`
	Login      string `json:"login,omitempty"`
	EmployeeID string `json:"employeeId,omitempty"`
	HSAID      string `json:"hsaId,omitempty"`
	UnitName   string `json:"unitName,omitempty"`
	Identity   string `json:"identity,omitempty"`
}

// answer is what came of one change.
type answer struct {
	ID     string `json:"id"`
	Status string `json:"status"` // done, already or failed
	Error  string `json:"error"`
	Retry  bool   `json:"retry"`
	After  int    `json:"after"` // seconds
	end
}

// end is the last line of a request or answer: how many there were before it, the first line of a request not counted.
type end struct {
	End   bool `json:"end"`
	Count *int `json:"count"`
}

// closes tells whether a line is the last, which must tell how many there were.
func (e end) closes(n int) (bool, error) {
	if !e.End {
		if e.Count != nil {
			return false, errors.New("it has count and not end: true")
		}
		return false, nil
	}
	if e.Count == nil || *e.Count != n {
		return false, fmt.Errorf("it does not say count: %d, which is how many lines there were: is the answer whole?", n)
	}
	return true, nil
}

// jsonLines are objects of JSON, one a line (https://jsonlines.org).
type jsonLines struct{}

func (jsonLines) request(r request, changes []order) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return nil, err
	}
	for _, c := range changes {
		if err := e.Encode(c); err != nil {
			return nil, err
		}
	}
	n := len(changes)
	err := e.Encode(end{true, &n})
	return b.Bytes(), err
}

func (jsonLines) decode(line []byte, into any) error {
	if !utf8.Valid(line) {
		return errors.New("it is not UTF-8")
	}
	if !bytes.HasPrefix(bytes.TrimSpace(line), []byte("{")) {
		return errors.New("it is no JSON object")
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		var kind *json.UnmarshalTypeError
		switch name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); {
		case unknown:
			return fmt.Errorf("field %s is not known", schema.Quote(strings.Trim(name, `"`)))
		case errors.As(err, &kind):
			return fmt.Errorf("field %s is not %s", schema.Quote(kind.Field), kind.Type)
		}
		return errors.New("it is no JSON object")
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("it is more than one JSON object")
	}
	return nil
}
