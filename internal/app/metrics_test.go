package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestTraffic: a route is its pattern, never what was asked for, and every answer is in one bucket and all above.
func TestTraffic(t *testing.T) {
	var tr traffic
	mux := http.NewServeMux()
	mux.HandleFunc("GET /order/{id}", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) })
	mux.HandleFunc("GET /live", func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Content-Type", "text/event-stream") })
	h := tr.count(mux)
	for _, path := range []string{"/order/secret-1", "/order/secret-2", "/live", "/nothing-here"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
	}
	tr.seen("slow", 200, 3*time.Second)
	var b strings.Builder
	tr.write(&b)
	for _, want := range []string{
		"ferric_requests_total{route=\"GET /order/{id}\",status=\"418\"} 2\n", "ferric_requests_total{route=\"GET /live\",status=\"200\"} 1\n",
		"ferric_requests_total{route=\"other\",status=\"404\"} 1\n", "ferric_request_seconds_bucket{le=\"+Inf\"} 4\n", "ferric_request_seconds_bucket{le=\"10\"} 4\n",
		"ferric_request_seconds_count 4\n", "# TYPE ferric_request_seconds histogram\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
	if strings.Contains(b.String(), "secret") || strings.Contains(b.String(), "nothing-here") {
		t.Errorf("an address is shown:\n%s", &b)
	}
}
