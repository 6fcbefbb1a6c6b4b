package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// What goes wrong on a machine is a clear error or a wait, never damage: each of these ends with the targets as wanted and each change made once.
func TestRobust(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: it starts many processes")
	}
	program := buildProgram(t)
	for i, c := range []struct {
		name string
		test func(*killing)
	}{
		{"disk full", diskFull},
		{"ledger read-only", ledgerReadOnly},
		{"clock back", clockBack},
		{"several at once", severalAtOnce},
		{"SIGTERM", sigterm},
		{"SIGHUP", sighup},
		{"lost ledger", lostLedger},
		{"backup and restore", backupAndRestore},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(newKilling(t, program, 50+uint64(i), 15, false)) })
	}
}

// tell runs a process to its end.
func (k *killing) tell(mode string) (code int, said string) {
	k.t.Helper()
	p := k.start(mode)
	select {
	case <-p.ended:
	case <-time.After(60 * time.Second):
		_ = p.Process.Kill()
		k.t.Fatalf("%s: got no end in 60 s, want one: %s", mode, p.speech())
	}
	return p.ProcessState.ExitCode(), p.speech()
}

// says wants an exit code and some words.
func (k *killing) says(mode string, code int, words ...string) {
	k.t.Helper()
	got, said := k.tell(mode)
	if got != code {
		k.t.Errorf("%s: got code %d, want %d: %s", mode, got, code, said)
	}
	for _, w := range words {
		if !strings.Contains(said, w) {
			k.t.Errorf("%s: got %s, want that it says %q", mode, said, w)
		}
	}
	k.t.Logf("%s says: %s", mode, said)
}

// commit begins a round: the day's orders are there, and nobody has made anything of them.
func (k *killing) commit(changes int) (before schema.State, m mark) {
	k.rounds++
	before, m = k.held(), k.mark()
	k.advance(k.t, k.on, changes)
	return before, m
}

// mount mounts something for the test; where that may not be done, the test is skipped.
func (k *killing) mount(at string, args ...string) (unmount func()) {
	k.t.Helper()
	if os.Getuid() != 0 {
		k.t.Skip("skipped: only root may mount")
	}
	if out, err := exec.Command("mount", append(args, at)...).CombinedOutput(); err != nil {
		k.t.Skipf("skipped: mount: %v: %s", err, out)
	}
	mounted := true
	unmount = func() {
		if !mounted {
			return
		}
		mounted = false
		if out, err := exec.Command("umount", at).CombinedOutput(); err != nil {
			k.t.Errorf("umount: %v: %s", err, out)
		}
	}
	k.t.Cleanup(unmount)
	return unmount
}

// The disk of the state is full at the beginning, or becomes so in the middle.
func diskFull(k *killing) {
	k.must(os.MkdirAll(k.state, 0o700))
	k.mount(k.state, "-t", "tmpfs", "-o", "size=8m", "tmpfs")
	k.watch()
	k.round("apply", 1000, 0)
	k.mayFail = true
	full := 0
	for _, mode := range []string{"apply", "run --once"} {
		for _, left := range []int64{0, 8 << 10, 48 << 10, 96 << 10, 200 << 10} {
			before, m := k.commit(15)
			filler := k.fill(left)
			if code, said := k.tell(mode); code != 0 {
				full++
				if !strings.Contains(said, "the disk is full; free space and run again") {
					k.t.Errorf("%s with %d bytes left: got %s, want that the disk is full and what to do", mode, left, said)
				}
				if full == 1 {
					k.t.Logf("%s says: %s", mode, said)
				}
			}
			k.must(os.Remove(filler))
			k.undisturbed(mode)
			k.agrees(before, m)
		}
	}
	k.t.Logf("%d of 10 runs had no room", full)
	if full < 4 {
		k.t.Errorf("got %d runs without room, want 4 at least", full)
	}
}

// fill leaves so many bytes of the state's disk.
func (k *killing) fill(left int64) string {
	k.t.Helper()
	path := filepath.Join(k.state, "filler")
	f, err := os.Create(path)
	k.must(err)
	defer f.Close()
	n := int64(0)
	for block := make([]byte, 4096); ; n += 4096 {
		if _, err := f.Write(block); err != nil {
			break
		}
	}
	k.must(f.Truncate(max(n-left, 0)))
	return path
}

// Nothing is done that cannot be written down.
func ledgerReadOnly(k *killing) {
	k.watch()
	k.round("apply", 1000, 0)
	before, m := k.commit(8)
	file := store.Dir(k.state).Path("ledger")
	for _, mode := range []string{"apply", "run --once"} {
		release := k.mount(file, "--bind", file)
		if out, err := exec.Command("mount", "-o", "remount,ro,bind", file).CombinedOutput(); err != nil {
			k.t.Skipf("skipped: mount: %v: %s", err, out)
		}
		k.says(mode, 1, "cannot be written to; let the account that behorig runs as write there")
		release()
		if n := k.done(m); len(n) > 0 {
			k.t.Errorf("%s: got %v made, want nothing", mode, n)
		}
	}
	k.undisturbed("run")
	k.agrees(before, m)
}

// A clock that jumps back stops the service with a word, until the time is there again or somebody vouches for it.
func clockBack(k *killing) {
	k.watch()
	k.on += 10
	k.round("run", 1000, 0)
	k.on -= 10
	before, m := k.commit(0)
	k.says("run --once", 1, "the last pass was made at a time that is still to come", "set the clock right", "behorig apply once")
	if n := k.done(m); len(n) > 0 {
		k.t.Errorf("run, ten days ago: got %v made, want nothing", n)
	}
	k.on += 10
	k.undisturbed("run")
	k.agrees(before, m)
	k.on -= 5
	before, m = k.commit(3)
	k.undisturbed("apply") // somebody says that this is the day
	k.agrees(before, m)
	noted := false
	for _, c := range k.rows("ledger", "SELECT body FROM audit WHERE chain = ''") {
		noted = noted || strings.Contains(c[0], `"event":"clock"`)
	}
	if !noted {
		k.t.Error("got nothing of the clock in the log, want it noted")
	}
	before, m = k.commit(3)
	k.undisturbed("run") // and the service goes on from there
	k.agrees(before, m)
}

// Two services and others who call apply share the work or wait.
func severalAtOnce(k *killing) {
	k.watch()
	k.round("apply", 1000, 0)
	services := []*process{k.start("run"), k.start("run")}
	refused := 0
	for range 4 {
		before, m := k.commit(10)
		k.rounds-- // all of them go by one clock
		applies := []*process{k.start("apply"), k.start("apply")}
		for _, p := range applies {
			if err := <-p.ended; err != nil {
				refused++
				if said := p.speech(); !strings.Contains(said, "another run works on") || !strings.Contains(said, "wait for it to end") {
					k.t.Errorf("apply: got %v, want it to wait or to say who works: %s", err, said)
				}
			}
		}
		k.calm(services[0])
		k.agrees(before, m)
	}
	k.t.Logf("%d of 8 applies were refused", refused)
	for _, p := range services {
		k.must(p.Process.Signal(syscall.SIGTERM))
		k.ends("run", p)
		if said := p.speech(); strings.Contains(said, "level=ERROR") {
			k.t.Errorf("run: got errors, want none: %s", said)
		}
	}
}

// calm waits until all systems have had a pass of the newest commit.
func (k *killing) calm(p *process) {
	k.t.Helper()
	for began := time.Now(); !k.through(p); time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > 30*time.Second {
			k.t.Fatalf("run: got not all done in 30 s, want it: %s", p.speech())
		}
	}
}

// SIGTERM in the middle of a pass: what was begun is recorded, and the next goes on.
func sigterm(k *killing) {
	k.watch()
	k.mayFail = true
	for i, mode := range []string{"run", "apply", "run --once", "apply"} {
		before, m := k.commit(1000*(1-min(i, 1)) + 15)
		p := k.start(mode)
		for begun := 0; begun == 0 && len(p.ended) == 0; time.Sleep(time.Millisecond) {
			begun, _, _ = k.passed(p)
		}
		told := time.Now()
		k.must(p.Process.Signal(syscall.SIGTERM))
		err := <-p.ended
		k.t.Logf("%s ended after %s with %v", mode, time.Since(told).Round(time.Millisecond), err)
		if took := time.Since(told); took > 5*time.Second || mode == "run" && err != nil {
			k.t.Errorf("%s: got %v after %s, want a clean end within 5 s: %s", mode, err, took, p.speech())
		}
		if open := k.rows("ledger", "SELECT id FROM entry WHERE status = 'intended'"); len(open) > 0 {
			k.t.Errorf("%s: got intents without outcome, %v, want none: %s", mode, open, p.speech())
		}
		if err != nil {
			k.t.Logf("%s says: %s", mode, p.speech())
		}
		k.undisturbed("run")
		k.agrees(before, m)
	}
}

// sighup is a service that is told of another list of repositories.
func sighup(k *killing) {
	list, state := filepath.Join(k.said, "list.yaml"), filepath.Join(k.said, "state")
	k.must(os.MkdirAll(state, 0o700))
	write := func(text string) { k.must(os.WriteFile(list, []byte(text), 0o600)) }
	entry := func(name string) string { return fmt.Sprintf("  %s: {url: %q}\n", name, k.dir) }
	k.advance(k.t, k.on, 1000)
	write("repositories:\n" + entry("norr"))
	c := exec.Command(k.program, "run", "--repositories", list, "--state", state, "--tick", "100ms", "--poll", "200ms")
	c.Env = k.env
	said, err := os.Create(filepath.Join(k.said, "hup"))
	k.must(err)
	defer said.Close()
	c.Stderr = said
	k.must(c.Start())
	p := &process{Cmd: c, said: said.Name(), ended: make(chan error, 1)}
	go func() { p.ended <- c.Wait() }()
	defer func() { _ = c.Process.Kill() }()
	until := func(what string, n int) {
		k.t.Helper()
		for began := time.Now(); strings.Count(p.speech(), what) < n; time.Sleep(20 * time.Millisecond) {
			if time.Since(began) > 30*time.Second {
				k.t.Fatalf("got no %q %d times in 30 s, want it: %s", what, n, p.speech())
			}
		}
	}
	until("msg=pass repository=norr", 3)
	write("repositories:\n" + entry("norr") + entry("soder"))
	k.must(c.Process.Signal(syscall.SIGHUP))
	until("msg=pass repository=soder", 3)
	write("repositories:\n  norr: {urll: nowhere}\n")
	k.must(c.Process.Signal(syscall.SIGHUP))
	until("not reloaded; all goes on as before", 1)
	write("repositories:\n" + entry("soder"))
	k.must(c.Process.Signal(syscall.SIGHUP))
	until("msg=reloaded repositories=1", 1)
	north := strings.Count(p.speech(), "msg=pass repository=norr")
	k.advance(k.t, k.on, 1000)
	until("msg=pass repository=soder", 6)
	if n := strings.Count(p.speech(), "msg=pass repository=norr"); n != north {
		k.t.Errorf("got %d passes over what is served no longer, want none: %s", n-north, p.speech())
	}
	k.must(c.Process.Signal(syscall.SIGTERM))
	k.ends("run", p)
	k.t.Logf("run says: %s", p.speech())
}
