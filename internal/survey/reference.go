package survey

import (
	"crypto/sha256"
	"math/big"
	"strings"

	"liaison/internal/people"
)

// letters of a reference: none that can be mistaken for another when it is read aloud or written by hand.
const letters = "ACDEFGHJKMNPQRTUVWXY2346789"

// reference makes a short name such as A7K-2MQ-9PD. It is derived from the id, so that a repeated submit arrives at the same; attempt
// tells apart the rare two ids that meet.
func reference(id string, attempt int) string {
	sum := sha256.Sum256([]byte{byte(attempt)})
	h := sha256.Sum256(append(sum[:], id...))
	n, base, digit := new(big.Int).SetBytes(h[:]), big.NewInt(int64(len(letters))), new(big.Int)
	var b strings.Builder
	for i := range 9 {
		if i > 0 && i%3 == 0 {
			b.WriteByte('-')
		}
		n.DivMod(n, base, digit)
		b.WriteByte(letters[digit.Int64()])
	}
	return b.String()
}

// cleanReference undoes what people do to a reference: small letters, spaces, missing or other dashes.
func cleanReference(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(letters, r) {
			return r
		}
		return -1
	}, strings.ToUpper(people.OneLine(s)))
	if len(s) != 9 {
		return ""
	}
	return s[:3] + "-" + s[3:6] + "-" + s[6:]
}
