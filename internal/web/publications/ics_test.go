package publications

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ical "github.com/arran4/golang-ical"

	"liaison/internal/event"
	"liaison/internal/link"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/web"
)

// Whatever stands in an event, the file stays a calendar of that one event, in lines of at most 75 bytes, and gives the words back.
func FuzzCalendarFile(f *testing.F) {
	for _, s := range []string{"Séminaire; eau, air \\ terre", "x\nEND:VEVENT\nBEGIN:VEVENT", strings.Repeat("много слов", 40), "a:b;c=d,\"e\"", strings.Repeat(" ", 90) + "x", "\\n\\,", strings.Repeat("a", 74) + ",;"} {
		f.Add(s, "Lyon")
	}
	links, err := link.New("http://127.0.0.1", time.Now, link.Key{1})
	if err != nil {
		f.Fatal(err)
	}
	c := &Calendar{Site: &web.Site{Programme: &programme.Programme{ID: "t", Languages: []people.Language{"en"}, Default: "en"}, Links: links}}
	f.Fuzz(func(t *testing.T, name, place string) {
		name, place = people.OneLine(name), people.OneLine(place)
		if name == "" || place == "" {
			return
		}
		cal := ical.NewCalendarFor("t")
		c.add(cal, event.Event{ID: "id", Name: name, Place: place, Audience: name, Start: "2027-05-14", Created: time.Unix(0, 0), Changed: time.Unix(0, 0)}, "en")
		var b bytes.Buffer
		if err := cal.SerializeTo(&b, ical.WithNewLine("\r\n")); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(b.String(), "\r\n") {
			if len(line) > 75 || strings.ContainsAny(line, "\r\n") || !utf8.ValidString(line) {
				t.Fatalf("line of %d bytes: %q", len(line), line)
			}
		}
		back, err := ical.ParseCalendar(&b)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(back.Events()); n != 1 {
			t.Fatalf("%d events", n)
		}
		for p, want := range map[ical.ComponentProperty]string{ical.ComponentPropertySummary: name, ical.ComponentPropertyLocation: place} {
			if got := back.Events()[0].GetProperty(p).Value; got != want {
				t.Fatalf("%s: %q, want %q", p, got, want)
			}
		}
	})
}
