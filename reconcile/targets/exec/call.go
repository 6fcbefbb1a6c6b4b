package exec

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/behorig/behorig/reconcile"
)

// The most that a program may write, bytes: on one line, and in all. The last line's length is the largest that a listing's line should ever need.
const (
	maxLine   = 1 << 20
	maxOutput = 64 << 20
)

// mercy is how long a program that we end is given to put things in order, and how long we wait for what its children, which are gone then, may have left in the pipe.
const mercy = 2 * time.Second

// tempFail is the exit code of what may pass by itself (EX_TEMPFAIL of sysexits.h).
const tempFail = 75

// call starts the program, tells it what is wanted and gives it line by line what it answers, until take says that it is done. What the program started
// and left behind is ended with it. The error holds nothing of what the program wrote but the end of its standard error, cleaned.
func (t *Target) call(ctx context.Context, op string, changes []order, take func(line []byte) (done bool, err error)) error {
	t.turn.Lock()
	defer t.turn.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	input, err := t.format.request(t.request(op), changes)
	if err != nil {
		return err
	}
	limit, cancel := context.WithTimeout(ctx, t.options.timeout())
	defer cancel()
	run, err := t.start()
	if err != nil {
		err = fmt.Errorf("%s: %w", op, err)
		if errors.Is(err, syscall.ETXTBSY) || errors.Is(err, syscall.EAGAIN) { // the program is being replaced; too many processes
			return &reconcile.Transient{Err: err}
		}
		return err
	}
	defer run.stdout.Close()
	go func() {
		_, _ = run.stdin.Write(input) // one that does not read it does not answer either
		_ = run.stdin.Close()
	}()
	answered := make(chan error, 1)
	go func() { answered <- read(run.stdout, take) }()
	exited := make(chan error, 1)
	go func() { exited <- run.Wait() }()

	var code, wrong error
	select {
	case code = <-exited:
		run.end() // children that outlive it
		wrong = run.rest(answered)
	case wrong = <-answered:
		if wrong == nil || errors.Is(wrong, io.ErrUnexpectedEOF) { // it has closed its answer; now it must end
			select {
			case code = <-exited:
			case <-limit.Done():
				code = run.stop(exited)
			}
		} else {
			run.stop(exited)
		}
		run.end()
	case <-limit.Done():
		run.stop(exited)
		run.end()
		_ = run.rest(answered)
		wrong = context.DeadlineExceeded
	}
	said := run.stderr.close()
	return t.verdict(ctx, limit, op, code, wrong, said)
}

// verdict is the error of a call that has ended.
func (t *Target) verdict(ctx, limit context.Context, op string, code, wrong error, said string) error {
	if ctx.Err() != nil && (wrong != nil || code != nil) {
		return ctx.Err()
	}
	words := ""
	if said != "" {
		words = "; it says: " + said
	}
	var exit *exec.ExitError
	switch late := limit.Err() != nil; {
	case late && (wrong != nil || code != nil):
		return &reconcile.Transient{Err: fmt.Errorf("%s: it took longer than %s and was ended; see timeout%s", op, t.options.timeout(), words)}
	case wrong != nil && !errors.Is(wrong, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: %w%s", op, wrong, words)
	case code == nil && wrong != nil:
		return fmt.Errorf("%s: it ended without its last line, end: is the answer whole?%s", op, words)
	case code == nil:
		return nil
	case errors.As(code, &exit) && exit.ExitCode() == tempFail:
		return &reconcile.Transient{Err: fmt.Errorf("%s: it ended with code %d, for now%s", op, tempFail, words)}
	case errors.As(code, &exit) && exit.ExitCode() < 0:
		return &reconcile.Transient{Err: fmt.Errorf("%s: it was ended from outside (%s)%s", op, exit, words)}
	}
	return fmt.Errorf("%s: it ended with %w%s", op, code, words)
}

// read gives each line to take. io.ErrUnexpectedEOF: it ended before the last line.
func read(from io.Reader, take func([]byte) (bool, error)) error {
	lines := bufio.NewScanner(io.LimitReader(from, maxOutput+1))
	lines.Buffer(make([]byte, 0, 1<<16), maxLine)
	done, all := false, 0
	n := 0
	for lines.Scan() {
		n++
		line := lines.Bytes()
		all += len(line) + 1
		switch {
		case all > maxOutput:
			return fmt.Errorf("it writes more than %d MB and was ended", maxOutput>>20)
		case len(bytes.TrimSpace(line)) == 0:
			continue
		case done:
			return fmt.Errorf("line %d of its answer comes after the last, end", n)
		}
		var err error
		if done, err = take(line); err != nil {
			return fmt.Errorf("line %d of its answer: %w", n, err)
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("line %d of its answer is longer than %d MB; it was ended", n+1, maxLine>>20)
	case !done:
		return io.ErrUnexpectedEOF
	}
	return nil
}

// process is a program that runs.
type process struct {
	*exec.Cmd
	stdin, stdout *os.File
	stderr        *speech
}

// start starts the program, in a group of its own.
func (t *Target) start() (*process, error) {
	if err := trusted(t.options.Command, t.options.Directory); err != nil {
		return nil, err
	}
	c := exec.Command(t.options.Command[0], t.options.Command[1:]...)
	c.Dir, c.Env = t.directory(), t.env
	grouped(c)
	p := &process{Cmd: c}
	var theirs []*os.File
	defer func() {
		for _, f := range theirs {
			_ = f.Close()
		}
	}()
	in, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	p.stdin, theirs, c.Stdin = ours, append(theirs, in), in
	ours, out, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, p.stdin.Close())
	}
	p.stdout, theirs, c.Stdout = ours, append(theirs, out), out
	ours, out, err = os.Pipe()
	if err != nil {
		return nil, errors.Join(err, p.stdin.Close(), p.stdout.Close())
	}
	theirs, c.Stderr = append(theirs, out), out
	if err := c.Start(); err != nil {
		return nil, errors.Join(err, p.stdin.Close(), p.stdout.Close(), ours.Close())
	}
	p.stderr = t.listen(ours)
	return p, nil
}

// stop asks the program to end, and ends it if it does not.
func (p *process) stop(exited <-chan error) error {
	signal(p.Process.Pid, false)
	patience, cancel := context.WithTimeout(context.Background(), mercy)
	defer cancel()
	select {
	case err := <-exited:
		return err
	case <-patience.Done():
		signal(p.Process.Pid, true)
		return <-exited
	}
}

// end ends what is left of the program's group, after it.
func (p *process) end() {
	signal(p.Process.Pid, true)
	_ = p.stdin.Close()
}

// rest waits for what is left of the answer. One that has left its group may hold the pipe open for ever: then it is closed.
func (p *process) rest(answered <-chan error) error {
	patience, cancel := context.WithTimeout(context.Background(), mercy)
	defer cancel()
	select {
	case err := <-answered:
		return err
	case <-patience.Done():
		_ = p.stdout.Close()
		return <-answered
	}
}
