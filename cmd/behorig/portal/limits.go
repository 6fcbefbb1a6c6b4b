package portal

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How often pages may be asked for: an address stands for a whole town hall, a person is one.
const (
	addressPerSecond, addressBurst = 50, 300
	personPerSecond, personBurst   = 10, 100
	limitsAtMost                   = 10_000 // that are remembered
)

// limits are how often each address and each person has asked. They are lost with the process.
type limits struct {
	now               func() time.Time
	mu                sync.Mutex
	addresses, people map[string]*rate.Limiter
}

func newLimits(now func() time.Time) *limits {
	return &limits{now: now, addresses: map[string]*rate.Limiter{}, people: map[string]*rate.Limiter{}}
}

func (l *limits) address(key string) bool {
	return l.allow(l.addresses, network(key), addressPerSecond, addressBurst)
}

func (l *limits) person(key string) bool {
	return l.allow(l.people, key, personPerSecond, personBurst)
}

// network is what an address counts as: an IPv6 one as its /64, since one household has all of those.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap(); ip.Is4() {
		return ip.String()
	}
	all, err := ip.Prefix(64)
	if err != nil {
		return address
	}
	return all.String()
}

// allow takes one from what a key has left. A full table lets go of any one: to look for the best to forget would make each new address cost as much as all that
// are there, and whoever has ten thousand of them is not held by this anyway.
func (l *limits) allow(table map[string]*rate.Limiter, key string, per rate.Limit, burst int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if table[key] == nil {
		if len(table) >= limitsAtMost {
			for k := range table {
				delete(table, k)
				break
			}
		}
		table[key] = rate.NewLimiter(per, burst)
	}
	return table[key].AllowN(l.now(), 1)
}
