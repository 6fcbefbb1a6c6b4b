package portal

import (
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
	return l.allow(l.addresses, key, addressPerSecond, addressBurst)
}

func (l *limits) person(key string) bool {
	return l.allow(l.people, key, personPerSecond, personBurst)
}

// allow takes one from what a key has left. A full table lets go of those that have all left, whom to forget changes nothing for; and if there are none, of some.
func (l *limits) allow(table map[string]*rate.Limiter, key string, per rate.Limit, burst int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if table[key] == nil {
		if len(table) >= limitsAtMost {
			for k, r := range table {
				if r.TokensAt(now) >= float64(burst) {
					delete(table, k)
				}
			}
		}
		for k := range table {
			if len(table) < limitsAtMost {
				break
			}
			delete(table, k)
		}
		table[key] = rate.NewLimiter(per, burst)
	}
	return table[key].AllowN(now, 1)
}
