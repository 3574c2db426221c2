package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ferric/internal/store"
)

// The measurements of a shop, in the text form that Prometheus reads (prometheus.io/docs/instrumenting/exposition_formats, version 0.0.4), on an
// address of their own that is off unless set. They count; they name no person, address, order or file: a route is its pattern.

// bounds are the upper ends of the histogram's buckets, in seconds: from a page that is at hand to one that nobody waits for.
var bounds = [...]float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10}

// traffic counts requests.
type traffic struct {
	mu     sync.Mutex
	routes map[routeStatus]int64
	took   [len(bounds) + 1]int64
	sum    time.Duration
}

type routeStatus struct {
	route  string
	status int
}

// seen adds a request; one that took a negative time is not timed.
func (t *traffic) seen(route string, status int, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.routes == nil {
		t.routes = map[routeStatus]int64{}
	}
	t.routes[routeStatus{route, status}]++
	if took < 0 {
		return
	}
	i := 0
	for i < len(bounds) && took.Seconds() > bounds[i] {
		i++
	}
	t.took[i]++
	t.sum += took
}

// count wraps a handler. Pages that stay open, as event streams do, are counted when they end, and not timed.
func (t *traffic) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		s := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(s, r)
		route := r.Pattern // the mux's, of which there is a bounded number
		if route == "" || route == "/" {
			route = "other"
		}
		took := time.Since(began)
		if strings.HasPrefix(w.Header().Get("Content-Type"), "text/event-stream") {
			took = -1
		}
		t.seen(route, s.status, took)
	})
}

// statusWriter remembers the status. Flush and deadlines reach the writer below through Unwrap.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (s *statusWriter) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

func (s *statusWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// ReadFrom keeps the writer's own way to send a file.
func (s *statusWriter) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(s.ResponseWriter, r)
}

func (t *traffic) write(w io.Writer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	head(w, "ferric_requests_total", "counter", "Requests that were answered, by route and status.")
	for _, k := range slices.SortedFunc(maps.Keys(t.routes), func(a, b routeStatus) int {
		if c := strings.Compare(a.route, b.route); c != 0 {
			return c
		}
		return a.status - b.status
	}) {
		fmt.Fprintf(w, "ferric_requests_total{route=%q,status=\"%d\"} %d\n", k.route, k.status, t.routes[k])
	}
	head(w, "ferric_request_seconds", "histogram", "How long answers took.")
	n := int64(0)
	for i, c := range t.took {
		n += c
		le := "+Inf"
		if i < len(bounds) {
			le = strconv.FormatFloat(bounds[i], 'g', -1, 64)
		}
		fmt.Fprintf(w, "ferric_request_seconds_bucket{le=%q} %d\n", le, n)
	}
	fmt.Fprintf(w, "ferric_request_seconds_sum %g\nferric_request_seconds_count %d\n", t.sum.Seconds(), n)
}

func head(w io.Writer, name, kind, help string) {
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// writeMetrics writes all measurements. What the database does not tell in time is left out.
func (a *App) writeMetrics(ctx context.Context, w io.Writer) {
	one := func(name, kind, help string, v int64) {
		head(w, name, kind, help)
		fmt.Fprintf(w, "%s %d\n", name, v)
	}
	a.traffic.write(w)
	var c store.Counts
	err := a.db.View(ctx, func(tx *store.Tx) (err error) { c, err = tx.Counts(); return err })
	up := int64(0)
	if err == nil {
		up = 1
	}
	one("ferric_database_up", "gauge", "1 while the database answers.", up)
	if err == nil {
		for _, g := range []struct {
			name, label, help string
			by                map[string]int64
		}{
			{"ferric_copies", "state", "Numbered copies by state; a hold whose time is over counts as held until it is swept.", c.Copies},
			{"ferric_orders", "state", "Orders by state.", c.Orders},
		} {
			head(w, g.name, "gauge", g.help)
			for _, k := range slices.Sorted(maps.Keys(g.by)) {
				fmt.Fprintf(w, "%s{%s=%q} %d\n", g.name, g.label, k, g.by[k])
			}
		}
		one("ferric_ledger_entries", "gauge", "Entries of the ownership log that have a place.", c.Placed)
		one("ferric_ledger_signed", "gauge", "Entries under the last checkpoint; behind ferric_ledger_entries for long means that the log stands still.", c.Signed)
		one("ferric_mails_waiting", "gauge", "Mails to be sent.", c.Mails)
		one("ferric_mails_given_up", "gauge", "Mails that were given up.", c.Undelivered)
	}
	if queue, ok := a.db.Queue(); ok {
		one("ferric_writes_waiting", "gauge", "Transactions that wait for the one writer.", int64(queue))
	}
	one("ferric_goroutines", "gauge", "Goroutines.", int64(runtime.NumGoroutine()))
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(samples)
	one("ferric_memory_bytes", "gauge", "Memory that the program has from the system.", int64(samples[0].Value.Uint64()))
	one("ferric_heap_bytes", "gauge", "Memory in use by objects.", int64(samples[1].Value.Uint64()))
	one("ferric_started_seconds", "gauge", "When the program began, in seconds since 1970.", a.began.Unix())
}

// serveAdmin answers on the admin address until ctx ends: measurements, and the two questions of machines.
func (a *App) serveAdmin(ctx context.Context) error {
	l, err := net.Listen("tcp", a.cfg.Admin)
	if err != nil {
		return fmt.Errorf("admin: %s cannot be had: %w", a.cfg.Admin, err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		ask, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		a.writeMetrics(ask, w)
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", a.answerReady)
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: readHeader, ReadTimeout: readHeader, WriteTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
