//go:build aws

package main

import (
	"testing"
	"time"

	"liaison/infra/lambda/deployment"
)

// Many respondents at once: no answer fails, and each that was taken is at the desk. How fast it is, `make load` tells.
func TestNoAnswerIsLostUnderLoad(t *testing.T) {
	d := deploy(t, deployment.Options{})
	a, err := prepare(t.Context(), d, 50)
	if err != nil {
		t.Fatal(err)
	}
	got := a.answer(t.Context(), 3*time.Second)
	for fault, n := range got.faults {
		t.Errorf("%d × %s", n, fault)
	}
	missing, err := lost(t.Context(), d, got.rows)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range missing {
		t.Error(m)
	}
	if len(got.rows) < 50 {
		t.Errorf("only %d answers", len(got.rows))
	}
}
