package words

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"

	"liaison/internal/people"
)

//go:embed catalogue/*.json
var files embed.FS

// catalogue is everything there is to say in one language. A page says some fifty of two thousand things, so nothing is read ahead: an
// area is taken out of the binary when something in it is first asked for, and a message is decoded when it is. It may be used concurrently.
type catalogue struct {
	lang     people.Language
	areas    sync.Map // name to the file AREA.LANG.json as it stands
	messages sync.Map // key to *texts
}

// texts of one key: plural.Other alone, or one for each plural form that the language has; "" for none.
type texts [len(categories)]string

// areaOf is the area in which a key stands: its first word, for mails the first two. Tests hold the files to it.
func areaOf(key string) string {
	name, rest, _ := strings.Cut(key, ".")
	if name == "mail" {
		subject, _, _ := strings.Cut(rest, ".")
		name += "-" + subject
	}
	return name
}

// wording is the text of key in a form, and whether there is one.
func (c *catalogue) wording(key string, form plural.Form) (string, bool) {
	m, known := c.messages.Load(key)
	if !known {
		read := c.read(key)
		if read == nil {
			return "", false // and nothing is kept: a key may have been made of what a stranger sent
		}
		m, _ = c.messages.LoadOrStore(key, read)
	}
	t := m.(*texts)
	if t[form] == "" { // one text for all numbers; and "many" of French and Spanish is for round millions
		form = plural.Other
	}
	return t[form], true
}

// read finds a key in its file, where each key begins a line of its own, and decodes what stands beside it; nil for a key that is not
// there. No text can be taken for a key, because JSON lets no line end within it.
func (c *catalogue) read(key string) *texts {
	if strings.ContainsAny(key, "\"\n") {
		return nil
	}
	_, value, found := bytes.Cut(c.area(areaOf(key)), []byte("\n \""+key+"\": "))
	if !found {
		return nil
	}
	var v any
	if err := json.NewDecoder(bytes.NewReader(value)).Decode(&v); err != nil {
		panic(fmt.Sprintf("words: %s: %v", key, err)) // the tests of the catalogues let nobody commit it
	}
	t := &texts{}
	switch v := v.(type) {
	case string:
		t[plural.Other] = v
	case map[string]any:
		for form, category := range categories {
			t[form], _ = v[category].(string)
		}
	}
	return t
}

var categories = [...]string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}

func (c *catalogue) area(name string) []byte {
	if text, ok := c.areas.Load(name); ok {
		return text.([]byte)
	}
	text, err := files.ReadFile("catalogue/" + name + "." + string(c.lang) + ".json")
	if err != nil {
		return nil // there is no such area
	}
	c.areas.Store(name, text)
	return text
}

// fill puts the values of variables in: {{.Name}} becomes what value says of "Name". Values are taken as they are, and not read again.
// A variable without a value prints its name in double brackets. The point of an abbreviation that ends a value ends the sentence, too:
// a Russian date is "21 мая 2027 г." there.
func fill(text string, value func(name string) (string, bool)) string {
	before, rest, found := strings.Cut(text, "{{.")
	if !found {
		return text
	}
	var b strings.Builder
	for ; found; before, rest, found = strings.Cut(rest, "{{.") {
		b.WriteString(before)
		var name string
		name, rest, _ = strings.Cut(rest, "}}")
		s, ok := value(name)
		if !ok {
			s = "[[" + name + "]]"
		}
		b.WriteString(s)
		if strings.HasSuffix(s, ".") {
			rest = strings.TrimPrefix(rest, ".")
		}
	}
	b.WriteString(before)
	return b.String()
}
