package trade

import (
	"context"
	"testing"
)

// Rounds of the sizes that docs/performance.md speaks of: generated ones, and one of the shape of a large real round.
var shapes = []struct {
	name string
	shape
}{{"500", gen500}, {"2000", gen2000}, {"large", genLarge}, {"10000", gen10000}, {"50000", gen50000}}

// BenchmarkTrades goes as far as the most trades and their face; BenchmarkSolve all the way, with certificates.
func BenchmarkTrades(b *testing.B) {
	for _, s := range shapes {
		p := makeRound(s.shape, 1)
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				g, err := newGraph(p)
				if err != nil {
					b.Fatal(err)
				}
				x := &solver{p: p, g: g, gets: make([]int32, g.n), a: &Answer{}}
				x.fields, _ = prune(p, g, 1)
				if err := x.exact(context.Background(), step{ObjectiveTrades, true, true}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSolve(b *testing.B) {
	for _, s := range shapes {
		p := makeRound(s.shape, 1)
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			var a *Answer
			for b.Loop() {
				var err error
				if a, err = Solve(context.Background(), p, Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(a.Trades), "trades")
			b.ReportMetric(float64(a.People), "people")
			b.ReportMetric(float64(a.PeopleBound-a.People), "people-gap")
			b.ReportMetric(float64(a.RankTotal-a.RankBound), "rank-gap")
			b.ReportMetric(float64(a.Longest), "longest")
			b.ReportMetric(float64(a.Steps), "steps")
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, s := range shapes {
		p := makeRound(s.shape, 1)
		b.Run(s.name, func(b *testing.B) {
			a, err := Solve(context.Background(), p, Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := Verify(p, a); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
