package trade

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
)

func mediumProblem(r *rand.Rand) *Problem {
	n := 10 + r.IntN(60)
	p := &Problem{Owners: n / (1 + r.IntN(6))}
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
	return p
}

func TestOpen(t *testing.T) {
	{
		r := rand.New(rand.NewPCG(9, 7))
		open := [3][3]int{}
		for n := range 6000 {
			p := mediumProblem(r)
			pol := Policy{Order: Order(r.IntN(3)), Seed: uint64(n)}
			a, err := Solve(context.Background(), p, Options{Policy: pol, Effort: 1})
			if err != nil {
				t.Fatal(n, err)
			}
			if err := Verify(p, a); err != nil {
				t.Fatal(n, err)
			}
			if !a.Proven.Trades {
				open[pol.Order][0]++
			}
			if !a.Proven.People {
				open[pol.Order][1]++
			}
			if !a.Proven.Rank {
				open[pol.Order][2]++
			}
		}
		t.Log(open)
	}
}
