// Package disk opens the small SQLite files in which the outside world of a local run lives: what the mail service accepted,
// what waits on the queues. They are no part of the programme's own tables, which have an engine of their own.
//
// What may enter: how such a file is opened and locked. Each file belongs to one process; a commit survives the death of
// that process, not necessarily the loss of power.
package disk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite"
)

// Open opens or makes the file at path, readable by its owner alone, and runs schema, which must be repeatable. The path
// :memory: is a database that is gone after Close.
func Open(path, schema string) (*sql.DB, error) {
	dsn, conns := ":memory:", 1 // each connection to :memory: would have a database of its own
	if path != ":memory:" {
		var err error
		if dsn, err = address(path); err != nil {
			return nil, err
		}
		conns = 4
	}
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	if _, err := db.Exec(schema); err != nil {
		return nil, errors.Join(fmt.Errorf("disk: open %s: %w", path, err), db.Close())
	}
	return db, nil
}

func address(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(abs), 0o700); err != nil {
		return "", err
	}
	f, err := os.OpenFile(abs, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	q := url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(NORMAL)", "temp_store(MEMORY)"},
	}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: q.Encode()}).String(), nil
}

// ErrLocked: another process has the directory.
var ErrLocked = errors.New("disk: another process uses this directory")

// Lock takes a directory for this process until the returned function is called or the process dies, however it dies.
func Lock(dir string) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(mustAbs(dir), "lock.db"))}).String())
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if _, err := conn.ExecContext(context.Background(), "BEGIN EXCLUSIVE"); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s (%v)", ErrLocked, dir, err), conn.Close(), db.Close())
	}
	return func() error { return errors.Join(conn.Close(), db.Close()) }, nil
}

func mustAbs(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
