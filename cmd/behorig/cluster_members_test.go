package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/behorig/behorig/schema"
)

// member is one process, as on a machine of its own: it shares the database and nothing else.
type member struct {
	*exec.Cmd
	c     *cluster
	name  string
	said  string
	ended chan struct{}
}

// start starts a process.
func (c *cluster) start(flags ...string) *member {
	c.t.Helper()
	m := &member{c: c, name: fmt.Sprintf("m%d", len(c.workers)), ended: make(chan struct{})}
	state := filepath.Join(c.dir, m.name)
	c.must(os.MkdirAll(state, 0o700))
	m.said = filepath.Join(state, "said")
	said, err := os.Create(m.said)
	c.must(err)
	defer said.Close()
	args := append([]string{"run", "--repositories", filepath.Join(c.dir, "repositories.yaml"), "--state", state, "--workers", "2", "--tick", "2s", "--poll", "2s"}, flags...)
	m.Cmd = exec.Command(c.program, args...)
	m.Env = append(os.Environ(), "BEHORIG_DATABASE="+c.named(m.name))
	m.Stdout, m.Stderr = said, said
	c.must(m.Start())
	go func() {
		_ = m.Wait()
		close(m.ended)
	}()
	c.workers = append(c.workers, m)
	c.t.Cleanup(func() {
		_ = m.Process.Kill()
		<-m.ended
	})
	return m
}

// named is the database's address for a process that says its name to the server.
func (c *cluster) named(name string) string { return c.url + "&application_name=" + name }

// stop asks a process to end, and tells how long it took.
func (m *member) stop() time.Duration {
	m.c.t.Helper()
	began := time.Now()
	m.c.must(m.Process.Signal(syscall.SIGTERM))
	select {
	case <-m.ended:
	case <-time.After(30 * time.Second):
		m.c.t.Fatalf("%s: got no end in 30 s, want one: %s", m.name, m.speech())
	}
	if code := m.ProcessState.ExitCode(); code != 0 {
		m.c.t.Errorf("%s: got code %d, want 0: %s", m.name, code, m.speech())
	}
	return time.Since(began)
}

func (m *member) speech() string {
	raw, err := os.ReadFile(m.said)
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(raw, []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-40):], []byte("\n")))
}

// until waits until something is so.
func (c *cluster) until(within time.Duration, what string, so func() bool) time.Duration {
	c.t.Helper()
	began := time.Now()
	for !so() {
		if time.Since(began) > within {
			var speech strings.Builder
			for _, m := range c.workers {
				fmt.Fprintf(&speech, "%s:\n%s\n", m.name, m.speech())
			}
			c.t.Fatalf("got no %s in %s, want them; jobs %v\n%s", what, within, c.rows("SELECT state::text, args::text, errors[array_upper(errors, 1)]::text FROM behorig_river.river_job WHERE state NOT IN ('completed', 'available') LIMIT 10"), speech.String())
		}
		time.Sleep(100 * time.Millisecond)
	}
	return time.Since(began)
}

// shares are how many passes each process made.
func (c *cluster) shares() map[string]int {
	n := map[string]int{}
	for _, r := range c.rows("SELECT attempted_by[array_upper(attempted_by, 1)], count(*) FROM behorig_river.river_job WHERE state = 'completed' AND queue = 'pass' GROUP BY 1") {
		var k int
		_, _ = fmt.Sscan(r[1], &k)
		n[r[0]] = k
	}
	return n
}

// member is a process by its name.
func (c *cluster) member(name string) *member {
	c.t.Helper()
	for _, m := range c.workers {
		if m.name == name {
			return m
		}
	}
	c.t.Fatalf("there is no process %s", name)
	return nil
}

// memory is how many bytes of memory a process has.
func (m *member) memory() (bytes int) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", m.Process.Pid))
	if err != nil {
		return 0
	}
	var size, resident int
	_, _ = fmt.Sscan(string(raw), &size, &resident)
	return resident * os.Getpagesize()
}

// leader is the process that River has elected.
func (c *cluster) leader() (leader *member) {
	c.t.Helper()
	c.until(time.Minute, "leader", func() bool {
		for _, r := range c.rows("SELECT leader_id FROM behorig_river.river_leader WHERE expires_at > now()") {
			for _, m := range c.workers {
				if strings.Contains(r[0], fmt.Sprintf("-%d-", m.Process.Pid)) {
					leader = m
				}
			}
		}
		return leader != nil
	})
	return leader
}

// caught stops a process while it waits for a call of its program, and gives the call.
func (c *cluster) caught(m *member) (during *touch) {
	c.t.Helper()
	c.until(time.Minute, "call by "+m.name, func() bool {
		out, _ := exec.Command("pgrep", "-P", fmt.Sprint(m.Process.Pid), "-a").Output()
		_, name, found := strings.Cut(string(out), filepath.Join(c.dir, "held")+"/")
		if !found {
			return false
		}
		c.must(m.Process.Signal(syscall.SIGSTOP)) // so that it stays where it is while we look
		if during = c.begun(strings.Fields(name)[0]); during == nil {
			m.goOn()
		}
		return during != nil
	})
	return during
}

func (m *member) goOn() {
	m.c.t.Helper()
	m.c.must(m.Process.Signal(syscall.SIGCONT))
}

func (m *member) kill() {
	m.c.t.Helper()
	m.c.must(m.Process.Kill())
	<-m.ended
}

// begun is the call that the program of a town is at.
func (c *cluster) begun(name string) *touch {
	raw, _ := os.ReadFile(filepath.Join(c.dir, "held", "calls", name))
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	f := strings.Fields(lines[len(lines)-1])
	if len(f) == 0 || f[0] != "begin" {
		return nil
	}
	return &touch{name, keyOf(f[2])}
}

// keyOf is what a call says of what it is about.
func keyOf(what string) schema.Key {
	p := strings.Split(strings.ReplaceAll(what, `\-`, ""), ",")
	return schema.Key{System: p[0], Person: p[1], Role: p[2], Unit: p[3]}
}

// takenOver is how long after an instant each job began anew that a process had when it was killed, the longest last.
func (c *cluster) takenOver(m *member, at time.Time) (all []time.Duration) {
	for _, r := range c.rows(`SELECT extract(epoch FROM attempted_at - $1::timestamptz)::float8::text FROM behorig_river.river_job
		WHERE attempt > 1 AND attempted_by[array_length(attempted_by, 1) - 1] LIKE $2 AND attempted_at > $1 ORDER BY attempted_at`, at, fmt.Sprintf("%%-%d-%%", m.Process.Pid)) {
		var seconds float64
		_, err := fmt.Sscan(r[0], &seconds)
		c.must(err)
		all = append(all, time.Duration(seconds*1000)*time.Millisecond)
	}
	return all
}

// begins is how often each call of a program was begun so far.
func (c *cluster) begins() map[touch]int {
	n := map[touch]int{}
	for _, call := range c.calls("begin") {
		n[call]++
	}
	return n
}

// once wants each grant that differs from what was wanted before to have been touched once since the last time, and no more calls than that but for so many
// that were broken off.
func (c *cluster) once(before map[string]schema.State, broken int) {
	c.t.Helper()
	now, begun := c.done(), c.begins()
	since := func(now, then map[touch]int) map[touch]int {
		n := map[touch]int{}
		for k, times := range now {
			if times > then[k] {
				n[k] = times - then[k]
			}
		}
		return n
	}
	want, again := c.want(before), 0
	if d := cmp.Diff(want, since(now, c.counted)); d != "" {
		c.t.Errorf("how often each grant was touched, by the targets' own logs (- want, + got):\n%s", d)
	}
	for k, times := range since(begun, c.begunBefore) {
		if again += times - want[k]; times > want[k] && again > broken {
			c.t.Errorf("%v: got %d calls of the program, want %d: more than the %d that were broken off", k, times, want[k], broken)
		}
	}
	c.counted, c.begunBefore = now, begun
}
