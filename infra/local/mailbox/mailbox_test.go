package mailbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"liaison/infra/local/ses"
)

var noon = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// box is a mailbox with three mails, which came by the wire: a note, and an issue to two.
func box(t *testing.T) http.Handler {
	t.Helper()
	st, err := ses.OpenStore(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	s := ses.New(ses.Options{Store: st, Now: func() time.Time { return noon }})
	post := func(path, body string) {
		r := httptest.NewRequest("POST", path, strings.NewReader(body))
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 test")
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != 200 {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	post("/v2/email/outbound-emails", `{"FromEmailAddress":"Office <office@example.org>","Destination":{"ToAddresses":["Ann <ann@example.org>"]},"Content":{"Simple":{"Subject":{"Data":"<script>alert(1)</script> Confirm"},
		"Body":{"Html":{"Data":"<html><head><title>x</title></head><body><script>alert(2)</script><a href='https://example.org/confirm?link=a&amp;b=c'>Confirm <b>now</b></a><a href='javascript:alert(3)'>no</a><a href='mailto:a@example.org'>write</a></body></html>"},
		"Text":{"Data":"Confirm: https://example.org/confirm?link=a&b=c.\nAlso (https://example.org/help)."}},"Attachments":[{"FileName":"Été.pdf","ContentType":"application/pdf","RawContent":"JVBERi0="},{"FileName":"x.html","ContentType":"text/html","RawContent":"PHNjcmlwdD4="}]}}}`)
	post("/v2/email/outbound-bulk-emails", `{"FromEmailAddress":"news@example.org","DefaultEmailTags":[{"Name":"issue","Value":"4"},{"Name":"shard","Value":"1"}],
		"DefaultContent":{"Template":{"TemplateContent":{"Subject":"Issue four","Text":"Hello {{name}}"},"TemplateData":"{}"}},
		"BulkEmailEntries":[{"Destination":{"ToAddresses":["ann@example.org"]},"ReplacementEmailContent":{"ReplacementTemplate":{"ReplacementTemplateData":"{\"name\":\"Ann\"}"}}},
		{"Destination":{"ToAddresses":["bob@example.net"]},"ReplacementEmailContent":{"ReplacementTemplate":{"ReplacementTemplateData":"{}"}}}]}`)
	mux := http.NewServeMux()
	(&Mailbox{Store: st, Now: func() time.Time { return noon.Add(time.Hour) }, Zone: time.UTC}).Routes(mux)
	return mux
}

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func list(t *testing.T, h http.Handler, query string) []wireMail {
	t.Helper()
	w := get(t, h, "/_local/mailbox.json"+query)
	var out []wireMail
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 200 {
		t.Fatalf("%s: %d %v %s", query, w.Code, err, w.Body)
	}
	return out
}

func TestJSON(t *testing.T) {
	h := box(t)
	all := list(t, h, "")
	if len(all) != 3 || all[2].From != "Office <office@example.org>" || all[2].To != "ann@example.org" {
		t.Fatalf("not newest first, or not whole: %+v", all)
	}
	note := all[2]
	if want := []string{"https://example.org/confirm?link=a&b=c", "https://example.org/help"}; fmt.Sprint(note.Links) != fmt.Sprint(want) {
		t.Errorf("links %v, want %v", note.Links, want)
	}
	if note.Headers["To"] != `"Ann" <ann@example.org>` || !note.At.Equal(noon) || len(note.Files) != 2 {
		t.Errorf("%+v", note)
	}
	if all[0].State != "rendering-failure" || *all[1].Text != "Hello Ann" || all[1].Tags["issue"] != "4" {
		t.Errorf("issue mails %+v", all[:2])
	}
	if m := all[1]; m.HTML == nil || *m.HTML != "" || m.Links == nil || m.Headers == nil {
		t.Errorf("a mail of text alone lacks names that are only empty: %+v", m)
	}
	if brief := list(t, h, "?body=no")[1]; brief.Text != nil || brief.Headers != nil || brief.Links != nil {
		t.Errorf("asked for without what is long: %+v", brief)
	}
	for query, want := range map[string]int{"?to=ANN@example.org": 2, "?to=ann": 0, "?limit=1": 1, "?to=ann@example.org&limit=1": 1, "?issue=4": 2, "?q=confirm": 1, "?issue=-": 1} {
		if got := len(list(t, h, query)); got != want {
			t.Errorf("%s: %d mails, want %d", query, got, want)
		}
	}
}

// text is what a page says.
func text(t *testing.T, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "script" {
			b.WriteString(n.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestListPage(t *testing.T) {
	h := box(t)
	for query, want := range map[string]string{
		"": "3 mails, newest first", "?q=bob": "1 mail, newest first", "?q=ISSUE": "2 mails", "?to=bob@example.net": "Mail to bob@example.net only", "?q=nobody": "No mail matches",
		"?issue=4": "not rendered", "?before=x": "3 mails",
	} {
		w := get(t, h, "/_local/mailbox"+query)
		if got := text(t, w.Body.String()); w.Code != 200 || !strings.Contains(got, want) {
			t.Errorf("%s: %d %q lacks %q", query, w.Code, got, want)
		}
		if strings.Contains(w.Body.String(), "<script>") {
			t.Errorf("%s: a subject became markup", query)
		}
	}
}

func TestMailPage(t *testing.T) {
	h := box(t)
	id := list(t, h, "?issue=-")[0].ID
	for view, want := range map[string]string{
		"": "Confirm now https://example.org/confirm", "?view=text": "Also (https://example.org/help)", "?view=headers": "MIME-Version", "?view=source": "Content-Transfer-Encoding: quoted-printable", "?view=nonsense": "1 other mail",
	} {
		w := get(t, h, "/_local/mailbox/"+id+view)
		if got := text(t, w.Body.String()); w.Code != 200 || !strings.Contains(got, want) {
			t.Errorf("%s: %d %q lacks %q", view, w.Code, got, want)
		}
		if strings.Contains(w.Body.String(), "<script>") {
			t.Errorf("%s: a mail became markup", view)
		}
	}
}

func TestLetterIsHarmless(t *testing.T) {
	h := box(t)
	id := list(t, h, "?issue=-")[0].ID
	w := get(t, h, "/_local/mailbox/"+id+".html")
	policy := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "sandbox allow-popups", "frame-ancestors 'self'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %q", policy, want)
		}
	}
	if strings.Contains(policy, "script") || !strings.Contains(w.Body.String(), `<head><base target="_blank">`) {
		t.Errorf("%s\n%s", policy, w.Body)
	}
	pdf, page := get(t, h, "/_local/mailbox/"+id+"/files/0"), get(t, h, "/_local/mailbox/"+id+"/files/1")
	if pdf.Header().Get("Content-Type") != "application/pdf" || pdf.Body.String() != "%PDF-" || !strings.Contains(pdf.Header().Get("Content-Disposition"), "%C3%89t%C3%A9.pdf") {
		t.Errorf("%v %q", pdf.Header(), pdf.Body)
	}
	if !strings.HasPrefix(page.Header().Get("Content-Disposition"), "attachment") || page.Header().Get("Content-Security-Policy") != "sandbox" {
		t.Errorf("a page that was attached: %v", page.Header())
	}
	for _, path := range []string{"/files/2", "/files/-1", "/files/x"} {
		if w := get(t, h, "/_local/mailbox/"+id+path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestEML(t *testing.T) {
	h := box(t)
	for _, m := range list(t, h, "") {
		w := get(t, h, "/_local/mailbox/"+m.ID+".eml")
		parsed, err := mail.ReadMessage(bytes.NewReader(w.Body.Bytes()))
		if err != nil || w.Header().Get("Content-Type") != "message/rfc822" || parsed.Header.Get("Message-Id") == "" {
			t.Errorf("%v %v %s", err, w.Header(), w.Body)
		}
	}
}
