package portal

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// ordersPage is what the viewer has ordered, and what others have for the viewer's people.
type ordersPage struct {
	Mine, Others []orderRow
}

// orderRow is a sent order in short.
type orderRow struct {
	ID, Kind, People, By string
	At                   time.Time
	Stage                string // sent, clash, merged, applied, verified
	Word                 string
}

// peopleAtMost are as many people as an order in short names.
const peopleAtMost = 3

func (p *Portal) orders(x *visit) error {
	d := ordersPage{}
	for _, s := range x.Now.Sent {
		switch {
		case s.By == x.Viewer.Person:
			d.Mine = append(d.Mine, x.orderRow(s))
		case !x.Viewer.Auditor && x.SeesOrder(s):
			d.Others = append(d.Others, x.orderRow(s))
		}
	}
	return x.page("orders", orderWords["orders-title"], d)
}

func (x *visit) orderRow(s *Sent) orderRow {
	r := orderRow{ID: s.Order, Kind: x.kindName(s.Kind), By: x.name(s.By), At: s.When, Stage: x.orderStage(s)}
	r.Word = x.t("orders-stage-" + r.Stage)
	var names []string
	seen := x.seenIn(s)
	for _, key := range seen[:min(len(seen), peopleAtMost)] {
		names = append(names, x.name(key))
	}
	if more := len(s.People) - len(names); more > 0 {
		names = append(names, x.t("orders-more", "n", more))
	}
	r.People = strings.Join(names, ", ")
	return r
}

// kindName is what a kind of order is called.
func (x *visit) kindName(kind string) string {
	if _, ok := x.p.renderer.words["kind-"+kind]; ok {
		return x.t("kind-" + kind)
	}
	return kind
}

// orderStage is how far an order has come, that it was seen in the systems counted.
func (x *visit) orderStage(s *Sent) string {
	switch s.Progress {
	case Clashing:
		return "clash"
	case Merged:
		return "merged"
	case Applied:
		if x.verified(s) {
			return "verified"
		}
		return "applied"
	}
	return "sent"
}

// verified tells whether all that the people of an order have was seen in its systems after it was given, and nothing waits.
func (x *visit) verified(s *Sent) bool {
	some := false
	for _, key := range s.People {
		h := x.Now.Picture.Person(key)
		if h == nil {
			continue
		}
		for _, g := range h.Grants {
			some = true
			if g.Stage != picture.Verified && g.Stage != picture.Coming {
				return false
			}
		}
	}
	return some
}

// orderPage is one sent order.
type orderPage struct {
	orderRow
	Steps     []stepView
	Persons   []personLink
	Effects   []effectView
	More      int
	Known     bool // what is in it could be told
	Approvers string
	Hindered  []hindranceView
	Clash     bool
	Stopped   bool   // by the rules, on top of what was merged since, and not for changing the same
	Again     string // where the same can be ordered anew
	Withdraw  bool
	URL       string // where the forge shows it
	Mine      bool
}

// stepView is one step of an order's way. State is done, now or "" for to come.
type stepView struct{ Name, Note, State string }

// personLink is a person of an order, with a page if the viewer may see it.
type personLink struct{ Name, To string }

func (p *Portal) orderSent(x *visit) error {
	s := x.Now.Order(x.r.PathValue("id"))
	if s == nil || !x.SeesOrder(s) {
		return notFound()
	}
	d := orderPage{orderRow: x.orderRow(s), Clash: s.Progress == Clashing, Stopped: len(s.Stops) > 0, Mine: s.By == x.Viewer.Person}
	d.Withdraw = d.Mine && (s.Progress == Waiting || s.Progress == Clashing)
	if d.Clash {
		d.Again = orderAgain(s)
	}
	verdict, err := p.content(x, s)
	if err != nil && !errors.Is(err, errNoContent) {
		p.Log.Warn("what is in an order cannot be told", "order", s.Order, "reason", schema.Mask(err.Error()))
	}
	seen := x.seenIn(s)
	if verdict != nil && slices.Contains(verdict.Approvers, x.Viewer.Person) {
		seen = s.People // who is to approve it must know what
	}
	if verdict != nil {
		d.Known = true
		verdict = without(verdict, func(person string) bool { return slices.Contains(s.People, person) && !slices.Contains(seen, person) })
		d.Effects, d.More = x.effectsOf(verdict, len(s.People) > 1)
		if s.Progress == Waiting || len(s.Stops) > 0 {
			var names []string
			for _, key := range verdict.Approvers {
				names = append(names, x.called(key, verdict.Names))
			}
			d.Approvers = x.either(names)
			f := &orderForm{Kind: s.Kind, x: x}
			f.judged(verdict)
			d.Hindered = slices.DeleteFunc(f.Verdict.Hindrances, func(h hindranceView) bool { return h.Level == request.Note })
		}
	}
	for _, key := range seen {
		link := personLink{Name: x.name(key)}
		if verdict != nil {
			link.Name = x.called(key, verdict.Names)
		}
		if x.Viewer.SeesDrawn(x.Now.Picture.Person(key)) {
			link.To = personPage(key)
		}
		d.Persons = append(d.Persons, link)
	}
	if hidden := len(s.People) - len(seen); hidden > 0 {
		d.Persons = append(d.Persons, personLink{Name: x.t("orders-more", "n", hidden)})
	}
	d.URL = s.Forge.URL
	d.Steps = x.steps(s, &d)
	return x.page("order-sent", orderWords["orders-one"].With("kind", d.Kind), d)
}

// without is a verdict without what it says of some people.
func without(v *request.Verdict, hidden func(person string) bool) *request.Verdict {
	some := *v
	some.Effects = slices.DeleteFunc(slices.Clone(v.Effects), func(e reconcile.Effect) bool { return hidden(e.Person) })
	some.Hindrances = slices.DeleteFunc(slices.Clone(v.Hindrances), func(h request.Hindrance) bool { return hidden(h.Person) })
	return &some
}

// orderAgain is the form in which the same can be ordered anew.
func orderAgain(s *Sent) string {
	k, ok := orderKinds[s.Kind]
	switch {
	case !ok:
		return "/people"
	case k.person && len(s.People) == 1:
		return "/order/" + s.Kind + "?person=" + s.People[0]
	case k.person:
		return "/people"
	}
	return "/order/" + s.Kind
}

// steps are the way that an order goes: sent, approved, merged, carried out, verified.
func (x *visit) steps(s *Sent, d *orderPage) []stepView {
	reached := map[string]int{"sent": 1, "clash": 1, "merged": 3, "applied": 4, "verified": 5}[d.Stage]
	var all []stepView
	for i, name := range []string{"sent", "approve", "merge", "apply", "verify"} {
		step := stepView{Name: x.t("orders-step-" + name)}
		switch {
		case i < reached:
			step.State = "done"
		case i == reached:
			step.State, step.Note = "now", x.t("orders-now-"+name)
		}
		all = append(all, step)
	}
	switch {
	case d.Clash:
		all[1].Note = x.t("orders-now-clash")
	case d.Stage == "sent" && d.Approvers != "":
		all[1].Note = x.t("orders-now-approvers", "who", d.Approvers)
	}
	all[0].Note = s.When.In(x.Now.Zone).Format("2006-01-02 15.04")
	return all
}

var errNoContent = errors.New("what is in the order is not known")

// content is what an order does and what stands in its way: of one that waits by what is merged now, of one that is merged by what was before it.
func (p *Portal) content(x *visit, s *Sent) (*request.Verdict, error) {
	if p.Mirror == nil || s.Base == "" || len(s.Paths) > request.MostRows {
		return nil, errNoContent
	}
	head, err := p.Mirror.Repo().Revision(s.Commit)
	if err != nil {
		return nil, err
	}
	src := x.Now.Source
	if s.Progress == Merged || s.Progress == Applied {
		base, err := p.Mirror.Repo().Revision(s.Base)
		if err != nil {
			return nil, err
		}
		org, err := schema.LoadCatalogue(base.FS, p.targetsFile())
		if err != nil {
			return nil, err
		}
		if org, err = org.WithPeople(base.FS, s.Paths); err != nil {
			return nil, err
		}
		on := schema.Today(s.When, x.Now.Zone)
		src = reconcile.Source{Org: org, Engine: x.Now.Source.Engine.For(org), Commit: s.Base, On: on}
	}
	var files []request.File
	for _, file := range s.Paths {
		raw, err := fs.ReadFile(head.FS, file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		files = append(files, request.File{Path: file, Raw: raw}) // none: it goes
	}
	return request.Judge(x.r.Context(), src, s.By, files)
}

// orderWithdraw takes an order back that is not merged.
func (p *Portal) orderWithdraw(x *visit) error {
	s := x.Now.Order(x.r.PathValue("id"))
	if s == nil || !x.SeesOrder(s) {
		return notFound()
	}
	byHand, err := p.takeBack(x, s)
	switch {
	case err != nil:
		return err
	case byHand:
		x.flash("wait", orderWords["orders-by-hand"])
		return x.redirect("/orders/" + s.Order)
	}
	x.flash("ok", orderWords["orders-withdrawn"])
	return x.redirect("/orders")
}
