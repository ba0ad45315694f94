package newsletter

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/table"
)

// Press makes letters and paper of an edition. For equal arguments it makes equal bytes. Package letter is the one there is.
type Press interface {
	// Letter renders in one format. A letter that is too large to arrive whole is *ErrTooLarge.
	Letter(i *Issue, e *Edition, date time.Time, f Format) (*Letter, error)
	// Paper is the edition as a PDF.
	Paper(i *Issue, e *Edition, date time.Time) ([]byte, error)
}

// Audit records who did what; package audit.
type Audit interface {
	Record(ctx context.Context, who, act, subject, detail string) error
}

// Office is where issues are written and planned. Methods take the address of the listed person who acts.
type Office struct {
	*Store
	Programme   *programme.Programme
	Press       Press
	Trials      Trial
	Distributor Distributor
	// Post hands a single mail to the outbox: the same id is the same mail.
	Post  func(ctx context.Context, id string, m mail.Message) error
	Audit Audit
	Now   func() time.Time
}

// Create begins an issue. Its number is unique by its key. Creating the same issue again gives the first one back.
func (o *Office) Create(ctx context.Context, who string, number int, kind Kind, title string) (*Issue, error) {
	title = people.OneLine(title)
	if number < 0 || number > MaxNumber || kind != Newsletter && kind != Leaflet || title == "" || people.Length(title) > MaxTitle {
		return nil, ErrInvalid
	}
	i := &Issue{Number: number, Kind: kind, Title: title, State: Draft, Editions: map[people.Language]Summary{}, CreatedAt: o.Now().UTC(), CreatedBy: who}
	it, err := o.Table.Put(ctx, i.item(), table.Absent)
	if errors.Is(err, table.ErrConflict) {
		there, err := o.Issue(ctx, number)
		if err != nil {
			return nil, err
		}
		if there.Kind == kind && there.Title == title && there.CreatedBy == who {
			return there, nil
		}
		return nil, ErrTaken
	}
	if err != nil {
		return nil, err
	}
	i.version = it.Version
	return i, o.record(ctx, who, "issue.create", i, string(kind))
}

func (o *Office) record(ctx context.Context, who, act string, i *Issue, detail string) error {
	return o.Audit.Record(ctx, who, act, fmt.Sprintf("issue/%d", i.Number), detail)
}

// AnyVersion overwrites whatever stands there; it stays in the history.
const AnyVersion = -1

// Save writes an edition over the version that its author began from: 0 for a new one, AnyVersion when she does not say. If
// somebody saved meanwhile it is *ErrStale; saving the same words twice is no conflict and no new version.
func (o *Office) Save(ctx context.Context, who string, number int, l people.Language, from int64, title, body string) (*Edition, error) {
	title, body = people.OneLine(title), people.Clean(body)
	switch {
	case !o.Programme.Speaks(l), people.Length(title) > MaxTitle, people.Length(body) > MaxBody:
		return nil, ErrInvalid
	case title == "" || strings.TrimSpace(body) == "":
		return nil, ErrBlank
	}
	for try := 0; ; try++ {
		e, err := o.save(ctx, who, number, l, from, title, body)
		if !errors.Is(err, errRace) || try >= 5 {
			return e, err
		}
	}
}

func (o *Office) save(ctx context.Context, who string, number int, l people.Language, from int64, title, body string) (*Edition, error) {
	i, err := o.Issue(ctx, number)
	if err != nil {
		return nil, err
	}
	now, err := o.Edition(ctx, number, l)
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
		Summary: Summary{Title: title, Version: now.Version + 1, UpdatedAt: o.Now().UTC(), By: who}}
	if _, err := o.Press.Letter(i, e, i.Date(o.Now()), HTML); err != nil {
		return nil, err
	}
	i.Editions[l] = e.Summary
	standing := table.Absent
	if now.Version > 0 {
		standing = table.VersionIs(now.Version)
	}
	err = o.Table.Transact(ctx,
		table.Put(i.item(), table.VersionIs(i.version)), // who starts the issue meanwhile wins, or sees this edition
		table.Put(table.NewItem(editionKey(number, l), e), standing),
		table.Put(table.NewItem(historyKey(number, l, e.Version), e), table.Any))
	if errors.Is(err, table.ErrConflict) {
		return nil, errRace
	}
	if err != nil {
		return nil, err
	}
	return e, o.record(ctx, who, "issue.edit", i, fmt.Sprintf("%s, version %d", l, e.Version))
}
