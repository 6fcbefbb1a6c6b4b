package main

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/behorig/behorig/schema"
)

var (
	kills    = flag.Int("kills", lessBy("BEHORIG_KILLS", 200), "how many processes TestKill kills; its default is BEHORIG_KILLS where that is set")
	killSeed = flag.Uint64("killseed", 1, "seed of TestKill")
)

// lessBy is a number of the environment, or what stands where none is given: for a machine that has not the time for all.
func lessBy(variable string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// lanes are how many repositories are worked on at a time.
const lanes = 2

// A real process is killed with SIGKILL at random instants while it works against SQLite, slapd and a work list, and started again until it may end. Then the
// targets hold what is wanted, each change was made once by their own logs, and the ledger agrees with them and with itself.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: it kills for a minute")
	}
	program := buildProgram(t)
	t.Logf("seed %d", *killSeed)
	var all [lanes]*killing
	began := time.Now()
	t.Run("lanes", func(t *testing.T) {
		for i := range all {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				seed := *killSeed*100 + uint64(i)
				all[i] = newKilling(t, program, seed, 50, true)
				all[i].all(*kills / lanes)
			})
		}
	})
	sum, phases, by, rounds := 0, map[string]int{}, map[string]int{}, 0
	for _, k := range all {
		if k == nil {
			return
		}
		sum, rounds = sum+k.kills, rounds+k.rounds
		add(phases, k.phases)
		add(by, k.by)
		t.Logf("undisturbed: %v, of which passes %v", k.usual, k.passes)
	}
	t.Logf("%d kills in %d rounds of %d repositories in %s; by command %v", sum, rounds, lanes, time.Since(began).Round(time.Second), by)
	for _, phase := range slices.Sorted(maps.Keys(phases)) {
		t.Logf("%4d × %s", phases[phase], phase)
	}
	if sum < *kills/lanes*lanes {
		t.Errorf("got %d kills, want %d", sum, *kills)
	}
}

func add(to, from map[string]int) {
	for k, n := range from {
		to[k] += n
	}
}

// killing is one repository and those who keep it until they are killed.
type killing struct {
	*yard
	program string
	said    string // folder of what processes say
	r       *rand.Rand
	on      schema.Date
	began   time.Time
	mayFail bool // changes may fail before all is well

	kills, rounds int
	phases, by    map[string]int
	usual         map[string][]time.Duration // what each command takes undisturbed
	passes        map[string]time.Duration   // and of that its passes
}

func newKilling(t *testing.T, program string, seed uint64, people int, directory bool) *killing {
	t.Helper()
	return &killing{
		yard: newYard(t, seed, people, directory), program: program, said: t.TempDir(), r: rand.New(rand.NewPCG(seed, 7)), on: schema.Day(2026, 12, 1), began: time.Now(),
		phases: map[string]int{}, by: map[string]int{}, usual: map[string][]time.Duration{}, passes: map[string]time.Duration{},
	}
}

// modes are the commands that make passes.
var modes = []string{"run", "run --once", "apply"}

func (k *killing) all(kills int) {
	const changes = 20
	k.watch()
	k.round("apply", 1000, 0) // everybody is new
	for _, mode := range modes {
		k.round(mode, changes, 0)
	}
	for k.kills < kills && !k.t.Failed() {
		k.round("", changes, min(3+k.r.IntN(8), kills-k.kills))
	}
}

// round is a commit, and what is made of it by processes of which the first so many are killed.
func (k *killing) round(mode string, changes, kills int) {
	k.rounds++
	k.on += schema.Date(k.r.IntN(3))
	k.began = time.Now()
	before, m := k.held(), k.mark()
	k.advance(k.t, k.on, changes)
	for range kills {
		if k.disturbed(pick(k.r, modes...)) {
			k.kills++
		}
	}
	if mode == "" {
		mode = pick(k.r, modes...)
	}
	if whole, passes := k.undisturbed(mode); kills == 0 {
		k.usual[mode] = append(k.usual[mode], whole.Round(time.Millisecond))
		k.passes[mode] = passes
	}
	k.agrees(before, m)
	k.confirm(k.on)
	if k.t.Failed() {
		k.t.Logf("in round %d, by %s at last", k.rounds, mode)
	}
}

// process is the program at work.
type process struct {
	*exec.Cmd
	at    time.Time // that its clock begins at
	said  string    // file of what it says
	began time.Time // really
	ended chan error
	entry string // the newest entry of the ledger when it began
}

// start starts a process on the repository; the clock goes on from round to round.
func (k *killing) start(mode string) *process {
	k.t.Helper()
	p := &process{at: time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC).AddDate(0, 0, int(k.on-schema.Day(2026, 12, 1))).Add(time.Duration(k.rounds)*20*time.Second + time.Since(k.began)), ended: make(chan error, 1), entry: "0"}
	args := append(strings.Fields(mode), "--repo", k.dir, "--at", p.at.Format(time.RFC3339Nano))
	switch args[0] {
	case "run":
		args = append(args, "--tick", "100ms")
	case "apply":
		args = append(args, "--rev", "HEAD")
	}
	for _, c := range k.rows("ledger", "SELECT coalesce(max(id), 0) FROM entry") {
		p.entry = c[0]
	}
	said, err := os.CreateTemp(k.said, "said")
	k.must(err)
	defer said.Close()
	p.said = said.Name()
	p.Cmd = exec.Command(k.program, args...)
	p.Env, p.Stdout, p.Stderr = k.env, said, said
	p.began = time.Now()
	k.must(p.Start())
	go func() { p.ended <- p.Wait() }()
	return p
}

func (p *process) speech() string {
	raw, err := os.ReadFile(p.said)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

// disturbed is a process that is killed unless it ends before: at an instant of the time that an undisturbed one takes or, half of them, of that which its
// passes take.
func (k *killing) disturbed(mode string) (killed bool) {
	whole, passes := slices.Min(k.usual[mode]), k.passes[mode]
	p := k.start(mode)
	after := time.After(time.Duration(k.r.Int64N(int64(whole))))
	var look <-chan time.Time
	if k.r.IntN(2) == 0 {
		ticker := time.NewTicker(2 * time.Millisecond)
		defer ticker.Stop()
		after, look = nil, ticker.C
	}
	for waits := true; waits; {
		select {
		case err := <-p.ended:
			if err != nil {
				k.t.Errorf("%s: got %v, want it to end well: %s", mode, err, p.speech())
			}
			return false
		case <-look:
			if begun, _, _ := k.passed(p); begun > 0 || time.Since(p.began) > 3*whole { // nothing is due any more
				look, after = nil, time.After(time.Duration(k.r.Int64N(int64(passes))))
			}
		case <-after:
			waits = false
		}
	}
	_ = p.Process.Kill()
	<-p.ended
	if !p.ProcessState.Sys().(syscall.WaitStatus).Signaled() {
		return false // it ended just then
	}
	k.by[mode]++
	k.phases[k.phase(p)]++
	return true
}

// passed is how many passes a process has begun and ended, and how long they took together.
func (k *killing) passed(p *process) (begun, over int, took time.Duration) {
	var first, last time.Time
	for _, c := range k.rows("ledger", "SELECT started, ended FROM pass") {
		started, err := time.Parse(time.RFC3339Nano, c[0])
		k.must(err)
		if started.Before(p.at) {
			continue
		}
		begun++
		if first.IsZero() || started.Before(first) {
			first = started
		}
		if c[1] != "" {
			over++
			ended, err := time.Parse(time.RFC3339Nano, c[1])
			k.must(err)
			if ended.After(last) {
				last = ended
			}
		}
	}
	return begun, over, max(last.Sub(first), time.Millisecond)
}

// phase is what a process was at when it was killed, by what it left in the ledger and the targets.
func (k *killing) phase(p *process) string {
	held := k.held()
	intended, made := 0, 0
	for _, c := range k.rows("ledger", "SELECT system, role, unit, person, verb, until FROM entry WHERE status = 'intended' AND id > "+p.entry) {
		intended++
		key := schema.Key{System: c[0], Role: c[1], Unit: c[2], Person: c[3]}
		g, there := held[key]
		if (c[4] == "revoke") != there && (!there || key.System == inDirectory && k.admin != nil || g.Until == lastDay(k.t, c[5])) {
			made++
		}
	}
	begun, over, _ := k.passed(p)
	switch {
	case intended > 0 && made == 0:
		return "between intent and outcome, nothing made"
	case intended > made:
		return "between intent and outcome, some of it made"
	case intended > 0:
		return "between intent and outcome, all of it made"
	case begun > over:
		return "in a pass, no intent open"
	case begun > 0:
		return "after or between passes"
	}
	return "before any pass"
}

// undisturbed is a process that may end, and how long it takes. One that goes on for ever is asked to end when all is done.
func (k *killing) undisturbed(mode string) (whole, passes time.Duration) {
	k.t.Helper()
	p := k.start(mode)
	if mode == "run" {
		for !k.through(p) && time.Since(p.began) < 30*time.Second {
			time.Sleep(10 * time.Millisecond)
		}
		if whole = time.Since(p.began); whole > 30*time.Second {
			k.t.Errorf("run: got not all done in 30 s, want it: %s", p.speech())
		}
		k.must(p.Process.Signal(syscall.SIGTERM))
		k.ends(mode, p)
	} else {
		k.ends(mode, p)
		whole = time.Since(p.began)
	}
	_, _, passes = k.passed(p)
	return whole, passes
}

func (k *killing) ends(mode string, p *process) {
	k.t.Helper()
	select {
	case err := <-p.ended:
		if err != nil {
			k.t.Fatalf("%s: got %v, want it to end well: %s", mode, err, p.speech())
		}
	case <-time.After(40 * time.Second):
		_ = p.Process.Kill()
		k.t.Fatalf("%s: got no end in 40 s, want one: %s", mode, p.speech())
	}
}

// through tells whether a process has begun and each system had a pass of the newest commit that ended well.
func (k *killing) through(p *process) bool {
	if !strings.Contains(p.speech(), "msg=begun") {
		return false
	}
	commit, n := k.git(k.t, "rev-parse", "HEAD"), 0
	for _, c := range k.rows("ledger", "SELECT system, revision, ended, result, started FROM pass") {
		started, err := time.Parse(time.RFC3339Nano, c[4])
		k.must(err)
		if strings.HasPrefix(commit, strings.Fields(c[1] + " -")[0]) && c[2] != "" && c[3] == "ok" && started.Sub(p.at) > -time.Hour {
			n++
			if c[0] == "" {
				n = 3
			}
		}
	}
	return n >= 3
}
