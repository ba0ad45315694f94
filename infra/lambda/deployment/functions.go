package deployment

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"liaison/infra/lambda/sandbox"
)

// Flags are how a function is built, as the Makefile has them for AWS SAM; a test holds the two together.
var Flags = []string{"-tags=lambda.norpc,nethttpomithttp2", "-trimpath", "-gcflags=maragu.dev/gomponents/...=-l", "-ldflags=-s -w"}

// Build makes every function's binary for this machine, as the template's build does for Lambda: into dir/NAME.
func Build(ctx context.Context, root, dir string) error {
	return BuildWith(ctx, root, dir, "", "./functions/...")
}

// BuildWith makes the binaries of packages in the same way, with further build tags, separated by commas.
func BuildWith(ctx context.Context, root, dir, tags string, packages ...string) error {
	flags := slices.Clone(Flags)
	flags[0] = strings.TrimSuffix(flags[0]+","+tags, ",")
	c := exec.CommandContext(ctx, "go", slices.Concat([]string{"build"}, flags, []string{"-o", dir + string(filepath.Separator)}, packages)...)
	c.Dir, c.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("deployment: build: %w\n%s", err, out)
	}
	return nil
}

// Key is the access key that a function of that folder signs with, so that its calls can be told from those of others.
func Key(folder string) string { return "AKIA" + strings.ToUpper(folder) }

// functions makes a pool of processes for each function.
func (d *Deployment) functions(aws string) func(context.Context) error {
	return func(context.Context) error {
		list, err := d.Template.Functions()
		if err != nil {
			return err
		}
		for _, f := range list {
			seconds, err := d.Timeout(f)
			if err != nil {
				return err
			}
			variables, err := d.Values.Variables(f)
			if err != nil {
				return err
			}
			for name, value := range d.Options.Variables {
				variables[name] = value
			}
			d.Logs[f.Folder] = &Log{}
			function := sandbox.Function{
				Name: f.Folder, Binary: filepath.Join(d.Bin, f.Folder), ARN: d.Known[f.ID+".Alias"], Timeout: time.Duration(seconds) * time.Second,
				Workers: d.Workers * max(1, len(f.Events())), // each event source has its own concurrency: one does not wait for another
				Env:     d.environment(f.Folder, d.Known[f.ID], aws, variables), Token: "AWS_SESSION_TOKEN", Log: d.Logs[f.Folder],
			}
			if !d.Fixed {
				function.Offset = d.Stage.Clock.Offset
			}
			d.Functions[f.Folder] = sandbox.New(function)
		}
		d.Stage.Moved = func() error {
			for _, p := range d.Functions {
				if err := p.Move(); err != nil {
					return err
				}
			}
			return nil
		}
		return nil
	}
}

// environment is what Lambda sets, and what the template does.
func (d *Deployment) environment(folder, name, aws string, variables map[string]string) []string {
	out := []string{
		"AWS_REGION=" + d.Account.Region, "AWS_DEFAULT_REGION=" + d.Account.Region, "AWS_ACCESS_KEY_ID=" + Key(folder), "AWS_SECRET_ACCESS_KEY=harness",
		"AWS_LAMBDA_FUNCTION_NAME=" + name, "AWS_LAMBDA_FUNCTION_VERSION=1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512", "AWS_LAMBDA_LOG_GROUP_NAME=" + name,
		"AWS_LAMBDA_LOG_FORMAT=JSON", "AWS_LAMBDA_LOG_LEVEL=INFO", "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand", "AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023",
		"LAMBDA_TASK_ROOT=/var/task", "LAMBDA_RUNTIME_DIR=/var/runtime", "_HANDLER=bootstrap", "TZ=:UTC", "LANG=en_US.UTF-8", "PATH=/usr/local/bin:/usr/bin:/bin",
		"AWS_ENDPOINT_URL=" + aws,
	}
	for name, value := range variables {
		out = append(out, name+"="+value)
	}
	return out
}

// Log keeps what a function's processes print.
type Log struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// String is all of it.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
