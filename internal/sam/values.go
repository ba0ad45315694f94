package sam

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
)

// Values work out what the template's functions give, for one deployment. Known holds what CloudFormation would know: a resource's id
// (!Ref) under its logical id, its attributes (!GetAtt) under "Id.Attribute", and pseudo parameters under their names ("AWS::Region").
type Values struct {
	Template
	Parameters map[string]string // given ones; others have their defaults
	Known      map[string]string
}

// Text works out a scalar: text, !Ref, !GetAtt, !Sub, !If, !Join.
func (v Values) Text(n Node) (string, error) {
	switch n.Tag {
	case "!Ref":
		return v.ref(n, n.Value)
	case "!GetAtt":
		return v.known(n, n.Value)
	case "!Sub":
		return v.sub(n)
	case "!If":
		parts := n.List()
		if len(parts) != 3 {
			return "", v.strange(n)
		}
		holds, err := v.Condition(parts[0].Value)
		if err != nil {
			return "", err
		}
		if holds {
			return v.Text(parts[1])
		}
		return v.Text(parts[2])
	case "!Join":
		parts := n.List()
		if len(parts) != 2 {
			return "", v.strange(n)
		}
		var out []string
		for _, m := range parts[1].List() {
			s, err := v.Text(m)
			if err != nil {
				return "", err
			}
			out = append(out, s)
		}
		return strings.Join(out, parts[0].Value), nil
	}
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") || len(n.Content) > 0 || n.Missing() {
		return "", v.strange(n)
	}
	return n.Value, nil
}

func (v Values) strange(n Node) error {
	if n.Missing() {
		return fmt.Errorf("sam: a value is missing")
	}
	return fmt.Errorf("sam: line %d: cannot work out %s %.40q", n.Line, n.Tag, n.Value)
}

// ref is a parameter, or what is known.
func (v Values) ref(n Node, name string) (string, error) {
	if s, ok := v.Parameters[name]; ok {
		return s, nil
	}
	if p := v.At("Parameters", name); !p.Missing() {
		if d := p.At("Default"); !d.Missing() {
			return d.Value, nil
		}
		return "", fmt.Errorf("sam: line %d: parameter %s is not given", n.Line, name)
	}
	return v.known(n, name)
}

func (v Values) known(n Node, name string) (string, error) {
	if s, ok := v.Known[name]; ok {
		return s, nil
	}
	return "", fmt.Errorf("sam: line %d: nothing is known of %s", n.Line, name)
}

var inside = regexp.MustCompile(`\$\{([^}]*)\}`)

// sub is !Sub "…${Name}…", or with a mapping of names of its own. ${!x} is ${x} itself.
func (v Values) sub(n Node) (string, error) {
	text, own := n, map[string]string{}
	if parts := n.List(); n.Kind != 0 && len(n.Content) == 2 {
		text = parts[0]
		var failed error
		parts[1].Each(func(name string, value Node) {
			s, err := v.Text(value)
			if err != nil {
				failed = err
			}
			own[name] = s
		})
		if failed != nil {
			return "", failed
		}
	}
	var failed error
	out := inside.ReplaceAllStringFunc(text.Value, func(m string) string {
		name := m[2 : len(m)-1]
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			return "${" + literal + "}"
		}
		if s, ok := own[name]; ok {
			return s
		}
		lookup := v.ref
		if strings.Contains(name, ".") {
			lookup = v.known
		}
		s, err := lookup(n, name)
		if err != nil {
			failed = err
		}
		return s
	})
	return out, failed
}

// Condition tells whether a condition of the template holds.
func (v Values) Condition(name string) (bool, error) {
	n := v.At("Conditions", name)
	if n.Missing() {
		return false, fmt.Errorf("sam: no condition %s", name)
	}
	return v.holds(n)
}

func (v Values) holds(n Node) (bool, error) {
	parts := n.List()
	switch n.Tag {
	case "!Condition":
		return v.Condition(n.Value)
	case "!Equals":
		if len(parts) != 2 {
			return false, v.strange(n)
		}
		a, err := v.Text(parts[0])
		if err != nil {
			return false, err
		}
		b, err := v.Text(parts[1])
		return a == b, err
	case "!Not":
		if len(parts) != 1 {
			return false, v.strange(n)
		}
		h, err := v.holds(parts[0])
		return !h, err
	case "!And", "!Or":
		all := n.Tag == "!And"
		for _, p := range parts {
			if h, err := v.holds(p); err != nil || h != all {
				return h, err
			}
		}
		return all, nil
	}
	return false, v.strange(n)
}

// Variables of the environment of a function: those of Globals and its own.
func (v Values) Variables(f Function) (map[string]string, error) {
	out := map[string]string{}
	var failed error
	for _, of := range []Node{v.At("Globals", "Function"), f.Node} {
		of.At("Environment", "Variables").Each(func(name string, value Node) {
			s, err := v.Text(value)
			if err != nil {
				failed = fmt.Errorf("%s: %w", name, err)
			}
			out[name] = s
		})
	}
	return maps.Clone(out), failed
}
