package distribution

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"liaison/internal/mail"

	"golang.org/x/time/rate"
)

// pace keeps one worker to its part of the sending rate. The mail service allows short bursts above the rate, so a worker hands over two seconds'
// worth at once, at most a whole shard.
type pace struct {
	*kit
	sender mail.Sender

	mu      sync.Mutex
	account mail.Account
	read    time.Time
	limiter *rate.Limiter
}

const accountFor = time.Minute // how long an account's figures are believed

// take waits until up to n recipients may be handed over and says how many; mail.ErrStopped or mail.ErrExhausted when none may. A NotYet when
// the wait is longer than the worker's time.
func (p *pace) take(ctx context.Context, n int) (int, error) {
	now := p.Now()
	limiter, err := p.refresh(ctx, now)
	if err != nil {
		return 0, err
	}
	n = min(n, limiter.Burst())
	r := limiter.ReserveN(now, n)
	wait := r.DelayFrom(now)
	if wait == 0 {
		return n, nil
	}
	if p.shortOfTime(ctx, wait) {
		r.CancelAt(now)
		return 0, &NotYet{After: wait}
	}
	if err := p.Sleep(ctx, wait); err != nil {
		r.CancelAt(now)
		return 0, err
	}
	return n, nil
}

func (p *pace) refresh(ctx context.Context, now time.Time) (*rate.Limiter, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.limiter == nil || now.Sub(p.read) >= accountFor {
		a, err := p.sender.Account(ctx)
		switch {
		case err == nil:
			p.use(a, now)
			if a.Sandbox {
				p.Log.WarnContext(ctx, "the mail service's account is in its sandbox: it refuses every address that it has not verified")
			}
		case p.limiter == nil:
			return nil, fmt.Errorf("distribution: sending rate: %w", asPassing(err))
		default: // the rate of a minute ago is good enough
		}
	}
	switch a := p.account; {
	case !a.Enabled:
		p.read = time.Time{} // ask again next time
		return nil, mail.ErrStopped
	case a.PerDay > 0 && a.Today >= a.PerDay:
		p.read = time.Time{}
		return nil, mail.ErrExhausted
	}
	return p.limiter, nil
}

// asPassing keeps a failed look at the account from being taken for an account that may not send.
func asPassing(err error) error { return fmt.Errorf("%v", err) }

func (p *pace) use(a mail.Account, now time.Time) {
	p.account, p.read = a, now
	share := a.PerSecond / float64(p.Limits.Workers)
	burst := int(min(max(math.Ceil(2*share), 1), mail.MaxBatch))
	limit := rate.Limit(max(share, 0.01))
	if p.limiter == nil {
		p.limiter = rate.NewLimiter(limit, burst)
		return
	}
	p.limiter.SetLimitAt(now, limit)
	p.limiter.SetBurstAt(now, burst)
}

func (p *pace) perDay() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return int64(max(p.account.PerDay, 0))
}
