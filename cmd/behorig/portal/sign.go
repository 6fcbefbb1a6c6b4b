package portal

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/behorig/behorig/cmd/behorig/portal/signin"
	"github.com/behorig/behorig/schema"
)

// signRoutes are how somebody comes in and goes out.
var signRoutes = []route{
	{"GET /sign-in", (*Portal).signIn},
	{"GET /sign-in/begin", (*Portal).signInBegin},
	{"GET /sign-in/callback", (*Portal).signInCallback},
	{"POST /sign-in/demo", (*Portal).signInDemo},
	{"POST /sign-out", (*Portal).signOut},
	{"GET /signed-out", (*Portal).signedOut},
}

// signIn is the page with the one button; a demonstration has one for each person.
func (p *Portal) signIn(x *visit) error {
	if x.Viewer != nil {
		return x.redirect("/")
	}
	type choice struct {
		Actor
		Name string
	}
	var all []choice
	if p.Demo != nil {
		for _, a := range p.Demo.People {
			all = append(all, choice{a, x.Now.viewer(a.Person).Name})
		}
	}
	return x.page("sign-in", shellWords["sign-in"], all)
}

// signInBegin sends somebody to the provider.
func (p *Portal) signInBegin(x *visit) error {
	if p.Provider == nil {
		return errNotFound
	}
	to, err := p.Provider.Begin(p.cookies(), x.w, x.session.Back)
	if err != nil {
		return err
	}
	x.written = true
	http.Redirect(x.w, x.r, to, http.StatusSeeOther)
	return nil
}

// signInCallback takes the provider's answer.
func (p *Portal) signInCallback(x *visit) error {
	if p.Provider == nil {
		return errNotFound
	}
	ctx, cancel := context.WithTimeout(x.r.Context(), 20*time.Second)
	defer cancel()
	who, err := p.Provider.Finish(ctx, p.cookies(), x.w, x.r)
	switch {
	case errors.Is(err, signin.ErrState), errors.Is(err, signin.ErrExchange):
		p.Log.Warn("nobody was signed in", "reason", err.Error())
		return &shown{status: http.StatusForbidden, Title: shellWords["sign-in-state"], Text: shellWords["sign-in-state-do"]}
	case err != nil:
		p.Log.Warn("nobody was signed in", "reason", schema.Mask(err.Error()))
		return &shown{status: http.StatusForbidden, Title: shellWords["sign-in-failed"], Text: shellWords["sign-in-failed-do"]}
	}
	person, ok := signin.Person(x.Now.Org, p.Match, who.Claim)
	if !ok {
		p.Log.Warn("somebody who is in no one file signed in")
		return &shown{status: http.StatusForbidden, Title: shellWords["sign-in-nobody"], Text: shellWords["sign-in-nobody-do"]}
	}
	return p.enter(x, person, who.Back)
}

// signInDemo lets one be a person of the example.
func (p *Portal) signInDemo(x *visit) error {
	person := x.value("person")
	if p.Demo == nil || !slices.ContainsFunc(p.Demo.People, func(a Actor) bool { return a.Person == person }) {
		return errNotFound
	}
	return p.enter(x, person, x.session.Back)
}

func (p *Portal) enter(x *visit, person, back string) error {
	p.ended.Add(x.session.ID)
	x.session = x.session.As(person, p.Config.Now())
	p.Log.Info("signed in", "person", person)
	return x.redirect(back)
}

// signOut ends the session here, and at the provider where it can be.
func (p *Portal) signOut(x *visit) error {
	p.ended.Add(x.session.ID)
	p.Log.Info("signed out", "person", x.session.Person)
	p.cookies().Clear(x.w)
	to := "/signed-out"
	if p.Provider != nil {
		if there := p.Provider.SignOut(); there != "" {
			to = there
		}
	}
	x.written = true
	http.Redirect(x.w, x.r, to, http.StatusSeeOther)
	return nil
}

func (p *Portal) signedOut(x *visit) error {
	return x.page("signed-out", shellWords["signed-out"], nil)
}
