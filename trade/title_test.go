package trade

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestOneOfEachTitle(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 1))
	ctx := context.Background()
	guarded, before := 0, 0
	for n := range 2000 {
		p := randomProblem(r)
		for i := range p.Items {
			if !p.Items[i].Dummy {
				p.Items[i].Title = int32(r.IntN(4))
			}
		}
		// Most people name all copies of a title.
		for i := range p.Items {
			it := &p.Items[i]
			wants := it.Wants
			for _, w := range wants {
				for j := range p.Items {
					if t := p.Items[w.Item].Title; t > 0 && p.Items[j].Title == t && !p.Items[j].Dummy && r.IntN(8) > 0 {
						it.Wants = append(slices.Clip(it.Wants), Want{int32(j), w.Rank})
					}
				}
			}
		}
		q, loose, err := p.OneOfEachTitle()
		if err != nil {
			t.Fatal(err)
		}
		plain, err := Solve(ctx, p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		a, err := Solve(ctx, q, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := Verify(q, a); err != nil {
			t.Fatal(err)
		}
		if a.Weight > plain.Weight {
			t.Fatalf("round %d: more trades with fewer liberties", n)
		}
		twice := func(a *Answer, report bool) (some bool) {
			got := map[Loose]bool{}
			for _, c := range a.Circles {
				for _, m := range c.Moves {
					l := Loose{p.Items[m.Item].Owner, p.Items[m.Gets].Title}
					if l.Title > 0 && got[l] && !slices.Contains(loose, l) {
						some = true
						if report {
							t.Fatalf("round %d: owner %d gets title %d twice", n, l.Owner, l.Title)
						}
					}
					got[l] = true
				}
			}
			return some
		}
		twice(a, true)
		if twice(plain, false) {
			before++
		}
		guarded += len(q.Items) - len(p.Items)
		// What was not wanted before is not wanted now.
		var moves []Move
		for _, c := range a.Circles {
			for _, m := range c.Moves {
				moves = append(moves, Move{Item: m.Item, Gets: m.Gets})
			}
		}
		if _, err := Arrange(p, Policy{}, moves); err != nil {
			t.Fatalf("round %d: %v", n, err)
		}
	}
	if guarded == 0 || before == 0 {
		t.Fatalf("%d dummies, %d rounds with a title twice: nothing was tried", guarded, before)
	}
}
