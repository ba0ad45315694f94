package desk

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strconv"
	"time"

	"liaison/internal/form"
	"liaison/internal/subscription"
	"liaison/internal/web"
)

// exportRows is how many rows one exported file may have: Lambda answers with 6 MB at most.
const exportRows = 20_000

// template is an empty list to fill in.
func (d *Subscribers) template(w http.ResponseWriter, r *http.Request) error {
	var columns []string
	for _, f := range importForm.Groups[0].Fields {
		columns = append(columns, f.Name)
	}
	return d.file(w, "subscribers-template.csv", [][]string{columns})
}

// export is the list, or what a state and kind leave of it, as CSV. A list that is too long for one file comes in segments.
func (d *Subscribers) export(w http.ResponseWriter, r *http.Request) error {
	s := searchOf(r)
	from, to := 0, subscription.Segments
	if n, err := strconv.Atoi(r.URL.Query().Get("segment")); err == nil && n >= 0 && n < subscription.Segments {
		from, to = n, n+1
	}
	rows := [][]string{{"email", "name", "organisation", "country", "language", "format", "category", "kind", "state", "since", "id"}}
	for segment := from; segment < to; segment++ {
		for after := ""; ; {
			page, next, err := d.List.Segment(r.Context(), segment, after, 1000)
			if err != nil {
				return err
			}
			for _, sub := range page {
				if s.Filter.Lets(sub) {
					rows = append(rows, exported(sub))
				}
			}
			if len(rows) > exportRows+1 && to-from > 1 {
				return &web.Error{Status: http.StatusRequestEntityTooLarge, Key: "subscribers.export.large"}
			}
			if after = next; next == "" {
				break
			}
		}
	}
	if err := d.Log.Record(r.Context(), string(d.Site.View(r).Desk.Email), "subscribers.export", "subscribers", strconv.Itoa(len(rows)-1)); err != nil {
		return err
	}
	name := "subscribers.csv"
	if to-from == 1 {
		name = "subscribers-" + strconv.Itoa(to) + "-of-" + strconv.Itoa(subscription.Segments) + ".csv"
	}
	return d.file(w, name, rows)
}

func exported(s subscription.Subscriber) []string {
	row := []string{string(s.Email), s.Name, s.Organisation, string(s.Country), string(s.Language), string(s.Format), string(s.Category), string(s.Kind), string(s.State),
		s.Since.UTC().Format(time.RFC3339), s.ID}
	for i := range row {
		row[i] = form.Cell(row[i])
	}
	return row
}

func (d *Subscribers) file(w http.ResponseWriter, name string, rows [][]string) error {
	var b bytes.Buffer
	b.WriteString("\uFEFF") // spreadsheets take UTF-8 for it
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = b.WriteTo(w) // a reader who went away
	return nil
}
