//go:build aws

package dynamo_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"liaison/internal/table"
	"liaison/internal/table/dynamo"
	"liaison/internal/table/tabletest"
	"liaison/internal/transport"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// engine is a client of the engine that LIAISON_TEST_DYNAMODB names by its address.
func engine(t *testing.T, options ...func(*dynamodb.Options)) *dynamodb.Client {
	t.Helper()
	address := os.Getenv("LIAISON_TEST_DYNAMODB")
	if address == "" {
		t.Fatal("LIAISON_TEST_DYNAMODB is not set: run `make test-aws`, or give the address of a DynamoDB-compatible engine")
	}
	return dynamodb.New(dynamodb.Options{
		Region:       "eu-west-1",
		BaseEndpoint: &address,
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient:   transport.Whole(awshttp.NewBuildableClient()),
	}, options...)
}

var tables atomic.Int64

// open makes a table that lives as long as the test.
func open(t *testing.T, now func() time.Time, options ...func(*dynamodb.Options)) *dynamo.Table {
	t.Helper()
	client := engine(t, options...)
	name := fmt.Sprintf("liaison-test-%d-%d", os.Getpid(), tables.Add(1))
	if err := dynamo.Create(t.Context(), client, name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := client.DeleteTable(context.WithoutCancel(t.Context()), &dynamodb.DeleteTableInput{TableName: aws.String(name)}); err != nil {
			t.Logf("delete table: %v", err)
		}
	})
	return dynamo.New(client, name, dynamo.WithNow(now))
}

func TestConformance(t *testing.T) {
	tabletest.Run(t, tabletest.Engine{
		Open:     func(t *testing.T, now func() time.Time) table.Table { return open(t, now) },
		Patience: 10 * time.Second,
	})
}
