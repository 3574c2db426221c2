package trade

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"
)

var shapes = []struct {
	name string
	shape
}{{"500", gen500}, {"2000", gen2000}, {"10000", gen10000}, {"large", genLarge}, {"50000", gen50000}}

func TestShapes(t *testing.T) {
	want := os.Getenv("SHAPES")
	if want == "" {
		t.Skip()
	}
	ctx := context.Background()
	for _, s := range shapes {
		if !strings.Contains(want, s.name) {
			continue
		}
		p := makeRound(s.shape, 1)
		{
			t0 := time.Now()
			last := t0
			var obj Objective
			n := 0
			a, err := Solve(ctx, p, Options{Progress: func(p Progress) {
				n++
				if p.Objective != obj {
					t.Log(obj, time.Since(last), n)
					obj = p.Objective
					last = time.Now()
					n = 0
				}
				if p.Best-p.Bound < 5000 && n%20 == 0 && os.Getenv("V") != "" {
					t.Log(p)
				}
			}})
			t.Log(s.name, time.Since(t0), err)
			if err != nil {
				continue
			}
			t.Log(obj, time.Since(last), n, a.Trades, a.People, a.RankTotal, a.PeopleBound, a.RankBound, a.Proven, a.Longest, a.Steps/1000000)
			t0 = time.Now()
			t.Log(Verify(p, a), time.Since(t0))
		}
	}
}
