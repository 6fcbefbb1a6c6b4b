package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"sigs.k8s.io/yaml"
)

// pipeline is a pipeline of any of the forges, as far as the tests look at it.
type pipeline struct {
	On          map[string]any    `json:"on"`
	Permissions map[string]string `json:"permissions"`
	Jobs        map[string]struct {
		Uses        string            `json:"uses"`
		Permissions map[string]string `json:"permissions"`
		Steps       []struct {
			Uses string `json:"uses"`
			Name string `json:"name"`
			Run  string `json:"run"`
		} `json:"steps"`
	} `json:"jobs"`
}

// scriptOf are the commands of a job, without the one that installs the program. The dialect is GitLab's where the file has no jobs.
func scriptOf(file, job string) (string, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var p pipeline
	if err := yaml.Unmarshal(raw, &p); err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	var lines []string
	if p.Jobs != nil {
		for _, step := range p.Jobs[job].Steps {
			if step.Name != "Install" {
				lines = append(lines, step.Run)
			}
		}
	} else {
		var all map[string]any
		if err := yaml.Unmarshal(raw, &all); err != nil {
			return "", err
		}
		of, _ := all[job].(map[string]any)
		script, _ := of["script"].([]any)
		for _, line := range script {
			lines = append(lines, line.(string))
		}
	}
	if len(lines) == 0 {
		return "", fmt.Errorf("%s: got no commands of job %s", file, job)
	}
	return strings.Join(lines, "\n") + "\n", nil
}

// job FILE JOB SCRIPT writes the commands of a pipeline's job as the script that its runner makes of them.
func job(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: job FILE JOB SCRIPT")
	}
	commands, err := scriptOf(ts.MkAbs(args[0]), args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte("set -eo pipefail\n"+commands), 0o600))
}

// pipelines are those of the example, by file, with their jobs.
var pipelines = map[string][]string{
	".gitlab-ci.yml":                 {"check", "plan", "apply"},
	".github/workflows/behorig.yml":  {"check", "plan", "apply"},
	".forgejo/workflows/behorig.yml": {"check", "plan", "apply"},
}

// The example's pipelines ask for no more than they need, run nobody else's code, and put nothing into a script but by variables in quotes.
func TestPipelinesAreTight(t *testing.T) {
	expression := regexp.MustCompile(`\$\{\{`)
	for file, jobs := range pipelines {
		path := filepath.Join(falkenberg, filepath.FromSlash(file))
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var p pipeline
		if err := yaml.UnmarshalStrict(raw, &map[string]any{}); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if err := yaml.Unmarshal(raw, &p); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if p.Jobs != nil {
			if len(p.Permissions) != 1 || p.Permissions["contents"] != "read" {
				t.Errorf("%s: got permissions %v, want contents: read alone", file, p.Permissions)
			}
			if _, target := p.On["pull_request_target"]; target || p.On["schedule"] == nil {
				t.Errorf("%s: got events %v, want a schedule and no pull_request_target", file, p.On)
			}
			if _, asked := p.On["pull_request"]; !asked {
				t.Errorf("%s: got events %v, want pull_request", file, p.On)
			}
		}
		for name, j := range p.Jobs {
			uses := []string{j.Uses}
			for _, step := range j.Steps {
				uses = append(uses, step.Uses)
			}
			if i := slices.IndexFunc(uses, func(s string) bool { return s != "" }); i >= 0 || len(j.Permissions) > 0 {
				t.Errorf("%s: %s: got uses %q and permissions %v, want none", file, name, uses, j.Permissions)
			}
		}
		if n := strings.Count(string(raw), "BEHORIG_VERSION:"); n != 1 {
			t.Errorf("%s: got the version in %d places, want 1", file, n)
		}
		for _, name := range jobs {
			commands, err := scriptOf(path, name)
			if err != nil {
				t.Fatal(err)
			}
			if expression.MatchString(commands) {
				t.Errorf("%s: %s: got an expression of the workflow in a script, want variables of the environment:\n%s", file, name, commands)
			}
			if strings.Contains(strings.ReplaceAll(commands, `"behorig-report`, ""), "--approved-by") {
				t.Errorf("%s: %s: got approvers, want none in these jobs", file, name)
			}
			shellcheck(t, file+": "+name, "#!/bin/bash\nset -eo pipefail\n"+commands)
		}
	}
	for _, hook := range []string{"pre-commit", "pre-receive"} {
		raw, err := os.ReadFile(filepath.Join(falkenberg, "hooks", hook))
		if err != nil {
			t.Fatal(err)
		}
		shellcheck(t, hook, string(raw))
	}
}

// shellcheck finds variables without quotes and much else, where it is installed.
func shellcheck(t *testing.T, what, script string) {
	t.Helper()
	if _, err := exec.LookPath("shellcheck"); err != nil {
		if os.Getenv("BEHORIG_REQUIRE_SERVERS") != "" {
			t.Error("shellcheck is not installed")
		}
		return
	}
	c := exec.CommandContext(t.Context(), "shellcheck", "-")
	c.Stdin = strings.NewReader(script)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", what, err, out)
	}
}
