package portal

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/reconcile/request"
	"github.com/behorig/behorig/schema"
)

// auditRoutes are the auditor's pages. They write nothing.
var auditRoutes = []route{
	{"GET /audit", (*Portal).audit},
	{"GET /audit/grant", (*Portal).auditGrant},
	{"GET /audit/export", (*Portal).auditExport},
	{"GET /audit/log", (*Portal).auditLog},
}

// auditPage is a search and what it found.
type auditPage struct {
	Query          picture.Query
	Day, From, To  string // as they were written
	Units, Systems []choice
	Problems       request.Problems
	Searched       bool
	Rows           []auditRow
	Total          int // more than Rows, where these are cut off
	Export         string
	Limited        bool // some people are not shown to this auditor
}

// auditRow is one grant that somebody had.
type auditRow struct {
	picture.Holding
	Rules []string
}

// auditRows are how many a page shows: who ordered each is looked up in the history.
const auditRows = 100

func (p *Portal) audit(x *visit) error {
	if !x.Viewer.Auditor {
		return forbidden(auditWords["audit-not-you"])
	}
	d := newAuditPage(x)
	var asked bool
	d.Query, asked, d.Problems = auditQuery(x)
	return p.auditShow(x, d, asked)
}

func (p *Portal) auditShow(x *visit, d *auditPage, asked bool) error {
	if len(d.Problems) > 0 {
		x.status = http.StatusUnprocessableEntity
		return x.page("audit", auditWords["audit-title"], d)
	}
	if d.Searched = asked; asked {
		archive := x.Now.archive
		all, err := p.auditFind(x, archive, d.Query)
		if err != nil {
			return err
		}
		d.Total = len(all)
		all = all[:min(len(all), auditRows)]
		if err := archive.Tell(x.r.Context(), all); err != nil {
			return err
		}
		for _, h := range all {
			d.Rows = append(d.Rows, auditRow{h, auditRules(x, h.Basis)})
		}
		q := url.Values{"person": {d.Query.Person}, "unit": {d.Query.Unit}, "system": {d.Query.System}, "day": {d.Query.Day.String()}}
		d.Export = "/audit/export?" + q.Encode()
	}
	return x.page("audit", auditWords["audit-title"], d)
}

// newAuditPage is the page with what can be chosen.
func newAuditPage(x *visit) *auditPage {
	d := &auditPage{Day: cmp.Or(x.value("day"), x.Now.On.String()), From: x.value("from"), To: x.value("to"), Limited: !x.Viewer.Protected}
	for key, u := range x.Now.Org.Units {
		d.Units = append(d.Units, choice{key, u.Name, key == x.value("unit")})
	}
	for key, s := range x.Now.Org.Systems {
		d.Systems = append(d.Systems, choice{key, s.Name, key == x.value("system")})
	}
	byLabel := func(a, b choice) int { return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.Value, b.Value)) }
	slices.SortFunc(d.Units, byLabel)
	slices.SortFunc(d.Systems, byLabel)
	return d
}

// keyShape is what a key looks like; those of people who are gone are known to nobody but the ledger.
var keyShape = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,63}$`)

// auditQuery is what the address asks of a day. asked is false of the bare page.
func auditQuery(x *visit) (q picture.Query, asked bool, wrong request.Problems) {
	q = picture.Query{Day: x.Now.On, Person: strings.ToLower(x.value("person")), Unit: x.value("unit"), System: x.value("system")}
	asked = x.r.URL.RawQuery != ""
	if text := x.value("day"); text != "" {
		if q.Day = x.date("day"); q.Day == 0 || q.Day > x.Now.On {
			wrong = append(wrong, auditProblem("day", "audit-bad-day", "day", x.Now.On.String()))
		}
	}
	wrong = append(wrong, auditKeys(x, q)...)
	if asked && len(wrong) == 0 && q.Person+q.Unit+q.System == "" {
		wrong = append(wrong, auditProblem("person", "audit-need-one"))
	}
	return q, asked, wrong
}

// auditKeys are the problems of keys that cannot be any.
func auditKeys(x *visit, q picture.Query) (wrong request.Problems) {
	if q.Person != "" && !keyShape.MatchString(q.Person) {
		wrong = append(wrong, auditProblem("person", "audit-bad-key"))
	}
	if q.Unit != "" && x.Now.Org.Unit(q.Unit) == nil {
		wrong = append(wrong, auditProblem("unit", "audit-bad-key"))
	}
	if q.System != "" && x.Now.Org.Systems[q.System] == nil {
		wrong = append(wrong, auditProblem("system", "audit-bad-key"))
	}
	return wrong
}

func auditProblem(field, word string, pairs ...any) request.Problem {
	return request.Problem{Field: field, What: auditWords[word], Do: auditWords[word+"-do"].With(pairs...)}
}

// auditFind is who had what on a day, of those whom the viewer may see. Of others it is as if they were not there: that somebody's data are protected is not told
// either.
func (p *Portal) auditFind(x *visit, archive *picture.Archive, q picture.Query) ([]picture.Holding, error) {
	all, err := archive.At(x.r.Context(), q)
	sees := map[string]bool{}
	return slices.DeleteFunc(all, func(h picture.Holding) bool {
		may, known := sees[h.Person]
		if !known {
			may = auditSees(x, h.Person)
			sees[h.Person] = may
		}
		return !may
	}), err
}

// auditSees tells whether the viewer may see what somebody has and had. Of people who are not in the register any more nobody can tell by now whether their
// data were protected, so that they are for auditors who see those too.
func auditSees(x *visit, person string) bool {
	if h := x.Now.Picture.Person(person); h != nil && h.Known {
		return x.Viewer.SeesDrawn(h)
	}
	if !x.Now.Org.Knows(person) {
		return x.Viewer.Auditor && x.Viewer.Protected
	}
	h, err := x.Now.Org.Person(person)
	return err == nil && x.Viewer.Sees(h)
}

// archiveOf is where the past is looked up from what is now. What it has found stays found until there is a new revision.
func (p *Portal) archiveOf(was, now *Now) *picture.Archive {
	if was != nil && was.revision == now.revision {
		return was.archive
	}
	a := &picture.Archive{Org: now.Org, Place: p.Place, Repo: p.Repo, Orders: p.orderOf}
	if p.Mirror != nil {
		a.Repo = p.Mirror.Repo()
	}
	a.Protected = func() (keys []string) {
		for _, h := range now.Picture.All() {
			if h.Protected {
				keys = append(keys, h.Key)
			}
		}
		return keys
	}
	return a
}

// orderOf is the order that a commit of the branch is, and how it came there.
func (p *Portal) orderOf(commit string) (o picture.Order, known bool) {
	n := p.now.Load()
	for _, s := range n.Sent {
		if s.Merged && s.Commit == commit {
			o, known = picture.Order{By: s.By, ID: s.Order, Kind: s.Kind}, true
		}
	}
	if r := n.archive.Repo; r != nil && n.Commit != "" {
		m, ok, err := p.merges.Of(r, n.Commit, commit)
		if err != nil {
			p.Log.Warn("who merged and approved cannot be told", "commit", commit, "reason", schema.Mask(err.Error()))
		} else if ok {
			o.Merger, o.Merged, o.Approved, known = m.By, m.When, p.Forge.Approvers(m.Message), true
		}
	}
	return o, known
}

// auditRules are under which rule a role is given, in words.
func auditRules(x *visit, b picture.Basis) []string {
	if b.Gone {
		return []string{x.t("audit-gone")}
	}
	var all []string
	add := func(is bool, word string, pairs ...any) {
		if text := x.t(word, pairs...); is && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	for _, r := range b.Requires {
		add(r.Guideline, "audit-req-guideline")
		add(r.HSAID, "audit-req-hsaid")
		add(len(r.Licence) > 0, "audit-req-licence", "list", strings.Join(r.Licence, ", "))
		add(r.Item != "", "audit-req-item", "item", r.Item)
	}
	siths := max(b.Requires[0].SITHS, b.Requires[1].SITHS)
	add(siths > 0, "audit-req-siths", "n", siths)
	add(len(all) == 0, "audit-req-none")
	if a := b.Analysis; a != nil {
		add(true, "audit-analysis", "date", a.Date, "owner", x.name(a.Owner), "review", a.Review)
	}
	add(b.Analysis == nil && b.Role != "", "audit-no-analysis")
	add(!b.Then, "audit-now")
	return all
}

// storyPage is what happened to one grant.
type storyPage struct {
	schema.Key
	Rules   []string
	Events  []storyRow
	Auditor bool
}

// storyRow is one thing that happened.
type storyRow struct {
	picture.Event
	What, By string
	When     string // where only the day is known
	Approved []string
	Detail   []string
}

// auditGrant is the story of one grant, for auditors and for the managers of whom it is of.
func (p *Portal) auditGrant(x *visit) error {
	k := schema.Key{System: x.value("system"), Role: x.value("role"), Unit: x.value("unit"), Person: x.value("person")}
	if k.Person == "" || x.Now.Org.Systems[k.System] == nil || !auditSees(x, k.Person) {
		return notFound()
	}
	// Of somebody who only has access in the viewer's units, what they have elsewhere is not the viewer's to see.
	if h := x.Now.Picture.Person(k.Person); h != nil && x.guest(h) && !x.mayUnit(k.Unit) {
		return notFound()
	}
	events, err := x.Now.archive.Story(x.r.Context(), k)
	if err != nil {
		return err
	}
	d := storyPage{Key: k, Auditor: x.Viewer.Auditor, Rules: auditRules(x, auditBasis(x, k))}
	for _, e := range events {
		d.Events = append(d.Events, newStoryRow(x, k, e))
	}
	return x.page("auditgrant", auditWords["audit-story-of"].With("what", calledGrant(x, k), "who", x.name(k.Person)), d)
}

func auditBasis(x *visit, k schema.Key) picture.Basis {
	r := x.Now.Org.Role(k.System, k.Role)
	if r == nil {
		return picture.Basis{Gone: k.Role != "", Requires: [2]schema.Requires{x.Now.Org.Systems[k.System].Requires}}
	}
	return picture.Basis{Role: k.Role, Requires: [2]schema.Requires{x.Now.Org.Systems[k.System].Requires, r.Requires}, Analysis: r.Analysis}
}

func newStoryRow(x *visit, k schema.Key, e picture.Event) storyRow {
	row := storyRow{Event: e, What: x.t("audit-event-" + string(e.Kind)), By: x.name(e.By), When: dayOf(x, e.At)}
	for _, a := range e.Approved {
		row.Approved = append(row.Approved, x.name(a))
	}
	add := func(is bool, word string, pairs ...any) {
		if is {
			row.Detail = append(row.Detail, x.t(word, pairs...))
		}
	}
	sent := e.Kind == picture.WasSent || e.Kind == picture.WasRefused || e.Kind == picture.WasFailed || e.Kind == picture.WasUrgent
	add(sent && e.Verb != "", "audit-to-"+string(e.Verb))
	if _, known := auditWords["audit-decision-"+e.Decision]; known {
		add(e.Decision != "", "audit-decision-"+e.Decision)
	}
	add(e.Until != 0, "audit-until-day", "day", e.Until)
	add(len(e.Rules) > 0, "audit-rules", "list", strings.Join(e.Rules, ", "))
	if text := x.discreetly(k.Person, schema.Mask(e.Text)); text != "" {
		row.Detail = append(row.Detail, text)
	}
	add(e.Order != 0, "audit-order-id", "n", e.Order)
	add(e.Entry != 0, "audit-record", "n", e.Entry)
	add(e.Commit != "", "audit-commit", "commit", shortCommit(e.Commit))
	return row
}
