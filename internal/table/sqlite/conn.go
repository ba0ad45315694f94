package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"liaison/internal/table"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// conn is one connection with its prepared statements. Its holder has it alone.
//
// Statements run to their end even when the caller's context is cancelled: each takes microseconds, a context that can
// be cancelled would cost a goroutine each, and a cancelled connection would take a database in memory with it.
type conn struct {
	raw   *sql.Conn
	stmts map[string]*sql.Stmt // by their text
}

func (c *conn) prepare(query string) (*sql.Stmt, error) {
	if s, ok := c.stmts[query]; ok {
		return s, nil
	}
	s, err := c.raw.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, mapError(err)
	}
	c.stmts[query] = s
	return s, nil
}

func (c *conn) exec(query string, args ...any) error {
	s, err := c.prepare(query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(context.Background(), args...)
	return mapError(err)
}

func (c *conn) query(query string, args ...any) (*sql.Rows, error) {
	s, err := c.prepare(query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(context.Background(), args...)
	return rows, mapError(err)
}

// transaction commits what f does, or undoes it when f fails or panics.
func (c *conn) transaction(f func() error) (err error) {
	if err := c.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	done := false
	defer func() {
		if !done {
			err = errors.Join(err, c.exec("ROLLBACK"))
		}
	}()
	if err := f(); err != nil {
		return err
	}
	if err := c.exec("COMMIT"); err != nil {
		return err
	}
	done = true
	return nil
}

func (c *conn) close() {
	for _, s := range c.stmts {
		s.Close()
	}
	c.raw.Close()
}

// mapError says with the port's words that another process holds the file.
func mapError(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff {
		case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
			return fmt.Errorf("%w: %w", table.ErrThrottled, err)
		}
	}
	return err
}
