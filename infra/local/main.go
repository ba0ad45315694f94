// Local runs the whole programme on one machine: every function in one process, its tables in SQLite, its queues and its mail service
// stood in for, its clock and its mishaps in your hands.
//
// What may enter: what stands in for AWS, and what a person needs to look on. The programme itself comes from internal/app, word for
// word as the Lambdas have it. Nothing of this folder is ever linked into a Lambda.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // machines without a time zone database
)

const help = `Local runs the whole programme on this machine and prints the addresses to open.

  go run ./infra/local [flags]

Flags:
  -addr 127.0.0.1:8080   where to listen; loopback addresses only
  -data .liaison         folder for everything it keeps: tables, queues, mail, keys, the clock. Delete it to begin anew
  -demo=true             fill a new folder with a fictitious committee: organisations, experts, presenters, events, two issues.
                         With -demo=false the programme is empty: three surveys open for a year, four languages, and one
                         secretary, secretary@example.org. A folder that is not new keeps what it has
  -rate 500              the sending rate of the mail service's quota, in recipients a second; calls beyond it are turned away
  -v                     log what happens, not only what goes wrong

While it runs:
  /                      the public site
  /desk/                 the secretariat's desk; /_local/signin?as=secretary@example.org signs you in
  /_local/               the workbench: clock, faults, queues, sign-in links
  /_local/mailbox        every mail that was sent; /_local/mailbox.json?to=ADDRESS&limit=N for programs, /_local/mailbox/ID.eml
  GET  /_local/health    200 when it is ready
  POST /_local/clock     advance=36h moves the programme's clock and runs what becomes due; GET tells the time
  POST /_local/faults    throttle=N, lost=N, kill=claim|accepted|settle|plan, reject=ADDRESS, bounce=ADDRESS, complaint=ADDRESS,
                         lag=500ms; the same with 0 clears it. GET shows what is set
  GET  /_local/sent.json?issue=N   what the mail service accepted of an issue's distribution, per address

Ctrl-C or SIGTERM ends it cleanly. Killed at any moment, it goes on where it was when it is started again.
`

func main() {
	var c config
	var verbose bool
	flags := flag.NewFlagSet("local", flag.ContinueOnError)
	flags.SetOutput(os.Stderr)
	flags.Usage = func() { fmt.Fprint(flags.Output(), help) }
	flags.StringVar(&c.addr, "addr", "127.0.0.1:8080", "")
	flags.StringVar(&c.data, "data", ".liaison", "")
	flags.BoolVar(&c.demo, "demo", true, "")
	flags.Float64Var(&c.rate, "rate", 500, "")
	flags.BoolVar(&verbose, "v", false, "")
	switch err := flags.Parse(os.Args[1:]); {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		os.Exit(2)
	case flags.NArg() > 0:
		fmt.Fprintf(os.Stderr, "local: unexpected argument %q; see -help\n", flags.Arg(0))
		os.Exit(2)
	}
	level := slog.LevelWarn
	if verbose {
		level = slog.LevelDebug
	}
	c.logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, c, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "local:", err)
		os.Exit(1)
	}
}

// run starts everything, says where to look, and ends everything when ctx is done.
func run(ctx context.Context, c config, out io.Writer) error {
	in, err := start(ctx, c)
	if err != nil {
		return err
	}
	in.announce(out)
	<-ctx.Done()
	fmt.Fprintln(out, "Ending. Everything is kept in", c.data)
	return in.close()
}
