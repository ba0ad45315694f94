// Package table is the storage port: the little that Liaison asks of a database, chosen so that DynamoDB
// answers every verb with one request and SQLite can do the same on one machine.
//
// A table is a set of items. An item has a primary key (PK, SK), up to two secondary keys, a version for
// optimistic locking, an optional expiry and a body, which is a JSON object. Reads by primary key are strongly
// consistent; queries of a secondary index may lag behind writes. There is no scan.
//
// What may enter: verbs and errors that both engines can keep with the same words. The conformance suite in
// table/tabletest is the definition of this package; engines live in table/dynamo and table/sqlite.
package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Limits that hold for every engine; they are DynamoDB's.
const (
	MaxItemBytes    = 400 * 1024 // keys and body together
	MaxTransactOps  = 100        // writes in one Transact
	MaxPartitionKey = 2048       // bytes
	MaxSortKey      = 1024       // bytes
	MaxTransactSize = 4 << 20    // bytes of all items that one Transact puts
	MaxDepth        = 31         // lists and objects within each other in a body
	MaxPage         = 1000       // items in a page
	DefaultPage     = 100        // items in a page when the query names no limit
)

var (
	ErrNotFound = errors.New("table: no such item")
	// ErrConflict: a condition did not hold. errors.As to *Conflict tells which write and what stands there now.
	ErrConflict = errors.New("table: condition does not hold")
	// ErrInvalid: the request itself is wrong (empty key, too large, a body that is no JSON object, a bad cursor).
	ErrInvalid = errors.New("table: invalid request")
	// ErrThrottled: the engine asks for patience and nothing was written; the caller may try again.
	ErrThrottled = errors.New("table: throttled")
)

// Key is a primary or secondary key. A secondary key that is zero leaves the item out of that index.
type Key struct{ PK, SK string }

func (k Key) IsZero() bool   { return k == Key{} }
func (k Key) String() string { return k.PK + " / " + k.SK }

// Item is one stored thing. Body's top-level names may not be one of Reserved.
type Item struct {
	Key
	Index1, Index2 Key
	// Version is set by the engine: 1 after a Put that expects absence, n+1 after one that expects n.
	Version int64
	// Expires, when set, hides the item from every read from that second on; the engine deletes it later.
	// Fractions of a second are cut off.
	Expires time.Time
	// Body is a JSON object; empty means {}. Engines may change the order of names and the spelling of a number
	// (1e2 and 100), never its value: numbers have up to 38 digits.
	Body json.RawMessage
}

// Reserved are the attribute names that the engines keep beside the body's own; wid, the write id, is how an
// engine tells its own repeated write from somebody else's.
var Reserved = []string{"pk", "sk", "pk1", "sk1", "pk2", "sk2", "ver", "ttl", "wid"}

// NewItem encodes body as the item's JSON body; a body that cannot be encoded is a programming error and panics.
func NewItem(key Key, body any) Item {
	b, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("table: encode body of %v: %v", key, err))
	}
	return Item{Key: key, Body: b}
}

// discreet is the key for an error's text, which may end up in a log: where it holds an address, only its kind is left.
func (k Key) discreet() Key {
	if kind, _, ok := strings.Cut(k.PK, "#"); ok && strings.Contains(k.PK, "@") {
		k.PK = kind + "#…"
	}
	return k
}

// Decode reads the body into v.
func (i Item) Decode(v any) error {
	if err := json.Unmarshal(i.Body, v); err != nil {
		return fmt.Errorf("table: decode %v: %w", i.Key.discreet(), err)
	}
	return nil
}

// Condition says what must stand at a key for a write to happen.
type Condition struct {
	kind    int
	version int64
}

const (
	condAny = iota
	condAbsent
	condVersion
	condPresent
)

var (
	// Any writes whatever stands there. A Put with Any stores version Item.Version+1: use it only for items that nobody locks.
	Any = Condition{}
	// Absent writes only where no live item stands; an expired one counts as absent.
	Absent = Condition{kind: condAbsent}
	// Present writes only over a live item.
	Present = Condition{kind: condPresent}
)

// VersionIs writes only over a live item of exactly that version.
func VersionIs(n int64) Condition { return Condition{kind: condVersion, version: n} }

func (c Condition) IsAny() bool            { return c.kind == condAny }
func (c Condition) IsAbsent() bool         { return c.kind == condAbsent }
func (c Condition) IsPresent() bool        { return c.kind == condPresent }
func (c Condition) Expects() (int64, bool) { return c.version, c.kind == condVersion }

// Holds tells whether the condition holds for what stands at the key now (nil: nothing).
func (c Condition) Holds(now *Item) bool {
	switch c.kind {
	case condAbsent:
		return now == nil
	case condPresent:
		return now != nil
	case condVersion:
		return now != nil && now.Version == c.version
	}
	return true
}

// Conflict is the ErrConflict that names the write and carries what stands there.
type Conflict struct {
	Index   int // position in Transact, 0 otherwise
	Key     Key
	Current *Item // nil: nothing stands there
}

func (c *Conflict) Error() string {
	return fmt.Sprintf("table: condition does not hold for write %d at %v", c.Index, c.Key)
}
func (c *Conflict) Is(target error) bool { return target == ErrConflict }

// Query reads items of one partition in the order of their sort keys (bytewise).
type Query struct {
	Index    int    // 0 the primary key, 1 or 2 a secondary one
	PK       string // the partition
	Prefix   string // sort keys that begin so; excludes From and To
	From, To string // inclusive bounds; empty is open
	Limit    int    // items in a page; 0 means 100, at most 1,000
	Cursor   string // from the page before; opaque, valid for the same query only
	Reverse  bool
}

// Page is one answer. A Cursor means there may be more; a page may be short, even empty, and still have one.
type Page struct {
	Items  []Item
	Cursor string
}

// Write is one part of a transaction.
type Write struct {
	Op   Op
	Item Item // for Put; Item.Key for the others
	If   Condition
	Add  map[string]int64 // for OpAdd
}

type Op int

const (
	OpPut Op = iota
	OpDelete
	OpCheck // only the condition
	OpAdd   // like Table.Add
)

func Put(i Item, c Condition) Write   { return Write{Op: OpPut, Item: i, If: c} }
func Delete(k Key, c Condition) Write { return Write{Op: OpDelete, Item: Item{Key: k}, If: c} }
func Check(k Key, c Condition) Write  { return Write{Op: OpCheck, Item: Item{Key: k}, If: c} }
func AddTo(k Key, fields map[string]int64) Write {
	return Write{Op: OpAdd, Item: Item{Key: k}, Add: fields}
}

// Table is one table. All methods may be called concurrently and honour ctx.
type Table interface {
	// Get returns ErrNotFound where no live item stands.
	Get(ctx context.Context, key Key) (Item, error)
	// BatchGet returns the live items among keys, in the order of keys; any number of keys, duplicates allowed.
	BatchGet(ctx context.Context, keys []Key) ([]Item, error)
	// Put stores the item and returns it with its new version; *Conflict when the condition does not hold.
	Put(ctx context.Context, item Item, c Condition) (Item, error)
	// Delete with Any is silent about an absent item.
	Delete(ctx context.Context, key Key, c Condition) error
	Query(ctx context.Context, q Query) (Page, error)
	// Transact does all writes or none; at most MaxTransactOps, no key twice. *Conflict names the first that failed.
	// ErrThrottled when another transaction holds one of the items at this moment.
	Transact(ctx context.Context, writes ...Write) error
	// BatchPut stores any number of items with condition Any, not atomically: after an error some may be stored.
	BatchPut(ctx context.Context, items []Item) error
	// Add adds to top-level numbers of the body, atomically, making item and fields as needed, and counts the version
	// up by one; everything else in the item stays. It returns the numbers after. A field that is no number, or a sum
	// beyond int64, is ErrInvalid and nothing is added. An error of the network may leave it unknown whether the sum
	// was made: Add is never repeated by itself.
	Add(ctx context.Context, key Key, fields map[string]int64) (map[string]int64, error)
}

// Units are request units as DynamoDB bills them on demand: 4 KB a read (half when eventually consistent), 1 KB a write.
type Units struct{ Read, Write float64 }

// Metered is a Table that counts the units it used since it was opened.
type Metered interface{ Units() Units }

// All reads every page of a query and calls f for each item; f's error ends it.
func All(ctx context.Context, t Table, q Query, f func(Item) error) error {
	for {
		page, err := t.Query(ctx, q)
		if err != nil {
			return err
		}
		for _, it := range page.Items {
			if err := f(it); err != nil {
				return err
			}
		}
		if page.Cursor == "" {
			return nil
		}
		q.Cursor = page.Cursor
	}
}
