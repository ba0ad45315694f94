package table

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// The checks below are the one place where a request is held against the limits of the port. Every engine calls
// them before it does anything, so that what SQLite accepts on a laptop DynamoDB accepts in production.

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

// Check refuses a key that no engine can store: empty, too long or not UTF-8.
func (k Key) Check() error {
	switch {
	case k.PK == "" || k.SK == "":
		return invalid("empty key")
	case len(k.PK) > MaxPartitionKey:
		return invalid("partition key of %d bytes, at most %d", len(k.PK), MaxPartitionKey)
	case len(k.SK) > MaxSortKey:
		return invalid("sort key of %d bytes, at most %d", len(k.SK), MaxSortKey)
	case !utf8.ValidString(k.PK) || !utf8.ValidString(k.SK):
		return invalid("key is not UTF-8")
	}
	return nil
}

// Check refuses an item that no engine can store and returns its size in bytes, counted as DynamoDB does.
func (i Item) Check() (size int, err error) {
	if err := i.Key.Check(); err != nil {
		return 0, err
	}
	for n, k := range []Key{i.Index1, i.Index2} {
		if k.IsZero() {
			continue
		}
		if err := k.Check(); err != nil {
			return 0, fmt.Errorf("index %d: %w", n+1, err)
		}
	}
	if !i.Expires.IsZero() && i.Expires.Unix() <= 0 {
		return 0, invalid("expiry before 1970")
	}
	if i.Version < 0 || i.Version == math.MaxInt64 {
		return 0, invalid("version %d", i.Version)
	}
	body, err := bodySize(i.Body)
	if err != nil {
		return 0, err
	}
	size = body + i.overhead()
	if size > MaxItemBytes {
		return 0, invalid("item of %d bytes, at most %d", size, MaxItemBytes)
	}
	return size, nil
}

// CheckAdd refuses what Add cannot do: no field, or a name that is empty or reserved.
func CheckAdd(fields map[string]int64) error {
	if len(fields) == 0 {
		return invalid("add: no field")
	}
	for name := range fields {
		if err := checkName(name); err != nil {
			return fmt.Errorf("add: %w", err)
		}
	}
	return nil
}

// CheckWrites refuses a transaction that no engine can do as one, and returns the size of each item that is put.
func CheckWrites(writes []Write) (sizes []int, err error) {
	if len(writes) > MaxTransactOps {
		return nil, invalid("transaction of %d writes, at most %d", len(writes), MaxTransactOps)
	}
	sizes = make([]int, len(writes))
	seen := make(map[Key]bool, len(writes))
	total := 0
	for n, w := range writes {
		if sizes[n], err = w.check(); err != nil {
			return nil, fmt.Errorf("write %d: %w", n, err)
		}
		if seen[w.Item.Key] {
			return nil, invalid("write %d: the key stands twice in one transaction", n)
		}
		seen[w.Item.Key] = true
		total += sizes[n]
	}
	if total > MaxTransactSize {
		return nil, invalid("transaction of %d bytes, at most %d", total, MaxTransactSize)
	}
	return sizes, nil
}

// CheckBatch refuses a batch with an item that no engine can store. Of several items with one key the last stays, as
// if they had been put one after another; sizes belong to the items returned.
func CheckBatch(items []Item) (unique []Item, sizes []int, err error) {
	unique, sizes = make([]Item, 0, len(items)), make([]int, 0, len(items))
	at := make(map[Key]int, len(items))
	for n, i := range items {
		size, err := i.Check()
		if err != nil {
			return nil, nil, fmt.Errorf("item %d: %w", n, err)
		}
		if had, ok := at[i.Key]; ok {
			unique[had], sizes[had] = i, size
			continue
		}
		at[i.Key] = len(unique)
		unique, sizes = append(unique, i), append(sizes, size)
	}
	return unique, sizes, nil
}

func (w Write) check() (int, error) {
	switch w.Op {
	case OpPut:
		return w.Item.Check()
	case OpDelete:
		return 0, w.Item.Key.Check()
	case OpCheck:
		if w.If.IsAny() {
			return 0, invalid("check without a condition")
		}
		return 0, w.Item.Key.Check()
	case OpAdd:
		if err := CheckAdd(w.Add); err != nil {
			return 0, err
		}
		return 0, w.Item.Key.Check()
	}
	return 0, invalid("unknown operation %d", w.Op)
}

// Check refuses a query that no engine can answer, fills in the default limit and reads the cursor: from is nil on
// the first page.
func (q Query) Check() (checked Query, from *Position, err error) {
	if q.Index < 0 || q.Index > 2 {
		return q, nil, invalid("no index %d", q.Index)
	}
	if err := (Key{q.PK, "-"}).Check(); err != nil {
		return q, nil, err
	}
	for _, s := range []string{q.Prefix, q.From, q.To} {
		if len(s) > MaxSortKey || !utf8.ValidString(s) {
			return q, nil, invalid("bound is too long or not UTF-8")
		}
	}
	if q.Prefix != "" && (q.From != "" || q.To != "") {
		return q, nil, invalid("a prefix excludes from and to")
	}
	switch {
	case q.Limit < 0 || q.Limit > MaxPage:
		return q, nil, invalid("limit %d, at most %d", q.Limit, MaxPage)
	case q.Limit == 0:
		q.Limit = DefaultPage
	}
	if q.Cursor != "" {
		if from, err = q.position(); err != nil {
			return q, nil, err
		}
	}
	return q, from, nil
}

// Covers tells whether the sort key lies within the query's bounds.
func (q Query) Covers(sk string) bool {
	return strings.HasPrefix(sk, q.Prefix) && sk >= q.From && (q.To == "" || sk <= q.To)
}

// IsEmpty tells that no sort key can lie within the bounds, so the answer needs no engine.
func (q Query) IsEmpty() bool { return q.To != "" && q.From > q.To }

// Next is the version that a Put of the item under this condition stores.
func (c Condition) Next(item Item) int64 {
	switch c.kind {
	case condAbsent:
		return 1
	case condVersion:
		return c.version + 1
	}
	return item.Version + 1
}
