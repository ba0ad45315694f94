package app

import (
	"slices"

	"liaison/internal/link"
	"liaison/internal/subscription"
	"liaison/internal/web"
	"liaison/internal/web/desk"
	"liaison/internal/web/subscriptions"
)

// Subscribers is the list of subscribers, for pages and for whoever else must reach it.
func (o *Outside) Subscribers() (*subscription.List, error) {
	links, err := o.links()
	if err != nil {
		return nil, err
	}
	return o.subscribers(links), nil
}

func (o *Outside) subscribers(links *link.Links) *subscription.List {
	limit := web.Limiter{Table: o.People, Now: o.Now}
	l := &subscription.List{Table: o.People, Post: o.outbox(), Letters: o.letters(), Links: links, Programme: o.Programme,
		Allow: limit.Allow, Now: o.Now, NewID: o.NewID}
	for _, k := range slices.Concat(o.Keys, o.Retired) { // an address that was suppressed under any key stays suppressed
		l.Peppers = append(l.Peppers, subscription.PepperFrom(k))
	}
	return l
}

// subscriptions serves sign-up, confirmation, preferences and the way out.
func (o *Outside) subscriptions(site *web.Site) ([]web.Function, error) {
	return []web.Function{&subscriptions.Pages{Site: site, List: o.subscribers(site.Links), Limit: &web.Limiter{Table: o.People, Now: o.Now}}}, nil
}

// deskSubscribers is the list at the desk.
func (o *Outside) deskSubscribers(site *web.Site) web.Function {
	return &desk.Subscribers{Site: site, List: o.subscribers(site.Links), Log: o.audit()}
}
