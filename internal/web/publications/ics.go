package publications

import (
	"net/http"
	"strings"

	ical "github.com/arran4/golang-ical"

	"liaison/internal/event"
	"liaison/internal/people"
	"liaison/internal/words"
)

const (
	calendarBack = 365       // days of the past that the file holds
	calendarMost = 2_000     // events in the file
	calendarText = 3_000_000 // bytes of their words, about; an answer may have 6 MB
)

// ics is the calendar as a file that calendar programs subscribe to (RFC 5545). Whole days, as the events have no times; an event keeps
// its identity and counts its revisions, so that a change replaces what stands in a reader's calendar.
func (c *Calendar) ics(w http.ResponseWriter, r *http.Request) error {
	lang := people.Language(r.URL.Query().Get("lang"))
	if !c.Site.Programme.Speaks(lang) {
		lang = c.Site.Preferred(r)
	}
	out := ical.NewCalendarFor(c.Site.Programme.ID)
	out.SetProductId("-//" + c.Site.Programme.ID + "//Liaison//" + strings.ToUpper(string(lang)))
	out.SetMethod(ical.MethodPublish)
	out.SetXWRCalName(words.For(lang).T("event.calendar.name", "Name", c.Site.Programme.Name.In(lang, c.Site.Programme.Default)))
	out.SetRefreshInterval("PT12H")
	from, cursor := c.Book.Today().Add(-calendarBack), ""
	for n, text := 0, 0; n < calendarMost && text < calendarText; {
		page, err := c.Book.From(r.Context(), from, 500, cursor)
		if err != nil {
			return err
		}
		for _, e := range page.Events {
			if !e.Withdrawn && e.Start != "" {
				c.add(out, e, lang)
				n, text = n+1, text+400+len(e.Name)+len(e.Place)+len(e.Audience)+len(e.Organiser)+2*len(e.URL)
			}
		}
		if cursor = page.Cursor; cursor == "" {
			break
		}
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `inline; filename="events.ics"`)
	w.Header().Set("Cache-Control", "public, max-age=900")
	w.Header().Add("Vary", "Accept-Language")
	return out.SerializeTo(w, ical.WithNewLine("\r\n"))
}

func (c *Calendar) add(out *ical.Calendar, e event.Event, lang people.Language) {
	p := words.For(lang)
	v := out.AddEvent(e.ID + "@" + c.Site.Programme.ID)
	v.SetDtStampTime(e.Changed)
	v.SetCreatedTime(e.Created)
	v.SetModifiedAt(e.Changed)
	v.SetSequence(max(e.Revision-1, 0))
	v.SetAllDayStartAt(e.Start.Time())
	v.SetAllDayEndAt(e.Days().Last().Add(1).Time()) // the day after the last
	v.SetTimeTransparency(ical.TransparencyTransparent)
	v.SetSummary(e.Name)
	var place []string
	if e.Place != "" {
		place = append(place, e.Place)
	}
	if e.Country != "" {
		place = append(place, p.Country(e.Country))
	}
	if e.Mode == people.Online || e.Mode == people.Hybrid {
		place = append(place, p.T("event.mode."+string(e.Mode)))
	}
	if len(place) > 0 {
		v.SetLocation(strings.Join(place, ", "))
	}
	page := c.Site.Links.URL("/"+string(lang)+"/events/"+e.ID, "")
	lines := []string{page}
	if e.Audience != "" {
		lines = append([]string{e.Audience}, lines...)
	}
	if e.Organiser != "" {
		lines = append([]string{p.T("mail.event.organiser", "Who", e.Organiser)}, lines...)
	}
	v.SetDescription(strings.Join(lines, "\n"))
	if e.URL != "" {
		v.SetURL(e.URL)
	} else {
		v.SetURL(page)
	}
}
