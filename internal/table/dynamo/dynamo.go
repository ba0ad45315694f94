// Package dynamo is the storage port on Amazon DynamoDB, for the cloud.
//
// An item's body lies in attributes of its own, so that a person can read it in the console; beside them lie
//
//	pk, sk     the primary key
//	pk1, sk1   the key of index1, when the item is in it
//	pk2, sk2   the key of index2, likewise
//	ver        the version (N)
//	ttl        the expiry in seconds since 1970 (N); the table's time to live is set on it
//	wid        a word that each Put makes up anew
//
// DynamoDB deletes expired items days late, so every read leaves them out and every condition counts them as absent.
//
// The SDK repeats a request whose answer was lost, though the write may have happened. This engine sees to it that no
// caller is misled by that:
//   - a Put that then meets its own write, which it knows by wid, has succeeded; only if somebody has put yet another
//     version in between is it a conflict, carrying that version, although the first write did happen;
//   - a transaction carries a token by which DynamoDB knows it again for ten minutes, and a Delete with a condition,
//     which leaves nothing to know it by, is made a transaction of one;
//   - an Add is not repeated unless DynamoDB said that it was not done.
//
// What may enter: the words of the port in the words of DynamoDB, and nothing that package table could say itself.
package dynamo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"liaison/internal/table"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Attribute and index names, as template.yaml must spell them too.
const (
	attrPK, attrSK   = "pk", "sk"
	attrPK1, attrSK1 = "pk1", "sk1"
	attrPK2, attrSK2 = "pk2", "sk2"
	attrVersion      = "ver"
	attrExpiry       = "ttl"
	attrWriteID      = "wid"

	Index1, Index2 = "index1", "index2"
)

// Table is one DynamoDB table. It implements table.Table and table.Metered.
type Table struct {
	table.Meter
	calls calls
	name  string
	now   func() time.Time
	wait  func(ctx context.Context, d time.Duration) error
	word  func() string
}

var (
	_ table.Table   = (*Table)(nil)
	_ table.Metered = (*Table)(nil)
)

// Option changes what a test may want to hold still.
type Option func(*Table)

// WithNow sets the clock that tells what has expired; the default is time.Now.
func WithNow(now func() time.Time) Option { return func(t *Table) { t.now = now } }

// WithWait sets how the engine waits before it asks again; the default sleeps and honours the context.
func WithWait(wait func(ctx context.Context, d time.Duration) error) Option {
	return func(t *Table) { t.wait = wait }
}

// New is the table of that name, which must exist: see Create. The client's own retries stay in force.
func New(client *dynamodb.Client, tableName string, opts ...Option) *Table {
	t := &Table{calls: callsOf(client), name: tableName, now: time.Now, wait: sleep, word: word}
	for _, o := range opts {
		o(t)
	}
	return t
}

// word is unlikely enough never to come twice for one item: 65 bits or so.
func word() string {
	const letters = "0123456789abcdefghijklmnopqrstuvwxyz"
	b := make([]byte, 13)
	for n := range b {
		b[n] = letters[rand.IntN(len(letters))]
	}
	return string(b)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Create makes a table with both indexes and waits until it can be used: for tests and for engines on one machine; in
// the cloud template.yaml does it. Time to live is left off, because tests keep a time of their own.
func Create(ctx context.Context, client *dynamodb.Client, tableName string) error {
	names := []string{attrPK, attrSK, attrPK1, attrSK1, attrPK2, attrSK2}
	in := &dynamodb.CreateTableInput{
		TableName:   &tableName,
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   keySchema(attrPK, attrSK),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			{IndexName: aws.String(Index1), KeySchema: keySchema(attrPK1, attrSK1), Projection: whole()},
			{IndexName: aws.String(Index2), KeySchema: keySchema(attrPK2, attrSK2), Projection: whole()},
		},
	}
	for _, n := range names {
		in.AttributeDefinitions = append(in.AttributeDefinitions,
			types.AttributeDefinition{AttributeName: aws.String(n), AttributeType: types.ScalarAttributeTypeS})
	}
	if _, err := client.CreateTable(ctx, in); err != nil {
		return fmt.Errorf("dynamo: create table %s: %w", tableName, err)
	}
	ready := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, 5*time.Second
	})
	if err := ready.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &tableName}, 2*time.Minute); err != nil {
		return fmt.Errorf("dynamo: wait for table %s: %w", tableName, err)
	}
	return nil
}

func keySchema(pk, sk string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: aws.String(pk), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String(sk), KeyType: types.KeyTypeRange},
	}
}

func whole() *types.Projection { return &types.Projection{ProjectionType: types.ProjectionTypeAll} }

// read and wrote count what a request used, as DynamoDB reports it.
func (t *Table) read(used ...types.ConsumedCapacity) {
	for _, u := range used {
		t.Charge(table.Units{Read: aws.ToFloat64(u.CapacityUnits)})
	}
}

func (t *Table) wrote(used ...types.ConsumedCapacity) {
	for _, u := range used {
		t.Charge(table.Units{Write: aws.ToFloat64(u.CapacityUnits)})
	}
}
