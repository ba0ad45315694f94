package rooms

import (
	"time"

	"liaison/internal/event"
	"liaison/internal/letter"
	"liaison/internal/mail"
	"liaison/internal/people"
)

// eventMails words the mails about events.
type eventMails struct{ *letter.Letters }

func facts(f event.Facts) letter.EventFacts {
	return letter.EventFacts{Name: f.Name, Organiser: f.Organiser, Place: f.Place, URL: f.URL, Days: f.Days, Country: f.Country, Travel: f.Travel,
		Online: f.Mode == people.Online || f.Mode == people.Hybrid}
}

func (m eventMails) EventRequest(lang people.Language, to mail.Address, f event.Facts, note, address string, again bool) mail.Message {
	return m.Letters.EventRequest(lang, to, facts(f), note, address, again)
}

func (m eventMails) EventAnswered(lang people.Language, to mail.Address, f event.Facts, accepted bool) mail.Message {
	return m.Letters.EventAnswered(lang, to, facts(f), accepted)
}

func (m eventMails) EventHost(lang people.Language, to mail.Address, f event.Facts, address string, until time.Time) mail.Message {
	return m.Letters.EventHost(lang, to, facts(f), address, until)
}
