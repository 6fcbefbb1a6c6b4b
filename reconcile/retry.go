package reconcile

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

// try makes one change, again after a while where the error may pass.
func (a *Applier) try(ctx context.Context, w Writer, c Change) (Status, error) {
	if w == nil {
		return Failed, errors.New("the system has no target")
	}
	// A run that is stopped while a change is made says nothing of the change: the writer's own last word counts.
	var r Result
	stopped := a.patiently(ctx, func() error {
		r.Status, r.Err = w.Apply(ctx, c)
		return r.Err
	})
	return r.checked(stopped).parts()
}

// tryAll makes the changes of a chunk, and again after a while those whose errors may pass.
func (a *Applier) tryAll(ctx context.Context, b Batcher, steps []Step) []Result {
	results := make([]Result, len(steps))
	left := make([]int, len(steps))
	for i := range steps {
		left[i] = i
	}
	stopped := a.patiently(ctx, func() error {
		changes := make([]Change, len(left))
		for i, at := range left {
			changes[i] = steps[at].Change
		}
		answers := b.ApplyAll(ctx, changes)
		var again []int
		var passing error
		for i, at := range left {
			if i >= len(answers) {
				results[at] = Result{Failed, errors.New("the target did not say what came of it")}
				continue
			}
			results[at] = answers[i]
			if Passing(answers[i].Err) {
				again, passing = append(again, at), longer(passing, answers[i].Err)
			}
		}
		left = again
		return passing
	})
	for i := range results {
		results[i] = results[i].checked(stopped)
	}
	return results
}

// longer is the one of two passing errors that asks for the longer wait.
func longer(a, b error) error {
	var x, y *Transient
	if errors.As(a, &x) && errors.As(b, &y) && x.After >= y.After {
		return a
	}
	return b
}

// checked is a result that is a failure where there is an error or none was given.
func (r Result) checked(stopped error) Result {
	switch {
	case r.Err != nil:
		return Result{Failed, r.Err}
	case r.Status == "" || r.Status == Failed:
		return Result{Failed, cmp.Or(stopped, errors.New("the target did not say what came of it"))}
	}
	return r
}

func (r Result) parts() (Status, error) { return r.Status, r.Err }

// patiently calls f until it gives no passing error, at most as often as the applier's attempts, and returns why it was not called again.
func (a *Applier) patiently(ctx context.Context, f func() error) error {
	attempts, backoff := a.Attempts, a.Backoff
	if attempts == 0 {
		attempts = 4
	}
	if backoff == 0 {
		backoff = 200 * time.Millisecond
	}
	policy := retrypolicy.NewBuilder[any]().
		HandleIf(func(_ any, err error) bool { return Passing(err) }).
		WithMaxAttempts(attempts).
		ReturnLastFailure().
		WithDelayFunc(func(exec failsafe.ExecutionAttempt[any]) time.Duration {
			var t *Transient
			if errors.As(exec.LastError(), &t) && t.After > 0 {
				return t.After
			}
			return backoff << exec.Retries()
		}).Build()
	return failsafe.With(policy).WithContext(ctx).Run(f)
}
