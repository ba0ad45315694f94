package prose

import (
	"strconv"
	"strings"

	"github.com/yuin/goldmark/util"
)

// unescape gives the characters that text stands for: those behind backslashes, and those that entities name.
func unescape(b []byte) string {
	var out strings.Builder
	done := 0 // bytes that are written
	for i := 0; i < len(b); {
		switch {
		case b[i] == '\\' && i+1 < len(b) && util.IsPunct(b[i+1]):
			out.Write(b[done:i])
			done = i + 1
			i += 2
			continue
		case b[i] == '&':
			if s, n := entity(b[i:]); n > 0 {
				out.Write(b[done:i])
				out.WriteString(s)
				i += n
				done = i
				continue
			}
		}
		i++
	}
	if done == 0 {
		return oneLine(string(b))
	}
	out.Write(b[done:])
	return oneLine(out.String())
}

// oneLine: line feeds that entities name are white space like those that were typed.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\r\n") {
		return s
	}
	return strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(s)
}

// entity reads a reference to a character at the beginning of b: &amp; &#38; &#x26;. It takes n bytes, none if there is none.
func entity(b []byte) (s string, n int) {
	digits, base, most := 1, 0, 0
	switch {
	case len(b) > 2 && b[1] == '#' && (b[2] == 'x' || b[2] == 'X'):
		digits, base, most = 3, 16, 6
	case len(b) > 1 && b[1] == '#':
		digits, base, most = 2, 10, 7
	}
	end := digits
	for end < len(b) && util.IsAlphaNumeric(b[end]) {
		end++
	}
	if end == digits || end == len(b) || b[end] != ';' {
		return "", 0
	}
	name := string(b[digits:end])
	if base == 0 {
		if e, ok := util.LookUpHTML5EntityByName(name); ok {
			return string(e.Characters), end + 1
		}
		return "", 0
	}
	v, err := strconv.ParseUint(name, base, 32)
	if err != nil || len(name) > most {
		return "", 0
	}
	return string(util.ToValidRune(rune(v))), end + 1
}
