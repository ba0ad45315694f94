package survey

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"liaison/internal/programme"
	"liaison/internal/table"
)

// Tally is the counts of one survey, exact and strongly consistent.
type Tally struct {
	Survey      string `json:"survey"`
	Answers     int    `json:"answers"`
	Quarantined int    `json:"quarantined"` // answers that wait apart; their rows are counted once they are let out
	Pending     int    `json:"pending"`     // rows
	Accepted    int    `json:"accepted"`
	Rejected    int    `json:"rejected"`
}

const tallyShards = 16

// tally is the write that counts, to go into the transaction of what it counts.
func (s *Surveys) tally(a *Answer, change map[string]int64) table.Write {
	h := fnv.New32a()
	h.Write([]byte(a.ID))
	return table.AddTo(table.Key{PK: "TALLY#" + a.Survey, SK: fmt.Sprintf("%02d", h.Sum32()%tallyShards)}, change)
}

// Tallies counts every survey of the programme, in the order of the paper forms.
func (s *Surveys) Tallies(ctx context.Context) ([]Tally, error) {
	var out []Tally
	for _, name := range programme.Surveys {
		if _, held := s.Programme.Surveys[name]; !held {
			continue
		}
		t := Tally{Survey: name}
		err := table.All(ctx, s.Table, table.Query{PK: "TALLY#" + name}, func(it table.Item) error {
			var part Tally
			if err := it.Decode(&part); err != nil {
				return err
			}
			t.Answers += part.Answers
			t.Quarantined += part.Quarantined
			t.Pending += part.Pending
			t.Accepted += part.Accepted
			t.Rejected += part.Rejected
			return nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

func unix(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }
