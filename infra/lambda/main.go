// Lambda runs the functions of template.yaml as they are built for AWS, on this machine: `serve` to look at them, `load` and `bench` to
// measure them. Its tests hold the real binaries against the main job, their rights, their deaths and bad input.
//
// What may enter: what is tried on a deployment, and what is measured of it. Putting it up is the business of the rooms below.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // machines without a time zone database

	"liaison/infra/lambda/deployment"
)

const help = `Lambda runs the functions of template.yaml on this machine, as they are built for AWS.

  infra/aws/engine.sh go run ./infra/lambda COMMAND [flags]

It needs a DynamoDB-compatible engine, whose address LIAISON_TEST_DYNAMODB holds; infra/aws/engine.sh starts one. Run it from the
repository's root.

Commands:
  serve   put the deployment up until Ctrl-C, with the workbench under /_local/ (-addr 127.0.0.1:8080, -workers 2)
  load    survey answers of many respondents at once, and whether each is found afterwards
          (-workers 2, -respondents 50, -for 60s)
  bench   cold start and warm latency of each function, beside a hello-world function with the same clients (-times 15)
`

// options are what the flags say.
type options struct {
	addr                        string
	workers, respondents, times int
	lasting                     time.Duration
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := run(ctx, os.Args[1:]); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Print(help)
	case err != nil:
		fmt.Fprintln(os.Stderr, "lambda:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return flag.ErrHelp
	}
	var o options
	flags := flag.NewFlagSet("lambda", flag.ContinueOnError)
	flags.Usage = func() {}
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "")
	flags.IntVar(&o.workers, "workers", 2, "")
	flags.IntVar(&o.respondents, "respondents", 50, "")
	flags.IntVar(&o.times, "times", 15, "")
	flags.DurationVar(&o.lasting, "for", time.Minute, "")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	commands := map[string]func(context.Context, options) error{"serve": serve, "load": load, "bench": bench}
	command := commands[args[0]]
	if command == nil || flags.NArg() > 0 {
		return flag.ErrHelp
	}
	return command(ctx, o)
}

// up builds the functions and puts the deployment up; done ends it and removes what was built.
func up(ctx context.Context, o deployment.Options) (d *deployment.Deployment, done func(), err error) {
	if o.Engine = os.Getenv("LIAISON_TEST_DYNAMODB"); o.Engine == "" {
		return nil, nil, errors.New("LIAISON_TEST_DYNAMODB names no engine; infra/aws/engine.sh starts one")
	}
	if o.Bin, err = os.MkdirTemp("", "lambda-binaries-"); err != nil {
		return nil, nil, err
	}
	o.Root = "."
	if err = deployment.Build(ctx, o.Root, o.Bin); err == nil {
		d, err = deployment.Up(ctx, o)
	}
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(o.Bin))
	}
	return d, func() { d.Close(); _ = os.RemoveAll(o.Bin) }, nil
}

func serve(ctx context.Context, o options) error {
	d, done, err := up(ctx, deployment.Options{Addr: o.addr, Workers: o.workers, Log: os.Stderr})
	if err != nil {
		return err
	}
	defer done()
	fmt.Printf("The functions are up, on this machine only.\n\n  Public site  %s/\n  Workbench    %s/_local/\n\nCtrl-C ends it; nothing is kept.\n", d.Base, d.Base)
	<-ctx.Done()
	return nil
}
