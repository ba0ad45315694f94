package subscriptions

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"liaison/internal/form"
	"liaison/internal/subscription"
	"liaison/internal/web"
)

// export gives a subscriber everything that is kept about her, as JSON or CSV.
func (p *Pages) export(w http.ResponseWriter, r *http.Request, s subscription.Subscriber, as string) error {
	rec, err := p.List.Export(r.Context(), s.ID)
	if err != nil {
		return err
	}
	var body []byte
	switch as {
	case "json":
		w.Header().Set("Content-Type", "application/json")
		body, err = json.MarshalIndent(rec, "", "  ")
	case "csv":
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		body, err = recordCSV(rec)
	default:
		return web.NotFound()
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="subscription.`+as+`"`)
	_, _ = w.Write(body) // a reader who went away
	return nil
}

// recordCSV is one line per fact: when, what, value. Cells are made safe for spreadsheets.
func recordCSV(rec subscription.Record) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\uFEFF") // spreadsheets take UTF-8 for it
	c := csv.NewWriter(&b)
	line := func(at time.Time, what, value string) {
		if value == "" {
			return
		}
		when := ""
		if !at.IsZero() {
			when = at.UTC().Format(time.RFC3339)
		}
		_ = c.Write([]string{when, what, form.Cell(value)}) // a buffer takes everything
	}
	line(time.Time{}, "what", "value")
	s := rec.Subscriber
	details := func(at time.Time, prefix string, d subscription.Details) {
		line(at, prefix+"organisation", d.Organisation)
		line(at, prefix+"name", d.Name)
		line(at, prefix+"country", string(d.Country))
		line(at, prefix+"language", string(d.Language))
		line(at, prefix+"format", string(d.Format))
		line(at, prefix+"category", string(d.Category))
	}
	line(time.Time{}, "id", rec.ID)
	line(time.Time{}, "email", string(s.Email))
	details(time.Time{}, "", s.Details)
	line(time.Time{}, "kind", string(s.Kind))
	line(s.Since, "state", string(s.State))
	for _, e := range rec.Evidence {
		prefix := string(e.Act) + "."
		line(e.At, string(e.Act), "request "+strconv.Itoa(e.Round))
		line(e.At, prefix+"how", e.How)
		line(e.At, prefix+"by", e.By)
		line(e.At, prefix+"text", e.Text)
		line(e.At, prefix+"language", string(e.Language))
		if e.Given != nil {
			line(e.At, prefix+"given", e.Given.UTC().Format(time.RFC3339))
		}
		line(e.At, prefix+"about", e.About)
		line(e.At, prefix+"url", e.URL)
		if e.Details != nil {
			details(e.At, prefix, *e.Details)
		}
	}
	c.Flush()
	return b.Bytes(), c.Error()
}
