package distribution

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestObserve(t *testing.T) {
	// Each case is one slot: its letter, the attempt that the letter is about, the ledger's attempts so far, and what is seen of it.
	cases := []struct {
		name     string
		letter   byte
		try      int
		attempts int
		see      observation
		want     byte
		repeats  int
	}{
		{"answer: sent", slotOut, 1, 1, observation{attempt: 1, fate: fateSent}, slotSent, 0},
		{"answer: throttled", slotOut, 1, 1, observation{attempt: 1, fate: fateRetry}, slotRetry, 0},
		{"answer: refused", slotOut, 1, 1, observation{attempt: 1, fate: fateRefused}, slotRefused, 0},
		{"the event was faster than the answer", slotSent, 1, 1, observation{attempt: 1, fate: fateSent}, slotSent, 0},
		{"the answer says no, the event said yes", slotSent, 1, 1, observation{attempt: 1, fate: fateRefused}, slotSent, 0},
		{"the event says yes, the answer said no", slotRefused, 1, 1, observation{attempt: 1, fate: fateSent}, slotSent, 0},
		{"rendering failed after success", slotSent, 1, 1, observation{attempt: 1, fate: fateFailed}, slotFailed, 0},
		{"rendering failed before success", slotFailed, 1, 1, observation{attempt: 1, fate: fateSent}, slotFailed, 0},
		{"late event of a throttled attempt", slotRetry, 1, 1, observation{attempt: 1, fate: fateSent}, slotSent, 0},
		{"late event of the attempt before, the next is out", slotOut, 2, 2, observation{attempt: 1, fate: fateSent}, slotSent, 0},
		{"late event of the attempt before, sent since", slotSent, 2, 2, observation{attempt: 1, fate: fateSent}, slotSent, 1},
		{"late event of the attempt before, skipped since", slotSkipped, 1, 2, observation{attempt: 1, fate: fateSent}, slotSent, 0},
		{"failure of the attempt before, the next is out", slotOut, 2, 2, observation{attempt: 1, fate: fateFailed}, slotOut, 0},
		{"an old answer does not touch the next attempt", slotOut, 2, 2, observation{attempt: 1, fate: fateRetry}, slotOut, 0},
		{"never handed over", slotPlanned, 0, 1, observation{attempt: 1, fate: fateSent}, slotPlanned, 0},
		{"skipped, never handed over", slotSkipped, 0, 1, observation{attempt: 1, fate: fateBounced}, slotSkipped, 0},
		{"an attempt that was not made", slotOut, 1, 1, observation{attempt: 2, fate: fateSent}, slotOut, 0},
		{"no attempt", slotOut, 1, 1, observation{fate: fateSent}, slotOut, 0},
		{"no such slot", slotOut, 1, 1, observation{slot: 1, attempt: 1, fate: fateSent}, slotOut, 0},
		{"left alone, then seen", slotUnknown, 1, 1, observation{attempt: 1, fate: fateSent}, slotSent, 0},
		{"a bounce proves that it was sent", slotOut, 1, 1, observation{attempt: 1, fate: fateBounced}, slotSent, 0},
		{"a complaint proves that it was sent", slotOut, 1, 1, observation{attempt: 1, fate: fateComplained}, slotSent, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := ledger{Phase: phaseSending, Attempt: c.attempts, Slots: string(c.letter), Tries: []int{c.try}}
			if c.letter == slotFailed {
				l.Failures = []string{repeat(0, c.try)}
			}
			for range 2 { // everything comes twice
				l.observe(c.see)
			}
			if l.Slots != string(c.want) || len(l.Repeats) != c.repeats {
				t.Errorf("%q repeats %v, want %q, %d", l.Slots, l.Repeats, c.want, c.repeats)
			}
			bounced, complained := c.see.fate == fateBounced && c.try > 0, c.see.fate == fateComplained
			if (len(l.Bounced) == 1) != bounced || (len(l.Complained) == 1) != complained {
				t.Errorf("bounced %v, complained %v", l.Bounced, l.Complained)
			}
		})
	}
}

// TestObservationsInAnyOrder: what a mail service can truly report about some attempts leaves those slots sent of which a mail went out,
// in whatever order and however often it is reported.
func TestObservationsInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		attempts := rapid.IntRange(1, 3).Draw(t, "attempts")
		start := ledger{Phase: phaseSending, Attempt: attempts, Slots: strings.Repeat(string(slotOut), 4), Tries: []int{attempts, attempts, attempts, attempts}}
		var all []observation
		for slot := range 4 {
			for attempt := 1; attempt <= attempts; attempt++ {
				truth := rapid.SampledFrom([][]fate{
					{fateSent}, {fateSent, fateBounced}, {fateSent, fateComplained}, {fateRetry}, {fateRefused}, {fateSent, fateFailed}, {},
				}).Draw(t, "truth")
				for _, f := range truth {
					all = append(all, observation{slot, attempt, f, "why"})
				}
			}
		}
		for seed := range uint64(4) {
			r := rand.New(rand.NewPCG(seed, rapid.Uint64().Draw(t, "seed")))
			order := slices.Concat(all, all)
			r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			l := start.clone()
			for _, o := range order {
				l.observe(o)
			}
			for slot := range 4 {
				mailed := false
				for attempt := 1; attempt <= attempts; attempt++ {
					mailed = mailed || slices.Contains(all, observation{slot, attempt, fateSent, "why"}) && !slices.Contains(all, observation{slot, attempt, fateFailed, "why"})
				}
				if got := l.Slots[slot] == slotSent; got != mailed {
					t.Fatalf("slot %d of %q: mailed %v; %+v", slot, l.Slots, mailed, order)
				}
			}
		}
	})
}

func TestLedgerIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, ShardSize).Draw(t, "slots")
		l := newLedger("en", n)
		l.Attempt = 3
		for i := range n {
			letter := rapid.SampledFrom([]byte(".!srxf-?")).Draw(t, "letter")
			try := rapid.IntRange(0, 3).Draw(t, "try")
			if letter == slotPlanned {
				try = 0
			}
			l.set(i, letter, try)
		}
		b, err := json.Marshal(l.pack())
		if err != nil {
			t.Fatal(err)
		}
		var back ledger
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		back.open()
		if diff := cmp.Diff(l, back); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestRestOfALedger(t *testing.T) {
	for slots, want := range map[string]phase{"ss-xf?": phaseSettled, "s!.": phaseSending, "s.": phaseWaiting, "sr": phaseWaiting, "": phaseSettled} {
		l := ledger{Phase: phaseSending, Slots: slots, Tries: make([]int, len(slots))}
		if l.rest(); l.Phase != want {
			t.Errorf("%q: %s, want %s", slots, l.Phase, want)
		}
	}
}

func TestLedgerStaysSmall(t *testing.T) {
	l := newLedger("zh-Hant", ShardSize)
	l.Attempt, l.Claim, l.Phase, l.Until, l.Since = 1, strings.Repeat("c", 36), phaseSettled, time.Now(), time.Now()
	for i := range ShardSize {
		l.set(i, slotSent, 1)
	}
	if b, err := json.Marshal(l.pack()); err != nil || len(b) > 400 { // one write unit is 1,024 bytes, keys included
		t.Errorf("%d bytes, %v", len(b), err)
	}
}

func TestVerdict(t *testing.T) {
	l := Limits{}.orDefaults()
	cases := []struct {
		name      string
		now, base Counts
		want      Reason
	}{
		{"nothing yet", Counts{}, Counts{}, ""},
		{"all well", Counts{Sent: 1000, Bounced: 50, Complained: 1}, Counts{}, ""},
		{"bounces below the sample", Counts{Sent: 99, Bounced: 99}, Counts{}, ""},
		{"bounces", Counts{Sent: 100, Bounced: 6}, Counts{}, Bounces},
		{"exactly the limit is no more than the limit", Counts{Sent: 100, Bounced: 5}, Counts{}, ""},
		{"one complaint proves nothing", Counts{Sent: 200, Complained: 1}, Counts{}, ""},
		{"complaints", Counts{Sent: 200, Complained: 2}, Counts{}, Complaints},
		{"complaints among many", Counts{Sent: 10_000, Complained: 10}, Counts{}, ""},
		{"refusals from the first call on", Counts{Refused: 20}, Counts{}, Refusals},
		{"few refusals", Counts{Refused: 19}, Counts{}, ""},
		{"refusals among many", Counts{Sent: 900, Refused: 100}, Counts{}, ""},
		{"counted afresh after a person resumed", Counts{Sent: 150, Bounced: 60, Refused: 40}, Counts{Sent: 100, Bounced: 60, Refused: 40}, ""},
		{"and again too many", Counts{Sent: 250, Bounced: 70}, Counts{Sent: 100, Bounced: 60}, Bounces},
	}
	for _, c := range cases {
		if got := l.verdict(c.now, c.base); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestEditionFallsBack(t *testing.T) {
	s := Spec{Editions: []string{"en", "fr", "pt-BR"}, Default: "en", Formats: []string{"html", "text"}}
	for language, want := range map[string]string{"fr": "fr", "fr-CA": "fr", "pt-BR": "pt-BR", "pt": "en", "de": "en", "": "en"} {
		if got := s.edition(language); got != want {
			t.Errorf("edition(%q) = %q, want %q", language, got, want)
		}
	}
	for format, want := range map[string]string{"text": "text", "html": "html", "pdf": "html", "": "html"} {
		if got := s.format(format); got != want {
			t.Errorf("format(%q) = %q, want %q", format, got, want)
		}
	}
}

func TestPlaceOfAMail(t *testing.T) {
	ref := shardRef{"issue-3-x", 7, 123}
	tags := map[string]string{tagShard: ref.tag(), tagSlot: "49", tagAttempt: "2", tagIssue: "3"}
	if got, slot, attempt, ok := place(tags); !ok || got != ref || slot != 49 || attempt != 2 {
		t.Errorf("place(%v) = %v, %d, %d, %v", tags, got, slot, attempt, ok)
	}
	for name, value := range map[string]string{tagShard: "issue-16-000001", tagSlot: "50", tagAttempt: "0"} {
		bad := map[string]string{tagShard: ref.tag(), tagSlot: "1", tagAttempt: "1"}
		bad[name] = value
		if _, _, _, ok := place(bad); ok {
			t.Errorf("place(%v) is taken for ours", bad)
		}
	}
	if _, _, _, ok := place(nil); ok {
		t.Error("a mail without tags is taken for ours")
	}
}

func TestBlanks(t *testing.T) {
	data := map[string]string{"name": "x", "unsubscribe": "y"}
	for text, good := range map[string]bool{"Dear {{name}}, {{name}}": true, "no blank": true, "{{other}}": false, "{{ name }}": false, "a {{ b": false, "{{#if name}}": false} {
		l := Letter{}
		l.Content.HTML = text
		if err := inspect(l).check(data); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}
