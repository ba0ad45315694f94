// Command hold pauses every distribution of a restored Delivery table, before the functions work on it.
//
//	go run ./infra/hold -table TABLE
//
// A restored copy has forgotten what was sent after its moment, and would send it again. The program itself pauses a copy that is
// three days old; this does it for a younger one. Each secretary is told by mail, and the desk asks whether to go on or to cancel
// (infra/runbook.md, "Back to a moment"). Region and credentials come from the AWS environment or profile, as for the AWS command line,
// and need dynamodb:Query, GetItem and PutItem on the table.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"liaison/internal/distribution"
	"liaison/internal/table"
	"liaison/internal/table/dynamo"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout, connect); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "hold:", err)
		os.Exit(1)
	}
}

// connect opens a table of the account that the environment names.
func connect(ctx context.Context, name string) (table.Table, error) {
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	return dynamo.New(dynamodb.NewFromConfig(c), name), nil
}

func run(ctx context.Context, args []string, out io.Writer, open func(context.Context, string) (table.Table, error)) error {
	flags := flag.NewFlagSet("hold", flag.ContinueOnError)
	flags.SetOutput(out)
	name := flags.String("table", "", "the restored Delivery table")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *name == "" || flags.NArg() > 0 {
		return errors.New("usage: hold -table TABLE")
	}
	t, err := open(ctx, *name)
	if err != nil {
		return err
	}
	held, err := distribution.NewControl(distribution.Options{Table: t, Queue: nobody{}, Now: time.Now, NewID: rand.Text}).HoldAll(ctx)
	for _, id := range held {
		fmt.Fprintln(out, "held:", id)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d distributions of %s are held. None of the others would act by itself.\n", len(held), *name)
	return nil
}

// nobody is a queue on which nothing is put: to hold needs none.
type nobody struct{}

func (nobody) Send(context.Context, ...distribution.Task) error {
	return errors.New("holding puts nothing on a queue")
}
