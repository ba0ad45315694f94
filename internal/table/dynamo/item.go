package dynamo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"liaison/internal/table"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type attributes = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func keyAttributes(k table.Key) attributes { return attributes{attrPK: text(k.PK), attrSK: text(k.SK)} }

// encode is the item, with its version already counted up, as attributes. Numbers go over as they are spelled.
func encode(i table.Item, writeID string) (attributes, error) {
	d := json.NewDecoder(bytes.NewReader(i.Body))
	d.UseNumber()
	var body map[string]any
	if err := d.Decode(&body); err != nil {
		return nil, fmt.Errorf("%w: body: %w", table.ErrInvalid, err)
	}
	a, err := attributevalue.MarshalMap(body)
	if err != nil {
		return nil, fmt.Errorf("%w: body: %w", table.ErrInvalid, err)
	}
	a[attrPK], a[attrSK] = text(i.PK), text(i.SK)
	a[attrVersion], a[attrWriteID] = number(i.Version), text(writeID)
	if !i.Index1.IsZero() {
		a[attrPK1], a[attrSK1] = text(i.Index1.PK), text(i.Index1.SK)
	}
	if !i.Index2.IsZero() {
		a[attrPK2], a[attrSK2] = text(i.Index2.PK), text(i.Index2.SK)
	}
	if !i.Expires.IsZero() {
		a[attrExpiry] = number(i.Expires.Unix())
	}
	return a, nil
}

// decode is the item in the attributes, expired or not.
func decode(a attributes) (i table.Item, err error) {
	i.Key = keyIn(a, attrPK, attrSK)
	i.Index1, i.Index2 = keyIn(a, attrPK1, attrSK1), keyIn(a, attrPK2, attrSK2)
	if i.Version, err = integer(a[attrVersion]); err != nil {
		return i, fmt.Errorf("dynamo: version: %w", err)
	}
	if v, ok := a[attrExpiry]; ok {
		seconds, err := integer(v)
		if err != nil {
			return i, fmt.Errorf("dynamo: expiry: %w", err)
		}
		i.Expires = time.Unix(seconds, 0).UTC()
	}
	body := make(map[string]any, len(a))
	for name, v := range a {
		body[name] = plain(v)
	}
	for _, name := range table.Reserved {
		delete(body, name)
	}
	if i.Body, err = json.Marshal(body); err != nil {
		return i, fmt.Errorf("dynamo: body: %w", err)
	}
	return i, nil
}

func keyIn(a attributes, pk, sk string) table.Key {
	return table.Key{PK: textIn(a[pk]), SK: textIn(a[sk])}
}

func textIn(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func integer(v types.AttributeValue) (int64, error) {
	n, ok := v.(*types.AttributeValueMemberN)
	if !ok {
		return 0, fmt.Errorf("%T is no number", v)
	}
	return strconv.ParseInt(n.Value, 10, 64)
}

// plain is the value as encoding/json takes it, numbers as they are spelled. Sets and bytes, which this engine never
// writes, become an error of json.Marshal.
func plain(v types.AttributeValue) any {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return json.Number(v.Value)
	case *types.AttributeValueMemberBOOL:
		return v.Value
	case *types.AttributeValueMemberNULL:
		return nil
	case *types.AttributeValueMemberL:
		list := make([]any, len(v.Value))
		for n := range v.Value {
			list[n] = plain(v.Value[n])
		}
		return list
	case *types.AttributeValueMemberM:
		object := make(map[string]any, len(v.Value))
		for name := range v.Value {
			object[name] = plain(v.Value[name])
		}
		return object
	}
	return unknown{v}
}

type unknown struct{ value types.AttributeValue }

func (u unknown) MarshalJSON() ([]byte, error) {
	return nil, fmt.Errorf("attribute of type %T", u.value)
}

// live is the item in the attributes, or nil when there is none or it has expired.
func (t *Table) live(a attributes) (*table.Item, error) {
	if len(a) == 0 {
		return nil, nil
	}
	i, err := decode(a)
	if err != nil || t.expired(i) {
		return nil, err
	}
	return &i, nil
}

func (t *Table) expired(i table.Item) bool {
	return !i.Expires.IsZero() && i.Expires.Unix() <= t.now().Unix()
}

// lives appends the live items among list to items.
func (t *Table) lives(items []table.Item, list []attributes) ([]table.Item, error) {
	for _, a := range list {
		i, err := t.live(a)
		if err != nil {
			return nil, err
		}
		if i != nil {
			items = append(items, *i)
		}
	}
	return items, nil
}
