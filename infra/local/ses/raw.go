package ses

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
)

// parseRaw reads a mail that a caller has composed (Content.Raw).
func parseRaw(data []byte) (*Message, error) {
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return nil, bad("Raw message is not a mail: " + err.Error())
	}
	out := &Message{Subject: plainHeader(m.Header.Get("Subject"))}
	from, err := m.Header.AddressList("From")
	if err != nil || len(from) != 1 {
		return nil, bad("Raw message needs one From address")
	}
	out.From = written(from[0])
	for name, into := range map[string]*[]string{"To": &out.To, "Cc": &out.Cc} {
		list, err := m.Header.AddressList(name)
		if err != nil && m.Header.Get(name) != "" {
			return nil, bad("Raw message has a bad header " + name)
		}
		for _, a := range list {
			*into = append(*into, written(a))
		}
	}
	if err := out.readPart(textproto.MIMEHeader(m.Header), m.Body, 0); err != nil {
		return nil, bad("Raw message has a bad body: " + err.Error())
	}
	return out, nil
}

// readPart takes a body part in: the first text and the first HTML that are no attachments, and every file.
func (m *Message) readPart(header textproto.MIMEHeader, body io.Reader, depth int) error {
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		kind, params = "text/plain", nil
	}
	if strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" && depth < 10 {
		r := multipart.NewReader(body, params["boundary"])
		for {
			part, err := r.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if err := m.readPart(part.Header, part, depth+1); err != nil {
				return err
			}
		}
	}
	data, err := io.ReadAll(transferred(header.Get("Content-Transfer-Encoding"), body))
	if err != nil {
		return err
	}
	disposition, names, _ := mime.ParseMediaType(header.Get("Content-Disposition")) // a bad one is none
	switch {
	case disposition == "attachment" || names["filename"] != "":
		m.Files = append(m.Files, File{Name: names["filename"], Type: kind, Data: data})
	case kind == "text/html" && m.HTML == "":
		m.HTML = string(data)
	case kind == "text/plain" && m.Text == "":
		m.Text = string(data)
	}
	return nil
}

func transferred(encoding string, r io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		return quotedprintable.NewReader(r)
	}
	return r
}

// openRaw shows a raw mail as SES sends it on: with its own Message-ID and Date.
func (m *Message) openRaw(data []byte) {
	head, body := data, []byte(nil)
	for _, gap := range []string{"\r\n\r\n", "\n\n"} {
		if i := bytes.Index(data, []byte(gap)); i >= 0 && i < len(head) {
			head, body = data[:i], data[i+len(gap):]
		}
	}
	var b bytes.Buffer
	b.WriteString(fold("Date", m.At.UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700")))
	b.WriteString(fold("Message-ID", "<"+m.MessageID+"@"+host+">"))
	skipping := false
	for _, line := range strings.Split(strings.ReplaceAll(string(head), "\r\n", "\n"), "\n") {
		if line == "" {
			continue
		}
		if line[0] != ' ' && line[0] != '\t' {
			name, _, _ := strings.Cut(strings.ToLower(line), ":")
			skipping = name == "date" || name == "message-id" || name == "bcc"
		}
		if !skipping {
			b.WriteString(line + "\r\n")
		}
	}
	b.WriteString("\r\n")
	b.Write(body)
	m.raw = b.Bytes()
	if parsed, err := parseRaw(data); err == nil {
		m.HTML, m.Text, m.Files, m.Cc = parsed.HTML, parsed.Text, parsed.Files, plainAll(parsed.Cc)
	}
	m.Headers = headersOf(m.raw)
}

func headersOf(data []byte) []Header {
	head, _, _ := strings.Cut(string(data), "\r\n\r\n")
	var out []Header
	for _, line := range strings.Split(head, "\r\n") {
		if n := len(out); n > 0 && line != "" && (line[0] == ' ' || line[0] == '\t') {
			out[n-1].Value += " " + strings.TrimSpace(line)
			continue
		}
		if name, value, ok := strings.Cut(line, ":"); ok {
			out = append(out, Header{name, strings.TrimSpace(value)})
		}
	}
	for i := range out {
		out[i].Value = plainHeader(out[i].Value)
	}
	return out
}
