package subscription

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/table"
)

// SignUp is what somebody typed into the form.
type SignUp struct {
	Email people.EmailAddress
	Details
	Shown   Shown  // the wording of the consent box
	FormKey string // the same form sent twice is one request; empty: every call is another
	Odd     bool   // looks like a machine's: kept for the desk to look at, and not mailed
}

// SignUp asks the address for confirmation, or, if it is subscribed, mails it the way to its preferences. The caller learns
// nothing about the address: an error is one of storage only.
func (l *List) SignUp(ctx context.Context, s SignUp) error {
	s.Details = l.complete(s.Details)
	ok, err := l.mayMail(ctx, s.Email)
	if err != nil || !ok {
		return err
	}
	e := Evidence{Act: Asked, How: ByForm, Shown: s.Shown, Details: &s.Details, Submission: l.submission(s), Held: s.Odd}
	for n := 0; ; n++ {
		err := l.request(ctx, s.Email, e)
		if errors.Is(err, table.ErrConflict) && n < 8 {
			continue // the same address at the same moment
		}
		return err
	}
}

// complete fills in what an issue needs.
func (l *List) complete(d Details) Details {
	if d.Language == "" {
		d.Language = l.Programme.Default
	}
	if d.Format == "" {
		d.Format = Formats[0]
	}
	return d
}

// mayMail bounds how many mails an address gets because somebody typed it in.
func (l *List) mayMail(ctx context.Context, a people.EmailAddress) (bool, error) {
	name := "subscribe#" + l.Peppers[0].hash(a)
	hour, err := l.Allow(ctx, name, mailsPerHour, time.Hour)
	if err != nil || !hour {
		return false, err
	}
	return l.Allow(ctx, name, mailsPerDay, 24*time.Hour)
}

// submission tells two deliveries of one form from two forms: what was typed counts too, so that a corrected form is another.
func (l *List) submission(s SignUp) string {
	if s.FormKey == "" {
		s.FormKey = l.NewID()
	}
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // strings only
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}

func (l *List) request(ctx context.Context, a people.EmailAddress, e Evidence) error {
	s, err := l.Find(ctx, a)
	switch {
	case errors.Is(err, ErrNotFound):
		s, e, err = l.add(ctx, Subscriber{ID: l.NewID(), Email: a, Kind: Ordinary, Details: *e.Details, Held: e.Held}, e)
	case err != nil:
		return err
	case s.Subscribed():
		return l.remind(ctx, s, e)
	case s.State == Erased:
		return &table.Conflict{Key: reserved(a)} // erased since its address was looked up
	default:
		s, e, err = l.again(ctx, s, e)
	}
	if err != nil || e.Held {
		return err
	}
	return l.mailRequest(ctx, s, e)
}

// add puts a new candidate, who has an id, on the list with the first request; table.ErrConflict when its address is taken.
func (l *List) add(ctx context.Context, s Subscriber, e Evidence, more ...table.Write) (Subscriber, Evidence, error) {
	s.State, s.Since, s.Round = Candidate, l.now(), 1
	e.Round, e.At = 1, l.now()
	writes := append([]table.Write{
		table.Put(s.item(), table.Absent),
		table.Put(table.NewItem(reserved(s.Email), reference{s.ID}), table.Absent),
		table.Put(e.item(s.ID), table.Absent)}, tally(s.ID, nil, &s)...)
	return s, e, l.commit(ctx, append(writes, more...)...)
}

// again begins another round. The same form sent twice goes on with the round it began; a request that looks odd does not
// push aside one that waits for its answer.
func (l *List) again(ctx context.Context, s Subscriber, e Evidence) (Subscriber, Evidence, error) {
	last, err := l.evidence(ctx, s.ID, s.Round, Asked)
	if err != nil {
		return s, e, err
	}
	if last != nil && last.Submission == e.Submission && e.Submission != "" {
		return s, *last, nil
	}
	if e.Held && s.State == Candidate && !s.Held {
		return s, e, nil
	}
	s, err = l.change(ctx, s.ID, func(s *Subscriber) (*Evidence, []table.Write, error) {
		if s.Subscribed() || s.State == Erased {
			return nil, nil, &table.Conflict{Key: key(s.ID)}
		}
		s.Round++
		s.Held = e.Held
		if s.State == Candidate {
			s.Details, s.Since = *e.Details, l.now()
		}
		return &e, nil, nil
	})
	return s, e, err
}

// remind answers a sign-up of a subscribed address, which changes nothing.
func (l *List) remind(ctx context.Context, s Subscriber, e Evidence) error {
	if e.Held {
		return nil
	}
	r := Evidence{Act: Reminded, Round: s.Round, At: l.now(), How: e.How, Shown: e.Shown, Submission: e.Submission}
	k := roundKey(s.ID, r.Round, r.Act)
	k.SK += "#" + r.Submission
	if _, err := l.Table.Put(ctx, table.NewItem(k, r), table.Any); err != nil {
		return err
	}
	lang := l.Programme.Nearest(s.Language)
	m := l.Letters.AlreadySubscribed(s.address(), lang, s.Organisation, l.PreferencesURL(s), int(PreferencesLife.Hours()), s.State == Paused)
	return l.Post.Post(ctx, "reminder-"+s.ID+"-"+r.Submission, m)
}

func (s Subscriber) address() mail.Address { return mail.Address{Name: s.Called(), Mail: s.Email} }

// PreferencesURL is the address of a subscriber's own page, in her language. It lets its bearer change, export and erase: it goes to
// the subscriber alone, never into an issue, which may be forwarded.
func (l *List) PreferencesURL(s Subscriber) string {
	return l.Links.URL("/"+string(l.Programme.Nearest(s.Language))+"/subscription", l.Links.Token(link.Subscription, s.ID, "", PreferencesLife))
}

// confirmURL is the address of the page where a round is confirmed.
func (l *List) confirmURL(id string, round int, lang people.Language) string {
	return l.Links.URL("/"+string(lang)+"/subscription", l.Links.Token(link.Confirm, id, strconv.Itoa(round), l.ConfirmLife()))
}

// mailRequest mails a round's request; the same round is mailed once.
func (l *List) mailRequest(ctx context.Context, s Subscriber, e Evidence) error {
	return l.mailBy(ctx, l.Post.Post, s, e)
}

type poster func(ctx context.Context, id string, m mail.Message) error

func (l *List) mailBy(ctx context.Context, post poster, s Subscriber, e Evidence) error {
	if err := post(ctx, mailID(s.ID, e.Round), l.letter(s, e)); err != nil {
		return err
	}
	_, err := l.Table.Put(ctx, mailed(s.ID, e.Round, l.now()), table.Absent)
	if errors.Is(err, table.ErrConflict) {
		return nil
	}
	return err
}

func mailed(id string, round int, at time.Time) table.Item {
	return Evidence{Act: Mailed, Round: round, At: at}.item(id)
}

func mailID(id string, round int) string { return fmt.Sprintf("confirm-%s-%d", id, round) }

// OfMail finds the subscriber that a mail of the list was for, from the mail's id in the outbox; the mail service reports
// bounces of single mails by it.
func OfMail(mail string) (id string, ok bool) {
	for _, p := range []string{"confirm-", "reminder-", "preferences-"} {
		if rest, found := strings.CutPrefix(mail, p); found {
			if i := strings.LastIndexByte(rest, '-'); i > 0 {
				return rest[:i], true
			}
		}
	}
	return "", false
}

func (l *List) letter(s Subscriber, e Evidence) mail.Message {
	d := s.Details
	if e.Details != nil {
		d = *e.Details
	}
	lang := l.Programme.Nearest(d.Language)
	to := mail.Address{Name: Subscriber{Details: d}.Called(), Mail: s.Email}
	url, hours := l.confirmURL(s.ID, e.Round, lang), int(l.ConfirmLife().Hours())
	switch e.How {
	case ByNomination:
		return l.Letters.ConfirmNomination(to, lang, d.Organisation, e.By, url, hours)
	case ByImport:
		return l.Letters.ConfirmListed(to, lang, d.Organisation, url, hours)
	}
	return l.Letters.ConfirmSignUp(to, lang, d.Organisation, url, hours)
}

// MailLink mails the bearer of an old link a new one, to the address on record: the latest request once more as a new round, or, for a
// subscriber, the way to the preferences. Nothing is told about what happened; only an unknown id is ErrNotFound. formKey as in SignUp.
func (l *List) MailLink(ctx context.Context, id, formKey string) error {
	s, err := l.Get(ctx, id)
	if err == nil && s.State == Erased {
		err = ErrNotFound
	}
	if err != nil {
		return err
	}
	if ok, err := l.mayMail(ctx, s.Email); err != nil || !ok {
		return err
	}
	once := l.submission(SignUp{Email: s.Email, FormKey: formKey})
	for n := 0; ; n++ {
		err := l.mailLink(ctx, id, once)
		if errors.Is(err, table.ErrConflict) && n < 8 {
			continue
		}
		return err
	}
}

func (l *List) mailLink(ctx context.Context, id, once string) error {
	s, err := l.Get(ctx, id)
	if err != nil || s.Held || s.State == Erased {
		return err
	}
	last, err := l.evidence(ctx, id, s.Round, Asked)
	if err != nil {
		return err
	}
	done, err := l.evidence(ctx, id, s.Round, Confirmed)
	if err != nil {
		return err
	}
	if s.Subscribed() || last == nil || done != nil {
		return l.mailPreferences(ctx, s, once)
	}
	last.Submission = once
	s, e, err := l.again(ctx, s, *last)
	if err != nil {
		return err
	}
	return l.mailRequest(ctx, s, e)
}

func (l *List) mailPreferences(ctx context.Context, s Subscriber, once string) error {
	lang := l.Programme.Nearest(s.Language)
	m := l.Letters.Preferences(s.address(), lang, s.Organisation, l.PreferencesURL(s), int(PreferencesLife.Hours()))
	return l.Post.Post(ctx, "preferences-"+s.ID+"-"+once, m)
}
