package ses

import (
	"fmt"
	"net/mail"
	"regexp"
	"strings"
)

var tagText = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

func checkTags(tags []pair) error {
	if len(tags) > MaxTags {
		return bad(fmt.Sprintf("more than %d tags", MaxTags))
	}
	for _, t := range tags {
		if !tagText.MatchString(t.Name) || !tagText.MatchString(t.Value) {
			return bad(fmt.Sprintf("Invalid tag name or value: <%s>, only alphanumeric ASCII characters, '_', and '-' are allowed, at most 256.", t.Name))
		}
	}
	return nil
}

// reserved are headers that SES makes itself from other parts of the request.
var reserved = map[string]bool{
	"from": true, "to": true, "cc": true, "bcc": true, "subject": true, "reply-to": true, "sender": true, "return-path": true, "date": true, "message-id": true,
	"mime-version": true, "content-type": true, "content-transfer-encoding": true, "content-disposition": true,
}

func checkHeaders(headers []pair) error {
	if len(headers) > MaxHeaders {
		return bad(fmt.Sprintf("more than %d headers", MaxHeaders))
	}
	for _, h := range headers {
		if h.Name == "" || len(h.Name) > MaxHeaderName || strings.IndexFunc(h.Name, func(r rune) bool { return r < 33 || r > 126 || r == ':' }) >= 0 {
			return bad(fmt.Sprintf("Invalid header name %q", h.Name))
		}
		if len(h.Name)+len(h.Value) > MaxHeader || strings.IndexFunc(h.Value, func(r rune) bool { return r < 32 || r > 126 }) >= 0 {
			return bad(fmt.Sprintf("Invalid value of header %q", h.Name))
		}
		if reserved[strings.ToLower(h.Name)] {
			return bad(fmt.Sprintf("Header %q may not be set here", h.Name))
		}
	}
	return nil
}

// merge lets override replace the headers or tags of the same name.
func merge(base, override []pair, fold bool) []pair {
	same := func(a, b string) bool { return a == b || fold && strings.EqualFold(a, b) }
	out := make([]pair, 0, len(base)+len(override))
	for _, b := range base {
		replaced := false
		for _, o := range override {
			replaced = replaced || same(b.Name, o.Name)
		}
		if !replaced {
			out = append(out, b)
		}
	}
	return append(out, override...)
}

// parseAddress reads "Name <local@domain>" as SES does: names outside ASCII must be encoded words, domains Punycode.
func parseAddress(s string) (*mail.Address, error) {
	for i := range len(s) {
		if s[i] < 32 || s[i] > 126 {
			return nil, bad("Address contains control characters, white space or characters outside ASCII")
		}
	}
	a, err := mail.ParseAddress(s)
	if err != nil {
		return nil, bad("Invalid address: " + err.Error())
	}
	if at := strings.LastIndexByte(a.Address, '@'); at < 1 || at == len(a.Address)-1 {
		return nil, bad("Missing final '@domain'")
	}
	return a, nil
}

// written is the address as it stands in a header.
func written(a *mail.Address) string {
	if a.Name == "" {
		return a.Address
	}
	return a.String()
}

func parseAll(list []string) ([]string, error) {
	out := make([]string, len(list))
	for i, s := range list {
		a, err := parseAddress(s)
		if err != nil {
			return nil, err
		}
		out[i] = written(a)
	}
	return out, nil
}
