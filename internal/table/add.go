package table

import (
	"encoding/json"
	"math/big"
	"strings"
	"time"
)

// Stored is the item as it stands after a Put with this condition: the next version, a body, whole seconds.
func (i Item) Stored(c Condition) Item {
	i.Version = c.Next(i)
	if len(i.Body) == 0 {
		i.Body = json.RawMessage("{}")
	}
	if !i.Expires.IsZero() {
		i.Expires = time.Unix(i.Expires.Unix(), 0).UTC()
	}
	return i
}

// Added is what Add leaves at key and its size, for an engine that has no such operation; now is the live item or nil.
func Added(now *Item, key Key, fields map[string]int64) (Item, int, error) {
	item, body := Item{Key: key}, map[string]json.RawMessage{}
	if now != nil {
		item = *now
		if err := json.Unmarshal(now.Body, &body); err != nil {
			return Item{}, 0, err
		}
	}
	for name, n := range fields {
		sum, err := addNumber(body[name], n)
		if err != nil {
			return Item{}, 0, err
		}
		body[name] = json.RawMessage(sum)
	}
	var err error
	if item.Body, err = json.Marshal(body); err != nil {
		return Item{}, 0, err
	}
	item.Version++
	size, err := item.Check()
	return item, size, err
}

// addNumber is the exact sum of a JSON number, absent meaning 0, and n.
func addNumber(old json.RawMessage, n int64) (string, error) {
	sum := new(big.Rat)
	if old != nil {
		if old[0] != '-' && (old[0] < '0' || old[0] > '9') {
			return "", invalid("add to a field that is no number")
		}
		if _, ok := sum.SetString(string(old)); !ok {
			return "", invalid("add to a number that cannot be read")
		}
	}
	sum.Add(sum, new(big.Rat).SetInt64(n))
	places, _ := sum.FloatPrec()
	text := sum.FloatString(places)
	_, err := WholePart(text)
	return text, err
}

// WholePart is a decimal number without its fraction; ErrInvalid beyond int64.
func WholePart(number string) (int64, error) {
	whole, _, _ := strings.Cut(number, ".")
	n, ok := new(big.Int).SetString(whole, 10)
	if !ok || !n.IsInt64() {
		return 0, invalid("sum beyond int64")
	}
	return n.Int64(), nil
}

// Sums reads the fields of a body that Add has added to, without the fractions that a number may have had before.
func Sums(body json.RawMessage, fields map[string]int64) (map[string]int64, error) {
	var numbers map[string]json.RawMessage
	if err := json.Unmarshal(body, &numbers); err != nil {
		return nil, err
	}
	sums := make(map[string]int64, len(fields))
	for name := range fields {
		n, err := WholePart(string(numbers[name]))
		if err != nil {
			return nil, err
		}
		sums[name] = n
	}
	return sums, nil
}
