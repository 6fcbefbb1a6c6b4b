package trace_test

import (
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// receiver is an OTLP collector that keeps what it is sent.
type receiver struct {
	collector.UnimplementedTraceServiceServer
	mu       sync.Mutex
	spans    []*spans.Span
	resource map[string]string
	header   map[string]string
	raw      []byte // all messages, as they came
}

func (r *receiver) take(in *collector.ExportTraceServiceRequest, raw []byte, header map[string]string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.raw, r.header = append(r.raw, raw...), header
	for _, rs := range in.GetResourceSpans() {
		r.resource = attributes(rs.GetResource().GetAttributes())
		for _, ss := range rs.GetScopeSpans() {
			r.spans = append(r.spans, ss.GetSpans()...)
		}
	}
}

func (r *receiver) span(t *testing.T, name string) *spans.Span {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.spans {
		if s.GetName() == name {
			return s
		}
	}
	t.Fatalf("got no span %s among %d, want one", name, len(r.spans))
	return nil
}

func attributes(all []*common.KeyValue) map[string]string {
	m := map[string]string{}
	for _, kv := range all {
		m[kv.GetKey()] = kv.GetValue().GetStringValue()
		if kv.GetValue().GetStringValue() == "" {
			m[kv.GetKey()] = kv.GetValue().String()
		}
	}
	return m
}

// Export is the receiver by gRPC.
func (r *receiver) Export(ctx context.Context, in *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	header := map[string]string{}
	md, _ := metadata.FromIncomingContext(ctx)
	for k, v := range md {
		header[k] = v[0]
	}
	raw, err := proto.Marshal(in)
	if err != nil {
		return nil, err
	}
	r.take(in, raw, header)
	return &collector.ExportTraceServiceResponse{}, nil
}

// ServeHTTP is the receiver by HTTP (OTLP specification, OTLP/HTTP).
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body := io.Reader(req.Body)
	if req.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = z
	}
	raw, err := io.ReadAll(body)
	var in collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(raw, &in)
	}
	if err != nil || req.URL.Path != "/v1/traces" || req.Header.Get("Content-Type") != "application/x-protobuf" {
		http.Error(w, "not OTLP", http.StatusBadRequest)
		return
	}
	header := map[string]string{}
	for k, v := range req.Header {
		header[strings.ToLower(k)] = v[0]
	}
	r.take(&in, raw, header)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// serveHTTP and serveGRPC start a receiver and return its endpoint.
func serveHTTP(t *testing.T) (*receiver, string) {
	r := &receiver{}
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	return r, s.URL
}

func serveGRPC(t *testing.T) (*receiver, string) {
	r := &receiver{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	collector.RegisterTraceServiceServer(s, r)
	go s.Serve(l)
	t.Cleanup(s.Stop)
	return r, "http://" + l.Addr().String()
}
