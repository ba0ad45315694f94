package cloud

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"time"
	_ "time/tzdata" // the base image of Lambda promises no time zones

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"liaison/internal/app"
	"liaison/internal/distribution"
	"liaison/internal/table/dynamo"
)

// How long what was read is believed. A change reaches every function within these times.
const (
	programmeLife = time.Minute
	keysLife      = 5 * time.Minute
	// rereadTime is how long an event waits for what is read again; what was read before would do.
	rereadTime = 3 * time.Second
)

// world is the outside world of one function, as AWS gives it.
type world struct {
	cfg     *config
	service func(name string) aws.Config
	out     app.Outside // all but Programme, Keys and Retired is made once
	keys    func(context.Context) (*keyring, error)

	waits               time.Duration
	raw                 string // what out.Programme was made of
	programmeAt, keysAt time.Time
}

// open makes the clients once. It asks nothing of AWS.
func open(getenv func(string) string, log *slog.Logger, parts []Part) (*world, error) {
	cfg, err := readConfig(getenv)
	if err != nil {
		return nil, err
	}
	conf, err := awsConfig(getenv)
	if err != nil {
		return nil, err
	}
	w := &world{cfg: cfg, waits: rereadTime, service: func(name string) aws.Config { return at(conf, getenv, name) }}
	w.out = app.Outside{Now: time.Now, NewID: rand.Text, Log: log, Limits: distribution.Limits{Workers: cfg.workers},
		Meter: meter(log.Handler(), cfg.fallback.id, time.Now)}
	db := dynamodb.NewFromConfig(w.service("DYNAMODB"))
	w.out.People, w.out.Records, w.out.Delivery = dynamo.New(db, cfg.people), dynamo.New(db, cfg.programme), dynamo.New(db, cfg.delivery)
	secrets := secretsmanager.NewFromConfig(w.service("SECRETS_MANAGER"))
	w.keys = func(ctx context.Context) (*keyring, error) { return loadKeys(ctx, secrets, cfg.secret, w.out.Now()) }
	setting := &Setting{Outside: &w.out, Config: w.service, ConfigurationSet: cfg.configurationSet, PlanQueue: cfg.planQueue, DeliverQueue: cfg.deliverQueue,
		MailQueue: cfg.mailQueue}
	for _, p := range parts {
		p(setting)
	}
	return w, nil
}

// fresh gives the outside world as of now, and whether it differs from the last time. What cannot be read again is believed a
// while longer, so that a passing fault of AWS takes nothing down that works.
func (w *world) fresh(ctx context.Context) (out *app.Outside, changed bool, err error) {
	now := w.out.Now()
	var wg sync.WaitGroup
	var programmeErr, keysErr error
	first := w.out.Programme == nil || w.out.Keys == nil
	if !first {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, w.waits)
		defer cancel()
	}
	p, raw := w.out.Programme, w.raw
	if p == nil || now.Sub(w.programmeAt) >= programmeLife {
		wg.Go(func() { p, raw, programmeErr = loadProgramme(ctx, w.out.Records, w.cfg.fallback) })
	}
	var ring *keyring
	if w.out.Keys == nil || now.Sub(w.keysAt) >= keysLife {
		wg.Go(func() { ring, keysErr = w.keys(ctx) })
	}
	wg.Wait()
	for what, err := range map[string]error{"programme": programmeErr, "keys": keysErr} {
		switch {
		case err != nil && first:
			return nil, false, err
		case err != nil:
			w.out.Log.WarnContext(ctx, "not read again; what was read before still counts", "what", what, "error", err)
		}
	}
	if programmeErr == nil && raw != w.raw {
		w.out.Programme, w.raw, changed = p, raw, true
	}
	if keysErr == nil && ring != nil {
		changed = w.take(ctx, ring) || changed
	}
	if now.Sub(w.programmeAt) >= programmeLife {
		w.programmeAt = now
	}
	if now.Sub(w.keysAt) >= keysLife {
		w.keysAt = now
	}
	copied := w.out
	return &copied, changed, nil
}

// take makes the keys of a ring count, and tells whether they differ from those before.
func (w *world) take(ctx context.Context, ring *keyring) (changed bool) {
	for _, note := range ring.notes {
		w.out.Log.WarnContext(ctx, note)
	}
	if ring.equal(&keyring{keys: w.out.Keys, retired: w.out.Retired}) {
		return false
	}
	w.out.Keys, w.out.Retired = ring.keys, ring.retired
	return true
}

// service keeps the handler of a function, and makes it anew when the programme's configuration or its keys have changed. Lambda
// gives a process one event at a time, so it needs no lock.
type service[H any] struct {
	open  func() (*world, error)
	build func(*app.Outside) (H, error)
	world *world
	made  bool
	h     H
}

func (s *service[H]) get(ctx context.Context) (H, error) {
	var none H
	if s.world == nil {
		w, err := s.open()
		if err != nil {
			return none, err
		}
		s.world = w
	}
	out, changed, err := s.world.fresh(ctx)
	if err != nil {
		return none, err
	}
	if s.made && !changed {
		return s.h, nil
	}
	h, err := s.build(out)
	if err != nil {
		s.made = false
		return none, fmt.Errorf("cloud: make the function: %w", err)
	}
	s.h, s.made = h, true
	return h, nil
}
