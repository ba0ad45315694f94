package edition

import "liaison/internal/prose"

// Page is the body of an edition's page on the web, and what is said of it elsewhere. The page around it, with its title, is the site's.
type Page struct {
	HTML     prose.HTML
	Contents []prose.Headline
	Lead     string // how the text begins, for lists
	Summary  string // the same for search engines
}

// Page sets an edition for the web: its looks are the site's, its links lead where the author said.
func (l *Letters) Page(x Edition) Page {
	s := l.Sheet(x)
	return Page{HTML: s.Doc.HTML(prose.Dress{TableName: s.P.T("issue.table")}), Contents: s.Doc.Contents(), Lead: s.Doc.Lead(260), Summary: s.Doc.Lead(200)}
}
