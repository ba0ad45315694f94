// Package transport is the HTTP client under every AWS client of Liaison. It exists because of one fault of the SDK that costs us more
// than it costs others.
//
// The SDK hands net/http a request body of a type of its own, closes it as soon as the head of the answer is there, and from then
// on reports the end of that body as an error (smithy-go 1.28, transport/http). net/http, which does not know the type, sends the
// head of the request before the body and looks for the body's end after sending it. When the service answers before that look, as
// happens to a program that is short of CPU, net/http takes the end for a failure and closes the connection under the answer that is
// being read: "deserialization failed … use of closed network connection", for a request that has been carried out. For a read that
// is a repeated request. For a call that must not be repeated, such as sending mail or adding to a sum, it is a needless doubt.
//
// What may enter: what every client needs below the SDK. Nothing here knows AWS.
package transport

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// Doer is an HTTP client, as the SDK asks for one.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Whole is next with each request's body handed over as bytes in memory, which net/http knows: head and body then leave in one
// piece, nothing is left to look for, and the fault cannot happen. Bodies are read whole, so it is not for large uploads. A nil next
// is http.DefaultClient.
func Whole(next Doer) Doer {
	if next == nil {
		next = http.DefaultClient
	}
	return whole{next}
}

type whole struct{ next Doer }

// Do implements Doer. The request is closed, as http.Client.Do would, but not changed.
func (w whole) Do(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return w.next.Do(r)
	}
	body, err := readAll(r)
	if err != nil {
		return nil, fmt.Errorf("transport: read request body: %w", err)
	}
	again := r.WithContext(r.Context()) // a shallow copy
	again.ContentLength = int64(len(body))
	again.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	again.Body, _ = again.GetBody()
	return w.next.Do(again)
}

func readAll(r *http.Request) ([]byte, error) {
	defer r.Body.Close()
	var b bytes.Buffer
	if r.ContentLength > 0 {
		b.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	_, err := b.ReadFrom(r.Body)
	return b.Bytes(), err
}
