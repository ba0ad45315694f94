// Command losses says what would be lost if a deployment were deleted, and what would stay. It reads; it deletes nothing.
//
//	go run ./infra/losses -stack NAME       what stands in the account
//	go run ./infra/losses -template-only    what template.yaml says, without an account
//
// Region and credentials come from the AWS environment or profile, as for the AWS command line.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

const needs = `To look into the account, this needs a region (AWS_REGION, or a profile that has one) and credentials (AWS_PROFILE after
"aws sso login" or "aws configure", or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY) that may
  cloudformation:DescribeStacks, cloudformation:ListStackResources, cloudformation:GetTemplate,
  dynamodb:DescribeTable, dynamodb:DescribeContinuousBackups and sqs:GetQueueAttributes.
`

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout, connect); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "losses:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer, connect func(context.Context) (*account, error)) error {
	flags := flag.NewFlagSet("losses", flag.ContinueOnError)
	flags.SetOutput(out)
	stack := flags.String("stack", "liaison", "name of the deployed stack")
	template := flags.String("template", "template.yaml", "what is read without an account")
	only := flags.Bool("template-only", false, "do not look into an account")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("what is %q?", flags.Arg(0))
	}
	if *only {
		return ofTemplate(out, *template)
	}
	a, err := connect(ctx)
	var d *deployment
	if err == nil {
		d, err = a.read(ctx, *stack)
	}
	switch {
	case errors.Is(err, errNoStack):
		return fmt.Errorf("there is no stack %q in %s: nothing would be lost. Another name: -stack NAME; another region: AWS_REGION", *stack, a.region)
	case err != nil:
		fmt.Fprintf(out, "The account could not be read. %s\nWhat follows is from %s alone.\n\n", needs, *template)
		return errors.Join(err, ofTemplate(out, *template))
	}
	d.report(out)
	return nil
}

func ofTemplate(out io.Writer, path string) error {
	d, err := fromTemplate(path)
	if err != nil {
		return err
	}
	d.report(out)
	return nil
}
