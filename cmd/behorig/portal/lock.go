package portal

import "context"

// lock lets one in at a time, as a mutex does; whoever waits for it gives up when the context ends.
type lock chan struct{}

func newLock() lock { return make(lock, 1) }

// take waits for the lock. Unless there is an error, whoever took it gives it back.
func (l lock) take(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case l <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l lock) give() { <-l }
