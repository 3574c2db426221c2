package trade

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestRepairAgainstExhaustive(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	ctx := context.Background()
	for n := range 4000 {
		p := randomProblem(r)
		a, err := Solve(ctx, p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if a.Trades == 0 {
			continue
		}
		lost := a.Circles[0].Moves[0].Item
		for _, keep := range []Keep{KeepMost, KeepCircles} {
			rep, err := Repair(ctx, p, a, []int32{lost}, keep, Options{})
			if err != nil {
				t.Fatal(n, err)
			}
			if err := Verify(rep.Asked, rep.Proof); err != nil {
				t.Fatal(n, err)
			}
			if err := Verify(rep.Problem, rep.Answer); err != nil {
				t.Fatal(n, err)
			}
			if keep == KeepMost {
				if want := exhaust(rep.Problem, Policy{}); rep.Answer.Weight != want.weight {
					t.Fatalf("round %d: repaired to %d, best is %d", n, rep.Answer.Weight, want.weight)
				}
				if want := exhaust(rep.Asked, Policy{Order: TradesRankPeople}); rep.Proof.RankTotal != want.rank {
					t.Fatalf("round %d: %d changes, best is %d", n, rep.Proof.RankTotal, want.rank)
				}
			} else {
				for _, c := range a.Circles[1:] {
					for _, m := range c.Moves {
						if !slices.Contains(rep.Changes.Same, m.Item) {
							t.Fatalf("round %d: a whole circle was touched", n)
						}
					}
				}
			}
			if slices.Contains(slices.Concat(rep.Changes.Same, rep.Changes.Other, rep.Changes.Joined), lost) {
				t.Fatalf("round %d: the lost item trades", n)
			}
		}
	}
}

func TestJudgeStrippedAnswers(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	ctx := context.Background()
	short := 0
	for n := range 4000 {
		p := randomProblem(r)
		a, err := Solve(ctx, p, Options{Policy: Policy{Seed: uint64(n)}})
		if err != nil {
			t.Fatal(err)
		}
		// As another program lists it: no dummies, no counts, no proof, any order.
		var moves []Move
		for _, c := range a.Circles {
			for _, m := range c.Moves {
				moves = append(moves, Move{Item: m.Item, Gets: m.Gets})
			}
		}
		r.Shuffle(len(moves), func(i, j int) { moves[i], moves[j] = moves[j], moves[i] })
		b, err := Arrange(p, a.Policy, moves)
		if err != nil {
			t.Fatalf("round %d: %v", n, err)
		}
		if b.Trades != a.Trades || b.People != a.People {
			t.Fatalf("round %d: arranged %d trades, %d people; want %d, %d", n, b.Trades, b.People, a.Trades, a.People)
		}
		if err := Verify(p, b); err != nil {
			t.Fatalf("round %d: %v", n, err)
		}
		j, err := Judge(ctx, p, b, Options{})
		if err != nil || j.Fault != nil {
			t.Fatal(n, err, j.Fault)
		}
		if j.Trades != Optimal || j.People != Optimal {
			t.Fatalf("round %d: judged %v, %v, %v", n, j.Trades, j.People, j.Rank)
		}
		if len(a.Circles) < 2 {
			continue
		}
		b.Circles = b.Circles[1:]
		j, err = Judge(ctx, p, b, Options{})
		if err != nil || j.Fault != nil {
			t.Fatal(n, err, j.Fault)
		}
		if j.Trades != Short || j.People != Unknown {
			t.Fatalf("round %d: judged %v without a circle", n, j.Trades)
		}
		short++
	}
	if short == 0 {
		t.Fatal("no round with two circles")
	}
}

func TestExplainAgainstExhaustive(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	ctx := context.Background()
	seen := map[Why]int{}
	for n := range 4000 {
		p := randomProblem(r)
		a, err := Solve(ctx, p, Options{Policy: Policy{Seed: uint64(n)}})
		if err != nil {
			t.Fatal(err)
		}
		x, err := Explain(ctx, p, a)
		if err != nil {
			t.Fatal(err)
		}
		for i := range p.Items {
			if p.Items[i].Dummy {
				continue
			}
			got := x.Item(int32(i))
			seen[got.Why]++
			// With this item withdrawn the optimum falls exactly if it always trades.
			less := exhaust(p.Without([]int32{int32(i)}), Policy{})
			if always := less.weight < a.Weight; got.Always != always {
				t.Fatalf("round %d item %d: always %v, want %v\n%+v", n, i, got.Always, always, got)
			}
			// Counted a thousand times, it trades if anything can make it trade.
			q := *p
			q.Items = slices.Clone(p.Items)
			for k := range q.Items {
				q.Items[k].Weight = int32(q.Items[k].weight() * 1000)
			}
			q.Items[i].Weight++
			tie := exhaust(&q, Policy{})
			if ever := tie.weight%1000 == 1; got.Ever != ever {
				t.Fatalf("round %d item %d: ever %v, want %v\n%+v", n, i, got.Ever, ever, got)
			}
			q.Items[i].Weight = MaxWeight
			forced := exhaust(&q, Policy{})
			cost := int64(-1)
			if forced.weight >= MaxWeight {
				cost = a.Weight - (forced.weight-MaxWeight)/1000 - p.Items[i].weight()
			}
			if got.Cost != cost {
				t.Fatalf("round %d item %d: cost %d, want %d\n%+v", n, i, got.Cost, cost, got)
			}
		}
	}
	t.Log(seen)
}
