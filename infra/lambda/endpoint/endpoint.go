// Package endpoint is the address that functions find AWS at: it hands each call to what stands for the service, and keeps who called
// what, in the words of IAM.
//
// A call says by itself who makes it: each function has an access key of its own, and each process a session token of its own, and both
// stand in the call's head. What may enter: what is needed to pass calls on, to note them, and to let a process die at one.
package endpoint

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Account is whose cloud it is.
type Account struct{ Partition, Region, ID string }

// ARN of a resource of the account.
func (a Account) ARN(service, resource string) string {
	return strings.Join([]string{"arn", a.Partition, service, a.Region, a.ID, resource}, ":")
}

// Right is what a call needs: an action of IAM on a resource.
type Right struct{ Action, Resource string }

// Call is one call of a service.
type Call struct {
	Key, Process string // access key and session token of who calls
	Operation    string // as the service names it: dynamodb:TransactWriteItems
	Rights       []Right
	Body         []byte
}

// Hooks look at calls. Before runs ahead of the service; false keeps the call from it. After runs when the service has answered and
// the caller does not know yet.
type Hooks struct {
	Before func(Call) bool
	After  func(c Call, status int)
}

// Endpoint is the address. Services are by their names in a signature's scope: dynamodb, sqs, ses, secretsmanager.
type Endpoint struct {
	Account
	Services map[string]http.Handler

	mu    sync.Mutex
	hooks Hooks
	used  map[string]map[Right]int // by access key
}

// Hook replaces the hooks.
func (e *Endpoint) Hook(h Hooks) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.hooks = h
}

// Used tells which rights each access key has used since the start, and how often.
func (e *Endpoint) Used() map[string]map[Right]int {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := map[string]map[Right]int{}
	for key, rights := range e.used {
		out[key] = map[Right]int{}
		for r, n := range rights {
			out[key][r] = n
		}
	}
	return out
}

func (e *Endpoint) note(c Call) Hooks {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.used == nil {
		e.used = map[string]map[Right]int{}
	}
	if e.used[c.Key] == nil {
		e.used[c.Key] = map[Right]int{}
	}
	for _, r := range c.Rights {
		e.used[c.Key][r]++
	}
	return e.hooks
}

// maxCall is the largest request of any of the services, in bytes.
const maxCall = 64 << 20

// ServeHTTP passes one call on.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCall))
	if err != nil {
		return // the process died while it called
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	key, service := signer(r.Header.Get("Authorization"))
	handler := e.Services[service]
	if handler == nil {
		http.Error(w, "no service "+service+" is here", http.StatusForbidden)
		return
	}
	c := Call{Key: key, Process: r.Header.Get("X-Amz-Security-Token"), Body: body}
	if c.Operation, c.Rights, err = e.rights(service, r, body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	hooks := e.note(c)
	if hooks.Before != nil && !hooks.Before(c) {
		panic(http.ErrAbortHandler)
	}
	if hooks.After == nil {
		handler.ServeHTTP(w, r)
		return
	}
	answer := &kept{header: http.Header{}, status: http.StatusOK}
	handler.ServeHTTP(answer, r)
	hooks.After(c, answer.status)
	for name, values := range answer.header {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body.Bytes()) // the process may be dead by now
}

// signer reads "AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …".
func signer(authorization string) (key, service string) {
	_, credential, _ := strings.Cut(authorization, "Credential=")
	credential, _, _ = strings.Cut(credential, ",")
	parts := strings.Split(credential, "/")
	if len(parts) != 5 {
		return "", ""
	}
	return parts[0], parts[3]
}

// kept is an answer that nobody has seen yet.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header         { return k.header }
func (k *kept) WriteHeader(status int)      { k.status = status }
func (k *kept) Write(b []byte) (int, error) { return k.body.Write(b) }
