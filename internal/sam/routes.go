package sam

import (
	"fmt"
	"strings"
)

// Default is the key of the route that takes what no other does.
const Default = "$default"

// Gateway is API Gateway's choice among the routes of an HTTP API: a route that fits whole before one with a greedy variable, before
// $default. Which of two that fit equally well it takes is not documented well enough to build on: here that is a fault.
type Gateway struct {
	Routes map[string]string // path of the route key, without its method → folder of the function
	Keys   map[string]string // the same path → the whole route key
}

// Gateway reads routes, integrations and the permissions that they need.
func (t Template) Gateway() (Gateway, error) {
	functions, err := t.Functions()
	if err != nil {
		return Gateway{}, err
	}
	allowed := map[string]bool{}
	for _, p := range t.Resources("AWS::Lambda::Permission") {
		allowed[target(p.At("FunctionName"))] = true
	}
	integrations := map[string]string{} // logical id → folder
	for id, p := range t.Resources("AWS::ApiGatewayV2::Integration") {
		for _, f := range functions {
			if target(p.At("IntegrationUri")) == f.ID && allowed[f.ID] {
				integrations[id] = f.Folder
			}
		}
		if integrations[id] == "" {
			return Gateway{}, fmt.Errorf("sam: %s leads to no function that the API may call", id)
		}
	}
	g := Gateway{map[string]string{}, map[string]string{}}
	for id, p := range t.Resources("AWS::ApiGatewayV2::Route") {
		folder := integrations[strings.TrimSuffix(strings.TrimPrefix(p.At("Target").Text(), "!Sub integrations/${"), "}")]
		if folder == "" {
			return Gateway{}, fmt.Errorf("sam: %s leads to %s, which is no integration", id, p.At("Target").Text())
		}
		key := p.At("RouteKey").Value
		path := key
		if key != Default {
			method, rest, _ := strings.Cut(key, " ")
			if method != "ANY" || strings.HasSuffix(rest, "/") { // HEAD and 405 pages are ours; API Gateway refuses a slash at the end
				return Gateway{}, fmt.Errorf("sam: %s is %q", id, key)
			}
			path = rest
		}
		if g.Routes[path] != "" {
			return Gateway{}, fmt.Errorf("sam: %s stands there twice", path)
		}
		g.Routes[path], g.Keys[path] = folder, key
	}
	return g, nil
}

// target is the logical id of the function that a reference to it, its ARN or its alias names.
func target(n Node) string {
	_, id, _ := strings.Cut(n.Text(), " ")
	id = strings.TrimSuffix(strings.TrimSuffix(id, ".Arn"), ".Alias")
	return strings.TrimSpace(id)
}

// Choose gives the route for a path; a slash at its end may or may not count, so both ways are tried.
func (g Gateway) Choose(path string) (route string, err error) {
	var whole, greedy []string
	have := strings.Split(strings.TrimSuffix(path, "/"), "/")
	for r := range g.Routes {
		if r == Default {
			continue
		}
		pattern := strings.Split(r, "/")
		if prefix, ok := strings.CutSuffix(r, "/{rest+}"); ok {
			n := len(strings.Split(prefix, "/"))
			if len(have) >= n && fits(pattern[:n], have[:n]) && (len(have) > n || strings.HasSuffix(path, "/")) {
				greedy = append(greedy, r)
			}
		} else if len(pattern) == len(have) && fits(pattern, have) {
			whole = append(whole, r)
		}
	}
	switch {
	case len(whole) > 1 || len(greedy) > 1:
		return "", fmt.Errorf("sam: %s fits %v and %v", path, whole, greedy)
	case len(whole) == 1 && len(greedy) == 1 && strings.HasSuffix(path, "/") && g.Routes[whole[0]] != g.Routes[greedy[0]]:
		return "", fmt.Errorf("sam: %s fits %s and %s, of different functions", path, whole[0], greedy[0])
	case len(whole) == 1:
		return whole[0], nil
	case len(greedy) == 1:
		return greedy[0], nil
	}
	return Default, nil
}

func fits(pattern, have []string) bool {
	for i, p := range pattern {
		if !strings.HasPrefix(p, "{") && p != have[i] {
			return false
		}
	}
	return true
}

// Variables are the path parameters of a path on its route.
func Variables(route, path string) map[string]string {
	pattern, have := strings.Split(route, "/"), strings.Split(path, "/")
	var out map[string]string
	for i, p := range pattern {
		name, ok := strings.CutPrefix(p, "{")
		if !ok || i >= len(have) {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		if name, ok := strings.CutSuffix(name, "+}"); ok {
			out[name] = strings.Join(have[i:], "/")
			break
		}
		out[strings.TrimSuffix(name, "}")] = have[i]
	}
	return out
}
