package form

import "strings"

// Difference is a question that two people answered differently.
type Difference struct{ Label, There, Yours string }

// Differences compares what stands there now with what somebody typed meanwhile, both of the same form, in words: for the page that
// tells the later one that somebody was faster.
func Differences(there, yours *View) []Difference {
	var out []Difference
	a, b := there.Lines("", 0), yours.Lines("", 0)
	for i := range min(len(a), len(b)) {
		if a[i].Value != b[i].Value {
			out = append(out, Difference{b[i].Label, a[i].Value, b[i].Value})
		}
	}
	for _, g := range yours.V.Def.Groups {
		if x, y := there.rows(g.Name), yours.rows(g.Name); x != y {
			out = append(out, Difference{yours.word(g.Name + ".label"), x, y})
		}
	}
	return out
}

// rows sums up a group, a line a row.
func (s *View) rows(group string) string {
	var rows []string
	for n, r := range s.V.Groups[group] {
		if g, ok := s.V.Def.group(group); !ok || g.blank(r) {
			continue
		}
		var values []string
		for _, l := range s.Lines(group, n) {
			if !l.Empty {
				values = append(values, l.Value)
			}
		}
		rows = append(rows, strings.Join(values, " – "))
	}
	if len(rows) == 0 {
		return s.P.T("form.empty")
	}
	return strings.Join(rows, "\n")
}
