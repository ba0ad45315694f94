package desk

import (
	"errors"
	"net/http"

	"liaison/internal/form"
	"liaison/internal/subscription"
	"liaison/internal/web"
)

var subscriberForm = &form.Definition{Words: "subscribers.form", Fields: []form.Field{
	{Name: "kind", Kind: form.Select, Required: true, Options: choices(subscription.Kinds)},
	{Name: "sure", Kind: form.Consent, Required: true},
}}

func choices[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

type subscriberPage struct {
	*web.View
	Subscriber subscription.Subscriber
	Evidence   []subscription.Evidence
	Form       *form.View
}

func (d *Subscribers) one(w http.ResponseWriter, r *http.Request) error {
	s, err := d.subscriber(r)
	if err != nil {
		return err
	}
	v := form.New(subscriberForm, 0)
	v.Set("kind", string(s.Kind))
	return d.showOne(w, r, http.StatusOK, s, v)
}

func (d *Subscribers) subscriber(r *http.Request) (subscription.Subscriber, error) {
	s, err := d.List.Get(r.Context(), r.PathValue("id"))
	if errors.Is(err, subscription.ErrNotFound) {
		return s, web.NotFound()
	}
	return s, err
}

func (d *Subscribers) showOne(w http.ResponseWriter, r *http.Request, status int, s subscription.Subscriber, v *form.Values) error {
	p := &subscriberPage{View: d.Site.View(r), Subscriber: s}
	var err error
	if p.Evidence, err = d.List.History(r.Context(), s.ID); err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return d.Site.JSON(w, http.StatusOK, subscription.Record{Subscriber: s, ID: s.ID, Evidence: p.Evidence})
	}
	p.Section, p.Form = "subscribers", v.Show(p.P)
	p.Title = s.Organisation
	if p.Title == "" {
		p.Title = string(s.Email)
	}
	if s.State == subscription.Erased {
		p.Title = p.T("subscribers.erased")
	}
	if done := r.URL.Query().Get("done"); p.P.Has("subscribers.done." + done) {
		p.Notice = p.T("subscribers.done." + done)
	}
	return d.Site.Show(w, status, p)
}

// act carries out a button of the page; everything is on the record.
func (d *Subscribers) act(w http.ResponseWriter, r *http.Request) error {
	s, err := d.subscriber(r)
	if err != nil {
		return err
	}
	v, err := form.Decode(r, subscriberForm)
	if err != nil {
		return err
	}
	who := string(d.Site.View(r).Desk.Email)
	ctx, detail := r.Context(), ""
	switch v.Action {
	case "kind":
		detail = v.Get("kind")
		if !isKind(detail) {
			v.Fail("kind", "form.error.option", "Value", detail)
			return d.refuse(w, r, s, v)
		}
		s, err = d.List.SetKind(ctx, s.ID, subscription.Kind(detail), who)
	case "release":
		s, err = d.List.Release(ctx, s.ID, who)
	case "leave":
		s, err = d.List.Leave(ctx, s.ID, subscription.ByDesk, who)
	case "erase":
		if sure := v.Get("sure"); sure != "yes" && sure != "on" {
			v.Set("kind", string(s.Kind))
			v.Fail("sure", "form.error.required")
			return d.refuse(w, r, s, v)
		}
		err = d.List.Erase(ctx, s.ID)
		s.State = subscription.Erased
	default:
		v.Fail("action", "form.error.option", "Value", v.Action)
		return d.refuse(w, r, s, v)
	}
	if errors.Is(err, subscription.ErrState) {
		return &web.Error{Status: http.StatusConflict, Key: "error.conflict", Err: err}
	}
	if err != nil {
		return err
	}
	if err := d.Log.Record(ctx, who, "subscriber."+v.Action, "subscriber/"+s.ID, detail); err != nil {
		return err
	}
	return d.Site.Done(w, r, "/desk/subscribers/"+s.ID+"?done="+v.Action, map[string]any{"id": s.ID, "state": s.State, "kind": s.Kind})
}

func (d *Subscribers) refuse(w http.ResponseWriter, r *http.Request, s subscription.Subscriber, v *form.Values) error {
	return d.Site.Refuse(w, r, v.Show(d.Site.View(r).P), func(status int) error { return d.showOne(w, r, status, s, v) })
}

func isKind(s string) bool {
	for _, k := range subscription.Kinds {
		if string(k) == s {
			return true
		}
	}
	return false
}
