package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// advisory are the locks that processes of a name hold on the server.
const advisory = "SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND a.application_name = $1"

// Two processes share fifty repositories: what is ordered is made once, and both have their share. Then there is a commit everywhere, and the one that leads is
// killed in the middle of a call; the other takes its work over, and what is ordered is made once again.
func TestCluster(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 50)
	c.start()
	c.start()
	took := c.wait(2 * time.Minute)
	c.once(nil, 0)
	shares := c.shares()
	if len(shares) != 2 {
		t.Errorf("got passes by %v, want some by each of two processes", shares)
	}
	t.Logf("%d changes in %s; passes by process %v", len(c.done()), took.Round(time.Millisecond), shares)
	c.frugal()
	c.killed(c.leader(), 40*time.Millisecond)
}

// killed has a process be killed in the middle of a call, while there is something to do everywhere.
func (c *cluster) killed(m *member, latency time.Duration) {
	c.t.Helper()
	before := c.wanted()
	c.latency(latency)
	c.commit(c.towns)
	during := c.caught(m)
	held := len(c.rows(advisory, m.name))
	m.kill()
	at := time.Now()
	freed := c.until(5*time.Second, "locks freed", func() bool { return len(c.rows(advisory, m.name)) == 0 })
	c.t.Logf("killed %s during %v; its %d locks were free in %s", m.name, *during, held, freed.Round(time.Millisecond))
	c.wait(2 * time.Minute)
	over := c.takenOver(m, at)
	c.t.Logf("all was done %s after that; its jobs were taken over after %s", time.Since(at).Round(time.Millisecond), over)
	if len(over) == 0 || over[len(over)-1] > time.Minute {
		c.t.Errorf("got its jobs taken over after %s, want some, within a minute", over)
	}
	c.once(before, 2)
}

// frugal wants few connections from each process, however many repositories it keeps.
func (c *cluster) frugal() {
	c.t.Helper()
	for _, r := range c.rows("SELECT application_name, count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'm%' GROUP BY 1 ORDER BY 1") {
		var n int
		_, err := fmt.Sscan(r[1], &n)
		c.must(err)
		if n > 16 {
			c.t.Errorf("%s: got %d connections, want at most 16", r[0], n)
		}
		c.t.Logf("%s: %d connections, %d MB", r[0], n, c.member(r[0]).memory()>>20)
	}
}

// A repository is added while processes run, one is asked to end in the middle, all connections break, and a command works on the same state beside them.
func TestClusterChanges(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 6)
	c.list(5)
	first, second := c.start(), c.start()
	c.waitFor(c.towns[:5], time.Minute)
	c.list(6)
	for _, m := range c.workers {
		c.must(m.Process.Signal(syscall.SIGHUP))
	}
	t.Logf("a new repository was done %s after SIGHUP", c.wait(time.Minute).Round(time.Millisecond))
	c.once(nil, 0)

	before := c.wanted()
	c.latency(200 * time.Millisecond)
	c.commit(c.towns)
	c.caught(first)
	first.goOn()
	t.Logf("%s ended %s after SIGTERM; all was done %s later", first.name, first.stop().Round(time.Millisecond), c.wait(time.Minute).Round(time.Millisecond))
	c.once(before, 0)

	before = c.wanted()
	third := c.start()
	c.until(time.Minute, "begun", func() bool { return strings.Contains(third.speech(), "msg=begun") })
	c.commit(c.towns)
	c.caught(second)
	second.goOn()
	c.outage(3 * time.Second)
	t.Logf("all was done %s after the database had been away", c.wait(2*time.Minute).Round(time.Millisecond))
	c.once(before, 4)

	before = c.wanted()
	c.latency(time.Second)
	c.commit(c.towns[:1])
	c.until(time.Minute, "call", func() bool { return c.begun(c.towns[0].name) != nil })
	began := time.Now()
	said, code := c.command("apply", "--rev", "main")
	t.Logf("apply beside: code %d after %s: %s", code, time.Since(began).Round(time.Millisecond), said)
	if code != 0 && !strings.Contains(said, "another run works on") {
		t.Errorf("apply beside: got code %d and %s, want it to wait, or to say that another run works on it", code, said)
	}
	c.wait(time.Minute)
	c.once(before, 0)
	c.commands(second, third)
}

// outage breaks the connections of all processes and lets in no others for a while.
func (c *cluster) outage(d time.Duration) {
	c.rows("UPDATE pg_database SET datallowconn = false WHERE datname = current_database()")
	for range 3 {
		c.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'm%'")
		time.Sleep(d / 3)
	}
	c.rows("UPDATE pg_database SET datallowconn = true WHERE datname = current_database()")
}

// commands wants commands to see and do what processes do, on the same state.
func (c *cluster) commands(stop ...*member) {
	for _, m := range stop {
		m.stop()
	}
	c.latency(0)
	before := c.wanted()
	if said, code := c.command("plan", "--rev", "main", "--exit-code"); code != 0 {
		c.t.Errorf("plan when all is done: got code %d, want 0 and nothing to do: %s", code, said)
	}
	c.commit(c.towns[:1])
	if said, code := c.command("plan", "--rev", "main", "--exit-code"); code != exitPending {
		c.t.Errorf("plan after a commit: got code %d, want %d: %s", code, exitPending, said)
	}
	if said, code := c.command("apply", "--rev", "main"); code != 0 {
		c.t.Errorf("apply: got code %d, want 0: %s", code, said)
	}
	c.once(before, 0)
	var who string
	for k := range of(c.towns[0].want(c.on), inProgram) {
		who = max(who, k.Person)
	}
	if said, code := c.command("revoke", who, "--system", inProgram, "--reason", "prov"); code != 0 {
		c.t.Errorf("revoke: got code %d, want 0: %s", code, said)
	}
	for want, args := range map[string][]string{who: {"who", who, "--rev", "main"}, "Dörr": {"work", "list", "--rev", "main"}} {
		if said, code := c.command(args...); code != 0 || !strings.Contains(said, want) {
			c.t.Errorf("%v: got code %d and %s, want %s in it", args, code, said, want)
		}
	}
	revoked := c.done()
	m := c.start()
	c.until(time.Minute, "look that finds an emergency", func() bool { return strings.Contains(m.speech(), "emergency:1") })
	time.Sleep(3 * time.Second)
	m.stop()
	for k, n := range c.done() {
		if n != revoked[k] {
			c.t.Errorf("%v after it was revoked: got touched %d times, want %d: what is revoked stays so", k, n, revoked[k])
		}
	}
}

// command does a command on the state of the first town.
func (c *cluster) command(args ...string) (said string, code int) {
	c.t.Helper()
	cmd := exec.Command(c.program, append(args, "--repo", c.towns[0].dir, "--repository", c.towns[0].name, "--state", filepath.Join(c.dir, "command"))...)
	cmd.Env = append(os.Environ(), "BEHORIG_DATABASE="+c.named("command"))
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		c.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// long skips what takes minutes.
func long(t *testing.T) {
	if os.Getenv("BEHORIG_LONG") != "1" {
		t.Skip("skipped: it takes minutes; BEHORIG_LONG=1 runs it")
	}
}

// One, two and four processes: what is done in a second, where calls that take their time are what is waited for.
func TestClusterScale(t *testing.T) {
	long(t)
	c := newCluster(t, 50)
	c.latency(0)
	var one float64
	for _, n := range []int{1, 2, 4} {
		for len(c.workers) < n {
			m := c.start()
			c.until(time.Minute, "begun", func() bool { return strings.Contains(m.speech(), "msg=begun") })
		}
		c.latency(0)
		c.wait(3 * time.Minute)
		if n > 1 { // so that each knows all repositories
			c.commit(c.towns)
			c.wait(3 * time.Minute)
		}
		c.counted, c.begunBefore = c.done(), c.begins()
		shares, before, calls := c.shares(), c.wanted(), len(c.calls("done"))
		c.latency(time.Second)
		c.commit(c.towns)
		took := c.wait(5 * time.Minute)
		calls = len(c.calls("done")) - calls
		c.once(before, 0)
		speed := float64(calls) / took.Seconds()
		one = cmp.Or(one, speed)
		for name, k := range c.shares() {
			if k -= shares[name]; k <= 0 {
				t.Errorf("%d processes: got no passes by %s, want some", n, name)
			}
			shares[name] = c.shares()[name] - shares[name]
		}
		t.Logf("%d processes: %d calls of a second in %s, %.2f a second, %.2f times as many as one; passes %v", n, calls, took.Round(time.Millisecond), speed, speed/one, shares)
		c.frugal()
	}
}

// Of four processes two are killed, the one that leads last.
func TestClusterKills(t *testing.T) {
	long(t)
	c := newCluster(t, 50)
	for range 4 {
		c.start()
	}
	c.wait(3 * time.Minute)
	c.once(nil, 0)
	leader := c.leader()
	for _, m := range c.workers {
		if m != leader {
			c.killed(m, 200*time.Millisecond)
			break
		}
	}
	c.killed(leader, 200*time.Millisecond)
}

// A process that stands still for longer than it takes to have its jobs taken over has its locks still, and everybody waits. When the server drops them others
// go on, and the process ends what it was at when it wakes.
func TestClusterFrozen(t *testing.T) {
	long(t)
	c := newCluster(t, 10)
	c.start()
	c.start()
	c.wait(2 * time.Minute)
	c.once(nil, 0)

	before := c.wanted()
	c.latency(500 * time.Millisecond)
	c.commit(c.towns)
	m := c.workers[0]
	during := c.caught(m)
	time.Sleep(75 * time.Second)
	if again := c.begun(during.town); again != nil {
		t.Errorf("got a call %v while its system is locked, want none", *again)
	}
	if tries := len(c.rows("SELECT 1 FROM behorig_river.river_job WHERE metadata ? 'snoozes'")); tries == 0 {
		t.Errorf("got no job put aside, want those of the process that stands still")
	}
	m.goOn()
	c.wait(2 * time.Minute)
	c.once(before, 0)

	for range 3 {
		before = c.wanted()
		c.commit(c.towns)
		during = c.caught(m)
		time.Sleep(time.Second) // the call ends by itself
		c.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1", m.name)
		took := c.wait(2 * time.Minute)
		c.once(before, 1)
		calls := len(c.calls("begin"))
		m.goOn()
		time.Sleep(10 * time.Second)
		t.Logf("%v: another did it within %s; %d calls more when the one that stood still woke", *during, took.Round(time.Millisecond), len(c.calls("begin"))-calls)
		c.once(c.wanted(), 1)
	}
	m.stop()
}
