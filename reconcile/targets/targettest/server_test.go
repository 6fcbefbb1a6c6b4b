package targettest_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/targets/targettest"
)

func answers(s *targettest.Server) bool {
	conn, err := net.Dial("tcp", net.JoinHostPort(s.Vars["HOST"], s.Vars["PORT"]))
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// One server serves all tests of a process that ask for the same; what a test does to its copy of the values is its own.
func TestStartShares(t *testing.T) {
	first := targettest.Start(t, "sshd")
	if !answers(first) {
		t.Fatalf("got no answer at %s:%s, want a server", first.Vars["HOST"], first.Vars["PORT"])
	}
	port := first.Vars["PORT"]
	first.Vars["PORT"] = "1"
	if again := targettest.Start(t, "sshd"); again.Vars["PORT"] != port || again.Dir != first.Dir {
		t.Errorf("asked again: got port %s in %s, want %s in %s", again.Vars["PORT"], again.Dir, port, first.Dir)
	}
	if other := targettest.Start(t, "sshd", "ANY=thing"); other.Vars["PORT"] == port || other.Dir == first.Dir {
		t.Errorf("asked with another env: got port %s in %s, want another", other.Vars["PORT"], other.Dir)
	}
}

// A test process that is killed takes its servers with it.
func TestServersEndWithTheProcess(t *testing.T) {
	if os.Getenv("TARGETTEST_HOLD") == "1" {
		s := targettest.Start(t, "sshd")
		fmt.Printf("holding %s %s %s\n", s.Dir, s.Vars["HOST"], s.Vars["PORT"])
		time.Sleep(time.Minute)
		return
	}
	targettest.Start(t, "sshd") // skips where there is none
	child := exec.Command(os.Args[0], "-test.run=^TestServersEndWithTheProcess$")
	child.Env = append(os.Environ(), "TARGETTEST_HOLD=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	s := &targettest.Server{Vars: map[string]string{}}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var host, port string
	if _, err := fmt.Sscanf(line, "holding %s %s %s", &s.Dir, &host, &port); err != nil {
		t.Fatalf("got %q, error %v", line, err)
	}
	s.Vars["HOST"], s.Vars["PORT"] = host, port
	if !answers(s) {
		t.Fatal("got no answer before the kill, want one")
	}
	if err := child.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	for range 200 {
		if _, err := os.Stat(s.Dir); os.IsNotExist(err) && !answers(s) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("got the server alive, or %s there, 20 s after its process was killed", s.Dir)
}

// What a script says with its code and its words decides what becomes of the test.
func TestStartTells(t *testing.T) {
	for _, c := range []struct{ name, script, required, want string }{
		{"ready", "echo A=b=c; echo ready; cat", "", "started A=b=c"},
		{"cannot run here", "echo 'x: it is not installed' >&2; exit 77", "", "skip x: it is not installed: skipped; BEHORIG_REQUIRE_SERVERS=1 makes this an error"},
		{"cannot run here, and must", "echo 'x: it is not installed' >&2; exit 77", "1", "fatal x: it is not installed"},
		{"broken", "echo 'x: no port' >&2; exit 1", "", "fatal fake did not start: exit status 1\nx: no port\n"},
		{"broken after a word", "echo A=b; echo ready >&2; exit 3", "1", "fatal fake did not start: exit status 3\nready\n"},
		{"not there", "", "", "fatal fake: fork/exec"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake(t, c.script)
			t.Setenv("BEHORIG_REQUIRE_SERVERS", c.required)
			if got := tell(t, "fake", "CASE="+c.name); !strings.HasPrefix(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// fake makes a repository whose server script fake is the one given, none if it is "", and goes to a folder in it.
func fake(t *testing.T, script string) {
	t.Helper()
	top := t.TempDir()
	inner, scripts := filepath.Join(top, "a", "b"), filepath.Join(top, ".ci", "servers")
	for _, dir := range []string{inner, scripts} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	files := map[string]string{filepath.Join(top, "go.mod"): "module x\n"}
	if script != "" {
		files[filepath.Join(scripts, "fake")] = "#!/bin/sh\n" + script + "\n"
	}
	for file, text := range files {
		if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(inner)
}

// tell says what Start does to a test.
func tell(t *testing.T, name string, env ...string) string {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s := targettest.Start(r, name, env...)
		r.said = "started A=" + s.Vars["A"]
		if _, err := os.Stat(s.Dir); err != nil {
			r.said = err.Error()
		}
	}()
	<-done
	return r.said
}

// recorder is a test that remembers how it ended.
type recorder struct {
	testing.TB
	said string
}

func (r *recorder) Fatal(args ...any)            { r.end("fatal " + fmt.Sprint(args...)) }
func (r *recorder) Fatalf(f string, args ...any) { r.end("fatal " + fmt.Sprintf(f, args...)) }
func (r *recorder) Skip(args ...any)             { r.end("skip " + fmt.Sprint(args...)) }
func (r *recorder) Helper()                      {}
func (r *recorder) end(said string)              { r.said = said; runtime.Goexit() }

// A server that ends by itself is told to the next test that asks for it, and fails the run even if no test asks.
func TestADeadServerFailsTheRun(t *testing.T) {
	if os.Getenv("TARGETTEST_DIE") == "1" {
		fake(t, "echo ready; sleep 0.1; echo 'x: I fell' >&2; exit 1")
		_ = targettest.Start(t, "fake")
		for range 100 {
			if got := tell(t, "fake"); got == "fatal fake ended: exit status 1\nx: I fell\n" {
				fmt.Println("told")
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		return
	}
	child := exec.Command(os.Args[0], "-test.run=^TestADeadServerFailsTheRun$")
	child.Env = append(os.Environ(), "TARGETTEST_DIE=1")
	out, err := child.CombinedOutput()
	if code := child.ProcessState.ExitCode(); code != 1 || !strings.Contains(string(out), "told\nPASS\n") || !strings.Contains(string(out), "x: I fell") {
		t.Errorf("got code %d, error %v, and\n%s\nwant code 1, the next test told, and the server's words at the end", code, err, out)
	}
}
