package picture

import (
	"errors"
	"slices"
	"time"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/ledger"
	"github.com/behorig/behorig/reconcile/pass"
	"github.com/behorig/behorig/reconcile/report"
	"github.com/behorig/behorig/reconcile/targets/worklist"
	"github.com/behorig/behorig/schema"
)

// System is how one system fares.
type System struct {
	*schema.System
	Target, Kind string
	ByHand       bool // a desk's: what it holds is what people have confirmed
	Tally        report.Tally

	LastRun     time.Time // when the newest run over it began; zero: none has
	Running     bool      // it goes on, or was killed
	Result      string    // of it, as in package pass
	Revision    string
	LastSuccess time.Time // when a run over it last ended well

	Unread  string                  // why the newest run that tried could not read it, without personnummer; "" if it could
	Short   *reconcile.ShortListing // what Unread is, where a list of users shows too little
	Trouble string                  // what else was the matter with its target, as a desk that could not be followed
	Since   time.Time               // of Unread and Trouble
	Pause   *reconcile.Pause

	Waiting   int // work orders that are open
	Late      int // and overdue
	Refused   int
	Oldest    schema.Date  // the last day of service of the open order that was due first
	Unordered []pass.Stray // what nobody ordered, in the order of keys; some hundreds at most
	Strays    int          // how many there are
	Missing   []schema.Key // what was given, and the newest run did not find
	Listed    *worklist.Listed
}

// Health is how each system of the catalogue fares, by name.
func (p *Picture) Health() []System { return p.systems }

func (p *Picture) health(n *notes) []System {
	pauses := n.pauses(p)
	var all []System
	for _, part := range p.Overview.Systems {
		s := System{System: part.System, Tally: part.All, ByHand: n.byHand[part.Key], Target: p.Org.Targets.Systems[part.Key].Target, LastSuccess: n.looked(part.Key)}
		if t := p.Org.Targets.Targets[s.Target]; t != nil {
			s.Kind = t.Kind
		}
		s.run(n.passes[part.Key], n.passes[""])
		if i := slices.IndexFunc(pauses, func(pause reconcile.Pause) bool { return pause.System == part.Key }); i >= 0 {
			s.Pause = &pauses[i]
		}
		look := n.looks[part.Key]
		if s.Unread, s.Trouble = look.Unread, look.Trouble; s.Unread != "" || s.Trouble != "" {
			s.Since = look.At
		}
		if s.Unread == "" && part.Unread != nil { // the worklist is shorter than can be
			s.Unread = schema.Mask(part.Unread.Error())
			_ = errors.As(part.Unread, &s.Short)
		}
		s.Missing, s.Strays = look.Missing, look.Strays
		if s.ByHand {
			s.Missing, s.Strays = nil, 0
		}
		if l, ok := n.listed[part.Key]; ok && s.ByHand {
			s.Listed = &l
		}
		all = append(all, s)
	}
	at := map[string]*System{}
	for i := range all {
		at[all[i].Key] = &all[i]
	}
	for _, u := range p.Unordered {
		if s := at[u.System]; s != nil {
			s.Unordered = append(s.Unordered, pass.Stray{Key: u.Key, Until: u.Until, Left: u.Left})
		}
	}
	for i := range all {
		all[i].Strays = max(all[i].Strays, len(all[i].Unordered))
	}
	p.addOrders(at)
	return all
}

// run takes over the newest of the run over the system alone and that over all.
func (s *System) run(own, all ledger.Pass) {
	if all.Started.After(own.Started) {
		own = all
	}
	s.LastRun, s.Result, s.Revision = own.Started, own.Result, own.Revision
	s.Running = !own.Started.IsZero() && own.Ended.IsZero()
}

// addOrders counts the work orders. One order may be of many grants.
func (p *Picture) addOrders(at map[string]*System) {
	type id struct {
		system string
		id     int64
	}
	seen := map[id]bool{}
	for _, o := range p.Orders {
		s := at[o.System]
		if s == nil || seen[id{o.System, o.ID}] {
			continue
		}
		seen[id{o.System, o.ID}] = true
		if o.Refused {
			s.Refused++
			continue
		}
		s.Waiting++
		if o.Due != 0 && (s.Oldest == 0 || o.Due < s.Oldest) {
			s.Oldest = o.Due
		}
		if o.Due != 0 && o.Due < p.On {
			s.Late++
		}
	}
}
