package newsletter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/programme"
)

// Trial makes test mails; the Press of app does.
type Trial interface {
	// Trial is the HTML letter filled in for one person of the desk, with a mark in its subject, in her language.
	Trial(letter *Letter, to programme.Desk) mail.Message
}

// Test mails every edition of an issue, or one where only is set, to the person who asks, and to nobody else. key names the wish:
// the same wish mails once. Without a key that is the same person, text and minute.
func (d *Editorial) Test(ctx context.Context, to programme.Desk, number int, only people.Language, key string) (sent int, err error) {
	i, err := d.Issue(ctx, number)
	if err != nil {
		return 0, err
	}
	now := d.Now()
	if key == "" {
		key = now.UTC().Format("2006-01-02T15:04")
	}
	for _, l := range languages(i) {
		if only != "" && l != only {
			continue
		}
		e, err := d.Edition(ctx, number, l)
		if err != nil {
			return sent, err
		}
		letter, err := d.Press.Letter(i, e, i.Date(now), HTML)
		if err != nil {
			return sent, err
		}
		m := d.Trials.Trial(letter, to)
		m.Tags = []mail.Tag{{Name: "kind", Value: "test"}} // never counted as the issue's own distribution
		wish := sha256.Sum256([]byte(string(to.Email) + "\n" + key))
		if err := d.Post(ctx, fmt.Sprintf("test-%d-%s-%d-%s", number, l, e.Version, hex.EncodeToString(wish[:9])), m); err != nil {
			return sent, err
		}
		sent++
	}
	if sent == 0 {
		return 0, ErrNoText
	}
	return sent, d.record(ctx, string(to.Email), "issue.test", i, "")
}
