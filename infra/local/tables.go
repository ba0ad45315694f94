//go:build !aws

package main

import (
	"path/filepath"

	"liaison/internal/table"
	"liaison/internal/table/sqlite"
)

// tables are SQLite's, in the folder.
func (in *instance) tables() (people, records, delivery table.Table, err error) {
	db, err := sqlite.Options{Now: in.Clock.Now, Lag: in.faults.Lagging}.Open(filepath.Join(in.data, "tables.db"), "people", "records", "delivery")
	if err != nil {
		return nil, nil, nil, err
	}
	in.closers = append(in.closers, db.Close)
	return db.Table("people"), db.Table("records"), db.Table("delivery"), nil
}
