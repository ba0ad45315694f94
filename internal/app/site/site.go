// Package site joins pages to the site that an HTTP function serves.
//
// What may enter: what every HTTP function needs of the assembly; never an idea, and never the pages of one function.
package site

import (
	"net/http"

	"liaison/internal/app"
	"liaison/internal/web"
)

// Share is one function's part of the site.
type Share func(*app.Outside, *web.Site) []web.Function

// Serve makes the handler of a site that has these shares.
func Serve(o *app.Outside, shares ...Share) (http.Handler, error) {
	s, err := New(o)
	if err != nil {
		return nil, err
	}
	var functions []web.Function
	for _, share := range shares {
		functions = append(functions, share(o, s)...)
	}
	return s.Handler(functions...), nil
}

// New makes the kernel that all pages share.
func New(o *app.Outside) (*web.Site, error) {
	links, err := o.Links()
	if err != nil {
		return nil, err
	}
	return &web.Site{Programme: o.Programme, Links: links, Now: o.Now, NewID: o.NewID, Log: o.Log}, nil
}
