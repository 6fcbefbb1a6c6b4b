package main

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"github.com/behorig/behorig/reconcile/targets/targettest"
)

// now is the clock of all scripts: a Tuesday, some years after the first release and before most dates of the examples run out.
var now = time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)

// hasty keeps a process with the race detector, which the scripts start by the hundred, from sleeping for a second before it exits.
const hasty = "atexit_sleep_ms=10"

func TestMain(m *testing.M) {
	if os.Getenv("GORACE") == "" {
		_ = os.Setenv("GORACE", hasty)
	}
	testscript.Main(withServers{m}, map[string]func(){
		"behorig": func() {
			w := &world{out: os.Stdout, err: os.Stderr, now: func() time.Time { return now }, actor: "test", env: os.LookupEnv}
			os.Exit(run(context.Background(), w, os.Args[1:]))
		},
		"rows":   rows,
		"sqlite": change,
	})
}

// withServers ends the real servers that tests have started, and removes what they share.
type withServers struct{ m *testing.M }

// scratch is a folder for what several tests share.
var scratch string

func (w withServers) Run() int {
	var err error
	if scratch, err = os.MkdirTemp("", "behorig"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(scratch)
	return targettest.Main(w.m)
}

// rows FILE QUERY prints what a SQLite query finds, a line a row: what a system really holds, asked past all of our code.
func rows() {
	db, err := sql.Open("sqlite", "file:"+os.Args[1]+"?mode=ro")
	if err != nil {
		panic(err)
	}
	found, err := db.Query(os.Args[2])
	if err != nil {
		panic(err)
	}
	cols, err := found.Columns()
	if err != nil {
		panic(err)
	}
	for found.Next() {
		cells := make([]string, len(cols))
		into := make([]any, len(cols))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := found.Scan(into...); err != nil {
			panic(err)
		}
		fmt.Println(strings.Join(cells, " "))
	}
}

// change FILE STATEMENTS does what somebody else might do in a system behind our back.
func change() {
	db, err := sql.Open("sqlite", os.Args[1])
	if err != nil {
		panic(err)
	}
	if _, err := db.Exec(os.Args[2]); err != nil {
		panic(err)
	}
}

// The scripts of testdata: a sentence, a command, its output. Each finds the examples of the project beside its own files.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			for _, example := range []string{"tiny", "falkenberg"} {
				if err := copyMissing(filepath.Join(env.WorkDir, example), filepath.Join("..", "..", "examples", example)); err != nil {
					return err
				}
			}
			if err := copyMissing(filepath.Join(env.WorkDir, "r"), filepath.Join("testdata", "base")); err != nil {
				return err
			}
			env.Setenv("GIT_CONFIG_GLOBAL", "/dev/null")
			env.Setenv("GORACE", os.Getenv("GORACE"))
			examples, err := filepath.Abs(filepath.Join("..", "..", "examples"))
			env.Setenv("EXAMPLES", examples)
			return err
		},
		Cmds:            map[string]func(*testscript.TestScript, bool, []string){"replace": replace, "job": job},
		UpdateScripts:   os.Getenv("UPDATE_SCRIPTS") != "",
		ContinueOnError: true,
	})
}

// copyMissing copies a tree over another, leaving what a script brings itself, and without the tool's own state.
func copyMissing(to, from string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == ".behorig" {
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		if _, err := os.Stat(target); err == nil {
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, raw, 0o644)
	})
}

// replace FILE OLD NEW changes the one place of a file that reads OLD; \n in either is a line end.
func replace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace FILE OLD NEW")
	}
	old, with := strings.ReplaceAll(args[1], `\n`, "\n"), strings.ReplaceAll(args[2], `\n`, "\n")
	text := ts.ReadFile(args[0])
	if n := strings.Count(text, old); n != 1 {
		ts.Fatalf("%s: got %d places that read %q, want 1", args[0], n, old)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, old, with, 1)), 0o600))
}

// Every command says how it is used, with an example that starts with its own name.
func TestHelp(t *testing.T) {
	w := &world{out: os.Stdout, err: os.Stderr, now: time.Now}
	var visit func(c *cobra.Command, path string)
	visit = func(c *cobra.Command, path string) {
		path += " " + c.Name()
		if c.Short == "" || !strings.Contains(c.Example, strings.TrimSpace("behorig"+path)) {
			t.Errorf("behorig%s: got short %q and example %q, want both, the example calling the command", path, c.Short, c.Example)
		}
		for _, sub := range c.Commands() {
			visit(sub, path)
		}
	}
	for _, command := range commands {
		visit(command(w), "")
	}
}

// Scripts that need a program of the machine are skipped without it; where servers are required it must be there.
func TestPrograms(t *testing.T) {
	for _, program := range []string{"git", "gpg", "sh", "ssh-keygen"} {
		if _, err := exec.LookPath(program); err != nil && os.Getenv("BEHORIG_REQUIRE_SERVERS") == "1" {
			t.Errorf("%s is not installed, and BEHORIG_REQUIRE_SERVERS=1", program)
		}
	}
}
