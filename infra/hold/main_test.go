package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"liaison/internal/distribution"
	"liaison/internal/table"
	"liaison/internal/table/sqlite"
)

type deaf struct{}

func (deaf) Send(context.Context, ...distribution.Task) error { return nil }

func TestHold(t *testing.T) {
	db, err := sqlite.Options{}.Open(":memory:", "delivery")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	delivery := db.Table("delivery")
	control := distribution.NewControl(distribution.Options{Table: delivery, Queue: deaf{}, Now: time.Now, NewID: rand.Text})
	for _, id := range []string{"issue-3", "issue-4"} {
		if _, err := control.Start(t.Context(), distribution.Spec{ID: id, Kind: "newsletter", Issue: id[6:], Version: "v1", Editions: []string{"en"}, Default: "en", Formats: []string{"html"}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := control.Cancel(t.Context(), "issue-3"); err != nil {
		t.Fatal(err)
	}
	var asked string
	open := func(_ context.Context, name string) (table.Table, error) { asked = name; return delivery, nil }
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-table", "restored"}, &out, open); err != nil || asked != "restored" {
		t.Fatal(err, asked)
	}
	if said := out.String(); !strings.Contains(said, "held: issue-4\n1 distributions of restored") {
		t.Errorf("said %q", said)
	}
	if p, err := control.Progress(t.Context(), "issue-4"); err != nil || p.State != distribution.Paused || p.Reason != distribution.Overdue {
		t.Errorf("%+v, %v", p, err)
	}
	for _, args := range [][]string{nil, {"-table", ""}, {"-table", "restored", "more"}} {
		if run(t.Context(), args, &out, open) == nil {
			t.Errorf("%v is accepted", args)
		}
	}
}
