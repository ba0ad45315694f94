package desk

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"hash/crc32"
	"net/http"
	"strconv"
	"time"

	"liaison/internal/form"
	"liaison/internal/subscription"
	"liaison/internal/web"
)

const (
	// exportRows is how many rows a part of the list is meant to have.
	exportRows = 15_000
	// exportBytes is how large it may be: Lambda answers with 6 MB at most.
	exportBytes = 5 << 20
	exportParts = 64 * subscription.Segments // more than anybody downloads
)

// partsOf is in how many files a list of so many comes: one, or a number for each segment.
func partsOf(total int) int {
	if total <= exportRows {
		return 1
	}
	return subscription.Segments * ((total + subscription.Segments*exportRows - 1) / (subscription.Segments * exportRows))
}

// slice is one part of the list: the subscribers of some segments whose ids fall to it. Ids fall evenly whatever they look like.
type slice struct{ from, to, n, of int }

// sliceOf reads ?part=3&of=32, from 1 on; without them it is the whole list.
func sliceOf(r *http.Request) (s slice, name string, ok bool) {
	q := r.URL.Query()
	if !q.Has("part") && !q.Has("of") {
		return slice{0, subscription.Segments, 0, 1}, "subscribers.csv", true
	}
	part, err := strconv.Atoi(q.Get("part"))
	of, err2 := strconv.Atoi(q.Get("of"))
	if err != nil || err2 != nil || of < 1 || of > exportParts || of%subscription.Segments != 0 || part < 1 || part > of {
		return slice{}, "", false
	}
	segment := (part - 1) % subscription.Segments
	return slice{segment, segment + 1, (part - 1) / subscription.Segments, of / subscription.Segments}, fmt.Sprintf("subscribers-%d-of-%d.csv", part, of), true
}

func (s slice) has(id string) bool {
	return int(crc32.ChecksumIEEE([]byte(id))%uint32(s.of)) == s.n // another hash than the segments'
}

// template is an empty list to fill in.
func (d *Subscribers) template(w http.ResponseWriter, r *http.Request) error {
	var columns []string
	for _, f := range importForm.Groups[0].Fields {
		columns = append(columns, f.Name)
	}
	newFile(columns).send(w, "subscribers-template.csv")
	return nil
}

// export is the list, or what a state and kind leave of it, as CSV. A list that is too long for one file comes in parts.
func (d *Subscribers) export(w http.ResponseWriter, r *http.Request) error {
	part, name, ok := sliceOf(r)
	if !ok {
		return &web.Error{Status: http.StatusBadRequest, Key: "error.malformed"}
	}
	f := newFile([]string{"email", "name", "organisation", "country", "language", "format", "category", "kind", "state", "since", "id"})
	filter := searchOf(r).Filter
	for segment := part.from; segment < part.to; segment++ {
		for after := ""; ; {
			page, next, err := d.List.Segment(r.Context(), segment, after, 1000)
			if err != nil {
				return err
			}
			for _, sub := range page {
				if part.has(sub.ID) && filter.Lets(sub) {
					f.row(exported(sub))
				}
			}
			if f.Len() > exportBytes {
				return &web.Error{Status: http.StatusRequestEntityTooLarge, Key: "subscribers.export.large"}
			}
			if after = next; next == "" {
				break
			}
		}
	}
	if err := d.Log.Record(r.Context(), string(d.Site.View(r).Desk.Email), "subscribers.export", "subscribers", strconv.Itoa(f.rows)); err != nil {
		return err
	}
	f.send(w, name)
	return nil
}

func exported(s subscription.Subscriber) []string {
	row := []string{string(s.Email), s.Name, s.Organisation, string(s.Country), string(s.Language), string(s.Format), string(s.Category), string(s.Kind), string(s.State),
		s.Since.UTC().Format(time.RFC3339), s.ID}
	for i := range row {
		row[i] = form.Cell(row[i])
	}
	return row
}

// file is a CSV file in the making.
type file struct {
	bytes.Buffer
	csv  *csv.Writer
	rows int
}

func newFile(head []string) *file {
	f := &file{}
	f.WriteString("\uFEFF") // spreadsheets take UTF-8 for it
	f.csv = csv.NewWriter(&f.Buffer)
	f.row(head)
	f.rows = 0
	return f
}

func (f *file) row(cells []string) {
	_ = f.csv.Write(cells) // a buffer takes everything
	f.csv.Flush()
	f.rows++
}

func (f *file) send(w http.ResponseWriter, name string) {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = f.WriteTo(w) // a reader who went away
}
