package sandbox

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"time"

	"github.com/google/uuid"
)

// worker is one process and the Runtime API that is its own.
type worker struct {
	*Function
	name   string
	cmd    *exec.Cmd
	api    *http.Server
	clock  *mover // nil: the machine's time
	ended  chan struct{}
	ready  chan struct{} // closed when it asks for its first event
	asked  sync.Once
	events chan *invocation

	mu      sync.Mutex
	current *invocation
	failed  error // what it said of its start
}

// invocation is one event in the hands of a process.
type invocation struct {
	id       string
	event    []byte
	deadline time.Time // by the clock of the process
	done     chan outcome
}

type outcome struct {
	answer []byte
	err    error
}

// start starts a process and waits until it asks for its first event. One that does not, is not started.
func (p *Pool) start(name string) (*worker, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &worker{Function: &p.Function, name: name, ended: make(chan struct{}), ready: make(chan struct{}), events: make(chan *invocation)}
	w.api = &http.Server{Handler: w.routes(), ReadHeaderTimeout: time.Minute}
	go func() { _ = w.api.Serve(l) }() // until it is closed
	w.cmd = exec.Command(p.Binary)
	w.cmd.Dir = "/"
	w.cmd.Env = append(append([]string{}, p.Env...), "AWS_LAMBDA_RUNTIME_API="+l.Addr().String(), "AWS_LAMBDA_LOG_STREAM_NAME="+name)
	if p.Token != "" {
		w.cmd.Env = append(w.cmd.Env, p.Token+"="+name)
	}
	w.cmd.Stdout, w.cmd.Stderr = p.Log, p.Log
	if w.clock, err = w.launch(); err != nil {
		_ = w.api.Close()
		return nil, fmt.Errorf("sandbox: start %s: %w", p.Binary, err)
	}
	go func() {
		_ = w.cmd.Wait() // how it ended is told by what it was doing
		close(w.ended)
	}()
	select {
	case <-w.ready:
		return w, nil
	case <-w.ended:
		err = fmt.Errorf("%w before it asked for an event", ErrExit)
	case <-time.After(InitTime):
		err = fmt.Errorf("%w: no event was asked for within %v", ErrTimeout, InitTime)
	}
	w.close()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed != nil {
		err = w.failed
	}
	return nil, err
}

// launch starts the process, on the machine's clock or on one that can be moved.
func (w *worker) launch() (*mover, error) {
	if w.Offset == nil {
		return nil, w.cmd.Start()
	}
	return startMoved(w.cmd, w.Offset())
}

func (w *worker) move() error {
	if w.clock == nil {
		return nil
	}
	return w.clock.set(w.Offset())
}

// now is the time as the process sees it.
func (w *worker) now() time.Time {
	if w.Offset == nil {
		return time.Now()
	}
	return time.Now().Add(w.Offset())
}

func (w *worker) dead() bool {
	select {
	case <-w.ended:
		return true
	default:
		return false
	}
}

// kill ends the process; it has ended when kill returns.
func (w *worker) kill() {
	_ = w.cmd.Process.Kill() // it may be dead already
	<-w.ended
}

// close ends the process and its Runtime API.
func (w *worker) close() {
	w.kill()
	_ = w.api.Close() // its one client is dead
	if w.clock != nil {
		w.clock.close()
	}
}

// invoke hands one event over and waits for what becomes of it.
func (w *worker) invoke(event []byte) ([]byte, error) {
	i := &invocation{id: uuid.NewString(), event: event, deadline: w.now().Add(w.Timeout), done: make(chan outcome, 1)}
	patience := w.Timeout
	if w.Overrun > 0 {
		patience = w.Overrun
	}
	overrun := time.NewTimer(patience)
	defer overrun.Stop()
	fmt.Fprintf(w.Log, "START RequestId: %s\n", i.id)
	select {
	case w.events <- i:
	case <-w.ended:
		return nil, w.end(i, ErrExit)
	case <-overrun.C:
		return nil, w.end(i, ErrTimeout)
	}
	select {
	case o := <-i.done:
		return o.answer, w.end(i, o.err)
	case <-w.ended:
		select { // the answer may have been its last act
		case o := <-i.done:
			return o.answer, w.end(i, o.err)
		default:
		}
		return nil, w.end(i, ErrExit)
	case <-overrun.C:
		return nil, w.end(i, ErrTimeout)
	}
}

// end writes Lambda's own lines and kills what overran.
func (w *worker) end(i *invocation, err error) error {
	switch err {
	case ErrTimeout:
		w.kill()
		fmt.Fprintf(w.Log, "RequestId: %s Error: Task timed out after %.2f seconds\n", i.id, w.Timeout.Seconds())
	case ErrExit:
		fmt.Fprintf(w.Log, "RequestId: %s Error: Runtime exited\n", i.id)
	}
	fmt.Fprintf(w.Log, "END RequestId: %s\n", i.id)
	return err
}

// take waits for the next event.
func (w *worker) take(ctx context.Context) *invocation {
	w.asked.Do(func() { close(w.ready) })
	select {
	case i := <-w.events:
		w.mu.Lock()
		defer w.mu.Unlock()
		w.current = i
		return i
	case <-ctx.Done():
		return nil
	}
}

// settle ends the invocation of that id; false when it is not the one at work.
func (w *worker) settle(id string, o outcome) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.current == nil || w.current.id != id {
		return false
	}
	w.current.done <- o
	w.current = nil
	return true
}

// trace is an X-Ray trace id, as Lambda makes one for each event.
func trace(now time.Time) string {
	var b [20]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("Root=1-%08x-%x;Parent=%x;Sampled=0", uint32(now.Unix()), b[:12], b[12:])
}
