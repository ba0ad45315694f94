package dynamo_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"liaison/internal/table"
)

// These tests play DynamoDB's rarer answers, word for word, because no engine on one machine can be made to give them.

var (
	key   = table.Key{PK: "p", SK: "s"}
	other = table.Key{PK: "p", SK: "other"}
	thing = table.Item{Key: key, Body: json.RawMessage(`{"a":1}`)}
)

// met is the item of a failed condition as JSON: version, write id and more attributes.
func met(version, writeID, more string) string {
	return `,"Item":{"pk":{"S":"p"},"sk":{"S":"s"},"a":{"N":"1"},"ver":{"N":"` + version + `"},"wid":{"S":"` + writeID + `"}` + more + `}`
}

func (w *stage) expects(requests int, err error, want error) {
	w.Helper()
	if len(w.requests()) != requests {
		w.Errorf("%d requests; want %d", len(w.requests()), requests)
	}
	if !errors.Is(err, want) {
		w.Errorf("%v; want %v", err, want)
	}
}

func TestPutMeetsItsOwnWrite(t *testing.T) {
	for name, c := range map[string]table.Condition{"Absent": table.Absent, "VersionIs": table.VersionIs(0)} {
		var mine string
		w := play(t, func(n int, ask request) answer {
			if n == 0 {
				mine, _ = ask.at("Item", "wid", "S").(string)
				return answer{lost: true}
			}
			return refusal("ConditionalCheckFailedException", met("1", mine, ""))
		})
		got, err := w.Put(t.Context(), thing, c)
		w.expects(2, err, nil)
		if mine == "" || got.Version != 1 {
			t.Errorf("%s: write id %q, version %d; want 1", name, mine, got.Version)
		}
	}
}

func TestPutMeetsAnEqualWriteOfAnother(t *testing.T) {
	w := script(t, answer{lost: true}, refusal("ConditionalCheckFailedException", met("1", "anothersword0", "")))
	_, err := w.Put(t.Context(), thing, table.Absent)
	w.expects(2, err, table.ErrConflict)
	var c *table.Conflict
	if !errors.As(err, &c) || c.Current == nil || c.Current.Version != 1 || string(c.Current.Body) != `{"a":1}` {
		t.Errorf("%+v", c)
	}
}

func TestEachPutHasItsWord(t *testing.T) {
	w := script(t, ok(`{}`))
	for range 2 {
		if _, err := w.Put(t.Context(), thing, table.Any); err != nil {
			t.Fatal(err)
		}
	}
	one, two := w.requests()[0].at("Item", "wid", "S"), w.requests()[1].at("Item", "wid", "S")
	if one == two || one == nil {
		t.Errorf("write ids %v and %v", one, two)
	}
}

func TestThrottledAfterALostAnswerPromisesNothing(t *testing.T) {
	throttled := refusal("ThrottlingException", "")
	w := script(t, answer{lost: true}, throttled)
	_, err := w.Put(t.Context(), thing, table.Any)
	w.expects(3, err, err)
	if err == nil || errors.Is(err, table.ErrThrottled) {
		t.Errorf("%v; ErrThrottled would say that nothing was written", err)
	}
	w = script(t, throttled)
	_, err = w.Put(t.Context(), thing, table.Any)
	w.expects(3, err, table.ErrThrottled)
}

func TestAddIsNotRepeatedAfterALostAnswer(t *testing.T) {
	fields := map[string]int64{"n": 1}
	for name, lost := range map[string]answer{"no answer": {lost: true}, "status 500": {status: 500, body: `{"__type":"InternalServerError"}`},
		"half an answer": {status: 200, body: `{"Attrib`}} {
		w := script(t, lost, ok(`{"Attributes":{"n":{"N":"2"},"ver":{"N":"2"}}}`))
		_, err := w.Add(t.Context(), key, fields)
		if err == nil || errors.Is(err, table.ErrThrottled) || len(w.requests()) != 1 {
			t.Errorf("%s: %v after %d requests; want an error after one", name, err, len(w.requests()))
		}
	}
	w := script(t, refusal("ProvisionedThroughputExceededException", ""), ok(`{"Attributes":{"n":{"N":"2"},"ver":{"N":"2"}}}`))
	got, err := w.Add(t.Context(), key, fields)
	w.expects(2, err, nil)
	if got["n"] != 2 {
		t.Errorf("sums %v; want 2", got)
	}
}

// A name like a[0] is a name, not a place in a list.
func TestAddTakesNamesAsTheyAre(t *testing.T) {
	w := script(t, ok(`{"Attributes":{"a[0].b":{"N":"1"}}}`))
	if _, err := w.Add(t.Context(), key, map[string]int64{"a[0].b": 1}); err != nil {
		t.Fatal(err)
	}
	names, _ := w.requests()[0].at("ExpressionAttributeNames").(map[string]any)
	for _, name := range names {
		if name == "a[0].b" {
			return
		}
	}
	t.Errorf("names %v", names)
}

func TestTransactKeepsItsToken(t *testing.T) {
	for name, do := range map[string]func(w *stage) error{
		"Transact": func(w *stage) error { return w.Transact(t.Context(), table.Put(thing, table.Absent)) },
		"Delete":   func(w *stage) error { return w.Delete(t.Context(), key, table.VersionIs(1)) },
	} {
		w := script(t, answer{lost: true}, ok(`{}`))
		err := do(w)
		w.expects(2, err, nil)
		first, second := w.requests()[0].at("ClientRequestToken"), w.requests()[1].at("ClientRequestToken")
		if w.requests()[0].verb != "TransactWriteItems" || first == nil || first != second {
			t.Errorf("%s: %s with tokens %v and %v; want the same", name, w.requests()[0].verb, first, second)
		}
	}
}

func cancelled(reasons string) answer {
	return refusal("TransactionCanceledException", `,"CancellationReasons":[`+reasons+`]`)
}

func TestCancelledTransactions(t *testing.T) {
	none := `{"Code":"None"}`
	for name, c := range map[string]struct {
		reasons  string
		want     error
		requests int
	}{
		"a condition":           {none + `,{"Code":"ConditionalCheckFailed"` + met("7", "w", "") + `}`, table.ErrConflict, 1},
		"another transaction":   {none + `,{"Code":"TransactionConflict"}`, table.ErrThrottled, 8},
		"throttled":             {none + `,{"Code":"ThrottlingError"}`, table.ErrThrottled, 1},
		"a table's limit":       {none + `,{"Code":"ProvisionedThroughputExceeded"}`, table.ErrThrottled, 1},
		"a wrong value":         {none + `,{"Code":"ValidationError"}`, table.ErrInvalid, 1},
		"the first of two":      {`{"Code":"ValidationError"},{"Code":"ConditionalCheckFailed"}`, table.ErrInvalid, 1},
		"more than were asked":  {none + "," + none + `,{"Code":"ConditionalCheckFailed"}`, nil, 1},
		"a reason not yet made": {none + `,{"Code":"MoonPhase"}`, nil, 1},
		"no reason":             {``, nil, 1},
	} {
		w := script(t, cancelled(c.reasons))
		err := w.Transact(t.Context(), table.Check(other, table.Absent), table.Put(thing, table.VersionIs(1)))
		if c.want == nil {
			if err == nil || errors.Is(err, table.ErrConflict) || errors.Is(err, table.ErrThrottled) {
				t.Errorf("%s: %v; want an error of no kind", name, err)
			}
			continue
		}
		if !errors.Is(err, c.want) || len(w.requests()) != c.requests {
			t.Errorf("%s: %v after %d requests; want %v after %d", name, err, len(w.requests()), c.want, c.requests)
		}
		var conflict *table.Conflict
		if errors.As(err, &conflict) && (conflict.Index != 1 || conflict.Key != key || conflict.Current.Version != 7) {
			t.Errorf("%s: %+v", name, conflict)
		}
	}
}

func TestBusyItemsAreTriedAgain(t *testing.T) {
	busy := refusal("TransactionConflictException", "")
	w := script(t, busy, busy, ok(`{}`))
	_, err := w.Put(t.Context(), thing, table.Any)
	w.expects(3, err, nil)
	if len(w.waited) != 2 || w.waited[0] <= 0 || w.waited[0] > time.Second {
		t.Errorf("waited %v", w.waited)
	}
	w = script(t, busy)
	w.waiting = context.DeadlineExceeded
	err = w.Delete(t.Context(), key, table.Any)
	w.expects(1, err, context.DeadlineExceeded)
}

func TestExpiredItemInTheWayOfAdd(t *testing.T) {
	expired := met("3", "w", `,"ttl":{"N":"1000"}`)
	w := script(t, refusal("ConditionalCheckFailedException", expired), ok(`{}`), ok(`{"Attributes":{"n":{"N":"1"}}}`))
	got, err := w.Add(t.Context(), key, map[string]int64{"n": 1})
	w.expects(3, err, nil)
	if got["n"] != 1 || w.requests()[1].verb != "TransactWriteItems" || w.requests()[2].verb != "UpdateItem" {
		t.Errorf("%v by %v", got, w.requests())
	}
}

func TestBatchesAreAskedAgain(t *testing.T) {
	const second = `{"pk":{"S":"p"},"sk":{"S":"other"}}`
	w := script(t,
		ok(`{"Responses":{"things":[{"pk":{"S":"p"},"sk":{"S":"s"},"ver":{"N":"1"}}]},"UnprocessedKeys":{"things":{"Keys":[`+second+`]}}}`),
		ok(`{"Responses":{"things":[{"pk":{"S":"p"},"sk":{"S":"other"},"ver":{"N":"2"}}]}}`))
	got, err := w.BatchGet(t.Context(), []table.Key{other, key})
	w.expects(2, err, nil)
	if len(got) != 2 || got[0].Key != other || len(w.waited) != 1 {
		t.Errorf("%v after %v", got, w.waited)
	}
	left := `{"UnprocessedItems":{"things":[{"PutRequest":{"Item":` + second + `}}]}}`
	w = script(t, ok(left), ok(`{}`))
	err = w.BatchPut(t.Context(), []table.Item{thing, {Key: other}})
	w.expects(2, err, nil)
	if again, _ := w.requests()[1].at("RequestItems", "things").([]any); len(again) != 1 {
		t.Errorf("asked again for %v; want what was left", again)
	}
	w = script(t, ok(left)) // never done
	err = w.BatchPut(t.Context(), []table.Item{thing, {Key: other}})
	w.expects(8, err, table.ErrThrottled)
	w = script(t, ok(left))
	w.waiting = context.Canceled
	err = w.BatchPut(t.Context(), []table.Item{thing, {Key: other}})
	w.expects(1, err, context.Canceled)
}

func TestAnswersOfOtherKinds(t *testing.T) {
	w := script(t, refusal("ValidationException", ""))
	_, err := w.Query(t.Context(), table.Query{PK: "p"})
	w.expects(1, err, table.ErrInvalid)
	w = script(t, refusal("ResourceNotFoundException", ""))
	_, err = w.Get(t.Context(), key)
	if err == nil || errors.Is(err, table.ErrNotFound) || errors.Is(err, table.ErrInvalid) {
		t.Errorf("no such table: %v; want an error of no kind", err)
	}
	w = script(t, ok(`{"Item":{"pk":{"S":"p"},"sk":{"S":"s"},"ver":{"N":"1"},"a":{"SS":["x"]}}}`))
	if _, err := w.Get(t.Context(), key); err == nil {
		t.Error("a set that was never written here was read")
	}
	w = script(t, ok(`{"Item":{"pk":{"S":"p"},"sk":{"S":"s"}}}`))
	if _, err := w.Get(t.Context(), key); err == nil {
		t.Error("an item without a version was read")
	}
}

func TestMeterCountsWhatWasConsumed(t *testing.T) {
	w := script(t,
		ok(`{"ConsumedCapacity":{"TableName":"things","CapacityUnits":3.0}}`),
		ok(`{"ConsumedCapacity":[{"TableName":"things","CapacityUnits":4.0}]}`),
		ok(`{"Items":[],"ConsumedCapacity":{"TableName":"things","CapacityUnits":0.5}}`))
	_, err1 := w.Put(t.Context(), thing, table.Any)
	err2 := w.Transact(t.Context(), table.Put(thing, table.Any))
	_, err3 := w.Query(t.Context(), table.Query{Index: 1, PK: "p"})
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	if got := w.Units(); got != (table.Units{Read: 0.5, Write: 7}) {
		t.Errorf("%+v", got)
	}
	for _, ask := range w.requests() {
		if ask.at("ReturnConsumedCapacity") != "TOTAL" {
			t.Errorf("%s does not ask what it used", ask.verb)
		}
	}
}
