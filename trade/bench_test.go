package trade

import (
	"context"
	"testing"
	"time"
)

func TestShapes(t *testing.T) {
	ctx := context.Background()
	for _, s := range []shape{gen500, gen2000, gen10000, genLarge, gen50000} {
		p := makeRound(s, 1)
		i, d, w := p.tally()
		t0 := time.Now()
		last := t0
		var obj Objective
		a, err := Solve(ctx, p, Options{Progress: func(p Progress) {
			if p.Objective != obj {
				t.Log(obj, time.Since(last))
				obj = p.Objective
				last = time.Now()
			}
		}})
		t.Log(s.people, "people", i, d, w, time.Since(t0), err)
		if err != nil {
			continue
		}
		t.Log(obj, time.Since(last), a.Trades, a.People, a.RankTotal, a.PeopleBound, a.RankBound, a.Proven, a.Longest, a.Steps/1000000)
		t0 = time.Now()
		t.Log(Verify(p, a), time.Since(t0))
	}
}
