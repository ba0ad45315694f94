// Package sandbox runs a Lambda function's real binary as Lambda does: as a process that asks the Runtime API for its next event.
//
// One process has one event at a time; more at once need more processes, up to the function's Workers. A process is started when an
// event needs it, stays warm afterwards, is killed when it overruns its timeout, and is replaced when it has died. The bytes of the binary
// are not touched; where the clock is to be moved, the process is given another answer to what time it is (clock_linux.go).
//
// What may enter: what Lambda does to any function. It knows nothing of this programme.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// InitTime is how long a process may take until it asks for its first event; Lambda's.
const InitTime = 10 * time.Second

// MaxPayload is the largest event and the largest answer of a function, in bytes; Lambda's: 6 MB.
const MaxPayload = 6 << 20

// Function is one Lambda function.
type Function struct {
	Name    string
	Binary  string   // path
	Env     []string // NAME=value; what Lambda itself sets comes from here
	Token   string   // name of the variable that is to tell one process from another, set to Name-N; empty for none
	ARN     string
	Timeout time.Duration
	// Overrun, when set, is when a process is killed that has not answered, in place of Timeout, which it is told all the same: so that
	// a test need not wait for one that hangs.
	Overrun time.Duration
	Workers int       // processes at most
	Log     io.Writer // what the processes print; several write at once
	// Offset, when set, is how far the clock of the processes is ahead of the machine's; Pool.Move follows it.
	Offset func() time.Duration
}

// Errors of an invocation.
var (
	// ErrTimeout: the function overran its timeout and was killed.
	ErrTimeout = errors.New("sandbox: timed out")
	// ErrExit: the process ended in the midst of the invocation.
	ErrExit = errors.New("sandbox: the process ended")
	// ErrTooLarge: the event or the answer is larger than Lambda carries.
	ErrTooLarge = errors.New("sandbox: payload too large")
	// ErrClosed: the pool is closed.
	ErrClosed = errors.New("sandbox: closed")
)

// FunctionError is the error that the function's own code gave.
type FunctionError struct{ Type, Message string }

func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// Pool is the processes of one function.
type Pool struct {
	Function
	slots  chan struct{} // one for each process that may be at work
	mu     sync.Mutex
	idle   []*worker // the latest used last
	all    map[*worker]bool
	count  int
	closed bool
}

// New starts nothing yet.
func New(f Function) *Pool {
	f.Workers = max(1, f.Workers)
	if f.Log == nil {
		f.Log = io.Discard
	}
	return &Pool{Function: f, slots: make(chan struct{}, f.Workers), all: map[*worker]bool{}}
}

// Invoke has a process handle the event and gives back its answer. It waits for a process to be free, as long as ctx allows; the
// handling itself is not cut off by ctx, only by the function's timeout.
func (p *Pool) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	if len(event) > MaxPayload {
		return nil, fmt.Errorf("%w: an event of %d bytes", ErrTooLarge, len(event))
	}
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.slots }()
	w, err := p.take()
	if err != nil {
		return nil, err
	}
	answer, err := w.invoke(event)
	p.putBack(w)
	return answer, err
}

// take gives a warm process, or a new one.
func (p *Pool) take() (*worker, error) {
	p.mu.Lock()
	for len(p.idle) > 0 {
		w := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if !w.dead() {
			p.mu.Unlock()
			return w, nil
		}
		delete(p.all, w)
	}
	if p.closed {
		p.mu.Unlock()
		return nil, ErrClosed
	}
	p.count++
	name := fmt.Sprintf("%s-%d", p.Name, p.count)
	p.mu.Unlock()
	w, err := p.start(name)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		w.close()
		return nil, ErrClosed
	}
	p.all[w] = true
	// Time may have been moved since the process was given its own.
	return w, w.move()
}

func (p *Pool) putBack(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w.dead() || p.closed {
		w.close()
		delete(p.all, w)
		return
	}
	p.idle = append(p.idle, w)
}

// Kill ends the process of that name at once, as the kernel does one that is out of memory; false when there is none.
func (p *Pool) Kill(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.all {
		if w.name == name && !w.dead() {
			w.kill()
			return true
		}
	}
	return false
}

// KillAll ends every process of the function at once, whatever it is doing, and says how many there were.
func (p *Pool) KillAll() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for w := range p.all {
		if !w.dead() {
			w.kill()
			n++
		}
	}
	return n
}

// Move tells every process what time it is now.
func (p *Pool) Move() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for w := range p.all {
		if !w.dead() {
			errs = append(errs, w.move())
		}
	}
	return errors.Join(errs...)
}

// Close ends every process.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for w := range p.all {
		w.close()
	}
}
