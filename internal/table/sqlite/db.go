// Package sqlite is the storage port on one machine: the default of a local run and the fake of every test. It keeps
// DynamoDB's promises with DynamoDB's limits, bills the same units, and can be told to lag its secondary indexes, so
// that what works here works in the cloud.
//
// What may enter: whatever the conformance suite asks of an engine, and faults that the real one has. One process owns a
// database file; writes take turns, reads run beside them. A commit survives the death of the process (WAL), but not
// necessarily the loss of the machine's power: that is what the cloud is for.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"time"

	_ "modernc.org/sqlite"
)

// Options are the parts of the world that a test may hold still. The zero Options are right for a local run.
type Options struct {
	// Now tells what has expired, and times the lag. Default: time.Now.
	Now func() time.Time
	// Lag is how far queries of secondary indexes stay behind the commits, asked at each write and each such query, so
	// that it may change at any time. Default: none. A write made while it is 0 is never held back.
	Lag func() time.Duration
}

// DB is one database file with its tables.
type DB struct {
	now     func() time.Time
	lag     func() time.Duration
	pool    *sql.DB
	tables  map[string]*Table
	writers chan *conn // holds the one connection that writes
	readers chan *conn // the same channel as writers when the database is in memory
	closing sync.Once
	closed  chan struct{}
}

// Open opens or makes the database with tables of these names: Options{}.Open.
func Open(path string, names ...string) (*DB, error) { return Options{}.Open(path, names...) }

// Open opens or makes the database file at path, readable by its owner alone, and in it the named tables; tables that
// are there already keep their items. The path :memory: is a database of its own that is gone after Close.
func (o Options) Open(path string, names ...string) (*DB, error) {
	db := &DB{now: o.Now, lag: o.Lag, tables: map[string]*Table{}, closed: make(chan struct{})}
	if db.now == nil {
		db.now = time.Now
	}
	if db.lag == nil {
		db.lag = func() time.Duration { return 0 }
	}
	if err := db.open(path, names); err != nil {
		return nil, fmt.Errorf("sqlite: open %s: %w", path, err)
	}
	return db, nil
}

// Table is the table of that name, which must be among those given to Open.
func (db *DB) Table(name string) *Table {
	t, ok := db.tables[name]
	if !ok {
		panic(fmt.Sprintf("sqlite: no table %q was opened", name))
	}
	return t
}

// CatchUp lets every index show all that has been committed, whatever the lag.
func (db *DB) CatchUp() {
	for _, t := range db.tables {
		t.journal.clear()
	}
}

// Close waits for running requests and closes the file. Later requests fail.
func (db *DB) Close() error {
	db.closing.Do(func() {
		close(db.closed)
		for range cap(db.writers) {
			(<-db.writers).close()
		}
		if db.readers != db.writers {
			for range cap(db.readers) {
				(<-db.readers).close()
			}
		}
	})
	return db.pool.Close()
}

var validName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,99}$`)

func (db *DB) open(path string, names []string) (err error) {
	for _, name := range names {
		if !validName.MatchString(name) {
			return fmt.Errorf("table name %q", name)
		}
		db.tables[name] = newTable(db, name)
	}
	memory := path == ":memory:"
	dsn := path
	if !memory {
		if dsn, err = prepareFile(path); err != nil {
			return err
		}
	}
	if db.pool, err = sql.Open("sqlite", dsn); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.pool.Close())
		}
	}()
	writer, err := db.connect()
	if err != nil {
		return err
	}
	for _, t := range db.tables {
		if err := t.create(writer); err != nil {
			return err
		}
	}
	db.writers = make(chan *conn, 1)
	db.writers <- writer
	if memory {
		// Each connection to :memory: has a database of its own, so there is only this one.
		db.readers = db.writers
		return nil
	}
	db.readers = make(chan *conn, max(2, runtime.GOMAXPROCS(0)))
	for range cap(db.readers) {
		reader, err := db.connect()
		if err != nil {
			return err
		}
		db.readers <- reader
	}
	return nil
}

// prepareFile makes the file for its owner alone, because SQLite would let everybody read it, and returns its URI.
func prepareFile(path string) (string, error) {
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
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(abs)}).String(), nil
}

// connect opens a connection that stays open until Close.
func (db *DB) connect() (*conn, error) {
	raw, err := db.pool.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	c := &conn{raw: raw, stmts: map[string]*sql.Stmt{}}
	for _, pragma := range []string{
		"busy_timeout = 10000", // another process may look into the file
		"journal_mode = WAL",
		"synchronous = NORMAL",
		"cache_size = -2000",
		"temp_store = MEMORY",
	} {
		if _, err := raw.ExecContext(context.Background(), "PRAGMA "+pragma); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", pragma, err), raw.Close())
		}
	}
	return c, nil
}

// take borrows a connection until the returned function is called. While it is held nobody else uses it.
func (db *DB) take(ctx context.Context, from chan *conn) (*conn, func(), error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	select {
	case <-db.closed:
		return nil, nil, errClosed
	default:
	}
	select {
	case c := <-from:
		return c, func() { from <- c }, nil
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	case <-db.closed:
		return nil, nil, errClosed
	}
}

var errClosed = errors.New("sqlite: database is closed")
