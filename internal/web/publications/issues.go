package publications

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/newsletter"
	"liaison/internal/people"
	"liaison/internal/web"
)

// Issues is the newsletter on the web: its archive, each issue as a page and as a PDF, and the feed. Only newsletters that have started
// are here; leaflets never are.
type Issues struct {
	Site  *web.Site
	Store *newsletter.Store
}

// Routes implements web.Function.
func (s *Issues) Routes() []web.Route {
	return []web.Route{
		web.Get("/{lang}/issues", s.archive),
		web.Get("/{lang}/issues/{number}", s.issue), // "7" and "7.pdf": a pattern cannot part them
		web.Get("/{lang}/feed.xml", s.feed),
	}
}

// entry is an issue in a list, in the reader's language or the one that comes nearest.
type entry struct {
	Number   int
	Headline string
	In       people.Language // of the headline
	Day      time.Time
	Editions []people.Language
}

func (s *Issues) entry(i *newsletter.Issue, lang people.Language) entry {
	e := entry{Number: i.Number, Day: i.StartedAt, In: s.edition(i, lang)}
	e.Headline = i.Editions[e.In].Title
	for _, l := range s.Site.Programme.Languages {
		if _, ok := i.Editions[l]; ok {
			e.Editions = append(e.Editions, l)
		}
	}
	return e
}

// edition is the language in which the issue can be read by somebody who reads lang: every issue has the default.
func (s *Issues) edition(i *newsletter.Issue, lang people.Language) people.Language {
	if _, ok := i.Editions[lang]; ok {
		return lang
	}
	return s.Site.Programme.Default
}

type archivePage struct {
	*web.View
	Current *entry
	Opening string // the first lines of the current issue
	Years   []year
}

type year struct {
	Year    int
	Entries []entry
}

func (s *Issues) archive(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Store.Published(r.Context(), 0)
	if err != nil {
		return err
	}
	p := &archivePage{View: s.Site.View(r)}
	p.Title, p.Section = p.T("publications.archive.title"), "issues"
	p.Head = g.Group{description(p.T("publications.archive.lede", "Name", p.Name())), feed(p.View), alternates(p.View, p.Languages(), "/issues")}
	for _, i := range list {
		e := s.entry(i, p.Lang)
		if n := i.StartedAt.In(s.Site.Programme.Zone()).Year(); len(p.Years) == 0 || p.Years[len(p.Years)-1].Year != n {
			p.Years = append(p.Years, year{Year: n})
		}
		last := &p.Years[len(p.Years)-1]
		last.Entries = append(last.Entries, e)
	}
	if len(list) > 0 {
		e := s.entry(list[0], p.Lang)
		p.Current = &e
		if p.Opening, err = s.opening(r.Context(), list[0], e.In); err != nil {
			return err
		}
	}
	return page(w, r, p)
}

// text is what the press froze of an issue. One that was started by a release that froze no pages has an empty one until the press, at
// its next start, has caught up: its title, its date and its PDF are there all the while.
func (s *Issues) text(ctx context.Context, i *newsletter.Issue, in people.Language) (*newsletter.Page, error) {
	p, err := s.Store.Page(ctx, i.Number, i.Frozen, in)
	if errors.Is(err, newsletter.ErrGone) {
		return &newsletter.Page{}, nil
	}
	return p, err
}

// opening is the beginning of an issue's text.
func (s *Issues) opening(ctx context.Context, i *newsletter.Issue, in people.Language) (string, error) {
	p, err := s.text(ctx, i, in)
	if err != nil {
		return "", err
	}
	return p.Lead, nil
}

type issuePage struct {
	*web.View
	Issue     entry
	Fallback  bool // it is not in the reader's language
	Direction string
	Others    []people.Language
	Text      newsletter.Markup // of the press; "": only the paper is there
	Contents  []newsletter.Headline
	Paper     string
	Later     *entry
	Earlier   []entry
}

// issue serves "7" as a page and "7.pdf" as the file.
func (s *Issues) issue(w http.ResponseWriter, r *http.Request) error {
	name, paper := strings.CutSuffix(r.PathValue("number"), ".pdf")
	i, err := s.published(r.Context(), name)
	if err != nil {
		return err
	}
	if paper {
		return s.paper(w, r, i)
	}
	p := &issuePage{View: s.Site.View(r)}
	p.Issue, p.Section = s.entry(i, p.Lang), "issues"
	text, err := s.text(r.Context(), i, p.Issue.In)
	if err != nil {
		return err
	}
	p.Title, p.Contents, p.Text = p.Issue.Headline, text.Contents, text.HTML
	p.Fallback, p.Direction = p.Issue.In != p.Lang, p.Issue.In.Direction()
	p.Paper = fmt.Sprintf("/%s/issues/%d.pdf", p.Issue.In, i.Number)
	canonical := fmt.Sprintf("%s/%s/issues/%d", s.Site.Programme.BaseURL, p.Issue.In, i.Number)
	p.Head = g.Group{description(text.Summary), h.Link(h.Rel("canonical"), web.Href(canonical)), h.Link(h.Rel("alternate"), h.Type("application/pdf"), web.Href(p.Paper)),
		alternates(p.View, p.Issue.Editions, p.Issue.path())}
	for _, l := range p.Issue.Editions {
		if l != p.Issue.In {
			p.Others = append(p.Others, l)
		}
	}
	if err := s.neighbours(r.Context(), p); err != nil {
		return err
	}
	return page(w, r, p)
}

// neighbours lists the issue after this one and the few before.
func (s *Issues) neighbours(ctx context.Context, p *issuePage) error {
	list, err := s.Store.Published(ctx, 0)
	if err != nil {
		return err
	}
	for k, i := range list {
		if i.Number != p.Issue.Number {
			continue
		}
		if k > 0 {
			e := s.entry(list[k-1], p.Lang)
			p.Later = &e
		}
		for _, past := range list[k+1 : min(k+4, len(list))] {
			p.Earlier = append(p.Earlier, s.entry(past, p.Lang))
		}
	}
	return nil
}

// published finds a public issue by the number in an address, written in one way only.
func (s *Issues) published(ctx context.Context, name string) (*newsletter.Issue, error) {
	n, err := strconv.Atoi(name)
	if err != nil || strconv.Itoa(n) != name {
		return nil, web.NotFound()
	}
	i, err := s.Store.Issue(ctx, n)
	if errors.Is(err, newsletter.ErrNotFound) {
		return nil, web.NotFound()
	}
	if err != nil {
		return nil, err
	}
	if !i.Public() {
		return nil, web.NotFound()
	}
	return i, nil
}

// paper sends the frozen PDF; in a language without an edition, the reader is led to the one there is.
func (s *Issues) paper(w http.ResponseWriter, r *http.Request, i *newsletter.Issue) error {
	lang := s.Site.LangOf(r)
	if in := s.edition(i, lang); in != lang {
		http.Redirect(w, r, fmt.Sprintf("/%s/issues/%d.pdf", in, i.Number), http.StatusSeeOther)
		return nil
	}
	data, err := s.Store.Paper(r.Context(), i.Number, i.Frozen, lang)
	if errors.Is(err, newsletter.ErrGone) {
		return web.NotFound()
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", fmt.Sprintf(`inline; filename="%s-%d-%s.pdf"`, s.Site.Programme.ID, i.Number, lang))
	w.Header().Set("Last-Modified", i.StartedAt.UTC().Format(http.TimeFormat))
	return send(w, r, "application/pdf", frozen, data)
}
