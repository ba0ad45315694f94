package gateway

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"liaison/infra/lambda/sandbox"
	"liaison/internal/sam"
)

// front answers with what give returns, and shows the event.
func front(t *testing.T, give func() (any, error)) (base string, folder *string, event *events.APIGatewayV2HTTPRequest) {
	t.Helper()
	folder, event = new(string), &events.APIGatewayV2HTTPRequest{}
	f := &Front{
		Routes: sam.Gateway{
			Routes: map[string]string{"/en/events/{id}/presenters": "recommend", "/desk/{rest+}": "desk", sam.Default: "publications"},
			Keys:   map[string]string{"/en/events/{id}/presenters": "ANY /en/events/{id}/presenters", "/desk/{rest+}": "ANY /desk/{rest+}", sam.Default: sam.Default},
		},
		Invoke: func(_ context.Context, name string, e []byte) ([]byte, error) {
			*folder, *event = name, events.APIGatewayV2HTTPRequest{}
			if err := json.Unmarshal(e, event); err != nil {
				t.Error(err)
			}
			v, err := give()
			if err != nil {
				return nil, err
			}
			if raw, ok := v.(string); ok {
				return []byte(raw), nil
			}
			return json.Marshal(v)
		},
		ID: "api", Now: func() time.Time { return time.Date(2027, 5, 14, 10, 0, 0, 0, time.UTC) }, Log: slog.New(slog.DiscardHandler),
	}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return s.URL, folder, event
}

func ask(t *testing.T, method, to string, body io.Reader, header http.Header) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, to, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(text)
}

func fine() (any, error) { return events.APIGatewayV2HTTPResponse{StatusCode: 204}, nil }

func TestEvents(t *testing.T) {
	base, folder, e := front(t, fine)
	ask(t, "GET", base+"/en/events/a%2520b%3F/presenters?a=1&a=2&b=x%2Fy", nil, http.Header{
		"Accept": {"text/html", "text/plain"}, "Cookie": {"a=1; b=2", "c=3"}, "X-Forwarded-For": {"203.0.113.9"}, "User-Agent": {"test"}})
	if *folder != "recommend" || e.RouteKey != "ANY /en/events/{id}/presenters" || e.RequestContext.RouteKey != e.RouteKey {
		t.Errorf("%s by %s", *folder, e.RouteKey)
	}
	if e.RawPath != "/en/events/a%20b?/presenters" || e.PathParameters["id"] != "a%20b?" || e.RawQueryString != "a=1&a=2&b=x%2Fy" {
		t.Errorf("path %q %v, query %q", e.RawPath, e.PathParameters, e.RawQueryString)
	}
	if e.QueryStringParameters["a"] != "1,2" || e.QueryStringParameters["b"] != "x/y" || e.Headers["accept"] != "text/html,text/plain" {
		t.Errorf("%v %v", e.QueryStringParameters, e.Headers)
	}
	if !reflect.DeepEqual(e.Cookies, []string{"a=1", "b=2", "c=3"}) || e.Headers["cookie"] != "" {
		t.Errorf("cookies %q, header %q", e.Cookies, e.Headers["cookie"])
	}
	h := e.RequestContext.HTTP
	if e.Version != "2.0" || h.Method != "GET" || h.Path != e.RawPath || h.SourceIP != "127.0.0.1" || h.UserAgent != "test" || e.RequestContext.Stage != "$default" || e.RequestContext.TimeEpoch != 1810288800000 {
		t.Errorf("%+v", e.RequestContext)
	}
	if e.Headers["x-forwarded-for"] != "203.0.113.9, 127.0.0.1" || e.Headers["host"] != strings.TrimPrefix(base, "http://") || e.Body != "" || e.IsBase64Encoded {
		t.Errorf("%v, body %q", e.Headers, e.Body)
	}
	if ask(t, "GET", base+"/desk/", nil, nil); *folder != "desk" {
		t.Errorf("/desk/ goes to %s", *folder)
	}
	if ask(t, "GET", base+"/", nil, nil); *folder != "publications" {
		t.Errorf("/ goes to %s", *folder)
	}
}

func TestBodies(t *testing.T) {
	base, _, e := front(t, fine)
	for kind, coded := range map[string]bool{
		"application/json": false, "application/json; charset=utf-8": false, "text/plain": false, "application/x-www-form-urlencoded": true, "multipart/form-data; boundary=x": true, "": true,
	} {
		ask(t, "POST", base+"/", strings.NewReader("a=ж"), http.Header{"Content-Type": {kind}})
		body := e.Body
		if coded {
			b, err := base64.StdEncoding.DecodeString(e.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = string(b)
		}
		if e.IsBase64Encoded != coded || body != "a=ж" || e.Headers["content-length"] != "4" {
			t.Errorf("%q: base64 %v, %q, %v", kind, e.IsBase64Encoded, body, e.Headers)
		}
	}
	if ask(t, "POST", base+"/", bytes.NewReader([]byte{0xff, 0xfe}), http.Header{"Content-Type": {"text/plain"}}); !e.IsBase64Encoded {
		t.Error("text that is none comes as it is")
	}
	e.Version = ""
	if res, body := ask(t, "POST", base+"/", bytes.NewReader(make([]byte, MaxBody+1)), nil); res.StatusCode != 413 || e.Version != "" {
		t.Errorf("over 10 MB: %d %s", res.StatusCode, body)
	}
}

func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		give   any
		err    error
		status int
		body   string
	}{
		"text":            {give: events.APIGatewayV2HTTPResponse{StatusCode: 201, Body: "ж", Headers: map[string]string{"content-type": "text/x"}, Cookies: []string{"a=1", "b=2"}}, status: 201, body: "ж"},
		"binary":          {give: events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: "/wA=", IsBase64Encoded: true}, status: 200, body: "\xff\x00"},
		"bad base64":      {give: events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: "%", IsBase64Encoded: true}, status: 500, body: "Internal Server Error"},
		"no status":       {give: `{"a":1}`, status: 200, body: `{"a":1}`},
		"no JSON":         {give: `{`, status: 500, body: "Internal Server Error"},
		"function failed": {err: &sandbox.FunctionError{Type: "x", Message: "y"}, status: 500, body: "Internal Server Error"},
		"too large":       {err: sandbox.ErrTooLarge, status: 413, body: "Too Long"},
		"too late":        {err: context.DeadlineExceeded, status: 503, body: "Service Unavailable"},
		"died":            {err: errors.Join(sandbox.ErrExit), status: 500, body: "Internal Server Error"},
	} {
		base, _, _ := front(t, func() (any, error) { return c.give, c.err })
		res, body := ask(t, "GET", base+"/", nil, nil)
		if res.StatusCode != c.status || !strings.Contains(body, c.body) {
			t.Errorf("%s: %d %q", name, res.StatusCode, body)
		}
		if name == "text" && (!reflect.DeepEqual(res.Header["Set-Cookie"], []string{"a=1", "b=2"}) || res.Header.Get("Content-Type") != "text/x") {
			t.Errorf("%v", res.Header)
		}
	}
}
