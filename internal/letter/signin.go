package letter

import (
	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/words"
)

// SignIn is the mail with a link to the desk. It tells a person who did not ask that nothing happens by itself.
func (l *Letters) SignIn(d programme.Desk, link string, minutes int) mail.Message {
	lang := l.Programme.Nearest(d.Language)
	w := words.For(lang)
	return l.Note(Note{
		Language: lang, To: mail.Address{Name: d.Name, Mail: d.Email},
		Subject:    w.T("mail.signin.subject", "Name", l.Programme.Name.In(lang, l.Programme.Default)),
		Paragraphs: []string{w.T("mail.signin.text", "Address", string(d.Email))},
		Button:     w.T("mail.signin.button"), Link: link,
		After: []string{w.T("mail.signin.life", "Count", minutes)},
	})
}

// NotListed answers somebody who asked to sign in and is not of the secretariat; it goes out so that the page and the work are the same
// for everybody, and so that a person who used her other address learns it.
func (l *Letters) NotListed(a people.EmailAddress, lang people.Language) mail.Message {
	w := words.For(lang)
	return l.Note(Note{
		Language: lang, To: mail.Address{Mail: a},
		Subject:    w.T("mail.signin.subject", "Name", l.Programme.Name.In(lang, l.Programme.Default)),
		Paragraphs: []string{w.T("mail.signin.unlisted", "Address", string(a)), w.T("mail.signin.unlisted.more")},
	})
}
