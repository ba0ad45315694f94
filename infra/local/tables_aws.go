//go:build aws

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"liaison/infra/local/stage"
	"liaison/internal/table"
	"liaison/internal/table/dynamo"
	"liaison/internal/transport"
)

// tables are those of a DynamoDB-compatible engine, which LIAISON_TEST_DYNAMODB names by its address, so that the end-to-end tests
// can be run on one (make test-aws). The folder remembers their names. The engine's indexes lag as they do, not as the fault says.
func (in *instance) tables() (people, records, delivery table.Table, err error) {
	address := os.Getenv("LIAISON_TEST_DYNAMODB")
	if address == "" {
		return nil, nil, nil, errors.New("built with the tag aws, and LIAISON_TEST_DYNAMODB names no engine")
	}
	client := dynamodb.New(dynamodb.Options{
		Region: "eu-west-1", BaseEndpoint: &address, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient: transport.Whole(awshttp.NewBuildableClient()),
	})
	prefix, err := in.tablePrefix(client)
	if err != nil {
		return nil, nil, nil, err
	}
	open := func(name string) table.Table { return dynamo.New(client, prefix+name, dynamo.WithNow(in.Clock.Now)) }
	return open("people"), open("records"), open("delivery"), nil
}

// tablePrefix begins the names of the folder's tables, which it makes the first time.
func (in *instance) tablePrefix(client *dynamodb.Client) (string, error) {
	path := filepath.Join(in.data, "tables")
	text, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return strings.TrimSpace(string(text)), err
	}
	prefix := "liaison-" + strings.ToLower(rand.Text()[:10]) + "-"
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, name := range []string{"people", "records", "delivery"} {
		if err := dynamo.Create(ctx, client, prefix+name); err != nil {
			return "", err
		}
	}
	return prefix, stage.Write(path, []byte(prefix+"\n"))
}
