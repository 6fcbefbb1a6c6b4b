package store

import "context"

// Settings are what the server takes a setting to be on connections for tables, and on those for locks.
func (s *Server) Settings(ctx context.Context, name string) (tables, locks string, err error) {
	if err = s.tables.QueryRow(ctx, `SELECT current_setting($1)`, name).Scan(&tables); err == nil {
		err = s.locks.QueryRow(ctx, `SELECT current_setting($1)`, name).Scan(&locks)
	}
	return tables, locks, err
}
