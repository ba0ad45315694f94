package intake_test

import (
	"context"
	"encoding/json"
	"testing"

	"liaison/internal/app/apptest"
	"liaison/internal/link"
	"liaison/internal/survey"
)

func surveys(w *apptest.World) *survey.Surveys {
	links, err := link.New(w.Programme.BaseURL, w.Now, w.Keys...)
	if err != nil {
		panic(err)
	}
	return &survey.Surveys{Table: w.Records, Programme: w.Programme, Links: links, Now: w.Now, NewID: w.NewID, Log: w.Log}
}

// listAll counts the answers in the queues and in quarantine.
func listAll(w *apptest.World) (answers, held int, err error) {
	tallies, err := surveys(w).Tallies(context.Background())
	for _, t := range tallies {
		answers += t.Answers - t.Quarantined
		held += t.Quarantined
	}
	return answers, held, err
}

func items(t *testing.T, a apptest.Answer) []map[string]any {
	t.Helper()
	var list struct{ Items []map[string]any }
	if err := json.Unmarshal([]byte(a.Body), &list); err != nil || a.Status != 200 {
		t.Fatalf("%d %.500s %v", a.Status, a.Body, err)
	}
	return list.Items
}
