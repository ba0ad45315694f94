package dynamo

import (
	"context"
	"errors"
	"fmt"

	"liaison/internal/table"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	onFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	total     = types.ReturnConsumedCapacityTotal
)

// Put implements table.Table.
func (t *Table) Put(ctx context.Context, item table.Item, c table.Condition) (table.Item, error) {
	if _, err := item.Check(); err != nil {
		return table.Item{}, err
	}
	stored, writeID := item.Stored(c), t.word()
	a, err := encode(stored, writeID)
	if err != nil {
		return table.Item{}, err
	}
	err = t.whileBusy(ctx, func() error { return t.put(ctx, item.Key, a, writeID, c) })
	if err != nil {
		return table.Item{}, err
	}
	return stored, nil
}

func (t *Table) put(ctx context.Context, key table.Key, a attributes, writeID string, c table.Condition) error {
	e, err := t.expressions(c)
	if err != nil {
		return err
	}
	var w witness
	out, err := t.calls.putItem(ctx, &dynamodb.PutItemInput{
		TableName:                           &t.name,
		Item:                                a,
		ConditionExpression:                 e.Condition(),
		ExpressionAttributeNames:            e.Names(),
		ExpressionAttributeValues:           e.Values(),
		ReturnValuesOnConditionCheckFailure: onFailure,
		ReturnConsumedCapacity:              total,
	}, w.watch)
	if failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		if textIn(failed.Item[attrWriteID]) == writeID {
			return nil // the SDK asked twice and the first time had done it
		}
		return t.conflict(0, key, failed.Item)
	}
	if err != nil {
		return mapError("put", err, w.lost)
	}
	if out.ConsumedCapacity != nil {
		t.wrote(*out.ConsumedCapacity)
	}
	return nil
}

// conflict is the *table.Conflict of a write that met these attributes.
func (t *Table) conflict(index int, key table.Key, met attributes) error {
	current, err := t.live(met)
	if err != nil {
		return err
	}
	return &table.Conflict{Index: index, Key: key, Current: current}
}

// Delete implements table.Table.
func (t *Table) Delete(ctx context.Context, key table.Key, c table.Condition) error {
	if !c.IsAny() {
		return t.Transact(ctx, table.Delete(key, c))
	}
	if err := key.Check(); err != nil {
		return err
	}
	return t.whileBusy(ctx, func() error {
		var w witness
		out, err := t.calls.deleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: &t.name, Key: keyAttributes(key), ReturnConsumedCapacity: total,
		}, w.watch)
		if err != nil {
			return mapError("delete", err, w.lost)
		}
		if out.ConsumedCapacity != nil {
			t.wrote(*out.ConsumedCapacity)
		}
		return nil
	})
}

// maxBatchPut is how many items DynamoDB takes in one request.
const maxBatchPut = 25

// BatchPut implements table.Table.
func (t *Table) BatchPut(ctx context.Context, items []table.Item) error {
	items, _, err := table.CheckBatch(items)
	if err != nil {
		return err
	}
	for len(items) > 0 {
		chunk := items[:min(maxBatchPut, len(items))]
		items = items[len(chunk):]
		if err := t.batchPut(ctx, chunk); err != nil {
			return err
		}
	}
	return nil
}

func (t *Table) batchPut(ctx context.Context, items []table.Item) error {
	requests := make([]types.WriteRequest, len(items))
	for n, i := range items {
		a, err := encode(i.Stored(table.Any), t.word())
		if err != nil {
			return err
		}
		requests[n].PutRequest = &types.PutRequest{Item: a}
	}
	return t.untilProcessed(ctx, func() (int, error) {
		out, err := t.calls.batchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
			RequestItems:           map[string][]types.WriteRequest{t.name: requests},
			ReturnConsumedCapacity: total,
		})
		if err != nil {
			return 0, mapError("batch put", err, false)
		}
		t.wrote(out.ConsumedCapacity...)
		requests = out.UnprocessedItems[t.name]
		return len(requests), nil
	})
}

// Add implements table.Table.
func (t *Table) Add(ctx context.Context, key table.Key, fields map[string]int64) (sums map[string]int64, err error) {
	if err := key.Check(); err != nil {
		return nil, err
	}
	if err := table.CheckAdd(fields); err != nil {
		return nil, err
	}
	err = t.whileBusy(ctx, func() (err error) {
		sums, err = t.add(ctx, key, fields)
		return err
	})
	return sums, err
}

func (t *Table) add(ctx context.Context, key table.Key, fields map[string]int64) (map[string]int64, error) {
	e, names, err := t.addition(table.Any, fields)
	if err != nil {
		return nil, err
	}
	w := witness{once: true}
	out, err := t.calls.updateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                           &t.name,
		Key:                                 keyAttributes(key),
		UpdateExpression:                    e.Update(),
		ConditionExpression:                 e.Condition(),
		ExpressionAttributeNames:            names,
		ExpressionAttributeValues:           e.Values(),
		ReturnValues:                        types.ReturnValueUpdatedNew,
		ReturnValuesOnConditionCheckFailure: onFailure,
		ReturnConsumedCapacity:              total,
	}, w.watch)
	if failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return nil, t.cannotAdd(ctx, key, failed.Item)
	}
	if err != nil {
		return nil, mapError("add", err, w.lost)
	}
	if out.ConsumedCapacity != nil {
		t.wrote(*out.ConsumedCapacity)
	}
	sums := make(map[string]int64, len(fields))
	for name := range fields {
		n, ok := out.Attributes[name].(*types.AttributeValueMemberN)
		if !ok {
			return nil, fmt.Errorf("dynamo: add: no sum of %q in the answer", name)
		}
		if sums[name], err = table.WholePart(n.Value); err != nil {
			return nil, err
		}
	}
	return sums, nil
}

// cannotAdd tells why an Add did not happen. An expired item in its way is deleted and the Add to be tried again.
func (t *Table) cannotAdd(ctx context.Context, key table.Key, met attributes) error {
	if len(met) == 0 {
		return errBusy // it was there when the condition failed and is gone now
	}
	i, err := decode(met)
	if err != nil {
		return err
	}
	if !t.expired(i) {
		return fmt.Errorf("%w: add to a field that is no number, or beyond int64", table.ErrInvalid)
	}
	if err := t.Delete(ctx, key, table.Absent); err != nil && !errors.Is(err, table.ErrConflict) {
		return err
	}
	return errBusy
}
