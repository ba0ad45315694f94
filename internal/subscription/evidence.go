package subscription

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"liaison/internal/people"
	"liaison/internal/table"
)

// Act is what an entry of evidence proves.
type Act string

const (
	Asked     Act = "asked"     // a request for confirmation was made
	Mailed    Act = "mailed"    // its mail was written down for sending
	Confirmed Act = "confirmed" // the button on the page was pressed
	Recorded  Act = "recorded"  // consent was given elsewhere and is on record there
	Reminded  Act = "reminded"  // somebody typed a subscribed address into the form
	Changed   Act = "changed"   // details or kind
	Released  Act = "released"  // an odd request was looked at and mailed
	DidPause  Act = "paused"
	DidResume Act = "resumed"
	DidLeave  Act = "left"
	DidBounce Act = "bounced"
	Complaint Act = "complained"
)

// How an act came about.
const (
	ByForm       = "form"         // the sign-up form
	ByNomination = "nomination"   // an accepted row of a survey
	ByImport     = "import"       // a list that the secretariat uploaded
	ByLink       = "link"         // the page behind an e-mailed link
	ByOneClick   = "one-click"    // the mail program's own unsubscribe button (RFC 8058)
	ByDesk       = "desk"         // the secretariat, on request
	ByService    = "mail-service" // a report of the mail service
)

// Shown is what a person had before her eyes: the id of a wording, which names its version too, and the language.
type Shown struct {
	Text     string          `json:"text,omitempty"`
	Language people.Language `json:"language,omitempty"`
}

// Evidence is one act. Only the fields that its act needs are set.
type Evidence struct {
	Act   Act       `json:"act"`
	Round int       `json:"round"`
	At    time.Time `json:"at"`
	How   string    `json:"how,omitempty"`
	By    string    `json:"by,omitempty"` // who proposed (an organisation), or who did it at the desk
	Shown
	Given      *time.Time `json:"given,omitempty"`   // recorded: when consent was given
	Details    *Details   `json:"details,omitempty"` // asked: what was typed, and is taken over when it is confirmed
	About      string     `json:"about,omitempty"`   // nomination: what was said of the organisation
	URL        string     `json:"url,omitempty"`
	Nomination string     `json:"nomination,omitempty"`
	Submission string     `json:"submission,omitempty"` // tells a form that was sent twice from two forms
	Held       bool       `json:"held,omitempty"`
}

func consentKey(id string) string { return "CONSENT#" + id }

// roundKey is the key of an act that a round has once.
func roundKey(id string, round int, a Act) table.Key {
	return table.Key{PK: consentKey(id), SK: fmt.Sprintf("%04d#%s", round, a)}
}

func (e Evidence) item(id string) table.Item { return table.NewItem(roundKey(id, e.Round, e.Act), e) }

// nth is the item of an act that may happen again: the version of the subscriber that it led to makes it unique.
func (e Evidence) nth(id string, version int64) table.Item {
	k := roundKey(id, e.Round, e.Act)
	k.SK += fmt.Sprintf("#%d", version)
	return table.NewItem(k, e)
}

// evidence reads one act of a round; nil when it has not happened.
func (l *List) evidence(ctx context.Context, id string, round int, a Act) (*Evidence, error) {
	it, err := l.Table.Get(ctx, roundKey(id, round, a))
	if errors.Is(err, table.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var e Evidence
	if err := it.Decode(&e); err != nil {
		return nil, err
	}
	return &e, nil
}

// History is all evidence about a subscriber, oldest first.
func (l *List) History(ctx context.Context, id string) ([]Evidence, error) {
	var out []Evidence
	err := table.All(ctx, l.Table, table.Query{PK: consentKey(id)}, func(it table.Item) error {
		var e Evidence
		if err := it.Decode(&e); err != nil {
			return err
		}
		out = append(out, e)
		return nil
	})
	sort.SliceStable(out, func(i, j int) bool { return out[i].At.Before(out[j].At) })
	return out, err
}
