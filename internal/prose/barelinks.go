package prose

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// bareLinks finds addresses that stand in the text as they are: https://example.org, www.example.org, sam@example.org.
type bareLinks struct{}

// Trigger: goldmark calls at the beginning of a line and at each space, which is told as ' ', and at these marks.
func (bareLinks) Trigger() []byte { return []byte{' ', '*', '_', '~', '('} }

func (bareLinks) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if pc.IsInLinkLabel() {
		return nil
	}
	line, segment := block.PeekLine()
	before := 0
	if strings.IndexByte(" *_~(", line[0]) >= 0 {
		before = 1
	}
	line = line[before:]
	kind, protocol, end := ast.AutoLinkType(ast.AutoLinkURL), "", webAddress(line)
	if end == 0 && bytes.HasPrefix(line, []byte("www.")) {
		if end = domainAndPath(line, len("www."), false); end > 0 {
			protocol = "http"
		}
	}
	if end == 0 {
		kind, end = ast.AutoLinkEmail, mailAddress(line)
	}
	if end == 0 {
		return nil
	}
	end = withoutPunctuation(line[:end])
	start := segment.Start + before
	if before > 0 {
		ast.MergeOrAppendTextSegment(parent, segment.WithStop(start))
	}
	block.Advance(before + end)
	link := ast.NewAutoLink(kind, ast.NewTextSegment(text.NewSegment(start, start+end)))
	if protocol != "" {
		link.Protocol = []byte(protocol)
	}
	return link
}

// webAddress is the length of an address at the beginning of a line, or 0.
func webAddress(line []byte) int {
	for _, scheme := range []string{"http://", "https://", "ftp://"} {
		if bytes.HasPrefix(line, []byte(scheme)) {
			return domainAndPath(line, len(scheme), true)
		}
	}
	return 0
}

const maxDomain = 256

// domainAndPath gives the end of an address whose scheme ends at start, or 0: up to 256 characters of a domain, a dot and small letters; a
// port if the address has a scheme; a path.
func domainAndPath(line []byte, start int, scheme bool) int {
	last := 0 // the last dot that small letters follow
	for i := start; i < len(line) && i <= start+maxDomain; i++ {
		if line[i] == '.' && i > start && i+1 < len(line) && small(line[i+1]) {
			last = i
		}
		if !util.IsAlphaNumeric(line[i]) && strings.IndexByte("-@:%._+~#=", line[i]) < 0 {
			break
		}
	}
	if last == 0 {
		return 0
	}
	i := last + 1
	for i < len(line) && small(line[i]) {
		i++
	}
	if scheme && i+1 < len(line) && line[i] == ':' && util.IsNumeric(line[i+1]) {
		for i++; i < len(line) && util.IsNumeric(line[i]); i++ {
		}
	}
	if i < len(line) && strings.IndexByte("/#?", line[i]) >= 0 {
		for i++; i < len(line) && (util.IsAlphaNumeric(line[i]) || strings.IndexByte("-@:%_+.~#!?&/=();,'\">^{}[]`", line[i]) >= 0 || scheme && line[i] == '$'); i++ {
		}
	}
	return i
}

func small(c byte) bool { return c >= 'a' && c <= 'z' }

// mailAddress is the length of an address at the beginning of a line, or 0. Its domain has a dot.
func mailAddress(line []byte) int {
	if len(line) == 0 || util.IsPunct(line[0]) {
		return 0
	}
	end := util.FindEmailIndex(line)
	if end < 0 || bytes.IndexByte(line[bytes.IndexByte(line, '@'):end-1], '.') < 0 {
		return 0
	}
	if end < len(line) && (line[end] == '-' || line[end] == '_') {
		return 0
	}
	return end
}

// withoutPunctuation leaves out what ends the sentence and not the address: full stops, closing parentheses of which none was opened
// in it, a character reference.
func withoutPunctuation(address []byte) int {
	opened, closed := bytes.Count(address, []byte{'('}), bytes.Count(address, []byte{')'})
	i := len(address)
	for i > 1 {
		switch address[i-1] {
		case '?', '!', '.', ',', ':', '*', '_', '~':
			i--
		case ')':
			if closed <= opened {
				return i
			}
			closed--
			i--
		case ';':
			j := i - 2
			for j > 0 && util.IsAlphaNumeric(address[j]) {
				j--
			}
			if j == i-2 || address[j] != '&' {
				return i
			}
			i = j
		default:
			return i
		}
	}
	return i
}
