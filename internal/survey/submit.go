package survey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"liaison/internal/mail"
	"liaison/internal/metric"
	"liaison/internal/people"
	"liaison/internal/table"
)

// Listed is the rows of a list file.
type Listed struct {
	Name    string // of the file
	Entries []Entry
	Lines   []int // row of the file, for each entry
}

// Submission is an answer as it arrives, checked by its form.
type Submission struct {
	Survey     string
	Language   people.Language
	Respondent Respondent
	Typed      []Entry
	List       *Listed // nil without one
	Key        string  // idempotency key; empty makes every submission one of its own
	Suspicion  string  // when set, the answer waits in quarantine
}

// digest is what makes two submissions the same content.
func (in *Submission) digest() string {
	list := in.List
	if list == nil {
		list = &Listed{}
	}
	body, err := json.Marshal([]any{in.Respondent, in.Typed, list.Entries})
	if err != nil {
		panic(fmt.Sprintf("survey: encode submission: %v", err))
	}
	return digest(string(body))
}

type keyRecord struct {
	Answer string `json:"answer"`
	Digest string `json:"digest"`
}

// Submit records an answer. The same key with the same content leads to the same answer however often it comes, also after the closing
// time; with another content it is *Reused and nothing is written. ErrUnknown, ErrClosed.
func (s *Surveys) Submit(ctx context.Context, in Submission) (*Answer, error) {
	window, err := s.window(in.Survey)
	if err != nil {
		return nil, err
	}
	if in.Key == "" {
		in.Key = s.NewID()
	}
	for attempt := range 8 {
		a, err := s.recorded(ctx, &in)
		if errors.Is(err, table.ErrNotFound) {
			if err := s.open(in.Survey); err != nil {
				return nil, err
			}
			a, err = s.record(ctx, &in, attempt, window.Closes.Add(Keep).Unix())
		}
		if errors.Is(err, table.ErrConflict) {
			continue // another request with this key, or somebody else's reference, came first
		}
		if err != nil {
			return nil, err
		}
		return a, s.receipt(ctx, a)
	}
	return nil, fmt.Errorf("survey: submit: %w", table.ErrThrottled)
}

// recorded finds what the key led to before.
func (s *Surveys) recorded(ctx context.Context, in *Submission) (*Answer, error) {
	it, err := s.Table.Get(ctx, keyKey(in.Survey, in.Key))
	if err != nil {
		return nil, err
	}
	var k keyRecord
	if err := it.Decode(&k); err != nil {
		return nil, err
	}
	a, err := s.Answer(ctx, k.Answer)
	if err == nil && k.Digest != in.digest() {
		return nil, &Reused{a.Reference}
	}
	return a, err
}

func (s *Surveys) record(ctx context.Context, in *Submission, attempt int, keyExpires int64) (*Answer, error) {
	now, sum := s.Now().UTC(), in.digest()
	a := &Answer{ID: digest("answer", in.Survey, in.Key, sum), Survey: in.Survey, Language: in.Language, Respondent: in.Respondent, Received: now,
		Revision: 1, Quarantine: in.Suspicion}
	a.Reference = reference(a.ID, attempt)
	rows := a.append(s.stamp(), in.Typed, in.List)
	if err := s.stage(ctx, a, rows); err != nil {
		return nil, err
	}
	key := table.NewItem(keyKey(in.Survey, in.Key), keyRecord{a.ID, sum})
	key.Expires = unix(keyExpires)
	change := map[string]int64{"answers": 1}
	if a.Quarantine != "" {
		change["quarantined"] = 1
	} else {
		change["pending"] = int64(a.Pending)
	}
	err := s.transact(ctx,
		table.Put(key, table.Absent),
		table.Put(a.item(), table.Absent),
		table.Put(table.NewItem(referenceKey(a.Reference), map[string]string{"answer": a.ID}), table.Absent),
		s.tally(a, change))
	if errors.Is(err, table.ErrConflict) { // certainly not written; after any other error it may have been
		s.unstage(ctx, a, rows)
	}
	if err == nil {
		s.Meter.One(ctx, metric.Answers)
	}
	a.version = 1
	return a, err
}

// stamp tells the rows of one attempt from those of any other, so that what two requests write at once never meets.
func (s *Surveys) stamp() string { return digest(s.NewID())[:12] }

// append adds rows at the end, as one part for the typed and one for the list.
func (a *Answer) append(stamp string, typed []Entry, list *Listed) []Row {
	var rows []Row
	add := func(entries []Entry, name string, lines []int) {
		from := a.Rows()
		if len(entries) == 0 {
			return
		}
		for i, e := range entries {
			r := Row{Answer: a.ID, Index: from + i, State: Pending, Entry: e, List: name, stamp: stamp}
			if lines != nil {
				r.Line = lines[i]
			}
			rows = append(rows, r)
		}
		a.Parts = append(a.Parts, Part{From: from, To: from + len(entries), Stamp: stamp, List: name})
		a.Pending += len(entries)
	}
	add(typed, "", nil)
	if list != nil {
		add(list.Entries, list.Name, list.Lines)
	}
	return rows
}

// stage writes rows that the answer does not name yet. A failure leaves some behind that nobody reads.
func (s *Surveys) stage(ctx context.Context, a *Answer, rows []Row) error {
	items := make([]table.Item, len(rows))
	for i := range rows {
		items[i] = rows[i].item(a)
	}
	return s.Table.BatchPut(ctx, items)
}

// unstage clears away what an attempt that lost has staged. Failing does no harm.
func (s *Surveys) unstage(ctx context.Context, a *Answer, rows []Row) {
	ctx = context.WithoutCancel(ctx)
	for part := range slices.Chunk(rows, table.MaxTransactOps) {
		var writes []table.Write
		for _, r := range part {
			writes = append(writes, table.Delete(rowKey(a.ID, r.Index, r.stamp), table.Any))
		}
		if err := s.transact(ctx, writes...); err != nil {
			s.Log.WarnContext(ctx, "rows that nobody reads were left behind", "answer", a.ID, "error", err)
			return
		}
	}
}

// receipt mails the link, once for each address that the answer had. Answers in quarantine are thanked for when they are let out: the
// address in them may be nobody's who asked.
func (s *Surveys) receipt(ctx context.Context, a *Answer) error {
	return s.mail(ctx, a, "")
}

// RenewReceipt mails a new link in place of one whose time has passed, to the address on record; nothing where there is none, or where the
// answer is in quarantine. It does so once a day (UTC) however often it is asked.
func (s *Surveys) RenewReceipt(ctx context.Context, a *Answer) error {
	return s.mail(ctx, a, "-"+s.Now().UTC().Format(time.DateOnly))
}

// mail posts the receipt; occasion parts it from earlier ones to the same address.
func (s *Surveys) mail(ctx context.Context, a *Answer, occasion string) error {
	to := a.Respondent.Email
	if to == "" || a.Quarantine != "" {
		return nil
	}
	m := s.Mails.SurveyReceipt(mail.Address{Name: a.Respondent.Name, Mail: to}, s.Programme.Nearest(a.Language), a.Survey, a.Reference, a.Standing(), s.Link(a), s.Programme.Surveys[a.Survey].Closes)
	return s.Post(ctx, "answer-"+a.ID+"-"+digest(to.Key())[:8]+occasion, m)
}
