package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"
)

// visitor is one person with a browser, or a program that speaks JSON.
type visitor struct {
	ctx    context.Context
	base   string
	client *http.Client
}

func newVisitor(ctx context.Context, base string) *visitor {
	jar, _ := cookiejar.New(nil) // never fails without options
	return &visitor{ctx: ctx, base: strings.TrimRight(base, "/"), client: &http.Client{Jar: jar, Timeout: time.Minute}}
}

// answer is a response read whole, at the address where redirects led.
type answer struct {
	status int
	header http.Header
	body   []byte
	at     *url.URL
}

func (a *answer) String() string {
	return fmt.Sprintf("%d at %s: %.300s", a.status, a.at.Path, strings.Join(strings.Fields(readable(a.body)), " "))
}

func (v *visitor) do(method, to, contentType, accept string, body []byte, header ...string) (*answer, error) {
	if strings.HasPrefix(to, "/") {
		to = v.base + to
	}
	r, err := http.NewRequestWithContext(v.ctx, method, to, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", accept)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := v.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 32<<20))
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, to, err)
	}
	return &answer{res.StatusCode, res.Header, text, res.Request.URL}, nil
}

const (
	asPage = "text/html,application/xhtml+xml"
	asJSON = "application/json"
)

// page opens an address as a browser does; anything but 200 is an error.
func (v *visitor) page(to string) (*page, error) {
	a, err := v.do(http.MethodGet, to, "", asPage, nil)
	if err != nil {
		return nil, err
	}
	return a.page(http.StatusOK)
}

func (a *answer) page(want int) (*page, error) {
	if a.status != want {
		return nil, fmt.Errorf("wanted a page with %d, got %s", want, a)
	}
	return parsePage(a.at, a.body)
}

// get reads JSON.
func (v *visitor) get(to string, into any) error {
	a, err := v.do(http.MethodGet, to, "", asJSON, nil)
	if err != nil {
		return err
	}
	return a.json(into)
}

func (a *answer) json(into any) error {
	if a.status < 200 || a.status > 299 {
		return fmt.Errorf("wanted JSON, got %s", a)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		return fmt.Errorf("%s: %w in %.200s", a.at.Path, err, a.body)
	}
	return nil
}

// post sends JSON and reads JSON.
func (v *visitor) post(to string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	a, err := v.do(http.MethodPost, to, "application/json", asJSON, text)
	if err != nil {
		return err
	}
	return a.json(into)
}

// send submits a form as a browser does and follows where it leads.
func (v *visitor) send(to string, fields url.Values) (*answer, error) {
	return v.do(http.MethodPost, to, "application/x-www-form-urlencoded", asPage, []byte(fields.Encode()))
}

// upload sends a list as the file field of a form.
func (v *visitor) upload(to, name, list string, fields url.Values, into any) error {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, values := range fields {
		for _, value := range values {
			if err := w.WriteField(k, value); err != nil {
				return err
			}
		}
	}
	part, err := w.CreateFormFile("list", name)
	if err == nil {
		_, err = io.WriteString(part, list)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return err
	}
	a, err := v.do(http.MethodPost, to, w.FormDataContentType(), asJSON, b.Bytes())
	if err != nil {
		return err
	}
	return a.json(into)
}

// all reads a desk list whole, page by page.
func all[T any](v *visitor, to string) ([]T, error) {
	var out []T
	next := ""
	for range 1000 {
		at := to
		if next != "" {
			mark := "?"
			if strings.Contains(to, "?") {
				mark = "&"
			}
			at += mark + "cursor=" + url.QueryEscape(next)
		}
		var list struct {
			Items []T
			Next  string
		}
		if err := v.get(at, &list); err != nil {
			return nil, err
		}
		out = append(out, list.Items...)
		if next = list.Next; next == "" {
			return out, nil
		}
	}
	return nil, fmt.Errorf("%s never ends", to)
}
