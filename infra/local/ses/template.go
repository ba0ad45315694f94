package ses

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// compiled is a text with its substitutions found.
type compiled struct {
	literal []string // one more than names
	names   []string
}

var nameOnly = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// compile finds {{name}} and {{{name}}}. Inline templates have nothing else; SES reports the rest when it renders.
func compile(s string) (compiled, error) {
	var c compiled
	for {
		open := strings.Index(s, "{{")
		if open < 0 {
			c.literal = append(c.literal, s)
			return c, nil
		}
		inner, after := s[open+2:], 2
		closing := "}}"
		if strings.HasPrefix(inner, "{") {
			inner, closing, after = inner[1:], "}}}", 3
		}
		end := strings.Index(inner, closing)
		if end < 0 {
			return compiled{}, errors.New("a substitution is not closed")
		}
		name := strings.TrimSpace(inner[:end])
		if !nameOnly.MatchString(name) {
			return compiled{}, fmt.Errorf("{{%s}} is no simple substitution", name)
		}
		c.literal, c.names = append(c.literal, s[:open]), append(c.names, name)
		s = inner[end+after:]
	}
}

// missing is a substitution without a value.
type missing string

func (m missing) Error() string {
	return fmt.Sprintf("Attribute '%s' is not present in the rendering data.", string(m))
}

// render puts the values in as they are: SES escapes nothing.
func (c compiled) render(data map[string]string) (string, error) {
	if len(c.names) == 0 {
		return c.literal[0], nil
	}
	var b strings.Builder
	for i, name := range c.names {
		v, ok := data[name]
		if !ok {
			return "", missing(name)
		}
		b.WriteString(c.literal[i])
		b.WriteString(v)
	}
	b.WriteString(c.literal[len(c.literal)-1])
	return b.String(), nil
}

// lacks is the first substitution without a value.
func (c compiled) lacks(data map[string]string) error {
	for _, name := range c.names {
		if _, ok := data[name]; !ok {
			return missing(name)
		}
	}
	return nil
}

type compiledLetter struct {
	subject, html, text compiled
	err                 error // the template cannot be rendered for anybody
}

func compileLetter(subject, html, text string) (l compiledLetter) {
	var errs [3]error
	l.subject, errs[0] = compile(subject)
	l.html, errs[1] = compile(html)
	l.text, errs[2] = compile(text)
	l.err = errors.Join(errs[:]...)
	return l
}

// failure is why the letter cannot be rendered with data; nil when it can.
func (l *compiledLetter) failure(data map[string]string) error {
	if l.err != nil {
		return l.err
	}
	for _, c := range []compiled{l.subject, l.html, l.text} {
		if err := c.lacks(data); err != nil {
			return err
		}
	}
	return nil
}

// templateCache keeps the letters of the running distribution compiled.
type templateCache struct {
	mu     sync.Mutex
	byHash map[string]*compiledLetter
}

func (t *templateCache) get(hash string, c templateContent) *compiledLetter {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l, ok := t.byHash[hash]; ok {
		return l
	}
	if t.byHash == nil || len(t.byHash) > 64 {
		t.byHash = map[string]*compiledLetter{}
	}
	l := compileLetter(c.Subject, c.Html, c.Text)
	t.byHash[hash] = &l
	return &l
}

// parseData reads template data: a JSON object of strings, numbers and booleans.
func parseData(s string) (map[string]string, error) {
	out := map[string]string{}
	if s == "" {
		return out, nil
	}
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	var object map[string]any
	if err := dec.Decode(&object); err != nil || object == nil {
		return nil, bad("Template data is not a JSON object")
	}
	for k, v := range object {
		switch v := v.(type) {
		case string:
			out[k] = v
		case json.Number:
			out[k] = v.String()
		case bool:
			out[k] = fmt.Sprint(v)
		default:
			return nil, bad("Template data of an inline template must be simple values: " + k)
		}
	}
	return out, nil
}
