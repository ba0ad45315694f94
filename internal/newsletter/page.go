package newsletter

import (
	"context"
	"errors"
	"io"

	"liaison/internal/people"
	"liaison/internal/table"
)

// Page is an edition for the web: what stands there below its title, and what is said of it elsewhere.
type Page struct {
	// HTML is the text. Its links are whole addresses, paths of the site, or "#" and the ID of a headline.
	HTML     Markup     `json:"html"`
	Contents []Headline `json:"contents,omitempty"`
	Lead     string     `json:"lead,omitempty"`    // how the text begins, for lists: about three lines
	Summary  string     `json:"summary,omitempty"` // the same for search engines, shorter
}

// Markup is HTML that a press made, safe to stand in a page as it is.
type Markup string

// Render writes it.
func (m Markup) Render(w io.Writer) error {
	_, err := io.WriteString(w, string(m))
	return err
}

// Headline is one line of a page's list of contents.
type Headline struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Page reads a frozen page; ErrGone. An issue that a release before 0026 has started has none until CatchUp.
func (s *Store) Page(ctx context.Context, number int, version string, l people.Language) (*Page, error) {
	it, err := s.Table.Get(ctx, pageKey(number, version, l))
	if errors.Is(err, table.ErrNotFound) {
		return nil, ErrGone
	}
	if err != nil {
		return nil, err
	}
	var p Page
	return &p, it.Decode(&p)
}

// CatchUp freezes the pages of issues that were started by a release that made none. Their texts are what they were then, because none
// can be saved after the start. One issue's trouble does not keep the others waiting.
func (d *Editorial) CatchUp(ctx context.Context) error {
	list, err := d.Published(ctx, 0)
	if err != nil {
		return err
	}
	var errs []error
	for _, i := range list {
		if !i.Printed {
			errs = append(errs, d.pages(ctx, i))
		}
	}
	return errors.Join(errs...)
}

func (d *Editorial) pages(ctx context.Context, i *Issue) error {
	for _, l := range languages(i) {
		e, err := d.Edition(ctx, i.Number, l)
		if err != nil {
			return err
		}
		p, err := d.Press.Page(i, e)
		if err != nil {
			return pressError(err)
		}
		if err := d.first(ctx, pageKey(i.Number, i.Frozen, l), p); err != nil {
			return err
		}
	}
	return d.printed(ctx, i)
}
