package presenter

import (
	"context"
	"fmt"

	"liaison/internal/table"
)

// MaxUpload is the number of rows in one roster list.
const MaxUpload = 10_000

// atOnce is how many experts one transaction holds: two writes each, and one for the counts.
const atOnce = (table.MaxTransactOps - 1) / 2

// Uploaded is what became of a list.
type Uploaded struct {
	Added    int `json:"added"`
	Changed  int `json:"changed"`
	Same     int `json:"same"`
	Repeated int `json:"repeated"` // rows whose address stands further down once more: the last one counts
}

// Upload takes over the rows of a roster list. An address that is on the roster is updated: what a row leaves empty stays as it is. Nobody
// is ever deleted, and no answer is touched; uploading the same list again changes nothing.
func (b *Bank) Upload(ctx context.Context, who string, rows []Listing) (Uploaded, error) {
	var done Uploaded
	last := map[string]int{}
	for i, r := range rows {
		last[r.Email.Key()] = i
	}
	unique := make([]Listing, 0, len(last))
	for i, r := range rows {
		if last[r.Email.Key()] == i {
			unique = append(unique, r)
		}
	}
	done.Repeated = len(rows) - len(unique)
	for len(unique) > 0 {
		n := min(len(unique), atOnce)
		var part Uploaded
		err := again(ctx, func() (err error) {
			part, err = b.take(ctx, unique[:n])
			return err
		})
		if err != nil {
			return done, fmt.Errorf("presenter: upload: %w", err)
		}
		done.Added, done.Changed, done.Same = done.Added+part.Added, done.Changed+part.Changed, done.Same+part.Same
		unique = unique[n:]
	}
	return done, b.Audit.Record(ctx, who, "roster.upload", "roster", fmt.Sprintf("+%d ~%d =%d", done.Added, done.Changed, done.Same))
}

// take stores at most atOnce rows in one transaction.
func (b *Bank) take(ctx context.Context, rows []Listing) (Uploaded, error) {
	known, err := b.known(ctx, rows)
	if err != nil {
		return Uploaded{}, err
	}
	var done Uploaded
	var writes []table.Write
	now := b.Now().UTC()
	for _, r := range rows {
		e, ok := known[r.Email.Key()]
		if !ok {
			e = Expert{ID: b.NewID(), Listing: r, State: NotAsked, Created: now, Changed: now}
			writes = append(writes, table.Put(e.item(), table.Absent), table.Put(table.NewItem(mailKey(r.Email), reserved{e.ID}), table.Absent))
			done.Added++
			continue
		}
		updated := merge(e.Listing, r)
		if updated == e.Listing {
			done.Same++
			continue
		}
		e.Listing, e.Changed = updated, now
		writes = append(writes, table.Put(e.item(), table.VersionIs(e.version)))
		done.Changed++
	}
	if len(writes) == 0 {
		return done, nil
	}
	writes = append(writes, counted(map[string]int64{string(NotAsked): int64(done.Added)})...)
	return done, b.Table.Transact(ctx, writes...)
}

// known finds the experts of the rows that are on the roster, by the key of their address.
func (b *Bank) known(ctx context.Context, rows []Listing) (map[string]Expert, error) {
	keys := make([]table.Key, len(rows))
	for i, r := range rows {
		keys[i] = mailKey(r.Email)
	}
	items, err := b.Table.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, it := range items {
		var r reserved
		if err := it.Decode(&r); err != nil {
			return nil, err
		}
		ids = append(ids, r.ID)
	}
	experts, err := b.Many(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := map[string]Expert{}
	for _, e := range experts {
		out[e.Email.Key()] = e
	}
	return out, nil
}

// merge updates what the row says and keeps what it does not. The address keeps its first spelling.
func merge(old, row Listing) Listing {
	keep(&old.Name, row.Name)
	keep(&old.Organisation, row.Organisation)
	keep(&old.Country, row.Country)
	keep(&old.Category, row.Category)
	keep(&old.Gender, row.Gender)
	keep(&old.Role, row.Role)
	keep(&old.Language, row.Language)
	return old
}

func keep[T ~string](old *T, now T) {
	if now != "" {
		*old = now
	}
}
