// Command costs writes the table of infra/runbook.md that says what a month costs.
//
//	go run ./infra/costs
//
// The prices are AWS's list prices for us-east-1, in US dollars, as named below; who deploys elsewhere adds 5 to 20 per cent. The amounts are
// measured where "measured" is said, and guessed where not: change them here and put the table into the runbook, which a test holds to it.
package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// price of one unit. Free units a month are those that do not end after a year.
type price struct {
	what    string
	dollars float64 // for each per
	per     float64
	free    float64
	source  string
}

// SES and DynamoDB: AWS price list of 2026-07-22. The others: AWS's price pages as known in November 2026; read them again before relying on cents.
var (
	mail       = price{"SES, mails, without a plan", 0.10, 1e3, 0, "aws.amazon.com/ses/pricing"}
	writes     = price{"DynamoDB, write units", 0.625, 1e6, 0, "aws.amazon.com/dynamodb/pricing/on-demand"}
	reads      = price{"DynamoDB, read units", 0.125, 1e6, 0, "aws.amazon.com/dynamodb/pricing/on-demand"}
	storage    = price{"DynamoDB, GB kept", 0.25, 1, 25, "aws.amazon.com/dynamodb/pricing/on-demand"}
	recovery   = price{"DynamoDB, GB that can be restored", 0.20, 1, 0, "aws.amazon.com/dynamodb/pricing/on-demand"}
	calls      = price{"Lambda, calls", 0.20, 1e6, 1e6, "aws.amazon.com/lambda/pricing"}
	compute    = price{"Lambda, GB-seconds on arm64", 0.0000133334, 1, 400e3, "aws.amazon.com/lambda/pricing"}
	requests   = price{"API Gateway, HTTP requests", 1.00, 1e6, 0, "aws.amazon.com/api-gateway/pricing"}
	messages   = price{"SQS, requests", 0.40, 1e6, 1e6, "aws.amazon.com/sqs/pricing"}
	reports    = price{"SNS, reports of SES", 0.50, 1e6, 1e6, "aws.amazon.com/sns/pricing"}
	logs       = price{"CloudWatch, GB of logs", 0.50, 1, 5, "aws.amazon.com/cloudwatch/pricing"}
	metrics    = price{"CloudWatch, metrics", 0.30, 1, 10, "aws.amazon.com/cloudwatch/pricing"}
	alarms     = price{"CloudWatch, alarms", 0.10, 1, 10, "aws.amazon.com/cloudwatch/pricing"}
	traces     = price{"X-Ray, traces", 5.00, 1e6, 100e3, "aws.amazon.com/xray/pricing"}
	secrets    = price{"Secrets Manager, secrets", 0.40, 1, 0, "aws.amazon.com/secrets-manager/pricing"}
	secretRead = price{"Secrets Manager, readings", 0.05, 1e4, 0, "aws.amazon.com/secrets-manager/pricing"}
)

// programme is one size.
type programme struct {
	subscribers float64
	perSecond   float64 // sending rate that SES grants; the workers wait for it, and waiting is billed
}

var sizes = []programme{{300, 14}, {10e3, 14}, {1e6, 200}}

// What a month holds: one issue to everybody, and the readers and the secretariat at its pages.
const (
	readUnits   = 1.15  // a recipient; measured by make bench
	writeUnits  = 0.142 // a recipient; measured by make bench
	shard       = 50    // recipients
	events      = 1     // of SES for each mail: that it is sent; bounces and complaints are few
	eventBatch  = 10    // events that one call of feedback takes, when there are many
	memory      = 0.5   // GB, of each function
	kept        = 6e-6  // GB for a subscriber with her consent, in the table and its two indexes
	views       = 0.5   // requests to the site for each subscriber
	household   = 20e3  // requests to the site whoever subscribes: the desk, robots, the curious
	pageUnits   = 4     // read units a request
	pageTime    = 0.03  // seconds
	singleTime  = 0.15  // seconds; it waits for SES
	line        = 700e-9
	minutes     = 30 * 24 * 60
	ticks       = 2     // clock and press, every minute
	tick        = 0.1   // seconds of each
	tickUnits   = 12    // read units of both, every minute
	pollers     = 4 * 5 // queues, and the pollers that Lambda keeps at each, asking every 20 seconds
	singles     = 2000  // single mails whoever subscribes: receipts, confirmations, sign-ins; a message and a call for each
	numbers     = 15    // internal/metric
	watchers    = 29    // alarms of template.yaml
	keyReadings = 3     // functions that are alive at a time; each reads its keys every five minutes
)

// use is how much of each a month takes.
type use struct {
	price
	amount float64
}

func month(p programme) []use {
	n := p.subscribers
	shards := n / shard * 1.02 // a few are not full; measured by make bench
	each := max(0.3, shard/(p.perSecond/2))
	hits := household + views*n
	batches := n * events / eventBatch
	return []use{
		{mail, n + singles}, {reads, n*readUnits + hits*pageUnits + minutes*tickUnits}, {writes, n * writeUnits}, {storage, n * kept}, {recovery, n * kept},
		{calls, shards + batches + hits + ticks*minutes + singles + 16},
		{compute, memory * (shards*each + batches*0.03 + singles*singleTime + hits*pageTime + ticks*minutes*tick)},
		{requests, hits}, {messages, shards*3 + singles*3 + n*events*1.2 + pollers*minutes*3}, {reports, (n + singles) * events},
		{logs, (hits*2 + shards + batches + ticks*minutes) * line}, {metrics, numbers}, {alarms, watchers}, {traces, ticks*minutes + 0.05*(hits+shards+batches)},
		{secrets, 1}, {secretRead, keyReadings * minutes / 5},
	}
}

// cost in dollars, at the list price and with what is free for good.
func (u use) cost() (list, paid float64) {
	return u.amount / u.per * u.dollars, max(0, u.amount-u.free) / u.per * u.dollars
}

func total(uses []use) (list, paid float64) {
	for _, u := range uses {
		l, p := u.cost()
		list, paid = list+l, paid+p
	}
	return list, paid
}

func main() { table(os.Stdout) }

func table(out io.Writer) {
	months := make([][]use, len(sizes))
	fmt.Fprint(out, "| | a unit |")
	for i, p := range sizes {
		months[i] = month(p)
		fmt.Fprintf(out, " %s subscribers |", count(p.subscribers))
	}
	fmt.Fprintf(out, "\n|---|---|%s\n", strings.Repeat("---:|", len(sizes)))
	for k, u := range months[0] {
		fmt.Fprintf(out, "| %s | $%s for %s |", u.what, trim(u.dollars), count(u.per))
		for _, m := range months {
			list, _ := m[k].cost()
			fmt.Fprintf(out, " %s = $%.2f |", count(m[k].amount), list)
		}
		fmt.Fprintln(out)
	}
	for _, row := range []struct {
		name string
		of   func(list, paid float64) float64
	}{
		{"**At the list price**", func(list, _ float64) float64 { return list }},
		{"**With what is free for good**", func(_, paid float64) float64 { return paid }},
	} {
		fmt.Fprintf(out, "| %s | |", row.name)
		for _, m := range months {
			fmt.Fprintf(out, " **$%.2f** |", row.of(total(m)))
		}
		fmt.Fprintln(out)
	}
}

func trim(v float64) string {
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.10f", v), "0"), ".")
}

// count writes a number as a person reads it.
func count(v float64) string {
	if v < 10 && v != float64(int64(v)) {
		return trim(float64(int64(v*1000+0.5)) / 1000)
	}
	s := fmt.Sprintf("%.0f", v)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
