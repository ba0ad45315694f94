package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"liaison/internal/table"
	"liaison/internal/table/sqlite"
)

func TestTheExampleIsStoredWhole(t *testing.T) {
	db, err := sqlite.Options{}.Open(":memory:", "programme")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	programme := db.Table("programme")
	var asked string
	open := func(_ context.Context, name string) (table.Table, error) { asked = name; return programme, nil }
	var out bytes.Buffer
	if err := run(context.Background(), []string{"-table", "stack-Programme", "example.json"}, &out, open); err != nil {
		t.Fatal(err)
	}
	it, err := programme.Get(context.Background(), table.Key{PK: "PROGRAMME", SK: "CONFIG"})
	if err != nil || asked != "stack-Programme" || out.Len() == 0 {
		t.Fatalf("table %q, said %q, %v", asked, out.String(), err)
	}
	var got, want map[string]any
	text, err := os.ReadFile("example.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if err := it.Decode(&got); err != nil || len(got) != len(want) {
		t.Errorf("stored %v, %v", got, err)
	}

	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, bytes.Replace(text, []byte(`"Europe/Zurich"`), []byte(`"Mars/Olympus"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-table", "x", bad}, {"-table", "x", "missing.json"}, {"example.json"}, {"-table", "x"}} {
		if err := run(context.Background(), args, &out, open); err == nil {
			t.Errorf("%v went well", args)
		}
	}
	if err := run(context.Background(), []string{"-table", "x", bad}, &out, open); !strings.Contains(err.Error(), "timeZone") {
		t.Errorf("the fault is not named: %v", err)
	}
}
