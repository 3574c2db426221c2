package trade

// assemble writes the arrangement down as an answer: circles, counts, bounds.
func (s *solver) assemble() {
	g, a := s.g, s.a
	a.Circles = g.circles(s.gets)
	g.tally(a, s.gets)
	a.Steps = s.steps
	a.Certificate = &Certificate{Stages: s.stages, Capped: s.cap}
	a.claim(g)
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
