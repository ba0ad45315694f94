package desk

import "testing"

func TestParts(t *testing.T) {
	for total, want := range map[int]int{0: 1, 15_000: 1, 15_001: 16, 240_000: 16, 240_001: 32, 1_000_000: 80} {
		if got := partsOf(total); got != want || got > exportParts {
			t.Errorf("%d subscribers come in %d parts, want %d", total, got, want)
		}
	}
}
