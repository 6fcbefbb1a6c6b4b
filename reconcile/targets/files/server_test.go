package files

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/targets/targettest"
)

// TestMain runs the tests in memory where the machine has a folder for that: they wait for the disk for most of their time, and none of them cuts the power.
func TestMain(m *testing.M) {
	const memory = "/dev/shm"
	if dir, err := os.MkdirTemp(memory, "behorig-files-"); err == nil && os.Getenv("TMPDIR") == "" {
		os.Exit(run(m, dir))
	}
	os.Exit(targettest.Main(m))
}

func run(m *testing.M, dir string) int {
	defer os.RemoveAll(dir)
	_ = os.Chmod(dir, 0o711) // PostgreSQL runs as another user
	_ = os.Setenv("TMPDIR", dir)
	return targettest.Main(m)
}

// server is a folder of its own on the SFTP server.
type server struct {
	host, port, user, key, knownHosts string
	root                              string // on the disk
	folder                            string // there
}

// folders counts the folders that tests have made on the one server of the process.
var folders atomic.Int64

func sshd(t *testing.T) server {
	t.Helper()
	vars := targettest.Start(t, "sshd").Vars
	s := server{host: vars["HOST"], port: vars["PORT"], user: vars["USER"], key: vars["KEY"], knownHosts: vars["KNOWN_HOSTS"]}
	s.folder = fmt.Sprintf("test-%d", folders.Add(1))
	s.root = filepath.Join(vars["ROOT"], s.folder)
	must(t, os.Mkdir(s.root, 0o755))
	return s
}

// env is what a target's options name.
func (s server) env(name string) (string, bool) {
	v, ok := map[string]string{"HOST": s.host, "PORT": s.port, "USER_NAME": s.user, "KEY": s.key, "KNOWN": s.knownHosts}[name]
	return v, ok
}

// yaml is the target's options.
func (s server) yaml(timeout time.Duration) string {
	return fmt.Sprintf("    sftp: {hostEnv: HOST, portEnv: PORT, userEnv: USER_NAME, keyFileEnv: KEY, knownHostsEnv: KNOWN, folder: %s}\n    timeout: %dms\n",
		s.folder, timeout.Milliseconds())
}

// knowing is a server that is known by another line than its own.
func (s server) knowing(t *testing.T, line string) server {
	s.knownHosts = filepath.Join(t.TempDir(), "known_hosts")
	put(t, s.knownHosts, line)
	return s
}

// through is a server reached through a proxy.
func (s server) through(t *testing.T, p *targettest.Proxy) server {
	t.Helper()
	known, err := os.ReadFile(s.knownHosts)
	must(t, err)
	_, port, err := net.SplitHostPort(p.Addr())
	must(t, err)
	s = s.knowing(t, strings.ReplaceAll(string(known), "]:"+s.port, "]:"+port))
	s.port = port
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("got error %v, want none", err)
	}
}

func put(t testing.TB, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o600))
}
