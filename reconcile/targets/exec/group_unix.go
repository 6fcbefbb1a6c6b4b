//go:build unix

package exec

import (
	"os/exec"
	"syscall"
)

// grouped makes a program the first of a process group of its own.
func grouped(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// signal asks a program's whole group to end, or ends it.
func signal(group int, kill bool) {
	s := syscall.SIGTERM
	if kill {
		s = syscall.SIGKILL
	}
	_ = syscall.Kill(-group, s)
}
