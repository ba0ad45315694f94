package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"liaison/internal/table"
)

// Limiter counts attempts in fixed windows of time, by atomic counters that expire.
// Keys: LIMIT#name#window / COUNT.
type Limiter struct {
	Table table.Table
	Now   func() time.Time
}

// Allow counts one attempt under name and tells whether it is within most a window. Names hold a keyed or public value, never a secret.
func (l *Limiter) Allow(ctx context.Context, name string, most int64, window time.Duration) (bool, error) {
	now := l.Now()
	start := now.Truncate(window)
	key := table.Key{PK: fmt.Sprintf("LIMIT#%s#%d", name, start.Unix()), SK: "COUNT"}
	n, err := l.Table.Add(ctx, key, map[string]int64{"attempts": 1})
	if err != nil {
		return false, err
	}
	if n["attempts"] == 1 { // the first gives the counter its end; the count is kept whatever order the others come in
		if err := l.end(ctx, key, start.Add(2*window)); err != nil {
			return false, err
		}
	}
	return n["attempts"] <= most, nil
}

// end lets a counter expire. Others count at the same time, so it takes what stands there until it is faster than they are.
func (l *Limiter) end(ctx context.Context, key table.Key, at time.Time) error {
	for try := 0; ; try++ {
		it, err := l.Table.Get(ctx, key)
		if err != nil {
			return err
		}
		it.Expires = at
		_, err = l.Table.Put(ctx, it, table.VersionIs(it.Version))
		switch {
		case !errors.Is(err, table.ErrConflict):
			return err
		case try == 20: // a counter that stays does no harm
			return nil
		}
	}
}

// Network is the part of a client's address that limits count by: IPv4 /32, IPv6 /64. It is "" for loopback, which is never limited.
func Network(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = strings.Trim(r.RemoteAddr, "[]")
	}
	ip := net.ParseIP(host)
	switch {
	case ip == nil:
		return "unknown"
	case ip.IsLoopback():
		return ""
	case ip.To4() != nil:
		return ip.String()
	}
	return ip.Mask(net.CIDRMask(64, 128)).String()
}
