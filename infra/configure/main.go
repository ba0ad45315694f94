// Command configure puts a programme's configuration where a deployment's functions find it, within a minute and without a new
// deployment. It refuses a document that could not run, naming every fault.
//
//	go run ./infra/configure -table TABLE programme.json
//
// TABLE is the output ProgrammeTable of the deployment; region and credentials come from the AWS environment or profile, as for the AWS
// command line. example.json beside this file shows every field; baseURL and sender are left to the deployment's parameters.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"liaison/internal/cloud"
	"liaison/internal/table"
	"liaison/internal/table/dynamo"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout, connect); err != nil {
		fmt.Fprintln(os.Stderr, "configure:", err)
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
	flags := flag.NewFlagSet("configure", flag.ContinueOnError)
	name := flags.String("table", "", "the deployment's Programme table")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *name == "" || flags.NArg() != 1 {
		return errors.New("usage: configure -table TABLE programme.json")
	}
	doc, err := os.ReadFile(flags.Arg(0))
	if err != nil {
		return err
	}
	t, err := open(ctx, *name)
	if err != nil {
		return err
	}
	if err := cloud.StoreProgramme(ctx, t, doc); err != nil {
		return err
	}
	fmt.Fprintln(out, "stored; every function works with it within a minute")
	return nil
}
