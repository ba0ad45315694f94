package ses

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/textproto"
	"strings"
	"time"
)

// host is where the Message-IDs of this mail service live; .localhost never leaves the machine.
const host = "mail.localhost"

// wireHeaders are the lines of the head in wire form, unfolded, without those that describe the body.
func (m *Message) wireHeaders() []pair {
	e := &m.envelope
	list := []pair{{"Date", m.At.UTC().Format(time.RFC1123Z)}, {"From", e.From}}
	for _, h := range []struct {
		name string
		list []string
	}{{"To", e.To}, {"Cc", e.Cc}, {"Reply-To", e.ReplyTo}} {
		if len(h.list) > 0 {
			list = append(list, pair{h.name, strings.Join(h.list, ", ")})
		}
	}
	list = append(list, pair{"Subject", encode(m.Subject)}, pair{"Message-ID", "<" + m.MessageID + "@" + host + ">"}, pair{"MIME-Version", "1.0"})
	return append(list, e.Headers...)
}

func encode(s string) string { return mime.QEncoding.Encode("utf-8", s) }

var words = mime.WordDecoder{}

// plainHeader decodes encoded words; what cannot be decoded stays as it is.
func plainHeader(s string) string {
	if out, err := words.DecodeHeader(s); err == nil {
		return out
	}
	return s
}

// fold breaks a header line at white space, so that lines stay below 78 characters where they can (RFC 5322 §2.2.3).
func fold(name, value string) string {
	const width = 77
	var b strings.Builder
	line := name + ":"
	for i, word := range strings.Split(value, " ") {
		if i > 0 && len(line)+1+len(word) > width {
			b.WriteString(line + "\r\n")
			line = ""
		}
		line += " " + word
	}
	b.WriteString(line + "\r\n")
	return b.String()
}

// MIME is the mail as SES would have put it on the wire (RFC 5322): text and HTML as alternatives, attachments beside them.
func (m *Message) MIME() []byte {
	if m.raw != nil {
		return m.raw
	}
	var b bytes.Buffer
	for _, h := range m.wireHeaders() {
		b.WriteString(fold(h.Name, h.Value))
	}
	if len(m.Files) == 0 {
		header, body := m.alternatives()
		writePart(&b, header, body)
		return b.Bytes()
	}
	var parts bytes.Buffer
	w := multipart.NewWriter(&parts)
	_ = w.SetBoundary(m.boundary("mixed"))
	header, body := m.alternatives()
	appendPart(w, header, body)
	for _, f := range m.Files {
		appendPart(w, f.header(), lines64(f.Data))
	}
	w.Close()
	writePart(&b, textproto.MIMEHeader{"Content-Type": {fmt.Sprintf(`multipart/mixed; boundary="%s"`, w.Boundary())}}, parts.Bytes())
	return b.Bytes()
}

func (m *Message) boundary(kind string) string {
	return "=_" + kind + "_" + strings.ReplaceAll(m.ID, "-", "_")
}

// alternatives is the body part that is read: one text, or several of which a reader shows one.
func (m *Message) alternatives() (textproto.MIMEHeader, []byte) {
	switch {
	case m.HTML == "":
		return textHeader("plain"), quoted(m.Text)
	case m.Text == "":
		return textHeader("html"), quoted(m.HTML)
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.SetBoundary(m.boundary("alternative"))
	appendPart(w, textHeader("plain"), quoted(m.Text))
	appendPart(w, textHeader("html"), quoted(m.HTML))
	w.Close()
	return textproto.MIMEHeader{"Content-Type": {fmt.Sprintf(`multipart/alternative; boundary="%s"`, w.Boundary())}}, b.Bytes()
}

func textHeader(subtype string) textproto.MIMEHeader {
	return textproto.MIMEHeader{"Content-Type": {"text/" + subtype + "; charset=UTF-8"}, "Content-Transfer-Encoding": {"quoted-printable"}}
}

func (f File) header() textproto.MIMEHeader {
	kind := f.Type
	if kind == "" {
		kind = "application/octet-stream"
	}
	h := textproto.MIMEHeader{"Content-Type": {kind}, "Content-Transfer-Encoding": {"base64"}}
	disposition := "attachment"
	if f.Inline != "" {
		disposition = "inline"
		h.Set("Content-ID", "<"+f.Inline+">")
	}
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}))
	return h
}

func appendPart(w *multipart.Writer, header textproto.MIMEHeader, body []byte) {
	part, err := w.CreatePart(header)
	if err == nil {
		_, err = part.Write(body)
	}
	if err != nil {
		panic("ses: MIME part: " + err.Error()) // into memory
	}
}

func writePart(b *bytes.Buffer, header textproto.MIMEHeader, body []byte) {
	for _, name := range []string{"Content-Type", "Content-Transfer-Encoding"} {
		if v := header.Get(name); v != "" {
			b.WriteString(name + ": " + v + "\r\n")
		}
	}
	b.WriteString("\r\n")
	b.Write(body)
}

func quoted(s string) []byte {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(s)) // into memory
	_ = w.Close()
	if n := b.Len(); n > 0 && b.Bytes()[n-1] != '\n' {
		b.WriteString("\r\n")
	}
	return b.Bytes()
}

func lines64(data []byte) []byte {
	s := base64.StdEncoding.EncodeToString(data)
	var b bytes.Buffer
	for len(s) > 76 {
		b.WriteString(s[:76] + "\r\n")
		s = s[76:]
	}
	b.WriteString(s + "\r\n")
	return b.Bytes()
}
