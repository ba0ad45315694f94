package distribution

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"liaison/internal/table"
)

// Planner turns an audience into shards, and puts shards on the queue.
type Planner struct {
	*kit
	audience Audience
}

// NewPlanner handles Plan and Review tasks.
func NewPlanner(o Options, a Audience) *Planner { return &Planner{newKit(o), a} }

// Handle does one task. After an error the queue must bring the task again.
func (p *Planner) Handle(ctx context.Context, t Task) error {
	if wait := t.NotBefore.Sub(p.now()); !t.NotBefore.IsZero() && wait > 0 {
		return p.Queue.Send(ctx, t)
	}
	switch t.Kind {
	case Review:
		return p.review(ctx, t)
	case Plan:
		return p.plan(ctx, t.Distribution, t.Segment, State.Active)
	}
	return fmt.Errorf("%w: %q is not for the planner", ErrTask, t.Kind)
}

// window is a stretch of a segment that is sorted into shards at once.
type window struct {
	after, through string
	ends           bool             // nobody comes after it
	first, next    int              // number of its first shard and of the next to be written
	counts         map[string]int64 // members in the log so far
	members        []Member         // those who are in no shard yet
}

// plan goes on at the end of the segment's log, wherever the planner before left it, while the distribution is in a state that wants it. Of two
// planners at work at once, the one that finds a shard where it meant to write one starts over from the log.
func (p *Planner) plan(ctx context.Context, id string, seg int, wanted func(State) bool) error {
	handed := -1 // the last shard that this run put on the queue
	for windows := 0; ; windows++ {
		h, _, err := p.head(ctx, id)
		if errors.Is(err, ErrNotFound) {
			p.Log.WarnContext(ctx, "task of an unknown distribution", "distribution", id)
			return nil
		}
		if err != nil || !wanted(h.State) {
			return err // paused: Resume sends a task again
		}
		if windows == p.Limits.Windows || windows > 0 && p.shortOfTime(ctx, 0) {
			return p.Queue.Send(ctx, Task{Kind: Plan, Distribution: id, Segment: seg})
		}
		done, err := p.cutWindow(ctx, h, seg, &handed)
		if errors.Is(err, table.ErrConflict) {
			continue
		}
		if err != nil || done {
			return err
		}
	}
}

// cutWindow takes the log one window further and hands its shards out; done when the segment is planned whole. A window is handed out before the
// next is begun: so only the last window of a log may hold shards that no task was sent for.
func (p *Planner) cutWindow(ctx context.Context, h head, seg int, handed *int) (done bool, err error) {
	id := h.Spec.ID
	tail, end, err := p.tail(ctx, id, seg)
	if err != nil {
		return false, err
	}
	if tail != nil && tail.Closes && end > *handed {
		if err := p.handOut(ctx, id, seg, *tail, end); err != nil || tail.Ends {
			return tail.Ends, err
		}
	}
	w, err := p.open(ctx, h.Spec, seg, tail, end)
	if err != nil {
		return false, err
	}
	last, number, err := p.write(ctx, h, seg, w)
	if err != nil {
		return false, err
	}
	*handed = number
	return last.Ends, p.handOut(ctx, id, seg, last, number)
}

// tail is the log's last entry and its number; nil when the log is empty.
func (p *Planner) tail(ctx context.Context, id string, seg int) (*roster, int, error) {
	page, err := p.Table.Query(ctx, table.Query{PK: shardsPK(id, seg), Prefix: "ROSTER#", Limit: 1, Reverse: true})
	if err != nil || len(page.Items) == 0 {
		return nil, -1, err
	}
	var r roster
	if err := page.Items[0].Decode(&r); err != nil {
		return nil, 0, err
	}
	var number int
	_, err = fmt.Sscanf(page.Items[0].SK, "ROSTER#%d", &number)
	return &r, number, err
}

// open is the window to work on: the next one, or what is left of the one that the log ends in.
func (p *Planner) open(ctx context.Context, s Spec, seg int, tail *roster, number int) (w window, err error) {
	w = window{first: number + 1, next: number + 1, counts: map[string]int64{}}
	if tail == nil || tail.Closes {
		if tail != nil {
			w.after = tail.Through
			maps.Copy(w.counts, tail.Counts)
		}
		w.members, w.through, w.ends, err = p.read(ctx, s.Kind, seg, w.after, "")
		return w, err
	}
	w.after, w.through, w.ends, w.first = tail.After, tail.Through, tail.Ends, tail.First
	maps.Copy(w.counts, tail.Counts)
	held := map[string]bool{}
	err = p.eachRoster(ctx, shardRef{s.ID, seg, w.first}, number, func(_ int, r roster) error {
		for _, id := range r.members() {
			held[id] = true
		}
		return nil
	})
	if err != nil {
		return w, err
	}
	all, _, _, err := p.read(ctx, s.Kind, seg, w.after, w.through)
	for _, m := range all {
		if !held[m.ID] {
			w.members = append(w.members, m)
		}
	}
	return w, err
}

func (p *Planner) eachRoster(ctx context.Context, from shardRef, last int, f func(shard int, r roster) error) error {
	q := table.Query{PK: shardsPK(from.id, from.seg), From: rosterSK(from.shard), To: rosterSK(last)}
	shard := from.shard
	return table.All(ctx, p.Table, q, func(it table.Item) error {
		var r roster
		if err := it.Decode(&r); err != nil {
			return err
		}
		shard++
		return f(shard-1, r)
	})
}

// read collects the members after a position: through a given one, or about a window's number of them.
func (p *Planner) read(ctx context.Context, kind string, seg int, after, through string) (members []Member, to string, ends bool, err error) {
	given := through != ""
	for to = after; ; {
		page, next, err := p.audience.Page(ctx, kind, seg, to, min(1000, p.Limits.Window))
		if err != nil {
			return nil, "", false, fmt.Errorf("distribution: audience %s, segment %d: %w", kind, seg, err)
		}
		for _, m := range page {
			if m.ID <= to || len(m.ID) > 64 || strings.ContainsAny(m.ID, " \t\r\n") {
				return nil, "", false, fmt.Errorf("distribution: audience %s, segment %d: member %q after %q", kind, seg, m.ID, to)
			}
			if given && m.ID > through {
				return members, through, false, nil
			}
			members, to = append(members, m), m.ID
		}
		if next == "" {
			return members, to, true, nil
		}
		if to = next; given && to >= through || !given && len(members) >= p.Limits.Window {
			return members, to, false, nil
		}
	}
}

// write puts the window's shards into the log, each at its number if nothing stands there; table.ErrConflict when something does. It
// returns the last and its number.
func (p *Planner) write(ctx context.Context, h head, seg int, w window) (last roster, number int, err error) {
	for _, r := range cut(w.members, h.Spec) {
		if w.next > maxShard {
			return last, 0, fmt.Errorf("distribution: segment %d of %s has more than %d shards", seg, h.Spec.ID, maxShard)
		}
		if r.IDs != "" {
			w.counts[r.Edition] += int64(len(r.members()))
		}
		r.First, r.After, r.Through, r.Ends, r.Counts = w.first, w.after, w.through, w.ends, w.counts
		item := table.NewItem(shardRef{h.Spec.ID, seg, w.next}.roster(), r)
		item.Expires = h.expires(p.Limits.Retention)
		err := p.patiently(ctx, func() error {
			_, err := p.Table.Put(ctx, item, table.Absent)
			return err
		})
		if err != nil {
			return last, 0, err
		}
		if err := p.step(ctx, StepPlan); err != nil {
			return last, 0, err
		}
		w.next, last = w.next+1, r
	}
	return last, w.next - 1, nil
}

// cut sorts members into shards of one edition and format each. There is always at least one, because the last closes the window.
func cut(members []Member, s Spec) []roster {
	type group struct{ edition, format string }
	groups := map[group][]string{}
	for _, m := range members {
		g := group{s.edition(m.Language), s.format(m.Format)}
		groups[g] = append(groups[g], m.ID)
	}
	var out []roster
	for _, edition := range s.Editions {
		for _, format := range s.Formats {
			ids := groups[group{edition, format}]
			for ; len(ids) > 0; ids = ids[min(ShardSize, len(ids)):] {
				out = append(out, roster{Edition: edition, Format: format, IDs: strings.Join(ids[:min(ShardSize, len(ids))], " ")})
			}
		}
	}
	if len(out) == 0 {
		out = []roster{{}}
	}
	out[len(out)-1].Closes = true
	return out
}

// handOut tells how far the segment is planned and then puts the window's shards on the queue: nobody is sent to before he is counted, and who
// is sent to last knows that everything is planned.
func (p *Planner) handOut(ctx context.Context, id string, seg int, last roster, number int) error {
	if err := p.publish(ctx, id, seg, plan{Shards: number + 1, Done: last.Ends, Counts: last.Counts}); err != nil {
		return err
	}
	if last.Ends {
		if _, err := p.advance(ctx, id); err != nil {
			return err
		}
	}
	var tasks []Task
	for shard := last.First; shard <= number; shard++ {
		if shard == number && last.IDs == "" {
			break
		}
		tasks = append(tasks, Task{Kind: Deliver, Distribution: id, Segment: seg, Shard: shard})
	}
	if len(tasks) == 0 {
		return nil
	}
	return p.Queue.Send(ctx, tasks...)
}

// publish stores a plan unless one that is further stands there.
func (p *Planner) publish(ctx context.Context, id string, seg int, to plan) error {
	for {
		var from plan
		condition := table.Absent
		switch it, err := p.Table.Get(ctx, planKey(id, seg)); {
		case err == nil:
			if err := it.Decode(&from); err != nil {
				return err
			}
			if from.Shards >= to.Shards {
				return nil
			}
			condition = table.VersionIs(it.Version)
		case !errors.Is(err, table.ErrNotFound):
			return err
		}
		err := p.patiently(ctx, func() error {
			_, err := p.Table.Put(ctx, table.NewItem(planKey(id, seg), to), condition)
			return err
		})
		if !errors.Is(err, table.ErrConflict) {
			return err
		}
	}
}
