package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"liaison/internal/form"
)

// Again is a form that could not be taken, as it was sent, so that it can be sent again from the page that says so. It has the same key, so
// that it counts once even if it was taken after all.
type Again struct {
	Action string
	Fields []Sent
	File   string // the name of a file that was sent along: a page cannot keep it, so it must be chosen again
}

// Sent is one field of a form.
type Sent struct{ Name, Value string }

const keptKey ctxKey = 2

// maxKept is the most that is kept of a form, in bytes. A page around it is twice as large at least, and Lambda answers with 6 MB.
const maxKept = 1 << 20

// kept remembers what was read of a body, and can read the rest.
type kept struct {
	io.ReadCloser
	read bytes.Buffer
}

func (k *kept) Read(b []byte) (int, error) {
	n, err := k.ReadCloser.Read(b)
	k.read.Write(b[:n])
	return n, err
}

// keep makes the form of a request findable for again.
func keep(r *http.Request) *http.Request {
	if r.Method != http.MethodPost || r.Body == nil {
		return r
	}
	k := &kept{ReadCloser: r.Body}
	r = r.WithContext(context.WithValue(r.Context(), keptKey, k))
	r.Body = k
	return r
}

// again is the form of a request that was kept; nil where there is none, or where it is too large to be sent along.
func again(r *http.Request) *Again {
	k, ok := r.Context().Value(keptKey).(*kept)
	if !ok {
		return nil
	}
	_, err := io.CopyN(io.Discard, k, form.MaxUpload-int64(k.read.Len()))
	if !errors.Is(err, io.EOF) {
		return nil
	}
	a := &Again{Action: r.URL.RequestURI()}
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/x-www-form-urlencoded":
		err = a.pairs(k.read.String())
	case "multipart/form-data":
		err = a.parts(multipart.NewReader(bytes.NewReader(k.read.Bytes()), params["boundary"]))
	default:
		return nil
	}
	size := 0
	for _, f := range a.Fields {
		size += len(f.Name) + len(f.Value)
	}
	if err != nil || size == 0 || size > maxKept {
		return nil
	}
	return a
}

func (a *Again) pairs(body string) error {
	values, err := url.ParseQuery(body)
	for name, list := range values {
		for _, v := range list {
			a.Fields = append(a.Fields, Sent{name, v})
		}
	}
	slices.SortStableFunc(a.Fields, func(x, y Sent) int { return strings.Compare(x.Name, y.Name) })
	return err
}

func (a *Again) parts(r *multipart.Reader) error {
	for {
		part, err := r.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		_, what, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		if _, file := what["filename"]; file {
			a.File = part.FileName() // "" where none was chosen
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, maxKept+1))
		if err != nil {
			return err
		}
		a.Fields = append(a.Fields, Sent{part.FormName(), string(value)})
	}
}
