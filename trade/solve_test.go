package trade

import (
	"context"
	"math/rand/v2"
	"testing"
)

func TestSmallAgainstExhaustive(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	open, trades, some, forgone := 0, 0, 0, 0
	for n := range 4000 {
		p := randomProblem(r)
		pol := Policy{Order: Order(r.IntN(3)), Seed: uint64(n)}
		if r.IntN(5) == 0 {
			pol.Order, pol.NonTradeCost = 0, int64(1+r.IntN(12))
		}
		a, err := Solve(context.Background(), p, Options{Policy: pol})
		if err != nil {
			t.Fatal(n, err)
		}
		want, got := exhaust(p, pol), outcomeOf(a)
		if err := Verify(p, a); err != nil {
			t.Fatalf("round %d: %v\n%+v\n%+v %+v", n, err, p, a, a.Certificate)
		}
		if better(pol, got, want) != 0 {
			if a.Proven.Trades && a.Proven.People && a.Proven.Rank || better(pol, got, want) < 0 {
				t.Fatalf("round %d, %+v: got %+v, want %+v\n%+v\n%+v", n, pol, got, want, p, a)
			}
		}
		trades += a.Trades
		some += min(1, a.Trades)
		if a.TradesForgone > 0 {
			forgone++
		}
		if !a.Proven.Trades || !a.Proven.People || !a.Proven.Rank {
			open++
			if open < 5 {
				t.Logf("open: round %d %+v: got %+v want %+v bounds %d %d %d", n, pol, got, want, a.WeightBound, a.PeopleBound, a.RankBound)
			}
		}
	}
	t.Log("open", open, "trades", trades, "with trades", some, "forgone", forgone)
}

func TestCappedAgainstExhaustive(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 7))
	open, binding := 0, 0
	for n := range 4000 {
		p := randomProblem(r)
		pol := Policy{Order: Order(r.IntN(3)), MaxCircle: 2 + r.IntN(3), Seed: uint64(n)}
		a, err := Solve(context.Background(), p, Options{Policy: pol})
		if err != nil {
			t.Fatal(n, err)
		}
		want, got := exhaust(p, pol), outcomeOf(a)
		if err := Verify(p, a); err != nil {
			t.Fatalf("round %d: %v\n%+v\n%+v %+v", n, err, p, a, a.Certificate)
		}
		if better(pol, got, want) != 0 {
			t.Fatalf("round %d, %+v: got %+v, want %+v\n%+v\n%+v", n, pol, got, want, p, a)
		}
		if !a.Proven.Trades || !a.Proven.People || !a.Proven.Rank {
			open++
		}
		if a.TradesForgone > 0 {
			binding++
		}
	}
	if open > 0 || binding == 0 {
		t.Fatalf("%d of them open, %d where the cap costs trades", open, binding)
	}
}
