package distribution

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// The letters of ledger.Slots.
const (
	slotPlanned = '.' // never handed over
	slotOut     = '!' // handed over in attempt Tries, no answer on record
	slotSent    = 's'
	slotRetry   = 'r' // turned away for now: certainly not sent
	slotRefused = 'x' // by the answer
	slotFailed  = 'f' // taken, then found wrong: an event said so
	slotSkipped = '-'
	slotUnknown = '?' // answers lost too often: sent or not, nobody knows; only an event or a person changes it
)

type phase string

const (
	phaseSending phase = "sending" // a worker holds the claim until Until
	phaseDoubt   phase = "doubt"   // the answer is lost; slots out wait for events until Until
	phaseWaiting phase = "waiting" // some slots are to be sent, not before Until
	phaseSettled phase = "settled" // nothing more to do
)

// ledger is what became of one shard. An absent ledger is one whose slots are all planned.
//
// It changes by observations alone, besides claims: an answer of the mail service and an event say the same kind of thing about one slot
// in one attempt. Observations may come in any order and more than once; the same set of them leaves the same slots sent. So
// who loses a race applies what he knows to what stands there now.
type ledger struct {
	Phase      phase          `json:"phase"`
	Edition    string         `json:"edition"`
	Attempt    int            `json:"attempt"` // claims so far
	Claim      string         `json:"claim"`   // token of the latest
	Until      time.Time      `json:"until"`
	Slots      string         `json:"slots"`           // a letter each
	Tries      []int          `json:"tries,omitempty"` // of each slot, the attempt that its letter is about; absent: the first, 0 for . and -
	Doubts     int            `json:"doubts,omitempty"`
	Since      time.Time      `json:"since,omitzero"`       // when the latest claim was made
	Throttles  int            `json:"throttles,omitempty"`  // in a row
	Width      int            `json:"width,omitempty"`      // most slots in a claim, when calls were refused whole
	Reasons    map[int]string `json:"reasons,omitempty"`    // of slots refused
	Bounced    []int          `json:"bounced,omitempty"`    // slots
	Complained []int          `json:"complained,omitempty"` // slots
	Repeats    []string       `json:"repeats,omitempty"`    // slot/attempt that went out besides the one on record
	Failures   []string       `json:"failures,omitempty"`   // slot/attempt that was taken and did not go out
}

func newLedger(edition string, slots int) ledger {
	return ledger{Phase: phaseWaiting, Edition: edition, Slots: strings.Repeat(string(slotPlanned), slots), Tries: make([]int, slots)}
}

// open fills in what pack leaves out.
func (l *ledger) open() {
	if l.Tries != nil {
		return
	}
	l.Tries = make([]int, len(l.Slots))
	for i := range l.Tries {
		l.Tries[i] = presetTry(l.Slots[i])
	}
}

// pack is the ledger as it is stored.
func (l ledger) pack() ledger {
	for i, n := range l.Tries {
		if n != presetTry(l.Slots[i]) {
			return l
		}
	}
	l.Tries = nil
	return l
}

func presetTry(letter byte) int {
	if letter == slotPlanned || letter == slotSkipped {
		return 0
	}
	return 1
}

func (l ledger) clone() ledger {
	l.Tries = slices.Clone(l.Tries)
	l.Bounced, l.Complained = slices.Clone(l.Bounced), slices.Clone(l.Complained)
	l.Repeats, l.Failures = slices.Clone(l.Repeats), slices.Clone(l.Failures)
	reasons := make(map[int]string, len(l.Reasons))
	for k, v := range l.Reasons {
		reasons[k] = v
	}
	l.Reasons = reasons
	return l
}

func (l *ledger) set(slot int, letter byte, attempt int) {
	b := []byte(l.Slots)
	b[slot] = letter
	l.Slots, l.Tries[slot] = string(b), attempt
	delete(l.Reasons, slot)
}

func (l *ledger) has(letters string) bool { return strings.ContainsAny(l.Slots, letters) }

// which lists the slots that hold one of the letters.
func (l *ledger) which(letters string) []int {
	var out []int
	for i := range len(l.Slots) {
		if strings.IndexByte(letters, l.Slots[i]) >= 0 {
			out = append(out, i)
		}
	}
	return out
}

// fate is what an observation says of a slot in an attempt.
type fate int

const (
	fateSent       fate = iota // taken by the service: the answer, or any event that a mail on its way brings
	fateRetry                  // the answer: not now
	fateRefused                // the answer: never
	fateFailed                 // an event: taken, then found wrong, not sent
	fateBounced                // sent, and the address does not exist
	fateComplained             // sent, and called spam
)

type observation struct {
	slot, attempt int
	fate          fate
	why           string
}

// observe applies one observation. One that cannot be (no such slot, an attempt not made, a slot never handed over) changes nothing.
func (l *ledger) observe(o observation) {
	if o.slot < 0 || o.slot >= len(l.Slots) || o.attempt < 1 || o.attempt > l.Attempt || l.Tries[o.slot] == 0 {
		return
	}
	letter, same := l.Slots[o.slot], l.Tries[o.slot] == o.attempt
	out := letter == slotOut || letter == slotUnknown
	switch o.fate {
	case fateRetry:
		if out && same {
			l.set(o.slot, slotRetry, o.attempt)
		}
	case fateRefused:
		if out && same {
			l.refuse(o, slotRefused)
		}
	case fateFailed:
		l.failed(o, letter, same)
	case fateSent:
		l.sent(o.slot, o.attempt)
	case fateBounced:
		l.sent(o.slot, o.attempt)
		l.Bounced = mark(l.Bounced, o.slot)
	case fateComplained:
		l.sent(o.slot, o.attempt)
		l.Complained = mark(l.Complained, o.slot)
	}
}

func (l *ledger) refuse(o observation, letter byte) {
	l.set(o.slot, letter, o.attempt)
	if l.Reasons == nil {
		l.Reasons = map[int]string{}
	}
	l.Reasons[o.slot] = strings.ToValidUTF8(o.why[:min(len(o.why), 100)], "")
}

// failed: what was taken in that attempt was not sent after all. Another attempt's mail stands in for it, if one went out.
func (l *ledger) failed(o observation, letter byte, same bool) {
	l.Failures = mark(l.Failures, repeat(o.slot, o.attempt))
	if !same {
		l.Repeats = slices.DeleteFunc(l.Repeats, func(r string) bool { return r == repeat(o.slot, o.attempt) })
		return
	}
	for i, r := range l.Repeats {
		if slot, attempt, ok := strings.Cut(r, "/"); ok && slot == strconv.Itoa(o.slot) {
			l.Repeats = slices.Delete(l.Repeats, i, i+1)
			n, _ := strconv.Atoi(attempt) // written by repeat
			l.set(o.slot, slotSent, n)
			return
		}
	}
	if letter != slotSkipped {
		l.refuse(o, slotFailed)
	}
}

func repeat(slot, attempt int) string { return strconv.Itoa(slot) + "/" + strconv.Itoa(attempt) }

// sent: the slot went out in that attempt. That stands against everything but the same attempt's own failure.
func (l *ledger) sent(slot, attempt int) {
	this := repeat(slot, attempt)
	switch letter := l.Slots[slot]; {
	case slices.Contains(l.Failures, this):
	case letter == slotSent && l.Tries[slot] != attempt:
		l.Repeats = mark(l.Repeats, this)
	case letter == slotSent:
	default:
		l.set(slot, slotSent, attempt)
	}
}

func mark[T comparable](list []T, what T) []T {
	if slices.Contains(list, what) {
		return list
	}
	return append(list, what)
}

// rest gives the phase that the slots leave, once none of them is out.
func (l *ledger) rest() {
	switch {
	case l.has(string(slotOut)):
	case l.has(string(slotPlanned) + string(slotRetry)):
		l.Phase = phaseWaiting
	default:
		l.Phase = phaseSettled
	}
}

// doubt says that the answer to the claim is lost. From the limit on the slots are left alone.
func (l *ledger) doubt(until time.Time, limit int) {
	l.Phase, l.Until = phaseDoubt, until
	l.Doubts++
	if l.Doubts < limit {
		return
	}
	for _, i := range l.which(string(slotOut)) {
		l.set(i, slotUnknown, l.Tries[i])
	}
	l.rest()
}

// tally is what a ledger adds to its segment's counters.
func (l *ledger) tally() tally {
	t := tally{Bounced: int64(len(l.Bounced)), Complained: int64(len(l.Complained)), Repeated: int64(len(l.Repeats))}
	for i := range len(l.Slots) {
		switch l.Slots[i] {
		case slotSent:
			t.Sent++
		case slotRefused, slotFailed:
			t.Refused++
		case slotSkipped:
			t.Skipped++
		case slotRetry:
			t.Retry++
		case slotUnknown:
			t.Unknown++
		case slotOut:
			if l.Phase == phaseDoubt {
				t.Doubt++
			}
		}
	}
	return t
}

// tally are the counters of one edition in one segment.
type tally struct {
	Sent       int64 `json:"sent"`
	Refused    int64 `json:"refused"`
	Skipped    int64 `json:"skipped"`
	Doubt      int64 `json:"doubt"`
	Unknown    int64 `json:"unknown"`
	Retry      int64 `json:"retry"`
	Bounced    int64 `json:"bounced"`
	Complained int64 `json:"complained"`
	Repeated   int64 `json:"repeated"`
}

// since is the difference to an earlier tally, the fields that differ alone.
func (t tally) since(b tally) map[string]int64 {
	all := map[string]int64{
		"sent": t.Sent - b.Sent, "refused": t.Refused - b.Refused, "skipped": t.Skipped - b.Skipped, "doubt": t.Doubt - b.Doubt,
		"unknown": t.Unknown - b.Unknown, "retry": t.Retry - b.Retry, "bounced": t.Bounced - b.Bounced,
		"complained": t.Complained - b.Complained, "repeated": t.Repeated - b.Repeated,
	}
	for name, n := range all {
		if n == 0 {
			delete(all, name)
		}
	}
	return all
}
