package ses_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"liaison/infra/local/ses"
)

// bulkBody is a call as a newsletter makes it: 18 KB of letter, 50 recipients with two signed links each.
func bulkBody(b *testing.B) []byte {
	type m = map[string]any
	var entries []m
	for i := range ses.MaxEntries {
		data, err := json.Marshal(m{"name": "Reader", "web": "https://example.org/?link=" + strings.Repeat("v", 220), "unsubscribe": "https://example.org/?link=" + strings.Repeat("u", 220)})
		if err != nil {
			b.Fatal(err)
		}
		entries = append(entries, m{
			"Destination":             m{"ToAddresses": []string{fmt.Sprintf("reader%d@example.org", i)}},
			"ReplacementEmailContent": m{"ReplacementTemplate": m{"ReplacementTemplateData": string(data)}},
			"ReplacementHeaders":      []m{{"Name": "List-Unsubscribe", "Value": "<https://example.org/?link=" + strings.Repeat("u", 220) + ">"}},
			"ReplacementTags":         []m{{"Name": "shard", "Value": "1"}, {"Name": "slot", "Value": fmt.Sprint(i)}},
		})
	}
	body, err := json.Marshal(m{"FromEmailAddress": "news@example.org", "BulkEmailEntries": entries, "DefaultContent": m{"Template": m{
		"TemplateContent": m{"Subject": "s", "Html": strings.Repeat("<p>{{name}} reads</p>", 700), "Text": strings.Repeat("words ", 600)}}}})
	if err != nil {
		b.Fatal(err)
	}
	return body
}

func benchBulk(b *testing.B, o ses.Options) {
	s, body := ses.New(o), bulkBody(b)
	for b.Loop() {
		r := httptest.NewRequest("POST", "/v2/email/outbound-bulk-emails", bytes.NewReader(body))
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 x")
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
	b.ReportMetric(float64(b.N*ses.MaxEntries)/b.Elapsed().Seconds(), "recipients/s")
}

func BenchmarkDiscard(b *testing.B) { benchBulk(b, ses.Options{}) }

func BenchmarkKeep(b *testing.B) {
	st, err := ses.OpenStore(b.TempDir() + "/mail.db")
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	benchBulk(b, ses.Options{Store: st})
}
