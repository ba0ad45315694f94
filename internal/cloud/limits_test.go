package cloud

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"liaison/internal/form"
	"liaison/internal/words"
)

// lambdaTakes is the largest event that Lambda takes, in bytes; above it the gateway answers 413 in words of its own.
const lambdaTakes = 6 << 20

// TestTheLargestUploadArrives: what the upload pages allow comes through the gateway, in base64 and with its form and headers around it.
func TestTheLargestUploadArrives(t *testing.T) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for range 200 { // a hundred rows typed beside it
		_ = w.WriteField("organisations.0.about", strings.Repeat("x", 1000))
	}
	part, err := w.CreateFormFile("list", "list.csv")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(bytes.Repeat([]byte("a"), form.MaxFile))
	_ = w.Close()
	change := func(e map[string]any) {
		post(w.FormDataContentType(), base64.StdEncoding.EncodeToString(body.Bytes()))(e)
		e["isBase64Encoded"] = true
		within(e, "headers")["cookie"] = strings.Repeat("c", 10<<10) // the most that the gateway takes of headers
		e["cookies"] = []any{strings.Repeat("c", 10<<10)}
	}
	e := event(t, change)
	wire, err := json.Marshal(e)
	if err != nil || len(wire) > lambdaTakes {
		t.Fatalf("an event of %d bytes does not arrive (%v)", len(wire), err)
	}
	var s seen
	if out, err := serveHTTP(look(&s), slog.New(slog.DiscardHandler))(t.Context(), e); err != nil || out.StatusCode != 200 || len(s.Body) != body.Len() {
		t.Errorf("%v, %d: %d of %d bytes", err, out.StatusCode, len(s.Body), body.Len())
	}
	for name, largest := range map[string]int{"a form, with every sign escaped once": 2 * form.MaxBody, "a form in base64": base64.StdEncoding.EncodedLen(form.MaxBody)} {
		if largest > lambdaTakes-64<<10 {
			t.Errorf("%s does not arrive: %d bytes", name, largest)
		}
	}
}

// TestTooLargeIsSaidInTheReadersLanguage for what arrives and is more than a form may have.
func TestTooLargeIsSaidInTheReadersLanguage(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	h := function(t, log, false)
	for _, l := range words.Languages {
		for kind, body := range map[string]string{
			"application/x-www-form-urlencoded": "name=" + strings.Repeat("x", form.MaxBody),
			"application/json":                  `{"name":"` + strings.Repeat("x", form.MaxBody) + `"}`,
			"multipart/form-data; boundary=b":   strings.Replace(multipartForm, "a,b", strings.Repeat("x", form.MaxUpload), 1),
		} {
			out, err := serveHTTP(h, log)(t.Context(), event(t, func(e map[string]any) { post(kind, body)(e); path("/" + string(l) + "/subscribe")(e) }))
			if err != nil {
				t.Fatal(err)
			}
			if want := words.For(l).T("error.large"); out.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(out.Body, want) {
				t.Errorf("%s, %s: %d, lacks %q: %.300s", l, kind, out.StatusCode, want, out.Body)
			}
		}
	}
}
