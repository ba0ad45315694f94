package app

import (
	"liaison/internal/web"
	"liaison/internal/web/publications"
)

// publications is what the public reads.
func (o *Outside) publications(site *web.Site) ([]web.Function, error) {
	return []web.Function{
		publications.Static{},
		&publications.Home{Site: site},
		&publications.About{Site: site},
	}, nil
}
