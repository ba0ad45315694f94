// Hello is the function that ours are measured beside: it has the same clients, reads one item and the secret at its start as ours do,
// and answers every event with nothing.
//
// What may enter: what any function of that kind must do, in the way of the AWS SDK's own documentation. With the build tags hello_ses and
// hello_sqs it links those clients too.
package main

import (
	"context"
	"log"
	"os"
	"sync"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// more are the clients of the build tags.
var more []func(aws.Config)

func main() {
	ctx := context.Background()
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, client := range more {
		client(c)
	}
	db, secrets := dynamodb.NewFromConfig(c), secretsmanager.NewFromConfig(c)
	var both sync.WaitGroup
	both.Go(func() {
		_, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(os.Getenv("LIAISON_PROGRAMME_TABLE")),
			Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "PROGRAMME"}, "sk": &types.AttributeValueMemberS{Value: "CONFIG"}}})
		if err != nil {
			log.Print(err)
		}
	})
	both.Go(func() {
		if _, err := secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(os.Getenv("LIAISON_SECRET_ARN"))}); err != nil {
			log.Print(err)
		}
	})
	both.Wait()
	lambda.Start(func(context.Context, any) (map[string]any, error) {
		return map[string]any{"statusCode": 200, "body": "hello"}, nil
	})
}
