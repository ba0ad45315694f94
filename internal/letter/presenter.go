package letter

import (
	"strings"
	"time"

	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/words"
)

// speak picks the language of a mail and what every mail of this file says of the programme.
func (l *Letters) speak(lang people.Language) (people.Language, *words.Printer, string) {
	lang = l.Programme.Nearest(lang)
	return lang, words.For(lang), l.named(lang, l.Programme.Name)
}

func (l *Letters) named(lang people.Language, t programme.Text) string {
	return t.In(lang, l.Programme.Default)
}

// called is how a person is spoken to: by name, or by address where no name is known.
func called(to mail.Address) string {
	if to.Name != "" {
		return to.Name
	}
	return string(to.Mail)
}

func (l *Letters) day(w *words.Printer, t time.Time) string {
	return w.Date(t.In(l.Programme.Zone()))
}

// PresenterInvitation asks an expert to register as designated presenter; again is the mail to one who asked for a new link.
func (l *Letters) PresenterInvitation(lang people.Language, to mail.Address, address string, until time.Time, again bool) mail.Message {
	lang, w, name := l.speak(lang)
	n := Note{Language: lang, To: to, Button: w.T("mail.presenter.invite.button"), Link: address,
		Subject: w.T("mail.presenter.invite.subject", "Name", name),
		Paragraphs: []string{
			w.T("mail.presenter.invite.text", "Person", called(to)),
			w.T("mail.presenter.invite.why", "Group", l.named(lang, l.Programme.Group)),
			w.T("mail.presenter.invite.what"),
		},
		After: []string{w.T("mail.presenter.invite.life", "Date", l.day(w, until))},
	}
	if again {
		n.Subject = w.T("mail.presenter.renew.subject", "Name", name)
		n.Paragraphs = []string{n.Paragraphs[0], w.T("mail.presenter.renew.text")}
	}
	return l.Note(n)
}

// PresenterAnswered confirms a Yes or No; with address it carries the link to change it.
func (l *Letters) PresenterAnswered(lang people.Language, to mail.Address, yes bool, address string) mail.Message {
	lang, w, name := l.speak(lang)
	n := Note{Language: lang, To: to, Subject: w.T("mail.presenter.no.subject", "Name", name),
		Paragraphs: []string{w.T("mail.presenter.no.text", "Person", called(to))}, After: []string{w.T("mail.presenter.change.text")}}
	if yes {
		n.Subject = w.T("mail.presenter.yes.subject", "Name", name)
		n.Paragraphs = []string{w.T("mail.presenter.yes.text", "Person", called(to)), w.T("mail.presenter.yes.next")}
	}
	if address != "" {
		n.Button, n.Link = w.T("mail.presenter.change.button"), address
	}
	return l.Note(n)
}

// EventFacts are what a mail says of an event.
type EventFacts struct {
	Name, Organiser, Place, URL string
	Days                        people.Span
	Country                     people.Country
	Online                      bool
	Travel                      people.Travel
}

// lines are the facts one under the other.
func (f EventFacts) lines(w *words.Printer) string {
	lines := []string{f.Name}
	if f.Days.From != "" {
		lines = append(lines, w.Days(f.Days.From.Time(), f.Days.To.Time()))
	}
	var place []string
	if f.Place != "" {
		place = append(place, f.Place)
	}
	if f.Country != "" {
		place = append(place, w.Country(f.Country))
	}
	if f.Online {
		place = append(place, w.T("mail.event.online"))
	}
	if len(place) > 0 {
		lines = append(lines, strings.Join(place, ", "))
	}
	if f.Organiser != "" {
		lines = append(lines, w.T("mail.event.organiser", "Who", f.Organiser))
	}
	if f.Travel != "" && !f.Online {
		lines = append(lines, w.T("mail.event.travel."+string(f.Travel)))
	}
	if f.URL != "" {
		lines = append(lines, f.URL)
	}
	return strings.Join(lines, "\n")
}

// EventRequest asks a presenter for one event. note is the secretariat's own words.
func (l *Letters) EventRequest(lang people.Language, to mail.Address, f EventFacts, note, address string, again bool) mail.Message {
	lang, w, _ := l.speak(lang)
	n := Note{Language: lang, To: to, Subject: w.T("mail.event.request.subject", "Event", f.Name),
		Paragraphs: []string{w.T("mail.event.request.text", "Person", called(to)), f.lines(w)},
		Button:     w.T("mail.event.request.button"), Link: address, After: []string{w.T("mail.event.request.after")}}
	if again {
		n.Paragraphs[0] = w.T("mail.event.request.again")
	}
	if note != "" {
		n.Paragraphs = append(n.Paragraphs, w.T("mail.event.request.note", "Note", note))
	}
	return l.Note(n)
}

// EventAnswered confirms a presenter's answer.
func (l *Letters) EventAnswered(lang people.Language, to mail.Address, f EventFacts, accepted bool) mail.Message {
	lang, w, _ := l.speak(lang)
	if !accepted {
		return l.Note(Note{Language: lang, To: to, Subject: w.T("mail.event.declined.subject", "Event", f.Name),
			Paragraphs: []string{w.T("mail.event.declined.text", "Person", called(to)), f.lines(w)}})
	}
	return l.Note(Note{Language: lang, To: to, Subject: w.T("mail.event.accepted.subject", "Event", f.Name),
		Paragraphs: []string{w.T("mail.event.accepted.text", "Person", called(to)), f.lines(w)}, After: []string{w.T("mail.event.accepted.next")}})
}

// EventHost gives the host the link to the page of presenters.
func (l *Letters) EventHost(lang people.Language, to mail.Address, f EventFacts, address string, until time.Time) mail.Message {
	lang, w, _ := l.speak(lang)
	return l.Note(Note{Language: lang, To: to, Subject: w.T("mail.event.host.subject", "Event", f.Name),
		Paragraphs: []string{w.T("mail.event.host.text"), f.lines(w), w.T("mail.event.host.what")},
		Button:     w.T("mail.event.host.button"), Link: address, After: []string{w.T("mail.event.host.life", "Date", l.day(w, until))}})
}
