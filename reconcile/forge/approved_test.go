package forge_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/behorig/behorig/reconcile/forge"
)

// Who approved is heard where the forge itself wrote it, and not where whoever asks for a merge might have.
func TestApprovers(t *testing.T) {
	const (
		gitlab = "Merge branch 'portal/1' into 'main'\n\nOrder\n\nSee merge request x!1\n\nApproved-by: Omar Haddad <o@example.org>\nApproved-by: Ulla Brännström <u@example.org>\nMerged-by: Vera <v@example.org>\n"
		gitea  = "Merge pull request 'Order' (#1) from x into main\r\n\r\nReviewed-on: https://x.example/pulls/1\r\nReviewed-by: Omar Haddad <o@example.org>\r\nReviewed-by: Omar Haddad <o@example.org>\r\n"
	)
	for name, c := range map[string]struct {
		kind, message string
		want          []string
	}{
		"GitLab":                        {"gitlab", gitlab, []string{"Omar Haddad", "Ulla Brännström"}},
		"Gitea":                         {"gitea", gitea, []string{"Omar Haddad"}},
		"Forgejo":                       {"forgejo", gitea, []string{"Omar Haddad"}},
		"by hand":                       {"git", "Merge\n\nApproved-by: Omar Haddad\n", []string{"Omar Haddad"}},
		"a title is no approval":        {"gitlab", "Merge branch 'x'\n\nApproved-by: Omar Haddad", nil},
		"a title before what is fixed":  {"gitlab", "Merge branch 'x'\n\nApproved-by: Omar Haddad\n\nMerged-by: Vera <v@example.org>", nil},
		"a text among what is fixed":    {"gitlab", "Merge\n\nApproved-by: Omar Haddad\nand\nMerged-by: Vera", nil},
		"another forge's words":         {"gitea", gitlab, nil},
		"GitHub's are its author's own": {"github", gitlab, nil},
		"nobody":                        {"gitlab", "Merge\n\nApproved-by:\nApproved-by: <x@example.org>\nMerged-by: Vera", nil},
		"a long name":                   {"git", "Merge\n\nApproved-by: \x1b[1m" + strings.Repeat("å", 200), []string{"[1m" + strings.Repeat("å", 96) + "…"}},
		"the subject alone":             {"git", "Approved-by: Omar Haddad", nil},
		"nothing":                       {"git", "", nil},
	} {
		f, err := forge.New(forge.Settings{Kind: c.kind, Remote: "https://forge.example/x/y.git", Token: func() (string, error) { return "t", nil }})
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Approvers(c.message); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
