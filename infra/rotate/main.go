// Command rotate changes the key that a deployment's links are made with. The functions take it up by themselves; nobody is signed out
// and no link that is on its way breaks.
//
//	go run ./infra/rotate -secret ARN [-leaked | -early]
//
// ARN is the output SigningKeys of the deployment; region and credentials come from the AWS environment or profile, as for the AWS
// command line, and need secretsmanager:GetSecretValue, PutSecretValue and UpdateSecretVersionStage on it. Keys are never printed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"liaison/internal/cloud"
)

const help = `Rotate changes the key that a deployment's links are made with.

  go run ./infra/rotate -secret ARN [-leaked | -early]

  -secret   the output SigningKeys of the deployment
  -leaked   strangers know the key: whatever was made with it ends at once, open sessions at the desk too. Who has an old link
            is offered a new one, to the address on record; saved forms and receipts of surveys open no more
  -early    rotate although the last rotation was less than 397 days ago: links made before that one end

The key before the new one keeps opening links until the next rotation. Links to leave the newsletter, and the memory of who must
not be mailed again, outlive every rotation.
`

func main() {
	err := run(context.Background(), os.Args[1:], os.Stdout, time.Now)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "rotate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer, now func() time.Time) error {
	var how cloud.Rotation
	flags := flag.NewFlagSet("rotate", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() { fmt.Fprint(out, help) }
	arn := flags.String("secret", "", "")
	flags.BoolVar(&how.Leaked, "leaked", false, "")
	flags.BoolVar(&how.Early, "early", false, "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *arn == "" || flags.NArg() > 0 {
		return errors.New("usage: rotate -secret ARN [-leaked | -early]")
	}
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	done, err := cloud.RotateSigningKeys(ctx, secretsmanager.NewFromConfig(c), *arn, now(), how)
	if errors.Is(err, cloud.ErrTooEarly) {
		return fmt.Errorf("%w (-early rotates all the same)", err)
	}
	if err != nil {
		return err
	}
	say(out, done)
	return nil
}

func say(out io.Writer, done *cloud.Rotated) {
	if done.Rests {
		fmt.Fprintf(out, "A new signing key is in place. Links are made with it from %s on, when every function knows it.\n", done.Since.Format("2006-01-02 15:04 MST"))
		fmt.Fprintln(out, "The key before it opens links until the next rotation.")
	} else {
		fmt.Fprintln(out, "A new signing key is in place. Functions that are running take it up within five minutes, new ones at once.")
		fmt.Fprintln(out, "Everything made with the keys before it ends: links, and sessions at the desk.")
	}
	if done.Retired > 0 {
		fmt.Fprintf(out, "Retired keys, for leaving the newsletter from old mails and for the list of who must not be mailed: %d.\n", done.Retired)
	}
}
