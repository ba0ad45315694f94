package list

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// separators in the order in which they are believed when the header does not decide, as with a single column.
var separators = []rune{'\t', ';', ','}

// texts are the ways in which a text file can be read: each plausible encoding with each separator.
func texts(data []byte) ([]source, error) {
	decoded, err := decode(data)
	if err != nil {
		return nil, err
	}
	var out []source
	for _, text := range decoded {
		text, first := cutSep(text)
		for _, comma := range separators {
			out = append(out, separated(text, comma, first))
		}
	}
	return out, nil
}

// decode turns the bytes into UTF-8, in every encoding that they may have: UTF-8, UTF-16, else Windows-1252 or Windows-1251,
// the likelier first.
func decode(data []byte) ([]string, error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xEF, 0xBB, 0xBF}):
		data = data[3:]
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		return utf16(data, unicode.LittleEndian)
	}
	if little, big := zeros(data); little || big {
		endian := unicode.LittleEndian
		if big {
			endian = unicode.BigEndian
		}
		return utf16(data, endian)
	}
	if bytes.ContainsAny(data, "\x00\x01\x02\x03\x04\x05\x06\x07\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19") || bytes.HasPrefix(data, []byte("%PDF")) || bytes.HasPrefix(data, []byte("{\\rtf")) {
		return nil, &Error{Err: ErrType, Key: "list.error.type"}
	}
	if utf8.Valid(data) {
		return []string{string(data)}, nil
	}
	pages := []*charmap.Charmap{charmap.Windows1252, charmap.Windows1251}
	if cyrillic(data) {
		pages[0], pages[1] = pages[1], pages[0]
	}
	var out []string
	for _, p := range pages {
		text, err := p.NewDecoder().Bytes(data)
		if err != nil {
			return nil, &Error{Err: ErrType, Key: "list.error.type"}
		}
		out = append(out, string(text))
	}
	return out, nil
}

func utf16(data []byte, endian unicode.Endianness) ([]string, error) {
	text, err := unicode.UTF16(endian, unicode.UseBOM).NewDecoder().Bytes(data)
	if err != nil || bytes.ContainsRune(text, 0) {
		return nil, &Error{Err: ErrType, Key: "list.error.type"}
	}
	return []string{string(text)}, nil
}

// zeros tells UTF-16 without a byte order mark: in the first characters every second byte is 0, and no other.
func zeros(data []byte) (little, big bool) {
	head := data[:min(len(data)&^1, 64)]
	var even, odd int
	for i, b := range head {
		if b == 0 && i%2 == 0 {
			even++
		} else if b == 0 {
			odd++
		}
	}
	most := len(head) / 4 // half of the characters
	return odd > most && even == 0, even > most && odd == 0
}

// cyrillic guesses between the two code pages: in Western text accented letters stand alone among others, in Cyrillic text the letters
// above 0xC0 stand side by side.
func cyrillic(data []byte) bool {
	alone, together := 0, 0
	for i, b := range data {
		if b < 0xC0 {
			continue
		}
		if i > 0 && data[i-1] >= 0xC0 || i+1 < len(data) && data[i+1] >= 0xC0 {
			together++
		} else {
			alone++
		}
	}
	return together > alone
}

// cutSep takes off Excel's first line "sep=;" and returns the number of the row that follows.
func cutSep(text string) (string, int) {
	if line, rest, ok := strings.Cut(text, "\n"); ok && len(strings.TrimRight(line, "\r")) == 5 && strings.HasPrefix(strings.ToLower(line), "sep=") {
		return rest, 2
	}
	return text, 1
}

// separated reads values separated by comma. Rows are numbered as a spreadsheet does: a quoted line break does not count, a blank line does.
func separated(text string, comma rune, first int) source {
	return func(visit func(int, []string) error) error {
		r := csv.NewReader(strings.NewReader(text))
		r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = comma, -1, true, false
		n := first - 1
		for {
			n += blankLines(text[r.InputOffset():])
			cells, err := r.Read()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return &Error{Err: ErrType, Key: "list.error.type"}
			}
			n++
			if err := visit(n, cells); err != nil {
				return err
			}
		}
	}
}

// blankLines counts the empty lines that the CSV reader is about to pass over.
func blankLines(text string) int {
	n := 0
	for {
		switch {
		case strings.HasPrefix(text, "\n"):
			text = text[1:]
		case strings.HasPrefix(text, "\r\n"):
			text = text[2:]
		default:
			return n
		}
		n++
	}
}
