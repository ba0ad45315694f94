// Package distribution brings one letter to each member of an audience exactly once, through a mail service that has no
// idempotency token and queues that deliver at least once.
//
// # What is promised
//
// Whoever should receive the letter when the audience is planned, and still should when the mail is handed over, has it
// handed to the mail service once, whatever dies, repeats or gets lost on the way: workers, queue messages, answers of
// the table, answers of the mail service. Nobody is left out silently: a distribution is "finished" only when each planned
// member is accounted for as sent, refused (with the reason) or skipped (no longer to receive). If that cannot be reached it
// says "incomplete", and why. The counts are changed in the same transaction as the record that they count.
//
// # How
//
//   - Plan. The audience comes in 16 segments. A planner reads a window of one segment, sorts it by edition and format, and
//     writes shards of up to 50 member ids to the segment's log: one item each, under the next number, only if nothing stands
//     there. Each shard says which window it was cut from, so the log itself is the cursor: a second or a later planner that
//     finds a shard standing starts over from the end of the log and plans only whom it does not hold.
//   - Claim. A worker marks the slots that it is about to send in the shard's ledger, by a conditional write, before it calls
//     the mail service: one call a claim, never retried. The lease of a claim outlasts the worker.
//   - Settle. The answers go to the ledger in one transaction with the counters. Throttled slots wait and try again,
//     without limit; a call refused as a whole is halved until the entry at fault stands alone.
//   - Doubt. If the answer is lost, or the lease passes without one, nobody is sent anything. Every mail is tagged with issue,
//     shard, slot and attempt; the service's own events settle what it accepted. After a grace period, and only when events are
//     known to be arriving, the slots that the service never reported are sent again.
//
// # What is not promised
//
// One window cannot be closed from outside the mail service: the answer to a call is lost, and the events of the same
// mails come later than the grace period (or never). Those recipients, 50 at most for each such accident, may have the letter
// twice; when the late event does arrive, the repetition is counted and shown (Progress.Repeated). The choice is deliberate: a
// second copy can be ignored, a missing one is not noticed. Nor is a mail "sent" a mail that arrived: bounces are counted beside.
// A pause or a cancellation holds from the next claim on; mails that a worker is handing over at that moment still go.
//
// # What may enter
//
// Only what decides whom a letter is handed to, when, and how often. What the letter says, who is in the audience and what a
// bounce means for a member are interfaces declared here and met elsewhere. See records.go for the keys of the Delivery table.
package distribution
