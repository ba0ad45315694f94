// Package deployment puts template.yaml up on one machine, with the real binaries of the functions: their routes, environment, event
// sources, timeouts and rights are what the template says, their calls go out through the AWS SDK, and what stands for AWS is as strict.
//
//	DynamoDB         a DynamoDB-compatible engine, given by its address; the tables are made from the template's own definitions
//	SES v2           infra/local/ses, which reports as SES does, by way of SNS's envelope to the feedback queue
//	SQS              its protocol over infra/local/queue, with the template's visibility, receive counts and dead letters
//	Secrets Manager  one secret
//	Lambda, API Gateway, the schedule    sandbox, gateway, and what is here
//
// The queues and the clock are the harness's own so that fifteen minutes can pass at once: every process believes the clock that is
// moved. What may enter: the meaning of the template. What is tried on it is the business of tests and of infra/lambda's commands.
package deployment

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"liaison/infra/lambda/endpoint"
	"liaison/infra/lambda/gateway"
	"liaison/infra/lambda/sandbox"
	"liaison/infra/local/demo"
	"liaison/infra/local/queue"
	"liaison/infra/local/ses"
	"liaison/infra/local/stage"
	"liaison/infra/local/workbench"
	"liaison/internal/programme"
	"liaison/internal/sam"
	"liaison/internal/table"
)

// Options of a deployment.
type Options struct {
	Root    string  // of the repository
	Bin     string  // folder of the binaries, as Build makes them
	Engine  string  // address of the DynamoDB-compatible engine
	Addr    string  // where the site listens; empty: any loopback port
	Workers int     // processes of each function at most, for each of its event sources; default 2
	Rate    float64 // of the mail service's quota, in recipients a second; default 500
	Fixed   bool    // the clock cannot be moved, and the processes are started without a debugger's help
	Data    string  // folder of queues and mails; empty keeps them in memory
	Log     io.Writer
	// Programme to begin with; nil: an empty one with one secretary, whose surveys are open.
	Programme *programme.Programme
	// Variables replace variables of every function's environment.
	Variables map[string]string
}

// Deployment is the template, up and running.
type Deployment struct {
	Options
	sam.Values
	Account   endpoint.Account
	Base      string // address of the site
	Stage     *stage.Stage
	Faults    *workbench.Faults
	Mails     *ses.Store
	Mail      *ses.Server
	Endpoint  *endpoint.Endpoint
	Secrets   *endpoint.Secrets
	Functions map[string]*sandbox.Pool // by folder
	Logs      map[string]*Log          // by folder
	// People, Records and Delivery are the tables, as the harness itself reads and writes them.
	People, Records, Delivery table.Table

	log     *slog.Logger
	site    atomic.Pointer[http.Handler] // answers from when everything is up
	closers []func()
}

// Up brings everything up. Close ends it.
func Up(ctx context.Context, o Options) (d *Deployment, err error) {
	if o.Workers == 0 {
		o.Workers = 2
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	d = &Deployment{Options: o, Account: endpoint.Account{Partition: "aws", Region: "eu-west-1", ID: "000000000000"}, Faults: &workbench.Faults{},
		Functions: map[string]*sandbox.Pool{}, Logs: map[string]*Log{}, log: slog.New(slog.NewTextHandler(o.Log, nil))}
	defer func() {
		if err != nil {
			d.Close()
			d = nil
		}
	}()
	if d.Template, err = sam.Read(filepath.Join(o.Root, "template.yaml")); err != nil {
		return d, err
	}
	site, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return d, err
	}
	services, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		site.Close()
		return d, err
	}
	d.Base = "http://" + site.Addr().String()
	d.serve(site, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h := d.site.Load(); h != nil {
			(*h).ServeHTTP(w, r)
			return
		}
		http.Error(w, "starting", http.StatusServiceUnavailable)
	}))
	aws := "http://" + services.Addr().String()
	d.name(aws)
	for _, step := range []func(context.Context) error{d.tables, d.stand, d.functions(aws), d.programme} {
		if err := step(ctx); err != nil {
			return d, err
		}
	}
	d.serve(services, d.Endpoint)
	return d, d.run()
}

// serve answers on a listener until the end.
func (d *Deployment) serve(l net.Listener, h http.Handler) {
	s := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			d.log.Error("listener ended", "error", err)
		}
	}()
	d.closers = append(d.closers, func() { _ = s.Close() })
}

// Close ends everything, the latest first.
func (d *Deployment) Close() {
	for i := len(d.closers) - 1; i >= 0; i-- {
		d.closers[i]()
	}
	d.closers = nil
}

// stand puts up what stands for the services.
func (d *Deployment) stand(context.Context) (err error) {
	kept := func(name string) string {
		if d.Data == "" {
			return ":memory:"
		}
		return filepath.Join(d.Data, name)
	}
	s := &stage.Stage{Log: d.log, Call: time.Minute}
	d.Stage = s
	if s.Clock, err = stage.OpenClock(""); err != nil {
		return err
	}
	if d.Mails, err = ses.OpenStore(kept("mail.db")); err != nil {
		return err
	}
	d.closers = append(d.closers, func() { _ = d.Mails.Close() })
	s.Mail = ses.New(ses.Options{Store: d.Mails, Faults: &d.Faults.Mail, Now: s.Clock.Now, PerSecond: d.Rate, Strict: true, Log: d.log})
	d.Mail = s.Mail
	settings, urls, err := d.queues()
	if err != nil {
		return err
	}
	if s.Broker, err = queue.Open(kept("queues.db"), s.Clock.Now, d.log, settings); err != nil {
		return err
	}
	d.closers = append(d.closers, func() { _ = s.Broker.Close() })
	engine, err := endpoint.Engine(d.Engine)
	if err != nil {
		return err
	}
	d.Secrets = &endpoint.Secrets{ARN: d.Known["SigningKeys"]}
	d.Secrets.Set(Secret)
	d.Endpoint = &endpoint.Endpoint{Account: d.Account, Services: map[string]http.Handler{
		"dynamodb": engine, "ses": s.Mail, "sqs": &endpoint.SQS{Broker: s.Broker, Queues: urls}, "secretsmanager": d.Secrets,
	}}
	d.Endpoint.Hook(d.killing())
	return nil
}

// Secret is what the secret holds at first, of the form that the template's GenerateSecretString makes.
const Secret = `{"previous": "", "current": "HarnessHarnessHarnessHarnessHarnessHarnessHarnessHarnessHarness0"}`

// run sets queues, reports and schedule going and opens the site.
func (d *Deployment) run() error {
	routes, err := d.Gateway()
	if err != nil {
		return err
	}
	front := &gateway.Front{Routes: routes, Invoke: d.Invoke, ID: d.Known["Api"], Now: d.Stage.Clock.Now, Log: d.log}
	bench, err := d.bench()
	if err != nil {
		return err
	}
	every, err := d.schedule()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for name, f := range d.consumers() {
		all.Go(func() { d.Stage.Broker.Run(ctx, name, d.batch(name, f)) })
	}
	all.Go(func() { d.Stage.Mail.Run(ctx, d.Stage.Publish) })
	all.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(every):
				d.Stage.TickOnce(ctx)
			}
		}
	})
	d.closers = append(d.closers, func() {
		stop()
		for _, p := range d.Functions {
			p.Close() // who is at work is not waited for
		}
		all.Wait()
	})
	mux := http.NewServeMux()
	mux.Handle("/_local/", bench)
	mux.Handle("/", front)
	h := http.Handler(mux)
	d.site.Store(&h)
	return nil
}

// Invoke calls a function, while the clock stands.
func (d *Deployment) Invoke(ctx context.Context, folder string, event []byte) ([]byte, error) {
	p := d.Functions[folder]
	if p == nil {
		return nil, fmt.Errorf("deployment: no function %s", folder)
	}
	d.Stage.Gate.RLock()
	defer d.Stage.Gate.RUnlock()
	return p.Invoke(ctx, event)
}

func (d *Deployment) begins() *programme.Programme {
	if d.Options.Programme != nil {
		return d.Options.Programme
	}
	return demo.Empty(d.Stage.Clock.Now())
}
