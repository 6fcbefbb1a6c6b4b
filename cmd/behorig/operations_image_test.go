package main

import (
	"debug/elf"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"sigs.k8s.io/yaml"
)

// container is one of a pod's, as far as the tests look at it.
type container struct {
	Name            string         `json:"name"`
	Image           string         `json:"image"`
	Args            []string       `json:"args"`
	SecurityContext map[string]any `json:"securityContext"`
	Resources       struct {
		Requests, Limits map[string]any
	} `json:"resources"`
	VolumeMounts []struct {
		Name      string `json:"name"`
		MountPath string `json:"mountPath"`
	} `json:"volumeMounts"`
}

// pod is a pod's spec.
type pod struct {
	AutomountServiceAccountToken *bool            `json:"automountServiceAccountToken"`
	SecurityContext              map[string]any   `json:"securityContext"`
	InitContainers               []container      `json:"initContainers"`
	Containers                   []container      `json:"containers"`
	Volumes                      []map[string]any `json:"volumes"`
	HostNetwork, HostPID         any
}

func (p pod) containers() []container { return slices.Concat(p.InitContainers, p.Containers) }

// manifests are the manifests by their path below kubernetes, as trees.
func manifests(t *testing.T) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	top := filepath.Join(operations, "kubernetes")
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var m map[string]any
		if err := yaml.UnmarshalStrict(raw, &m); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		rel, err := filepath.Rel(top, path)
		all[filepath.ToSlash(rel)] = m
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// at is what stands at a path of keys in a tree.
func at(tree any, keys ...string) any {
	for _, key := range keys {
		m, _ := tree.(map[string]any)
		tree = m[key]
	}
	return tree
}

// podOf is the pod that a manifest starts; nil where it starts none.
func podOf(m map[string]any) any {
	if p := at(m, "spec", "jobTemplate", "spec", "template", "spec"); p != nil {
		return p
	}
	return at(m, "spec", "template", "spec")
}

func pods(t *testing.T) map[string]pod {
	t.Helper()
	all := map[string]pod{}
	for file, m := range manifests(t) {
		if p := podOf(m); p != nil {
			all[file] = asPod(t, p)
		}
	}
	return all
}

func asPod(t *testing.T, tree any) (p pod) {
	t.Helper()
	raw, err := json.Marshal(tree)
	if err == nil {
		err = json.Unmarshal(raw, &p)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// lacks is what a pod lacks of the profile "restricted" (https://kubernetes.io/docs/concepts/security/pod-security-standards/) and of what we ask
// beside it: a read-only root, a limit of memory, no token.
func lacks(p pod) []string {
	var all []string
	need := func(ok bool, what string) {
		if !ok {
			all = append(all, what)
		}
	}
	need(p.SecurityContext["runAsNonRoot"] == true, "runAsNonRoot")
	need(p.SecurityContext["runAsUser"] == 65532.0, "runAsUser")
	need(at(p.SecurityContext, "seccompProfile", "type") == "RuntimeDefault", "seccompProfile")
	need(p.AutomountServiceAccountToken != nil && !*p.AutomountServiceAccountToken, "automountServiceAccountToken")
	need(p.HostNetwork == nil && p.HostPID == nil, "host")
	for _, c := range p.containers() {
		need(c.SecurityContext["allowPrivilegeEscalation"] == false, "allowPrivilegeEscalation")
		need(c.SecurityContext["readOnlyRootFilesystem"] == true, "readOnlyRootFilesystem")
		drop, _ := at(c.SecurityContext, "capabilities", "drop").([]any)
		need(slices.Contains(drop, any("ALL")), "capabilities")
		need(c.Resources.Limits["memory"] != nil && c.Resources.Requests["cpu"] != nil, "resources")
		for _, m := range c.VolumeMounts {
			need(slices.ContainsFunc(p.Volumes, func(v map[string]any) bool { return v["name"] == m.Name }), "volumes")
		}
	}
	for _, v := range p.Volumes {
		for kind := range v {
			need(slices.Contains([]string{"name", "emptyDir", "configMap", "secret", "persistentVolumeClaim"}, kind), "volumes")
		}
	}
	return all
}

// Every pod may do as little as the strictest of Kubernetes' own profiles allows; without any one of the lines that say so, the test would tell.
func TestManifestsRestricted(t *testing.T) {
	found := 0
	for file, m := range manifests(t) {
		spec := podOf(m)
		if spec == nil {
			continue
		}
		found++
		if got := lacks(asPod(t, spec)); got != nil {
			t.Errorf("%s: got a pod that lacks %q, want nothing lacking", file, got)
		}
		for _, path := range [][]string{{"securityContext", "runAsNonRoot"}, {"securityContext", "seccompProfile"}, {"automountServiceAccountToken"}, {"volumes"}} {
			holder := at(spec, path[:len(path)-1]...).(map[string]any)
			key := path[len(path)-1]
			was := holder[key]
			delete(holder, key)
			if got := lacks(asPod(t, spec)); !slices.Contains(got, key) {
				t.Errorf("%s: got %q without %s, want it to be missed", file, got, key)
			}
			holder[key] = was
		}
		for _, c := range at(spec, "containers").([]any) {
			for _, key := range []string{"allowPrivilegeEscalation", "readOnlyRootFilesystem", "capabilities"} {
				holder := at(c, "securityContext").(map[string]any)
				was := holder[key]
				delete(holder, key)
				if got := lacks(asPod(t, spec)); !slices.Contains(got, key) {
					t.Errorf("%s: got %q without %s, want it to be missed", file, got, key)
				}
				holder[key] = was
			}
		}
	}
	if found != 3 {
		t.Errorf("got %d manifests with a pod, want the CronJob, the Deployment and the pages", found)
	}
}

// Every file is named by the kustomization beside it, no secret's value is in any, and the program's own network policy meets its pods.
func TestManifests(t *testing.T) {
	all := manifests(t)
	for file, m := range all {
		folder, base := filepath.Split(file)
		kustomization := readFile(t, "kubernetes", folder, "kustomization.yaml")
		if base != "kustomization.yaml" && !regexp.MustCompile(`[\[ ]`+regexp.QuoteMeta(base)+`\b`).MatchString(kustomization) {
			t.Errorf("%s: got no mention in %skustomization.yaml, want one", file, folder)
		}
		if m["kind"] == "Secret" || at(m, "stringData") != nil {
			t.Errorf("%s: got a Secret, want only its name", file)
		}
		if base != "kustomization.yaml" && base != "namespace.yaml" && base != "repositories.yaml" && at(m, "metadata", "namespace") != "behorig" {
			t.Errorf("%s: got namespace %v, want behorig", file, at(m, "metadata", "namespace"))
		}
	}
	const label = "app.kubernetes.io/name"
	for file, path := range map[string][]string{
		"base/networkpolicy.yaml": {"spec", "podSelector", "matchLabels"}, "deployment/service.yaml": {"spec", "selector"},
		"deployment/poddisruptionbudget.yaml": {"spec", "selector", "matchLabels"}, "deployment/deployment.yaml": {"spec", "template", "metadata", "labels"},
		"deployment/servicemonitor.yaml": {"spec", "selector", "matchLabels"},
		"cronjob/cronjob.yaml":           {"spec", "jobTemplate", "spec", "template", "metadata", "labels"},
		"portal/networkpolicy.yaml":      {"spec", "podSelector", "matchLabels"}, "portal/service.yaml": {"spec", "selector"},
		"portal/deployment.yaml": {"spec", "template", "metadata", "labels"},
	} {
		want := "behorig"
		if strings.HasPrefix(file, "portal/") {
			want = "behorig-portal"
		}
		if got := at(all[file], append(path, label)...); got != want {
			t.Errorf("%s: got %s %v, want %s", file, label, got, want)
		}
	}
}

// The image is built from all folders that the program is built from, and holds nothing but the program, run by nobody.
func TestDockerfile(t *testing.T) {
	text := readFile(t, "docker", "Dockerfile")
	ignored, err := os.ReadFile(filepath.Join("..", "..", ".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sources(t) {
		top, _, _ := strings.Cut(s.path, "/")
		if s.test || top == "examples" {
			continue
		}
		if !strings.Contains(text, "\nCOPY "+top+" "+top+"\n") || !strings.Contains(string(ignored), "\n!"+top+"\n") {
			t.Errorf("%s: got no COPY of %s, or it is ignored; want it in the image's context", s.path, top)
		}
	}
	_, last, _ := strings.Cut(text, "FROM ${BASE_IMAGE}")
	for _, want := range []string{"\nUSER 65532:65532\n", "\nENTRYPOINT [\"/behorig\"]\n"} {
		if !strings.Contains(last, want) {
			t.Errorf("got a last stage without %q, want it", want)
		}
	}
	if strings.Contains(last, "\nRUN") {
		t.Error("got a RUN in the last stage, want none: there is no shell")
	}
}

// The Dockerfile's own line builds a program that needs nothing of the machine: it works in a folder that holds it and a repository.
func TestImageProgram(t *testing.T) {
	if os.Getenv("BEHORIG_REQUIRE_SERVERS") != "1" {
		t.Skip("builds the whole program anew; set BEHORIG_REQUIRE_SERVERS=1")
	}
	t.Parallel()
	root := t.TempDir()
	line := regexp.MustCompile(`RUN (go build .*?) -o /out/behorig (\S+)`).FindStringSubmatch(readFile(t, "docker", "Dockerfile"))
	if line == nil {
		t.Fatal("got no go build in the Dockerfile, want one")
	}
	build := exec.Command("sh", "-c", line[1]+` -o "$OUT" `+line[2])
	build.Dir, build.Env = filepath.Join("..", ".."), append(os.Environ(), "CGO_ENABLED=0", "OUT="+filepath.Join(root, "behorig"))
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, err := elf.Open(filepath.Join(root, "behorig"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("got a segment %s, want a program that is linked to nothing", p.Type)
		}
	}
	if err := copyMissing(filepath.Join(root, "tiny"), filepath.Join("..", "..", "examples", "tiny")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "state"), 0o777); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/behorig", "apply", "--repo", "/tiny", "--state", "/state", "--at", "2026-12-01", "--format", "json")
	cmd.Env, cmd.Dir = []string{"BEHORIG_ACTOR=test"}, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), `"outcomes"`) {
		t.Errorf("got %v, want an apply in a folder of its own:\n%s", err, out)
	}
}
