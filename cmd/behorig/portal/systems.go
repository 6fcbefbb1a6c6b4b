package portal

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/picture"
	"github.com/behorig/behorig/schema"
)

// systemsRoutes are how the systems fare.
var systemsRoutes = []route{
	{"GET /systems", (*Portal).systems},
	{"GET /systems/{system}", (*Portal).system},
}

// systemsPage is how each system fares that the viewer looks after.
type systemsPage struct {
	Systems []systemRow
	Runs    []runRow
}

// systemRow is one system. Whoever audits sees it too, but not what only its desk can do something about.
type systemRow struct {
	picture.System
	Mine    bool
	Outcome string // of the last run, in words
	Bad     bool
	Word    string // why it cannot be read, or what else is the matter: without personnummer
	When    string // since when
}

// runRow is one run of those that did something.
type runRow struct {
	ledger.Ran
	Outcome string
	Over    []string
	Short   string // the commit, as people tell it
}

// runsShown are how many of the last runs a page shows.
const runsShown = 20

func (p *Portal) systems(x *visit) error {
	if !x.Viewer.Works() && !x.Viewer.Auditor {
		return forbidden(systemsWords["systems-none"])
	}
	mine := workSystems(x)
	var d systemsPage
	for _, s := range x.Now.Picture.Health() {
		if mine[s.Key] || x.Viewer.Auditor {
			d.Systems = append(d.Systems, newSystemRow(x, s, mine[s.Key]))
		}
	}
	var err error
	if d.Runs, err = p.runs(x.r.Context(), x, func(systems []string) bool {
		return systems == nil || x.Viewer.Auditor || slices.ContainsFunc(systems, func(s string) bool { return mine[s] })
	}); err != nil {
		return err
	}
	return x.page("systems", systemsWords["systems-title"], d)
}

// systemPage is one system with what nobody ordered in it.
type systemPage struct {
	systemRow
	Strays  []strayRow
	Cut     int // how many of All are shown; 0: all
	All     int
	Gone    []schema.Key
	Runs    []runRow
	CanList bool
}

// strayRow is access that nobody ordered. Account is as the system calls it; Nobody's is no person's.
type strayRow struct {
	pass.Stray
	Account string
	Nobodys bool
}

func (p *Portal) system(x *visit) error {
	key := x.r.PathValue("system")
	mine := workSystems(x)[key]
	all := x.Now.Picture.Health()
	i := slices.IndexFunc(all, func(s picture.System) bool { return s.System != nil && s.Key == key })
	if i < 0 || !mine && !x.Viewer.Auditor {
		return notFound()
	}
	d := systemPage{systemRow: newSystemRow(x, all[i], mine), Gone: all[i].Missing, CanList: mine && all[i].ByHand}
	for _, s := range all[i].Unordered {
		d.Strays = append(d.Strays, newStrayRow(x, s))
	}
	if all[i].Strays > len(d.Strays) {
		d.Cut, d.All = len(d.Strays), all[i].Strays
	}
	var err error
	if d.Runs, err = p.runs(x.r.Context(), x, func(systems []string) bool { return systems == nil || slices.Contains(systems, key) }); err != nil {
		return err
	}
	return x.page("systemsone", schema.Text{Sv: all[i].Name, En: all[i].Name}, d)
}

func newSystemRow(x *visit, s picture.System, mine bool) systemRow {
	row := systemRow{
		System: s, Mine: mine, Outcome: outcome(x, s.Result), Bad: s.Result != "" && s.Result != "ok" || s.Unread != "" || s.Trouble != "",
		Word: schema.Mask(cmp.Or(s.Unread, s.Trouble)),
	}
	if !s.Since.IsZero() {
		row.When = s.Since.In(x.Now.Zone).Format("2006-01-02 15:04")
	}
	return row
}

// newStrayRow shows an account as the system calls it, where it is no person's of ours; a number in it that could be a personnummer is blotted out.
func newStrayRow(x *visit, s pass.Stray) strayRow {
	row := strayRow{Stray: s}
	account, stranger := strings.CutPrefix(s.Person, "@")
	if row.Nobodys = stranger || !x.Now.Org.Knows(s.Person); row.Nobodys {
		row.Account = strings.Trim(schema.Quote(account), `"`)
	} else {
		row.Account = x.name(s.Person)
	}
	return row
}

// outcome is how a run went, in words.
func outcome(x *visit, result string) string {
	if _, known := systemsWords["systems-result-"+result]; known {
		return x.t("systems-result-" + result)
	}
	return x.t("systems-result-other", "result", schema.Mask(result))
}

// runs are the last that did something, over some systems.
func (p *Portal) runs(ctx context.Context, x *visit, over func(systems []string) bool) ([]runRow, error) {
	l, err := ledger.OpenReadOnly(ctx, p.Place)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	all, err := l.Recent(ctx, 5*runsShown)
	if err != nil {
		return nil, err
	}
	var rows []runRow
	for _, r := range all {
		if !over(r.Systems) || len(rows) == runsShown {
			continue
		}
		row := runRow{Ran: r, Outcome: outcome(x, r.Result), Short: shortCommit(r.Revision)}
		if r.Ended.IsZero() {
			row.Outcome = x.t("systems-running")
		}
		for _, s := range r.Systems {
			row.Over = append(row.Over, calledSystem(x, s))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// shortCommit is a commit as people tell it.
func shortCommit(commit string) string {
	if len(commit) == 40 {
		return commit[:12]
	}
	return commit
}
