package newsletter

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"liaison/internal/people"
	"liaison/internal/table"
)

// Store keeps issues in the Programme table; see the package comment for its keys. It is all that reading needs.
type Store struct{ Table table.Table }

const (
	issuesPK  = "ISSUES"
	duePK     = "ISSUES#DUE"
	runningPK = "ISSUES#RUNNING"
)

func issueKey(n int) table.Key {
	return table.Key{PK: issuesPK, SK: fmt.Sprintf("ISSUE#%06d", n)}
}
func pk(n int) string { return "ISSUE#" + strconv.Itoa(n) }
func editionKey(n int, l people.Language) table.Key {
	return table.Key{PK: pk(n), SK: "EDITION#" + string(l)}
}
func historyKey(n int, l people.Language, version int64) table.Key {
	return table.Key{PK: pk(n), SK: fmt.Sprintf("HISTORY#%s#%06d", l, version)}
}
func dueSK(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func (i *Issue) item() table.Item {
	it := table.NewItem(issueKey(i.Number), i)
	switch {
	case i.HandedOver && i.Outcome == nil:
		it.Index1 = table.Key{PK: runningPK, SK: fmt.Sprintf("%06d", i.Number)}
	case !i.HandedOver && (i.State == Scheduled || i.State == Planning):
		it.Index1 = table.Key{PK: duePK, SK: fmt.Sprintf("%s#%06d", dueSK(i.ScheduledAt), i.Number)}
	}
	return it
}

func decodeIssue(it table.Item) (*Issue, error) {
	var i Issue
	if err := it.Decode(&i); err != nil {
		return nil, err
	}
	i.version = it.Version
	if i.Editions == nil {
		i.Editions = map[people.Language]Summary{}
	}
	return &i, nil
}

// Issue reads one; ErrNotFound.
func (s *Store) Issue(ctx context.Context, number int) (*Issue, error) {
	if number < 0 || number > MaxNumber {
		return nil, ErrNotFound
	}
	it, err := s.Table.Get(ctx, issueKey(number))
	if errors.Is(err, table.ErrNotFound) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return decodeIssue(it)
}

// Issues lists them, the highest number first; cursor as of table.Query.
func (s *Store) Issues(ctx context.Context, limit int, cursor string) ([]*Issue, string, error) {
	page, err := s.Table.Query(ctx, table.Query{PK: issuesPK, Reverse: true, Limit: limit, Cursor: cursor})
	if err != nil {
		return nil, "", err
	}
	out := make([]*Issue, len(page.Items))
	for k, it := range page.Items {
		if out[k], err = decodeIssue(it); err != nil {
			return nil, "", err
		}
	}
	return out, page.Cursor, nil
}

// Published lists the public newsletters, latest first, at most limit; 0 means all.
func (s *Store) Published(ctx context.Context, limit int) ([]*Issue, error) {
	var out []*Issue
	cursor := ""
	for {
		list, next, err := s.Issues(ctx, 100, cursor)
		if err != nil {
			return nil, err
		}
		for _, i := range list {
			if i.Public() {
				if out = append(out, i); len(out) == limit {
					return out, nil
				}
			}
		}
		if cursor = next; cursor == "" {
			return out, nil
		}
	}
}

// Edition reads an edition as it stands; ErrNotFound. Of a started issue that is the frozen text, since none can be saved after.
func (s *Store) Edition(ctx context.Context, number int, l people.Language) (*Edition, error) {
	it, err := s.Table.Get(ctx, editionKey(number, l))
	if errors.Is(err, table.ErrNotFound) || errors.Is(err, table.ErrInvalid) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	var e Edition
	return &e, it.Decode(&e)
}

// History lists the versions of an edition that were saved, latest first, at most limit.
func (s *Store) History(ctx context.Context, number int, l people.Language, limit int) ([]*Edition, error) {
	page, err := s.Table.Query(ctx, table.Query{PK: pk(number), Prefix: "HISTORY#" + string(l) + "#", Reverse: true, Limit: limit})
	if err != nil {
		return nil, err
	}
	out := make([]*Edition, len(page.Items))
	for k, it := range page.Items {
		out[k] = &Edition{}
		if err := it.Decode(out[k]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// put writes an issue over the version that was read; errRace when it changed meanwhile.
func (s *Store) put(ctx context.Context, i *Issue) error {
	it, err := s.Table.Put(ctx, i.item(), table.VersionIs(i.version))
	if errors.Is(err, table.ErrConflict) {
		return errRace
	}
	if err != nil {
		return err
	}
	i.version = it.Version
	return nil
}

// errRace: read again and decide again.
var errRace = errors.New("newsletter: changed meanwhile")

// change reads, lets decide, and writes, again while others write between. decide returns false to write nothing.
func (s *Store) change(ctx context.Context, number int, decide func(*Issue) (bool, error)) (*Issue, error) {
	for try := 0; ; try++ {
		i, err := s.Issue(ctx, number)
		if err != nil {
			return nil, err
		}
		write, err := decide(i)
		if err != nil || !write {
			return i, err
		}
		err = s.put(ctx, i)
		if err == nil {
			return i, nil
		}
		if !errors.Is(err, errRace) || try >= 5 {
			return nil, err
		}
	}
}
