package trade

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestSmallAgainstExhaustive(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	open, trades, some, forgone := 0, 0, 0, 0
	for n := range 30000 {
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
	for n := range 30000 {
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

// Swaps of two among items that only list each other are a general matching. The most are known: a ring of odd length
// leaves one out, and rings joined by one swap leave out none.
func TestSwapsInOddRings(t *testing.T) {
	p := &Problem{Owners: 1000}
	add := func(size int) int32 {
		first := int32(len(p.Items))
		for k := range size {
			i := first + int32(k)
			p.Items = append(p.Items, Item{Name: fmt.Sprintf("%04d", i), Owner: i})
		}
		for k := range size {
			a, b := first+int32(k), first+int32((k+1)%size)
			p.Items[a].Wants = append(p.Items[a].Wants, Want{b, 1})
			p.Items[b].Wants = append(p.Items[b].Wants, Want{a, 1})
		}
		return first
	}
	want := 0
	for n := range 20 {
		a := add(5 + 2*n)
		want += 4 + 2*n
		if n%2 == 1 { // joined to the one before: both are whole then
			b := a - int32(3+2*n)
			p.Items[a].Wants = append(p.Items[a].Wants, Want{b, 1})
			p.Items[b].Wants = append(p.Items[b].Wants, Want{a, 1})
			want += 2
		}
	}
	a, err := Solve(context.Background(), p, Options{Policy: Policy{MaxCircle: 2}})
	if err != nil {
		t.Fatal(err)
	}
	if a.Trades != want || !a.Proven.Trades {
		t.Errorf("%d trades, at most %d; want %d", a.Trades, a.WeightBound, want)
	}
	if err := Verify(p, a); err != nil {
		t.Error(err)
	}
}

// Against the exhaustive choice of pairs in small random graphs.
func TestPairsAgainstExhaustive(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		n := 2 + r.IntN(11)
		m := pairs{next: make([][]int32, n)}
		for range r.IntN(2 * n) {
			if a, b := r.IntN(n), r.IntN(n); a != b {
				m.next[a] = append(m.next[a], int32(b))
				m.next[b] = append(m.next[b], int32(a))
			}
		}
		var best func(used uint) int
		best = func(used uint) int {
			for v := range n {
				if used>>v&1 == 1 {
					continue
				}
				used |= 1 << v
				most := best(used)
				for _, w := range m.next[v] {
					if used>>w&1 == 0 {
						most = max(most, 1+best(used|1<<w))
					}
				}
				return most
			}
			return 0
		}
		if !m.solve(context.Background(), 1<<40) {
			t.Fatal("gave up")
		}
		got := 0
		for v, w := range m.mate {
			if w >= 0 {
				if got++; m.mate[w] != int32(v) {
					t.Fatalf("%v is not a pairing", m.mate)
				}
			}
		}
		if want := best(0); got != 2*want {
			t.Fatalf("%d pairs, want %d", got/2, want)
		}
	}
}
