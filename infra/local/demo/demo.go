// Package demo is a fictitious committee to look at: a working group that writes a guide to responsible stewardship, its
// newsletter, the organisations around it, its experts and the events that they could speak at.
//
// Nothing in it is real but the names of places; all addresses are of reserved domains. What may enter: texts and lists worth reading, and
// the Seeder that tells them to the programme through its own addresses, as people would, over seven weeks of the programme's clock.
package demo

import (
	"embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/words"
)

//go:embed content
var content embed.FS

// History is how long before the first start the demo's story begins.
const History = 50 * 24 * time.Hour

// Programme is the demo committee as configured at start.
func Programme(start time.Time) *programme.Programme {
	p := config()
	opens := day(start, -60)
	p.Surveys = map[string]programme.Survey{
		programme.Subscribers: {Opens: opens, Closes: day(start, 45), Intro: intro},
		programme.Events:      {Opens: opens, Closes: day(start, 90)},
		programme.Questions:   {Opens: opens, Closes: day(start, 30)},
	}
	return p
}

// Empty is a programme that begins: the same configuration, one secretary, three surveys open for a year, and no data.
func Empty(start time.Time) *programme.Programme {
	p := config()
	p.Secretariat = p.Secretariat[:1]
	p.Surveys = map[string]programme.Survey{}
	for _, name := range programme.Surveys {
		p.Surveys[name] = programme.Survey{Opens: start.Truncate(time.Hour), Closes: start.Truncate(time.Hour).AddDate(1, 0, 0)}
	}
	return p
}

var intro = programme.Text{
	"en": "The communication task group asks, so that those who are concerned hear of the guide while it is being written.",
	"fr": "Le groupe chargé de la communication pose la question afin que les intéressés entendent parler du guide pendant sa rédaction.",
	"es": "Pregunta el grupo de comunicación, para que quienes tienen interés sepan de la guía mientras se redacta.",
	"ru": "Спрашивает целевая группа по связям, чтобы те, кого это касается, узнали о руководстве, пока оно пишется.",
}

func config() *programme.Programme {
	var p programme.Programme
	load("programme.json", &p)
	return &p
}

// day is midnight UTC so many days after start.
func day(start time.Time, days int) time.Time {
	return start.UTC().Truncate(24*time.Hour).AddDate(0, 0, days)
}

// load reads an embedded JSON file; that they are well formed is tested.
func load(name string, into any) {
	if err := json.Unmarshal(file(name), into); err != nil {
		panic(fmt.Sprintf("demo: %s: %v", name, err))
	}
}

func file(name string) []byte {
	data, err := content.ReadFile("content/" + name)
	if err != nil {
		panic("demo: " + err.Error())
	}
	return data
}

// table reads an embedded CSV file with its header row.
func table(name string) [][]string {
	rows, err := csv.NewReader(strings.NewReader(string(file(name)))).ReadAll()
	if err != nil {
		panic(fmt.Sprintf("demo: %s: %v", name, err))
	}
	return rows
}

func write(rows [][]string) []byte {
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := w.WriteAll(rows); err != nil {
		panic("demo: " + err.Error()) // into memory
	}
	return []byte(b.String())
}

// subscribers is the list that the secretariat had on paper, with the day of each consent.
func subscribers(start time.Time) []byte {
	rows := table("organisations.csv")
	last := len(rows[0]) - 1
	rows[0] = append(rows[0][:last:last], "consent_at", "consent_text")
	for i, r := range rows[1:] {
		ago, err := strconv.Atoi(r[last])
		if err != nil {
			panic(fmt.Sprintf("demo: organisations.csv: %v", err))
		}
		rows[i+1] = append(r[:last:last], day(start, -ago).Format(time.RFC3339), "Paper form of the first survey: “Yes, send us the newsletter.”")
	}
	return write(rows)
}

func experts() []byte { return write(table("experts.csv")) }

// Issue is one number of the demo newsletter.
type Issue struct {
	Number   int
	Editions map[people.Language]Edition
}

// Edition is its text in one language, in Markdown.
type Edition struct{ Title, Body string }

// dayMark takes the full stop after it along: a Russian date ends in an abbreviation, whose point ends the sentence, too.
var dayMark = regexp.MustCompile(`\{\{([+-]\d+)\}\}(\.?)`)

// Issues are the two numbers, with the dates that they name reckoned from start.
func Issues(start time.Time) []Issue {
	var out []Issue
	for number := 1; number <= 2; number++ {
		i := Issue{number, map[people.Language]Edition{}}
		for _, l := range config().Languages {
			text := string(file(fmt.Sprintf("issue-%d.%s.md", number, l)))
			text = dayMark.ReplaceAllStringFunc(text, func(mark string) string {
				parts := dayMark.FindStringSubmatch(mark)
				days, _ := strconv.Atoi(parts[1])
				return strings.TrimSuffix(words.For(l).Date(day(start, days)), parts[2]) + parts[2]
			})
			title, body, _ := strings.Cut(text, "\n")
			i.Editions[l] = Edition{strings.TrimPrefix(title, "# "), strings.TrimSpace(body) + "\n"}
		}
		out = append(out, i)
	}
	return out
}
