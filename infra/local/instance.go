package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"liaison/infra/local/demo"
	"liaison/infra/local/disk"
	"liaison/infra/local/mailbox"
	"liaison/infra/local/queue"
	"liaison/infra/local/ses"
	"liaison/infra/local/stage"
	"liaison/infra/local/workbench"
	"liaison/internal/app"
	"liaison/internal/app/all"
	"liaison/internal/distribution"
	"liaison/internal/link"
	mailses "liaison/internal/mail/ses"
	"liaison/internal/programme"
	"liaison/internal/web"
)

// instance is a running programme.
type instance struct {
	*world
	config
	programme *programme.Programme
	site      *web.Site
	store     *ses.Store
	faults    *workbench.Faults
	base      string
	handler   atomic.Pointer[http.Handler] // nil until everything is ready
	closers   []func() error               // last first
}

// start brings everything up; when it returns the programme is ready.
func start(ctx context.Context, c config) (in *instance, err error) {
	in = &instance{config: c, faults: &workbench.Faults{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, in.close())
			in = nil
		}
	}()
	l, err := c.listen()
	if err != nil {
		return in, err
	}
	in.base = "http://" + l.Addr().String()
	in.serve(l, http.HandlerFunc(in.root))
	unlock, err := disk.Lock(c.data)
	if err != nil {
		return in, err
	}
	in.closers = append(in.closers, unlock)
	seed, err := in.prepare()
	if err != nil {
		return in, err
	}
	out, err := in.outside(seed)
	if err != nil {
		return in, err
	}
	if in.all, err = all.New(out); err != nil {
		return in, err
	}
	in.Tick = in.all.Tick
	in.run()
	if seed {
		if err := in.seed(ctx); err != nil {
			return in, err
		}
	}
	bench := &workbench.Workbench{Stage: in.Stage, Store: in.store, Faults: in.faults, Programme: in.programme, Site: in.site}
	top := http.NewServeMux()
	top.Handle("/_local/", bench.Handler())
	top.HandleFunc("/", in.gated)
	h := http.Handler(top)
	in.handler.Store(&h)
	return in, nil
}

// serve answers on a listener until the instance is closed.
func (in *instance) serve(l net.Listener, h http.Handler) {
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute}
	go func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			in.Log.Error("listener ended", "error", err)
		}
	}()
	in.closers = append(in.closers, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			return s.Close()
		}
		return nil
	})
}

// outside puts together what the programme runs on.
func (in *instance) outside(seed bool) (out *app.Outside, err error) {
	in.world = &world{Stage: &stage.Stage{Log: in.logger, Call: callTimeout}}
	if in.Clock, err = stage.OpenClock(filepath.Join(in.data, "clock")); err != nil {
		return nil, err
	}
	if in.programme, err = in.config.programme(in.base, in.Clock.Now()); err != nil {
		return nil, err
	}
	if seed {
		if err := in.Clock.Set(-demo.History); err != nil {
			return nil, err
		}
	}
	key, err := in.config.key()
	if err != nil {
		return nil, err
	}
	people, records, delivery, err := in.tables()
	if err != nil {
		return nil, err
	}
	if in.Broker, err = queue.Open(filepath.Join(in.data, "queues.db"), in.Clock.Now, in.Log, settings()); err != nil {
		return nil, err
	}
	in.closers = append(in.closers, in.Broker.Close)
	endpoint, err := in.mailService()
	if err != nil {
		return nil, err
	}
	links, err := link.New(in.base, in.Clock.Now, key)
	if err != nil {
		return nil, err
	}
	in.site = &web.Site{Programme: in.programme, Links: links, Now: in.Clock.Now, NewID: rand.Text, Log: in.Log}
	queues := &tasks{in.Broker, in.Clock.Now}
	return &app.Outside{
		Programme: in.programme, People: people, Records: records, Delivery: delivery,
		Mail: mailses.At(endpoint), Queue: queues, Wake: queues.wake, Limits: limits, Step: in.step,
		Keys: []link.Key{key}, Now: in.Clock.Now, NewID: rand.Text, Log: in.Log,
	}, nil
}

// step is distribution.Options.Step: a worker dies once where it was ordered.
func (in *instance) step(_ context.Context, step string) error {
	if in.faults.Dies(step) {
		return distribution.ErrKilled
	}
	return nil
}

// mailService starts the stand-in on a port of its own and returns its endpoint.
func (in *instance) mailService() (endpoint string, err error) {
	if in.store, err = ses.OpenStore(filepath.Join(in.data, "mail.db")); err != nil {
		return "", err
	}
	in.closers = append(in.closers, in.store.Close)
	in.Mail = ses.New(ses.Options{Store: in.store, Faults: &in.faults.Mail, Now: in.Clock.Now, PerSecond: in.rate, Strict: true, Log: in.Log})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	in.serve(l, in.Mail)
	return "http://" + l.Addr().String(), nil
}

// run sets the queues and the clock going.
func (in *instance) run() {
	ctx, stop := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() { in.work(ctx) })
	in.closers = append(in.closers, func() error { stop(); ended.Wait(); return nil })
}

// close ends everything, the latest first.
func (in *instance) close() error {
	var errs []error
	for i := len(in.closers) - 1; i >= 0; i-- {
		errs = append(errs, in.closers[i]())
	}
	in.closers = nil
	return errors.Join(errs...)
}

// announce prints where to look.
func (in *instance) announce(out io.Writer) {
	fmt.Fprintf(out, "%s is running, on this machine only.\n\n", in.programme.Name.In(in.programme.Default, in.programme.Default))
	fmt.Fprintf(out, "  %-24s %s/\n", "Public site", in.base)
	for _, d := range in.programme.Secretariat {
		fmt.Fprintf(out, "  %-24s %s\n", "Desk, as "+string(d.Role), in.base+workbench.SignInPath(d, "/desk/"))
	}
	fmt.Fprintf(out, "  %-24s %s/_local/mailbox\n", "Mailbox", in.base)
	fmt.Fprintf(out, "  %-24s %s/_local/\n\n", "Workbench", in.base)
	fmt.Fprintf(out, "The programme’s clock says %s. Everything is kept in %s. Ctrl-C ends it.\n", in.Clock.Now().In(in.programme.Zone()).Format("2 January 2006, 15:04"), in.data)
}

// root answers everything: not ready, the workbench, or the programme.
func (in *instance) root(w http.ResponseWriter, r *http.Request) {
	h := in.handler.Load()
	if h == nil {
		w.Header().Set("Retry-After", "1")
		http.Error(w, "starting", http.StatusServiceUnavailable)
		return
	}
	(*h).ServeHTTP(w, r)
}

// maxTaken is how much of a body is taken in before a request is handed on; the pages' own limits are far below.
const maxTaken = 16 << 20

// take reads a request's body whole, as the cloud does before it calls a function: who sends slowly does not keep the clock from being moved,
// and who sends too much is there to read that it was too much. What is over maxTaken is read and forgotten, up to as much again.
func take(r *http.Request) error {
	if r.Body == nil { // the demo's own requests
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxTaken))
	if err == nil && len(body) == maxTaken {
		_, err = io.CopyN(io.Discard, r.Body, maxTaken)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if err == io.EOF {
		return nil
	}
	return err
}

// gated serves the programme's own pages; the clock is not moved while one is being answered.
func (in *instance) gated(w http.ResponseWriter, r *http.Request) {
	if err := take(r); err != nil {
		http.Error(w, "the body ended early", http.StatusBadRequest)
		return
	}
	in.Gate.RLock()
	defer in.Gate.RUnlock()
	in.all.HTTP.ServeHTTP(w, r)
}

// seedMarker is there while demo data is being filled in. A folder that was left with it has nothing of a person's in it.
const seedMarker = "seeding"

// prepare tells whether the folder is to be filled with demo data, and begins anew where filling was cut off.
func (in *instance) prepare() (seed bool, err error) {
	marker := filepath.Join(in.data, seedMarker)
	_, cut := os.Stat(marker)
	if cut == nil {
		for _, name := range []string{"programme.json", "clock", "tables*", "queues.db*", "mail.db*"} {
			matches, err := filepath.Glob(filepath.Join(in.data, name))
			if err != nil {
				return false, err
			}
			for _, m := range matches {
				if err := os.Remove(m); err != nil {
					return false, err
				}
			}
		}
	}
	_, fresh := os.Stat(filepath.Join(in.data, "programme.json"))
	if seed = in.demo && errors.Is(fresh, fs.ErrNotExist); seed {
		return true, stage.Write(marker, nil)
	}
	return false, nil
}

// seed tells the demo's story, which begins weeks ago and ends now.
func (in *instance) seed(ctx context.Context) error {
	began := time.Now()
	s := &demo.Seeder{
		Start: began, HTTP: http.HandlerFunc(in.gated), Base: in.base, Now: in.Clock.Now, Log: in.Log, Bounce: in.faults.Mail.Bounce,
		Advance: func(ctx context.Context, d time.Duration) error { return in.Advance(ctx, d, workbench.Patience) },
		SignIn:  func(w http.ResponseWriter) { in.site.SignIn(w, in.programme.Secretariat[0]) },
		Newest:  in.newest,
	}
	if err := s.Run(ctx); err != nil {
		in.Log.Error("the demo data is not complete", "error", err)
	}
	if err := in.Clock.Set(0); err != nil {
		return err
	}
	in.Log.Info("demo data", "took", time.Since(began))
	return os.Remove(filepath.Join(in.data, seedMarker))
}

// newest is the latest mail to an address, as the demo's people read it.
func (in *instance) newest(ctx context.Context, to string) (*demo.Mail, error) {
	in.Arrived(ctx)
	list, _, _, err := in.store.List(ctx, ses.Filter{To: to, Limit: 1})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	m, err := in.store.Get(ctx, list[0].ID)
	if err != nil {
		return nil, err
	}
	out := &demo.Mail{}
	for _, l := range mailbox.LinksOf(m) {
		out.Links = append(out.Links, l.Href)
	}
	for _, h := range m.Headers {
		if h.Name == "List-Unsubscribe" {
			out.Unsubscribe = firstLink(h.Value)
		}
	}
	return out, nil
}

// firstLink is the web address of "<https://…>, <mailto:…>".
func firstLink(header string) string {
	for _, part := range strings.Split(header, ",") {
		if l := strings.Trim(part, " <>"); strings.HasPrefix(l, "http") {
			return l
		}
	}
	return ""
}
