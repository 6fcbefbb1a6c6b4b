// Package trace sends what the program does and how long that takes to an OpenTelemetry collector, as the environment says (OpenTelemetry specification,
// Environment Variable Specification and OTLP Exporter Configuration). It traces work, not people: a span says repository, system, commit and counts, and of
// an error its class. It makes neither figures nor logs.
//
// It is off unless somebody asks for it: by OTEL_TRACES_EXPORTER (otlp, console, none, or several with commas) or, where that is unset, by
// OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT. The specification would have it on with nothing set, and try localhost for ever.
package trace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace/noop"
)

// Options are what traces are started with.
type Options struct {
	Env     func(string) (string, bool) // that of the process: headers, certificates, sampler and limits are read from there by the SDK itself
	Version string                      // of the program
	Console io.Writer                   // for OTEL_TRACES_EXPORTER=console, one JSON object a span: standard error, for standard output is data
	Fault   func(error)                 // told what goes wrong later, as a collector that does not answer; nil: nobody is
}

// Start makes [Span] trace, if the environment asks for it. Shutdown sends what is left; give it a context with a deadline. It starts though the collector
// does not answer: what fails later is told to Fault, and the work goes on. A value that is not known is an error, so that nobody believes to trace.
func Start(ctx context.Context, o Options) (shutdown func(context.Context) error, err error) {
	if o.Fault == nil {
		o.Fault = func(error) {}
	}
	kinds, err := exporters(o.Env)
	if err != nil || len(kinds) == 0 {
		otel.SetTracerProvider(noop.NewTracerProvider())
		return func(context.Context) error { return nil }, err
	}
	// What the environment says comes last, and wins.
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "behorig"), attribute.String("service.version", o.Version)),
		resource.WithTelemetrySDK(), resource.WithHost(), resource.WithFromEnv())
	if err != nil && !errors.Is(err, resource.ErrPartialResource) {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	options := []sdk.TracerProviderOption{sdk.WithResource(about)}
	for _, kind := range kinds {
		e, err := open(ctx, kind, o)
		if err != nil {
			return nil, err
		}
		options = append(options, sdk.WithBatcher(e))
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(o.Fault))
	provider := sdk.NewTracerProvider(options...)
	otel.SetTracerProvider(provider)
	return func(ctx context.Context) error {
		otel.SetTracerProvider(noop.NewTracerProvider())
		return provider.Shutdown(ctx)
	}, nil
}

// exporters are the exporters that the environment asks for; otlp ones with their protocol, as otlp http/protobuf. An empty variable is an unset one.
func exporters(env func(string) (string, bool)) ([]string, error) {
	value := func(names ...string) string {
		for _, n := range names {
			if v, _ := env(n); strings.TrimSpace(v) != "" {
				return strings.TrimSpace(v)
			}
		}
		return ""
	}
	if strings.EqualFold(value("OTEL_SDK_DISABLED"), "true") {
		return nil, nil
	}
	asked := value("OTEL_TRACES_EXPORTER")
	if asked == "" {
		if value("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT") == "" {
			return nil, nil
		}
		asked = "otlp"
	}
	var kinds []string
	for kind := range strings.SplitSeq(asked, ",") {
		switch kind = strings.TrimSpace(kind); kind {
		case "none":
			continue
		case "console":
		case "otlp":
			protocol := value("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
			switch protocol {
			case "":
				protocol = "http/protobuf"
			case "http/protobuf", "grpc":
			default:
				return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL %q is not known: write http/protobuf or grpc", protocol)
			}
			kind += " " + protocol
		default:
			return nil, fmt.Errorf("OTEL_TRACES_EXPORTER %q is not known: write otlp, console or none", kind)
		}
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds, nil
}

func open(ctx context.Context, kind string, o Options) (sdk.SpanExporter, error) {
	switch kind {
	case "otlp grpc":
		return otlptrace.New(ctx, otlptracegrpc.NewClient())
	case "otlp http/protobuf":
		return otlptrace.New(ctx, otlptracehttp.NewClient())
	}
	return stdouttrace.New(stdouttrace.WithWriter(o.Console))
}
