package form

import "testing"

func TestCellsAreNoFormulas(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "Forum": "Forum", "=1+1": "'=1+1", "+41 22 000": "'+41 22 000", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1",
		"＝1": "'＝1", "a=b": "a=b", "%x": "'%x", "|cmd": "'|cmd",
	} {
		if got := Cell(in); got != want {
			t.Errorf("Cell(%q) = %q, want %q", in, got, want)
		}
	}
}
