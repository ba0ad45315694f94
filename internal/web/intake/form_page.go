package intake

import (
	"net/http"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/form"
	"liaison/internal/programme"
	"liaison/internal/survey"
	"liaison/internal/web"
)

// maxShown is how many problems of a list a page shows.
const maxShown = 50

type formPage struct {
	*web.View
	Name     string // of the survey
	Heading  string
	Form     *form.View
	Group    form.GroupView
	V        *form.Values
	List     *attached
	Problems []string // of a list
	Wrong    int      // how many they are in all
	Others   int      // further problems that are not shown
	Columns  string   // headings that a list may have
	MaxRows  int
	Findings []form.Finding
	Survey   surveyFacts

	// Of a change:
	Of       *survey.Answer
	Action   string
	Locked   []shownRow
	Listed   int // rows of earlier lists that wait
	Withdraw form.FieldView
	Conflict bool // somebody was faster: Now is what stands there
	Now      []shownRow
	NowYou   []form.Line
}

// surveyFacts is when the survey closes and what its configuration adds.
type surveyFacts struct{ Closes, Intro string }

func (p *Pages) page(r *http.Request, f *filled, status int) *formPage {
	page := &formPage{View: p.Site.View(r), Name: f.name, V: f.v, List: f.list, MaxRows: survey.MaxList}
	page.Form = showIn(p.Site.Programme, f.v, page.P)
	page.Group, page.Findings = page.Form.Group(f.group()), page.Form.Findings()
	page.Section, page.FormID, page.Enter, page.Path, page.Query = "surveys", "survey", "check", "/surveys/"+f.name, ""
	page.Action = page.At(page.Path)
	page.Heading = page.T("survey." + f.name + ".title")
	if f.at != nil {
		page.Heading = page.T("survey.edit.title")
	}
	page.Title = page.Heading
	if status != http.StatusOK {
		page.Title = page.T("form.title.error", "Title", page.Title)
	}
	window := p.window(f.name)
	page.Survey = surveyFacts{page.DateTime(window.Closes), page.Text(window.Intro)}
	page.Wrong = len(f.problems)
	for i, problem := range f.problems {
		if i == maxShown {
			page.Others = len(f.problems) - maxShown
			break
		}
		page.Problems = append(page.Problems, f.read.Describe(page.P, problem))
	}
	var columns []string
	for _, field := range f.def.Group(f.group()).Fields {
		if field.Kind != form.Hidden {
			columns = append(columns, f.def.Word(page.P, f.group()+"."+field.Name+".label"))
		}
	}
	page.Columns = strings.Join(columns, ", ")
	return page
}

// listError is what is wrong with the list as a whole.
func (p *formPage) listError() string {
	for _, e := range p.V.Errors {
		if e.Field == "list" {
			return p.Form.Text(e)
		}
	}
	return ""
}

// Content implements web.Page.
func (p *formPage) Content() g.Node {
	return g.Group{
		g.If(!p.Conflict, p.Summary(p.Findings)),
		p.problems(),
		p.opening(),
		p.conflict(),
		p.example(),
		p.decided(),
		p.form(),
	}
}

// problems are what is wrong in a list, row by row.
func (p *formPage) problems() g.Node {
	if len(p.Problems) == 0 {
		return nil
	}
	return h.Div(h.Class("note"), h.ID("problems"),
		h.P(p.W("survey.list.problems", "Count", p.Wrong)),
		h.Ul(web.Map(p.Problems, func(text string) g.Node { return h.Li(web.Auto(), g.Text(text)) }),
			g.If(p.Others > 0, h.Li(p.W("survey.list.others", "Count", p.Others)))))
}

// opening says who asks, for what, and until when; of a change, which answer it is.
func (p *formPage) opening() g.Node {
	if p.Of != nil {
		return g.Group{
			kicker(p.View, p.Name),
			h.H1(g.Text(p.Heading)),
			h.P(h.Class("lede"), p.W("survey.edit.lede", "Reference", p.Of.Reference, "Date", p.Survey.Closes)),
		}
	}
	return g.Group{
		h.P(h.Class("kicker"), p.W("survey.kicker", "Date", p.Survey.Closes)),
		h.H1(g.Text(p.Heading)),
		h.P(h.Class("lede"), g.Text(p.T("survey."+p.Name+".lede")+" "+p.T("survey."+p.Name+".promise"))),
		g.If(p.Survey.Intro != "", h.P(g.Text(p.Survey.Intro))),
		h.P(h.Class("soft"), p.W("survey.asks", "Group", p.View.Group()), g.Text(" "), p.Secretariat()),
	}
}

// conflict shows what stands there now, where somebody was faster.
func (p *formPage) conflict() g.Node {
	if !p.Conflict {
		return nil
	}
	return g.Group{
		p.Alert("survey.edit.conflict", h.P(p.W("survey.edit.conflict.more"))),
		h.H2(p.W("survey.edit.now")), web.Lines(p.NowYou), rows(p.View, p.Now),
		h.H2(p.W("survey.edit.yours")),
	}
}

// example is the sample row that the paper form gave.
func (p *formPage) example() g.Node {
	sample := p.sample()
	if p.Of != nil || sample == nil {
		return nil
	}
	return h.Div(h.Class("sample"),
		h.H2(h.Class("kicker"), p.W("survey.sample.title")),
		h.Dl(h.Class("lines"), web.Map(sample, func(line [2]string) g.Node {
			return h.Div(h.Dt(p.W("survey."+p.Name+"."+groupOf(p.Name)+"."+line[0]+".label")), h.Dd(g.Text(line[1])))
		})))
}

// sample pairs fields with what stands in them in the example; nil where the paper form had none.
func (p *formPage) sample() [][2]string {
	switch p.Name {
	case programme.Subscribers:
		return [][2]string{{"name", p.T("survey.subscribers.sample.name")}, {"email", "hello@brightwater.example"},
			{"url", "https://www.brightwater.example"}, {"about", p.T("survey.subscribers.sample.about")}}
	case programme.Questions:
		return [][2]string{{"question", p.T("survey.questions.sample.question")}, {"answer", p.T("survey.questions.sample.answer")}}
	}
	return nil
}

// decided are the rows that can no longer be changed.
func (p *formPage) decided() g.Node {
	if len(p.Locked) == 0 {
		return nil
	}
	return g.Group{p.rowsHeading(), h.P(p.W("survey.edit.locked")), rows(p.View, p.Locked)}
}

func (p *formPage) rowsHeading() g.Node {
	return h.H2(p.W("survey." + p.Name + "." + p.Group.Name + ".heading"))
}

func (p *formPage) form() g.Node {
	return h.Form(h.ID("survey"), h.Method("post"), web.Action(p.Action), h.EncType("multipart/form-data"), web.NoValidate(), housekeeping(p.View, p.V),
		web.Named(p.Form, "upload", "draft", "version"),
		g.If(len(p.Locked) == 0, p.rowsHeading()),
		web.Group(p.Group),
		g.Iff(p.Name == programme.Events, func() g.Node { return web.Countries(p.Form) }),
		g.Iff(p.Listed > 0, p.earlierLists),
		h.H2(p.W("survey.list.legend")),
		p.list(),
		p.respondent(),
		h.P(h.Class("soft"), p.W("survey.privacy"), g.Text(" "), web.A(p.At("/privacy"), p.T("survey.privacy.link"))),
		p.buttons(),
		h.P(p.W("survey.thanks")))
}

// earlierLists tells of lists that came before a change, whose rows can be taken back.
func (p *formPage) earlierLists() g.Node {
	return g.Group{
		h.H2(p.W("survey.edit.list")),
		h.P(p.W("survey.edit.list.waiting", "Count", p.Listed)),
		web.Field(p.Withdraw),
	}
}

// list is the list that goes along, or the field that takes one.
func (p *formPage) list() g.Node {
	if p.List == nil {
		return p.file()
	}
	return h.Div(h.Class("note"), h.ID("f-list"),
		h.P(h.Strong(web.Auto(), p.W("survey.list.attached", "Name", p.List.Name, "Count", len(p.List.Rows)))),
		p.List.notes(p.View),
		h.P(p.W("survey.list.both"), g.Text(" "),
			h.Button(h.Class("quiet stop"), h.Name("action"), h.Value("drop-list"), h.FormNoValidate(), p.W("survey.list.remove"))))
}

// lists are the kinds of files that may be chosen.
const lists = ".csv,.tsv,.txt,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

func (p *formPage) file() g.Node {
	wrong := p.listError()
	text := wrong
	if len(p.Problems) > 0 {
		text += ". " + p.T("survey.list.again")
	}
	return h.Div(web.Class("field", web.When(wrong != "", "wrong")),
		h.Label(h.For("f-list"), p.W("survey.list.label"), g.Text(" "), h.Span(h.Class("opt"), p.W("form.optional"))),
		h.P(h.Class("hint"), h.ID("f-list-hint"), p.W("survey.list.hint", "Rows", p.MaxRows, "Columns", p.Columns)),
		g.If(wrong != "", h.P(h.Class("error"), h.ID("f-list-error"), g.Text(text))),
		p.FileInput(h.Accept(lists), web.Described("f-list-hint", web.When(wrong != "", "f-list-error"))))
}

func (p *formPage) respondent() g.Node {
	return g.Group{
		h.H2(p.W("survey.you")),
		h.Div(h.Class("row"),
			h.Div(h.Class("pair"), web.Named(p.Form, "respondent.name", "respondent.organisation")),
			web.Named(p.Form, "respondent.country", "respondent.email")),
	}
}

func (p *formPage) buttons() g.Node {
	if p.Of != nil {
		return web.Acts(
			h.Button(h.Name("action"), h.Value("submit"), p.W("survey.edit.send")), g.Text(" "),
			web.A(p.Action, p.T("survey.edit.leave")))
	}
	return web.Acts(
		h.Button(h.Name("action"), h.Value("check"), p.W("survey.check")), g.Text(" "),
		h.Button(h.Class("plain"), h.Name("action"), h.Value("save"), h.FormNoValidate(), p.W("survey.save")))
}
