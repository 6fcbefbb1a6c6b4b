// Package forge makes a merge request of an order: a branch of the access repository, pushed, and what the server that keeps it makes of it. GitLab, Forgejo
// and Gitea make one of the push itself, GitHub is asked for one; of a plain git server there is the branch alone. It neither decides about an order nor
// merges one.
package forge

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/behorig/behorig/reconcile/repo"
)

// Order is what is to be merged. Whoever can see the repository's list of merge requests reads Title and Text, mail of it goes anywhere, and it outlives
// everybody's employment: what kind of order it is and for which unit, and no person.
type Order struct {
	ID     string // [repo.Trailers.Order]; it goes into the text too, since a forge that squashes may keep that alone
	Branch string // as portal/1f0c…, without refs/heads/; the same for every commit of the order
	Commit string
	Was    string // the commit that this one replaces, "" if it is new
	Title  string
	Text   string
}

// Opened is what came of a push.
type Opened struct {
	Number int    // of the merge request, 0 if nobody said
	URL    string // where people see it, "" if nobody said
}

// Stage is how far a merge request has come.
type Stage string

// The stages.
const (
	StageOpen    Stage = "open"
	StageMerged  Stage = "merged"
	StageClosed  Stage = "closed"  // given up, or refused
	StageUnknown Stage = "unknown" // the forge has none, or was not asked: the branch itself tells ([repo.Mirror.Proposals])
)

// State is what a forge says of a merge request.
type State struct {
	Opened
	Stage Stage
}

// ErrByHand tells that only a person can do it, in the forge's own pages.
var ErrByHand = errors.New("do it in the forge's own pages")

// Pusher is a [repo.Mirror].
type Pusher interface {
	Push(ctx context.Context, commit string, to repo.Push) (said string, err error)
}

// Forge is what becomes of a pushed branch.
type Forge interface {
	// Send pushes an order and sees that there is a merge request of it, one for all its commits. It may be done again. The errors are those of
	// [repo.Mirror.Push]; one that is [Unopened] has pushed.
	Send(ctx context.Context, m Pusher, o Order) (Opened, error)
	// State asks how far an order has come. Without a token to ask with it is unknown.
	State(ctx context.Context, o Order) (State, error)
	// Close takes an order back: its merge request is closed, its branch deleted. The error may be [ErrByHand].
	Close(ctx context.Context, m Pusher, o Order) error
	// Refs is what the references of all orders begin with, for [repo.Mirror.Proposals], given what their branches begin with.
	Refs(prefix string) string
	// Approvers are who approved, by the message of the merge that brought an order to the branch: names as the forge has them; nil where it does not say.
	Approvers(message string) []string
}

// Unopened is an order that has been pushed, and of which the forge has made no merge request.
type Unopened struct{ Err error }

// Error implements error.
func (u *Unopened) Error() string {
	return fmt.Sprintf("the order is pushed, but there is no merge request of it: %v; make one of its branch by hand, or send it again", u.Err)
}

// Unwrap gives why.
func (u *Unopened) Unwrap() error { return u.Err }

// Settings is which forge it is, and how to ask it.
type Settings struct {
	Kind    string                 // git, gitlab, forgejo, gitea or github
	Remote  string                 // URL of the repository, as [repo.Remote] has it; API and Project are read from it
	Branch  string                 // that orders are merged into; "": main
	API     string                 // address of the API; "": https://<host>/api/v4, /api/v1, https://api.github.com or /api/v3 of another host
	Project string                 // owner/name, in GitLab group/…/name; "": the path of Remote
	Token   func() (string, error) // for the API, asked for at each call; nil: it is not asked
	CA      []byte                 // authorities to trust beside the system's, PEM
}

// Kinds are what [Settings.Kind] may be.
func Kinds() []string { return []string{"git", "gitlab", "forgejo", "gitea", "github"} }

// New finds the forge that settings name. It is not asked anything yet.
func New(s Settings) (Forge, error) {
	if s.Branch == "" {
		s.Branch = "main"
	}
	if !slices.Contains(Kinds(), s.Kind) {
		return nil, fmt.Errorf("%q is no kind of forge; write one of %s", s.Kind, strings.Join(Kinds(), ", "))
	}
	if s.Kind == "git" {
		return plain{}, nil
	}
	if s.Kind == "github" && s.Token == nil {
		return nil, errors.New("GitHub makes a pull request only when it is asked; name a token for its API")
	}
	host, project := where(s.Remote)
	if s.Project == "" {
		s.Project = project
	}
	if s.API == "" && s.Token != nil {
		if host == "" {
			return nil, fmt.Errorf("%s cannot be asked about orders: its address does not say where; name the address of its API", s.Kind)
		}
		s.API = "https://" + host + map[string]string{"gitlab": "/api/v4", "forgejo": "/api/v1", "gitea": "/api/v1", "github": "/api/v3"}[s.Kind]
		if s.Kind == "github" && host == "github.com" {
			s.API = "https://api.github.com"
		}
	}
	parts := strings.Split(s.Project, "/")
	if s.Token != nil && (len(parts) < 2 || s.Kind != "gitlab" && len(parts) != 2 || slices.Contains(parts, "") || slices.Contains(parts, "..") || strings.ContainsFunc(s.Project, unprintable)) {
		return nil, fmt.Errorf("%q is no project of %s; write owner/name", s.Project, s.Kind)
	}
	api, err := newAPI(s)
	if err != nil {
		return nil, err
	}
	switch s.Kind {
	case "gitlab":
		return &gitlab{api, s.Branch, url.PathEscape(s.Project)}, nil
	case "github":
		return &github{api, s.Branch, s.Project}, nil
	}
	return &forgejo{api, s.Branch, s.Project}, nil
}

// where reads a host and a project from a repository's address: https://host/owner/name.git, ssh://git@host:22/owner/name or git@host:owner/name.
func where(remote string) (host, project string) {
	if u, err := url.Parse(remote); err == nil && u.Host != "" {
		host, project = u.Host, u.Path
		if u.Scheme == "ssh" {
			host = u.Hostname()
		}
	} else if before, after, found := strings.Cut(remote, ":"); found && !strings.Contains(before, "/") {
		host, project = before[strings.LastIndexByte(before, '@')+1:], after
	}
	return host, strings.TrimSuffix(strings.Trim(project, "/"), ".git")
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// line makes a text one that a push option and a title can be, and that no forge takes for an order to itself (GitLab's /approve at the start of a line,
// @ that calls people).
func line(text string, longest int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unprintable(r):
			return ' '
		case r == '@':
			return '＠'
		}
		return r
	}, text)
	text = strings.TrimLeft(strings.Join(strings.Fields(strings.ReplaceAll(text, `\n`, " ")), " "), "/ ")
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest-1]) + "…"
	}
	return text
}

func (o Order) title() string { return line(o.Title, longestTitle) }

func (o Order) text() string {
	return strings.TrimSpace(line(o.Text, longestText) + " " + repo.OrderLine(o.ID))
}

// The most of a title and a text.
const (
	longestTitle = 200
	longestText  = 2000
)

// plain is a git server that makes nothing of a branch.
type plain struct{}

func (plain) Send(ctx context.Context, m Pusher, o Order) (Opened, error) {
	_, err := m.Push(ctx, o.Commit, branch(o))
	return Opened{}, err
}

func (plain) State(context.Context, Order) (State, error) { return State{Stage: StageUnknown}, nil }

func (plain) Close(ctx context.Context, m Pusher, o Order) error { return remove(ctx, m, o) }

func (plain) Refs(prefix string) string { return "refs/heads/" + prefix }

func branch(o Order) repo.Push { return repo.Push{Ref: "refs/heads/" + o.Branch, Was: o.Was} }

// remove deletes an order's branch, if it is still as it was.
func remove(ctx context.Context, m Pusher, o Order) error {
	_, err := m.Push(ctx, "", repo.Push{Ref: "refs/heads/" + o.Branch, Was: o.Commit})
	return err
}
