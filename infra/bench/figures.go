package main

import (
	"fmt"
	"runtime"
	"syscall"
	"time"
)

// figures are what one part cost.
type figures struct {
	Recipients, Sent      int
	Seconds               float64 // of the clock
	CPU                   float64 // seconds, user and system
	TableCPU              float64 // seconds of CPU inside the storage engine
	Calls                 int
	ReadUnits, WriteUnits float64
	PeakMB                float64 // largest resident set of the process
	LetterKB              float64 // HTML and text of one letter
}

func (f figures) cpuPer1000() float64   { return f.CPU * 1000 / float64(f.Recipients) }
func (f figures) perSecond() float64    { return float64(f.Recipients) / f.Seconds }
func (f figures) callsPer1000() float64 { return float64(f.Calls) * 1000 / float64(f.Recipients) }

func (f figures) String() string {
	n := float64(f.Recipients)
	s := fmt.Sprintf("%d recipients, letter of %.1f KB: %.0f a second, CPU %.4f s a thousand", f.Recipients, f.LetterKB, f.perSecond(), f.cpuPer1000())
	if f.TableCPU > 0 {
		s += fmt.Sprintf(" (%.4f of it in SQLite)", f.TableCPU*1000/n)
	}
	s += fmt.Sprintf(", %d SES calls", f.Calls)
	if f.WriteUnits > 0 {
		s += fmt.Sprintf(", %.3f read and %.3f write units a recipient", f.ReadUnits/n, f.WriteUnits/n)
	}
	return s + fmt.Sprintf(", peak memory %.0f MB", f.PeakMB)
}

// meter measures a stretch of this process.
type meter struct {
	began time.Time
	cpu   time.Duration
}

func begin() meter {
	runtime.GC()
	return meter{time.Now(), used(syscall.RUSAGE_SELF)}
}

func (m meter) end(f *figures) {
	f.Seconds, f.CPU = time.Since(m.began).Seconds(), (used(syscall.RUSAGE_SELF) - m.cpu).Seconds()
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) == nil {
		f.PeakMB = float64(u.Maxrss) * maxrssUnit / 1e6
	}
}

func used(who int) time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(who, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
