// Command bench says what sending an issue costs: `go run ./infra/bench`, or make bench.
//
// It plans and delivers an issue in two languages to 10,000 and to 100,000 subscribers with the handlers of the Lambdas (fanout,
// deliver), the real SES client and SQLite tables, against the SES stand-in. Each part is a process of its own, so that CPU and memory
// are of our side alone: the list is made by one, the letters are taken by another, and what is measured does nothing but
// plan and deliver. Beside it run the bulk calls alone, which is the least that the SDK takes (decision 21), and the obvious way, a loop with
// one SendEmail for each recipient of the same letter, which remembers nothing.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// The goals of the first figures.
const (
	goalCPU    = 0.03 // seconds a thousand recipients; what the SDK alone takes (decision 21)
	goalWrites = 0.35 // units a recipient
	goalGrowth = 1.25 // of peak memory, from the small list to the large one
)

func main() {
	large := flag.Int("recipients", 100_000, "size of the large list")
	small := flag.Int("small", 10_000, "size of the small one")
	part := flag.String("part", "", "used by the program itself: stand-in, list, deliver, calls or loop")
	profile := flag.String("cpuprofile", "", "write the CPU profile of the large run to this file")
	flag.Parse()
	var err error
	if *part == "" {
		err = compare(context.Background(), *small, *large, *profile)
	} else {
		err = play(*part, flag.Args(), *profile)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// play is one part, in a process of its own: it prints its figures as JSON.
func play(part string, args []string, profile string) error {
	ctx := context.Background()
	n := 0
	if len(args) > 1 {
		var err error
		if n, err = strconv.Atoi(args[1]); err != nil {
			return err
		}
	}
	switch {
	case part == "stand-in":
		return standIn(os.Stdin, os.Stdout)
	case part == "list" && len(args) == 2:
		return list(ctx, args[0], n)
	case part == "deliver" && len(args) == 3:
		return report(deliver(ctx, args[0], n, args[2], profile))
	case part == "calls" && len(args) == 3:
		return report(calls(ctx, args[0], n, args[2]))
	case part == "loop" && len(args) == 3:
		return report(loop(ctx, args[0], n, args[2]))
	}
	return fmt.Errorf("unknown part %q %v", part, args)
}

func report(f figures, err error) error {
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(f)
}

// compare runs the parts one after the other and prints what they cost.
func compare(ctx context.Context, small, large int, profile string) (err error) {
	folder, err := os.MkdirTemp("", "liaison-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	service, err := startStandIn(ctx)
	if err != nil {
		return err
	}
	defer service.stop()
	results := make([]figures, 4)
	for i, n := range []int{small, large} {
		data := filepath.Join(folder, strconv.Itoa(n))
		fmt.Printf("making a list of %d subscribers ...\n", n)
		if err := child(ctx, nil, "list", "", data, strconv.Itoa(n)); err != nil {
			return err
		}
		to := ""
		if n == large {
			to = profile
		}
		if err := child(ctx, &results[i], "deliver", to, data, strconv.Itoa(n), service.url); err != nil {
			return err
		}
		fmt.Printf("  %s\n", results[i])
	}
	for i, other := range []struct {
		part, name string
		n          int
	}{
		{"calls", "the bulk calls alone, one batch again and again", large}, {"loop", "the loop with one call a recipient", small},
	} {
		fmt.Printf("%s, %d recipients ...\n", other.name, other.n)
		if err := child(ctx, &results[2+i], other.part, "", filepath.Join(folder, strconv.Itoa(large)), strconv.Itoa(other.n), service.url); err != nil {
			return err
		}
		fmt.Printf("  %s\n", results[2+i])
	}
	return verdict(results[0], results[1], results[2], results[3])
}

// child runs this program as one part of itself and reads its figures.
func child(ctx context.Context, into *figures, part, profile string, args ...string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	c := exec.CommandContext(ctx, self, append([]string{"-part", part, "-cpuprofile", profile}, args...)...)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(out, into)
}

// verdict holds the figures against the goals.
func verdict(small, large, calls, loop figures) error {
	fmt.Printf("\n%-46s %12s %12s\n", "", "measured", "goal")
	line := func(name string, got, goal float64) {
		mark := ""
		if got > goal {
			mark = "  missed"
		}
		fmt.Printf("%-46s %12.3f %12.3f%s\n", name, got, goal, mark)
	}
	line("CPU seconds a thousand recipients", large.cpuPer1000(), goalCPU)
	line("write units a recipient", large.WriteUnits/float64(large.Recipients), goalWrites)
	line("peak memory, large list over small", large.PeakMB/small.PeakMB, goalGrowth)
	fmt.Printf("\nthe bulk calls alone take %.3f of these CPU seconds: with everything around them it is %.1f times as much, %.1f times without the storage engine",
		calls.cpuPer1000(), large.cpuPer1000()/calls.cpuPer1000(), (large.cpuPer1000()-large.TableCPU*1000/float64(large.Recipients))/calls.cpuPer1000())
	fmt.Printf("\nthe loop beside it: %.1f times the CPU, %.1f times the time, %.0f calls a thousand recipients instead of %.0f\n",
		loop.cpuPer1000()/large.cpuPer1000(), large.perSecond()/loop.perSecond(), loop.callsPer1000(), large.callsPer1000())
	if large.Sent != large.Recipients || small.Sent != small.Recipients {
		return fmt.Errorf("%d of %d and %d of %d were sent", small.Sent, small.Recipients, large.Sent, large.Recipients)
	}
	return nil
}
