package desk

import (
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/newsletter"
)

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
func (p *issuePage) bar(c newsletter.Counts) g.Node {
	label := p.T("issues.bar", "Planned", c.Planned, "Sent", c.Sent, "Doubt", c.Doubt, "Refused", c.Refused, "Skipped", c.Skipped)
	bar := g.Group{h.Class("bar"), h.Role("img"), g.Attr("viewBox", "0 0 1000 14"), g.Attr("preserveAspectRatio", "none"), h.Aria("label", label)}
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
		bar = append(bar, g.El("rect", h.Class(part.class), g.Attr("x", strconv.FormatInt(at, 10)), h.Width(strconv.FormatInt(wide, 10)), h.Height("14")))
		at += wide
	}
	return h.SVG(bar)
}

// reason explains why a distribution stands still, or went badly; "" when there is nothing to say.
func (p *issuePage) reason() string {
	reason := p.Now.Reason
	if key := "issues.reason." + reason; reason != "" && p.P.Has(key) {
		return p.T(key)
	}
	return reason
}

// canPause and the like tell which buttons make sense now.
func (p *issuePage) canPause() bool {
	return p.Now.State.Running() && p.Issue.HandedOver || p.Now.State == newsletter.Scheduled
}
func (p *issuePage) canResume() bool {
	return p.Now.State == newsletter.Paused || p.Now.State == newsletter.Incomplete
}
func (p *issuePage) canCancel() bool {
	return p.Now.State != newsletter.Cancelled && p.Now.State != newsletter.Finished && (p.Issue.HandedOver || !p.Issue.Started())
}

// count prints a number of people.
func (p *issuePage) count(n int64) g.Node { return g.Text(p.Number(int(n))) }
