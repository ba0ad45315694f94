package newsletter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/table"
)

// Press makes letters, paper and pages of an edition. For equal arguments it makes equal bytes. Package press of app is the one there is.
type Press interface {
	// Letter renders in one format.
	Letter(i *Issue, e *Edition, date time.Time, f Format) (*Letter, error)
	// Paper is the edition as a PDF.
	Paper(i *Issue, e *Edition, date time.Time) ([]byte, error)
	// Page is the edition for the web.
	Page(i *Issue, e *Edition) (*Page, error)
}

// Editorial is where issues are written, tried and printed: everything that reads an edition's text. When they start is the Office's.
type Editorial struct {
	*Store
	Programme *programme.Programme
	Press     Press
	Trials    Trial
	// Post hands a single mail to the outbox: the same id is the same mail.
	Post  func(ctx context.Context, id string, m mail.Message) error
	Audit Audit
	Now   func() time.Time
}

func (d *Editorial) record(ctx context.Context, who, act string, i *Issue, detail string) error {
	return record(ctx, d.Audit, who, act, i, detail)
}

// AnyVersion overwrites whatever stands there; it stays in the history.
const AnyVersion = -1

// Save writes an edition over the version that its author began from: 0 for a new one, AnyVersion when she does not say. If
// somebody saved meanwhile it is *ErrStale; saving the same words twice is no conflict and no new version.
func (d *Editorial) Save(ctx context.Context, who string, number int, l people.Language, from int64, title, body string) (*Edition, error) {
	title, body = people.OneLine(title), people.Clean(body)
	switch {
	case !d.Programme.Speaks(l), people.Length(title) > MaxTitle, people.Length(body) > MaxBody:
		return nil, ErrInvalid
	case title == "" || strings.TrimSpace(body) == "":
		return nil, ErrBlank
	}
	for try := 0; ; try++ {
		e, err := d.save(ctx, who, number, l, from, title, body)
		if !errors.Is(err, errRace) || try >= 5 {
			return e, err
		}
	}
}

func (d *Editorial) save(ctx context.Context, who string, number int, l people.Language, from int64, title, body string) (*Edition, error) {
	i, err := d.Issue(ctx, number)
	if err != nil {
		return nil, err
	}
	now, err := d.Edition(ctx, number, l)
	if errors.Is(err, ErrNotFound) {
		now, err = &Edition{}, nil
	}
	switch {
	case err != nil:
		return nil, err
	case now.Version > 0 && now.Title == title && now.Body == body:
		return now, nil
	case i.Started():
		return nil, ErrStarted
	case from != AnyVersion && from != now.Version:
		return nil, &ErrStale{Current: *now}
	}
	e := &Edition{Number: number, Language: l, Body: body,
		Summary: Summary{Title: title, Version: now.Version + 1, UpdatedAt: d.Now().UTC(), By: who}}
	if err := d.try(i, e); err != nil {
		return nil, err
	}
	i.Editions[l] = e.Summary
	standing := table.Absent
	if now.Version > 0 {
		standing = table.VersionIs(now.Version)
	}
	err = d.Table.Transact(ctx,
		table.Put(i.item(), table.VersionIs(i.version)), // who starts the issue meanwhile wins, or sees this edition
		table.Put(table.NewItem(editionKey(number, l), e), standing),
		table.Put(table.NewItem(historyKey(number, l, e.Version), e), table.Any))
	if errors.Is(err, table.ErrConflict) {
		return nil, errRace
	}
	if err != nil {
		return nil, err
	}
	return e, d.record(ctx, who, "issue.edit", i, fmt.Sprintf("%s, version %d", l, e.Version))
}

// try prints an edition as if every language had one, so that faults show to its author now, and not at the start to nobody.
func (d *Editorial) try(i *Issue, e *Edition) error {
	whole := *i
	whole.Editions = maps.Clone(i.Editions)
	for _, l := range d.Programme.Languages {
		whole.Editions[l] = e.Summary
	}
	_, err := d.make(&whole, e, i.Date(d.Now()), MaxHTML)
	return err
}
