package event

import (
	"context"
	"errors"
	"fmt"
	"time"

	"liaison/internal/people"
	"liaison/internal/table"
)

const (
	calendarPK = "EVENTS"
	bookingsPK = "BOOKINGS"
	undated    = "9999-99-99"
	eventSK    = "EVENT"
)

func eventPK(id string) string { return "EVENT#" + id }

func eventKey(id string) table.Key { return table.Key{PK: eventPK(id), SK: eventSK} }

func requestKey(event, presenter string) table.Key {
	return table.Key{PK: eventPK(event), SK: "REQUEST#" + presenter}
}

func startKey(d people.Date) string {
	if d == "" {
		return undated
	}
	return string(d)
}

func (e *Event) item() table.Item {
	it := table.NewItem(eventKey(e.ID), e)
	it.Index1 = table.Key{PK: calendarPK, SK: startKey(e.Start) + "#" + e.ID}
	return it
}

func read(it table.Item) (Event, error) {
	var e Event
	err := it.Decode(&e)
	e.version = it.Version
	return e, err
}

// Get reads one event; ErrNotFound.
func (b *Book) Get(ctx context.Context, id string) (Event, error) {
	if !validID(id) {
		return Event{}, ErrNotFound
	}
	it, err := b.Table.Get(ctx, eventKey(id))
	if errors.Is(err, table.ErrNotFound) {
		return Event{}, ErrNotFound
	}
	if err != nil {
		return Event{}, err
	}
	return read(it)
}

// Shown reads an event of the public calendar; ErrNotFound for one that was withdrawn.
func (b *Book) Shown(ctx context.Context, id string) (Event, error) {
	e, err := b.Get(ctx, id)
	if err == nil && e.Withdrawn {
		return Event{}, ErrNotFound
	}
	return e, err
}

// Accept takes over an event from an accepted survey row. An id that is there already is left alone, with what the desk has changed since.
func (b *Book) Accept(ctx context.Context, e Event) error {
	if err := e.normal(); err != nil {
		return err
	}
	e.Source, e.Withdrawn, e.Host, e.Revision = "survey", false, nil, 1
	e.Created = b.Now().UTC()
	e.Changed = e.Created
	_, err := b.Table.Put(ctx, e.item(), table.Absent)
	if errors.Is(err, table.ErrConflict) {
		return nil
	}
	return err
}

// Add stores an event of the desk's under its id, which comes from the form: the same form sent twice is one event. If another event has
// taken that id, this one gets an id of its own.
func (b *Book) Add(ctx context.Context, who string, e Event) (Event, error) {
	if err := e.normal(); err != nil {
		return e, err
	}
	e.Source, e.Host, e.Revision = "desk", nil, 1
	e.Created = b.Now().UTC()
	e.Changed = e.Created
	_, err := b.Table.Put(ctx, e.item(), table.Absent)
	if errors.Is(err, table.ErrConflict) {
		there, err := b.Get(ctx, e.ID)
		if err != nil || there.same(&e) {
			return there, err
		}
		e.ID = b.NewID()
		_, err = b.Table.Put(ctx, e.item(), table.Absent)
		if err != nil {
			return e, err
		}
	} else if err != nil {
		return e, err
	}
	return e, b.Audit.Record(ctx, who, "event.add", "event/"+e.ID, e.Name)
}

// AnyRevision in Edit leaves the lock out.
const AnyRevision = -1

// Edit stores what the desk changed. e.Revision is that of the event when the form was shown; with another edit since, ErrChanged and the
// event as it stands. Source, link and creation stay as they are. Requests follow a change of dates.
func (b *Book) Edit(ctx context.Context, who string, e Event) (Event, error) {
	if err := e.normal(); err != nil {
		return e, err
	}
	changed := false
	now, err := b.change(ctx, e.ID, func(now *Event) (bool, error) {
		changed = false
		if now.same(&e) {
			return false, nil
		}
		if e.Revision != AnyRevision && e.Revision != now.Revision {
			return false, ErrChanged
		}
		next := e
		next.Source, next.Host, next.Created, next.version, next.Revision = now.Source, now.Host, now.Created, now.version, now.Revision+1
		*now, changed = next, true
		return true, nil
	})
	if err != nil || !changed {
		return now, err
	}
	return now, b.Audit.Record(ctx, who, "event.edit", "event/"+e.ID, now.Name)
}

// change reads the event, lets f change it, and stores it, with its requests where the days moved, again from the start if somebody was
// faster. f says false to leave everything as it is.
func (b *Book) change(ctx context.Context, id string, f func(e *Event) (bool, error)) (Event, error) {
	var e Event
	err := again(ctx, func() error {
		var err error
		if e, err = b.Get(ctx, id); err != nil {
			return err
		}
		days := e.Days()
		if ok, err := f(&e); err != nil || !ok {
			return err
		}
		e.Changed = b.Now().UTC()
		writes := []table.Write{table.Put(e.item(), table.VersionIs(e.version))}
		if e.Days() != days {
			requests, err := b.Requests(ctx, id)
			if err != nil {
				return err
			}
			for _, r := range requests {
				r.Days = e.Days()
				writes = append(writes, table.Put(r.item(), table.VersionIs(r.version)))
			}
		}
		return b.Table.Transact(ctx, writes...)
	})
	return e, err
}

// tries of an optimistic write.
const tries = 6

func again(ctx context.Context, f func() error) error {
	for n := 1; ; n++ {
		err := f()
		if err == nil || n == tries || !errors.Is(err, table.ErrConflict) && !errors.Is(err, table.ErrThrottled) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(n*n) * 5 * time.Millisecond):
		}
	}
}

// Page is one answer of the calendar; Cursor is "" at the end.
type Page struct {
	Events []Event
	Cursor string
}

// From lists events that start on or after a day, earliest first, those without a date last.
func (b *Book) From(ctx context.Context, day people.Date, limit int, cursor string) (Page, error) {
	return b.page(ctx, table.Query{Index: 1, PK: calendarPK, From: string(day), Limit: limit, Cursor: cursor})
}

// Between lists events that start from one day to another, latest first.
func (b *Book) Between(ctx context.Context, from, to people.Date, limit int, cursor string) (Page, error) {
	return b.page(ctx, table.Query{Index: 1, PK: calendarPK, From: string(from), To: string(to) + "#~", Limit: limit, Cursor: cursor, Reverse: true})
}

// FirstYear is the year of the earliest event; this year where there is none.
func (b *Book) FirstYear(ctx context.Context) (int, error) {
	this := b.Today().Time().Year()
	page, err := b.page(ctx, table.Query{Index: 1, PK: calendarPK, Limit: 1})
	if err != nil || len(page.Events) == 0 || page.Events[0].Start == "" {
		return this, err
	}
	return min(this, page.Events[0].Start.Time().Year()), nil
}

func (b *Book) page(ctx context.Context, q table.Query) (Page, error) {
	p, err := b.Table.Query(ctx, q)
	if err != nil {
		return Page{}, err
	}
	out := Page{Cursor: p.Cursor}
	for _, it := range p.Items {
		e, err := read(it)
		if err != nil {
			return Page{}, fmt.Errorf("event: %w", err)
		}
		out.Events = append(out.Events, e)
	}
	return out, nil
}
