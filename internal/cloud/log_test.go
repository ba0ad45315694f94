package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"liaison/internal/link"
	"liaison/internal/people"
)

func TestLogStrikesOutAddressesAndTokens(t *testing.T) {
	links, err := link.New("https://example.org", time.Now, link.Key{1})
	if err != nil {
		t.Fatal(err)
	}
	token := links.Token(link.Confirm, "subject", "", time.Hour)
	var out bytes.Buffer
	log := newLog(&out).With("to", "first@example.org")
	log.WithGroup("mail").ErrorContext(context.Background(), "no luck with second@example.org",
		"error", fmt.Errorf("post: %w", errors.New(`550 <third@example.org>: "fourth+tag@sub.example.co.uk" is unknown`)),
		"typed", people.EmailAddress("o'fifth@bücher.example"), "url", links.URL("/en/subscription", token),
		"any", map[string]string{"address": "sixth@example.org"})
	line := out.String()
	for _, secret := range []string{"example.org ", "first@", "second@", "third@", "fourth", "fifth@", "sixth@", token, token[10:40]} {
		if strings.Contains(line, secret) {
			t.Errorf("%q stands in the log: %s", secret, line)
		}
	}
	var fields map[string]any
	if err := json.Unmarshal(out.Bytes(), &fields); err != nil {
		t.Fatalf("not a JSON line: %v: %s", err, line)
	}
	if fields["to"] != "(address)" || fields["timestamp"] == nil || fields["level"] != "ERROR" {
		t.Errorf("fields are %v", fields)
	}
}

func TestLogNamesTheInvocation(t *testing.T) {
	var out bytes.Buffer
	ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "c6af9ac6-7b61"})
	newLog(&out).With("function", "deliver").InfoContext(ctx, "done", "arn", "arn:aws:sqs:eu-west-1:123456789012:plan")
	for _, want := range []string{`"requestId":"c6af9ac6-7b61"`, `"function":"deliver"`, `"arn":"arn:aws:sqs:eu-west-1:123456789012:plan"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is not in %s", want, out.String())
		}
	}
}
