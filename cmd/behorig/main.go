// Command behorig is access as code: it judges an access repository, compares it with the real systems and makes them agree with it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // the program decides which day it is also where the machine has no zones

	"github.com/spf13/cobra"
)

// Exit codes, the same for all commands.
const (
	exitBroken  = 1 // something broke, or a change failed
	exitUsage   = 2
	exitDenied  = 3 // findings that deny, or a repository that does not load
	exitGuarded = 4 // held back by the guard
	exitPending = 5 // changes pending, with plan --exit-code
)

// exit is an error that carries its code. Err nil: what there is to say has been said.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exit) Unwrap() error { return e.err }

// world is what a command has of the outside: the only place where clock, streams and environment come in.
type world struct {
	out, err io.Writer
	now      func() time.Time
	terminal bool // whether err is one
	actor    string
	env      func(string) (string, bool)
}

// commands is the table of commands, in the order of the help.
var commands = []func(*world) *cobra.Command{
	checkCommand, planCommand, applyCommand, driftCommand, forecastCommand, runCommand, portalCommand, revokeCommand, grantCommand, suspendCommand, jobsCommand, whyCommand, whoCommand, importCommand, newCommand, sealCommand, unsealCommand, exampleCommand, workCommand, targetsCommand, reportCommand, auditCommand, ledgerCommand, policyCommand, codeownersCommand, manCommand,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, &world{out: os.Stdout, err: os.Stderr, now: time.Now, terminal: isTerminal(os.Stderr), actor: actor(), env: os.LookupEnv}, os.Args[1:])
	stop()
	os.Exit(code)
}

func run(ctx context.Context, w *world, args []string) int {
	root := &cobra.Command{
		Use: "behorig", Short: "Access as code for a municipality's social services",
		Long: `Behörig keeps the access of a municipality's staff as files in git. It judges them by policy, compares them
with the real systems and makes the systems agree: no more, no less, and with a record.

Exit codes: 0 as it should be · 1 something broke · 2 usage · 3 findings that deny, or files that do not load ·
4 held back by the guard · 5 changes pending (plan --exit-code)`,
		Example:       "  behorig apply --repo examples/falkenberg",
		SilenceErrors: true, SilenceUsage: true,
	}
	root.SetOut(w.out)
	root.SetErr(w.err)
	root.SetArgs(args)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &exit{exitUsage, fmt.Errorf("%w; see %s --help", err, c.CommandPath())}
	})
	for _, command := range commands {
		root.AddCommand(command(w))
	}
	complete(root)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	var e *exit
	if !errors.As(err, &e) {
		// cobra's own: an unknown command, a wrong number of arguments
		e = &exit{exitUsage, err}
	}
	if e.err != nil {
		fmt.Fprintf(w.err, "behorig: %s\n", e.err)
	}
	return e.code
}

// broke makes an error one of exit code 1, unless it has a code already.
func broke(err error) error {
	var e *exit
	if err == nil || errors.As(err, &e) {
		return err
	}
	return &exit{exitBroken, err}
}

// usage is an error in how a command was called.
func usage(format string, args ...any) error { return &exit{exitUsage, fmt.Errorf(format, args...)} }

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// actor is who runs the command, for the ledger: a login, never a name.
func actor() string {
	for _, name := range []string{"BEHORIG_ACTOR", "GITLAB_USER_LOGIN", "GITHUB_ACTOR", "SUDO_USER", "USER"} {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return "unknown"
}
