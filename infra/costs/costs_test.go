package main

import (
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"liaison/internal/sam"
)

// The runbook shows what this program writes.
func TestTheRunbookShowsTheTable(t *testing.T) {
	var want strings.Builder
	table(&want)
	text, err := os.ReadFile("../runbook.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), want.String()) {
		t.Errorf("infra/runbook.md does not hold this table:\n%s", want.String())
	}
}

// What the template orders is what is counted here.
func TestTheTemplateOrdersWhatIsCounted(t *testing.T) {
	template, err := sam.Read("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(template.Resources("AWS::CloudWatch::Alarm")); n != watchers {
		t.Errorf("%d alarms are counted, there are %d", watchers, n)
	}
	each := 0 // reports of a mail that nothing befalls
	for _, r := range template.Resources("AWS::SES::ConfigurationSetEventDestination") {
		for _, kind := range r.At("EventDestination", "MatchingEventTypes").List() {
			if slices.Contains([]string{"send", "delivery"}, kind.Value) {
				each++
			}
		}
	}
	if each != events {
		t.Errorf("%d reports of each mail are counted, SES sends %d", events, each)
	}
}

func TestTheArithmetic(t *testing.T) {
	u := use{price{dollars: 0.40, per: 1e6, free: 1e6}, 3e6}
	if list, paid := u.cost(); math.Abs(list-1.2) > 1e-9 || math.Abs(paid-0.8) > 1e-9 {
		t.Errorf("three million cost %v, beyond the first million %v", list, paid)
	}
	u.amount = 5
	if list, paid := u.cost(); list <= 0 || paid != 0 {
		t.Errorf("five cost %v, %v", list, paid)
	}
}

// What an issue costs beside SES's own price: DESIGN asks for one per cent at most. What does not grow with it, and what each report of SES costs,
// is told apart.
func TestAnIssueCostsLittleBesideItsMails(t *testing.T) {
	amount := func(p programme, what price) float64 {
		for _, u := range month(p) {
			if u.what == what.what {
				list, _ := u.cost()
				return list
			}
		}
		t.Fatal(what.what)
		return 0
	}
	small, large := sizes[0], sizes[2]
	var grows float64
	for _, what := range []price{reads, writes, calls, compute, logs} {
		grows += amount(large, what) - amount(small, what)
	}
	if mails := amount(large, mail); grows > 0.015*mails {
		t.Errorf("tables and functions cost $%.2f beside $%.2f for the mails", grows, mails)
	}
	if list, _ := total(month(small)); list > 12 {
		t.Errorf("a small programme costs $%.2f a month", list)
	}
}

func TestNumbersAreReadable(t *testing.T) {
	for v, want := range map[float64]string{0.0018: "0.002", 6: "6", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := count(v); got != want {
			t.Errorf("%v is written %s", v, got)
		}
	}
}
