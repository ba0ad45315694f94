package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
)

// client asks the programme's own addresses, within the process.
type client struct {
	handler http.Handler
	base    string
	cookies []*http.Cookie // the secretary's session; nil for the public
	calls   int
}

// Refused is an answer that is no success.
type Refused struct {
	Method, Path string
	Status       int
	Body         string
}

func (r *Refused) Error() string {
	return fmt.Sprintf("%s %s: %d %.300s", r.Method, r.Path, r.Status, strings.Join(strings.Fields(r.Body), " "))
}

// do sends a request and reads a JSON answer into out, unless that is nil.
func (c *client) do(ctx context.Context, method, path, contentType string, body []byte, out any) error {
	if u, err := url.Parse(path); err == nil && u.IsAbs() {
		path = u.RequestURI()
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), "127.0.0.1:1"
	r.Header.Set("Accept", "application/json")
	if body != nil {
		c.calls++
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Idempotency-Key", fmt.Sprintf("demo-%04d", c.calls))
	}
	for _, cookie := range c.cookies {
		r.AddCookie(cookie)
	}
	w := &answer{header: http.Header{}, status: http.StatusOK}
	c.handler.ServeHTTP(w, r)
	if w.status >= 400 {
		return &Refused{method, path, w.status, w.body.String()}
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(w.body.Bytes(), out); err != nil {
		return fmt.Errorf("%s %s: %w in %.200s", method, path, err, w.body.Bytes())
	}
	return nil
}

// answer keeps what a handler answers.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }
func (a *answer) WriteHeader(status int)      { a.status = status }

// cookies are those that the answer sets.
func (a *answer) cookies() []*http.Cookie { return (&http.Response{Header: a.header}).Cookies() }

func (c *client) get(ctx context.Context, path string, out any) error {
	return c.do(ctx, http.MethodGet, path, "", nil, out)
}

func (c *client) post(ctx context.Context, path string, body, out any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.do(ctx, http.MethodPost, path, "application/json", text, out)
}

func (c *client) form(ctx context.Context, path string, fields url.Values) error {
	return c.do(ctx, http.MethodPost, path, "application/x-www-form-urlencoded", []byte(fields.Encode()), nil)
}

// upload sends a list as the file field of a form.
func (c *client) upload(ctx context.Context, path, name string, list []byte, fields map[string]string) error {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			return err
		}
	}
	part, err := w.CreateFormFile("list", name)
	if err == nil {
		_, err = part.Write(list)
	}
	if err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return c.do(ctx, http.MethodPost, path, w.FormDataContentType(), b.Bytes(), nil)
}
