package table

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

// The weights are those of DynamoDB's developer guide, "Item sizes and formats".
func TestBodySize(t *testing.T) {
	for body, want := range map[string]int{
		``:                           0,
		`{}`:                         0,
		` { } `:                      0,
		`{"name":"Ana"}`:             4 + 3,
		`{"имя":"Ана"}`:              6 + 6,
		`{"a":"\u0041\u0436\u4e2d"}`: 1 + 1 + 2 + 3,
		`{"a":"\ud83d\udc4d\n\"\/"}`: 1 + 4 + 3,
		`{"a":true,"b":false}`:       4,
		`{"a":null}`:                 2,
		`{"a":0}`:                    1 + 2,
		`{"a":12}`:                   1 + 3,
		`{"a":-12.50}`:               1 + 3,
		`{"a":1e100}`:                1 + 2,
		`{"a":[]}`:                   1 + 3,
		`{"a":["x","yz"]}`:           1 + 3 + 2 + 3,
		`{"a":{"b":"c"}}`:            1 + 3 + 1 + 2,
		`{"a":[[],{}]}`:              1 + 3 + 2*(1+3),
	} {
		if got, err := bodySize(json.RawMessage(body)); err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", body, got, err, want)
		}
	}
}

func TestCheckWeighsKeysToo(t *testing.T) {
	plain := Item{Key: Key{"p", "s"}}
	size, err := plain.Check()
	if err != nil {
		t.Fatal(err)
	}
	indexed := plain
	indexed.Index2 = Key{"four", "four"}
	indexed.Expires = time.Unix(1, 0)
	if more, err := indexed.Check(); err != nil || more != size+2*(3+4)+9 {
		t.Errorf("%d, %v; want %d", more, err, size+2*(3+4)+9)
	}
	full := plain
	full.Body = json.RawMessage(`{"a":"` + strings.Repeat("x", MaxItemBytes-size-1) + `"}`)
	if got, err := full.Check(); err != nil || got != MaxItemBytes {
		t.Errorf("%d, %v; want %d", got, err, MaxItemBytes)
	}
	full.Body = json.RawMessage(`{"a":"` + strings.Repeat("x", MaxItemBytes-size) + `"}`)
	if _, err := full.Check(); !errors.Is(err, ErrInvalid) {
		t.Errorf("%v; want ErrInvalid", err)
	}
}

// FuzzBody feeds any bytes: what passes is a JSON object that decodes, with no reserved name, and whose weight does not
// depend on blanks.
func FuzzBody(f *testing.F) {
	for _, body := range []string{`{}`, `{"a":[1,-2.5e-7,"x",null,true,false,{"b":[]}]}`, `{"\u0070k":1}`, `{"a":"\ud83d"}`,
		`{"a":1e999999999999}`, `[`, `{"a":"\\u00"}`, ` { "a" : [ 1 , 2 ] } `, `{"":1}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		size, err := bodySize(body)
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Fatalf("%v; want ErrInvalid", err)
			}
			return
		}
		if len(body) == 0 {
			return
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(body, &object); err != nil {
			t.Fatalf("passed, but: %v", err)
		}
		for _, name := range Reserved {
			if _, ok := object[name]; ok {
				t.Fatalf("the reserved name %q passed", name)
			}
		}
		var compact, indented bytes.Buffer
		if err := errors.Join(json.Compact(&compact, body), json.Indent(&indented, body, " ", "\t")); err != nil {
			t.Fatal(err)
		}
		for _, same := range [][]byte{compact.Bytes(), indented.Bytes()} {
			if got, err := bodySize(same); err != nil || got != size {
				t.Fatalf("%s: %d, %v; want %d", same, got, err, size)
			}
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	i := NewItem(Key{"p", "s"}, map[string]any{"recipients": strings.Split(strings.Repeat("someone@example.org ", 90), " ")})
	b.SetBytes(int64(len(i.Body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := i.Check(); err != nil {
			b.Fatal(err)
		}
	}
}
