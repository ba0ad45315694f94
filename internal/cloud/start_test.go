package cloud

import (
	"math"
	"runtime/debug"
	"testing"
)

func TestTheCollectorIsSparedAsFarAsMemoryGoes(t *testing.T) {
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(math.MaxInt64)
	t.Cleanup(func() { debug.SetGCPercent(percent); debug.SetMemoryLimit(limit) })
	for _, size := range []string{"", "much", "1"} {
		if spareTheCollector(env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", size)); debug.SetMemoryLimit(-1) != math.MaxInt64 {
			t.Errorf("size %q sets a limit", size)
		}
	}
	spareTheCollector(env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"))
	if got := debug.SetMemoryLimit(-1); got != 384<<20 {
		t.Errorf("limit %d", got)
	}
	if got := debug.SetGCPercent(100); got != 400 {
		t.Errorf("percent %d", got)
	}
}
