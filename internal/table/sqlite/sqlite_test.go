package sqlite_test

import (
	"path/filepath"
	"testing"
	"time"

	"liaison/internal/table"
	"liaison/internal/table/sqlite"
	"liaison/internal/table/tabletest"
)

func open(t testing.TB, path string, o sqlite.Options) *sqlite.DB {
	t.Helper()
	db, err := o.Open(path, "things")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestConformance(t *testing.T) {
	for name, path := range map[string]func(t *testing.T) string{
		"file":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "new", "liaison #1?.db") },
		"memory": func(*testing.T) string { return ":memory:" },
	} {
		for name2, lag := range map[string]time.Duration{"": 0, " with lagging indexes": 500 * time.Millisecond} {
			t.Run(name+name2, func(t *testing.T) {
				tabletest.Run(t, tabletest.Engine{Open: func(t *testing.T, now func() time.Time) table.Table {
					o := sqlite.Options{Now: now, Lag: func() time.Duration { return lag }}
					return open(t, path(t), o).Table("things")
				}})
			})
		}
	}
}
