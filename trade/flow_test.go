package trade

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

// mediumProblem is a round of 10 to 70 items in which some things are wanted by many and owners bring several.
func mediumProblem(r *rand.Rand) *Problem {
	n := 10 + r.IntN(60)
	p := &Problem{Owners: max(1, n/(1+r.IntN(6)))}
	deg := 1 + r.IntN(5)
	span := 1 + r.IntN(30)
	for i := range n {
		it := Item{Name: fmt.Sprintf("%03d", i), Owner: int32(r.IntN(p.Owners))}
		for range 1 + r.IntN(2*deg) {
			j := int32(r.IntN(n))
			if r.IntN(2) == 0 {
				j = int32(r.IntN(1 + n/4))
			}
			it.Wants = append(it.Wants, Want{j, int32(r.IntN(span))})
		}
		p.Items = append(p.Items, it)
	}
	for d := range r.IntN(n / 3) {
		u := int32(r.IntN(p.Owners))
		it := Item{Name: fmt.Sprintf("%%%d", d), Owner: u, Dummy: true, Capacity: int32(r.IntN(4))}
		for range 1 + r.IntN(5) {
			it.Wants = append(it.Wants, Want{Item: int32(r.IntN(n))})
		}
		for i := range n {
			if p.Items[i].Owner == u && r.IntN(2) == 0 {
				p.Items[i].Wants = append(p.Items[i].Wants, Want{int32(len(p.Items)), int32(r.IntN(span))})
			}
		}
		p.Items = append(p.Items, it)
	}
	return p
}

// plainFlow finds the cheapest circulation by cancelling negative cycles one at a time with Bellman and Ford's search:
// slow, obvious, and without anything in common with the engine. An arc runs through each item with its capacity;
// passing a real item earns reward, each want costs its rank.
func plainFlow(p *Problem, reward int64) (trades int, rank int64) {
	type arc struct {
		from, to  int
		room      int
		cost      int64
		real      bool
		firstHalf bool
	}
	var arcs []arc // each followed by its reverse
	add := func(from, to, room int, cost int64, real bool) {
		arcs = append(arcs, arc{from, to, room, cost, real, true}, arc{to, from, 0, -cost, real, false})
	}
	for i, it := range p.Items {
		if it.Dummy {
			add(2*i, 2*i+1, max(1, int(it.Capacity)), 0, false)
		} else {
			add(2*i, 2*i+1, 1, -reward, true)
		}
		best := map[int32]int32{}
		for _, w := range it.Wants {
			if r, ok := best[w.Item]; !ok || w.Rank < r {
				best[w.Item] = w.Rank
			}
		}
		for j, r := range best {
			if to := p.Items[j]; j != int32(i) && (to.Dummy || to.Owner != it.Owner) {
				add(2*i+1, 2*int(j), 1<<20, int64(r), false)
			}
		}
	}
	n := 2 * len(p.Items)
	for {
		dist, via := make([]int64, n), make([]int, n)
		changed := -1
		for range n + 1 {
			changed = -1
			for k, a := range arcs {
				if a.room > 0 && dist[a.from]+a.cost < dist[a.to] {
					dist[a.to], via[a.to], changed = dist[a.from]+a.cost, k, a.to
				}
			}
			if changed < 0 {
				break
			}
		}
		if changed < 0 {
			break
		}
		v := changed
		for range n {
			v = arcs[via[v]].from
		}
		for u := v; ; {
			k := via[u]
			arcs[k].room--
			arcs[k^1].room++
			if u = arcs[k].from; u == v {
				break
			}
		}
	}
	for k := 1; k < len(arcs); k += 2 {
		if flow := arcs[k].room; flow > 0 {
			if arcs[k].real {
				trades += flow
			} else {
				rank -= arcs[k].cost * int64(flow)
			}
		}
	}
	return trades, rank
}

func TestMediumAgainstPlainFlow(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 7))
	ctx := context.Background()
	open := 0
	for n := range 400 {
		p := mediumProblem(r)
		wantTrades, wantRank := plainFlow(p, 1e7)
		for order := TradesPeopleRank; order <= TradesRankPeople; order++ {
			a, err := Solve(ctx, p, Options{Policy: Policy{Order: order, Seed: uint64(n)}})
			if err != nil {
				t.Fatal(n, err)
			}
			if err := Verify(p, a); err != nil {
				t.Fatal(n, err)
			}
			if a.WeightMost != int64(wantTrades) || order != PeopleTradesRank && a.Trades != wantTrades {
				t.Fatalf("round %d: %d trades, want %d", n, a.Trades, wantTrades)
			}
			if order == TradesRankPeople && a.RankTotal != wantRank {
				t.Fatalf("round %d: rank %d, want %d", n, a.RankTotal, wantRank)
			}
			if order == TradesPeopleRank && a.RankTotal < wantRank {
				t.Fatalf("round %d: rank %d is below the least possible, %d", n, a.RankTotal, wantRank)
			}
			if !a.Proven.Trades || !a.Proven.People || !a.Proven.Rank {
				open++
			}
		}
		cost := int64(5 + r.IntN(30))
		a, err := Solve(ctx, p, Options{Policy: Policy{NonTradeCost: cost}})
		if err != nil {
			t.Fatal(n, err)
		}
		trades, rank := plainFlow(p, cost)
		items := 0
		for _, it := range p.Items {
			if !it.Dummy {
				items++
			}
		}
		if want := rank + cost*int64(items-trades); a.Cost != want || Verify(p, a) != nil {
			t.Fatalf("round %d: cost %d, want %d; %v", n, a.Cost, want, Verify(p, a))
		}
	}
	if open > 4 {
		t.Errorf("%d answers are not proven", open)
	}
}

// Circles are planted so that the best answer is known: everybody in them wants the next item first, and noise is added
// that can be of no use, since what it leads to wants nothing.
func TestPlantedCircles(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 7))
	p := &Problem{Owners: 300}
	planted, people := 0, map[int32]bool{}
	for c := range 40 {
		size := 2 + r.IntN(30)
		first := int32(len(p.Items))
		for k := range size {
			next := first + int32((k+1)%size)
			u := int32((c*7 + k) % 250)
			people[u] = true
			p.Items = append(p.Items, Item{Name: fmt.Sprintf("C%d-%d", c, k), Owner: u, Wants: []Want{{next, 1}}})
		}
		planted += size
	}
	for k := range 500 {
		p.Items = append(p.Items, Item{Name: fmt.Sprintf("X%d", k), Owner: int32(r.IntN(300))})
	}
	for i := range planted {
		for range 20 {
			p.Items[i].Wants = append(p.Items[i].Wants, Want{int32(planted + r.IntN(500)), 2})
		}
	}
	a, err := Solve(context.Background(), p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a.Trades != planted || len(a.Circles) != 40 || a.People != len(people) || a.RankTotal != int64(planted) {
		t.Errorf("%d trades in %d circles among %d people at rank %d; planted %d in 40 among %d", a.Trades, len(a.Circles), a.People, a.RankTotal, planted, len(people))
	}
	if a.Proven != (Proven{true, true, true}) {
		t.Errorf("proven: %+v", a.Proven)
	}
	if err := Verify(p, a); err != nil {
		t.Error(err)
	}
}

func TestSolveStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	p := makeRound(gen2000, 1)
	seen := map[Objective]bool{}
	_, err := Solve(ctx, p, Options{Progress: func(x Progress) {
		seen[x.Objective] = true
		if x.Objective == ObjectivePeople {
			if x.Best > x.Bound {
				t.Errorf("%d people, at most %d", x.Best, x.Bound)
			}
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || !seen[ObjectiveTrades] || !seen[ObjectivePeople] {
		t.Errorf("%v, seen %v", err, seen)
	}
	for _, opt := range []Options{
		{Policy: Policy{MaxCircle: 1}}, {Policy: Policy{NonTradeCost: -1}}, {Policy: Policy{Order: 9}},
		{Policy: Policy{NonTradeCost: 5, MaxCircle: 3}}, {Policy: Policy{NonTradeCost: 5, Order: TradesRankPeople}},
	} {
		if _, err := Solve(context.Background(), p, opt); !errors.Is(err, ErrProblem) {
			t.Errorf("%+v: %v", opt.Policy, err)
		}
	}
}

func TestValidate(t *testing.T) {
	ok := Item{Name: "A"}
	for name, p := range map[string]*Problem{
		"no name":           {Owners: 1, Items: []Item{{}}},
		"same name":         {Owners: 1, Items: []Item{ok, ok}},
		"owner":             {Owners: 1, Items: []Item{{Name: "A", Owner: 1}}},
		"want":              {Owners: 1, Items: []Item{{Name: "A", Wants: []Want{{Item: 1}}}}},
		"rank":              {Owners: 1, Items: []Item{{Name: "A", Wants: []Want{{0, -1}}}}},
		"weight":            {Owners: 1, Items: []Item{{Name: "A", Weight: -1}}},
		"capacity":          {Owners: 1, Items: []Item{{Name: "A", Dummy: true, Capacity: MaxCapacity + 1}}},
		"regions":           {Owners: 2, Region: []uint8{1}},
		"region":            {Owners: 1, Region: []uint8{64}},
		"ban":               {Owners: 1, Bans: []Ban{{0, 1}}},
		"another's dummy":   {Owners: 2, Items: []Item{{Name: "A", Wants: []Want{{Item: 1}}}, {Name: "B", Owner: 1, Dummy: true}}},
		"owners below zero": {Owners: -1},
	} {
		if _, err := Solve(context.Background(), p, Options{}); !errors.Is(err, ErrProblem) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
