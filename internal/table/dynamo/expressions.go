package dynamo

import (
	"fmt"
	"math"
	"math/big"
	"slices"

	"liaison/internal/table"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
)

// notExpired holds for a live item and where there is none.
func (t *Table) notExpired() expression.ConditionBuilder {
	ttl := expression.Name(attrExpiry)
	return expression.Or(ttl.AttributeNotExists(), ttl.GreaterThan(expression.Value(t.now().Unix())))
}

// condition is c for DynamoDB; there is none for Any.
func (t *Table) condition(c table.Condition) (expression.ConditionBuilder, bool) {
	pk := expression.Name(attrPK)
	if n, ok := c.Expects(); ok {
		return expression.And(expression.Name(attrVersion).Equal(expression.Value(n)), t.notExpired()), true
	}
	switch {
	case c.IsAbsent():
		passed := expression.Name(attrExpiry).LessThanEqual(expression.Value(t.now().Unix()))
		return expression.Or(pk.AttributeNotExists(), passed), true
	case c.IsPresent():
		return expression.And(pk.AttributeExists(), t.notExpired()), true
	}
	return expression.ConditionBuilder{}, false
}

// expressions is c as the fields of a request; they are nil for Any.
func (t *Table) expressions(c table.Condition) (expression.Expression, error) {
	condition, some := t.condition(c)
	if !some {
		return expression.Expression{}, nil
	}
	e, err := expression.NewBuilder().WithCondition(condition).Build()
	if err != nil {
		return e, fmt.Errorf("dynamo: condition: %w", err)
	}
	return e, nil
}

// addition is an Add as the fields of a request. It holds only where the item has not expired, each field is absent or
// a number, and no sum leaves int64.
func (t *Table) addition(c table.Condition, fields map[string]int64) (e expression.Expression, names map[string]string, err error) {
	// The builder would take a name like "a[0]" for a place in a list, so it gets names without meaning.
	real := map[string]string{}
	update := expression.Add(expression.Name(attrVersion), expression.Value(1))
	condition := t.notExpired()
	if given, some := t.condition(c); some {
		condition = condition.And(given)
	}
	for n, field := range sortedNames(fields) {
		stand := fmt.Sprintf("field%d", n)
		real[stand] = field
		name := expression.Name(stand)
		update = update.Add(name, expression.Value(fields[field]))
		least, most := minus(math.MinInt64, min(fields[field], 0)), minus(math.MaxInt64, max(fields[field], 0))
		condition = condition.And(expression.Or(name.AttributeNotExists(), name.Between(least, most)))
	}
	e, err = expression.NewBuilder().WithUpdate(update).WithCondition(condition).Build()
	if err != nil {
		return e, nil, fmt.Errorf("dynamo: add: %w", err)
	}
	names = e.Names()
	for sign, name := range names {
		if field, ok := real[name]; ok {
			names[sign] = field
		}
	}
	return e, names, nil
}

// minus is limit-n, which need not fit int64.
func minus(limit, n int64) expression.ValueBuilder {
	d := new(big.Int).Sub(big.NewInt(limit), big.NewInt(n))
	return expression.Value(attributevalue.Number(d.String()))
}

func sortedNames(fields map[string]int64) []string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// query is the key condition and the filter of q.
func (t *Table) query(q table.Query) (expression.Expression, error) {
	pk, sk := keyNames(q.Index)
	key := expression.Key(pk).Equal(expression.Value(q.PK))
	sort := expression.Key(sk)
	switch {
	case q.Prefix != "":
		key = key.And(sort.BeginsWith(q.Prefix))
	case q.From != "" && q.To != "":
		key = key.And(sort.Between(expression.Value(q.From), expression.Value(q.To)))
	case q.From != "":
		key = key.And(sort.GreaterThanEqual(expression.Value(q.From)))
	case q.To != "":
		key = key.And(sort.LessThanEqual(expression.Value(q.To)))
	}
	e, err := expression.NewBuilder().WithKeyCondition(key).WithFilter(t.notExpired()).Build()
	if err != nil {
		return e, fmt.Errorf("dynamo: query: %w", err)
	}
	return e, nil
}

// keyNames are the attributes of an index's key, 0 being the primary one.
func keyNames(index int) (pk, sk string) {
	switch index {
	case 1:
		return attrPK1, attrSK1
	case 2:
		return attrPK2, attrSK2
	}
	return attrPK, attrSK
}
