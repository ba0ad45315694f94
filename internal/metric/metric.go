// Package metric names the numbers by which an operator sees that a programme is alive and well, and carries them out of the rooms
// that know when one has changed.
//
// They are for curves and alarms, not for accounts: whoever needs the exact number reads the counters that are written in one transaction with
// what they count. A count is made once the change is known to be stored, by whoever stored it. So it is missing where a process
// dies in between, or where the answer that it was stored is lost; and the log's own pipeline may repeat one.
//
// What may enter: a name for each number, at most fifteen or so, for each is billed by the month; no names of people, no addresses, nothing
// that would make one number into many. Where the numbers go is for package cloud to say; on one machine they go nowhere.
package metric

import "context"

// Name of a number; a count of what has happened, without unit.
type Name string

// The numbers. template.yaml shows each on its dashboard, and a test holds both to it.
const (
	Answers       Name = "Answers"       // answers to surveys recorded
	Confirmations Name = "Confirmations" // subscriptions confirmed by the button of the mailed page
	Unsubscribes  Name = "Unsubscribes"  // subscriptions ended by the subscriber, or at the desk on request
	Registrations Name = "Registrations" // experts who said yes, or changed what they had told with it

	Sent       Name = "Sent"       // mails of issues that the mail service has taken
	Refused    Name = "Refused"    // mails of issues that it has refused for good
	Skipped    Name = "Skipped"    // members who left between planning and sending
	Doubt      Name = "Doubt"      // mails of issues whose answer was lost; they are cleared up later
	Repeated   Name = "Repeated"   // mails of issues known to have gone out a second time
	Bounces    Name = "Bounces"    // mails, of issues and single, to addresses that do not exist
	Complaints Name = "Complaints" // mails, of issues and single, that were called spam
	Held       Name = "Held"       // distributions that the program paused, gave up, or found to have gone badly

	Mails     Name = "Mails"     // single mails (confirmations, sign-ins, invitations) that the mail service has taken
	MailsLost Name = "MailsLost" // single mails that it refused, or that were given up

	Failures Name = "Failures" // lines of level ERROR in the log: answers of 500, failed messages and minutes
)

// Counts is how much each number grew at one moment.
type Counts map[Name]int64

// Meter hears of counts. It must not fail and not wait for anybody. A nil Meter hears nothing.
type Meter func(ctx context.Context, c Counts)

// One says that n happened once.
func (m Meter) One(ctx context.Context, n Name) { m.All(ctx, Counts{n: 1}) }

// All says what happened together. Numbers that did not grow are left out.
func (m Meter) All(ctx context.Context, c Counts) {
	if m == nil {
		return
	}
	grown := Counts{}
	for n, by := range c {
		if by > 0 {
			grown[n] = by
		}
	}
	if len(grown) > 0 {
		m(ctx, grown)
	}
}
