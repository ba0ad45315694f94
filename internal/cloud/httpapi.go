package cloud

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
)

// maxAnswer is the largest answer that Lambda carries, as JSON, in bytes: 6 MB less room for the envelope and the headers.
const maxAnswer = 6<<20 - 64<<10

// httpHandler is what the Lambda runtime calls with an event of an HTTP API, payload format 2.0.
type httpHandler func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)

// serveHTTP makes h answer HTTP API events through the api-proxy adapter, which lives in this file alone.
//
// The adapter's request is right in method and body; what it gets wrong is put right between it and h: the address of a path that
// holds "%", "?" or "#", headers cut at their commas, several Cookie lines, a Host among the headers, a RemoteAddr without a port.
// Its writer takes every late WriteHeader for the status and answers 504 where a handler writes nothing: h gets a writer of ours,
// which keeps net/http's rules and hands over one finished answer.
func serveHTTP(h http.Handler, log *slog.Logger) httpHandler {
	return func(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		path := pathOf(e)
		// The route and not the path: whoever mangles a link may write its token into the path.
		log := log.With("route", e.RouteKey, "method", e.RequestContext.HTTP.Method, "request", e.RequestContext.RequestID)
		if e.Version != "2.0" || !validMethod(e.RequestContext.HTTP.Method) {
			log.ErrorContext(ctx, "not an event of an HTTP API, payload format 2.0", "version", e.Version)
			return plainAnswer(e, http.StatusBadRequest, "error.malformed"), nil
		}
		if e.IsBase64Encoded {
			body, err := base64.StdEncoding.DecodeString(e.Body)
			if err != nil {
				log.WarnContext(ctx, "body is marked as base64 and is not", "error", err)
				return plainAnswer(e, http.StatusBadRequest, "error.malformed"), nil
			}
			e.Body, e.IsBase64Encoded = string(body), false
		}
		return answerInTime(ctx, log, h, e, path), nil
	}
}

// How long before the function's end a handler is told to come to its own, and how long before we answer for one that does not: the
// gateway's own answer, half a minute after the request, says nothing to anybody and loses what was typed.
const (
	windUp  = 4 * time.Second
	noLater = 1500 * time.Millisecond
)

// budget is the time that a handler has of a function's.
func budget(ctx context.Context) (context.Context, context.CancelFunc) {
	if end, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, end.Add(-windUp))
	}
	return context.WithCancel(ctx)
}

// late is a handler that can answer for itself when it has not answered in time.
type late interface {
	Late(http.ResponseWriter, *http.Request)
}

// answerInTime is the answer of h, or what can be said without it shortly before the function ends. A handler that is left behind has a
// context that is over; what it still writes nobody reads.
func answerInTime(ctx context.Context, log *slog.Logger, h http.Handler, e events.APIGatewayV2HTTPRequest, path string) events.APIGatewayV2HTTPResponse {
	end, limited := ctx.Deadline()
	if !limited {
		return answered(ctx, log, h, e, path)
	}
	work, cancel := budget(ctx)
	defer cancel()
	done := make(chan events.APIGatewayV2HTTPResponse, 1)
	go func() { done <- answered(work, log, h, e, path) }()
	timer := time.NewTimer(time.Until(end) - noLater)
	defer timer.Stop()
	select {
	case out := <-done:
		return out
	case <-timer.C:
	}
	log.ErrorContext(ctx, "handler did not answer in time")
	if l, ok := h.(late); ok {
		return answered(ctx, log, http.HandlerFunc(l.Late), e, path)
	}
	return plainAnswer(e, http.StatusServiceUnavailable, "error.slow")
}

// answered sends the event through the adapter to h.
func answered(ctx context.Context, log *slog.Logger, h http.Handler, e events.APIGatewayV2HTTPRequest, path string) events.APIGatewayV2HTTPResponse {
	var answer *answerWriter
	adapter := httpadapter.NewV2(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer = &answerWriter{header: http.Header{}, head: r.Method == http.MethodHead}
		if err := call(h, answer, mend(r, e, path)); err != nil {
			log.ErrorContext(r.Context(), "handler panicked", "error", err)
			answer = nil
			w.WriteHeader(http.StatusInternalServerError) // replaced below
			return
		}
		answer.handOver(w)
	}))
	out, err := adapter.ProxyWithContext(ctx, bare(e))
	if err != nil || answer == nil {
		log.ErrorContext(ctx, "no answer", "error", err)
		return plainAnswer(e, http.StatusInternalServerError, "error.internal")
	}
	return fit(ctx, log, e, out, answer.body.Bytes())
}

// pathOf is the decoded path without the name of a stage that is not $default. HTTP APIs decode rawPath before they send it.
func pathOf(e events.APIGatewayV2HTTPRequest) string {
	path := e.RawPath
	if path == "" {
		path = e.RequestContext.HTTP.Path
	}
	if stage := e.RequestContext.Stage; stage != "" && stage != "$default" {
		if rest, ok := strings.CutPrefix(path, "/"+stage); ok && (rest == "" || rest[0] == '/') {
			path = rest
		}
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path
}

// bare is the event with nothing in it that the adapter stumbles over; mend gives the request the rest.
func bare(e events.APIGatewayV2HTTPRequest) events.APIGatewayV2HTTPRequest {
	e.RawPath, e.RequestContext.HTTP.Path = "/", "/"
	e.RequestContext.DomainName = "liaison.invalid"
	e.RawQueryString, e.QueryStringParameters = "", nil
	e.Headers, e.Cookies = nil, nil
	return e
}

// mend makes r the request that net/http's own server would have made.
func mend(r *http.Request, e events.APIGatewayV2HTTPRequest, path string) *http.Request {
	r.URL = &url.URL{Path: path, RawQuery: e.RawQueryString}
	r.RequestURI = r.URL.RequestURI()
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	r.RemoteAddr = net.JoinHostPort(e.RequestContext.HTTP.SourceIP, "0")
	r.Header = make(http.Header, len(e.Headers)+1)
	for name, value := range e.Headers {
		r.Header.Set(name, value) // the gateway has joined repeated lines with commas; whole is what RFC 9110 calls the same
	}
	if len(e.Cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	r.Host = r.Header.Get("Host")
	if r.Host == "" {
		r.Host = e.RequestContext.DomainName
	}
	r.Header.Del("Host")
	return r
}

// call turns a panic into an error.
func call(h http.Handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	h.ServeHTTP(w, r)
	return nil
}

func validMethod(m string) bool {
	for i := range len(m) {
		if c := m[i]; c < 'A' || c > 'Z' {
			return false
		}
	}
	return m != ""
}

// answerWriter keeps an answer as net/http's server would send it: the first WriteHeader counts and freezes the headers.
type answerWriter struct {
	header, sent http.Header
	status       int
	body         bytes.Buffer
	head         bool // the request was a HEAD: bodies are taken and dropped
}

func (a *answerWriter) Header() http.Header { return a.header }

func (a *answerWriter) WriteHeader(status int) {
	if a.status != 0 || status < 200 { // late, or informational: the gateway carries one answer
		return
	}
	a.status, a.sent = status, a.header.Clone()
}

func (a *answerWriter) Write(b []byte) (int, error) {
	if a.status == 0 {
		if a.header.Get("Content-Type") == "" {
			a.header.Set("Content-Type", http.DetectContentType(b))
		}
		a.WriteHeader(http.StatusOK)
	}
	if a.status == http.StatusNoContent || a.status == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	if a.head {
		return len(b), nil
	}
	return a.body.Write(b)
}

// Flush satisfies http.Flusher; an answer leaves in one piece.
func (a *answerWriter) Flush() {}

// handOver gives the adapter's writer the finished answer.
func (a *answerWriter) handOver(w http.ResponseWriter) {
	a.WriteHeader(http.StatusOK) // for handlers that wrote nothing
	for name, values := range a.sent {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	if a.body.Len() > 0 {
		if w.Header().Get("Content-Type") == "" {
			w.Header().Set("Content-Type", http.DetectContentType(a.body.Bytes()))
		}
		_, _ = w.Write(a.body.Bytes()) // a buffer: it does not fail
	}
}

// fit chooses the smaller spelling of a body and refuses what Lambda would cut off with an error of its own.
func fit(ctx context.Context, log *slog.Logger, e events.APIGatewayV2HTTPRequest, out events.APIGatewayV2HTTPResponse, body []byte) events.APIGatewayV2HTTPResponse {
	if len(body) <= maxAnswer/6 { // the longest spelling of a byte, \u0000
		return out
	}
	coded := base64.StdEncoding.EncodedLen(len(body))
	size := coded
	if utf8.Valid(body) {
		size = jsonLen(body)
	}
	if size > coded {
		out.Body, out.IsBase64Encoded, size = base64.StdEncoding.EncodeToString(body), true, coded
	}
	if size <= maxAnswer {
		return out
	}
	log.ErrorContext(ctx, "answer is larger than Lambda carries", "bytes", len(body), "encoded", size, "limit", maxAnswer)
	return plainAnswer(e, http.StatusInternalServerError, "cloud.answer")
}

// jsonLen is the length of valid UTF-8 as a JSON string, as the Lambda runtime writes it (without HTML escapes).
func jsonLen(b []byte) int {
	n := 2
	for _, r := range string(b) {
		switch {
		case r == '"' || r == '\\' || r == '\n' || r == '\r' || r == '\t' || r == '\b' || r == '\f':
			n += 2
		case r < 0x20 || r == 0x2028 || r == 0x2029:
			n += 6
		default:
			n += utf8.RuneLen(r)
		}
	}
	return n
}
