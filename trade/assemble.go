package trade

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// assemble writes the arrangement down as an answer: circles, counts, bounds.
func (s *solver) assemble() {
	g, a := s.g, s.a
	a.Circles = g.circles(s.gets)
	g.tally(a, s.gets)
	a.Steps = s.steps
	a.Certificate = &Certificate{Stages: s.stages, Capped: s.cap}
	a.claim(g)
	a.Digest = a.digest(s.p)
}

// digest hashes the answer. Every list is written with its length, so that no two answers read the same.
func (a *Answer) digest(p *Problem) string {
	h := sha256.New()
	var buf []byte
	flush := func() {
		h.Write(buf)
		buf = buf[:0]
	}
	ints := func(xs ...int64) {
		for _, x := range xs {
			buf = binary.AppendVarint(buf, x)
		}
		if len(buf) > 1<<15 {
			flush()
		}
	}
	list := func(xs []int64) {
		ints(int64(len(xs)))
		for len(xs) > 0 {
			n := min(len(xs), 1<<12)
			ints(xs[:n]...)
			xs = xs[n:]
		}
	}
	name := func(i int32) {
		if i < 0 || int(i) >= len(p.Items) {
			ints(-1, int64(i))
			return
		}
		ints(int64(len(p.Items[i].Name)))
		buf = append(buf, p.Items[i].Name...)
	}
	yes := func(b bool) int64 {
		if b {
			return 1
		}
		return 0
	}
	pol := a.Policy
	ints(int64(pol.Order), pol.NonTradeCost, int64(pol.MaxCircle), int64(pol.Seed))
	ints(int64(a.Trades), a.Weight, int64(a.People), a.RankTotal, int64(a.Longest), a.Squares, a.WeightBound, int64(a.PeopleBound),
		a.RankBound, a.Cost, a.CostBound, yes(a.Proven.Trades), yes(a.Proven.People), yes(a.Proven.Rank), a.TradesForgone, a.WeightMost, a.Steps)
	ints(int64(len(a.Circles)))
	for _, c := range a.Circles {
		ints(int64(len(c.Moves)))
		for _, m := range c.Moves {
			name(m.Item)
			ints(int64(len(m.Via)))
			for _, d := range m.Via {
				name(d)
			}
			name(m.Gets)
		}
	}
	c := a.Certificate
	ints(yes(c != nil))
	if c != nil {
		ints(int64(len(c.Stages)))
		for _, st := range c.Stages {
			ints(int64(st.Objective), st.Scale, st.Bound, int64(len(st.Branches)))
			for _, xs := range [][]int64{st.Receive, st.Send, st.Toll, st.WeightToll} {
				list(xs)
			}
			for _, b := range st.Branches {
				ints(int64(b.Part), b.WeightToll, b.Force)
				ints(int64(len(b.Fixed)))
				for _, f := range b.Fixed {
					ints(int64(f.Place), yes(f.Stay))
				}
				list(b.Receive)
				list(b.Send)
				list(b.Toll)
			}
		}
		ints(yes(c.Capped != nil))
		if k := c.Capped; k != nil {
			ints(k.Effort, yes(k.Listed), yes(k.Closed), k.Weight, int64(k.People), k.Rank)
		}
	}
	flush()
	return hex.EncodeToString(h.Sum(nil))
}

// claim derives bounds and what is proven from the stages.
func (a *Answer) claim(g *graph) {
	total := g.totalWeight()
	a.Proven = Proven{}
	for i, st := range a.Certificate.Stages {
		switch st.Objective {
		case ObjectiveCost:
			a.CostBound = st.Bound
		case ObjectiveTrades:
			a.WeightBound = total - st.Bound
			if i == 0 {
				a.WeightMost = a.WeightBound
			}
		case ObjectivePeople:
			a.PeopleBound = int(st.Bound)
		case ObjectiveRank:
			a.RankBound = st.Bound
		}
	}
	if a.Policy.NonTradeCost > 0 { // cost and weight settle the sum of ranks
		a.WeightMost = a.WeightBound
		a.RankBound = a.CostBound - a.Policy.NonTradeCost*(total-a.Weight)
	}
	if c := a.Certificate.Capped; c != nil {
		a.PeopleBound, a.RankBound = g.owners, 0
		if c.Listed {
			a.WeightBound = min(a.WeightBound, c.Weight)
			a.PeopleBound, a.RankBound = c.People, c.Rank
		}
	}
	a.TradesForgone = max(0, a.WeightMost-a.Weight)
	a.Proven.Trades = a.Weight == a.WeightBound && a.Cost == a.CostBound
	a.Proven.People = a.People == a.PeopleBound
	a.Proven.Rank = a.RankTotal == a.RankBound
}

// tally counts an arrangement.
func (g *graph) tally(a *Answer, gets []int32) {
	rank, untraded, people := g.count(gets)
	a.RankTotal, a.People = rank, people
	a.Weight = g.totalWeight() - untraded
	a.Cost = 0
	if c := a.Policy.NonTradeCost; c > 0 {
		a.Cost = rank + c*untraded
	}
	a.Trades, a.Longest, a.Squares = 0, 0, 0
	for _, c := range a.Circles {
		n := len(c.Moves)
		a.Trades += n
		a.Longest = max(a.Longest, n)
		a.Squares += int64(n) * int64(n)
	}
}

func (g *graph) totalWeight() (sum int64) {
	for _, w := range g.weight {
		sum += int64(w)
	}
	return sum
}

// circles lists the circles of an arrangement in the order of the name of their first item.
func (g *graph) circles(gets []int32) []Circle {
	var circles []Circle
	seen := make([]bool, g.n)
	for i := range int32(g.n) {
		if seen[i] || g.weight[i] == 0 || gets[i] == i {
			continue
		}
		var c Circle
		for k := i; !seen[k]; {
			seen[k] = true
			m := Move{Item: g.item[k]}
			for k = gets[k]; g.weight[k] == 0; k = gets[k] {
				m.Via = append(m.Via, g.item[k])
			}
			m.Gets = g.item[k]
			c.Moves = append(c.Moves, m)
		}
		circles = append(circles, c)
	}
	return circles
}
