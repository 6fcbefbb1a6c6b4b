package trace

import (
	"context"
	"errors"
	"io/fs"
	"net"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/schema"
)

// scope is who makes the spans.
const scope = "github.com/behorig/behorig"

// Attr is one thing that a span says, a text or a count. There is no way to make one of a person.
type Attr struct {
	name, text string
	n          int
	counted    bool
}

// Repository is the name of the access repository that the work is for.
func Repository(name string) Attr { return Attr{name: "repository", text: name} }

// System is the key of the system that the work is on.
func System(key string) Attr { return Attr{name: "system", text: key} }

// Commit is the hash of the commit that is carried out.
func Commit(hash string) Attr { return Attr{name: "commit", text: hash} }

// Count is how many there are of something. What is a word of the program, as changes.
func Count(what string, n int) Attr { return Attr{name: what, n: n, counted: true} }

// Span begins a piece of work, part of the one in the context, and returns its own context and what ends it. Name is a word of the program, as pass. Of the
// error only the class is kept, since its text may name a person. Where traces are off it does nothing.
func Span(ctx context.Context, name string, attrs ...Attr) (context.Context, func(error)) {
	provider := otel.GetTracerProvider()
	if _, off := provider.(noop.TracerProvider); off {
		return ctx, idle
	}
	ctx, span := provider.Tracer(scope).Start(ctx, name, trace.WithAttributes(plain(attrs)...))
	return ctx, func(err error) {
		if err != nil {
			class := Class(err)
			span.SetAttributes(attribute.String("error.type", class))
			span.SetStatus(codes.Error, class)
		}
		span.End()
	}
}

// Note adds to the span in the context what became known while it lasted.
func Note(ctx context.Context, attrs ...Attr) {
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		span.SetAttributes(plain(attrs)...)
	}
}

func idle(error) {}

// plain makes the SDK's attributes. Only here are they made, so that a span that is not made costs nothing.
func plain(attrs []Attr) []attribute.KeyValue {
	all := make([]attribute.KeyValue, len(attrs))
	for i, a := range attrs {
		if a.counted {
			all[i] = attribute.Int("behorig."+a.name, a.n)
		} else {
			all[i] = attribute.String("behorig."+a.name, a.text)
		}
	}
	return all
}

// Class is an error without its text: cancelled, deadline, passing, faults, denied, missing, network or other.
func Class(err error) string {
	var faults schema.Faults
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.Is(err, context.DeadlineExceeded):
		return "deadline"
	case errors.As(err, &faults):
		return "faults"
	case reconcile.Passing(err):
		return "passing"
	case errors.Is(err, fs.ErrPermission):
		return "denied"
	case errors.Is(err, fs.ErrNotExist):
		return "missing"
	case errors.As(err, &network):
		return "network"
	}
	return "other"
}
