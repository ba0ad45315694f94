package subscriptions

import (
	"net/url"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/web"
)

// issued says above a page's title whom the link was issued to.
func issued(v *web.View, address string) g.Node {
	return h.P(h.Class("kicker"), v.W("subscription.issued", "Address", address))
}

// address is a page's own, with the link that it was reached by.
func address(v *web.View, path, link string) string {
	return v.At(path) + "?link=" + url.QueryEscape(link)
}

// post is a form that acts on what a link is about. It has no trap: nobody comes here by chance.
func post(v *web.View, path, link string, content ...g.Node) g.Node {
	return h.Form(h.Method("post"), web.Action(address(v, path, link)), key(v, ""), g.Group(content))
}

// key makes a form count once; an empty one is new.
func key(v *web.View, of string) g.Node {
	if of == "" {
		of = v.NewKey()
	}
	return web.Hidden("form_key", of)
}

// signUpAgain leads back to the list.
func signUpAgain(v *web.View) g.Node {
	return h.P(web.A(v.At("/subscribe"), v.T("subscription.again")))
}
