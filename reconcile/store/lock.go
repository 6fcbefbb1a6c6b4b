package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrLocked is the error of a lock that another holds.
var ErrLocked = errors.New("another process holds the lock")

// Lock is held until it is let go of, or its process or connection ends: of a machine that is gone without a word within 15 seconds.
type Lock struct {
	hold holding
	lost chan struct{}
	stop context.CancelFunc
	over chan struct{} // closed when nobody watches any more
	once sync.Once
	err  error
}

// holding is how a lock is held.
type holding interface {
	// watch returns nil when ctx ends, or an error as soon as the lock may be another's.
	watch(ctx context.Context) error
	free() error
}

// Lock takes the lock of a name, which may be anything: on a server by the place's schema and the name, else as a file in locks below Dir. It waits so long
// for whoever holds it, zero not at all, and then the error is [ErrLocked]. One process does not get it twice.
func (p Place) Lock(ctx context.Context, name string, wait time.Duration) (*Lock, error) {
	var hold holding
	var err error
	if p.Server != nil {
		hold, err = p.Server.hold(ctx, key("lock", p.Schema, name), wait)
	} else {
		hold, err = holdFile(ctx, p.Dir, name, wait)
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s in %s: %w", name, p, err)
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	l := &Lock{hold: hold, lost: make(chan struct{}), stop: stop, over: make(chan struct{})}
	go func() {
		defer close(l.over)
		if hold.watch(watching) != nil {
			close(l.lost)
		}
	}()
	return l, nil
}

// Lost is closed as soon as it is seen that the lock may be another's: what it guards must not be touched any more.
func (l *Lock) Lost() <-chan struct{} { return l.lost }

// Unlock lets go of the lock. A second time does nothing.
func (l *Lock) Unlock() error {
	l.once.Do(func() {
		l.stop()
		<-l.over
		l.err = l.hold.free()
	})
	return l.err
}

// Every so often it is seen to that a lock is held still, and an answer is waited for so long. Together they are less than what a server takes to let
// go of a lock of somebody gone, so that who was cut off knows it first.
const (
	watchEvery = 2 * time.Second
	answerIn   = 5 * time.Second
)
