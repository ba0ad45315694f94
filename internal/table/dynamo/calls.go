package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// calls are the operations that the engine uses, and nothing else of the client. A client in a struct that is reached through an
// interface would bring all its operations into every binary in which something calls methods by name, as text/template does: the linker
// then keeps each exported method of each type that reflection could reach. That was 1.4 MB a function. None of ours calls so today
// (infra/sizes.sh), and a library that begins to shall not cost that much.
type calls struct {
	getItem            call[dynamodb.GetItemInput, dynamodb.GetItemOutput]
	batchGetItem       call[dynamodb.BatchGetItemInput, dynamodb.BatchGetItemOutput]
	query              call[dynamodb.QueryInput, dynamodb.QueryOutput]
	putItem            call[dynamodb.PutItemInput, dynamodb.PutItemOutput]
	updateItem         call[dynamodb.UpdateItemInput, dynamodb.UpdateItemOutput]
	deleteItem         call[dynamodb.DeleteItemInput, dynamodb.DeleteItemOutput]
	batchWriteItem     call[dynamodb.BatchWriteItemInput, dynamodb.BatchWriteItemOutput]
	transactWriteItems call[dynamodb.TransactWriteItemsInput, dynamodb.TransactWriteItemsOutput]
}

type call[In, Out any] func(context.Context, *In, ...func(*dynamodb.Options)) (*Out, error)

func callsOf(c *dynamodb.Client) calls {
	return calls{
		getItem:            c.GetItem,
		batchGetItem:       c.BatchGetItem,
		query:              c.Query,
		putItem:            c.PutItem,
		updateItem:         c.UpdateItem,
		deleteItem:         c.DeleteItem,
		batchWriteItem:     c.BatchWriteItem,
		transactWriteItems: c.TransactWriteItems,
	}
}
