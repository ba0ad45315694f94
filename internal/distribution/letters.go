package distribution

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// errBlank: the letter has a blank that no recipient's data fills. The mail service would take such a mail and then not send it.
var errBlank = errors.New("distribution: blank without a value")

// rendered is a letter with the names of its blanks.
type rendered struct {
	Letter
	blanks []string
}

var blank = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{\{(\w+)\}\}`) })

func inspect(l Letter) *rendered {
	r := &rendered{Letter: l}
	for _, part := range []string{l.Content.Subject, l.Content.HTML, l.Content.Text} {
		found := blank().FindAllStringSubmatch(part, -1)
		for _, m := range found {
			if !slices.Contains(r.blanks, m[1]) {
				r.blanks = append(r.blanks, m[1])
			}
		}
		if strings.Count(part, "{{") != len(found) {
			r.blanks = append(r.blanks, "{{") // no data has that name
		}
	}
	return r
}

func (r *rendered) check(data map[string]string) error {
	for _, name := range r.blanks {
		if _, ok := data[name]; !ok {
			return fmt.Errorf("%w: %s", errBlank, name)
		}
	}
	return nil
}

// letters keeps the last few renderings: an issue has one for each edition and format.
type letters struct {
	source Letters
	mu     sync.Mutex
	kept   []keptLetter // the latest used last
}

type keptLetter struct {
	which  Which
	letter *rendered
}

const lettersKept = 16

func (l *letters) get(ctx context.Context, w Which) (*rendered, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, k := range l.kept {
		if k.which == w {
			l.kept = append(slices.Delete(l.kept, i, i+1), k)
			return k.letter, nil
		}
	}
	letter, err := l.source.Letter(ctx, w)
	if err != nil {
		return nil, err
	}
	if len(l.kept) == lettersKept {
		l.kept = slices.Delete(l.kept, 0, 1)
	}
	k := keptLetter{w, inspect(letter)}
	l.kept = append(l.kept, k)
	return k.letter, nil
}
