package ses_test

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"liaison/infra/local/ses"
)

// leaves are the parts of a mail that hold something, by media type, decoded.
func leaves(t *testing.T, kind string, body io.Reader) map[string]string {
	t.Helper()
	media, params, err := mime.ParseMediaType(kind)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	if !strings.HasPrefix(media, "multipart/") {
		data, _ := io.ReadAll(body)
		return map[string]string{media: string(data)}
	}
	r := multipart.NewReader(body, params["boundary"])
	for {
		p, err := r.NextPart() // decodes quoted-printable
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range leaves(t, p.Header.Get("Content-Type"), p) {
			out[k] = v
		}
	}
}

func TestMIME(t *testing.T) {
	st := memory(t)
	w := start(t, ses.Options{Store: st})
	subject := "Обновление № 2 — " + strings.Repeat("ответственность ", 6) + "é"
	long := strings.Repeat("слово ", 300)
	in := note("=?utf-8?q?Zo=C3=AB_=22Z=22_M=C3=BCller?= <zoe@example.org>")
	in.Content.Simple = &types.Message{
		Subject:     &types.Content{Data: &subject},
		Body:        &types.Body{Text: &types.Content{Data: &long}, Html: &types.Content{Data: aws.String("<p>é = 1</p>\n.\n")}},
		Headers:     headers("Auto-Submitted", "auto-generated", "List-Unsubscribe", "<https://example.org/unsubscribe?link="+strings.Repeat("v4.local.", 40)+">"),
		Attachments: []types.Attachment{{FileName: aws.String("Été №1.pdf"), ContentType: aws.String("application/pdf"), RawContent: bytes.Repeat([]byte{0, 255, 13}, 100)}},
	}
	out, err := w.client.SendEmail(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	m, err := st.Get(t.Context(), *out.MessageId)
	if err != nil {
		t.Fatal(err)
	}
	wire := m.MIME()
	for _, line := range strings.Split(strings.TrimSuffix(string(wire), "\r\n"), "\r\n") {
		if strings.ContainsAny(line, "\r\n") || len(line) > 998 {
			t.Fatalf("not a line of RFC 5322: %q", line)
		}
		for i := range len(line) {
			if line[i] > 126 {
				t.Fatalf("not ASCII: %q", line)
			}
		}
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(wire))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); got != subject {
		t.Errorf("subject %q, want %q", got, subject)
	}
	if to, err := parsed.Header.AddressList("To"); err != nil || to[0].Name != `Zoë "Z" Müller` || to[0].Address != "zoe@example.org" {
		t.Errorf("to %v %v", to, err)
	}
	if _, err := parsed.Header.Date(); err != nil {
		t.Error(err)
	}
	parts := leaves(t, parsed.Header.Get("Content-Type"), parsed.Body)
	if got := strings.TrimRight(parts["text/plain"], "\r\n"); got != strings.TrimRight(long, "\r\n") {
		t.Errorf("text %q", got)
	}
	if got := strings.ReplaceAll(parts["text/html"], "\r\n", "\n"); got != "<p>é = 1</p>\n.\n" {
		t.Errorf("html %q", got)
	}
	if parts["application/pdf"] == "" {
		t.Error("the attachment is missing")
	}
}

const raw = "From: Liaison <news@example.org>\r\nTo: a@example.org\r\nBcc: hidden@example.org\r\nSubject: =?utf-8?q?=C3=89t=C3=A9?=\r\nDate: Mon, 01 Jan 2001 00:00:00 +0000\r\n" +
	"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8=\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>\r\n--x--\r\n"

func TestRaw(t *testing.T) {
	st := memory(t)
	w := start(t, ses.Options{Store: st})
	out, err := w.client.SendEmail(t.Context(), &sesv2.SendEmailInput{Content: &types.EmailContent{Raw: &types.RawMessage{Data: []byte(raw)}}, ConfigurationSetName: aws.String("local")})
	if err != nil {
		t.Fatal(err)
	}
	m, err := st.Get(t.Context(), *out.MessageId)
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != "Été" || m.Text != "Hello" || m.HTML != "<p>Hello</p>" || m.Address != "a@example.org" {
		t.Errorf("%+v", m)
	}
	wire := string(m.MIME())
	if strings.Contains(wire, "hidden@") || strings.Contains(wire, "2001") || !strings.Contains(wire, "Message-ID: <"+m.MessageID) {
		t.Errorf("SES takes Bcc out and sets Date and Message-ID:\n%s", wire)
	}
	for _, in := range []string{"", "no mail at all", "From: a@example.org\r\n\r\nno recipient", "From: a@example.org, b@example.org\r\nTo: c@example.org\r\n\r\n"} {
		if _, err := w.client.SendEmail(t.Context(), &sesv2.SendEmailInput{Content: &types.EmailContent{Raw: &types.RawMessage{Data: []byte(in)}}}); err == nil {
			t.Errorf("accepted %q", in)
		}
	}
}
