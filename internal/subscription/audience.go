package subscription

import (
	"context"
	"strings"

	"liaison/internal/table"
)

// Member is who should receive an issue, as its planning sees it.
type Member struct{ ID, Language, Format string }

// member is all that planning reads of an item.
type member struct {
	Language string `json:"language"`
	Format   string `json:"format"`
	State    State  `json:"state"`
}

// Active lists who should receive now, of one segment, in bytewise order of ids: strongly consistent. next means that everybody whose id is at
// most next has been looked at, and is "" at the end of the segment; a page may be short, even empty, and still have a next.
func (l *List) Active(ctx context.Context, segment int, after string, limit int) (out []Member, next string, err error) {
	out = make([]Member, 0, limit)
	err = l.segment(ctx, segment, after, min(limit, table.MaxPage), func(it table.Item) error {
		var m member
		if err := it.Decode(&m); err != nil {
			return err
		}
		if m.State == Active {
			out = append(out, Member{strings.TrimPrefix(it.SK, "SUB#"), m.Language, m.Format})
		}
		return nil
	}, &next)
	return out, next, err
}

// Recipients reads subscribers again just before an issue is handed over; those that are gone are left out.
func (l *List) Recipients(ctx context.Context, ids []string) ([]Subscriber, error) {
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = key(id)
	}
	items, err := l.Table.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	out := make([]Subscriber, len(items))
	for i, it := range items {
		if out[i], err = decode(it); err != nil {
			return nil, err
		}
	}
	return out, nil
}
