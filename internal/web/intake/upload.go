package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"liaison/internal/form"
	"liaison/internal/form/list"
	"liaison/internal/link"
	"liaison/internal/people"
	"liaison/internal/survey"
	"liaison/internal/table"
	"liaison/internal/words"
)

// attached is a list whose rows are all right. It waits as a draft between the page that takes the file and the one that sends it.
type attached struct {
	Name    string     `json:"name"`
	Rows    []form.Row `json:"rows"`
	Lines   []int      `json:"lines"` // row in the file, for each of Rows
	Unknown []string   `json:"unknown,omitempty"`
	Merged  int        `json:"merged,omitempty"` // rows left out because they repeat others
}

// attach reads the list that came with the request, or finds the one that was uploaded before. Findings go into f.
func (p *Pages) attach(ctx context.Context, f *filled, w *words.Printer) error {
	if f.v.File == nil {
		return p.attachEarlier(ctx, f)
	}
	format := list.Format{Def: f.def, Group: f.group(), Max: survey.MaxList, Value: func(field, cell string) (string, bool) {
		return topicNamed(p.Site.Programme, field, cell)
	}}
	f.v.Set("upload", "")
	l, err := format.Read(f.v.File)
	var unfit *list.Error
	if errors.As(err, &unfit) {
		f.v.Errors = append(f.v.Errors, unfit.Finding(w))
		return nil
	}
	if err != nil {
		return err
	}
	f.read, f.problems = l, l.Check()
	for _, line := range l.Lines {
		if backwards(line.Row) {
			f.problems = append(f.problems, list.Problem{N: line.N, Field: "end", Error: form.Error{Key: "survey.events.events.end.error.order"}})
		}
	}
	if len(f.problems) > 0 {
		f.v.Fail("list", "survey.list.problem", "Count", len(f.problems))
		return nil
	}
	f.list = &attached{Name: l.Name, Unknown: l.Unknown}
	for _, line := range l.Lines {
		f.list.Rows, f.list.Lines = append(f.list.Rows, line.Row), append(f.list.Lines, line.N)
	}
	return nil
}

func (p *Pages) attachEarlier(ctx context.Context, f *filled) error {
	token := f.v.Get("upload")
	if token == "" {
		return nil
	}
	d, err := p.Surveys.OpenDraft(ctx, token)
	if errors.Is(err, table.ErrNotFound) || errors.Is(err, link.ErrForged) || errors.Is(err, link.ErrExpired) || err == nil && d.Survey != "list/"+f.name {
		f.v.Set("upload", "")
		f.v.Fail("list", "survey.list.gone")
		return nil
	}
	if err != nil {
		return err
	}
	f.list = &attached{}
	return json.Unmarshal(d.Data, f.list)
}

// hold keeps the list that came with this request for the pages that follow.
func (p *Pages) hold(ctx context.Context, f *filled) error {
	if f.list == nil || f.v.Get("upload") != "" {
		return nil
	}
	data, err := json.Marshal(f.list)
	if err != nil {
		return fmt.Errorf("intake: encode list: %w", err)
	}
	until := p.Site.Now().Add(survey.UploadLife)
	d := survey.Draft{ID: p.Site.NewID(), Survey: "list/" + f.name, Data: data}
	if err := p.Surveys.SaveDraft(ctx, d, until); err != nil {
		return err
	}
	f.v.Set("upload", p.Surveys.DraftToken(d.ID, until))
	return nil
}

// check holds what was typed against the rules, those between fields and rows too, and merges what the list repeats.
func (f *filled) check() {
	group := f.def.Group(f.group())
	if f.v.File != nil || f.list != nil || f.stands {
		group.Min = 0
	}
	fromList := f.v.Errors
	f.v.Errors = nil
	f.v.Check()
	f.v.Errors = append(f.v.Errors, fromList...)
	rows := f.v.Filled(group.Name)
	if len(rows) > group.Max {
		return
	}
	for i, r := range rows {
		if backwards(r) {
			f.v.Fail(fmt.Sprintf("%s.%d.end", group.Name, i), "survey.events.events.end.error.order")
		}
	}
	if !f.v.OK() {
		return
	}
	typed := entriesOf(f.name, rows)
	first := group.Fields[0].Name
	if f.name == "subscribers" {
		first = "email"
	}
	repeats := survey.Repeats(typed)
	for i := range typed {
		if at, again := repeats[i]; again {
			f.v.Fail(fmt.Sprintf("%s.%d.%s", group.Name, i, first), "survey."+f.name+".duplicate", "Row", at+1)
		}
	}
	if f.list != nil {
		f.merge(typed)
	}
}

// merge leaves out the rows of the list that repeat a typed row or an earlier row of the list.
func (f *filled) merge(typed []survey.Entry) {
	repeats := survey.Repeats(append(typed[:len(typed):len(typed)], entriesOf(f.name, f.list.Rows)...))
	kept := &attached{Name: f.list.Name, Unknown: f.list.Unknown, Merged: f.list.Merged}
	for i, r := range f.list.Rows {
		if _, again := repeats[len(typed)+i]; again {
			kept.Merged++
			continue
		}
		kept.Rows, kept.Lines = append(kept.Rows, r), append(kept.Lines, f.list.Lines[i])
	}
	f.list = kept
}

// backwards tells an event that ends before it starts. Both must be dates to compare.
func backwards(r form.Row) bool {
	start, end := r.Date("start"), r.Date("end")
	return !start.IsZero() && !end.IsZero() && end.Before(start)
}

// listed is the list as the domain takes it.
func (f *filled) listed() *survey.Listed {
	if f.list == nil || len(f.list.Rows) == 0 {
		return nil
	}
	return &survey.Listed{Name: people.OneLine(f.list.Name), Entries: entriesOf(f.name, f.list.Rows), Lines: f.list.Lines}
}
