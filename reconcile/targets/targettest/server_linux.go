package targettest

import (
	"os/exec"
	"syscall"
)

// dieWithUs has the system end a script when the thread that started it is gone, as when this process is killed.
func dieWithUs(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} }
