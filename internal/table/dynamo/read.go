package dynamo

import (
	"context"

	"liaison/internal/table"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Get implements table.Table.
func (t *Table) Get(ctx context.Context, key table.Key) (table.Item, error) {
	if err := key.Check(); err != nil {
		return table.Item{}, err
	}
	out, err := t.calls.getItem(ctx, &dynamodb.GetItemInput{
		TableName:              &t.name,
		Key:                    keyAttributes(key),
		ConsistentRead:         aws.Bool(true),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	})
	if err != nil {
		return table.Item{}, mapError("get", err, false)
	}
	if out.ConsumedCapacity != nil {
		t.read(*out.ConsumedCapacity)
	}
	i, err := t.live(out.Item)
	if err != nil {
		return table.Item{}, err
	}
	if i == nil {
		return table.Item{}, table.ErrNotFound
	}
	return *i, nil
}

// BatchGet implements table.Table.
func (t *Table) BatchGet(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	distinct := make([]attributes, 0, len(keys)) // DynamoDB refuses a key asked twice
	found := make(map[table.Key]*table.Item, len(keys))
	for _, k := range keys {
		if err := k.Check(); err != nil {
			return nil, err
		}
		if _, asked := found[k]; !asked {
			found[k] = nil
			distinct = append(distinct, keyAttributes(k))
		}
	}
	for len(distinct) > 0 {
		chunk := distinct[:min(maxBatchGet, len(distinct))]
		distinct = distinct[len(chunk):]
		items, err := t.batchGet(ctx, chunk)
		if err != nil {
			return nil, err
		}
		for n := range items {
			found[items[n].Key] = &items[n]
		}
	}
	items := make([]table.Item, 0, len(keys))
	for _, k := range keys {
		if i := found[k]; i != nil {
			items = append(items, *i)
		}
	}
	return items, nil
}

// maxBatchGet is how many keys DynamoDB takes in one request.
const maxBatchGet = 100

// batchGet reads the live items among at most maxBatchGet different keys, in any order.
func (t *Table) batchGet(ctx context.Context, keys []attributes) (items []table.Item, err error) {
	err = t.untilProcessed(ctx, func() (left int, err error) {
		out, err := t.calls.batchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{
				t.name: {Keys: keys, ConsistentRead: aws.Bool(true)},
			},
			ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		})
		if err != nil {
			return 0, mapError("batch get", err, false)
		}
		t.read(out.ConsumedCapacity...)
		if items, err = t.lives(items, out.Responses[t.name]); err != nil {
			return 0, err
		}
		keys = out.UnprocessedKeys[t.name].Keys
		return len(keys), nil
	})
	return items, err
}

// Query implements table.Table: one request, so a page with expired items on it is short.
func (t *Table) Query(ctx context.Context, q table.Query) (table.Page, error) {
	q, from, err := q.Check()
	if err != nil || q.IsEmpty() {
		return table.Page{}, err
	}
	e, err := t.query(q)
	if err != nil {
		return table.Page{}, err
	}
	in := &dynamodb.QueryInput{
		TableName:                 &t.name,
		KeyConditionExpression:    e.KeyCondition(),
		FilterExpression:          e.Filter(),
		ExpressionAttributeNames:  e.Names(),
		ExpressionAttributeValues: e.Values(),
		Limit:                     aws.Int32(int32(q.Limit)),
		ScanIndexForward:          aws.Bool(!q.Reverse),
		ConsistentRead:            aws.Bool(q.Index == 0),
		ExclusiveStartKey:         startAt(q, from),
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,
	}
	if q.Index > 0 {
		in.IndexName = aws.String([]string{Index1, Index2}[q.Index-1])
	}
	out, err := t.calls.query(ctx, in)
	if err != nil {
		return table.Page{}, mapError("query", err, false)
	}
	if out.ConsumedCapacity != nil {
		t.read(*out.ConsumedCapacity)
	}
	page := table.Page{}
	if page.Items, err = t.lives(make([]table.Item, 0, len(out.Items)), out.Items); err != nil {
		return table.Page{}, err
	}
	if len(out.LastEvaluatedKey) > 0 {
		_, sk := keyNames(q.Index)
		page.Cursor = q.CursorAt(table.Position{
			SK:  textIn(out.LastEvaluatedKey[sk]),
			Key: keyIn(out.LastEvaluatedKey, attrPK, attrSK),
		})
	}
	return page, nil
}

// startAt is the place behind which the page begins; nil for the first.
func startAt(q table.Query, from *table.Position) attributes {
	if from == nil {
		return nil
	}
	a := keyAttributes(from.Key)
	pk, sk := keyNames(q.Index)
	a[pk], a[sk] = text(q.PK), text(from.SK)
	return a
}
