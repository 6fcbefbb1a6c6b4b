package targettest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server is a throw-away real server that a script of .ci/servers has started.
type Server struct {
	Dir  string            // its data folder
	Vars map[string]string // what the script says of it, such as URL and CA: see .ci/servers/README.md
}

// Start gives the server that .ci/servers/NAME starts, ready, with env ("NAME=value") set for the script. There is one for each name and env in a test
// process, so tests keep apart by names of their own. It ends with the process, however this ends; [Main] also waits for that. Where this machine
// cannot run it the test is skipped, or fails with BEHORIG_REQUIRE_SERVERS=1; a server that is installed and does not start always fails the test.
func Start(t testing.TB, name string, env ...string) *Server {
	t.Helper()
	p := started.process(name, env)
	switch required := os.Getenv("BEHORIG_REQUIRE_SERVERS") == "1"; {
	case p.lacks != "" && required:
		t.Fatal(p.lacks)
	case p.lacks != "":
		t.Skip(p.lacks + ": skipped; BEHORIG_REQUIRE_SERVERS=1 makes this an error")
	case p.err != nil:
		t.Fatal(p.err)
	}
	select {
	case <-p.ended:
		t.Fatalf("%s ended: %v\n%s", name, p.code, p.stderr.String())
	default:
	}
	return &Server{Dir: p.dir, Vars: maps.Clone(p.vars)}
}

// Main runs a package's tests, ends the servers that they started and removes their folders. It gives the code to exit with: a package that calls
// [Start] has
//
//	func TestMain(m *testing.M) { os.Exit(targettest.Main(m)) }
func Main(m *testing.M) int {
	code := m.Run()
	if err := started.end(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	return code
}

// started is the servers of this process. It is a variable of the package since tests of one process share servers and [testing] hands nothing on
// from one to the next.
var started = &processes{all: map[string]*process{}}

type processes struct {
	mu  sync.Mutex
	all map[string]*process
}

// process gives the process of a script, started by who asks first.
func (ps *processes) process(name string, env []string) *process {
	key := strings.Join(append([]string{name}, env...), "\x00")
	ps.mu.Lock()
	p := ps.all[key]
	if p == nil {
		p = &process{name: name, ended: make(chan struct{})}
		ps.all[key] = p
	}
	ps.mu.Unlock()
	p.once.Do(func() { p.err = p.start(env) })
	return p
}

func (ps *processes) end() error {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	var wait sync.WaitGroup
	names := slices.Sorted(maps.Keys(ps.all))
	errs := make([]error, len(names))
	for i, name := range names {
		wait.Go(func() { errs[i] = ps.all[name].end() })
	}
	wait.Wait()
	clear(ps.all)
	return errors.Join(errs...)
}

// process is a script that runs, or why it does not.
type process struct {
	once   sync.Once
	name   string
	dir    string
	vars   map[string]string
	lacks  string // what this machine lacks to run it
	err    error  // what went wrong at the start
	cmd    *exec.Cmd
	hold   interface{ Close() error } // its standard input: it ends when this is closed
	stderr bytes.Buffer               // to be read when it has ended
	ended  chan struct{}
	code   error // once it has ended
}

// patience is how long a server may take to start.
const patience = 90 * time.Second

// unable is the code of a script that cannot run on this machine.
const unable = 77

func (p *process) start(env []string) error {
	script, err := find(filepath.Join(".ci", "servers", p.name))
	if err != nil {
		return err
	}
	if p.dir, err = os.MkdirTemp("", "behorig-"+p.name+"-"); err != nil {
		return err
	}
	said := &speech{ready: make(chan struct{})}
	p.cmd = exec.Command(script, p.dir)
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = said, &p.stderr
	p.cmd.WaitDelay = 5 * time.Second
	if p.hold, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	dieWithUs(p.cmd)
	running := make(chan error)
	go func() {
		// The system ties the script to the thread that starts it, so this one must live as long.
		runtime.LockOSThread()
		err := p.cmd.Start()
		running <- err
		if err == nil {
			p.code = p.cmd.Wait()
			close(p.ended)
		}
	}()
	if err := <-running; err != nil {
		_ = os.RemoveAll(p.dir)
		return fmt.Errorf("%s: %w", p.name, err)
	}
	select {
	case <-said.ready:
		p.vars = said.vars()
		return nil
	case <-p.ended:
		_ = os.RemoveAll(p.dir)
		if p.cmd.ProcessState.ExitCode() == unable {
			p.lacks = strings.TrimSpace(p.stderr.String())
			return nil
		}
		return fmt.Errorf("%s did not start: %w\n%s", p.name, p.code, p.stderr.String())
	case <-time.After(patience):
		err := p.end()
		return errors.Join(fmt.Errorf("%s was not ready after %s\n%s", p.name, patience, p.stderr.String()), err)
	}
}

// end ends the script, which ends the server. What went wrong with the server before is told here.
func (p *process) end() error {
	if p.err != nil || p.lacks != "" || p.cmd == nil {
		return nil
	}
	_ = p.hold.Close()
	select {
	case <-p.ended:
	case <-time.After(20 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
	if err := os.RemoveAll(p.dir); err != nil {
		return err
	}
	if p.code != nil {
		return fmt.Errorf("%s ended: %w\n%s", p.name, p.code, p.stderr.String())
	}
	return nil
}

// find gives the path of a file of the repository that the tests run in.
func find(path string) (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, path), nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("there is no go.mod above the working folder, so the server scripts are not to be found")
		}
		dir = parent
	}
}

// speech is what a script prints: lines NAME=value, then the line ready.
type speech struct {
	mu    sync.Mutex
	text  strings.Builder
	ready chan struct{} // closed at that line
	over  bool
}

func (s *speech) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(b)
	if !s.over && strings.HasSuffix("\n"+s.text.String(), "\nready\n") {
		s.over = true
		close(s.ready)
	}
	return len(b), nil
}

func (s *speech) vars() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	vars := map[string]string{}
	for line := range strings.Lines(s.text.String()) {
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "="); ok {
			vars[name] = value
		}
	}
	return vars
}
