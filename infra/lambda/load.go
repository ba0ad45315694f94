package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"liaison/infra/lambda/deployment"
	"liaison/infra/local/disk"
)

// respondents answer a survey again and again, each answer with a row that nobody else has.
type respondents struct {
	base  string
	form  func(row string) url.Values
	path  string
	count int
	http  *http.Client
}

// answered is what came of it.
type answered struct {
	mu     sync.Mutex
	took   []time.Duration
	rows   []string // of answers that were taken with a 303
	faults map[string]int
}

const survey = "/en/surveys/subscribers"

func client(n int) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost, t.Proxy = n, nil
	return &http.Client{Transport: t, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// prepare opens the form as a respondent does and lets her take a minute to fill it in.
func prepare(ctx context.Context, d *deployment.Deployment, count int) (*respondents, error) {
	c := client(count)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.Base+survey, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "text/html")
	res, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("the form: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the form: %s", res.Status)
	}
	if err := d.Stage.Advance(ctx, time.Minute, 10*time.Second); err != nil {
		return nil, err
	}
	hidden := hiddenField.FindAllSubmatch(page, -1)
	return &respondents{base: d.Base, path: survey, count: count, http: c, form: func(row string) url.Values {
		v := url.Values{}
		for _, m := range hidden {
			v.Set(string(m[1]), strings.NewReplacer("&#43;", "+", "&amp;", "&", "&#34;", `"`).Replace(string(m[2])))
		}
		for name, value := range map[string]string{
			"form_key": rand.Text(), "action": "submit", "respondent.name": "Ana Lima", "respondent.country": "PE", "organisations.0.name": "Guild of " + row,
			"organisations.0.email": row, "organisations.0.about": "An association of the region.",
		} {
			v.Set(name, value)
		}
		return v
	}}, nil
}

// answer lets all of them answer for so long.
func (a *respondents) answer(ctx context.Context, lasting time.Duration) *answered {
	out := &answered{faults: map[string]int{}}
	ctx, cancel := context.WithTimeout(ctx, lasting)
	defer cancel()
	var all sync.WaitGroup
	for range a.count {
		all.Go(func() {
			for ctx.Err() == nil {
				row := strings.ToLower(rand.Text()) + "@load.example"
				began := time.Now()
				fault := a.once(a.form(row))
				out.add(row, time.Since(began), fault)
			}
		})
	}
	all.Wait()
	return out
}

// once sends one answer; it is not cut off when the time is up.
func (a *respondents) once(form url.Values) (fault string) {
	res, err := a.http.PostForm(a.base+a.path, form)
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err.Error()
	}
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") == "" {
		return fmt.Sprintf("%d %.200s", res.StatusCode, text)
	}
	return ""
}

func (o *answered) add(row string, took time.Duration, fault string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.took = append(o.took, took)
	if fault != "" {
		o.faults[fault]++
		return
	}
	o.rows = append(o.rows, row)
}

// lost are rows that the desk does not have, though their answers were taken; or that it has twice.
func lost(ctx context.Context, d *deployment.Deployment, rows []string) ([]string, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	c := &http.Client{Jar: jar, Timeout: time.Minute}
	get := func(to string, into any) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.Base+to, nil)
		if err != nil {
			return err
		}
		r.Header.Set("Accept", "application/json")
		res, err := c.Do(r)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		if into == nil {
			return nil
		}
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %d", to, res.StatusCode)
		}
		return json.NewDecoder(res.Body).Decode(into)
	}
	if err := get("/_local/signin?as=secretary@example.org&to=/desk/sign-in", nil); err != nil {
		return nil, err
	}
	found, next := map[string]int{}, ""
	for {
		var page struct {
			Items []struct{ Email string }
			Next  string
		}
		if err := get("/desk/candidates?survey=subscribers&cursor="+url.QueryEscape(next), &page); err != nil {
			return nil, err
		}
		for _, i := range page.Items {
			found[i.Email]++
		}
		if next = page.Next; next == "" {
			break
		}
	}
	var out []string
	for _, row := range rows {
		if found[row] != 1 {
			out = append(out, fmt.Sprintf("%s is there %d times", row, found[row]))
		}
	}
	return out, nil
}

// bare is what a plain server with one insert does under the same respondents.
func bare(ctx context.Context, count int, lasting time.Duration) (*answered, error) {
	dir, err := os.MkdirTemp("", "liaison-bare-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	db, err := disk.Open(filepath.Join(dir, "bare.db"), "CREATE TABLE IF NOT EXISTS answers (id INTEGER PRIMARY KEY, body TEXT NOT NULL)")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &http.Server{Handler: insert(db), ReadHeaderTimeout: time.Minute}
	go func() { _ = s.Serve(l) }() // until it is closed
	defer s.Close()
	a := &respondents{base: "http://" + l.Addr().String(), path: "/", count: count, http: client(count), form: func(row string) url.Values {
		return url.Values{"organisations.0.email": {row}, "organisations.0.name": {"Guild of " + row}, "respondent.name": {"Ana Lima"}, "respondent.country": {"PE"}}
	}}
	return a.answer(ctx, lasting), nil
}

func insert(db *sql.DB) http.Handler {
	var mu sync.Mutex // SQLite has one writer
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := r.ParseForm()
		if err == nil {
			mu.Lock()
			_, err = db.ExecContext(r.Context(), "INSERT INTO answers (body) VALUES (?)", r.PostForm.Encode())
			mu.Unlock()
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
}

// timed counts the time that passes in a service.
type timed struct {
	http.Handler
	calls, nanoseconds atomic.Int64
}

func (t *timed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	t.Handler.ServeHTTP(w, r)
	t.calls.Add(1)
	t.nanoseconds.Add(int64(time.Since(began)))
}

var errLoad = errors.New("answers failed or were lost")

// load prints how the functions bear many respondents at once.
func load(ctx context.Context, o options) error {
	d, done, err := up(ctx, deployment.Options{Workers: o.workers})
	if err != nil {
		return err
	}
	defer done()
	engine := &timed{Handler: d.Endpoint.Services["dynamodb"]}
	d.Endpoint.Services["dynamodb"] = engine // no function has been called yet
	a, err := prepare(ctx, d, o.respondents)
	if err != nil {
		return err
	}
	before, spent := engine.calls.Load(), engine.nanoseconds.Load()
	got := a.answer(ctx, o.lasting)
	calls, took := engine.calls.Load()-before, time.Duration(engine.nanoseconds.Load()-spent)
	plain, err := bare(ctx, o.respondents, min(o.lasting, 15*time.Second))
	if err != nil {
		return err
	}
	fmt.Printf("%d respondents at once for %v, %d processes of each function, on this machine.\n\n", o.respondents, o.lasting, o.workers)
	tell(os.Stdout, "functions", got, o.lasting)
	tell(os.Stdout, "bare handler", plain, min(o.lasting, 15*time.Second))
	fmt.Printf("\nAn answer makes %.1f calls of the engine, which takes %v for each (all respondents wait for it and for %d processes); bare is net/http with one insert into SQLite.\n",
		float64(calls)/float64(max(1, len(got.took))), (took / time.Duration(max(1, calls))).Round(10*time.Microsecond), o.workers)
	missing, err := lost(ctx, d, got.rows)
	if err != nil {
		return err
	}
	fmt.Printf("%d of %d answers that were taken are at the desk, once each.\n", len(got.rows)-len(missing), len(got.rows))
	for fault, n := range got.faults {
		fmt.Printf("  %d × %s\n", n, fault)
	}
	if len(missing) > 0 || len(got.faults) > 0 || len(plain.faults) > 0 {
		return errLoad
	}
	return nil
}

func tell(w io.Writer, name string, a *answered, lasting time.Duration) {
	fmt.Fprintf(w, "  %-14s %6d answers, %6.0f a second, %d errors; p50 %v, p95 %v, p99 %v\n", name, len(a.took), float64(len(a.took))/lasting.Seconds(), len(a.took)-len(a.rows),
		quantile(a.took, 0.5).Round(100*time.Microsecond), quantile(a.took, 0.95).Round(100*time.Microsecond), quantile(a.took, 0.99).Round(100*time.Microsecond))
}
