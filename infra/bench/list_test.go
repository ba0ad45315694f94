package main

import (
	"testing"

	"liaison/internal/newsletter"
)

// The list that everything is measured on: its issue is printed, and has been handed over to be sent.
func TestListIsReadyToBeSent(t *testing.T) {
	folder := t.TempDir()
	if err := list(t.Context(), folder, 20); err != nil {
		t.Fatal(err)
	}
	w, err := open(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer w.db.Close()
	store := &newsletter.Store{Table: w.Records}
	i, err := store.Issue(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if !i.Printed || !i.HandedOver {
		t.Fatalf("printed %v, handed over %v", i.Printed, i.HandedOver)
	}
	for _, l := range w.Programme.Languages {
		letter, err := store.Letter(t.Context(), 1, i.Frozen, l, newsletter.HTML)
		if err != nil || len(letter.Content.HTML) < 10_000 {
			t.Errorf("%s: %v, %+v", l, err, letter)
		}
	}
}
