package tabletest

import (
	"bytes"
	"encoding/json"
	"math/big"
	"testing"
)

// value spells JSON so that equal values compare equal: names in order, numbers as exact fractions.
func value(t *testing.T, body json.RawMessage) string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("body %.100s: %v", body, err)
	}
	spelled, err := json.Marshal(exact(t, v))
	if err != nil {
		t.Fatal(err)
	}
	return string(spelled)
}

func exact(t *testing.T, v any) any {
	t.Helper()
	switch v := v.(type) {
	case json.Number:
		r, ok := new(big.Rat).SetString(v.String())
		if !ok {
			t.Fatalf("number %q", v)
		}
		return json.RawMessage(`{"number":"` + r.RatString() + `"}`)
	case []any:
		for i := range v {
			v[i] = exact(t, v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = exact(t, v[k])
		}
	}
	return v
}
