// Smoke walks the programme's main job through HTTP against a running local instance, as its people would, and tells what it sees.
//
// It knows the addresses that are promised to stay (the contract) and what a reader sees on a page; of the code it knows nothing.
// What may enter: steps of the main job, in the order in which people take them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

const help = `Smoke walks the main job through a running local instance and prints each step and what it saw.

  go run ./infra/smoke [-base http://127.0.0.1:8080]

A survey answer, its acceptance and the confirmation by e-mail; a roster, an invitation and a presenter's registration; an event and
who is recommended for it; an issue in two languages, scheduled, sent once to each subscriber, and unsubscribed from with one
click; the desk's sign-in and its roles. It may be run again and again, also with the demo data; it adds a little to what is
there, and moves the programme's clock by some hours.

It ends with 1 at the first thing that is not as it should be.
`

func main() {
	flags := flag.NewFlagSet("smoke", flag.ContinueOnError)
	flags.Usage = func() { fmt.Fprint(flags.Output(), help) }
	base := flags.String("base", "http://127.0.0.1:8080", "")
	switch err := flags.Parse(os.Args[1:]); {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil || flags.NArg() > 0:
		fmt.Fprint(os.Stderr, help)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	if err := mainJob(newWalk(ctx, *base, os.Stdout)); err != nil {
		fmt.Fprintln(os.Stderr, "\nFAILED:", err)
		os.Exit(1)
	}
	fmt.Println("\nEverything is as it should be.")
}
