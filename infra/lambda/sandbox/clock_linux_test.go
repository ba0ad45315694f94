//go:build amd64 || arm64

package sandbox

import (
	"encoding/json"
	"sync/atomic"
	"testing"
	"time"
)

// A process believes the clock that it is given, from its first event on and whenever it is moved; its timeouts do not notice.
func TestTheClockOfAProcessIsMoved(t *testing.T) {
	var ahead atomic.Int64
	offset := func() time.Duration { return time.Duration(ahead.Load()) }
	p := pool(t, "serves", func(f *Function) { f.Offset, f.Workers = offset, 1 })
	for _, d := range []time.Duration{0, time.Hour, 400 * 24 * time.Hour, -50 * 24 * time.Hour} {
		ahead.Store(int64(d))
		if err := p.Move(); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			got, err := do(p, "time")
			var tells struct {
				Now  time.Time
				Left float64
			}
			if err != nil || json.Unmarshal([]byte(got), &tells) != nil {
				t.Fatal(got, err)
			}
			if off := time.Until(tells.Now) - d; off.Abs() > 5*time.Second {
				t.Errorf("moved by %v, the process is %v off", d, off)
			}
			if tells.Left < 10 || tells.Left > 20 {
				t.Errorf("moved by %v, it has %v s left of 20", d, tells.Left)
			}
			if d > 24*time.Hour {
				p.KillAll() // its successor begins with the moved clock
			}
		}
	}
}
