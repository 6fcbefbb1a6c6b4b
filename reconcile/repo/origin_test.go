package repo_test

import (
	"context"
	"crypto/subtle"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/behorig/behorig/reconcile/repo"
)

// origin is a bare repository, r.git in dir, with a work tree that pushes to it.
type origin struct {
	t               testing.TB
	dir, bare, work string
	n               int
}

func newOrigin(t testing.TB) *origin {
	t.Helper()
	o := &origin{t: t, dir: t.TempDir()}
	o.bare, o.work = filepath.Join(o.dir, "r.git"), filepath.Join(o.dir, "work")
	git(t, o.dir, "init", "-q", "--bare", "-b", "main", "r.git")
	git(t, o.dir, "init", "-q", "-b", "main", "work")
	git(t, o.work, "config", "gpg.format", "ssh")
	git(t, o.work, "config", "gc.auto", "0")
	git(t, o.bare, "config", "gc.auto", "0")
	git(t, o.bare, "config", "receive.unpackLimit", "1")
	git(t, o.work, "remote", "add", "origin", o.bare)
	write(t, o.work, files)
	o.commit("first", "")
	return o
}

// commit adds a commit, signed if key names one, and pushes it.
func (o *origin) commit(message, key string) string {
	o.t.Helper()
	o.n++
	write(o.t, o.work, map[string]string{"people/anna.yaml": fmt.Sprintf("name: Anna\n# %s %d\n", message, o.n)})
	git(o.t, o.work, "add", "-A")
	o.sign(key, "commit", "-q", "-m", message)
	return o.push()
}

// sign runs a git command that makes a commit.
func (o *origin) sign(key string, args ...string) {
	o.t.Helper()
	if key != "" {
		args = append([]string{"-c", "user.signingkey=" + key, args[0], "-S"}, args[1:]...)
	}
	git(o.t, o.work, args...)
}

func (o *origin) push() string {
	o.t.Helper()
	git(o.t, o.work, "push", "-q", "-f", "origin", "HEAD:main")
	return git(o.t, o.work, "rev-parse", "HEAD")
}

// many makes commits on top of the branch's newest without moving it, oldest first: in one go, since a test that counts must not wait for git.
func (o *origin) many(n int) []string {
	o.t.Helper()
	var stream strings.Builder
	stream.WriteString("reset refs/heads/many\nfrom refs/heads/main^0\n\n")
	for i := range n {
		text := fmt.Sprintf("name: Anna\n# %d\n", i)
		fmt.Fprintf(&stream, "commit refs/heads/many\ncommitter Ada <a@example.org> %d +0000\ndata 4\nmany\nM 100644 inline people/anna.yaml\ndata %d\n%s\n", 1793527200+i, len(text), text)
	}
	c := exec.CommandContext(o.t.Context(), "git", "-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", "--force")
	c.Dir, c.Stdin = o.bare, strings.NewReader(stream.String())
	if out, err := c.CombinedOutput(); err != nil {
		o.t.Fatalf("fast-import: %v\n%s", err, out)
	}
	all := strings.Fields(git(o.t, o.bare, "rev-list", "--reverse", "main..many"))
	git(o.t, o.bare, "update-ref", "-d", "refs/heads/many")
	return all
}

// move sets the branch to a commit.
func (o *origin) move(commit string) {
	o.t.Helper()
	at := filepath.Join(o.bare, "refs", "heads", "main")
	if err := os.WriteFile(at+".lock", []byte(commit+"\n"), 0o644); err != nil {
		o.t.Fatal(err)
	}
	if err := os.Rename(at+".lock", at); err != nil {
		o.t.Fatal(err)
	}
}

// key makes a signing key; it gives its file, and its line for signers.
func (o *origin) key(name string) (file, line string) {
	o.t.Helper()
	file = filepath.Join(o.dir, name)
	keygen(o.t, file, "")
	raw, err := os.ReadFile(file + ".pub")
	if err != nil {
		o.t.Fatal(err)
	}
	return file, strings.Join(strings.Fields(string(raw))[:2], " ")
}

func keygen(t testing.TB, file, passphrase string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "ssh-keygen", "-q", "-t", "ed25519", "-a", "1", "-N", passphrase, "-C", "", "-f", file).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
}

// webServer is an origin's folder behind git http-backend and HTTPS, for who has the token.
type webServer struct {
	URL, CA string
	token   atomic.Pointer[string]
	hook    atomic.Pointer[http.HandlerFunc] // serves in the stead of git, if there is one
	server  *httptest.Server
}

func serveWeb(t testing.TB, o *origin) *webServer {
	t.Helper()
	w := &webServer{}
	token := "glpat-first"
	w.token.Store(&token)
	backend := &cgi.Handler{
		Path: filepath.Join(git(t, o.dir, "--exec-path"), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + o.dir, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null"},
	}
	w.server = httptest.NewTLSServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if h := w.hook.Load(); h != nil {
			(*h)(out, r)
			return
		}
		if user, password, _ := r.BasicAuth(); user != "git" || subtle.ConstantTimeCompare([]byte(password), []byte(*w.token.Load())) == 0 {
			out.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(out, "no: you sent "+password, http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(out, r)
	}))
	t.Cleanup(w.server.Close)
	w.URL = w.server.URL + "/r.git"
	w.CA = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.server.Certificate().Raw}))
	return w
}

// remote is how to reach it with a token.
func (w *webServer) remote(token string) repo.Remote {
	return repo.Remote{URL: w.URL, CA: []byte(w.CA), Token: func() (string, error) { return token, nil }}
}

// instead has every request answered by h, by git again if it is nil.
func (w *webServer) instead(h http.HandlerFunc) {
	if h == nil {
		w.hook.Store(nil)
		return
	}
	w.hook.Store(&h)
}

// sshServer is a real sshd (SHLVL keeps the shell from what somebody has in .bashrc) that runs git-upload-pack for one key. The one of .ci/servers gives SFTP alone.
type sshServer struct {
	host, port, user, key, known, dir string
}

func serveSSH(t testing.TB) *sshServer {
	t.Helper()
	program, err := exec.LookPath("/usr/sbin/sshd")
	if err != nil {
		if os.Getenv("BEHORIG_REQUIRE_SERVERS") == "1" {
			t.Fatal(err)
		}
		t.Skip("sshd is not installed (apt-get install openssh-server): skipped")
	}
	dir := t.TempDir()
	s := &sshServer{host: "127.0.0.1", dir: dir, key: filepath.Join(dir, "id"), known: filepath.Join(dir, "known_hosts")}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	s.user = me.Username
	keygen(t, s.key, "")
	if os.Getuid() == 0 {
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	_ = l.Close()
	s.start(t, program, "host")
	s.knows(t, "host")
	return s
}

// start runs sshd with a host key until the test ends or what it gives is called.
func (s *sshServer) start(t testing.TB, program, host string) (stop func()) {
	t.Helper()
	key := filepath.Join(s.dir, host)
	if _, err := os.Stat(key); err != nil {
		keygen(t, key, "")
	}
	conf := fmt.Sprintf("Port %s\nListenAddress 127.0.0.1\nHostKey %s\nPidFile none\nAuthorizedKeysFile %s\nStrictModes no\nUsePAM no\n"+
		"PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nDisableForwarding yes\nMaxStartups 100\nSetEnv SHLVL=2\n", s.port, key, s.key+".pub")
	write(t, s.dir, map[string]string{"sshd_config": conf})
	ctx, cancel := context.WithCancel(context.Background())
	c := exec.CommandContext(ctx, program, "-D", "-e", "-f", filepath.Join(s.dir, "sshd_config"))
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	stop = func() {
		cancel()
		_ = c.Wait()
	}
	t.Cleanup(stop)
	for range 200 {
		conn, err := net.Dial("tcp", net.JoinHostPort(s.host, s.port))
		if err == nil {
			_ = conn.Close()
			return stop
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("sshd did not answer")
	return stop
}

// knows writes the file of known hosts with a host key, for the server's port and others.
func (s *sshServer) knows(t testing.TB, host string, ports ...string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(s.dir, host+".pub"))
	if err != nil {
		t.Fatal(err)
	}
	var lines strings.Builder
	for _, port := range append(ports, s.port) {
		fmt.Fprintf(&lines, "[%s]:%s %s\n", s.host, port, strings.Join(strings.Fields(string(raw))[:2], " "))
	}
	if err := os.WriteFile(s.known, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (s *sshServer) remote(o *origin) repo.Remote {
	return repo.Remote{
		URL: "ssh://" + s.user + "@" + net.JoinHostPort(s.host, s.port) + o.bare, KnownHosts: s.known,
		SSHKey: func() ([]byte, error) { return os.ReadFile(s.key) },
	}
}

// mirror opens a mirror that is closed with the test.
func mirror(t testing.TB, dir string, r repo.Remote) *repo.Mirror {
	t.Helper()
	m, err := repo.OpenMirror(dir, r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// fetch fetches, and wants a commit.
func fetch(t *testing.T, m *repo.Mirror, want string) {
	t.Helper()
	got, err := m.Fetch(t.Context())
	if err != nil || got != want {
		t.Fatalf("fetch: got %s, error %v, want %s", got, err, want)
	}
}

// each runs a test with an origin over each transport.
func each(t *testing.T, test func(t *testing.T, o *origin, r repo.Remote)) {
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		o := newOrigin(t)
		test(t, o, repo.Remote{URL: o.bare})
	})
	t.Run("file", func(t *testing.T) {
		t.Parallel()
		o := newOrigin(t)
		test(t, o, repo.Remote{URL: "file://" + o.bare})
	})
	t.Run("https", func(t *testing.T) {
		t.Parallel()
		o := newOrigin(t)
		test(t, o, serveWeb(t, o).remote("glpat-first"))
	})
	t.Run("ssh", func(t *testing.T) {
		t.Parallel()
		o := newOrigin(t)
		test(t, o, serveSSH(t).remote(o))
	})
}
