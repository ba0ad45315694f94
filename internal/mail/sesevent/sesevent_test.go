package sesevent

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"liaison/internal/mail"
)

const bounce = `{"eventType":"Bounce","mail":{"timestamp":"2027-03-01T09:00:00.000Z","messageId":"m1","destination":["\"A\" <a@example.org>"],"tags":{"issue":["1"],"slot":["3"]}},"bounce":{"bounceType":"Permanent","bounceSubType":"General","timestamp":"2027-03-01T09:00:02.000Z","bouncedRecipients":[{"emailAddress":"\"A\" <a@example.org>","diagnosticCode":"smtp; 550"}]}}`

func TestDecode(t *testing.T) {
	wrapped, _ := json.Marshal(map[string]string{"Type": "Notification", "Message": bounce})
	for name, body := range map[string][]byte{"bare": []byte(bounce), "in SNS": wrapped} {
		events, err := Decode(body)
		if err != nil || len(events) != 1 {
			t.Fatalf("%s: %v %v", name, events, err)
		}
		e := events[0]
		if e.Kind != mail.EventBounce || !e.Permanent || e.Recipient != "a@example.org" || e.Tags["slot"] != "3" || e.Reason != "Permanent General smtp; 550" || e.At.Second() != 2 {
			t.Errorf("%s: %+v", name, e)
		}
	}
	send := strings.NewReplacer(`"Bounce"`, `"Send"`, `"bounce"`, `"send"`).Replace(bounce)
	if events, err := Decode([]byte(send)); err != nil || len(events) != 1 || events[0].Kind != mail.EventSend || events[0].Recipient != "a@example.org" {
		t.Errorf("send: %+v %v", events, err)
	}
	if events, err := Decode([]byte(strings.Replace(bounce, `"Bounce"`, `"Open"`, 1))); err != nil || len(events) != 0 {
		t.Errorf("open: %+v %v", events, err)
	}
	if events, err := Decode([]byte(`{"Type":"Notification","Message":"Successfully validated SNS topic for Amazon SES event publishing."}`)); err != nil || len(events) != 0 {
		t.Errorf("SES tries the topic: %+v %v", events, err)
	}
	for _, bad := range []string{"", "null", "[]", "{}", `{"Type":"SubscriptionConfirmation","Message":"x"}`, `{"Type":"Notification","Message":"no"}`, `{"eventType":"Send"}`, `{"eventType":"Send","mail":{"messageId":"m","timestamp":"yesterday"}}`} {
		if _, err := Decode([]byte(bad)); !errors.Is(err, ErrEvent) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(bounce))
	f.Add([]byte(`{"Type":"Notification","Message":"{}"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := Decode(body)
		if err != nil && (len(events) > 0 || !errors.Is(err, ErrEvent)) {
			t.Errorf("%d events beside %v", len(events), err)
		}
		for _, e := range events {
			if e.MessageID == "" || e.Kind == "" {
				t.Errorf("half an event: %+v", e)
			}
		}
	})
}
