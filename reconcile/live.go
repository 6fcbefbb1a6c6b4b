package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/behorig/behorig/schema"
)

// read fills Have from all targets at once and tells what is to be left alone: systems that could not be read, and protected accounts.
func (p *Plan) read(ctx context.Context, o *schema.Org, live Live, guard Guard) (untouched func(schema.Key) bool) {
	systems := map[string][]string{}
	protected := map[string]map[string]bool{}
	for _, system := range names(o.Targets.Systems) {
		target := o.Targets.Systems[system].Target
		systems[target] = append(systems[target], system)
		if t := o.Targets.Targets[target]; t != nil {
			protected[system] = map[string]bool{}
			for _, account := range t.Protect {
				protected[system][strings.ToLower(account)] = true
			}
		}
	}
	unread := map[string]bool{}
	for system := range o.Systems {
		unread[system] = live.Readers[o.Targets.Systems[system].Target] == nil || !live.over(system)
	}
	marks := p.Desire.Marks
	if marks == nil {
		marks = live.Former
	}
	people := map[string]map[string]bool{}
	for system, accounts := range protected {
		if len(accounts) > 0 {
			people[system] = marks.protectedBy(accounts)
		}
	}
	var mu sync.Mutex
	var wait sync.WaitGroup
	for name, reader := range live.Readers {
		if !slices.ContainsFunc(systems[name], live.over) {
			continue
		}
		wait.Go(func() {
			have, err := reader.Read(ctx)
			var orders []Order
			if orderer, ok := reader.(Orderer); ok && err == nil {
				orders, err = orderer.Orders(ctx)
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				over := slices.DeleteFunc(slices.Clone(systems[name]), func(s string) bool { return !live.over(s) })
				p.Unread = append(p.Unread, Unread{name, over, err})
				for _, s := range over {
					unread[s] = true
				}
				return
			}
			for _, o := range orders {
				if live.over(o.System) {
					p.Orders = append(p.Orders, o)
				}
			}
			p.date(reader, have)
			maps.Copy(p.Have, have)
		})
	}
	wait.Wait()
	SortOrders(p.Orders)
	given := p.heedRefusals()
	short := map[string]bool{}
	for _, system := range names(o.Targets.Systems) {
		if missing, of, isShort := guard.Short(system, given, p.Have); isShort && !unread[system] {
			unread[system], short[system] = true, true
			p.Unread = append(p.Unread, Unread{
				o.Targets.Systems[system].Target,
				[]string{system},
				&ShortListing{System: system, Listed: of - missing, Of: of},
			})
		}
	}
	slices.SortFunc(p.Unread, func(a, b Unread) int {
		return cmp.Or(cmp.Compare(a.Target, b.Target), slices.Compare(a.Systems, b.Systems))
	})
	untouched = func(k schema.Key) bool {
		if short[k.System] && p.emergency.revoked(k) {
			return false // what the list does show can be taken away, however short it is
		}
		return !live.over(k.System) || unread[k.System] || protected[k.System][k.Person] || people[k.System][k.Person] || protected[k.System][strings.TrimPrefix(k.Person, "@")]
	}
	maps.DeleteFunc(p.Have, func(k schema.Key, _ schema.Grant) bool { return untouched(k) })
	return untouched
}

// ShortListing is that a system lists less of what was given there than can be true.
type ShortListing struct {
	System     string
	Listed, Of int // grants
}

func (e *ShortListing) Error() string {
	return fmt.Sprintf("%s lists %d of %d grants that were made there: is the listing whole? If it is, acknowledge it in behorig.yaml (guard: listing, system: %s)", e.System, e.Listed, e.Of, e.System)
}

// date puts a last day on what a target keeps none of: what we last gave, or else what is ordered, so that only a day that moved is a change. So it does on
// what was there before us, where the target lets it last longer than the day by which it is to be reviewed: nothing is written there for that, and when the
// day has come it is taken away.
func (p *Plan) date(r Reader, have schema.State) {
	undater, undated := r.(Undater)
	for k, g := range have {
		ordered, known := p.Desire.Want[k]
		if !known {
			ordered, known = p.Desire.Kept[k]
		}
		last := ordered
		owned, ours := p.Owned[k]
		if ours {
			last = owned
		}
		switch {
		case undated && undater.Undated(k):
			g.Until = last.Until
		case known && p.Desire.Adopted[k] && ordered.Until != 0 && (g.Until == 0 || g.Until > ordered.Until):
			g.Until = ordered.Until
		case !known && ours && owned.Until != 0 && owned.Until < p.On && (g.Until == 0 || g.Until > owned.Until):
			g.Until = owned.Until // its day has come, whatever the target keeps
		default:
			continue
		}
		have[k] = g
	}
}
