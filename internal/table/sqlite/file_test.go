package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"liaison/internal/table"
	"liaison/internal/table/sqlite"
)

const writerOf = "LIAISON_SQLITE_TEST_WRITER"

// TestMain is, in a process of its own, the writer that TestSurvivesKill kills.
func TestMain(m *testing.M) {
	if path := os.Getenv(writerOf); path != "" {
		writeForEver(path)
	}
	os.Exit(m.Run())
}

// writeForEver puts two items in each transaction and says their number when it is committed.
func writeForEver(path string) {
	db, err := sqlite.Open(path, "things")
	if err != nil {
		panic(err)
	}
	for n := 0; ; n++ {
		sk := fmt.Sprintf("%08d", n)
		if err := db.Table("things").Transact(context.Background(),
			table.Put(table.Item{Key: table.Key{PK: "left", SK: sk}}, table.Absent),
			table.Put(table.Item{Key: table.Key{PK: "right", SK: sk}, Index1: table.Key{PK: "i", SK: sk}}, table.Absent),
		); err != nil {
			panic(err)
		}
		fmt.Println(n)
	}
}

func TestSurvivesKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "killed.db")
	writer := exec.Command(os.Args[0])
	writer.Env = append(os.Environ(), writerOf+"="+path)
	out, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	committed := -1
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if committed, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatal(err)
		}
		if committed == 200 {
			if err := writer.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := writer.Wait(); err == nil || committed < 200 {
		t.Fatalf("the writer ended by itself after %d: %v", committed, err)
	}
	things := open(t, path, sqlite.Options{}).Table("things")
	count := func(q table.Query) (n int) {
		if err := table.All(t.Context(), things, q, func(table.Item) error { n++; return nil }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	left, right, indexed := count(table.Query{PK: "left"}), count(table.Query{PK: "right"}), count(table.Query{Index: 1, PK: "i"})
	if left <= committed || left != right || left != indexed {
		t.Errorf("%d and %d items, %d in the index; want the same number, at least %d", left, right, indexed, committed+1)
	}
}

func TestFileKeepsItsItems(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kept.db")
	key := table.Key{PK: "a", SK: "b"}
	for n := range int64(3) {
		db, err := sqlite.Open(path, "things", fmt.Sprint("more-", n))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := db.Table("things").Add(t.Context(), key, map[string]int64{"n": 1}); err != nil || got["n"] != n+1 {
			t.Errorf("%v, %v; want %d", got, err, n+1)
		}
		if _, err := db.Table(fmt.Sprint("more-", n)).Get(t.Context(), key); !errors.Is(err, table.ErrNotFound) {
			t.Errorf("tables are apart: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v; want a file for its owner alone", info.Mode(), err)
	}
}

func TestMemoriesAreApart(t *testing.T) {
	one, two := open(t, ":memory:", sqlite.Options{}), open(t, ":memory:", sqlite.Options{})
	key := table.Key{PK: "a", SK: "b"}
	if _, err := one.Table("things").Put(t.Context(), table.Item{Key: key}, table.Absent); err != nil {
		t.Fatal(err)
	}
	if _, err := two.Table("things").Get(t.Context(), key); !errors.Is(err, table.ErrNotFound) {
		t.Errorf("%v; want ErrNotFound", err)
	}
}

// A caller who gives up, in the middle of whatever happens, takes no data and no connection with him.
func TestMemoryOutlivesItsCallers(t *testing.T) {
	things := open(t, ":memory:", sqlite.Options{}).Table("things")
	key := table.Key{PK: "a", SK: "b"}
	for range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		go cancel()
		_, err := things.Add(ctx, key, map[string]int64{"n": 1})
		_, err2 := things.Query(ctx, table.Query{PK: "a"})
		for _, err := range []error{err, err2} {
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
	}
	if _, err := things.Add(t.Context(), key, map[string]int64{"n": 1}); err != nil {
		t.Error(err)
	}
}

func TestClosed(t *testing.T) {
	db, err := sqlite.Open(filepath.Join(t.TempDir(), "closed.db"), "things")
	if err != nil {
		t.Fatal(err)
	}
	things := db.Table("things")
	for range 2 {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := things.Get(t.Context(), table.Key{PK: "a", SK: "b"}); err == nil || errors.Is(err, table.ErrNotFound) {
		t.Errorf("get: %v; want an error", err)
	}
	if _, err := things.Put(t.Context(), table.Item{Key: table.Key{PK: "a", SK: "b"}}, table.Any); err == nil {
		t.Error("put succeeded")
	}
}

func TestOpenFailsClearly(t *testing.T) {
	notADatabase := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(notADatabase, []byte(strings.Repeat("this is no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() (*sqlite.DB, error){
		"a text file":      func() (*sqlite.DB, error) { return sqlite.Open(notADatabase, "things") },
		"a directory":      func() (*sqlite.DB, error) { return sqlite.Open(t.TempDir(), "things") },
		"a name with SQL":  func() (*sqlite.DB, error) { return sqlite.Open(":memory:", `x"; DROP TABLE y; --`) },
		"a table unnamed":  func() (*sqlite.DB, error) { return sqlite.Open(":memory:", "") },
		"a name too long":  func() (*sqlite.DB, error) { return sqlite.Open(":memory:", strings.Repeat("x", 200)) },
		"a path in a file": func() (*sqlite.DB, error) { return sqlite.Open(filepath.Join(notADatabase, "x.db"), "things") },
	} {
		if db, err := open(); err == nil {
			t.Errorf("%s: opened", name)
			db.Close()
		}
	}
}

// What has expired leaves the file in time, without anybody asking for it.
func TestExpiredItemsLeaveTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "expiring.db")
	now := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
	db := open(t, path, sqlite.Options{Now: func() time.Time { return now }})
	things := db.Table("things")
	secret := strings.Repeat("forget-me ", 50)
	i := table.NewItem(table.Key{PK: "short", SK: "lived"}, map[string]string{"a": secret})
	i.Expires = now.Add(time.Minute)
	if _, err := things.Put(t.Context(), i, table.Absent); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	for n := range 600 {
		if _, err := things.Put(t.Context(), table.Item{Key: table.Key{PK: "p", SK: fmt.Sprint(n)}}, table.Absent); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(-time.Hour) // had it only been hidden, it would be back
	if _, err := things.Get(t.Context(), i.Key); !errors.Is(err, table.ErrNotFound) {
		t.Errorf("%v; want ErrNotFound", err)
	}
}
