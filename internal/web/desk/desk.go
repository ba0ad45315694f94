// Package desk is the secretariat at work: sign-in, queues, rosters, issues.
//
// Each file holds one page or one queue with its routes, handlers, page data and forms, as a web.Function of its own; app joins them.
package desk

import (
	"embed"

	"liaison/internal/web"
)

//go:embed pages/*.html
var files embed.FS

var pages = web.ParsePages(files, "pages/*.html")
