package portal

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// workRoutes are the pages of those who do by hand what systems cannot do by themselves.
var workRoutes = []route{
	{"GET /work", (*Portal).work},
	{"GET /work/{id}", (*Portal).workOrder},
	{"POST /work/{id}", (*Portal).workAct},
	{"GET /work/lists/{system}", (*Portal).listForm},
	{"POST /work/lists/{system}", (*Portal).listLook},
	{"POST /work/lists/{system}/take", (*Portal).listTake},
}

func (p *Portal) work(x *visit) error {
	if !x.Viewer.Works() {
		return forbidden(workWords["work-no-systems"])
	}
	mine := workSystems(x)
	system, state := x.value("system"), x.value("state")
	if system != "" && !mine[system] || !slices.Contains(workStates, state) {
		return notFound()
	}
	return x.page("work", workWords["work-title"], newWorkPage(x, mine, system, state))
}

// workOrderPage is one order, to be seen to, with what was wrong in the form.
type workOrderPage struct {
	workOrder
	Text     map[string]string // what the fields say
	Problems request.Problems
	Moved    bool
}

func (p *Portal) workOrder(x *visit) error {
	all := x.Now.Picture.Work
	i := slices.IndexFunc(all, func(o worklist.Work) bool { return strconv.FormatInt(o.ID, 10) == x.r.PathValue("id") })
	if i < 0 || !workSystems(x)[all[i].System] {
		return notFound()
	}
	return p.workShow(x, workOrderPage{workOrder: newWorkOrder(x, all[i])})
}

func (p *Portal) workShow(x *visit, d workOrderPage) error {
	d.workOrder = d.found(x)
	return x.page("workorder", workWords["work-order-title"].With("id", strconv.FormatInt(d.ID, 10)), d)
}

// workSaid is what is said of an order after something was done to it.
var workSaid = map[string]string{"done": "work-was-done", "refuse": "work-was-refused", "reopen": "work-was-reopened"}

// workAct does something to one order. Whether it is the viewer's, and what it says, is asked of the books as they are now, not of what a page showed.
func (p *Portal) workAct(x *visit) error {
	id, err := strconv.ParseInt(x.r.PathValue("id"), 10, 64)
	act := x.value("do")
	if err != nil || workSaid[act] == "" {
		return notFound()
	}
	if err := p.stillMay(x); err != nil {
		return err
	}
	books, err := worklist.Open(x.r.Context(), worklist.Config{State: p.Place, On: x.Now.On, ServiceDays: x.Now.Org.Limits.ServiceDays})
	if err != nil {
		return err
	}
	defer books.Close()
	order, err := workFind(x.r.Context(), books, id)
	switch {
	case err != nil:
		return err
	case order == nil && x.Viewer.Works():
		return p.workClosed(x)
	case order == nil || !workSystems(x)[order.System]:
		return notFound()
	}
	d := workOrderPage{workOrder: newWorkOrder(x, *order), Text: map[string]string{}}
	if d.Moved = x.value("seen") != d.Seen; !d.Moved {
		if err = p.workDo(x, books, act, &d); errors.Is(err, worklist.ErrNoWork) {
			return p.workClosed(x)
		}
		if err != nil {
			return err
		}
	}
	if d.Moved || len(d.Problems) > 0 {
		x.status = http.StatusUnprocessableEntity
		return p.workShow(x, d)
	}
	p.catchUp(x)
	x.flash("ok", workWords[workSaid[act]].With("id", strconv.FormatInt(id, 10)))
	return x.redirect("/work?system=" + url.QueryEscape(order.System))
}

func (p *Portal) workClosed(x *visit) error {
	p.catchUp(x)
	x.flash("note", workWords["work-closed"])
	return x.redirect("/work")
}

// workDo does what the form says, or tells in the page what is wrong with it.
func (p *Portal) workDo(x *visit, books *worklist.Worklist, act string, d *workOrderPage) error {
	switch act {
	case "done":
		text, problems := workText(x, "reference", "work-empty-ref")
		if d.Text["reference"], d.Problems = text, problems; len(problems) == 0 {
			return books.Done(x.r.Context(), d.ID, x.Viewer.Person, x.discreetly(d.Person, text))
		}
	case "refuse":
		text, problems := workText(x, "reason", "work-empty-why")
		if d.Text["reason"], d.Problems = text, problems; len(problems) == 0 {
			return books.Refuse(x.r.Context(), d.ID, x.Viewer.Person, x.discreetly(d.Person, text))
		}
	default:
		return books.Reopen(x.r.Context(), d.ID)
	}
	return nil
}

// discreetly is a text about somebody without what tells who they are, where that is protected: it is kept, and others read it.
func (x *visit) discreetly(person, text string) string {
	if p, err := x.Now.Org.Person(person); err == nil {
		return p.Blot(text)
	}
	return text
}

// catchUp has the pages show at once what was just written. If that fails they do in a second.
func (p *Portal) catchUp(x *visit) {
	if err := p.refresh(x.r.Context(), false); err != nil {
		p.Log.Warn("the pages' state is not renewed", "reason", schema.Mask(err.Error()))
	}
}

// workFind is an order that is open or refused, nil if there is none. Things to get back are no system's, and not here.
func workFind(ctx context.Context, books *worklist.Worklist, id int64) (*worklist.Work, error) {
	all, err := books.List(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(o worklist.Work) bool { return o.ID == id && o.System != "" })
	if i < 0 {
		return nil, nil
	}
	return &all[i], nil
}

// workRunes are how many characters a reference or a reason may have.
const workRunes = 200

// workText reads a text that is kept and read by others: on one line, not too long, and without a personnummer.
func workText(x *visit, field, empty string) (string, request.Problems) {
	text := strings.TrimSpace(x.r.PostForm.Get(field))
	wrong := func(what, do string) request.Problems {
		return request.Problems{{Field: field, What: workWords[what], Do: workWords[do].With("n", strconv.Itoa(workRunes))}}
	}
	switch {
	case text == "":
		return "", wrong("work-empty", empty)
	case utf8.RuneCountInString(text) > workRunes || !isText(text, false):
		return text, wrong("work-long", "work-long-do")
	case schema.Mask(text) != text:
		return "", wrong("work-identity", "work-identity-do")
	}
	return text, nil
}
