package letter

import (
	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/words"
)

// ConfirmSignUp asks somebody who typed the address into the sign-up form. Nothing is promoted and nothing happens without the button behind
// the link. hours is how long the link opens; organisation may be empty.
func (l *Letters) ConfirmSignUp(to mail.Address, lang people.Language, organisation, link string, hours int) mail.Message {
	w := words.For(lang)
	return l.confirmation(to, lang, link, hours, w.T("mail.subscription.signup", "Newsletter", l.newsletter(lang)), l.forWhom(w, to, organisation))
}

// ConfirmNomination asks an organisation that another has proposed, and says who: the organisation by, never a person's address.
func (l *Letters) ConfirmNomination(to mail.Address, lang people.Language, organisation, by, link string, hours int) mail.Message {
	w := words.For(lang)
	first := w.T("mail.subscription.nominated", "Newsletter", l.newsletter(lang), "By", by)
	if by == "" {
		first = w.T("mail.subscription.nominated.unnamed", "Newsletter", l.newsletter(lang))
	}
	return l.confirmation(to, lang, link, hours, first, w.T("mail.subscription.why", "Group", l.named(lang, l.Programme.Group)), l.forWhom(w, to, organisation))
}

// ConfirmListed asks an organisation that stands in a list of the secretariat's.
func (l *Letters) ConfirmListed(to mail.Address, lang people.Language, organisation, link string, hours int) mail.Message {
	w := words.For(lang)
	return l.confirmation(to, lang, link, hours, w.T("mail.subscription.listed", "Newsletter", l.newsletter(lang)),
		w.T("mail.subscription.why", "Group", l.named(lang, l.Programme.Group)), l.forWhom(w, to, organisation))
}

func (l *Letters) confirmation(to mail.Address, lang people.Language, link string, hours int, paragraphs ...string) mail.Message {
	w := words.For(lang)
	return l.Note(Note{
		Language: lang, To: to,
		Subject:    w.T("mail.subscription.subject", "Newsletter", l.newsletter(lang)),
		Paragraphs: paragraphs,
		Button:     w.T("mail.subscription.button"), Link: link,
		After: []string{w.T("mail.subscription.life", "Count", hours), w.T("mail.subscription.nothing")},
	})
}

// AlreadySubscribed answers a sign-up of an address that is on the list: it goes out so that the page and the work are the same for everybody.
func (l *Letters) AlreadySubscribed(to mail.Address, lang people.Language, organisation, link string, hours int, paused bool) mail.Message {
	w := words.For(lang)
	state := "mail.subscription.already"
	if paused {
		state = "mail.subscription.already.paused"
	}
	return l.Note(Note{
		Language: lang, To: to,
		Subject:    w.T("mail.subscription.preferences.subject", "Newsletter", l.newsletter(lang)),
		Paragraphs: []string{w.T(state, "Newsletter", l.newsletter(lang), "Address", string(to.Mail))},
		Button:     w.T("mail.subscription.preferences.button"), Link: link,
		After: []string{w.T("mail.subscription.preferences.life", "Count", hours/24), w.T("mail.subscription.preferences.private")},
	})
}

// Preferences is the link that a subscriber asked for.
func (l *Letters) Preferences(to mail.Address, lang people.Language, organisation, link string, hours int) mail.Message {
	w := words.For(lang)
	return l.Note(Note{
		Language: lang, To: to,
		Subject:    w.T("mail.subscription.preferences.subject", "Newsletter", l.newsletter(lang)),
		Paragraphs: []string{w.T("mail.subscription.preferences.text", "Newsletter", l.newsletter(lang), "Address", string(to.Mail))},
		Button:     w.T("mail.subscription.preferences.button"), Link: link,
		After: []string{w.T("mail.subscription.preferences.life", "Count", hours/24), w.T("mail.subscription.preferences.private")},
	})
}

// forWhom names the address, and the organisation where one was given.
func (l *Letters) forWhom(w *words.Printer, to mail.Address, organisation string) string {
	if organisation == "" {
		return w.T("mail.subscription.address", "Address", string(to.Mail))
	}
	return w.T("mail.subscription.organisation", "Address", string(to.Mail), "Organisation", organisation)
}

// newsletter is the newsletter's name.
func (l *Letters) newsletter(lang people.Language) string { return l.named(lang, l.Programme.Name) }
