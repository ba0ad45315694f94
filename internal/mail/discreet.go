package mail

import "regexp"

// A domain ends in letters: "module@v1.2.3" in a stack is no address.
var addresses = regexp.MustCompile(`[^\s"'\\<>()\[\]{},;:=/@]+@(?:[\pL\pN_-]+\.)+\pL[\pL\pN-]+`)

// Discreet is text with every e-mail address struck out: mail services name the recipient in what they refuse, and such text ends up in
// logs and records.
func Discreet(text []byte) []byte { return addresses.ReplaceAll(text, []byte("(address)")) }
