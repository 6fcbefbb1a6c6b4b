package repo_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/repo"
)

// What a portal's key may sign for: the one person of the trailer, and people and units alone. Each line is a commit that git itself signs with that key, so
// that nothing but the trust stands in its way, and what is made of it.
func TestPortalTrust(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	portal, line := o.key("portal")
	karin, hers := o.key("karin")
	signers := map[string][]string{"karin.berg": {hers}}
	base := o.commit("accepted", karin)
	m := mirror(t, t.TempDir(), repo.Remote{URL: o.bare})
	trailers := "Hire\n\nBehorig-Order: 00000000000000d1\nBehorig-Kind: hire\nBehorig-Ordered-By: omar.haddad\n"
	person := map[string]string{"people/bo.yaml": "name: Bo\n"}
	for _, c := range []struct {
		name, message, key string
		files              map[string]string
		shell              []string // git commands before the commit
		want, why          string
	}{
		{"an order", trailers, portal, person, nil, "omar.haddad", ""},
		{"of a unit", trailers, portal, map[string]string{"units/a.yaml": "name: AA\n"}, nil, "omar.haddad", ""},
		{"by a person's own key", trailers, karin, person, nil, "karin.berg", ""},
		{"two who ordered", trailers + "Behorig-Ordered-By: karin.berg\n", portal, person, nil, "", "twice"},
		{"one in the text", "Hire\n\nBehorig-Ordered-By: karin.berg\n\n" + trailers[6:], portal, person, nil, "", "before the last"},
		{"folded", trailers + " karin.berg\n", portal, person, nil, "", "one line each"},
		{"other letters", trailers + "behorig-ordered-by: karin.berg\n", portal, person, nil, "", "looks like"},
		{"nobody", "Hire\n", portal, person, nil, "", "last paragraph"},
		{"settings", trailers, portal, map[string]string{"behorig.yaml": "organisation: Två\n"}, nil, "", "changes behorig.yaml"},
		{"settings beside a person", trailers, portal, map[string]string{"behorig.yaml": "organisation: Två\n", "people/bo.yaml": "name: Bo\n"}, nil, "", "changes behorig.yaml"},
		{"a rule", trailers, portal, map[string]string{"policies/a.rego": "package local\n"}, nil, "", "changes policies/a.rego"},
		{"what CI runs", trailers, portal, map[string]string{".gitlab-ci.yml": "x\n"}, nil, "", "changes .gitlab-ci.yml"},
		{"attributes in people", trailers, portal, map[string]string{"people/.gitattributes": "x\n"}, nil, "", "changes people/.gitattributes"},
		{"a removal beside", trailers, portal, person, []string{"rm -q behorig.yaml"}, "", "changes behorig.yaml"},
		{"a move out", trailers, portal, person, []string{"mv people/anna.yaml anna.yaml"}, "", "changes anna.yaml"},
		{"a mode", trailers, portal, person, []string{"update-index --chmod=+x people/anna.yaml"}, "", "no plain file"},
	} {
		git(t, o.work, "checkout", "-q", "-B", "work", base)
		write(t, o.work, c.files)
		git(t, o.work, "add", "-A")
		for _, line := range c.shell {
			git(t, o.work, strings.Fields(line)...)
		}
		o.sign(c.key, "commit", "-q", "--cleanup=verbatim", "-m", c.message)
		tip := o.push()
		fetch(t, m, tip)
		check := func(how, signer string, why error) {
			t.Helper()
			if signer != c.want || (why == nil) != (c.why == "") || why != nil && (!errors.Is(why, repo.ErrBadSigned) || !strings.Contains(why.Error(), c.why)) {
				t.Errorf("%s, %s: got %q, error %v, want %q, %q", c.name, how, signer, why, c.want, c.why)
			}
		}
		a, err := m.Repo().Advance(base, tip, repo.SignTip, signers, []string{line})
		if err != nil {
			t.Fatal(err)
		}
		check("fetched", a.Added[0].Signer, a.Added[0].Why)
		if (len(a.Lacking()) == 0) != (c.why == "") {
			t.Errorf("%s: got %d commits that lack a signature", c.name, len(a.Lacking()))
		}
		between, err := m.Repo().Between(base, tip)
		if err != nil {
			t.Fatal(err)
		}
		signer, why := between.Commits[0].Signer(signers, []string{line})
		check("to be merged", signer, why)
		if signer, why := between.Commits[0].Signer(signers, nil); c.key == portal && !errors.Is(why, repo.ErrUnknownKey) {
			t.Errorf("%s, without the portal's key: got %q, error %v, want %v", c.name, signer, why, repo.ErrUnknownKey)
		}
		// A portal's key that stands under a person as well does not get more.
		both := map[string][]string{"karin.berg": {hers}, "root": {line}}
		signer, why = between.Commits[0].Signer(both, []string{line})
		check("a key of both", signer, why)
	}
}

// In a folder of a larger repository nothing beside the folder may be changed.
func TestPortalTrustSub(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	portal, line := o.key("portal")
	write(t, o.work, map[string]string{"access/people/anna.yaml": "name: Anna\n"})
	base := o.commit("with a folder", "")
	m := mirror(t, t.TempDir(), repo.Remote{URL: o.bare, Sub: "access"})
	for name, want := range map[string]string{"access/people/bo.yaml": "omar.haddad", "people/bo.yaml": "", "access2/people/bo.yaml": "", "access/behorig.yaml": ""} {
		git(t, o.work, "checkout", "-q", "-B", "work", base)
		write(t, o.work, map[string]string{name: "name: Bo\n"})
		git(t, o.work, "add", "-A")
		o.sign(portal, "commit", "-q", "-m", "Hire\n\nBehorig-Order: 00000000000000d1\nBehorig-Kind: hire\nBehorig-Ordered-By: omar.haddad")
		tip := o.push()
		fetch(t, m, tip)
		a, err := m.Repo().Advance(base, tip, repo.SignAll, nil, []string{line})
		if err != nil || a.Added[0].Signer != want {
			t.Errorf("%s: got %+v, error %v, want %q", name, a, err, want)
		}
	}
}

// A merge is no order, whatever it changes, and an order whose bytes were changed after signing is nobody's.
func TestPortalTrustForged(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	portal, line := o.key("portal")
	base := o.commit("accepted", "")
	text := "Hire\n\nBehorig-Order: 00000000000000d1\nBehorig-Kind: hire\nBehorig-Ordered-By: omar.haddad"
	write(t, o.work, map[string]string{"people/bo.yaml": "name: Bo\n"})
	git(t, o.work, "add", "-A")
	o.sign(portal, "commit", "-q", "-m", text)
	signed := git(t, o.work, "cat-file", "commit", "HEAD") + "\n"
	git(t, o.work, "checkout", "-q", "-b", "side", base)
	write(t, o.work, map[string]string{"people/eva.yaml": "name: Eva\n"})
	git(t, o.work, "add", "-A")
	git(t, o.work, "commit", "-q", "-m", "side")
	o.sign(portal, "merge", "-q", "--no-ff", "-m", text, "-")
	merge := git(t, o.work, "rev-parse", "HEAD")
	forged := hashObject(t, o.work, strings.Replace(signed, "omar.haddad", "karin.berg", 1))
	m := mirror(t, t.TempDir(), repo.Remote{URL: o.bare})
	for name, c := range map[string]struct{ tip, why string }{"merge": {merge, "has 2"}, "forged": {forged, "bad-signature"}} {
		git(t, o.work, "checkout", "-q", "-B", "work", c.tip)
		o.push()
		fetch(t, m, c.tip)
		a, err := m.Repo().Advance(base, c.tip, repo.SignTip, nil, []string{line})
		if err != nil {
			t.Fatal(err)
		}
		last := a.Added[len(a.Added)-1]
		if !errors.Is(last.Why, repo.ErrBadSigned) || !strings.Contains(last.Why.Error(), c.why) || len(a.Lacking()) != 1 {
			t.Errorf("%s: got %+v, want it refused with %q", name, last, c.why)
		}
	}
}
