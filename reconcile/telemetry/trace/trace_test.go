package trace_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	spans "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/behorig/behorig/reconcile"
	"github.com/behorig/behorig/reconcile/telemetry/trace"
	"github.com/behorig/behorig/schema"
)

// secret is what no span may ever hold.
const secret = "anna.lindqvist"

// set makes an environment of variables alone, for us and for the SDK.
func set(t *testing.T, pairs ...string) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "OTEL_") {
			t.Setenv(name, "")
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		t.Setenv(pairs[i], pairs[i+1])
	}
}

func start(t *testing.T, o trace.Options) (shutdown func()) {
	t.Helper()
	o.Env, o.Version = os.LookupEnv, "v1.2.3"
	stop, err := trace.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := stop(ctx); err != nil {
			t.Errorf("shutdown: got %v, want none", err)
		}
	}
}

// work is a pass with an apply in it that fails.
func work(ctx context.Context) {
	ctx, end := trace.Span(ctx, "pass", trace.Repository("falkenberg"), trace.Commit("4158d03"))
	_, endApply := trace.Span(ctx, "apply", trace.System("npo"))
	endApply(&reconcile.Transient{Err: errors.New(secret + ": no such user")})
	trace.Note(ctx, trace.Count("changes", 7))
	end(nil)
}

// What the standard variables say is heeded, by either protocol, and a real collector of OTLP gets the spans.
func TestOTLP(t *testing.T) {
	for protocol, serve := range map[string]func(*testing.T) (*receiver, string){"http/protobuf": serveHTTP, "grpc": serveGRPC} {
		t.Run(protocol, func(t *testing.T) {
			r, endpoint := serve(t)
			set(t, "OTEL_TRACES_EXPORTER", "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT", endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL", protocol, "OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=kommun",
				"OTEL_SERVICE_NAME", "behorig-prod", "OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=prod,service.version=overridden", "OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
			stop := start(t, trace.Options{})
			work(t.Context())
			stop()
			pass, apply := r.span(t, "pass"), r.span(t, "apply")
			if !bytes.Equal(apply.GetParentSpanId(), pass.GetSpanId()) || !bytes.Equal(apply.GetTraceId(), pass.GetTraceId()) {
				t.Error("got an apply that is no part of the pass, want one")
			}
			for what, pair := range map[string][2]string{
				"repository": {attributes(pass.GetAttributes())["behorig.repository"], "falkenberg"},
				"commit":     {attributes(pass.GetAttributes())["behorig.commit"], "4158d03"},
				"system":     {attributes(apply.GetAttributes())["behorig.system"], "npo"},
				"class":      {attributes(apply.GetAttributes())["error.type"], "passing"},
				"status":     {apply.GetStatus().GetCode().String() + " " + apply.GetStatus().GetMessage(), "STATUS_CODE_ERROR passing"},
				"fine":       {pass.GetStatus().GetCode().String(), spans.Status_STATUS_CODE_UNSET.String()},
				"service":    {r.resource["service.name"], "behorig-prod"},
				"version":    {r.resource["service.version"], "overridden"},
				"resource":   {r.resource["deployment.environment"], "prod"},
				"header":     {r.header["x-tenant"], "kommun"},
			} {
				if pair[0] != pair[1] {
					t.Errorf("%s: got %q, want %q", what, pair[0], pair[1])
				}
			}
			if n := attributes(pass.GetAttributes())["behorig.changes"]; !strings.Contains(n, "7") {
				t.Errorf("changes: got %q, want 7", n)
			}
			if bytes.Contains(r.raw, []byte(secret)) {
				t.Errorf("got a span that holds %s, want none", secret)
			}
		})
	}
}

// The collector is believed only if the certificate says that it is the one.
func TestOTLPCertificate(t *testing.T) {
	for _, known := range []bool{true, false} {
		r := &receiver{}
		s := httptest.NewTLSServer(r)
		t.Cleanup(s.Close)
		file := filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
			t.Fatal(err)
		}
		set(t, "OTEL_EXPORTER_OTLP_ENDPOINT", s.URL, "OTEL_BSP_EXPORT_TIMEOUT", "2000")
		if known {
			t.Setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", file)
		}
		stop, err := trace.Start(t.Context(), trace.Options{Env: os.LookupEnv})
		if err != nil {
			t.Fatal(err)
		}
		work(t.Context())
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		_ = stop(ctx) // what it says of a collector that is not believed is the SDK's own affair; what came is looked at
		cancel()
		if got := len(r.spans) == 2; got != known {
			t.Errorf("certificate known %v: got spans sent %v, want %v", known, got, known)
		}
	}
}

func TestSampler(t *testing.T) {
	r, endpoint := serveHTTP(t)
	set(t, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", endpoint+"/v1/traces", "OTEL_TRACES_SAMPLER", "always_off")
	stop := start(t, trace.Options{})
	work(t.Context())
	stop()
	if len(r.spans) != 0 {
		t.Errorf("got %d spans, want none", len(r.spans))
	}
}

// With nothing set, nothing is traced and a span costs nothing.
func TestOff(t *testing.T) {
	for name, pairs := range map[string][]string{
		"nothing":  nil,
		"none":     {"OTEL_TRACES_EXPORTER", "none", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"},
		"disabled": {"OTEL_SDK_DISABLED", "True", "OTEL_TRACES_EXPORTER", "otlp"},
		"empty":    {"OTEL_TRACES_EXPORTER", "", "OTEL_EXPORTER_OTLP_ENDPOINT", " "},
	} {
		set(t, pairs...)
		stop := start(t, trace.Options{Fault: func(err error) { t.Errorf("%s: got the fault %v, want none", name, err) }})
		if n := testing.AllocsPerRun(100, func() { work0(t.Context()) }); n != 0 {
			t.Errorf("%s: got %v allocations a span, want none", name, n)
		}
		stop()
	}
}

func work0(ctx context.Context) {
	ctx, end := trace.Span(ctx, "pass", trace.Repository("falkenberg"), trace.Count("systems", 3))
	trace.Note(ctx, trace.Count("changes", 7))
	end(context.Canceled)
}

func BenchmarkOff(b *testing.B) {
	if _, err := trace.Start(b.Context(), trace.Options{Env: func(string) (string, bool) { return "", false }}); err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		work0(ctx)
	}
}

// A slip in the environment is told, not taken for off.
func TestUnknown(t *testing.T) {
	for want, pairs := range map[string][]string{
		`OTEL_TRACES_EXPORTER "otpl" is not known: write otlp, console or none`:             {"OTEL_TRACES_EXPORTER", "otpl"},
		`OTEL_EXPORTER_OTLP_PROTOCOL "http/json" is not known: write http/protobuf or grpc`: {"OTEL_TRACES_EXPORTER", "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"},
	} {
		set(t, pairs...)
		if _, err := trace.Start(t.Context(), trace.Options{Env: os.LookupEnv}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// A collector that does not answer hinders nothing, is told, and does not keep the process from ending.
func TestNoCollector(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	var faults atomic.Int32
	set(t, "OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+l.Addr().String(), "OTEL_EXPORTER_OTLP_TIMEOUT", "300", "OTEL_BSP_SCHEDULE_DELAY", "50")
	stop, err := trace.Start(t.Context(), trace.Options{Env: os.LookupEnv, Fault: func(error) { faults.Add(1) }})
	if err != nil {
		t.Fatal(err)
	}
	work(t.Context())
	for end := time.Now().Add(5 * time.Second); faults.Load() == 0 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if faults.Load() == 0 {
		t.Error("got no fault, want one that says that the collector does not answer")
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_ = stop(ctx)
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("shutdown: got %v, want 2 s at most", took)
	}
}

func TestConsole(t *testing.T) {
	set(t, "OTEL_TRACES_EXPORTER", "console")
	var out bytes.Buffer
	stop := start(t, trace.Options{Console: &out})
	work(t.Context())
	stop()
	var names []string
	for d := json.NewDecoder(&out); d.More(); {
		var s struct{ Name string }
		if err := d.Decode(&s); err != nil {
			t.Fatal(err)
		}
		names = append(names, s.Name)
	}
	if got := fmt.Sprint(names); got != "[apply pass]" {
		t.Errorf("got %s, want [apply pass]", got)
	}
}

func TestClass(t *testing.T) {
	for want, err := range map[string]error{
		"cancelled": fmt.Errorf("%s: %w", secret, context.Canceled),
		"deadline":  context.DeadlineExceeded,
		"passing":   &reconcile.Transient{Err: errors.New(secret)},
		"faults":    schema.Faults{{}},
		"denied":    &os.PathError{Err: os.ErrPermission},
		"missing":   &os.PathError{Err: os.ErrNotExist},
		"network":   &net.OpError{Op: "dial", Err: errors.New(secret)},
		"other":     errors.New(secret),
	} {
		if got := trace.Class(err); got != want {
			t.Errorf("%v: got %s, want %s", err, got, want)
		}
	}
}
