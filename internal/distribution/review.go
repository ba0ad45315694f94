package distribution

import (
	"context"
	"fmt"

	"liaison/internal/table"
)

// reviewed is how many shards a review looks at before it sends their tasks.
const reviewed = 500

// review puts every shard of a segment that is not settled on the queue again and then goes on planning. It reads the ledgers, which are small, and
// the end of the log.
func (p *Planner) review(ctx context.Context, t Task) error {
	for from := t.Shard; ; from += reviewed {
		_, number, err := p.tail(ctx, t.Distribution, t.Segment)
		if err != nil {
			return err
		}
		if from > number {
			return p.plan(ctx, t.Distribution, t.Segment, func(s State) bool { return s == Planning })
		}
		if from > t.Shard && p.shortOfTime(ctx, 0) {
			t.Shard = from
			return p.Queue.Send(ctx, t)
		}
		tasks, err := p.unsettled(ctx, t, from, min(number, from+reviewed-1))
		if err != nil {
			return err
		}
		if len(tasks) > 0 {
			if err := p.Queue.Send(ctx, tasks...); err != nil {
				return err
			}
		}
	}
}

// unsettled are tasks for the shards of that range that are not settled, each for when something may be done about it.
func (p *Planner) unsettled(ctx context.Context, t Task, from, to int) ([]Task, error) {
	open := map[int]Task{}
	for shard := from; shard <= to; shard++ {
		open[shard] = Task{Kind: Deliver, Distribution: t.Distribution, Segment: t.Segment, Shard: shard}
	}
	q := table.Query{PK: shardsPK(t.Distribution, t.Segment), From: ledgerSK(from), To: ledgerSK(to), Limit: 1000}
	err := table.All(ctx, p.Table, q, func(it table.Item) error {
		var shard int
		if _, err := fmt.Sscanf(it.SK, "LEDGER#%d", &shard); err != nil {
			return fmt.Errorf("distribution: strange item %v: %w", it.Key, err)
		}
		l, err := readLedger(it)
		if err != nil {
			return err
		}
		if l.Phase == phaseSettled && !l.has(string(slotUnknown)) {
			delete(open, shard)
			return nil
		}
		task := open[shard]
		task.NotBefore = l.Until
		open[shard] = task
		return nil
	})
	tasks := make([]Task, 0, len(open))
	for shard := from; shard <= to; shard++ {
		if task, ok := open[shard]; ok {
			tasks = append(tasks, task)
		}
	}
	return tasks, err
}
