package publications

import (
	"fmt"
	"net/http"

	"liaison/internal/web"
)

// About is what a reader may want to know of the site itself: what is kept about people, and who can use the pages.
type About struct{ Site *web.Site }

// Routes implements web.Function.
func (a *About) Routes() []web.Route {
	return []web.Route{web.Get("/{lang}/privacy", a.page("privacy")), web.Get("/{lang}/accessibility", a.page("accessibility"))}
}

type aboutPage struct {
	*web.View
	Lede  string
	Parts []aboutPart
}

type aboutPart struct{ Heading, Text string }

// page takes its sections from the catalogue, about.NAME.1, .2, … until a number is missing.
func (a *About) page(name string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		p := &aboutPage{View: a.Site.View(r)}
		key := "about." + name
		p.Title, p.Lede = p.T(key+".title"), p.T(key+".lede", "Group", p.Group())
		for n := 1; p.P.Has(fmt.Sprintf("%s.%d", key, n)); n++ {
			p.Parts = append(p.Parts, aboutPart{p.T(fmt.Sprintf("%s.%d", key, n)), p.T(fmt.Sprintf("%s.%d.text", key, n), "Address", string(a.Site.Programme.ReplyTo))})
		}
		return page(w, r, p)
	}
}
