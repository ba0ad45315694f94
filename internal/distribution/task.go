package distribution

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Kinds of task. Plan and Review belong to the Planner, Deliver to the Deliverer.
const (
	Plan    = "plan"    // plan one segment, or go on planning it
	Deliver = "deliver" // send what is due of one shard
	Review  = "review"  // walk one segment: put every unsettled shard on the queue again, then go on planning it
)

// MaxDelay of a task on its queue; SQS's.
const MaxDelay = 15 * time.Minute

const taskVersion = 1

// ErrTask: a message that is no task of this release. Trying again does not help.
var ErrTask = errors.New("distribution: not a task of this release")

// Task is one message on the queue. It says what to look at, never what to do with it: that is decided by what stands in the table.
type Task struct {
	Kind         string
	Distribution string
	Segment      int
	Shard        int       // Deliver: its number; Review: where to go on
	NotBefore    time.Time // zero: at once
}

type wireTask struct {
	Version      int       `json:"v"`
	Kind         string    `json:"kind"`
	Distribution string    `json:"distribution"`
	Segment      int       `json:"segment"`
	Shard        int       `json:"shard,omitempty"`
	NotBefore    time.Time `json:"notBefore,omitzero"`
}

// Delay is how long the queue should hold the task back from now on: between 0 and MaxDelay, in whole seconds, rounded up.
// A task that arrives before NotBefore all the same goes back to the queue.
func (t Task) Delay(now time.Time) time.Duration {
	d := t.NotBefore.Sub(now)
	if t.NotBefore.IsZero() || d <= 0 {
		return 0
	}
	return min((d + time.Second - 1).Truncate(time.Second), MaxDelay)
}

// MarshalJSON is the message.
func (t Task) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireTask{taskVersion, t.Kind, t.Distribution, t.Segment, t.Shard, t.NotBefore})
}

// ParseTask reads a message; anything but a task of this release is ErrTask.
func ParseTask(message []byte) (Task, error) {
	var w wireTask
	if err := json.Unmarshal(message, &w); err != nil {
		return Task{}, fmt.Errorf("%w: %v", ErrTask, err)
	}
	t := Task{w.Kind, w.Distribution, w.Segment, w.Shard, w.NotBefore}
	switch {
	case w.Version != taskVersion:
		return Task{}, fmt.Errorf("%w: version %d, this release speaks %d", ErrTask, w.Version, taskVersion)
	case t.Kind != Plan && t.Kind != Deliver && t.Kind != Review:
		return Task{}, fmt.Errorf("%w: kind %q", ErrTask, t.Kind)
	case !validName(t.Distribution), t.Segment < 0, t.Segment >= Segments, t.Shard < 0, t.Shard > maxShard:
		return Task{}, fmt.Errorf("%w: %q, segment %d, shard %d", ErrTask, t.Distribution, t.Segment, t.Shard)
	}
	return t, nil
}

// NotYet, from a handler, asks the queue to bring the same message again, not before After has passed: another worker holds
// what it is about. It is no failure: the message must neither be deleted nor counted as an error.
type NotYet struct{ After time.Duration }

func (e *NotYet) Error() string {
	return fmt.Sprintf("distribution: not yet: another worker holds it; come again in %v", e.After)
}
