package letter

import (
	"time"

	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/words"
)

// SurveyReceipt thanks for an answer of so many rows and carries the link to read and change it until the survey closes.
func (l *Letters) SurveyReceipt(to mail.Address, lang people.Language, survey, reference string, rows int, link string, until time.Time) mail.Message {
	w := words.For(lang)
	return l.Note(Note{
		Language: lang, To: to,
		Subject: w.T("mail.survey.receipt.subject", "Reference", reference),
		Heading: w.T("mail.survey.receipt.heading"),
		Paragraphs: []string{
			w.T("mail.survey.receipt.text", "Survey", w.T("survey."+survey+".name"), "Rows", w.T("survey."+survey+".rows", "Count", rows), "Reference", reference),
			w.T("survey." + survey + ".next"),
		},
		Button: w.T("mail.survey.receipt.button"), Link: link,
		After: []string{w.T("mail.survey.receipt.until", "Date", w.Moment(until.In(l.Programme.Zone()))), w.T("mail.survey.notyou")},
	})
}

// SurveyDraft carries the link to an answer that was saved for later.
func (l *Letters) SurveyDraft(to mail.Address, lang people.Language, survey, link string, until time.Time) mail.Message {
	w := words.For(lang)
	return l.Note(Note{
		Language: lang, To: to,
		Subject:    w.T("mail.survey.draft.subject", "Survey", w.T("survey."+survey+".name")),
		Heading:    w.T("mail.survey.draft.heading"),
		Paragraphs: []string{w.T("mail.survey.draft.text", "Survey", w.T("survey."+survey+".name"), "Date", w.Moment(until.In(l.Programme.Zone())))},
		Button:     w.T("mail.survey.draft.button"), Link: link,
		After: []string{w.T("mail.survey.draft.after"), w.T("mail.survey.notyou")},
	})
}
