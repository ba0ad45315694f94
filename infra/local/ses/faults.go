package ses

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Faults are failures to come, set by whoever tries the programme out. The zero Faults are none. They do not outlive the process.
type Faults struct {
	mu                         sync.Mutex
	throttle, lost             int
	reject, bounce, complaints map[string]bool
	verified                   map[string]bool // nil: the account is out of the sandbox
}

// Throttle lets the next n sending calls be turned away with 429.
func (f *Faults) Throttle(n int) { f.set(func() { f.throttle = n }) }

// Lose lets the next n bulk calls be accepted, and their connections cut without an answer.
func (f *Faults) Lose(n int) { f.set(func() { f.lost = n }) }

// Reject, Bounce and Complain name addresses whose mails are refused, bounce later, or are called spam later.
// Without an address they clear the list.
func (f *Faults) Reject(addresses ...string)   { f.set(func() { add(&f.reject, addresses) }) }
func (f *Faults) Bounce(addresses ...string)   { f.set(func() { add(&f.bounce, addresses) }) }
func (f *Faults) Complain(addresses ...string) { f.set(func() { add(&f.complaints, addresses) }) }

// Sandbox puts the account where every account begins: only these addresses are mailed, others are refused. Release lets it out.
func (f *Faults) Sandbox(verified ...string) {
	f.set(func() { f.verified = map[string]bool{}; add(&f.verified, append(verified, "")) })
}

// Release lets the account out of the sandbox.
func (f *Faults) Release() { f.set(func() { f.verified = nil }) }

func (f *Faults) sandboxed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.verified != nil
}

func (f *Faults) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func add(set *map[string]bool, addresses []string) {
	if len(addresses) == 0 || *set == nil {
		*set = map[string]bool{}
	}
	for _, a := range addresses {
		(*set)[strings.ToLower(a)] = true
	}
}

// Standing is what the faults are now.
type Standing struct {
	Throttle  int      `json:"throttle"`
	Lost      int      `json:"lost"`
	Reject    []string `json:"reject"`
	Bounce    []string `json:"bounce"`
	Complaint []string `json:"complaint"`
}

// Standing tells what is still to come.
func (f *Faults) Standing() Standing {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := func(set map[string]bool) []string {
		return append([]string{}, slices.Sorted(maps.Keys(set))...)
	}
	return Standing{f.throttle, f.lost, list(f.reject), list(f.bounce), list(f.complaints)}
}

// turnAway spends one throttle.
func (f *Faults) turnAway() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.throttle == 0 {
		return nil
	}
	f.throttle--
	return &Fault{http.StatusTooManyRequests, "TooManyRequestsException", "Too Many Requests"}
}

// loses spends one lost answer.
func (f *Faults) loses() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lost == 0 {
		return false
	}
	f.lost--
	return true
}

// refuses is why a mail to the address is refused; empty when it is not.
func (f *Faults) refuses(address string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch a := strings.ToLower(address); {
	case f.reject[a]:
		return "Message rejected: the stand-in was told to refuse " + address
	case f.verified != nil && !f.verified[a]:
		return "Email address is not verified. The following identities failed the check in region EU-WEST-1: " + address
	}
	return ""
}

// fate is what will be reported of a mail to the address.
func (f *Faults) fate(address string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch a := strings.ToLower(address); {
	case f.bounce[a]:
		return FateBounce
	case f.complaints[a]:
		return FateComplaint
	}
	return FateDelivery
}
