package table

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"
)

// overhead is what an item weighs beside its body: names and values of the attributes that the engines keep.
func (i Item) overhead() int {
	const version, writeID, expiry = 3 + 6, 3 + 13, 3 + 6
	n := len("pk") + len(i.PK) + len("sk") + len(i.SK) + version + writeID
	if !i.Expires.IsZero() {
		n += expiry
	}
	for _, k := range []Key{i.Index1, i.Index2} {
		if !k.IsZero() {
			n += len("pk1") + len(k.PK) + len("sk1") + len(k.SK)
		}
	}
	return n
}

func checkName(name string) error {
	if name == "" {
		return invalid("empty name")
	}
	if slices.Contains(Reserved, name) {
		return invalid("name %q is reserved", name)
	}
	return nil
}

// bodySize checks that body is a JSON object which DynamoDB could hold and weighs it by DynamoDB's rules: names
// and strings by their UTF-8 bytes, a number by half its digits, one byte for true, false and null, and for each
// list or object three bytes and one more for every member. An empty body weighs nothing and means {}.
func bodySize(body json.RawMessage) (int, error) {
	if len(body) == 0 {
		return 0, nil
	}
	if !json.Valid(body) || !utf8.Valid(body) {
		return 0, invalid("body is not JSON in UTF-8")
	}
	w := weigher{b: body}
	w.space()
	if w.b[w.i] != '{' {
		return 0, invalid("body is not a JSON object")
	}
	n, err := w.value(0)
	return n - 3, err
}

// weigher walks valid JSON once and allocates nothing: it runs before every write.
type weigher struct {
	b []byte
	i int
}

func (w *weigher) space() {
	for w.i < len(w.b) && w.b[w.i] <= ' ' {
		w.i++
	}
}

func (w *weigher) value(depth int) (int, error) {
	w.space()
	switch w.b[w.i] {
	case '{', '[':
		if depth > MaxDepth {
			return 0, invalid("body nests deeper than %d", MaxDepth)
		}
		return w.members(depth)
	case '"':
		n, _ := w.str()
		return n, nil
	case 't', 'n':
		w.i += len("true")
		return 1, nil
	case 'f':
		w.i += len("false")
		return 1, nil
	}
	return w.number()
}

// members weighs a list or an object.
func (w *weigher) members(depth int) (int, error) {
	object := w.b[w.i] == '{'
	total := 3
	for {
		w.i++ // the opening sign or a comma
		w.space()
		if c := w.b[w.i]; c == '}' || c == ']' {
			w.i++
			return total, nil
		}
		if object {
			n, raw := w.str()
			if err := checkRawName(raw, depth == 0); err != nil {
				return 0, err
			}
			total += n
			w.space()
			w.i++ // the colon
		}
		n, err := w.value(depth + 1)
		if err != nil {
			return 0, err
		}
		total += n
		if depth > 0 {
			total++
		}
		w.space()
		if c := w.b[w.i]; c == '}' || c == ']' {
			w.i++
			return total, nil
		}
	}
}

// checkRawName checks a name as it stands in the JSON, quotes included.
func checkRawName(raw []byte, top bool) error {
	if len(raw) == 2 {
		return invalid("empty name")
	}
	if !top {
		return nil
	}
	// No reserved name is longer; an escape makes any name longer, six bytes for one.
	if len(raw) > 2+6*3 {
		return nil
	}
	var name string
	if err := json.Unmarshal(raw, &name); err != nil {
		return invalid("name is not JSON")
	}
	return checkName(name)
}

// str passes over a string and returns its UTF-8 length and how it stands in the JSON.
func (w *weigher) str() (size int, raw []byte) {
	start := w.i
	w.i++
	for w.b[w.i] != '"' {
		if w.b[w.i] != '\\' {
			w.i++
			size++
			continue
		}
		if w.b[w.i+1] != 'u' {
			w.i += 2
			size++
			continue
		}
		size += escapedLen(w.b[w.i+2 : w.i+6])
		w.i += 6
	}
	w.i++
	return size, w.b[start:w.i]
}

// escapedLen is the UTF-8 length of a \u escape; each half of a surrogate pair counts two of the pair's four.
func escapedLen(hex []byte) int {
	r, _ := strconv.ParseUint(string(hex), 16, 16)
	switch {
	case r < 0x80:
		return 1
	case r < 0x800, r >= 0xD800 && r < 0xE000:
		return 2
	}
	return 3
}

// number weighs a number and refuses one that DynamoDB would round or refuse: more than 38 significant digits, or
// a magnitude outside 1e-130 … 9.9e125.
func (w *weigher) number() (int, error) {
	start := w.i
	for w.i < len(w.b) && isNumberByte(w.b[w.i]) {
		w.i++
	}
	digits, ok := measureNumber(w.b[start:w.i])
	if !ok {
		return 0, invalid("number beyond 38 digits or outside 1e-130 to 9.9e125")
	}
	return digits/2 + 2, nil
}

func isNumberByte(c byte) bool {
	return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}

// measureNumber counts the significant digits of a JSON number and tells whether DynamoDB keeps it exactly.
func measureNumber(lit []byte) (digits int, ok bool) {
	exponent := 0
	if e := bytes.IndexAny(lit, "eE"); e >= 0 {
		const far = 1 << 20 // beyond every number that can be kept
		n, err := strconv.Atoi(string(lit[e+1:]))
		if err != nil || n > far || n < -far {
			n = far
		}
		exponent, lit = n, lit[:e]
	}
	whole, fraction, _ := bytes.Cut(bytes.TrimPrefix(lit, []byte("-")), []byte("."))
	whole, fraction = bytes.TrimLeft(whole, "0"), bytes.TrimRight(fraction, "0")
	digits = len(whole) + len(fraction)
	magnitude := exponent + len(whole) - 1 // power of ten of the first significant digit
	switch {
	case digits == 0:
		return 1, exponent >= -130 && exponent <= 125
	case len(whole) == 0:
		digits = len(bytes.TrimLeft(fraction, "0"))
		magnitude -= len(fraction) - digits
	case len(fraction) == 0:
		digits = len(bytes.TrimRight(whole, "0"))
	}
	return digits, digits <= 38 && magnitude >= -130 && magnitude <= 125
}
