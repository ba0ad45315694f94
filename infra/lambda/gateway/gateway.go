// Package gateway is the front of an HTTP API of Amazon API Gateway, as far as a Lambda function can tell: it turns requests into events
// of payload format 2.0, chooses the function by the template's routes, and turns the function's answer back.
//
// What may enter: what AWS documents of HTTP APIs, or what they were seen to do. It knows nothing of this programme.
package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"

	"liaison/infra/lambda/sandbox"
	"liaison/internal/sam"
)

const (
	// MaxBody is the largest request that an HTTP API takes, in bytes; 10 MB.
	MaxBody = 10 << 20
	// patience is how long an HTTP API waits for a function.
	patience = 30 * time.Second
)

// Invoke calls the function of a folder.
type Invoke func(ctx context.Context, folder string, event []byte) ([]byte, error)

// Front is the API. Its fields do not change once it is used.
type Front struct {
	Routes sam.Gateway
	Invoke Invoke
	ID     string           // of the API
	Now    func() time.Time // for the events' time
	Log    *slog.Logger
}

// ServeHTTP answers one request.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		_, _ = io.CopyN(io.Discard, r.Body, MaxBody) // so that the sender is there to read the answer
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	} else if err != nil {
		refuse(w, http.StatusBadRequest, "Bad Request")
		return
	}
	route, err := f.Routes.Choose(r.URL.Path)
	if err != nil {
		f.Log.Error("gateway: route", "error", err)
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	event, err := json.Marshal(f.event(r, route, body))
	if err != nil {
		f.Log.Error("gateway: event", "error", err)
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	answer, err := f.Invoke(ctx, f.Routes.Routes[route], event)
	switch {
	case errors.Is(err, sandbox.ErrTooLarge):
		refuse(w, http.StatusRequestEntityTooLarge, "Request Too Long")
	case errors.Is(err, context.DeadlineExceeded):
		refuse(w, http.StatusServiceUnavailable, "Service Unavailable")
	case err != nil:
		f.Log.Error("gateway: function failed", "function", f.Routes.Routes[route], "error", err)
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
	default:
		f.send(w, r, answer)
	}
}

// refuse answers in the gateway's own words.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": message})
}

// event is the request as the function gets it.
func (f *Front) event(r *http.Request, route string, body []byte) events.APIGatewayV2HTTPRequest {
	now, key := f.Now(), f.Routes.Keys[route]
	source, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		source = r.RemoteAddr
	}
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: key, RawPath: r.URL.Path, RawQueryString: r.URL.RawQuery,
		Headers: headers(r, source, len(body)), Cookies: cookies(r), QueryStringParameters: joined(r.URL.Query()), PathParameters: sam.Variables(route, r.URL.Path),
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: key, AccountID: "000000000000", Stage: sam.Default, RequestID: uuid.NewString(), APIID: f.ID,
			DomainName: r.Host, DomainPrefix: f.ID, Time: now.UTC().Format("02/Jan/2006:15:04:05 -0700"), TimeEpoch: now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: r.Method, Path: r.URL.Path, Protocol: r.Proto, SourceIP: source, UserAgent: r.UserAgent()},
		},
	}
	if len(body) > 0 {
		if e.Body = string(body); !isText(r.Header.Get("Content-Type")) || !utf8.Valid(body) {
			e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
		}
	}
	return e
}

// isText tells which bodies come as they are: all others, those of HTML forms among them, come in base64.
func isText(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (strings.HasPrefix(kind, "text/") || kind == "application/json" || kind == "application/xml" || kind == "application/javascript")
}

// headers have names in lower case, lines of one name joined by commas, and what a proxy adds.
func headers(r *http.Request, source string, length int) map[string]string {
	out := map[string]string{"host": r.Host}
	for name, values := range r.Header {
		if name != "Cookie" {
			out[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	if length > 0 || r.Method == http.MethodPost {
		out["content-length"] = strconv.Itoa(length)
	}
	for name, value := range map[string]string{"x-forwarded-for": source, "x-forwarded-proto": "https", "x-forwarded-port": "443", "x-amzn-trace-id": "Root=1-" + uuid.NewString()} {
		if out[name] != "" && name == "x-forwarded-for" {
			value = out[name] + ", " + value
		}
		out[name] = value
	}
	return out
}

// cookies of all lines, one by one.
func cookies(r *http.Request) []string {
	var out []string
	for _, line := range r.Header["Cookie"] {
		for c := range strings.SplitSeq(line, ";") {
			if c = strings.TrimSpace(c); c != "" {
				out = append(out, c)
			}
		}
	}
	return out
}

func joined(q url.Values) map[string]string {
	if len(q) == 0 {
		return nil
	}
	out := map[string]string{}
	for name, values := range q {
		out[name] = strings.Join(values, ",")
	}
	return out
}

// send gives the client what the function answered. An answer without a status is the body of a 200.
func (f *Front) send(w http.ResponseWriter, r *http.Request, answer []byte) {
	var out events.APIGatewayV2HTTPResponse
	err := json.Unmarshal(answer, &out)
	if err == nil && out.StatusCode == 0 {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
		return
	}
	body := []byte(out.Body)
	if err == nil && out.IsBase64Encoded {
		body, err = base64.StdEncoding.DecodeString(out.Body)
	}
	if err != nil {
		f.Log.Error("gateway: not an answer of format 2.0", "path", r.URL.Path, "error", err)
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	h := w.Header()
	for name, values := range out.MultiValueHeaders { // format 2.0 has none; the gateway passes them over
		f.Log.Warn("gateway: header in several values is lost", "name", name, "values", len(values))
	}
	for name, value := range out.Headers {
		h.Set(name, value)
	}
	for _, c := range out.Cookies {
		h.Add("Set-Cookie", c)
	}
	h.Set("Apigw-Requestid", uuid.NewString())
	w.WriteHeader(out.StatusCode)
	_, _ = w.Write(body) // the client went away
}
