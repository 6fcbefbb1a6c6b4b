package store

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// What passes is tried again; what somebody must see to says where and what to do.
func TestFaults(t *testing.T) {
	pg := func(code string) error {
		return fmt.Errorf("x: %w", &pgconn.PgError{Code: code, Message: "m", Detail: "Key (person)=(anna.lindqvist)"})
	}
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	for _, c := range []struct {
		err     error
		passing bool
		says    string
	}{
		{pg("40001"), true, ""},
		{pg("57P01"), true, ""},
		{pg("08006"), true, ""},
		{pg("53300"), true, ""},
		{pg("55P03"), true, ""},
		{pg("28P01"), false, ""},
		{pg("23505"), false, ""},
		{pg("53100"), false, "store: place: the disk is full; free space and run again"},
		{pg("25006"), false, "store: place cannot be written to"},
		{pg("42501"), false, "GRANT CREATE ON DATABASE"},
		{refused, true, ""},
		{io.ErrUnexpectedEOF, true, ""},
		{fmt.Errorf("x: %w", context.Canceled), false, ""},
		{context.DeadlineExceeded, false, ""},
		{errors.Join(refused, context.Canceled), false, ""},
		{errors.Join(refused, &tls.CertificateVerificationError{}), false, ""},
		{&fs.PathError{Op: "write", Err: syscall.ENOSPC}, false, "the disk is full"},
		{&fs.PathError{Op: "open", Err: syscall.EROFS}, false, "cannot be written to"},
		{syscall.EAGAIN, false, ""},
		{errors.New("x"), false, ""},
		{nil, false, ""},
	} {
		if got := Passing(c.err); got != c.passing {
			t.Errorf("%v: got passing %v, want %v", c.err, got, c.passing)
		}
		told := (&DB{name: "place"}).explain(c.err)
		if !errors.Is(told, c.err) || c.err != nil && !strings.Contains(told.Error(), c.says) || c.says == "" && told != c.err {
			t.Errorf("%v: got %v, want %q in it", c.err, told, c.says)
		}
		if told != nil && strings.Contains(told.Error(), "anna") {
			t.Errorf("got %v, want nobody named", told)
		}
	}
}
