package outbox

import (
	"encoding/json"
	"errors"
	"fmt"
)

const (
	nudgeVersion = 1
	nudgeKind    = "mail"
	maxID        = 1024 // bytes
)

// ErrNudge: a message that is no nudge of this release. Trying again does not help.
var ErrNudge = errors.New("outbox: not a nudge of this release")

// Nudge is the message that wakes the sender. It says which mail to look at, and holds nothing of it.
type Nudge struct{ ID string }

type wireNudge struct {
	Version int    `json:"v"`
	Kind    string `json:"kind"`
	ID      string `json:"id"`
}

// MarshalJSON is the message.
func (n Nudge) MarshalJSON() ([]byte, error) {
	return json.Marshal(wireNudge{nudgeVersion, nudgeKind, n.ID})
}

// IsNudge tells whether a message means to be a nudge, of whatever release, from the other messages that a function gets.
func IsNudge(message []byte) bool {
	var w struct {
		Kind string `json:"kind"`
	}
	return json.Unmarshal(message, &w) == nil && w.Kind == nudgeKind
}

// ParseNudge reads a message; anything but a nudge of this release is ErrNudge.
func ParseNudge(message []byte) (Nudge, error) {
	var w wireNudge
	if err := json.Unmarshal(message, &w); err != nil {
		return Nudge{}, fmt.Errorf("%w: %v", ErrNudge, err)
	}
	switch {
	case w.Version != nudgeVersion:
		return Nudge{}, fmt.Errorf("%w: version %d, this release speaks %d", ErrNudge, w.Version, nudgeVersion)
	case w.Kind != nudgeKind:
		return Nudge{}, fmt.Errorf("%w: kind %q", ErrNudge, w.Kind)
	case w.ID == "" || len(w.ID) > maxID:
		return Nudge{}, fmt.Errorf("%w: an id of %d bytes", ErrNudge, len(w.ID))
	}
	return Nudge{w.ID}, nil
}
