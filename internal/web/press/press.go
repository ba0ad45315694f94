// Package press is the part of the secretariat's desk where editions are written, looked at as letter, text and paper, and tried.
//
// It has the desk's addresses, session and looks, and is apart because its pages show what the press makes of a text. What may enter:
// pages about the text of an issue; whatever else there is to know about an issue is package desk's.
package press

import (
	"net/http"

	"liaison/internal/newsletter"
	"liaison/internal/programme"
	"liaison/internal/web"
	"liaison/internal/web/issue"
)

// Editions is where the editions of issues are written, shown and tried.
type Editions struct {
	Site      *web.Site
	Editorial *newsletter.Editorial
}

// Routes implements web.Function. Editors write; whoever is listed may look.
func (d *Editions) Routes() []web.Route {
	edition := issue.EditionPattern
	return []web.Route{
		web.Get(edition, d.edit).For(programme.Viewer),
		web.Post(edition, d.save).For(programme.Editor),
		web.Get(edition+"/letter", d.letter).For(programme.Viewer),
		web.Get(edition+"/paper.pdf", d.paper).For(programme.Viewer),
		web.Post(issue.Pattern+"/test", d.test).For(programme.Editor),
	}
}

// who is the address of the person who acts; every route here has a role, so somebody is signed in.
func (d *Editions) who(r *http.Request) string {
	p, _ := d.Site.SignedIn(r)
	return string(p.Email)
}
