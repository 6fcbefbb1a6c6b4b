//go:build !unix

package exec

import (
	"os"
	"os/exec"
)

// grouped does nothing: there are no process groups here.
func grouped(*exec.Cmd) {}

// signal ends a program; what it started is not found here.
func signal(pid int, _ bool) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
	}
}
