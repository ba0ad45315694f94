package metric

import (
	"context"
	"maps"
	"testing"
)

func TestOnlyWhatGrewIsTold(t *testing.T) {
	var told []Counts
	m := Meter(func(_ context.Context, c Counts) { told = append(told, c) })
	m.One(context.Background(), Answers)
	m.All(context.Background(), Counts{Sent: 50, Refused: 0, Doubt: -3})
	m.All(context.Background(), Counts{Doubt: -3})
	m.All(context.Background(), nil)
	if len(told) != 2 || !maps.Equal(told[0], Counts{Answers: 1}) || !maps.Equal(told[1], Counts{Sent: 50}) {
		t.Errorf("told %v", told)
	}
	Meter(nil).One(context.Background(), Sent)
}
