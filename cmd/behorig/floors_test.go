package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/behorig/behorig/"

// source is one Go file of the project.
type source struct {
	path    string // from the top, with slashes
	folder  string
	test    bool
	imports []string
	file    *ast.File
	lines   int
}

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	top := filepath.Join("..", "..")
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != top {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, path)
		if err != nil {
			return err
		}
		s := source{path: filepath.ToSlash(rel), test: strings.HasSuffix(path, "_test.go"), file: f, lines: set.File(f.Pos()).LineCount()}
		s.folder, _ = filepath.Split(s.path)
		s.folder = strings.TrimSuffix(s.folder, "/")
		for _, i := range f.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, p)
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// floor is the height of a folder: what is on one floor may use those below it alone.
func floor(folder string) int {
	return slices.Index([]string{"schema", "policies", "reconcile", "cmd"}, strings.SplitN(folder, "/", 2)[0])
}

// Data flows one way: schema, policies, reconcile, cmd. Children of reconcile import their parent, never the reverse.
func TestFloors(t *testing.T) {
	for _, s := range sources(t) {
		for _, p := range s.imports {
			to, ours := strings.CutPrefix(p, module)
			switch {
			case !ours || s.test:
			case floor(to) > floor(s.folder):
				t.Errorf("%s: got an import of %s, want none of a floor above", s.path, to)
			case s.folder == "reconcile" && strings.HasPrefix(to, "reconcile/"):
				t.Errorf("%s: got an import of its child %s, want none", s.path, to)
			}
		}
	}
}

// Each part that could be changed for another is in one place.
func TestOnePlace(t *testing.T) {
	only := map[string]string{ // import prefix to the folders that may have it
		"go.yaml.in/yaml": "schema", "sigs.k8s.io/yaml": "schema", "gopkg.in/yaml": "schema",
		"github.com/open-policy-agent/opa": "policies",
		"github.com/go-git":                "reconcile/repo",
		"modernc.org/sqlite":               "reconcile/sqlite",
		"github.com/go-ldap/ldap":          "reconcile/targets/ldap",
		"github.com/jackc/pgx":             "reconcile/targets/sql reconcile/store",
		"github.com/riverqueue":            "reconcile/schedule",
		"github.com/pkg/sftp":              "reconcile/targets/files",
		"github.com/robfig/cron":           "schema",
		"github.com/prometheus":            "reconcile/telemetry",
		"go.opentelemetry.io":              "reconcile/telemetry/trace",
		"github.com/wneessen/go-mail":      "reconcile/notify",
		"github.com/spf13/cobra":           "cmd/behorig",
		"github.com/coreos/go-oidc":        "cmd/behorig/portal/signin",
		"golang.org/x/oauth2":              "cmd/behorig/portal/signin",
		"github.com/chromedp":              "",
	}
	for _, s := range sources(t) {
		for _, p := range s.imports {
			for prefix, folders := range only {
				if strings.HasPrefix(p, prefix) && !slices.Contains(strings.Fields(folders), s.folder) && !s.test {
					t.Errorf("%s: got an import of %s, want it in %s alone", s.path, p, folders)
				}
			}
			if strings.HasPrefix(p, "log") && p != "log/slog" || p == "log/slog" && floor(s.folder) < 3 && s.folder != "reconcile/schedule" {
				t.Errorf("%s: got an import of %s, want logging in cmd and reconcile/schedule alone", s.path, p)
			}
		}
	}
}

// The pure core takes no context, logger, clock or environment; nothing but main exits; nothing panics or has an init. Of what lies below cmd only the
// targets may ask what time it is: a token runs out and an answer is late by the clock of the real world. The day they act for is given.
func TestPure(t *testing.T) {
	core := map[string]bool{"reconcile/diff.go": true, "reconcile/guard.go": true, "reconcile/handsoff.go": true}
	for _, s := range sources(t) {
		if s.test {
			continue
		}
		if s.folder == "schema" || core[s.path] {
			for _, p := range []string{"context", "os", "log/slog", "net", "net/http", "os/exec"} {
				if slices.Contains(s.imports, p) {
					t.Errorf("%s: got an import of %s, want none in the pure core", s.path, p)
				}
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Name.Name == "init" && n.Recv == nil {
					t.Errorf("%s: got an init function, want none", s.path)
				}
			case *ast.CallExpr:
				switch call := name(n.Fun); {
				case call == "panic", call == "os.Exit" && s.path != "cmd/behorig/main.go", call == "time.Now" && floor(s.folder) < 3 && !strings.HasPrefix(s.folder, "reconcile/targets/"):
					t.Errorf("%s: got a call of %s, want none", s.path, call)
				}
			}
			return true
		})
	}
}

func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return name(e.X) + "." + e.Sel.Name
	}
	return ""
}

// A file has one reason to be opened.
func TestFileLength(t *testing.T) {
	for _, s := range sources(t) {
		if s.lines > 500 {
			t.Errorf("%s: got %d lines, want 500 at most: what is it two of?", s.path, s.lines)
		}
	}
}

// The top level is fixed by the client.
func TestTopLevel(t *testing.T) {
	want := []string{"README.md", "cmd", "examples", "go.mod", "go.sum", "policies", "reconcile", "schema"}
	entries, err := os.ReadDir(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(want, e.Name()) {
			t.Errorf("got %s at the top, want only %v and dotfiles", e.Name(), want)
		}
	}
}
