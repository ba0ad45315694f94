package form

import "strings"

// Cell makes text safe to stand in an exported CSV cell: spreadsheets run what begins like a formula, so an apostrophe goes before it. The
// apostrophe is the spreadsheets' own sign for text.
func Cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(s[0])) {
		return "'" + s
	}
	for _, wide := range []string{"＝", "＋", "－", "＠"} { // full-width forms that some versions read alike
		if strings.HasPrefix(s, wide) {
			return "'" + s
		}
	}
	return s
}
