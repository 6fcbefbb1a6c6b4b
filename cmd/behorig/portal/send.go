package portal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/behorig/behorig/reconcile/repo"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// onceField is a field of each form that tells one showing of it from another, so that who sends the same twice has ordered once.
const onceField = "_once"

// sendWithin is how long sending may take, the pushing counted.
const sendWithin = 45 * time.Second

// refused is that an order would not be let in: its verdict says why.
type refused struct{ *request.Verdict }

func (*refused) Error() string { return "the rules stop the order" }

// judge is what the rules say of a request on the state of this moment, as the viewer's: for showing what stands in its way before it is sent. The error is
// [request.Problems] of what the form says wrong.
func (p *Portal) judge(x *visit, r request.Request) (*request.Verdict, error) {
	return p.judgeOn(x.r.Context(), x.Now, x.Viewer.Person, r, new([]request.File))
}

func (p *Portal) judgeOn(ctx context.Context, n *Now, by string, r request.Request, files *[]request.File) (*request.Verdict, error) {
	request.Reserve(r, n.arriving())
	if problems := hiddenColleague(n, by, r); problems != nil {
		return nil, problems
	}
	var err error
	if *files, err = r.Files(n.Org, n.On); err != nil {
		return nil, err
	}
	if !request.May(n.Org, by, r, n.On) {
		return nil, forbidden(shellWords["not-yours"])
	}
	return request.Judge(ctx, n.Source, by, *files)
}

// send gives an order: its files are made of the newest commit, judged there, signed and pushed. The error is [request.Problems] of what the form says wrong,
// [refused] with what stops it, or a page of its own. What it gives is the order's number. Should the branch move in the middle of it, the order is put on top
// when it is next looked at: see [Portal.standing].
func (p *Portal) send(x *visit, r request.Request) (id string, err error) {
	if p.Key == nil || p.Mirror == nil {
		return "", trouble(shellWords["look-only"], shellWords["look-only-do"])
	}
	if err := p.stillMay(x); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(x.r.Context(), sendWithin)
	defer cancel()
	if err := p.sending.take(ctx); err != nil {
		p.Log.Error("an order could not be sent for others that are being sent", "reason", schema.Mask(err.Error()))
		return "", trouble(shellWords["unsent"], shellWords["unsent-do"])
	}
	defer p.sending.give()
	id = p.number(x, r)
	id, err = p.sendOnce(ctx, x, r, id)
	if err != nil {
		return "", err
	}
	p.Log.Info("ordered", "order", id, "kind", r.Kind(), "by", x.Viewer.Person)
	if err := p.refresh(ctx, true); err != nil { // so that its page is there
		p.Log.Error("the state is not renewed after an order", "order", id, "reason", schema.Mask(err.Error()))
		p.wake()
	}
	return id, nil
}

func (p *Portal) sendOnce(ctx context.Context, x *visit, r request.Request, id string) (string, error) {
	if err := p.refresh(ctx, true); err != nil {
		p.Log.Error("the newest commit is not at hand for an order", "reason", schema.Mask(err.Error()))
	}
	n := p.now.Load()
	switch {
	case n.Broken:
		return "", trouble(shellWords["look-only"], shellWords["main-broken"])
	case n.Behind:
		return "", trouble(shellWords["look-only"], shellWords["main-behind"])
	case n.Order(id) != nil:
		return id, nil // sent already
	}
	x.Now, x.Viewer = n, n.viewer(x.Viewer.Person)
	var files []request.File
	verdict, err := p.judgeOn(ctx, n, x.Viewer.Person, r, &files)
	if err != nil {
		return "", err
	}
	if verdict.Stops() {
		return "", &refused{verdict}
	}
	proposal := repo.Proposal{Base: n.Commit, Files: map[string][]byte{}, Author: x.Viewer.Person, When: n.At, Key: p.Key}
	if me, err := n.Org.Person(x.Viewer.Person); err == nil && me != nil {
		proposal.Author = me.Shown()
		if !me.Protected {
			proposal.Email = me.Email
		}
	}
	var paths []string
	for _, f := range files {
		paths = append(paths, f.Path)
		proposal.Files[f.Path] = f.Raw
	}
	trailers := repo.Trailers{Order: id, Kind: r.Kind(), By: x.Viewer.Person, People: r.People()}
	if proposal.Message, err = trailers.Message(subject(r), ""); err != nil {
		return "", err
	}
	commit, err := p.Mirror.Commit(ctx, proposal)
	if errors.Is(err, repo.ErrNothing) {
		return "", request.Problems{{What: shellWords["nothing-new"], Do: shellWords["nothing-new-do"]}}
	}
	if err != nil {
		return "", err
	}
	return id, p.publish(ctx, n, &Sent{Proposed: repo.Proposed{Commit: commit, Trailers: trailers, Paths: paths}}, r.Places())
}

// subject is the first line of an order's message: what it is of, by keys alone.
func subject(r request.Request) string {
	people := r.People()
	switch {
	case len(people) == 1:
		return fmt.Sprintf("%s: %s", r.Kind(), people[0])
	case len(people) > 1:
		return fmt.Sprintf("%s: %s and %d more", r.Kind(), people[0], len(people)-1)
	}
	return r.Kind()
}

// number is an order's: the same for the same form sent again from one showing of it, and else one that nothing else has.
func (p *Portal) number(x *visit, r request.Request) string {
	form := x.r.PostForm
	once := form.Get(onceField)
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n%s\n%s\n%s\n", x.session.ID, once, r.Kind(), form.Encode())
	if once == "" {
		fmt.Fprintf(sum, "%d", p.Config.Now().UnixNano())
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}
