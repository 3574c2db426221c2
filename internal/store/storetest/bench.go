package storetest

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/shop"
)

// Bench runs the benchmarks of a shop: how many durable holds, holds with an
// order, and whole checkouts (hold, order, paid, packed, shipped) a second, from
// 64 buyers at once and from one alone, with the 99th percentile of what a buyer waits
// and the processor time of this process for one.
func Bench(b *testing.B, open Open) {
	for _, what := range []struct {
		name  string
		steps int
	}{{"Hold", 1}, {"HoldOrder", 2}, {"Checkout", 5}} {
		for _, width := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/buyers=%d", what.name, width), func(b *testing.B) { benchmark(b, open, what.steps, width) })
		}
	}
}

func benchmark(b *testing.B, open Open, steps, width int) {
	h := NewHouse(b, open(b))
	var runs []catalog.Run
	for left := b.N; left > 0; left -= 10_000 {
		runs = append(runs, h.Run(b, min(left, 10_000)))
	}
	waits := make([]time.Duration, b.N)
	var next atomic.Int64
	var wg sync.WaitGroup
	before := cpu()
	b.ResetTimer()
	for range width {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= b.N {
					return
				}
				began := time.Now()
				if err := h.one(b, runs[i/10_000].ID, i, steps); err != nil {
					b.Error(err)
					return
				}
				waits[i] = time.Since(began)
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "per-s")
	b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/op")
	slices.Sort(waits)
	b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, "p99-ms")
}

// one is one buyer's way through the shop, as far as steps goes.
func (h *House) one(b *testing.B, run catalog.RunID, i, steps int) error {
	buyer := Visitor(i)
	basket, err := h.Shop.Hold(b.Context(), buyer, shop.Want{Run: run, Any: 1})
	if err != nil || steps == 1 {
		return err
	}
	receipts, err := h.Shop.Place(b.Context(), Request(buyer, "k", basket.Copies...))
	if err != nil || steps == 2 {
		return err
	}
	if _, err = h.Shop.MarkPaid(b.Context(), receipts[0].Order, "desk"); err != nil {
		return err
	}
	if _, err = h.Shop.MarkPacked(b.Context(), receipts[0].Order, "desk"); err != nil {
		return err
	}
	_, err = h.Shop.MarkShipped(b.Context(), receipts[0].Order, "desk")
	return err
}

// cpu is the processor time that this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
