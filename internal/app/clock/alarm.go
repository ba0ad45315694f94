package clock

import (
	"context"
	"crypto/sha256"
	"fmt"

	"liaison/internal/app"
	"liaison/internal/app/rooms"
	"liaison/internal/distribution"
	"liaison/internal/programme"
)

// alarm tells the secretaries by mail that a distribution stopped by itself, and writes it into the record.
type alarm struct{ *app.Outside }

// Alarm implements distribution.Alarm. A repetition is the same mail; each stop has mails of its own.
func (a alarm) Alarm(ctx context.Context, p distribution.Progress) error {
	box := a.Outbox()
	for _, d := range a.Programme.Secretariat {
		if d.Role != programme.Secretary {
			continue
		}
		m := rooms.Letters(a.Outside).DistributionAlarm(d, p.Issue, string(p.Reason), a.Programme.BaseURL+"/desk/issues/"+p.Issue)
		who := sha256.Sum256([]byte(d.Email.Key())) // ids stand in logs and in the mail service's events, where no address may
		id := fmt.Sprintf("alarm-%s-%d-%x", p.ID, p.Alarm.UnixMilli(), who[:6])
		if err := box.Post(ctx, id, m); err != nil {
			return err
		}
	}
	return a.Audit().Record(ctx, "programme", "issue.alarm", "issue/"+p.Issue, string(p.State)+" "+string(p.Reason))
}
