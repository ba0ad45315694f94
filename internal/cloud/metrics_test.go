package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"liaison/internal/metric"
)

// checkEmbedded holds a line against AWS's "Specification: Embedded metric format" and gives the numbers that CloudWatch makes of it.
func checkEmbedded(line []byte) (map[string]float64, error) {
	var root map[string]any
	if err := json.Unmarshal(line, &root); err != nil {
		return nil, fmt.Errorf("the line is no object: %w", err)
	}
	meta, ok := root["_aws"].(map[string]any)
	if !ok || len(meta) != 2 {
		return nil, fmt.Errorf("_aws is %v", root["_aws"])
	}
	ms, ok := meta["Timestamp"].(float64)
	if at := time.UnixMilli(int64(ms)); !ok || ms != float64(int64(ms)) || at.Year() < 2020 || at.Year() > 2100 {
		return nil, fmt.Errorf("Timestamp is %v, no milliseconds since 1970", meta["Timestamp"])
	}
	directives, ok := meta["CloudWatchMetrics"].([]any)
	if !ok || len(directives) == 0 {
		return nil, fmt.Errorf("CloudWatchMetrics is %v", meta["CloudWatchMetrics"])
	}
	out := map[string]float64{}
	for _, d := range directives {
		d, ok := d.(map[string]any)
		if !ok || len(d) != 3 {
			return nil, fmt.Errorf("a directive is %v", d)
		}
		if s, ok := d["Namespace"].(string); !ok || s == "" || len(s) > 256 || strings.HasPrefix(s, "AWS/") {
			return nil, fmt.Errorf("Namespace is %v", d["Namespace"])
		}
		sets, ok := d["Dimensions"].([]any)
		if !ok || len(sets) == 0 {
			return nil, fmt.Errorf("Dimensions is %v", d["Dimensions"])
		}
		for _, set := range sets {
			names, ok := set.([]any)
			if !ok || len(names) > 30 {
				return nil, fmt.Errorf("a set of dimensions is %v", set)
			}
			for _, n := range names {
				if v, ok := root[fmt.Sprint(n)].(string); !ok || v == "" || len(v) > 1024 {
					return nil, fmt.Errorf("dimension %v is %v", n, root[fmt.Sprint(n)])
				}
			}
		}
		defined, ok := d["Metrics"].([]any)
		if !ok || len(defined) == 0 || len(defined) > 100 {
			return nil, fmt.Errorf("%d metrics", len(defined))
		}
		for _, m := range defined {
			m, ok := m.(map[string]any)
			name, _ := m["Name"].(string)
			v, number := root[name].(float64)
			if !ok || name == "" || len(name) > 1024 || m["Unit"] != "Count" || !number {
				return nil, fmt.Errorf("metric %v is %v", m, root[name])
			}
			out[name] = v
		}
	}
	return out, nil
}

func TestCountsAreEmbeddedMetrics(t *testing.T) {
	at := time.Date(2026, 11, 22, 8, 0, 0, 5e6, time.UTC)
	var out bytes.Buffer
	ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "c6af9ac6-7b61"})
	all := metric.Counts{}
	for i, n := range metricNames(t) {
		all[n] = int64(i + 1)
	}
	m := meter(newLog(&out).Handler(), "update", func() time.Time { return at })
	m.All(ctx, all)
	numbers, err := checkEmbedded(out.Bytes())
	if err != nil || len(numbers) != len(all) {
		t.Fatalf("%d of %d numbers: %v: %s", len(numbers), len(all), err, out.String())
	}
	for n, v := range all {
		if numbers[string(n)] != float64(v) {
			t.Errorf("%s is %v, not %d", n, numbers[string(n)], v)
		}
	}
	for _, want := range []string{`"Timestamp":1795334400005`, `"Namespace":"Liaison"`, `"Dimensions":[["Programme"]]`, `"Programme":"update"`, `"level":"INFO"`, `"requestId":"c6af9ac6-7b61"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is not in %s", want, out.String())
		}
	}
}

// The check above is worth something only if it refuses.
func TestTheFormatCanBeMissed(t *testing.T) {
	good := `{"_aws":{"Timestamp":1795334400005,"CloudWatchMetrics":[{"Namespace":"Liaison","Dimensions":[["Programme"]],"Metrics":[{"Name":"Sent","Unit":"Count"}]}]},"Programme":"update","Sent":3}`
	if _, err := checkEmbedded([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{{"1795334400005", "1795334400"}, {`"Liaison"`, `""`}, {`[["Programme"]]`, `["Programme"]`}, {`"Programme":"update"`, `"Programme":7`},
		{`"Sent":3`, `"Sent":"3"`}, {`"Sent":3`, `"Kept":3`}, {`"Unit":"Count"`, `"Unit":"Mails"`}, {`"_aws"`, `"aws"`}} {
		if _, err := checkEmbedded([]byte(strings.Replace(good, change[0], change[1], 1))); err == nil {
			t.Errorf("%s in place of %s is not noticed", change[1], change[0])
		}
	}
}

func TestErrorsAreCounted(t *testing.T) {
	var out bytes.Buffer
	log := counted(newLog(&out), "update", time.Now).With("function", "desk").WithGroup("mail")
	log.WarnContext(context.Background(), "no failure")
	log.ErrorContext(context.Background(), "request failed")
	lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
	if len(lines) != 3 {
		t.Fatalf("%d lines: %s", len(lines), out.String())
	}
	numbers, err := checkEmbedded(lines[1])
	if err != nil || len(numbers) != 1 || numbers["Failures"] != 1 {
		t.Errorf("counted %v, %v: %s", numbers, err, lines[1])
	}
}

// A function counts for the programme that it belongs to, into its own log.
func TestTheWorldCounts(t *testing.T) {
	var out bytes.Buffer
	w, err := open(env(), newLog(&out), nil)
	if err != nil {
		t.Fatal(err)
	}
	w.out.Meter.One(context.Background(), metric.Answers)
	if numbers, err := checkEmbedded(out.Bytes()); err != nil || numbers["Answers"] != 1 || !strings.Contains(out.String(), `"Programme":"`+variables["LIAISON_ID"]+`"`) {
		t.Errorf("%v, %v: %s", numbers, err, out.String())
	}
	if !slog.New(counted(newLog(&out), "update", time.Now).Handler()).Enabled(context.Background(), slog.LevelInfo) {
		t.Error("a counting log is silent")
	}
}

// metricNames are the names that package metric declares.
func metricNames(t *testing.T) []metric.Name {
	t.Helper()
	var out []metric.Name
	for name := range declaredMetrics(t) {
		out = append(out, metric.Name(name))
	}
	slices.Sort(out)
	return out
}
