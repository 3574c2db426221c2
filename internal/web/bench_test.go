package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/people"
	"ferric/internal/shop"
	"ferric/internal/store/postgres"
	"ferric/internal/store/storetest"
)

// The window's pages, whole requests without the network: what the machine spends on one. Aims: a cached page at most 0.1 ms of
// processor time, an uncached page of a release with 100 numbers at most 0.35 ms.

// BenchmarkCachedPage is a release's page for guests about whom nothing is known, from memory.
func BenchmarkCachedPage(b *testing.B) {
	benchPage(b, newShop(b), "/l/specimen/evening", "")
}

// BenchmarkReleasePage is the page of a release with 100 numbers for a browser that has a cookie: read and written each time.
func BenchmarkReleasePage(b *testing.B) {
	everywhere(b, func(b *testing.B, s *testShop) { benchPage(b, s, "/l/specimen/evening", people.NewVisitor()) })
}

// BenchmarkLargeRun is that of a run of 1,000.
func BenchmarkLargeRun(b *testing.B) {
	everywhere(b, func(b *testing.B, s *testShop) {
		s.release("large", "A Thousand Tapes", "SPEC-1000", 1000, 0, time.Time{})
		benchPage(b, s, "/l/specimen/large", people.NewVisitor())
	})
}

// BenchmarkHome is the first page of a shop of 100 releases.
func BenchmarkHome(b *testing.B) {
	everywhere(b, func(b *testing.B, s *testShop) {
		s.many(100)
		benchPage(b, s, "/", people.NewVisitor())
	})
}

// BenchmarkSearch finds a page of releases among 2,000 by two words.
func BenchmarkSearch(b *testing.B) {
	everywhere(b, func(b *testing.B, s *testShop) {
		s.many(2000)
		benchPage(b, s, "/search?q=evening+11", "")
	})
}

// everywhere runs a benchmark on SQLite, and on PostgreSQL where it is installed.
func everywhere(b *testing.B, run func(*testing.B, *testShop)) {
	b.Run("sqlite", func(b *testing.B) { run(b, newShop(b)) })
	b.Run("postgres", func(b *testing.B) {
		cluster, err := storetest.StartCluster()
		if err != nil {
			b.Fatal(err)
		}
		if cluster == nil {
			b.Skip("needs PostgreSQL")
		}
		b.Cleanup(func() { cluster.Stop() })
		engine, err := postgres.Open(b.Context(), postgres.Config{URL: cluster.URL(b)})
		if err != nil {
			b.Fatal(err)
		}
		run(b, newShopOn(b, engine))
	})
}

// many adds releases with a run of ten each.
func (s *testShop) many(n int) {
	for i := range n {
		r, err := s.cfg.Catalog.AddRelease(s.t.Context(), catalog.Release{Label: s.Label.ID, Artist: s.Artist.ID, Slug: fmt.Sprint("tape-", i), Title: fmt.Sprint("Evening of day ", i), CatalogNumber: fmt.Sprint("T-", i), Tape: "C40"})
		if err != nil {
			s.t.Fatal(err)
		}
		run, err := s.cfg.Catalog.Declare(s.t.Context(), catalog.Run{Release: r.ID, Copies: 10}, "")
		if err == nil {
			err = s.cfg.Shop.SetTerms(s.t.Context(), shop.Terms{Run: run.ID, Price: shop.Money{Minor: 900, Currency: "EUR"}, Opens: s.Clock.Now().Add(-time.Hour)})
		}
		if err == nil {
			_, err = s.cfg.Catalog.Open(s.t.Context(), r.ID)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

// benchPage asks for a page from many addresses.
func benchPage(b *testing.B, s *testShop, path, visitor string) {
	h := s.Handler()
	n := 0
	serve := func() int {
		r := httptest.NewRequest("GET", s.URL+path, nil)
		r.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:4711", n>>16&255, n>>8&255, n&255)
		n++
		r.Header.Set("Accept-Encoding", "gzip")
		if visitor != "" {
			r.AddCookie(&http.Cookie{Name: s.cookieName(cookieVisitor), Value: visitor})
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatalf("%s: %d", path, w.Code)
		}
		return w.Body.Len()
	}
	size := serve()
	before := processor()
	for b.Loop() {
		serve()
	}
	b.ReportMetric(float64(size), "bytes/page")
	b.ReportMetric(float64((processor()-before).Microseconds())/float64(b.N), "cpu-µs/op")
}

// processor is the processor time that this process has used.
func processor() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
