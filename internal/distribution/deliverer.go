package distribution

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"liaison/internal/mail"
	"liaison/internal/table"
)

// Post is what a worker needs to hand letters over.
type Post struct {
	Standing Standing
	Letters  Letters
	Sender   mail.Sender
	Personal Personal
}

// Deliverer hands shards to the mail service. One may handle several tasks at a time; it paces itself as one worker.
type Deliverer struct {
	*kit
	Post
	pace    *pace
	letters *letters
	lost    atomic.Int64 // answers lost in a row

	watching sync.Mutex
	watch    map[string]*watch // by distribution
}

// NewDeliverer handles Deliver tasks.
func NewDeliverer(o Options, p Post) *Deliverer {
	k := newKit(o)
	return &Deliverer{kit: k, Post: p, pace: &pace{kit: k, sender: p.Sender}, letters: &letters{source: p.Letters}, watch: map[string]*watch{}}
}

// job is one look at one shard.
type job struct {
	shardRef
	task    Task
	head    head
	roster  roster
	ids     []string // of the members, by slot
	ledger  ledger
	version int64 // of the ledger; 0: it is not stored yet
}

// Handle sends what is due of the task's shard. A NotYet asks the queue to bring the same message later; after any other error it
// must bring it again too. A message is let go of only when its shard is settled, or when another task stands on the queue for the moment that its
// ledger waits for: that task is sent before the ledger says so. Therefore a ledger that waits for a moment to come needs no second task.
func (d *Deliverer) Handle(ctx context.Context, t Task) error {
	if t.Kind != Deliver {
		return fmt.Errorf("%w: %q is not for the deliverer", ErrTask, t.Kind)
	}
	for {
		if d.shortOfTime(ctx, 0) {
			return &NotYet{}
		}
		j, err := d.look(ctx, t)
		if j == nil || err != nil {
			return err
		}
		if again, err := d.turn(ctx, j); !again || err != nil {
			return err
		}
	}
}

// look reads the head, the roster and the ledger at once; nil: there is nothing that this task could be about.
func (d *Deliverer) look(ctx context.Context, t Task) (*job, error) {
	j := &job{shardRef: shardRef{t.Distribution, t.Segment, t.Shard}, task: t}
	items, err := d.Table.BatchGet(ctx, []table.Key{headKey(j.id), j.shardRef.roster(), j.shardRef.ledger()})
	if err != nil {
		return nil, err
	}
	found := 0
	for _, it := range items {
		switch it.Key {
		case headKey(j.id):
			found, err = found+1, it.Decode(&j.head)
		case j.shardRef.roster():
			found, err = found+1, it.Decode(&j.roster)
		default:
			j.version = it.Version
			j.ledger, err = readLedger(it)
		}
		if err != nil {
			return nil, err
		}
	}
	j.ids = j.roster.members()
	if found < 2 || len(j.ids) == 0 {
		d.Log.WarnContext(ctx, "task of an unknown shard", "distribution", j.id, "segment", j.seg, "shard", j.shard)
		return nil, nil
	}
	if j.version == 0 {
		j.ledger = newLedger(j.roster.Edition, len(j.ids))
	}
	if len(j.ledger.Slots) != len(j.ids) {
		return nil, fmt.Errorf("distribution: shard %v: a ledger of %d for %d members", j.shardRef, len(j.ledger.Slots), len(j.ids))
	}
	return j, nil
}

// doubts is how many lost answers a shard may have.
func (d *Deliverer) doubts(h *head) int { return d.Limits.Doubts * (1 + h.Patience) }

// turn does the next thing for the shard, if it is due; again: there may be more to do at once.
func (d *Deliverer) turn(ctx context.Context, j *job) (again bool, err error) {
	now, l := d.now(), &j.ledger
	early := now.Before(l.Until)
	revived := l.has(string(slotUnknown)) && l.Doubts < d.doubts(&j.head)
	switch {
	case l.Phase == phaseSettled && !revived:
		return false, nil
	case l.Phase == phaseSending && early:
		return false, &NotYet{After: l.Until.Sub(now)}
	case l.Phase == phaseSending:
		return true, d.putInDoubt(ctx, j)
	case !j.head.State.Active():
		return false, nil // Resume puts it on the queue again
	case !d.fresh(&j.head):
		return false, d.end(ctx, j.id, Incomplete, Expired)
	case early && j.task.NotBefore.Equal(l.Until):
		return false, d.Queue.Send(ctx, j.task) // this is the task that the ledger waits for, come too early
	case early:
		return false, nil
	}
	if l.Phase == phaseDoubt {
		if waits, err := d.silence(ctx, j); waits || err != nil {
			return false, err
		}
	}
	return d.deliver(ctx, j)
}

// wake puts the task on the queue that the ledger is about to wait for.
func (d *Deliverer) wake(ctx context.Context, j *job, at time.Time) error {
	return d.Queue.Send(ctx, Task{Kind: Deliver, Distribution: j.id, Segment: j.seg, Shard: j.shard, NotBefore: at})
}

// putInDoubt: the lease passed without an answer, so the worker is dead and nobody knows whether the mail service took the batch.
func (d *Deliverer) putInDoubt(ctx context.Context, j *job) error {
	until := d.now().Add(d.Limits.Grace)
	if err := d.wake(ctx, j, until); err != nil {
		return err
	}
	after := j.ledger.clone()
	after.doubt(until, d.doubts(&j.head))
	err := d.saveLedger(ctx, j.shardRef, j.ledger, j.version, after, j.head.expires(d.Limits.Retention))
	if errors.Is(err, table.ErrConflict) {
		return nil // somebody knows better; look again
	}
	d.Log.WarnContext(ctx, "a worker died with a claim", "distribution", j.id, "segment", j.seg, "shard", j.shard, "attempt", j.ledger.Attempt)
	return err
}

// silence: no event has come in that is younger than the claim in doubt, so that its own may still be under way. Then the shard waits longer.
func (d *Deliverer) silence(ctx context.Context, j *job) (waits bool, err error) {
	now, end := d.now(), j.ledger.Since.Add(d.Limits.Silence)
	if !now.Before(end) {
		return false, nil
	}
	var last seen
	switch it, err := d.Table.Get(ctx, seenKey()); {
	case err == nil:
		if err := it.Decode(&last); err != nil || last.At.After(j.ledger.Since) {
			return false, err
		}
	case !errors.Is(err, table.ErrNotFound):
		return false, err
	}
	until := now.Add(d.Limits.Grace)
	if until.After(end) {
		until = end
	}
	if err := d.wake(ctx, j, until); err != nil {
		return true, err
	}
	after := j.ledger.clone()
	after.Until = until
	err = d.saveLedger(ctx, j.shardRef, j.ledger, j.version, after, j.head.expires(d.Limits.Retention))
	if errors.Is(err, table.ErrConflict) {
		err = &NotYet{} // an event came in just now
	}
	return true, err
}

// watch is when this worker last looked how far a distribution is.
type watch struct{ left, settled int64 }

// lookAlways is how many members may be left, at the last look, for a worker to look after every shard.
const lookAlways = 20 * ShardSize

// progressed looks whether the distribution is finished: seldom while much is left, when this worker has settled half of its share of what was
// left, and every time towards the end. Until everything is planned it does not look, for the last planner will. Should all miss the end, because
// one did nearly all the rest alone, the sweeper finds it.
func (d *Deliverer) progressed(ctx context.Context, j *job, settled int) error {
	id := j.id
	if !j.head.Planned { // as the job began; what counts is whether the last planner can still see what was settled
		h, _, err := d.head(ctx, id)
		if err != nil || !h.Planned {
			return err
		}
	}
	d.watching.Lock()
	w := d.watch[id]
	if w == nil {
		w = &watch{}
		d.watch[id] = w
	}
	w.settled += int64(settled)
	skip := w.left > lookAlways && w.settled*2*int64(d.Limits.Workers) < w.left
	d.watching.Unlock()
	if skip {
		return nil
	}
	o, err := d.advance(ctx, id)
	if err != nil {
		return err
	}
	all, _, _ := o.counts()
	d.watching.Lock()
	defer d.watching.Unlock()
	if left := all.Planned - all.done(); left > 0 && o.State.Active() {
		d.watch[id] = &watch{left: left}
	} else {
		delete(d.watch, id)
	}
	return nil
}
