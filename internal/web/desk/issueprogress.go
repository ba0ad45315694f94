package desk

import (
	"html/template"
	"strconv"
	"strings"

	"liaison/internal/newsletter"
	"liaison/internal/people"
)

// figures are the numbers of a distribution, drawn.
type figures struct {
	Bar  template.HTML
	Rows []editionFigures
}

type editionFigures struct {
	In   people.Language
	Word string // state of the edition, a message key
	Mood string
	newsletter.Counts
	Bar template.HTML
}

func (p *issuePage) figures() figures {
	f := figures{Bar: p.bar(p.Now.Counts)}
	for _, l := range p.Languages() {
		c, ok := p.Now.ByLanguage[l]
		if _, there := p.Issue.Editions[l]; !ok && !there {
			continue
		}
		row := editionFigures{In: l, Counts: c, Bar: p.bar(c)}
		row.Word, row.Mood = p.editionState(c)
		f.Rows = append(f.Rows, row)
	}
	return f
}

// editionState words how far one edition is; of a whole distribution that stands still, they all do.
func (p *issuePage) editionState(c newsletter.Counts) (word, colour string) {
	left := c.Planned - c.Sent - c.Refused - c.Skipped
	switch {
	case c.Planned == 0:
		return "issues.edition.nobody", ""
	case left == 0 && p.Now.State != newsletter.Planning:
		return "issues.edition.done", "ok"
	case !p.Now.State.Running():
		return "issues.state." + string(p.Now.State), mood(p.Now.State)
	case c.Sent+c.Refused == 0:
		return "issues.edition.waiting", ""
	}
	return "issues.edition.sending", "wait"
}

// bar draws the parts of a plan in a line; its label says the same in words.
func (p *issuePage) bar(c newsletter.Counts) template.HTML {
	label := p.T("issues.bar", "Planned", c.Planned, "Sent", c.Sent, "Doubt", c.Doubt, "Refused", c.Refused, "Skipped", c.Skipped)
	var b strings.Builder
	b.WriteString(`<svg class="bar" role="img" viewBox="0 0 1000 14" preserveAspectRatio="none" aria-label="` + template.HTMLEscapeString(label) + `">`)
	at := int64(0)
	for _, part := range []struct {
		class string
		n     int64
	}{{"sent", c.Sent}, {"doubt", c.Doubt}, {"refused", c.Refused}, {"skipped", c.Skipped}} {
		if part.n <= 0 || c.Planned <= 0 {
			continue
		}
		wide := max(part.n*1000/c.Planned, 3) // what is there can be seen
		wide = min(wide, 1000-at)
		b.WriteString(`<rect class="` + part.class + `" x="` + strconv.FormatInt(at, 10) + `" width="` + strconv.FormatInt(wide, 10) + `" height="14"/>`)
		at += wide
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// ReasonWords explains why a distribution stands still, or went badly; "" when there is nothing to say.
func (p *issuePage) ReasonWords() string {
	reason := p.Now.Reason
	if key := "issues.reason." + reason; reason != "" && p.P.Has(key) {
		return p.T(key)
	}
	return reason
}

// Mood picks the colour of the state.
func (p *issuePage) Mood() string { return mood(p.Now.State) }

// CanPause and the like tell which buttons make sense now.
func (p *issuePage) CanPause() bool {
	return p.Now.State.Running() && p.Issue.HandedOver || p.Now.State == newsletter.Scheduled
}
func (p *issuePage) CanResume() bool {
	return p.Now.State == newsletter.Paused || p.Now.State == newsletter.Incomplete
}
func (p *issuePage) CanCancel() bool {
	return p.Now.State != newsletter.Cancelled && p.Now.State != newsletter.Finished && (p.Issue.HandedOver || !p.Issue.Started())
}

// Count prints a number of people.
func (p *issuePage) Count(n int64) string  { return p.Number(int(n)) }
func (p *issuesPage) Count(n int64) string { return p.Number(int(n)) }

// Help lists the marks that the editor explains.
func (p *editionPage) Help() []string {
	return []string{"paragraph", "heading", "bold", "link", "list", "quote", "table", "html"}
}
