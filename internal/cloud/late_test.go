package cloud

import (
	"context"
	"html"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"liaison/internal/app"
	"liaison/internal/app/subscriptions"
	"liaison/internal/link"
	"liaison/internal/programme"
	"liaison/internal/table"
)

// stuck is a table that answers nothing. A deaf one does not even hear that nobody waits any more.
type stuck struct {
	table.Table
	deaf bool
}

func (s stuck) Add(ctx context.Context, _ table.Key, _ map[string]int64) (map[string]int64, error) {
	if s.deaf {
		time.Sleep(5 * time.Minute)
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

// function is a real one, above that table.
func function(t *testing.T, log *slog.Logger, deaf bool) http.Handler {
	t.Helper()
	cfg, err := readConfig(env())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := cfg.fallback.document()
	if err != nil {
		t.Fatal(err)
	}
	p, err := programme.Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	h, err := subscriptions.New(&app.Outside{Programme: p, People: stuck{deaf: deaf}, Keys: []link.Key{{1}}, Now: time.Now, NewID: func() string { return "id" }, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// lockedLines is a log that a handler left behind may still write to.
type lockedLines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lockedLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

const typed = "email=reader%40forum.example&organisation=Forum+%22of%22+%3Cseas%3E&country=KE&language=fr&format=html&category=consumers&consent=yes&form_key=KEY1"

func post(contentType, body string) func(map[string]any) {
	return func(e map[string]any) {
		path("/fr/subscribe")(e)
		e["rawQueryString"], e["body"] = "", body
		within(e, "requestContext", "http")["method"] = "POST"
		within(e, "headers")["content-type"] = contentType
		if strings.HasPrefix(contentType, "application/json") {
			within(e, "headers")["accept"] = "application/json"
		}
	}
}

const multipartForm = "--b\r\nContent-Disposition: form-data; name=\"organisation\"\r\n\r\nForum \"of\" <seas>\r\n--b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nreader@forum.example\r\n" +
	"--b\r\nContent-Disposition: form-data; name=\"country\"\r\n\r\nKE\r\n--b\r\nContent-Disposition: form-data; name=\"category\"\r\n\r\nconsumers\r\n--b\r\nContent-Disposition: form-data; name=\"consent\"\r\n\r\nyes\r\n" +
	"--b\r\nContent-Disposition: form-data; name=\"form_key\"\r\n\r\nKEY1\r\n--b\r\nContent-Disposition: form-data; name=\"list\"; filename=\"our list.csv\"\r\nContent-Type: text/csv\r\n\r\na,b\r\n--b--\r\n"

// TestTheEndOfTheBudget: whatever hangs, the reader has a page of ours before the gateway gives up, and on it what was typed.
func TestTheEndOfTheBudget(t *testing.T) {
	const timeout, gateway = 29 * time.Second, 30 * time.Second
	for name, c := range map[string]struct {
		change func(map[string]any)
		deaf   bool
		keeps  []string // on the page
		never  []string
	}{
		"a form":                        {post("application/x-www-form-urlencoded", typed), false, []string{`name="organisation" value="Forum "of" <seas>"`, `name="form_key" value="KEY1"`, `action="/fr/subscribe"`, "Cela a pris trop de temps"}, []string{`type="file"`}},
		"a form, and a deaf handler":    {post("application/x-www-form-urlencoded", typed), true, []string{`name="organisation" value="Forum "of" <seas>"`, `name="form_key" value="KEY1"`, "Cela a pris trop de temps"}, nil},
		"a form with a file":            {post("multipart/form-data; boundary=b", multipartForm), false, []string{`value="reader@forum.example"`, `type="file"`, "our list.csv"}, []string{"a,b"}},
		"a file, and a deaf handler":    {post("multipart/form-data; boundary=b", multipartForm), true, []string{`value="reader@forum.example"`, `type="file"`, "our list.csv"}, nil},
		"JSON":                          {post("application/json", `{"email":"reader@forum.example","organisation":"Forum","country":"KE","category":"consumers","consent":"yes"}`), false, []string{`"status":503`, `"title":"Cela a pris`}, []string{"<form"}},
		"JSON, and a deaf handler":      {post("application/json", `{"email":"reader@forum.example","organisation":"Forum","country":"KE","category":"consumers","consent":"yes"}`), true, []string{`"status":503`}, []string{"<form"}},
		"a form of a megabyte and more": {post("application/x-www-form-urlencoded", typed+"&homepage_2="+strings.Repeat("x", 1<<20)), true, []string{"Cela a pris"}, []string{"KEY1"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				defer time.Sleep(10 * time.Minute) // the deaf one comes to its end
				var lines lockedLines
				log := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
				h := function(t, log, c.deaf)
				began := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				out, err := serveHTTP(h, log)(ctx, event(t, c.change))
				took := time.Since(began)
				if err != nil || took >= timeout || took >= gateway || took < 20*time.Second {
					t.Fatalf("after %v: %v", took, err)
				}
				a, body := wire(t, out)
				if a.StatusCode != http.StatusServiceUnavailable || a.Headers["Retry-After"] == "" || a.Headers["Cache-Control"] != "no-store" || a.Headers["Strict-Transport-Security"] == "" ||
					!strings.Contains(a.Headers["Content-Security-Policy"], "frame-ancestors 'none'") {
					t.Errorf("%d %v", a.StatusCode, a.Headers)
				}
				page := html.UnescapeString(string(body))
				for _, s := range c.keeps {
					if !strings.Contains(page, s) {
						t.Errorf("lacks %s: %.1500s", s, page)
					}
				}
				for _, s := range c.never {
					if strings.Contains(page, s) {
						t.Errorf("holds %s", s)
					}
				}
				if s := lines.String(); !strings.Contains(s, "level=ERROR") || strings.Contains(s, "forum.example") || strings.Contains(s, "KEY1") {
					t.Errorf("log: %s", s)
				}
			})
		})
	}
}

func TestAHandlerWithoutAPageOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 29*time.Second)
		defer cancel()
		wrote := make(chan error, 1)
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Minute)
			_, err := w.Write([]byte("too late"))
			wrote <- err
		})
		out, err := serveHTTP(h, slog.New(slog.DiscardHandler))(ctx, event(t, path("/ru/issues")))
		if err != nil || out.StatusCode != 503 || out.Headers["Retry-After"] == "" || !strings.Contains(out.Body, "слишком много времени") {
			t.Errorf("%v %d %v %s", err, out.StatusCode, out.Headers, out.Body)
		}
		<-wrote
		if strings.Contains(out.Body, "too late") {
			t.Error("a late answer changes one that was given")
		}
	})
}

func TestAFunctionThatIsNotReadyInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service[http.Handler]{
			open: func() (*world, error) {
				cfg, err := readConfig(env())
				w := &world{cfg: cfg, waits: rereadTime, keys: func(ctx context.Context) (*keyring, error) { <-ctx.Done(); return nil, ctx.Err() }}
				w.out = app.Outside{Now: time.Now, Log: slog.New(slog.DiscardHandler), Records: empty{}}
				return w, err
			},
			build: func(*app.Outside) (http.Handler, error) { return http.NotFoundHandler(), nil },
		}
		ctx, cancel := context.WithTimeout(t.Context(), 29*time.Second)
		defer cancel()
		out, err := answerHTTP(s.get, slog.New(slog.DiscardHandler))(ctx, event(t, nil))
		if err != nil || ctx.Err() != nil || out.StatusCode != 503 || out.Headers["Retry-After"] == "" {
			t.Errorf("%v %d %v", err, out.StatusCode, out.Headers)
		}
	})
}

// empty is a table in which nothing stands.
type empty struct{ table.Table }

func (empty) Get(context.Context, table.Key) (table.Item, error) {
	return table.Item{}, table.ErrNotFound
}
