package newsletter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/table"
)

// Audit records who did what; package audit.
type Audit interface {
	Record(ctx context.Context, who, act, subject, detail string) error
}

// Office is where issues are planned, started and stopped. It knows no text: that is the Editorial's. Methods take the address of the
// listed person who acts.
type Office struct {
	*Store
	Programme   *programme.Programme
	Distributor Distributor
	Audit       Audit
	Now         func() time.Time
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
	return record(ctx, o.Audit, who, act, i, detail)
}

func record(ctx context.Context, a Audit, who, act string, i *Issue, detail string) error {
	return a.Record(ctx, who, act, fmt.Sprintf("issue/%d", i.Number), detail)
}
