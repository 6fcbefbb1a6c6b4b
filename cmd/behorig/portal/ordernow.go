package portal

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/reconcile/store"
	"github.com/behorig/behorig/schema"
)

// nowPage is what it means to end somebody's access at once, to be confirmed.
type nowPage struct {
	Person, Who string
	Back        string
	Systems     []nowSystem
	Items       []string
	Reason      string
	Problems    request.Problems
	Standing    string // since when it is so already
}

// nowSystem is what is taken away in one system, and how.
type nowSystem struct {
	Name  string
	Roles []string
	Desk  string // who has to do it by hand; "" if it is done by itself
}

// health are words of why somebody is away. Nothing of anybody's health is stored.
var health = regexp.MustCompile(`(?i)(^|[^\pL])(sjuk|sjuka|sjukskriv\pL*|sjukdom\pL*|diagnos\pL*|gravid\pL*|missbruk\pL*|alkohol\pL*|depression\pL*|deprimerad|utbränd\pL*|cancer\pL*|sick|illness|disease|pregnan\pL*|addict\pL*)($|[^\pL])`)

// endable is somebody whose access the viewer may end at once: all of it goes, so all employments must be in the viewer's units.
func (x *visit) endable(key string) (*schema.Person, error) {
	p, err := x.orderable(key)
	if err != nil {
		return nil, err
	}
	for _, e := range p.Employments {
		if (e.Until == 0 || e.Until >= x.Now.On) && !x.mayUnit(e.Unit) {
			return nil, forbidden(orderWords["now-elsewhere"].With("unit", x.unitName(e.Unit)))
		}
	}
	return p, nil
}

func (p *Portal) endNow(x *visit) error {
	person, err := x.endable(x.value("person"))
	if err != nil {
		return err
	}
	d, err := p.newNowPage(x, person)
	if err != nil {
		return err
	}
	return x.page("order-now", orderWords["now-title"], d)
}

func (p *Portal) newNowPage(x *visit, person *schema.Person) (*nowPage, error) {
	d := &nowPage{Person: person.Key, Who: x.name(person.Key), Back: personPage(person.Key)}
	byHand := map[string]bool{}
	for _, s := range x.Now.Picture.Health() {
		byHand[s.Key] = s.ByHand
	}
	if h := x.Now.Picture.Person(person.Key); h != nil {
		for _, g := range h.Grants {
			if g.State == report.Coming || g.State == report.Cancelled || !g.Held && g.Order == nil {
				continue
			}
			role := x.roleOnly(g.System, g.Role)
			if n := len(d.Systems); n > 0 && d.Systems[n-1].Name == x.systemCalled(g.System) {
				d.Systems[n-1].Roles = append(d.Systems[n-1].Roles, role)
				continue
			}
			s := nowSystem{Name: x.systemCalled(g.System), Roles: []string{role}}
			if y := x.Now.Org.Systems[g.System]; y != nil && byHand[g.System] {
				s.Desk = y.Desk
			}
			d.Systems = append(d.Systems, s)
		}
	}
	for _, it := range person.Items {
		if it.Returned == 0 {
			d.Items = append(d.Items, x.itemName(it.Kind, it.Label))
		}
	}
	since, err := p.revokedSince(x, person.Key)
	d.Standing = since
	return d, err
}

// systemCalled is what a system is called.
func (x *visit) systemCalled(key string) string {
	if s := x.Now.Org.Systems[key]; s != nil {
		return s.Name
	}
	return key
}

// revokedSince is since when somebody's access is taken away past the repository, "" if it is not.
func (p *Portal) revokedSince(x *visit, person string) (string, error) {
	l, err := ledger.OpenReadOnly(x.r.Context(), p.Place)
	if err != nil {
		return "", err
	}
	defer l.Close()
	all, err := l.Standing(x.r.Context())
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(all, func(s ledger.Standing) bool {
		return s.Person == person && s.RevokesAll(x.Now.At)
	})
	if i < 0 {
		return "", nil
	}
	return all[i].At.In(x.Now.Zone).Format("2006-01-02 15.04"), nil
}

// endNowAct takes all access away at once, past git and its approvals, and orders the end of the employments, so that the repository comes to say the same.
func (p *Portal) endNowAct(x *visit) error {
	for name := range x.r.PostForm {
		if name != tokenField && name != onceField && name != "person" && name != "reason" && name != "sure" {
			return errBadForm
		}
	}
	person, err := x.endable(x.value("person"))
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(x.r.PostForm.Get("reason"))
	problems := nowProblems(reason)
	if x.r.PostForm.Get("sure") != "on" {
		problems = append(problems, request.Problem{Field: "sure", What: orderWords["now-unsure"], Do: orderWords["now-unsure-do"]})
	}
	if problems != nil {
		d, err := p.newNowPage(x, person)
		if err != nil {
			return err
		}
		d.Problems = problems
		if schema.Mask(reason) == reason {
			d.Reason = reason
		}
		return x.pageWith(http.StatusUnprocessableEntity, "order-now", orderWords["now-title"], d)
	}
	if err := p.stillMay(x); err != nil {
		var e *shown
		if errors.As(err, &e) {
			return err
		}
		return p.notEnded(x, person, reason, err)
	}
	standing := ledger.Standing{Kind: ledger.StandingRevoke, Key: schema.Key{Person: person.Key}, Reason: person.Blot(reason), By: x.Viewer.Person}
	if err := p.revoke(x.r.Context(), standing); err != nil {
		return p.notEnded(x, person, reason, err)
	}
	p.Log.Info("ended at once", "by", x.Viewer.Person)
	p.wake()
	return p.endToday(x, person)
}

// revokeWithin is how long somebody who takes access away waits for a ledger that others hold.
const revokeWithin = 30 * time.Second

// revoke writes down that all access is taken away, and tries again while others hold the ledger.
func (p *Portal) revoke(ctx context.Context, standing ledger.Standing) error {
	ctx, cancel := context.WithTimeout(ctx, revokeWithin)
	defer cancel()
	for {
		err := p.revokeOnce(ctx, standing)
		if !store.Passing(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (p *Portal) revokeOnce(ctx context.Context, standing ledger.Standing) error {
	l, err := ledger.Open(ctx, p.Place, p.Config.Now)
	if err != nil {
		return err
	}
	defer l.Close()
	_, err = l.Order(ctx, standing)
	return err
}

// notEnded says in so many words that the access is still there, and what to do instead: whoever is in a hurry must not take an error for a yes.
func (p *Portal) notEnded(x *visit, person *schema.Person, reason string, why error) error {
	p.Log.Error("access was to be ended at once, and is not", "by", x.Viewer.Person, "reason", schema.Mask(why.Error()))
	d, err := p.newNowPage(x, person)
	if err != nil {
		d = &nowPage{Person: person.Key, Who: x.name(person.Key), Back: personPage(person.Key)} // the ledger tells nothing either
	}
	d.Reason = reason
	d.Problems = request.Problems{{What: orderWords["now-failed"], Do: orderWords["now-failed-do"]}}
	return x.pageWith(http.StatusServiceUnavailable, "order-now", orderWords["now-title"], d)
}

// endToday orders the last day of employments that have been ended at once. What was taken away is so whether the order can be sent or not.
func (p *Portal) endToday(x *visit, person *schema.Person) error {
	x.r.PostForm = url.Values{onceField: x.r.PostForm[onceField], "person": {person.Key}, "last": {x.Now.On.String()}}
	r := &request.End{Person: person.Key, Last: x.Now.On}
	err := x.allow(r)
	var id string
	if err == nil {
		id, err = p.send(x, r)
	}
	if err != nil {
		var e *shown
		var problems request.Problems
		var stopped *refused
		if !errors.As(err, &e) && !errors.As(err, &problems) && !errors.As(err, &stopped) {
			p.Log.Error("the end of what was ended at once could not be ordered", "reason", schema.Mask(err.Error()))
		}
		x.flash("wait", orderWords["now-half"])
		return x.redirect(personPage(person.Key))
	}
	x.flash("ok", orderWords["now-done"])
	return x.redirect("/orders/" + id)
}

// nowProblems are what is wrong with a reason: it is kept for years, and read by auditors.
func nowProblems(reason string) request.Problems {
	wrong := func(word string) request.Problems {
		return request.Problems{{Field: "reason", What: orderWords[word], Do: orderWords[word+"-do"]}}
	}
	switch {
	case reason == "":
		return wrong("now-why")
	case len([]rune(reason)) > 200 || !schema.Fits("line", reason):
		return wrong("now-long")
	case schema.Mask(reason) != reason:
		return wrong("now-number")
	case health.MatchString(reason):
		return wrong("now-health")
	}
	return nil
}
