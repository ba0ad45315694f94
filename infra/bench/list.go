package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"liaison/internal/app"
	"liaison/internal/app/clock"
	"liaison/internal/app/press"
	"liaison/internal/audit"
	"liaison/internal/distribution"
	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/newsletter"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/subscription"
	"liaison/internal/table/sqlite"
)

const secretary = "secretary@example.org"

// world is the programme on SQLite files in a folder.
type world struct {
	*app.Outside
	db *sqlite.DB
}

func open(folder string) (*world, error) {
	db, err := sqlite.Open(filepath.Join(folder, "tables.db"), "people", "records", "delivery")
	if err != nil {
		return nil, err
	}
	p := &programme.Programme{
		ID: "bench", Name: programme.Text{"en": "Stewardship Update", "fr": "Actualités de la gestion"}, Group: programme.Text{"en": "Working group"},
		Languages: []people.Language{"en", "fr"}, Default: "en", BaseURL: "https://update.example.org",
		Sender: "update@example.org", ReplyTo: secretary, Postal: "1 Example Street, Geneva", TimeZone: "Europe/Zurich",
		Secretariat: []programme.Desk{{Name: "Sam", Email: secretary, Role: programme.Secretary, Language: "en"}},
	}
	if err := p.Check(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &world{&app.Outside{Programme: p, People: db.Table("people"), Records: db.Table("records"), Delivery: db.Table("delivery"),
		Queue: nowhere{}, Wake: func(context.Context, ...string) error { return nil }, Keys: []link.Key{{1, 2, 3}}, Now: time.Now, NewID: rand.Text, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}, db}, nil
}

// nowhere is a queue that loses everything.
type nowhere struct{}

func (nowhere) Send(context.Context, ...distribution.Task) error { return nil }

// list makes a folder with n subscribers and an issue that has just been started, whose tasks are lost.
func list(ctx context.Context, folder string, n int) (err error) {
	w, err := open(folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.db.Close()) }()
	if err := w.subscribe(ctx, n); err != nil {
		return err
	}
	if err := w.write(ctx); err != nil {
		return err
	}
	start, err := clock.New(w.Outside)
	if err != nil {
		return err
	}
	if err := press.Tick(w.Outside)(ctx); err != nil { // a minute as in the cloud: the press prints, and the clock starts what is printed
		return err
	}
	return start(ctx)
}

func (w *world) subscribe(ctx context.Context, n int) error {
	l := &subscription.List{Table: w.People, Programme: w.Programme, Peppers: []subscription.Pepper{subscription.PepperFrom(w.Keys[0])}, Now: w.Now, NewID: w.NewID}
	given := w.Now().Add(-time.Hour)
	for from := 0; from < n; from += 5000 {
		rows := make([]subscription.Row, min(5000, n-from))
		for i := range rows {
			k := from + i
			rows[i] = subscription.Row{Email: people.EmailAddress(fmt.Sprintf("office%06d@organisation%04d.example.org", k, k%5000)), Kind: subscription.Ordinary,
				Details: subscription.Details{Name: fmt.Sprintf("Élodie Reader %d", k), Organisation: fmt.Sprintf("Organisation for stewardship %d", k), Country: "CH",
					Language: []people.Language{"en", "fr"}[k%2], Format: subscription.Format(newsletter.HTML), Category: people.NGO},
				Given: given, Text: "agreed in writing"}
		}
		fates, err := l.Import(ctx, secretary, rows, true)
		if err != nil {
			return err
		}
		for i, f := range fates {
			if f != subscription.FateAdded {
				return fmt.Errorf("row %d: %s", from+i, f)
			}
		}
	}
	return nil
}

// write makes an issue of about 18 KB in two languages and has it due.
func (w *world) write(ctx context.Context) error {
	store, record := &newsletter.Store{Table: w.Records}, &audit.Log{Table: w.Records, Now: w.Now, NewID: w.NewID}
	o := &newsletter.Office{Store: store, Programme: w.Programme, Now: w.Now, Audit: record}
	d := &newsletter.Editorial{Store: store, Programme: w.Programme, Press: blank{}, Now: w.Now, Audit: record}
	if _, err := o.Create(ctx, secretary, 1, newsletter.Newsletter, "First issue"); err != nil {
		return err
	}
	paragraph := strings.Repeat("The group met for a week and agreed on what the guide is for, who is to use it and how it will be written. ", 3)
	for _, l := range w.Programme.Languages {
		var body strings.Builder
		for i := range 7 {
			fmt.Fprintf(&body, "## Article %d (%s)\n\n%s\n\n* one [link](https://example.org/%d)\n* and *another* point\n\n%s\n\n", i+1, l, paragraph, i, paragraph)
		}
		if _, err := d.Save(ctx, secretary, 1, l, 0, "First issue", body.String()); err != nil {
			return err
		}
	}
	_, err := o.Schedule(ctx, secretary, 1, w.Now())
	return err
}

// blank is the press that Save tries the text with; the letters themselves are made by the program's own press when the issue is due.
type blank struct{}

func (blank) Letter(*newsletter.Issue, *newsletter.Edition, time.Time, newsletter.Format) (*newsletter.Letter, error) {
	return &newsletter.Letter{Content: mail.Content{Subject: "s", Text: "t"}}, nil
}

func (blank) Paper(*newsletter.Issue, *newsletter.Edition, time.Time) ([]byte, error) {
	return []byte("%PDF-"), nil
}

func (blank) Page(*newsletter.Issue, *newsletter.Edition) (*newsletter.Page, error) {
	return &newsletter.Page{HTML: "<p>"}, nil
}
