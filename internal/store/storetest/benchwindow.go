package storetest

import (
	"context"
	"fmt"
	"testing"

	"ferric/internal/catalog"
	"ferric/internal/shop"
	"ferric/internal/window"
)

// BenchWindow runs the benchmarks of the shop window, with a thousand releases in it: the release page of a run of a hundred,
// a list, the home page's two lists, and searches.
func BenchWindow(b *testing.B, open Open) {
	h := NewHouse(b, open(b))
	w := window.New(h.DB.Window(), h.Clock.Now)
	for i := range 1000 {
		h.show(b, i%2, fmt.Sprintf("Tape %d of Łódź", i), fmt.Sprintf("ZT-%03d", i), "", "Fabryczna", "Kaliska", fmt.Sprint("Track", i))
	}
	run := h.Run(b, 100, func(_ *catalog.Run, t *shop.Terms) { t.PerPerson = 3 })
	r, err := h.Catalog.Open(b.Context(), run.Release)
	if err != nil {
		b.Fatal(err)
	}
	for _, one := range []struct {
		name string
		read func(context.Context) (int, error)
	}{
		{"ReleasePage", func(ctx context.Context) (int, error) {
			p, err := w.Release(ctx, "label-0", r.Slug, false)
			return len(p.Runs[0].Grid), err
		}},
		{"ByDate", func(ctx context.Context) (int, error) {
			l, err := w.Releases(ctx, window.Query{})
			return len(l.Items), err
		}},
		{"Last", func(ctx context.Context) (int, error) {
			l, err := w.Releases(ctx, window.Query{Order: window.Last})
			return len(l.Items), err
		}},
		{"SearchOne", func(ctx context.Context) (int, error) {
			f, err := w.Search(ctx, "zt 742", window.Query{})
			return len(f.Items), err
		}},
		{"SearchAll", func(ctx context.Context) (int, error) {
			f, err := w.Search(ctx, "lodz tape", window.Query{})
			return len(f.Items), err
		}},
	} {
		b.Run(one.name, func(b *testing.B) {
			before := cpu()
			for b.Loop() {
				if n, err := one.read(b.Context()); err != nil || n == 0 {
					b.Fatal(n, err)
				}
			}
			b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/op")
		})
	}
}
