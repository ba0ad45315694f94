package prose

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

const longest = 60_000 // newsletter.MaxBody

func fill(s string, n int) string { return strings.Repeat(s, n/len(s)) }

// hostile are texts that made Markdown readers work for more than in proportion to their length, or would.
var hostile = map[string]func(n int) string{
	"quotations":            func(n int) string { return fill(">", n) },
	"quotations, lazy":      func(n int) string { return fill(">", n/2) + "x\n" + fill("y\n", n/2) },
	"lists":                 func(n int) string { return fill("* ", n) },
	"numbered lists":        func(n int) string { return fill("1. ", n) },
	"lists and empty lines": func(n int) string { return fill("* ", n/2) + "x\n" + fill("\n", n/2) + "y" },
	"both":                  func(n int) string { return fill("> * ", n) },
	"wide table":            func(n int) string { return fill("a|", n/4) + "\n" + fill("-|", n/4) + "\n" + fill("a\n", n/2) },
	"many tables":           func(n int) string { return fill(fill("a|", 400)+"\n"+fill("-|", 400)+"\n"+fill("a\n", 400)+"\n", n) },
	"long table":            func(n int) string { return "a|b\n-|-\n" + fill("|\n", n) },
	"bars in code":          func(n int) string { return "a|b\n-|-\n" + fill("`\\|`", n) },
	"openers":               func(n int) string { return fill("[", n) },
	"openers, closers":      func(n int) string { return fill("[", n/2) + fill("]", n/2) },
	"links without end":     func(n int) string { return fill("[a](", n) },
	"parentheses":           func(n int) string { return fill("[a](", n/2) + fill("(", n/2) },
	"pointed":               func(n int) string { return fill("[a](<b", n) },
	"titles":                func(n int) string { return fill("[a](b \"", n) },
	"titles on lines":       func(n int) string { return fill("[a](b '\n", n) },
	"images":                func(n int) string { return fill("![", n/2) + fill("](b)", n/2) },
	"emphasis":              func(n int) string { return fill("_a ", n/2) + fill("b* ", n/2) },
	"emphasis within":       func(n int) string { return fill("*a **a ", n/2) + fill("b** b* ", n/2) },
	"emphasis, both ways":   func(n int) string { return fill("a*b_", n) },
	"deletions":             func(n int) string { return fill("_a ", n/2) + fill("b~~ ", n/2) },
	"stars":                 func(n int) string { return fill("*", n/2) + "a" + fill("*", n/2) },
	"code": func(n int) string {
		var b strings.Builder
		for i := 1; b.Len() < n; i++ {
			b.WriteString("e" + strings.Repeat("`", i))
		}
		return b.String()
	},
	"code without end": func(n int) string { return fill("\\```\na\n", n) },
	"comments":         func(n int) string { return fill("x<!--\n", n) },
	"instructions":     func(n int) string { return fill("x<?\n", n) },
	"tags":             func(n int) string { return "x" + fill("<a\n", n) },
	"attributes":       func(n int) string { return "y <x" + fill(" a='", n) },
	"definitions":      func(n int) string { return fill("[a]: b '\n", n) },
	"one definition":   func(n int) string { return "[a]: https://" + fill("x", 1900) + "\n\n" + fill("[a]", n-2000) },
	"addresses":        func(n int) string { return fill("(http://a.bc/", n) },
	"mail":             func(n int) string { return fill("a_", n) },
	"lines":            func(n int) string { return fill("a\n", n) },
	"line breaks":      func(n int) string { return fill("a  \n", n) },
	"references":       func(n int) string { return fill("&amp;", n) },
	"unicode":          func(n int) string { return fill("я*ю_", n) },
}

// TestHostileTextsCostInProportion counts what is allocated, since a clock would measure the machine: at most some kilobytes for each byte of
// the text, and not much more than twice as much for twice the text.
func TestHostileTextsCostInProportion(t *testing.T) {
	for name, of := range hostile {
		half, whole := allocated(of(longest/2)), allocated(of(longest))
		if whole > 4000*longest {
			t.Errorf("%s: %d MB for %d bytes", name, whole>>20, longest)
		}
		if whole > 3*half+1<<20 {
			t.Errorf("%s: %d KB for half of it, %d KB for the whole", name, half>>10, whole>>10)
		}
	}
}

func allocated(source string) uint64 {
	Parse("") // builds the parser
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	Parse(source)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestLimits: what is beyond a limit stays as it was typed, and nothing else changes.
func TestLimits(t *testing.T) {
	page := func(source string) string { return string(Parse(source).HTML(Dress{})) }
	if got := page(strings.Repeat("> ", 14) + "x"); strings.Count(got, "<blockquote>") != MaxDepth || !strings.Contains(got, ">&gt; &gt; &gt; &gt; x<") {
		t.Errorf("quotations: %s", got)
	}
	if got := page(strings.Repeat("* ", 14) + "x\n* y"); strings.Count(got, "<ul>") != MaxDepth || !strings.Contains(got, "* * * * x") || !strings.Contains(got, "<li>y</li>") {
		t.Errorf("lists: %s", got)
	}
	if got := page(strings.Repeat("*a* ", 1000) + "\n\n*b*"); strings.Count(got, "<em>") != maxMarks/2+1 || !strings.Contains(got, "*a* *a*") {
		t.Errorf("%d times emphasis", strings.Count(got, "<em>"))
	}
	short, long := "https://a.example/"+strings.Repeat("(b)", 600), "https://a.example/"+strings.Repeat("b", 2100)
	if got := page("[x](" + short + ") [y](" + long + ") [z](/z)"); strings.Count(got, "<a ") != 2 || !strings.Contains(got, "[y](") {
		t.Errorf("long addresses: %s", got)
	}
	head := strings.Repeat("w ", 500)
	if got, _ := Parse("|" + head + "|b|\n|-|-|\n" + strings.Repeat("|c|d|\n", 100)).Text(Plain{}); len(got) > 100*250 || strings.Count(got, "w…: c") != 100 {
		t.Errorf("a head of %d bytes above 100 rows is %d in plain text", len(head), len(got))
	}
	cells := func(rows int) string {
		return page(fill("a|", 200) + "\n" + fill("-|", 200) + "\n" + fill("b\n", 2*rows))
	}
	if got := cells(490); strings.Count(got, "<td") != 49_000 {
		t.Errorf("%d cells", strings.Count(got, "<td"))
	}
	if got := cells(510); strings.Contains(got, "<table") {
		t.Error("a table of 51,000 cells")
	}
	wide := fmt.Sprintf("%s\n%s\n\n", fill("a|", 30_000), fill("-|", 30_000))
	if got := page(wide + "|c|\n|-|\n|d|"); strings.Count(got, "<table") != 2 {
		t.Error("one table takes the room of another")
	}
}

// TestARunOfTildesIsMeasuredOnce: what is only looked at again and again allocates nothing.
func TestARunOfTildesIsMeasuredOnce(t *testing.T) {
	source := []byte(fill("~", 1000))
	r := &looked{Reader: text.NewReader(source)}
	for range source {
		if n := (deletion{}).Parse(nil, r, parser.NewContext()); n != nil {
			t.Fatalf("a run of %d tildes strikes something out", len(source))
		}
		r.Advance(1)
	}
	if r.times != 1 {
		t.Errorf("measured %d times", r.times)
	}
}

// looked counts how often a line is looked at.
type looked struct {
	text.Reader
	times int
}

func (l *looked) PeekLine() ([]byte, text.Segment) {
	l.times++
	return l.Reader.PeekLine()
}
