package letter

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/words"
)

var update = flag.Bool("update", false, "write the golden files anew")

const address = "https://update.example.org/en/subscription?link=v4.local.abc-_DEF&x=1"

func letters() *Letters {
	return &Letters{Programme: &programme.Programme{
		ID: "update", Name: programme.Text{"en": "Stewardship Update", "ru": "Вестник ответственности"},
		Group:     programme.Text{"en": "Working group on responsible stewardship", "ru": "Рабочая группа по ответственному управлению"},
		Languages: words.Languages, Default: "en", BaseURL: "https://update.example.org", Sender: "update@example.org",
		ReplyTo: "secretary@example.org", Postal: "1 Example Street, 1200 Geneva, Switzerland", TimeZone: "Europe/Zurich"}}
}

// everyNote is one of each kind, with s wherever somebody else has a say.
func everyNote(lang people.Language, s string) map[string]mail.Message {
	l := letters()
	at := time.Date(2027, 5, 14, 16, 0, 0, 0, time.UTC)
	to := mail.Address{Name: s, Mail: "reader@example.org"}
	desk := programme.Desk{Name: s, Email: "desk@example.org", Language: lang}
	f := EventFacts{Name: s, Organiser: s, Place: s, URL: "https://event.example.org/" + s, Days: people.Span{From: "2027-05-14", To: "2027-05-16"}, Country: "CH", Travel: "host"}
	return map[string]mail.Message{
		"alarm": l.DistributionAlarm(desk, s, "letter", address), "alarm-other": l.DistributionAlarm(desk, s, s, address),
		"invitation": l.PresenterInvitation(lang, to, address, at, false), "invitation-again": l.PresenterInvitation(lang, to, address, at, true),
		"yes": l.PresenterAnswered(lang, to, true, address), "no": l.PresenterAnswered(lang, to, false, ""),
		"request": l.EventRequest(lang, to, f, s, address, false), "request-again": l.EventRequest(lang, to, f, "", address, true),
		"accepted": l.EventAnswered(lang, to, f, true), "declined": l.EventAnswered(lang, to, f, false), "host": l.EventHost(lang, to, f, address, at),
		"signin": l.SignIn(desk, address, 15), "unlisted": l.NotListed("stranger@example.org", lang),
		"signup": l.ConfirmSignUp(to, lang, s, address, 72), "nomination": l.ConfirmNomination(to, lang, s, s, address, 72),
		"listed": l.ConfirmListed(to, lang, s, address, 72), "already": l.AlreadySubscribed(to, lang, s, address, 720, false),
		"paused": l.AlreadySubscribed(to, lang, s, address, 720, true), "preferences": l.Preferences(to, lang, s, address, 720),
		"receipt": l.SurveyReceipt(to, lang, "subscribers", "A-1", 3, address, at), "draft": l.SurveyDraft(to, lang, "events", address, at),
	}
}

func TestNoteGolden(t *testing.T) {
	for _, lang := range []people.Language{"en", "ru"} {
		notes := everyNote(lang, "Amina O’Brien & Söhne")
		var all strings.Builder
		for _, name := range slices.Sorted(maps.Keys(notes)) {
			all.WriteString("=== " + name + ": " + notes[name].Content.Subject + "\n" + notes[name].Content.Text + "\n")
		}
		golden(t, "notes."+string(lang)+".txt", all.String())
		golden(t, "request."+string(lang)+".html", notes["request"].Content.HTML)
	}
}

// French sets its colons off.
func TestButtonsAndAddressesInText(t *testing.T) {
	for lang, want := range map[people.Language]string{"en": ":\nhttps://update", "fr": "\u00a0:\nhttps://update"} {
		for name, m := range everyNote(lang, "Amina O’Brien") {
			if text := m.Content.Text; strings.Contains(text, "link=") && !strings.Contains(text, want) {
				t.Errorf("%s %s: %q", lang, name, text)
			}
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; go test ./internal/letter -update writes it anew, after a look at the difference\n%s", name, got)
	}
}

// Both twins of every note say the same, whatever others typed, and a program finds nothing in it but what was meant.
func TestNotesAreReadableByProgramsAndPeople(t *testing.T) {
	for _, s := range []string{"Amina Söhne", `<script>alert(1)</script> "q" 'a' & &amp; --> </td></table>`, "{{name}} {x} {{#if a}}", "a\nb", "שלום العالم", strings.Repeat("wide ", 900)} {
		for _, lang := range words.Languages {
			for name, m := range everyNote(lang, s) {
				c := m.Content
				if strings.Contains(c.HTML+c.Text+c.Subject, "[[") || strings.ContainsAny(strings.SplitN(c.HTML, "</style>", 2)[1], "{}") {
					t.Errorf("%s %s: a wording is missing, or braces stand in\n%s", lang, name, c.HTML)
				}
				if len(c.HTML) > 90_000 {
					t.Errorf("%s %s has %d bytes", lang, name, len(c.HTML))
				}
				checkNote(t, string(lang)+" "+name, lang, c)
			}
		}
	}
}

func checkNote(t *testing.T, name string, lang people.Language, c mail.Content) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(c.HTML))
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Join(strings.Fields(c.Text), " ")
	elements := map[string]int{}
	for n := range doc.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "style" && n.Parent.Data != "title" {
			if part := strings.Join(strings.Fields(n.Data), " "); !strings.Contains(said, part) {
				t.Errorf("%s: the text does not say %q", name, part)
			}
		}
		if n.Type != html.ElementNode {
			continue
		}
		elements[n.Data]++
		switch n.Data {
		case "script", "img", "link", "form", "iframe":
			t.Errorf("%s: a letter holds <%s>", name, n.Data)
		case "html":
			if attr(n, "lang") != string(lang) || attr(n, "dir") != "ltr" {
				t.Errorf("%s: language and direction are %q and %q", name, attr(n, "lang"), attr(n, "dir"))
			}
		case "a":
			if attr(n, "href") != address {
				t.Errorf("%s: leads to %q", name, attr(n, "href"))
			}
		}
	}
	if elements["h1"] != 1 || elements["table"] != 2 || elements["td"] != 4 || elements["a"] > 1 || elements["a"] == 1 != strings.Contains(c.Text, address) {
		t.Errorf("%s: elements %v", name, elements)
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// RFC 5322 lets a line have 998 bytes. Where nobody wrote more, no encoding is needed to keep it.
func TestLinesOfNotesAreShort(t *testing.T) {
	for _, lang := range words.Languages {
		for name, m := range everyNote(lang, "Amina Söhne") {
			for line := range strings.Lines(m.Content.HTML + m.Content.Text) {
				if len(line) > 998 {
					t.Errorf("%s %s: a line of %d bytes: %.80s", lang, name, len(line), line)
				}
			}
		}
	}
}

func TestNotesLeadNowhereElse(t *testing.T) {
	m := letters().Note(Note{Language: "en", Subject: "s", Button: "go", Link: "javascript:alert(1)"})
	if strings.Contains(m.Content.HTML, "javascript:") {
		t.Error(m.Content.HTML)
	}
}
