package sql_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/behorig/behorig/reconcile/targets/sql"
)

// What PostgreSQL takes for quotes and comments is left alone, and nothing else.
func TestParseAsPostgreSQLDoes(t *testing.T) {
	conn, err := pgx.Connect(t.Context(), postgres(t)["URL"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	sql.ParseAsServer(t, func(ctx context.Context, text string, args, into []any) error {
		return conn.QueryRow(ctx, text, append([]any{pgx.QueryExecModeDescribeExec}, args...)...).Scan(into...)
	})
}
