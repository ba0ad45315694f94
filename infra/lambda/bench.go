package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"liaison/infra/lambda/deployment"
	"liaison/infra/lambda/endpoint"
	"liaison/infra/lambda/sandbox"
	"liaison/infra/local/queue"
)

// goal is how much longer than hello's a cold start of ours may take.
const goal = 1.3

// first are the events that the functions are measured by: a page that anybody may open, or the smallest message.
var first = map[string]string{
	"intake": "/en/surveys", "subscriptions": "/en/subscribe", "presenters": "/en/presenters/registration?link=v4.local.forged",
	"recommend": "/en/events/1/presenters?link=v4.local.forged", "publications": "/en/", "desk": "/desk/sign-in", "press": "/desk/issues/1/editions/en/none",
}

// event is the first event of a function.
func event(d *deployment.Deployment, folder string) ([]byte, error) {
	message := func(queueID, body string) ([]byte, error) {
		return json.Marshal(d.SQSEvent(d.Known[queueID+".Arn"], []queue.Message{{ID: 1, Body: []byte(body), Sent: time.Now(), Receives: 1}}))
	}
	switch folder {
	case "clock":
		return d.TickEvent("bench"), nil
	case "fanout":
		return message("PlanQueue", `{"v":1,"kind":"plan","distribution":"none","segment":1}`)
	case "deliver":
		return message("DeliverQueue", `{"v":1,"kind":"deliver","distribution":"none","segment":1,"shard":1}`)
	case "feedback":
		return message("FeedbackQueue", `{"Type":"Notification","Message":"{\"eventType\":\"Delivery\",\"mail\":{\"messageId\":\"1\",\"timestamp\":\"2026-11-22T00:00:00.000Z\",\"tags\":{}},\"delivery\":{}}"}`)
	}
	path, query, _ := strings.Cut(first[folder], "?")
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: path, RawQueryString: query, Headers: map[string]string{"host": strings.TrimPrefix(d.Base, "http://"), "accept": "text/html"}}
	e.RequestContext.Stage, e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path, e.RequestContext.HTTP.SourceIP = "$default", "GET", path, "127.0.0.1"
	return json.Marshal(e)
}

// kinds of hello by the clients that a function's rights show it to have.
func kindOf(d *deployment.Deployment, folder string) (tags string, err error) {
	list, err := d.Template.Functions()
	if err != nil {
		return "", err
	}
	for _, f := range list {
		if f.Folder != folder {
			continue
		}
		statements, err := d.Rights(f)
		if err != nil {
			return "", err
		}
		var out []string
		for _, s := range statements {
			for client, action := range map[string]string{"hello_ses": "ses:", "hello_sqs": "sqs:SendMessage"} {
				if slices.ContainsFunc(s.Actions, func(a string) bool { return strings.HasPrefix(a, action) }) && !slices.Contains(out, client) {
					out = append(out, client)
				}
			}
		}
		slices.Sort(out)
		return strings.Join(out, ","), nil
	}
	return "", fmt.Errorf("no function %s", folder)
}

// measured are the times of one function.
type measured struct{ cold, warm []time.Duration }

// measure takes turns, so that what else the machine does meets all alike.
func measure(ctx context.Context, pools map[string]*sandbox.Pool, of map[string][]byte, times int) (map[string]*measured, error) {
	out := map[string]*measured{}
	const rounds = 20 // warm calls of each process
	for range times {
		for name, p := range pools {
			m := out[name]
			if m == nil {
				m = &measured{}
				out[name] = m
			}
			for n := range rounds + 1 {
				began := time.Now()
				if _, err := p.Invoke(ctx, of[name]); err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
				if took := time.Since(began); n == 0 {
					m.cold = append(m.cold, took)
				} else {
					m.warm = append(m.warm, took)
				}
			}
			p.KillAll()
		}
	}
	return out, nil
}

func median(list []time.Duration) time.Duration { return quantile(list, 0.5) }

// quantile sorts list.
func quantile(list []time.Duration, q float64) time.Duration {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[min(int(q*float64(len(list))), len(list)-1)]
}

// bench prints the cold start of each function, from the start of its process to its first answer, beside that of hello with the same
// clients and the same first reads.
func bench(ctx context.Context, o options) error {
	d, done, err := up(ctx, deployment.Options{Workers: 1, Fixed: true})
	if err != nil {
		return err
	}
	defer done()
	d.Endpoint.Hook(endpoint.Hooks{})
	pools, of, hellos := map[string]*sandbox.Pool{}, map[string][]byte{}, map[string]string{}
	for folder := range d.Functions {
		if of[folder], err = event(d, folder); err != nil {
			return err
		}
		tags, err := kindOf(d, folder)
		if err != nil {
			return err
		}
		pools[folder] = d.Functions[folder]
		hello := "hello(" + tags + ")"
		hellos[folder], of[hello] = hello, []byte("{}")
		if pools[hello] != nil {
			continue
		}
		f := d.Functions[folder].Function
		f.Name, f.Log = hello, io.Discard
		if f.Binary, err = buildHello(ctx, d.Bin, tags); err != nil {
			return err
		}
		pools[hello] = sandbox.New(f)
		defer pools[hello].Close()
	}
	got, err := measure(ctx, pools, of, o.times)
	if err != nil {
		return err
	}
	report(os.Stdout, d, got, hellos, o.times)
	return nil
}

func buildHello(ctx context.Context, dir, tags string) (string, error) {
	own := filepath.Join(dir, strings.ReplaceAll("hello_"+tags, ",", "_"))
	return filepath.Join(own, "hello"), deployment.BuildWith(ctx, ".", own, tags, "./infra/lambda/hello")
}

func report(w io.Writer, d *deployment.Deployment, got map[string]*measured, hellos map[string]string, times int) {
	fmt.Fprintf(w, "From the start of a process to its first answer (cold), and later answers to the same event (warm): medians of %d processes.\n", times)
	fmt.Fprintf(w, "hello has the same clients, and reads the same item and secret at its start. start is cold less warm, what the start alone costs;\n")
	fmt.Fprintf(w, "its goal is at most %.1f × hello's. What an event costs (a page, or the minute's look at everything) is warm.\n\n", goal)
	fmt.Fprintf(w, "  %-14s %6s  %9s %9s %6s   %9s %9s %6s   %9s %9s\n", "function", "MB", "cold", "hello", "ratio", "start", "hello", "ratio", "warm", "hello")
	ms := func(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
	for _, folder := range slices.Sorted(maps.Keys(hellos)) {
		cold, warm := median(got[folder].cold), median(got[folder].warm)
		helloCold, helloWarm := median(got[hellos[folder]].cold), median(got[hellos[folder]].warm)
		size, mark := 0.0, ""
		if info, err := os.Stat(filepath.Join(d.Bin, folder)); err == nil {
			size = float64(info.Size()) / (1 << 20)
		}
		ratio := float64(cold-warm) / float64(helloCold-helloWarm)
		if ratio > goal {
			mark = "  over the goal"
		}
		fmt.Fprintf(w, "  %-14s %6.1f  %9s %9s %6.2f   %9s %9s %6.2f   %9s %9s%s\n", folder, size, ms(cold), ms(helloCold), float64(cold)/float64(helloCold),
			ms(cold-warm), ms(helloCold-helloWarm), ratio, ms(warm), ms(helloWarm), mark)
	}
}
