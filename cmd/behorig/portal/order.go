package portal

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// orderRoutes are the forms of orders, and what was sent.
var orderRoutes = []route{
	{"GET /order/{kind}", (*Portal).order},
	{"POST /order/{kind}", (*Portal).orderAct},
	{"POST /order/{kind}/check", (*Portal).orderCheck},
	{"GET /order/now", (*Portal).endNow},
	{"POST /order/now", (*Portal).endNowAct},
	{"GET /orders", (*Portal).orders},
	{"GET /orders/{id}", (*Portal).orderSent},
	{"POST /orders/{id}/withdraw", (*Portal).orderWithdraw},
}

// newForm is a form of a kind with what was written in it. Whom it is of is looked up now, whatever the address or the form says.
func (x *visit) newForm(kind string, values url.Values) (*orderForm, error) {
	k, ok := orderKinds[kind]
	if !ok {
		return nil, notFound()
	}
	if len(x.Viewer.Orders) == 0 {
		return nil, forbidden(peopleWords["people-none"])
	}
	f := &orderForm{Kind: kind, Title: orderWords["order-"+kind+"-title"], x: x, values: values, Back: "/people"}
	if k.person {
		p, err := x.orderable(cmp.Or(values.Get("person"), values.Get("persons")))
		if err != nil {
			return nil, err
		}
		f.person, f.Person, f.Who, f.Back = p, p.Key, x.name(p.Key), personPage(p.Key)
		if kind != "guideline" {
			f.hide("person", p.Key)
		}
	}
	if kind == "end" {
		f.Aside = &actionView{orderLink("now", f.Person), x.t("now-title")}
	}
	if kind == "deputy" || kind == "handover" {
		f.Back = "/units"
	}
	f.Lede = x.t("order-"+kind+"-lede", "title", x.Now.Org.Guideline.Title)
	k.ask(f)
	return f, nil
}

// orderable is somebody whom the viewer may order for: seen, employed in one of the viewer's units, and not the viewer.
func (x *visit) orderable(key string) (*schema.Person, error) {
	if key == "" || !x.Now.Org.Knows(key) {
		return nil, notFound()
	}
	p, err := x.Now.Org.Person(key)
	switch {
	case err != nil:
		return nil, err
	case key == x.Viewer.Person:
		return nil, forbidden(orderWords["order-self"])
	case !x.seesPerson(p):
		return nil, notFound()
	case !slices.ContainsFunc(p.Employments, func(e schema.Employment) bool { return x.mayUnit(e.Unit) }):
		return nil, forbidden(orderWords["order-not-unit"])
	}
	return p, nil
}

// personPage is the address of somebody's page.
func personPage(key string) string { return "/people/" + url.PathEscape(key) }

func (p *Portal) order(x *visit) error {
	f, err := x.newForm(x.r.PathValue("kind"), x.r.URL.Query())
	if err != nil {
		return err
	}
	return x.page("order", f.Title, f)
}

// orderAct checks an order, or sends it.
func (p *Portal) orderAct(x *visit) error {
	kind, do := x.r.PathValue("kind"), x.r.PostForm.Get("do")
	if do == "send" {
		return p.orderSend(x, kind)
	}
	if do != "" && do != "check" && do != "drop" {
		return errBadForm
	}
	f, verdict, err := p.checked(x, kind, false)
	if err != nil {
		return err
	}
	if do == "drop" && verdict != nil {
		x.r.PostForm = cloneValues(x.r.PostForm)
		f.values = x.r.PostForm
		f.drop(verdict)
		if f, _, err = p.checked(x, kind, false); err != nil {
			return err
		}
	}
	return x.formPage(f)
}

// orderCheck is the check of an order that is being written, for htmx.
func (p *Portal) orderCheck(x *visit) error {
	f, _, err := p.checked(x, x.r.PathValue("kind"), true)
	if err != nil {
		return err
	}
	return x.partial("order-checked", f)
}

// formPage shows a form again, with what is wrong with it.
func (x *visit) formPage(f *orderForm) error {
	if len(f.Problems) > 0 {
		return x.pageWith(http.StatusUnprocessableEntity, "order", f.Title, f)
	}
	return x.page("order", f.Title, f)
}

// checked is a form with what stands in the order's way, and the verdict where there is one. While it is being written, what is not filled in yet is
// counted and not blamed.
func (p *Portal) checked(x *visit, kind string, writing bool) (*orderForm, *request.Verdict, error) {
	f, err := x.newForm(kind, x.r.PostForm)
	if err != nil {
		return nil, nil, err
	}
	f.Asked = true
	r, err := p.readRequest(x, f)
	var problems request.Problems
	switch {
	case errors.As(err, &problems):
	case err != nil:
		return nil, nil, err
	}
	if r != nil {
		if err := x.allow(r); err != nil {
			return nil, nil, err
		}
	}
	var verdict *request.Verdict
	if problems == nil {
		verdict, err = p.judge(x, r)
		if err != nil && !errors.As(err, &problems) {
			return nil, nil, err
		}
	}
	if problems != nil {
		f.refuse(problems, writing)
		return f, nil, nil
	}
	f.judged(verdict)
	f.preview(verdict, nil)
	return f, verdict, nil
}

// refuse puts what a form says wrong into it.
func (f *orderForm) refuse(problems request.Problems, writing bool) {
	f.preview(nil, problems)
	if !writing {
		f.blame(problems)
		f.Verdict = &verdictView{Level: request.Stop}
		return
	}
	var left []string
	var said request.Problems
	for _, p := range problems {
		if !f.missing(p) {
			said = append(said, p)
		} else if label := f.nearest(p.Field).Label; !slices.Contains(left, label) {
			left = append(left, label)
		}
	}
	f.blame(said)
	f.Verdict = &verdictView{Level: request.Note, Left: strings.Join(left, ", ")}
}

// readRequest is [Portal.readOrder], of many people without the rows that are left out.
func (p *Portal) readRequest(x *visit, f *orderForm) (request.Request, error) {
	r, err := p.readOrder(x, f.Kind)
	if many, ok := r.(*request.Hires); ok && err == nil {
		return r, f.readRows(many)
	}
	return r, err
}

func (p *Portal) orderSend(x *visit, kind string) error {
	f, err := x.newForm(kind, x.r.PostForm)
	if err != nil {
		return err
	}
	f.Asked = true
	r, err := p.readRequest(x, f)
	if r != nil {
		if err := x.allow(r); err != nil {
			return err
		}
	}
	var id string
	if err == nil {
		id, err = p.send(x, r)
	}
	var problems request.Problems
	var stopped *refused
	switch {
	case errors.As(err, &problems):
		f.refuse(problems, false)
		return x.formPage(f)
	case errors.As(err, &stopped):
		f.judged(stopped.Verdict)
		f.preview(stopped.Verdict, nil)
		f.Problems = append(f.Problems, request.Problem{What: orderWords["order-stopped"], Do: orderWords["order-stopped-do"]})
		return x.formPage(f)
	case err != nil:
		return err
	}
	x.flash("ok", orderWords["order-sent"])
	return x.redirect("/orders/" + id)
}

func cloneValues(v url.Values) url.Values {
	out := url.Values{}
	for name, values := range v {
		out[name] = slices.Clone(values)
	}
	return out
}
