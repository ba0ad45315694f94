package workbench

import (
	"fmt"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"liaison/infra/local/page"
	"liaison/infra/local/ses"
	"liaison/internal/distribution"
)

// Faults are the mishaps that can be ordered. Those of the mail service are its own. The zero Faults are none.
type Faults struct {
	Mail ses.Faults
	mu   sync.Mutex
	kill string
	lag  time.Duration
}

// Steps are where a worker can be made to die.
var Steps = []string{distribution.StepClaim, distribution.StepAccepted, distribution.StepSettle, distribution.StepPlan}

// Dies tells a worker at a step whether it is the one that was ordered to die there; only one is.
func (f *Faults) Dies(step string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kill != step {
		return false
	}
	f.kill = ""
	return true
}

// Lagging is how far secondary indexes stay behind.
func (f *Faults) Lagging() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lag
}

// standing is what is ordered and has not happened yet.
type standing struct {
	ses.Standing
	Kill string `json:"kill"`
	Lag  string `json:"lag"`
}

func (f *Faults) standing() standing {
	f.mu.Lock()
	defer f.mu.Unlock()
	return standing{f.Mail.Standing(), f.kill, f.lag.String()}
}

const (
	maxTimes = 1_000_000
	maxLag   = time.Minute
)

// parse reads an order whole before anything of it is done.
func (f *Faults) parse(form url.Values) (do []func(), err error) {
	if len(form) == 0 {
		return nil, fmt.Errorf("nothing ordered: send one or more of throttle, lost, kill, reject, bounce, complaint, lag")
	}
	for name, values := range form {
		act, err := f.order(name, values)
		if err != nil {
			return nil, err
		}
		do = append(do, act)
	}
	return do, nil
}

func (f *Faults) order(name string, values []string) (func(), error) {
	last := strings.TrimSpace(values[len(values)-1])
	clear := last == "" || last == "0"
	switch name {
	case "throttle", "lost":
		n, err := strconv.Atoi(last)
		if !clear && (err != nil || n < 0 || n > maxTimes) {
			return nil, fmt.Errorf("%s must be a number from 0 to %d, not %q", name, maxTimes, last)
		}
		if name == "lost" {
			return func() { f.Mail.Lose(n) }, nil
		}
		return func() { f.Mail.Throttle(n) }, nil
	case "kill":
		if !clear && !slices.Contains(Steps, last) {
			return nil, fmt.Errorf("kill must be one of %s, or 0, not %q", strings.Join(Steps, ", "), last)
		}
		if clear {
			last = ""
		}
		return func() { f.mu.Lock(); defer f.mu.Unlock(); f.kill = last }, nil
	case "lag":
		d, err := time.ParseDuration(last)
		if !clear && (err != nil || d < 0 || d > maxLag) {
			return nil, fmt.Errorf("lag must be a duration from 0 to %v such as 500ms, not %q", maxLag, last)
		}
		return func() { f.mu.Lock(); defer f.mu.Unlock(); f.lag = d }, nil
	case "reject", "bounce", "complaint":
		set := map[string]func(...string){"reject": f.Mail.Reject, "bounce": f.Mail.Bounce, "complaint": f.Mail.Complain}[name]
		if clear {
			return func() { set() }, nil
		}
		for i, v := range values {
			a, err := mail.ParseAddress(strings.TrimSpace(v))
			if err != nil {
				return nil, fmt.Errorf("%s must be an e-mail address, or 0, not %q", name, v)
			}
			values[i] = a.Address
		}
		return func() { set(values...) }, nil
	}
	return nil, fmt.Errorf("unknown fault %q: there are throttle, lost, kill, reject, bounce, complaint, lag", name)
}

func (f *Faults) show(w http.ResponseWriter, _ *http.Request) {
	page.JSON(w, http.StatusOK, f.standing())
}

func (f *Faults) change(w http.ResponseWriter, r *http.Request) {
	form, ok := postForm(w, r)
	if !ok {
		return
	}
	if page.FromBrowser(r) { // the workbench sends every field: those that were left empty say nothing
		for name, values := range form {
			if values[len(values)-1] == "" {
				delete(form, name)
			}
		}
	}
	do, err := f.parse(form)
	if err != nil {
		page.Refuse(w, r, http.StatusUnprocessableEntity, err.Error())
		return
	}
	for _, act := range do {
		act()
	}
	page.Done(w, r, "/_local/", "faults", f.standing())
}
