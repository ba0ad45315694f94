// Package workbench is what a developer has under /_local/ beside the programme on one machine: its clock, its mishaps, its queues,
// a way in, and what was sent.
//
// What may enter: looking on and turning the screws of the stand-ins. It needs the stage alone, so it serves both who runs the
// programme in one process (infra/local) and who runs the Lambdas (infra/lambda).
package workbench

import (
	"embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"liaison/infra/local/mailbox"
	"liaison/infra/local/page"
	"liaison/infra/local/queue"
	"liaison/infra/local/ses"
	"liaison/infra/local/stage"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/web"
)

//go:embed pages/*.html
var pageFiles embed.FS

var pages = page.Parse(pageFiles, "pages/*.html")

// Workbench is set up by its fields.
type Workbench struct {
	*stage.Stage
	Store     *ses.Store
	Faults    *Faults
	Programme *programme.Programme
	Site      *web.Site // signs people in
}

// Handler answers everything under /_local/.
func (b *Workbench) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_local/{$}", b.workbench)
	mux.HandleFunc("GET /_local/health", func(w http.ResponseWriter, _ *http.Request) {
		page.JSON(w, http.StatusOK, map[string]string{"status": "ready"})
	})
	mux.HandleFunc("GET /_local/signin", b.signIn)
	mux.HandleFunc("GET /_local/clock", b.time)
	mux.HandleFunc("POST /_local/clock", b.moveClock)
	mux.HandleFunc("GET /_local/faults", b.Faults.show)
	mux.HandleFunc("POST /_local/faults", b.Faults.change)
	mux.HandleFunc("GET /_local/sent.json", b.sent)
	mux.HandleFunc("GET /_local/queues.json", b.depths)
	mux.HandleFunc("POST /_local/queues/{name}/redrive", b.redrive)
	mux.HandleFunc("GET /_local/static/{file}", page.Static)
	mux.HandleFunc("/_local/", b.nowhere)
	(&mailbox.Mailbox{Store: b.Store, Now: b.Clock.Now, Zone: b.Programme.Zone(), Arrived: b.Arrived}).Routes(mux)
	return http.NewCrossOriginProtection().Handler(ownName(mux))
}

// ownName refuses requests that come under a name other than this machine's: a stranger's page could have its name point here.
func ownName(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(r.Host); err == nil {
			host = h
		}
		if ip := net.ParseIP(strings.Trim(host, "[]")); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			page.Refuse(w, r, http.StatusMisdirectedRequest, "the workbench answers to 127.0.0.1 and localhost only")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// postForm reads a small form.
func postForm(w http.ResponseWriter, r *http.Request) (url.Values, bool) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseMultipartForm(64 << 10); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		page.Refuse(w, r, http.StatusUnprocessableEntity, "this is no form: "+err.Error())
		return nil, false
	}
	return r.PostForm, true
}

func (b *Workbench) frame(title string) page.Frame {
	return page.Frame{Title: title, Section: "workbench", Now: b.Clock.Now().In(b.Programme.Zone())}
}

type signLink struct {
	programme.Desk
	Href string
}

type workbenchPage struct {
	page.Frame
	Programme string
	People    []signLink
	Mails     []ses.Summary
	Queues    []queue.Depth
	Dead      []deadLetter
	Faults    standing
	Steps     []string
	Issues    []string
}

type deadLetter struct {
	Queue string
	queue.Letter
}

func (b *Workbench) workbench(w http.ResponseWriter, r *http.Request) {
	p := &workbenchPage{Frame: b.frame("Workbench"), Programme: b.Programme.Name.In(b.Programme.Default, b.Programme.Default), Faults: b.Faults.standing(), Steps: Steps}
	p.Notice = notices[r.URL.Query().Get("done")]
	for _, d := range b.Programme.Secretariat {
		p.People = append(p.People, signLink{d, SignInPath(d, "/desk/")})
	}
	if err := b.look(r, p); err != nil {
		page.Refuse(w, r, http.StatusInternalServerError, err.Error())
		return
	}
	pages.Render(w, http.StatusOK, "workbench", p)
}

// notices are what a workbench page may announce: a link cannot put words of its own there.
var notices = map[string]string{
	"clock": "The clock has been moved, and what became due is done.", "faults": "The faults are set.", "redrive": "The dead letters are back on their queue.",
}

func (b *Workbench) look(r *http.Request, p *workbenchPage) (err error) {
	if p.Mails, _, _, err = b.Store.List(r.Context(), ses.Filter{Limit: 6}); err != nil {
		return err
	}
	if p.Issues, err = b.Store.Issues(r.Context()); err != nil {
		return err
	}
	if p.Queues, err = b.Broker.Depths(r.Context()); err != nil {
		return err
	}
	for _, q := range p.Queues {
		list, err := b.Broker.Dead(r.Context(), q.Name, 20)
		if err != nil {
			return err
		}
		for _, l := range list {
			p.Dead = append(p.Dead, deadLetter{q.Name, l})
		}
	}
	return nil
}

// SignInPath is the address that signs a listed person in.
func SignInPath(d programme.Desk, to string) string {
	return "/_local/signin?as=" + url.QueryEscape(string(d.Email)) + "&to=" + url.QueryEscape(to)
}

// signIn gives a listed person a session, without the mail that the desk would send.
func (b *Workbench) signIn(w http.ResponseWriter, r *http.Request) {
	as := strings.TrimSpace(r.URL.Query().Get("as"))
	d, ok := b.Programme.Listed(people.EmailAddress(as))
	if !ok {
		if !page.FromBrowser(r) {
			page.Refuse(w, r, http.StatusNotFound, fmt.Sprintf("%q is not on the list of the secretariat", as))
			return
		}
		p := &workbenchPage{Frame: b.frame("Not on the list"), Programme: as}
		for _, d := range b.Programme.Secretariat {
			p.People = append(p.People, signLink{d, SignInPath(d, "/desk/")})
		}
		pages.Render(w, http.StatusNotFound, "unlisted", p)
		return
	}
	to := r.URL.Query().Get("to")
	if u, err := url.Parse(to); err != nil || u.IsAbs() || u.Host != "" || u.Path != "/desk" && !strings.HasPrefix(u.Path, "/desk/") || strings.Contains(to, `\`) || strings.Contains(u.Path, "..") {
		to = "/desk/"
	}
	b.Site.SignIn(w, d)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (b *Workbench) time(w http.ResponseWriter, _ *http.Request) {
	page.JSON(w, http.StatusOK, map[string]time.Time{"now": b.Clock.Now()})
}

const maxAdvance = 10 * 365 * 24 * time.Hour

// Patience is how long an advance of the clock waits for what it set off.
const Patience = 20 * time.Second

func (b *Workbench) moveClock(w http.ResponseWriter, r *http.Request) {
	form, ok := postForm(w, r)
	if !ok {
		return
	}
	d, err := time.ParseDuration(strings.TrimSpace(form.Get("advance")))
	if err != nil || d <= 0 || d > maxAdvance {
		page.Refuse(w, r, http.StatusUnprocessableEntity, fmt.Sprintf("advance must be a duration such as 90s, 15m or 36h, more than 0 and at most %v: time does not go back", maxAdvance))
		return
	}
	if err := b.Advance(r.Context(), d, Patience); err != nil {
		page.Refuse(w, r, http.StatusInternalServerError, err.Error())
		return
	}
	page.Done(w, r, "/_local/", "clock", map[string]time.Time{"now": b.Clock.Now()})
}

// sent answers what the mail service accepted of an issue's distribution.
func (b *Workbench) sent(w http.ResponseWriter, r *http.Request) {
	issue := strings.TrimSpace(r.URL.Query().Get("issue"))
	if issue == "" {
		page.Refuse(w, r, http.StatusUnprocessableEntity, "which issue? ask for /_local/sent.json?issue=N")
		return
	}
	byAddress, err := b.Store.Sent(r.Context(), issue)
	if err != nil {
		page.Refuse(w, r, http.StatusInternalServerError, err.Error())
		return
	}
	total := 0
	for _, n := range byAddress {
		total += n
	}
	page.JSON(w, http.StatusOK, map[string]any{"total": total, "recipients": byAddress})
}

func (b *Workbench) depths(w http.ResponseWriter, r *http.Request) {
	list, err := b.Broker.Depths(r.Context())
	if err != nil {
		page.Refuse(w, r, http.StatusInternalServerError, err.Error())
		return
	}
	page.JSON(w, http.StatusOK, list)
}

func (b *Workbench) redrive(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if !slices.Contains(stage.Queues, name) {
		page.Refuse(w, r, http.StatusNotFound, "no such queue: "+name)
		return
	}
	n, err := b.Broker.Redrive(r.Context(), name)
	if err != nil {
		page.Refuse(w, r, http.StatusInternalServerError, err.Error())
		return
	}
	page.Done(w, r, "/_local/", "redrive", map[string]int{"redriven": n})
}

func (b *Workbench) nowhere(w http.ResponseWriter, r *http.Request) {
	page.Refuse(w, r, http.StatusNotFound, "no such page of the workbench; see /_local/")
}
