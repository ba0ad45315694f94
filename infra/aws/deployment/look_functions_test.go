//go:build aws

package deployment

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
)

func api(r *resolver, _, id string, _ object) any {
	var d any
	r.rest("apigateway", "GET", "/v2/apis/"+id, nil, &d)
	return upper(d)
}

// part looks at what belongs to an API.
func part(kind string) look {
	return func(r *resolver, _, id string, want object) any {
		var d any
		r.rest("apigateway", "GET", fmt.Sprintf("/v2/apis/%s/%s/%s", want["ApiId"], kind, url.PathEscape(id[strings.LastIndexByte(id, '/')+1:])), nil, &d)
		out := upper(d).(object)
		out["ApiId"] = want["ApiId"]
		return out
	}
}

const functionsPath = "/2015-03-31/functions/"

func lambda(r *resolver, _, id string, want object) any {
	var d object
	r.rest("lambda", "GET", functionsPath+id+"/configuration", nil, &d)
	code := want["Code"].(object)
	status, zip := r.send("s3", "GET", fmt.Sprintf("/%s/%s", code["S3Bucket"], code["S3Key"]), nil, nil)
	r.fine("the zip of "+id, status, zip)
	sum := sha256.Sum256(zip)
	if d["CodeSha256"] == base64.StdEncoding.EncodeToString(sum[:]) {
		d["Code"] = code
	}
	if logging, ok := d["LoggingConfig"].(object); ok {
		d["LoggingConfig"] = logging
	}
	var tags struct{ Tags object }
	r.rest("lambda", "GET", "/2017-03-31/tags/"+url.PathEscape(arn("lambda", "function:"+id)), nil, &tags)
	list := []any{}
	for k, v := range tags.Tags {
		if !strings.HasPrefix(k, "aws:") {
			list = append(list, object{"Key": k, "Value": v})
		}
	}
	d["Tags"] = list
	return d
}

func version(r *resolver, _, id string, want object) any {
	var d object
	r.rest("lambda", "GET", functionsPath+fmt.Sprint(want["FunctionName"])+"/configuration?Qualifier="+id[strings.LastIndexByte(id, ':')+1:], nil, &d)
	return d
}

func alias(r *resolver, _, _ string, want object) any {
	var d object
	r.rest("lambda", "GET", functionsPath+fmt.Sprint(want["FunctionName"])+"/aliases/"+fmt.Sprint(want["Name"]), nil, &d)
	d["FunctionName"] = want["FunctionName"]
	return d
}

// qualified splits a function's name or ARN into what a request's path takes.
func qualified(function any) (name, query string) {
	name = fmt.Sprint(function)
	if strings.HasPrefix(name, "arn:") {
		if parts := strings.Split(name, ":"); len(parts) == 8 {
			return parts[6], "?Qualifier=" + parts[7]
		}
		name = name[strings.LastIndexByte(name, ':')+1:]
	}
	return name, ""
}

func permission(r *resolver, _, _ string, want object) any {
	name, query := qualified(want["FunctionName"])
	var d struct{ Policy string }
	r.rest("lambda", "GET", functionsPath+name+"/policy"+query, nil, &d)
	var policy struct {
		Statement []struct {
			Action, Resource string
			Principal        object
			Condition        struct{ ArnLike map[string]string }
		}
	}
	r.decode("policy", []byte(d.Policy), &policy)
	var out any = policy.Statement
	for _, s := range policy.Statement {
		if s.Principal["Service"] == want["Principal"] {
			got := object{"Action": s.Action, "Principal": s.Principal["Service"], "FunctionName": s.Resource}
			if qualifier := strings.TrimPrefix(query, "?Qualifier="); strings.Contains(s.Resource, ":function:"+name) && strings.HasSuffix(s.Resource, qualifier) {
				got["FunctionName"] = want["FunctionName"]
			}
			for _, source := range s.Condition.ArnLike {
				got["SourceArn"] = source
			}
			out = got
		}
	}
	return out
}

func mapping(r *resolver, _, id string, want object) any {
	var d object
	r.rest("lambda", "GET", "/2015-03-31/event-source-mappings/"+id, nil, &d)
	name, _ := qualified(want["FunctionName"])
	if strings.Contains(fmt.Sprint(d["FunctionArn"]), ":function:"+name) && strings.HasSuffix(fmt.Sprint(d["FunctionArn"]), fmt.Sprint(want["FunctionName"])[strings.LastIndexByte(fmt.Sprint(want["FunctionName"]), ':')+1:]) {
		d["FunctionName"] = want["FunctionName"]
	}
	d["Enabled"] = d["State"] == "Enabled"
	return d
}

func invokeConfig(r *resolver, _, _ string, want object) any {
	var d object
	name, _ := qualified(want["FunctionName"])
	r.rest("lambda", "GET", "/2019-09-25/functions/"+name+"/event-invoke-config?Qualifier="+url.QueryEscape(fmt.Sprint(want["Qualifier"])), nil, &d)
	return withNames(d, want, "FunctionName", "Qualifier")
}

// withNames adds what the request itself has named.
func withNames(d, want object, names ...string) object {
	for _, n := range names {
		d[n] = want[n]
	}
	return d
}

func rule(r *resolver, _, id string, _ object) any {
	var d object
	r.json("events", "AWSEvents.DescribeRule", object{"Name": id}, &d)
	var targets struct{ Targets []any }
	r.json("events", "AWSEvents.ListTargetsByRule", object{"Rule": id}, &targets)
	d["Targets"] = targets.Targets
	return d
}

func logGroup(r *resolver, _, id string, _ object) any {
	var d struct{ LogGroups []object }
	r.json("logs", "Logs_20140328.DescribeLogGroups", object{"logGroupNamePrefix": id}, &d)
	for _, g := range d.LogGroups {
		if g["logGroupName"] == id {
			return upper(g)
		}
	}
	return nil
}

func alarm(r *resolver, _, id string, _ object) any {
	var d struct{ MetricAlarms, CompositeAlarms []object }
	r.json("monitoring", "GraniteServiceVersion20100801.DescribeAlarms", object{"AlarmNames": []string{id}, "AlarmTypes": []string{"MetricAlarm", "CompositeAlarm"}}, &d)
	if len(d.MetricAlarms) == 1 {
		return d.MetricAlarms[0]
	}
	return nil
}

func dashboard(r *resolver, _, id string, want object) any {
	var d object
	r.json("monitoring", "GraniteServiceVersion20100801.GetDashboard", object{"DashboardName": id}, &d)
	return d
}
