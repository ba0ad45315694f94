// Package intake is the public side of the surveys: the forms, the upload of lists, answers saved for later, receipts and changes.
//
// Every page works without script. What was typed travels in the form itself from page to page, so that nothing is lost and nothing is
// kept that was not sent; only an uploaded list waits on our side, and what somebody asks us to save.
//
// Answers, whatever the survey does with them:
//
//	422  errors; the page shows what was typed
//	410  the survey has closed, 403 it has not opened; a POST gets back what was typed, for copying
//	409  the form was sent before with another content, or the answer was changed by somebody else; nothing was overwritten
//	413  too large, 415 neither form nor JSON, 429 too many within an hour (with what was typed)
package intake

import (
	"context"
	"errors"
	"net/http"
	"time"

	"liaison/internal/form"
	"liaison/internal/form/list"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/survey"
	"liaison/internal/web"
)

// Pages implements web.Function.
type Pages struct {
	Site    *web.Site
	Surveys *survey.Surveys
	Limit   *web.Limiter
}

// Routes of the public surveys.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		web.Get("/{lang}/surveys", p.list),
		web.Get("/{lang}/surveys/{survey}", p.show),
		web.Post("/{lang}/surveys/{survey}", p.answer),
		web.Get("/{lang}/surveys/drafts", p.resume),
		web.Get("/{lang}/surveys/answers", p.receipt),
		web.Post("/{lang}/surveys/answers", p.change),
		web.Post("/{lang}/surveys/answers/renew", p.renew),
		web.Get("/{lang}/surveys/answers/renewed", p.Site.Renewed),
	}
}

// filled is one form on its way through a request.
type filled struct {
	name     string // of the survey
	def      *form.Definition
	v        *form.Values
	list     *attached // a list that was sent along or uploaded before
	read     *list.List
	problems []list.Problem // of the list that was sent along
	at       *survey.Answer // when the form changes an answer
	link     string         // of that answer
	stands   bool           // of a change: rows stay whatever the form holds
}

func (f *filled) group() string { return groupOf(f.name) }

// begin finds the survey's form; 404 for an unknown one.
func (p *Pages) begin(name string) (*filled, error) {
	def := definition(p.Site.Programme, name)
	if _, held := p.Site.Programme.Surveys[name]; def == nil || !held {
		return nil, web.NotFound()
	}
	return &filled{name: name, def: def, v: form.New(def, 1)}, nil
}

// decode reads the request into the form.
func (f *filled) decode(r *http.Request) error {
	v, err := form.Decode(r, f.def)
	if err == nil {
		f.v = v
	}
	return err
}

func (p *Pages) window(name string) programme.Survey { return p.Site.Programme.Surveys[name] }

func (p *Pages) isOpen(name string) bool {
	open, _ := p.Site.Programme.Open(name, p.Site.Now())
	return open
}

// allow counts one answer against the limits of its sender's network and of the address it names. Clients on the machine itself are free.
func (p *Pages) allow(ctx context.Context, r *http.Request, address people.EmailAddress) (bool, error) {
	network, limits := web.Network(r), p.Site.Programme.Limits.Hourly()
	if network == "" {
		return true, nil
	}
	ok, err := p.Limit.Allow(ctx, "survey-network#"+network, int64(limits.PerNetwork), time.Hour)
	if err != nil || !ok || address == "" {
		return ok, err
	}
	return p.Limit.Allow(ctx, "survey-address#"+address.Key(), int64(limits.PerAddress), time.Hour)
}

// busy answers 429 with everything that was typed.
func (p *Pages) busy(w http.ResponseWriter, r *http.Request, f *filled) error {
	again := p.Site.Now().Truncate(time.Hour).Add(time.Hour)
	w.Header().Set("Retry-After", again.UTC().Format(http.TimeFormat))
	if web.WantsJSON(r) {
		return &web.Error{Status: http.StatusTooManyRequests, Key: "error.rate"}
	}
	f.v.Fail("", "survey.busy", "Time", again.In(p.Site.Programme.Zone()).Format("15:04"))
	return p.form(w, r, http.StatusTooManyRequests, f, "")
}

// suspicion tells why an answer should wait in quarantine. Speed is no sign on the machine itself, where programs try the pages out.
func (p *Pages) suspicion(r *http.Request, v *form.Values) string {
	why := p.Site.Suspicion(v)
	if why == "quick" && web.Network(r) == "" {
		return ""
	}
	return why
}

// surveyErrors are the domain's errors that have no page of their own.
func surveyErrors(err error) error {
	switch {
	case errors.Is(err, survey.ErrUnknown):
		return web.NotFound()
	case errors.Is(err, survey.ErrFull):
		return &web.Error{Status: http.StatusConflict, Key: "survey.full", Err: err}
	}
	return err
}
