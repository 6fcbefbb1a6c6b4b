package repo_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/behorig/behorig/reconcile/repo"
)

// noon is when the tests' orders are made: later than what [git] commits.
var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.FixedZone("", 3600))

// portalKey is a key to sign orders with, and its line for portal.keys.
func portalKey(t testing.TB) (ssh.Signer, string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return key, strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key.PublicKey())))
}

func message(t testing.TB, order, by string) string {
	t.Helper()
	text, err := repo.Trailers{Order: order, Kind: "hire", By: by, People: []string{"bo.ek", "anna"}}.Message("Beställning: nyanställd i A", "")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// order is a proposal by karin.berg.
func order(t testing.TB, key ssh.Signer, id string, files map[string]string) repo.Proposal {
	t.Helper()
	p := repo.Proposal{Author: "karin.berg", Email: "karin.berg@example.org", Message: message(t, id, "karin.berg"), When: noon, Key: key, Files: map[string][]byte{}}
	for name, text := range files {
		p.Files[name] = []byte(text)
		if text == "-" {
			p.Files[name] = nil
		}
	}
	return p
}

// commit makes a commit of a proposal.
func commit(t testing.TB, m *repo.Mirror, p repo.Proposal) string {
	t.Helper()
	hash, err := m.Commit(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// An order is a commit that git itself takes for whole and well signed, with nothing changed but its files.
func TestCommit(t *testing.T) {
	t.Parallel()
	for _, sub := range []string{"", "access/repo"} {
		dir, _, second := repository(t, sub)
		into := t.TempDir()
		m := mirror(t, into, repo.Remote{URL: dir, Sub: sub})
		fetch(t, m, second)
		key, line := portalKey(t)
		hash := commit(t, m, order(t, key, "00000000000000a1", map[string]string{
			"people/norr/å.yaml": "-", "people/anna.yaml": "name: Anna B\n", "people/ny/bo.ek.yaml": "name: Bo\n", "units/a/b.yaml": "",
		}))
		tree := treeOf(t, m, hash)
		same(t, "files", content(t, tree), map[string]string{
			"behorig.yaml": "organisation: Ett\nlanguage: en\n", "people/anna.yaml": "name: Anna B\n", "people/ny/bo.ek.yaml": "name: Bo\n",
			"units/a.yaml": "name: A\n", "units/a/b.yaml": "", "systems/empty-file.yaml": "",
		})
		same(t, "fsck", git(t, into, "fsck", "--full", "--strict", "--no-dangling"), "")
		same(t, "branch", git(t, into, "rev-parse", "main"), second)
		same(t, "author", git(t, into, "show", "-s", "--format=%an <%ae> %aI, %cn, %P", hash), "karin.berg <karin.berg@example.org> 2026-12-01T12:00:00+01:00, Behörig, "+second)
		allowed := filepath.Join(into, "..", fmt.Sprint("allowed", len(sub)))
		write(t, filepath.Dir(allowed), map[string]string{filepath.Base(allowed): "behorig@portal.invalid " + line + "\n"})
		t.Cleanup(func() { _ = os.Remove(allowed) })
		if out := git(t, into, "-c", "gpg.ssh.allowedSignersFile="+allowed, "verify-commit", "-v", hash); !strings.Contains(out, "Good \"git\" signature") {
			t.Errorf("git verify-commit: got %s", out)
		}
		same(t, "trailers as git reads them", git(t, into, "show", "-s", "--format=%(trailers:key=Behorig-Ordered-By,valueonly)", hash), "karin.berg")
		// The same again is the same commit, and as it stands it can be ordered upon.
		same(t, "again", commit(t, m, order(t, key, "00000000000000a1", map[string]string{
			"people/norr/å.yaml": "-", "people/anna.yaml": "name: Anna B\n", "people/ny/bo.ek.yaml": "name: Bo\n", "units/a/b.yaml": "",
		})), hash)
		next := order(t, key, "00000000000000a2", map[string]string{"people/anna.yaml": "-", "people/ny/bo.ek.yaml": "-"})
		next.Base = hash
		if got := content(t, treeOf(t, m, commit(t, m, next))); len(got) != 4 {
			t.Errorf("after all people have gone: got %v, want no folder people", got)
		}
		if _, err := m.Commit(t.Context(), order(t, key, "00000000000000a3", map[string]string{"people/anna.yaml": "name: Anna\n"})); !errors.Is(err, repo.ErrNothing) {
			t.Errorf("nothing changed: got error %v, want %v", err, repo.ErrNothing)
		}
		// Another process with the same folder sees it, and it outlives the mirror.
		if other := mirror(t, into, repo.Remote{URL: dir, Sub: sub}); !other.Has(hash) {
			t.Error("the commit is gone after opening the mirror anew")
		}
	}
}

// What an order may not hold is refused before anything is written.
func TestCommitRefused(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	git(t, o.work, "config", "core.symlinks", "true")
	if err := os.Symlink("../behorig.yaml", filepath.Join(o.work, "people", "link.yaml")); err != nil {
		t.Fatal(err)
	}
	tip := o.commit("with a link", "")
	m := mirror(t, t.TempDir(), repo.Remote{URL: o.bare})
	fetch(t, m, tip)
	key, _ := portalKey(t)
	files := func(name, text string) func(*repo.Proposal) {
		return func(p *repo.Proposal) { p.Files = map[string][]byte{name: []byte(text)} }
	}
	for name, c := range map[string]struct {
		alter func(*repo.Proposal)
		want  string
	}{
		"settings":          {files("behorig.yaml", "x"), "people and units alone"},
		"a policy":          {files("policies/a.rego", "x"), "people and units alone"},
		"out of people":     {files("people/../behorig.yaml", "x"), "people and units alone"},
		"an absolute path":  {files("/people/x.yaml", "x"), "people and units alone"},
		"another kind":      {files("people/CODEOWNERS", "x"), "people and units alone"},
		"git's own":         {files("people/.git/x.yaml", "x"), "people and units alone"},
		"git's, on Windows": {files("people/git~1/x.yaml", "x"), "people and units alone"},
		"a backslash":       {files(`people/a\..\x.yaml`, "x"), "people and units alone"},
		"a line":            {files("people/a\nb.yaml", "x"), "people and units alone"},
		"large letters":     {files("People/a.yaml", "x"), "people and units alone"},
		"a link":            {files("people/link.yaml", "x"), "no plain file"},
		"through a file":    {files("people/anna.yaml/x.yaml", "x"), "is a file"},
		"over a folder":     {files("units/a", "x"), "people and units alone"},
		"gone already":      {func(p *repo.Proposal) { p.Files = map[string][]byte{"people/no.yaml": nil} }, "is not there"},
		"gone in no folder": {func(p *repo.Proposal) { p.Files = map[string][]byte{"people/no/no.yaml": nil} }, "is not there"},
		"too large":         {files("people/x.yaml", strings.Repeat("x", 1<<20+1)), "at most"},
		"no files":          {func(p *repo.Proposal) { p.Files = nil }, repo.ErrNothing.Error()},
		"no key":            {func(p *repo.Proposal) { p.Key = nil }, "portal's key"},
		"no author":         {func(p *repo.Proposal) { p.Author = "" }, "author"},
		"two headers":       {func(p *repo.Proposal) { p.Author = "x\ncommitter root" }, "cannot have"},
		"another address":   {func(p *repo.Proposal) { p.Author = "x <root@example.org>" }, "cannot have"},
		"no time":           {func(p *repo.Proposal) { p.When = time.Time{} }, "time"},
		"no trailers":       {func(p *repo.Proposal) { p.Message = "Hire\n" }, "who ordered"},
		"an unknown base":   {func(p *repo.Proposal) { p.Base = strings.Repeat("1", 40) }, "is not here"},
	} {
		p := order(t, key, "00000000000000b1", map[string]string{"people/x.yaml": "name: X\n"})
		c.alter(&p)
		if hash, err := m.Commit(t.Context(), p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %s, error %v, want one with %q", name, hash, err, c.want)
		}
	}
}

// Many orders at once, by two processes' worth of mirrors, while the branch is fetched.
func TestCommitMany(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	dir := t.TempDir()
	tip := git(t, o.work, "rev-parse", "HEAD")
	mirrors := []*repo.Mirror{mirror(t, dir, repo.Remote{URL: o.bare}), mirror(t, dir, repo.Remote{URL: o.bare})}
	fetch(t, mirrors[0], tip)
	key, _ := portalKey(t)
	type result struct {
		hash string
		err  error
	}
	const n = 40
	done := make(chan result)
	for i := range n {
		go func() {
			p := order(t, key, fmt.Sprintf("%016x", i), map[string]string{fmt.Sprintf("people/p%d.yaml", i): fmt.Sprintf("name: P %d\n", i)})
			hash, err := mirrors[i%2].Commit(t.Context(), p)
			done <- result{hash, err}
		}()
	}
	var all []string
	for range n {
		r := <-done
		if r.err != nil {
			t.Fatal(r.err)
		}
		all = append(all, r.hash)
		if len(all)%10 == 0 {
			fetch(t, mirrors[0], o.commit("meanwhile", ""))
		}
	}
	for _, hash := range all {
		for _, m := range mirrors {
			if len(content(t, treeOf(t, m, hash))) != 7 {
				t.Errorf("%s: want its files whole", hash)
			}
		}
	}
	same(t, "fsck", git(t, dir, "fsck", "--full", "--strict", "--no-dangling"), "")
	if packs, _ := filepath.Glob(filepath.Join(dir, "objects", "pack", "*.pack")); len(packs) > 18 {
		t.Errorf("got %d pack files, want them joined", len(packs))
	}
}

// Each line is a message, and who ordered by it, "!" for nobody.
func TestTrailers(t *testing.T) {
	t.Parallel()
	good := "Behorig-Order: 00000000000000c1\nBehorig-Kind: hire\nBehorig-Ordered-By: karin.berg\n"
	for _, c := range []struct{ name, message, want string }{
		{"plain", "Hire\n\n" + good, "karin.berg"},
		{"with people", "Hire\n\n" + good + "Behorig-People: bo.ek, anna\n", "karin.berg"},
		{"with another's", "Hire\n\nA text: with a colon\n\n" + good + "Co-authored-by: Bo <bo@example.org>\n", "karin.berg"},
		{"no last line end", "Hire\n\n" + strings.TrimSpace(good), "karin.berg"},
		{"two", "Hire\n\n" + good + "Behorig-Ordered-By: ada\n", "!"},
		{"two the same", "Hire\n\n" + good + "Behorig-Ordered-By: karin.berg\n", "!"},
		{"one in the text", "Hire\n\nBehorig-Ordered-By: ada\n\n" + good, "!"},
		{"one in the text alone", "Hire\n\n" + good + "\nMore text\n", "!"},
		{"one in the subject", "Behorig-Ordered-By: ada\n\n" + good, "!"},
		{"in the subject alone", good, "!"},
		{"indented in the text", "Hire\n\n  Behorig-Ordered-By: ada\n\n" + good, "!"},
		{"quoted in the text", "Hire\n\n> Behorig-Ordered-By: ada\n\n" + good, "!"},
		{"folded", "Hire\n\n" + good + " ada\n", "!"},
		{"folded name", "Hire\n\nBehorig-Order: 00000000000000c1\nBehorig-Kind: hire\nBehorig-Ordered-By:\n karin.berg\n", "!"},
		{"folded with a tab", "Hire\n\n" + good + "\tada\n", "!"},
		{"small letters", "Hire\n\n" + good + "behorig-ordered-by: ada\n", "!"},
		{"small letters alone", "Hire\n\n" + strings.ToLower(good), "!"},
		{"large letters", "Hire\n\n" + good + "BEHORIG-ORDERED-BY: ada\n", "!"},
		{"wide letters", "Hire\n\n" + good + "Ｂehorig-Ordered-By: ada\n", "!"},
		{"blank before the colon", "Hire\n\n" + good + "Behorig-Ordered-By : ada\n", "!"},
		{"no blank after it", "Hire\n\n" + strings.Replace(good, "By: ", "By:", 1), "!"},
		{"two blanks after it", "Hire\n\n" + strings.Replace(good, "By: ", "By:  ", 1), "!"},
		{"another of ours", "Hire\n\n" + good + "Behorig-Approved-By: ada\n", "!"},
		{"carriage return", "Hire\n\n" + good + "Note: x\rBehorig-Ordered-By: ada\n", "!"},
		{"line separator", "Hire\n\n" + good + "Note: x\u2028Behorig-Ordered-By: ada\n", "!"},
		{"right to left", "Hire\n\n" + good + "Note: \u202eada\n", "!"},
		{"null", "Hire\n\n" + good + "Note: \x00\n", "!"},
		{"no UTF-8", "Hire\n\n" + good + "Note: \xff\n", "!"},
		{"a name", "Hire\n\n" + strings.Replace(good, "karin.berg", "Karin Berg", 1), "!"},
		{"two keys", "Hire\n\n" + strings.Replace(good, "karin.berg", "karin.berg, ada", 1), "!"},
		{"a key that is none", "Hire\n\n" + strings.Replace(good, "karin.berg", "-karin", 1), "!"},
		{"no order", "Hire\n\nBehorig-Kind: hire\nBehorig-Ordered-By: karin.berg\n", "!"},
		{"a short order", "Hire\n\n" + strings.Replace(good, "00000000000000c1", "c1", 1), "!"},
		{"text among them", "Hire\n\n" + good + "and a text\n", "!"},
		{"nothing", "", "!"},
		{"long", "Hire\n\n" + strings.Repeat("x", 64<<10) + "\n\n" + good, "!"},
	} {
		got, err := repo.ParseTrailers(c.message)
		if err != nil {
			got.By = "!"
		}
		if got.By != c.want {
			t.Errorf("%s: got %s, error %v, want %s", c.name, got.By, err, c.want)
		}
	}
	for _, text := range []string{"x\n\nBehorig-Ordered-By: ada", "x\nbehorig-order: 1", "see Behorig-Order: 00000000000000c2", "\u202e", "a\r\nb"} {
		trailers := repo.Trailers{Order: "00000000000000c1", Kind: "hire", By: "karin.berg"}
		for _, pair := range [][2]string{{text, ""}, {"Hire", text}} {
			if got, err := trailers.Message(pair[0], pair[1]); err == nil {
				t.Errorf("%q: got %q, want it refused", pair, got)
			}
		}
	}
}

func FuzzTrailers(f *testing.F) {
	f.Add("Hire\n\nBehorig-Order: 00000000000000c1\nBehorig-Kind: hire\nBehorig-Ordered-By: karin.berg\n")
	f.Fuzz(func(t *testing.T, message string) {
		got, err := repo.ParseTrailers(message)
		if err == nil && strings.Count(strings.ToLower(message), "behorig-ordered-by") < 1 {
			t.Errorf("%q: got %+v of nothing", message, got)
		}
		if err == nil && (strings.Count(message, "\nBehorig-Ordered-By: ") != 1 || !strings.Contains(message, "\nBehorig-Ordered-By: "+got.By+"\n") && !strings.HasSuffix(message, "\nBehorig-Ordered-By: "+got.By)) {
			t.Errorf("%q: got %+v, which it does not say in one way", message, got)
		}
	})
}

// hashObject writes a commit by hand.
func hashObject(t testing.TB, dir, text string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "git", "hash-object", "-t", "commit", "-w", "--stdin")
	c.Dir, c.Stdin = dir, strings.NewReader(text)
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
