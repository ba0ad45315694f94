// Package sesevent reads the events that SES reports through SNS and SQS. It is apart from mail/ses so that whoever only listens does
// not link the SDK.
package sesevent

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"liaison/internal/mail"
	"liaison/internal/people"
)

// ErrEvent: bytes that are no event of SES.
var ErrEvent = errors.New("sesevent: not an event of SES")

// validated begins what SES writes into a topic, once, when it is made the destination of events.
const validated = "Successfully validated SNS topic"

type envelope struct {
	Type    string
	Message string
}

type event struct {
	EventType string `json:"eventType"`
	Mail      struct {
		MessageID   string              `json:"messageId"`
		Timestamp   time.Time           `json:"timestamp"`
		Destination []string            `json:"destination"`
		Tags        map[string][]string `json:"tags"`
	} `json:"mail"`
	Delivery struct {
		Timestamp  time.Time `json:"timestamp"`
		Recipients []string  `json:"recipients"`
	} `json:"delivery"`
	Bounce struct {
		Type       string      `json:"bounceType"`
		SubType    string      `json:"bounceSubType"`
		Timestamp  time.Time   `json:"timestamp"`
		Recipients []recipient `json:"bouncedRecipients"`
	} `json:"bounce"`
	Complaint struct {
		Kind       string      `json:"complaintFeedbackType"`
		Timestamp  time.Time   `json:"timestamp"`
		Recipients []recipient `json:"complainedRecipients"`
	} `json:"complaint"`
	Reject struct {
		Reason string `json:"reason"`
	} `json:"reject"`
	Failure struct {
		Message string `json:"errorMessage"`
	} `json:"failure"`
}

type recipient struct {
	Address    string `json:"emailAddress"`
	Diagnostic string `json:"diagnosticCode"`
}

// Decode reads the body of a queue message: an SNS notification with an event of SES inside, or the bare event (raw message
// delivery). One event per recipient comes back; kinds that Liaison does not use (opens, clicks, delays) give none. What cannot
// be read is ErrEvent.
func Decode(body []byte) ([]mail.Event, error) {
	var outer envelope
	if err := json.Unmarshal(body, &outer); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrEvent, err)
	}
	if outer.Type != "" {
		if outer.Type != "Notification" {
			return nil, fmt.Errorf("%w: SNS message of type %.40q", ErrEvent, outer.Type)
		}
		if strings.HasPrefix(outer.Message, validated) {
			return nil, nil
		}
		body = []byte(outer.Message)
	}
	var e event
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrEvent, err)
	}
	if e.EventType == "" || e.Mail.MessageID == "" {
		return nil, fmt.Errorf("%w: no event type or message id", ErrEvent)
	}
	return e.each(), nil
}

func (e *event) each() []mail.Event {
	base := mail.Event{MessageID: e.Mail.MessageID, At: e.Mail.Timestamp, Tags: map[string]string{}}
	for name, values := range e.Mail.Tags {
		if len(values) > 0 {
			base.Tags[name] = values[0]
		}
	}
	var out []mail.Event
	add := func(kind mail.EventKind, to, reason string) {
		one := base
		one.Kind, one.Reason = kind, reason
		if a, err := people.ParseAddress(bare(to)); err == nil {
			one.Recipient = a
		}
		out = append(out, one)
	}
	switch e.EventType {
	case "Send":
		for _, to := range e.Mail.Destination {
			add(mail.EventSend, to, "")
		}
	case "Delivery":
		base.At = e.Delivery.Timestamp
		for _, to := range e.Delivery.Recipients {
			add(mail.EventDelivery, to, "")
		}
	case "Bounce":
		base.At, base.Permanent = e.Bounce.Timestamp, e.Bounce.Type == "Permanent"
		for _, r := range e.Bounce.Recipients {
			add(mail.EventBounce, r.Address, strings.TrimSpace(e.Bounce.Type+" "+e.Bounce.SubType+" "+r.Diagnostic))
		}
	case "Complaint":
		base.At = e.Complaint.Timestamp
		for _, r := range e.Complaint.Recipients {
			add(mail.EventComplaint, r.Address, e.Complaint.Kind)
		}
	case "Reject":
		for _, to := range e.Mail.Destination {
			add(mail.EventReject, to, e.Reject.Reason)
		}
	case "Rendering Failure":
		for _, to := range e.Mail.Destination {
			add(mail.EventRendering, to, e.Failure.Message)
		}
	}
	return out
}

// bare takes the name off `Name <local@domain>`.
func bare(s string) string {
	if i, j := strings.LastIndexByte(s, '<'), strings.LastIndexByte(s, '>'); i >= 0 && j > i {
		return s[i+1 : j]
	}
	return s
}
