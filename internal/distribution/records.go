package distribution

import (
	"fmt"
	"strings"
	"time"

	"liaison/internal/table"
)

// Keys of the Delivery table.
//
//	PK                 SK               what                                             written by
//	DIST#id            HEAD             head: spec, state, reason                        Control, all under its version
//	DIST#id            PLAN#07          plan: how far segment 7 is planned               Planner, from the log, only forwards
//	DIST#id            TALLY#07#en      tally: what became of edition en in segment 7    with the ledger, in one transaction
//	SHARDS#id#07       ROSTER#000123    roster: the member ids of a shard; never changed Planner, once; expires
//	SHARDS#id#07       LEDGER#000123    ledger: what became of each slot                 Deliverer, Feedback; expires
//	FEEDBACK           SEEN             seen: when the last event came in                Feedback
//
// Index 1 holds the heads that the clock must look at: DUE / time#id. It may lag; the head itself is read again.
const (
	indexDue = 1
	duePK    = "DUE"
	maxShard = 999_999
)

func distPK(id string) string     { return "DIST#" + id }
func headKey(id string) table.Key { return table.Key{PK: distPK(id), SK: "HEAD"} }
func planKey(id string, seg int) table.Key {
	return table.Key{PK: distPK(id), SK: fmt.Sprintf("PLAN#%02d", seg)}
}
func shardsPK(id string, seg int) string { return fmt.Sprintf("SHARDS#%s#%02d", id, seg) }
func rosterSK(shard int) string          { return fmt.Sprintf("ROSTER#%06d", shard) }
func ledgerSK(shard int) string          { return fmt.Sprintf("LEDGER#%06d", shard) }
func seenKey() table.Key                 { return table.Key{PK: "FEEDBACK", SK: "SEEN"} }
func dueKey(at time.Time, id string) table.Key {
	return table.Key{PK: duePK, SK: dueSK(at) + "#" + id}
}
func dueSK(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

func tallyKey(id string, seg int, edition string) table.Key {
	return table.Key{PK: distPK(id), SK: fmt.Sprintf("TALLY#%02d#%s", seg, edition)}
}

// shardRef names one shard.
type shardRef struct {
	id         string
	seg, shard int
}

func (r shardRef) roster() table.Key {
	return table.Key{PK: shardsPK(r.id, r.seg), SK: rosterSK(r.shard)}
}
func (r shardRef) ledger() table.Key {
	return table.Key{PK: shardsPK(r.id, r.seg), SK: ledgerSK(r.shard)}
}

// head is the distribution itself.
type head struct {
	Spec     Spec      `json:"spec"`
	State    State     `json:"state"`
	Reason   Reason    `json:"reason,omitempty"`
	Planned  bool      `json:"planned"` // every segment is planned whole
	Started  time.Time `json:"started"`
	Ended    time.Time `json:"ended,omitzero"`
	ResumeAt time.Time `json:"resumeAt,omitzero"`
	PerDay   int64     `json:"perDay,omitempty"` // the daily quota, when it was what paused
	Due      time.Time `json:"due,omitzero"`     // when the clock looks again; zero: never
	Mark     int64     `json:"mark"`             // Planned + Sent + Refused + Skipped when last seen to grow
	MarkAt   time.Time `json:"markAt,omitzero"`
	Pushed   time.Time `json:"pushed,omitzero"`    // when everything unsettled was last put on the queue again
	Pushes   int       `json:"pushes,omitempty"`   // how often since Mark last grew
	Patience int       `json:"patience,omitempty"` // how often a person resumed it after it was given up
	Base     Counts    `json:"base,omitzero"`      // counts when it was last resumed: rates are taken from there
	Alarm    time.Time `json:"alarm,omitzero"`     // of the stop that the sweeper has to tell of; zero: everybody knows
}

// alarm leaves word for the sweeper, which raises the alarm at least once, whoever dies meanwhile.
func (h *head) alarm(now time.Time) { h.Alarm, h.Due = now, now }

func (h *head) item(version int64) table.Item {
	it := table.NewItem(headKey(h.Spec.ID), h)
	it.Version = version
	if !h.Due.IsZero() {
		it.Index1 = dueKey(h.Due, h.Spec.ID)
	}
	return it
}

// plan is how far a segment is planned, as far as its planner has told; the truth is the log.
type plan struct {
	Shards int              `json:"shards"`
	Done   bool             `json:"done"`
	Counts map[string]int64 `json:"counts"` // members by edition
}

// roster is one entry of a segment's log. A window is a stretch of the segment, (After, Through], whose members the shards from First to the
// one that Closes hold between them, each once.
type roster struct {
	Edition string           `json:"edition,omitempty"`
	Format  string           `json:"format,omitempty"`
	IDs     string           `json:"ids"` // separated by spaces; empty only in an entry that is there to close
	First   int              `json:"first"`
	After   string           `json:"after"`
	Through string           `json:"through"`
	Closes  bool             `json:"closes,omitempty"` // the last entry of its window
	Ends    bool             `json:"ends,omitempty"`   // the window is the segment's last
	Counts  map[string]int64 `json:"counts"`           // members in the log up to and with this entry, by edition
}

func (r roster) members() []string { return strings.Fields(r.IDs) }

// seen is the watermark of the event line.
type seen struct {
	At time.Time `json:"at"` // of the latest event that came in
}

func validName(s string) bool {
	if s == "" || len(s) > 100 {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	}) < 0
}
