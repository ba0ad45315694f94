package letter

import (
	"liaison/internal/mail"
	"liaison/internal/programme"
	"liaison/internal/words"
)

// DistributionAlarm tells a secretary that an issue stopped being sent by itself, or ended badly; reason is the stable name of
// why (distribution.Reason), and address the issue's page at the desk.
func (l *Letters) DistributionAlarm(d programme.Desk, issue, reason, address string) mail.Message {
	lang := l.Programme.Nearest(d.Language)
	w := words.For(lang)
	why := w.T("mail.alarm.other")
	if key := "mail.alarm.reason." + reason; w.Has(key) {
		why = w.T(key)
	}
	return l.Note(Note{
		Language: lang, To: mail.Address{Name: d.Name, Mail: d.Email},
		Subject:    w.T("mail.alarm.subject", "Issue", issue),
		Paragraphs: []string{why, w.T("mail.alarm.safe")},
		Button:     w.T("mail.alarm.button"), Link: address,
	})
}
