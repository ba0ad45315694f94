package ses

import (
	"strings"
	"testing"
)

// FuzzRaw: whatever a caller composes is refused or shown, and never breaks the mailbox.
func FuzzRaw(f *testing.F) {
	f.Add("From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n\r\nbody")
	f.Add("From: a@example.org\nTo: b@example.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Disposition: attachment; filename=x\n\nfile\n--b--")
	f.Add("Subject: =?utf-8?b?////?=\r\n folded\r\n\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		parsed, err := parseRaw([]byte(s))
		if err != nil {
			return
		}
		m := (&accepted{id: "1", message: "1", envelope: envelope{From: parsed.From, To: parsed.To}}).open(&letter{Raw: []byte(s)})
		if !strings.HasPrefix(string(m.MIME()), "Date: ") {
			t.Fatal("no head")
		}
	})
}

// FuzzTemplate: rendering replaces the substitutions and nothing else.
func FuzzTemplate(f *testing.F) {
	f.Add("Dear {{name}}, {{{ link }}} {not} }}")
	f.Add("{{#if x}}")
	f.Add("{{")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := compile(s)
		if err != nil {
			return
		}
		data := map[string]string{}
		for _, n := range c.names {
			data[n] = ""
		}
		out, err := c.render(data)
		if err != nil || out != strings.Join(c.literal, "") {
			t.Fatalf("%q rendered %q, %v", s, out, err)
		}
		if len(c.names) > 0 {
			delete(data, c.names[0])
			if _, err := c.render(data); err == nil {
				t.Fatal("a missing value was not noticed")
			}
		}
	})
}
