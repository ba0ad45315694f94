package dynamo

import (
	"context"
	"errors"
	"fmt"

	"liaison/internal/table"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Transact implements table.Table. The SDK gives each call a token by which DynamoDB knows a repeated one again.
func (t *Table) Transact(ctx context.Context, writes ...table.Write) error {
	if _, err := table.CheckWrites(writes); err != nil || len(writes) == 0 {
		return err
	}
	return t.whileBusy(ctx, func() error { return t.transact(ctx, writes) })
}

func (t *Table) transact(ctx context.Context, writes []table.Write) error {
	parts := make([]types.TransactWriteItem, len(writes))
	for n, w := range writes {
		part, err := t.part(w)
		if err != nil {
			return fmt.Errorf("write %d: %w", n, err)
		}
		parts[n] = part
	}
	var w witness
	out, err := t.calls.transactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: parts, ReturnConsumedCapacity: total,
	}, w.watch)
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return t.cancelled(ctx, writes, cancelled)
	}
	if err != nil {
		return mapError("transact", err, w.lost)
	}
	t.wrote(out.ConsumedCapacity...)
	return nil
}

// part is one write of a transaction.
func (t *Table) part(w table.Write) (part types.TransactWriteItem, err error) {
	if w.Op == table.OpAdd {
		e, names, err := t.addition(w.If, w.Add)
		part.Update = &types.Update{
			TableName: &t.name, Key: keyAttributes(w.Item.Key), UpdateExpression: e.Update(),
			ConditionExpression: e.Condition(), ExpressionAttributeNames: names, ExpressionAttributeValues: e.Values(),
			ReturnValuesOnConditionCheckFailure: onFailure,
		}
		return part, err
	}
	e, err := t.expressions(w.If)
	if err != nil {
		return part, err
	}
	switch w.Op {
	case table.OpPut:
		var a attributes
		a, err = encode(w.Item.Stored(w.If), t.word())
		part.Put = &types.Put{
			TableName: &t.name, Item: a,
			ConditionExpression: e.Condition(), ExpressionAttributeNames: e.Names(), ExpressionAttributeValues: e.Values(),
			ReturnValuesOnConditionCheckFailure: onFailure,
		}
	case table.OpDelete:
		part.Delete = &types.Delete{
			TableName: &t.name, Key: keyAttributes(w.Item.Key),
			ConditionExpression: e.Condition(), ExpressionAttributeNames: e.Names(), ExpressionAttributeValues: e.Values(),
			ReturnValuesOnConditionCheckFailure: onFailure,
		}
	case table.OpCheck:
		part.ConditionCheck = &types.ConditionCheck{
			TableName: &t.name, Key: keyAttributes(w.Item.Key),
			ConditionExpression: e.Condition(), ExpressionAttributeNames: e.Names(), ExpressionAttributeValues: e.Values(),
			ReturnValuesOnConditionCheckFailure: onFailure,
		}
	}
	return part, err
}

// cancelled says with the port's words why the first failing write of a transaction failed.
func (t *Table) cancelled(ctx context.Context, writes []table.Write, c *types.TransactionCanceledException) error {
	for n, reason := range c.CancellationReasons {
		if n >= len(writes) {
			break
		}
		switch code := aws.ToString(reason.Code); code {
		case "", "None":
			continue
		case "ConditionalCheckFailed":
			return t.refused(ctx, n, writes[n], reason.Item)
		case "TransactionConflict":
			return errBusy
		case "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded":
			return fmt.Errorf("%w: write %d: %s", table.ErrThrottled, n, code)
		case "ValidationError", "ItemCollectionSizeLimitExceeded":
			return fmt.Errorf("%w: write %d: %s", table.ErrInvalid, n, aws.ToString(reason.Message))
		default:
			return fmt.Errorf("dynamo: transact: write %d: %s: %w", n, code, c)
		}
	}
	return fmt.Errorf("dynamo: transact: cancelled without a reason: %w", c)
}

// refused is the error of the write whose condition did not hold for what it met.
func (t *Table) refused(ctx context.Context, n int, w table.Write, met attributes) error {
	current, err := t.live(met)
	if err != nil {
		return err
	}
	if w.Op == table.OpAdd && w.If.Holds(current) {
		return t.cannotAdd(ctx, w.Item.Key, met)
	}
	return &table.Conflict{Index: n, Key: w.Item.Key, Current: current}
}
