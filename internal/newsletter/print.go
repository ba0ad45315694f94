package newsletter

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Tick is the press's minute: it prints what is due. One issue's trouble does not keep the others waiting.
func (d *Editorial) Tick(ctx context.Context) error {
	due, err := d.due(ctx, d.Now(), func(i *Issue) bool { return d.waits(i) || i.State == Planning && !i.Printed })
	errs := []error{err}
	for _, i := range due {
		if err := d.Print(ctx, i.Number); err != nil {
			errs = append(errs, fmt.Errorf("print issue %d: %w", i.Number, err))
		}
	}
	return errors.Join(errs...)
}

func (d *Editorial) waits(i *Issue) bool {
	return i.State == Scheduled && !i.ScheduledAt.After(d.Now().UTC())
}

// Print freezes the text of an issue that is due, and everything that is made of it. It may be called again, and by several at once,
// until it succeeds. An issue that is not due is left alone.
func (d *Editorial) Print(ctx context.Context, number int) error {
	i, err := d.change(ctx, number, func(i *Issue) (bool, error) {
		if !d.waits(i) {
			return false, nil
		}
		i.State, i.StartedAt, i.Frozen = Planning, d.Now().UTC(), fmt.Sprintf("v%d", i.version+1)
		return true, nil
	})
	if err != nil || i.State != Planning || i.Printed || i.HandedOver {
		return err
	}
	for _, l := range languages(i) {
		e, err := d.Edition(ctx, number, l)
		if err != nil {
			return err
		}
		m, err := d.make(i, e, i.StartedAt, MaxHTML+sinceSaved)
		if err != nil {
			return errors.Join(err, d.giveUp(ctx, i))
		}
		if err := d.freeze(ctx, i, m); err != nil {
			return err
		}
	}
	return d.printed(ctx, i)
}

// sinceSaved is how many bytes a letter may have grown by its date, and by what the programme says of itself, since it was saved.
const sinceSaved = 2_000

// printed notes that everything of that version is frozen.
func (d *Editorial) printed(ctx context.Context, as *Issue) error {
	_, err := d.change(ctx, as.Number, func(i *Issue) (bool, error) {
		if i.Frozen != as.Frozen || i.Printed { // given up meanwhile, or done
			return false, nil
		}
		i.Printed = true
		return true, nil
	})
	return err
}

// giveUp makes it a draft again: its text can be mended.
func (d *Editorial) giveUp(ctx context.Context, i *Issue) error {
	i.State, i.Reason, i.StartedAt, i.Frozen = Draft, ReasonLetter, time.Time{}, ""
	if err := d.put(ctx, i); err != nil {
		return err
	}
	return d.record(ctx, "programme", "issue.giveup", i, i.Reason)
}
