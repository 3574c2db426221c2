package storetest

import (
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/shop"
	"ferric/internal/store"
	"ferric/ledger"
)

// BenchLedger runs the benchmarks of the ledger in a shop: an order of one copy marked paid, which is its sale with its
// entry; entries given their places, hashed, written as files and signed, 256 at a time; and a certificate.
func BenchLedger(b *testing.B, open Open) {
	b.Run("Pay", func(b *testing.B) { benchPay(b, open) })
	b.Run("Publish", func(b *testing.B) { benchPublish(b, open) })
	b.Run("Certificate", func(b *testing.B) { benchCertificate(b, open) })
}

func benchPay(b *testing.B, open Open) {
	h := NewHouse(b, open(b))
	run := h.Run(b, min(b.N, catalog.MaxCopies))
	orders := make([]shop.OrderID, b.N)
	for i := range orders {
		orders[i] = h.buy(b, Visitor(i), run.ID, 1).Order
	}
	before := cpu()
	b.ResetTimer()
	for _, id := range orders {
		must(h.Shop.MarkPaid(ctx(b), id, "desk"))(b)
	}
	b.StopTimer()
	b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/op")
}

func benchPublish(b *testing.B, open Open) {
	const atOnce = 256
	h := NewHouse(b, open(b))
	run := h.Run(b, atOnce)
	ok(b, h.Ledger.Sequence(ctx(b)))
	var spent time.Duration
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		ok(b, h.DB.Update(ctx(b), func(tx *store.Tx) error {
			for n := range atOnce {
				if err := h.Ledger.Grade(tx, string(run.ID), n+1, "VG+"); err != nil {
					return err
				}
			}
			return nil
		}))
		before := cpu()
		b.StartTimer()
		ok(b, h.Ledger.Sequence(ctx(b)))
		spent += cpu() - before
	}
	b.StopTimer()
	b.ReportMetric(float64(spent.Microseconds())/float64(b.N)/atOnce, "cpu-µs/entry")
	b.ReportMetric(float64(b.N)*atOnce/b.Elapsed().Seconds(), "entries/s")
}

func benchCertificate(b *testing.B, open Open) {
	h := NewHouse(b, open(b))
	run := h.Run(b, 2_000)
	ok(b, h.DB.Update(ctx(b), func(tx *store.Tx) error { return h.Ledger.Sell(tx, string(run.ID), 17, "ann") }))
	ok(b, h.Ledger.Sequence(ctx(b)))
	file := must(h.Ledger.Certificate(ctx(b), string(run.ID), 17, true, 0))(b)
	if _, err := ledger.VerifyCertificate(file, ledger.Trust{Key: h.Ledger.VerifierKey()}); err != nil {
		b.Fatal(err)
	}
	before := cpu()
	b.ResetTimer()
	for range b.N {
		must(h.Ledger.Certificate(ctx(b), string(run.ID), 17, true, 0))(b)
	}
	b.StopTimer()
	b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/op")
	b.ReportMetric(float64(len(file)), "bytes")
}
