package transport_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"liaison/internal/transport"
)

// body is of a type that net/http does not know, as the SDK's is.
type body struct {
	io.Reader
	closed int
}

func (b *body) Close() error {
	b.closed++
	return nil
}

// counting counts the writes to a connection.
type counting struct {
	net.Conn
	mu     sync.Mutex
	writes int
}

func (c *counting) Write(p []byte) (int, error) {
	c.mu.Lock()
	c.writes++
	c.mu.Unlock()
	return c.Conn.Write(p)
}

// post sends text through a client made of plain by how, and tells what arrived and in how many writes.
func post(t *testing.T, text string, how func(*http.Client) transport.Doer) (arrived string, writes int, b *body) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, err := io.ReadAll(r.Body)
		if err != nil || r.ContentLength != int64(len(got)) {
			t.Errorf("length %d, %v; want %d", r.ContentLength, err, len(got))
		}
		arrived = r.Header.Get("X-Kept") + string(got)
	}))
	defer server.Close()
	var conn *counting
	plain := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, network, address)
			conn = &counting{Conn: c}
			return conn, err
		},
	}}
	defer plain.CloseIdleConnections()
	b = &body{Reader: strings.NewReader(text)}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, b)
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = int64(len(text))
	r.Header.Set("X-Kept", "kept,")
	answer, err := how(plain).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if r.Body != b {
		t.Error("the caller's request was changed")
	}
	conn.mu.Lock()
	defer conn.mu.Unlock()
	return arrived, conn.writes, b
}

func TestHeadAndBodyLeaveTogether(t *testing.T) {
	arrived, writes, b := post(t, "hello", func(c *http.Client) transport.Doer { return transport.Whole(c) })
	if arrived != "kept,hello" || writes != 1 {
		t.Errorf("%q in %d writes; want it whole in one", arrived, writes)
	}
	if b.closed == 0 {
		t.Error("the caller's body was not closed")
	}
	// This is what the package is for. Should net/http or the SDK no longer need it, the package may go.
	if _, writes, _ := post(t, "hello", func(c *http.Client) transport.Doer { return c }); writes == 1 {
		t.Error("net/http sends an unknown body with its head by itself now")
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestBodyThatCannotBeRead(t *testing.T) {
	broken := errors.New("broken")
	b := &body{Reader: failing{broken}}
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:1/", b)
	if _, err := transport.Whole(nil).Do(r); !errors.Is(err, broken) {
		t.Errorf("%v; want the body's error", err)
	}
	if b.closed == 0 {
		t.Error("the body was not closed")
	}
}

func TestNoBody(t *testing.T) {
	arrived := false
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { arrived = r.ContentLength == 0 }))
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := transport.Whole(server.Client()).Do(r)
	if err != nil || !arrived {
		t.Fatalf("%v", err)
	}
	answer.Body.Close()
}
