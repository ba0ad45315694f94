package main

import (
	"embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"liaison/infra/local/mailbox"
	"liaison/infra/local/page"
	"liaison/infra/local/queue"
	"liaison/infra/local/ses"
	"liaison/internal/people"
	"liaison/internal/programme"
)

//go:embed pages/*.html
var pageFiles embed.FS

var pages = page.Parse(pageFiles, "pages/*.html")

// routes are the workbench under /_local/ and the programme under everything else.
func (in *instance) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_local/{$}", in.workbench)
	mux.HandleFunc("GET /_local/health", func(w http.ResponseWriter, _ *http.Request) {
		page.JSON(w, http.StatusOK, map[string]string{"status": "ready"})
	})
	mux.HandleFunc("GET /_local/signin", in.signIn)
	mux.HandleFunc("GET /_local/clock", in.time)
	mux.HandleFunc("POST /_local/clock", in.moveClock)
	mux.HandleFunc("GET /_local/faults", in.faults.show)
	mux.HandleFunc("POST /_local/faults", in.faults.change)
	mux.HandleFunc("GET /_local/sent.json", in.sent)
	mux.HandleFunc("GET /_local/queues.json", in.depths)
	mux.HandleFunc("POST /_local/queues/{name}/redrive", in.redrive)
	mux.HandleFunc("GET /_local/static/{file}", page.Static)
	mux.HandleFunc("/_local/", in.nowhere)
	(&mailbox.Mailbox{Store: in.store, Now: in.clock.Now, Zone: in.programme.Zone()}).Routes(mux)
	guarded := http.NewCrossOriginProtection().Handler(ownName(mux))
	top := http.NewServeMux()
	top.Handle("/_local/", guarded)
	top.HandleFunc("/", in.gated)
	return top
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

func (in *instance) frame(title string) page.Frame {
	return page.Frame{Title: title, Section: "workbench", Now: in.clock.Now().In(in.programme.Zone())}
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

func (in *instance) workbench(w http.ResponseWriter, r *http.Request) {
	p := &workbenchPage{Frame: in.frame("Workbench"), Programme: in.programme.Name.In(in.programme.Default, in.programme.Default), Faults: in.faults.standing(), Steps: steps}
	p.Notice = notices[r.URL.Query().Get("done")]
	for _, d := range in.programme.Secretariat {
		p.People = append(p.People, signLink{d, signInPath(d, "/desk/")})
	}
	if err := in.look(r, p); err != nil {
		page.Refuse(w, r, http.StatusInternalServerError, err.Error())
		return
	}
	pages.Render(w, http.StatusOK, "workbench", p)
}

// notices are what a workbench page may announce: a link cannot put words of its own there.
var notices = map[string]string{
	"clock": "The clock has been moved, and what became due is done.", "faults": "The faults are set.", "redrive": "The dead letters are back on their queue.",
}

func (in *instance) look(r *http.Request, p *workbenchPage) (err error) {
	if p.Mails, _, _, err = in.store.List(r.Context(), ses.Filter{Limit: 6}); err != nil {
		return err
	}
	if p.Issues, err = in.store.Issues(r.Context()); err != nil {
		return err
	}
	if p.Queues, err = in.broker.Depths(r.Context()); err != nil {
		return err
	}
	for _, q := range p.Queues {
		list, err := in.broker.Dead(r.Context(), q.Name, 20)
		if err != nil {
			return err
		}
		for _, l := range list {
			p.Dead = append(p.Dead, deadLetter{q.Name, l})
		}
	}
	return nil
}

// signIn gives a listed person a session, without the mail that the desk would send.
func (in *instance) signIn(w http.ResponseWriter, r *http.Request) {
	as := strings.TrimSpace(r.URL.Query().Get("as"))
	d, ok := in.programme.Listed(people.EmailAddress(as))
	if !ok {
		if !page.FromBrowser(r) {
			page.Refuse(w, r, http.StatusNotFound, fmt.Sprintf("%q is not on the list of the secretariat", as))
			return
		}
		p := &workbenchPage{Frame: in.frame("Not on the list"), Programme: as}
		for _, d := range in.programme.Secretariat {
			p.People = append(p.People, signLink{d, signInPath(d, "/desk/")})
		}
		pages.Render(w, http.StatusNotFound, "unlisted", p)
		return
	}
	to := r.URL.Query().Get("to")
	if u, err := url.Parse(to); err != nil || u.IsAbs() || u.Host != "" || u.Path != "/desk" && !strings.HasPrefix(u.Path, "/desk/") || strings.Contains(to, `\`) || strings.Contains(u.Path, "..") {
		to = "/desk/"
	}
	in.site.SignIn(w, d)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (in *instance) time(w http.ResponseWriter, _ *http.Request) {
	page.JSON(w, http.StatusOK, map[string]time.Time{"now": in.clock.Now()})
}

const (
	maxAdvance = 10 * 365 * 24 * time.Hour
	patience   = 20 * time.Second
)

func (in *instance) moveClock(w http.ResponseWriter, r *http.Request) {
	form, ok := postForm(w, r)
	if !ok {
		return
	}
	d, err := time.ParseDuration(strings.TrimSpace(form.Get("advance")))
	if err != nil || d <= 0 || d > maxAdvance {
		page.Refuse(w, r, http.StatusUnprocessableEntity, fmt.Sprintf("advance must be a duration such as 90s, 15m or 36h, more than 0 and at most %v: time does not go back", maxAdvance))
		return
	}
	if err := in.advance(r.Context(), d, patience); err != nil {
		page.Refuse(w, r, http.StatusInternalServerError, err.Error())
		return
	}
	page.Done(w, r, "/_local/", "clock", map[string]time.Time{"now": in.clock.Now()})
}

// sent answers what the mail service accepted of an issue's distribution.
func (in *instance) sent(w http.ResponseWriter, r *http.Request) {
	issue := strings.TrimSpace(r.URL.Query().Get("issue"))
	if issue == "" {
		page.Refuse(w, r, http.StatusUnprocessableEntity, "which issue? ask for /_local/sent.json?issue=N")
		return
	}
	byAddress, err := in.store.Sent(r.Context(), issue)
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

func (in *instance) depths(w http.ResponseWriter, r *http.Request) {
	list, err := in.broker.Depths(r.Context())
	if err != nil {
		page.Refuse(w, r, http.StatusInternalServerError, err.Error())
		return
	}
	page.JSON(w, http.StatusOK, list)
}

func (in *instance) redrive(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if _, ok := settings()[name]; !ok {
		page.Refuse(w, r, http.StatusNotFound, "no such queue: "+name)
		return
	}
	n, err := in.broker.Redrive(r.Context(), name)
	if err != nil {
		page.Refuse(w, r, http.StatusInternalServerError, err.Error())
		return
	}
	page.Done(w, r, "/_local/", "redrive", map[string]int{"redriven": n})
}

func (in *instance) nowhere(w http.ResponseWriter, r *http.Request) {
	page.Refuse(w, r, http.StatusNotFound, "no such page of the workbench; see /_local/")
}
