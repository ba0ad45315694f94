package mail

import (
	"bytes"
	"regexp"
	"sync"
)

// addresses is compiled when an address may be there: a third of a millisecond that few starts need.
var addresses = sync.OnceValue(func() *regexp.Regexp {
	// A domain ends in letters: "module@v1.2.3" in a stack is no address.
	return regexp.MustCompile(`[^\s"'\\<>()\[\]{},;:=/@]+@(?:[\pL\pN_-]+\.)+\pL[\pL\pN-]+`)
})

// Discreet is text with every e-mail address struck out: mail services name the recipient in what they refuse, and such text ends up in
// logs and records.
func Discreet(text []byte) []byte {
	if bytes.IndexByte(text, '@') < 0 {
		return text
	}
	return addresses().ReplaceAll(text, []byte("(address)"))
}
