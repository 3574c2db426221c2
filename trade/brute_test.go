package trade

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
)

// outcome is what an arrangement is worth.
type outcome struct {
	weight, rank, cost int64
	people, trades     int
}

// better compares by a policy, independently of how the solver does.
func better(pol Policy, a, b outcome) int {
	w, p, r := cmp.Compare(b.weight, a.weight), cmp.Compare(b.people, a.people), cmp.Compare(a.rank, b.rank)
	switch {
	case pol.NonTradeCost > 0:
		return cmp.Or(cmp.Compare(a.cost, b.cost), p, w)
	case pol.Order == PeopleTradesRank:
		return cmp.Or(p, w, r)
	case pol.Order == TradesRankPeople:
		return cmp.Or(w, r, p)
	}
	return cmp.Or(w, p, r)
}

// exhaust tries every arrangement of a small problem and returns the best outcome. It knows nothing of graphs, prices
// or components: it gives each item in turn each thing that its list leads to, over dummies that have capacity left.
func exhaust(p *Problem, pol Policy) outcome {
	n := len(p.Items)
	left := make([]int32, n) // capacity left of dummies
	taken := make([]bool, n) // real items given away
	gets := make([]int32, n)
	for i, it := range p.Items {
		gets[i] = -1
		left[i] = max(1, it.Capacity)
	}
	var best outcome
	first := true
	judge := func(rank int64) {
		o := outcome{rank: rank}
		who := map[int32]bool{}
		for i, it := range p.Items {
			if it.Dummy {
				continue
			}
			w := int64(max(1, it.Weight))
			if gets[i] < 0 {
				if taken[i] {
					return
				}
				o.cost += w * pol.NonTradeCost
				continue
			}
			if !taken[i] {
				return
			}
			o.trades++
			o.weight += w
			who[it.Owner] = true
		}
		o.people = len(who)
		o.cost += rank
		if pol.MaxCircle > 0 {
			for i := range gets {
				if gets[i] < 0 {
					continue
				}
				length := 0
				for k := int32(i); ; {
					k = gets[k]
					length++
					if k == int32(i) {
						break
					}
				}
				if length > pol.MaxCircle {
					return
				}
			}
		}
		if first || better(pol, o, best) < 0 {
			best, first = o, false
		}
	}
	var place func(i int, rank int64)
	var walk func(i int, at int32, rank int64)
	place = func(i int, rank int64) {
		for i < n && p.Items[i].Dummy {
			i++
		}
		if i == n {
			judge(rank)
			return
		}
		place(i+1, rank)
		walk(i, int32(i), rank)
	}
	walk = func(i int, at int32, rank int64) {
		for _, w := range p.Items[at].Wants {
			r := rank + int64(w.Rank)
			for _, x := range p.Items[at].Wants { // of repeated wants the lowest rank counts
				if x.Item == w.Item {
					r = min(r, rank+int64(x.Rank))
				}
			}
			to := &p.Items[w.Item]
			switch {
			case w.Item == at:
			case to.Dummy:
				if left[w.Item] > 0 {
					left[w.Item]--
					walk(i, w.Item, r)
					left[w.Item]++
				}
			case taken[w.Item] || to.Owner == p.Items[i].Owner:
			case p.Region != nil && to.Refuses>>p.Region[p.Items[i].Owner]&1 == 1:
			case slices.Contains(p.Bans, Ban{to.Owner, p.Items[i].Owner}):
			default:
				taken[w.Item], gets[i] = true, w.Item
				place(i+1, r)
				taken[w.Item], gets[i] = false, -1
			}
		}
	}
	place(0, 0)
	return best
}

// randomProblem is a small problem with everything in it now and then.
func randomProblem(r *rand.Rand) *Problem {
	reals := 3 + r.IntN(6)
	dummies := r.IntN(1 + r.IntN(5))
	p := &Problem{Owners: 2 + r.IntN(reals-1)}
	if r.IntN(4) == 0 {
		p.Owners = reals
	}
	names := r.Perm(100)
	for i := range reals + dummies {
		it := Item{Name: fmt.Sprintf("N%02d", names[i]), Owner: int32(r.IntN(p.Owners))}
		if i >= reals {
			it.Dummy = true
			it.Capacity = int32(r.IntN(3))
		} else {
			if r.IntN(6) == 0 {
				it.Weight = int32(r.IntN(4))
			}
			if r.IntN(6) == 0 {
				it.Refuses = uint64(r.IntN(4))
			}
		}
		p.Items = append(p.Items, it)
	}
	if r.IntN(4) == 0 {
		for range p.Owners {
			p.Region = append(p.Region, uint8(r.IntN(2)))
		}
	}
	for range r.IntN(1 + r.IntN(3)) {
		p.Bans = append(p.Bans, Ban{int32(r.IntN(p.Owners)), int32(r.IntN(p.Owners))})
	}
	dense := 1 + r.IntN(4)
	span := 1 + r.IntN(9)
	for i := range p.Items {
		for range min(r.IntN(8), 1) * (1 + r.IntN(dense)) {
			j := int32(r.IntN(len(p.Items)))
			if r.IntN(3) == 0 { // some things are wanted by all
				j = int32(r.IntN(1 + len(p.Items)/3))
			}
			if p.Items[j].Dummy && p.Items[j].Owner != p.Items[i].Owner {
				continue
			}
			p.Items[i].Wants = append(p.Items[i].Wants, Want{j, int32(r.IntN(span))})
		}
	}
	if r.IntN(5) == 0 { // no dummies' ranks, as in the existing language
		for i := range p.Items {
			for k := range p.Items[i].Wants {
				if p.Items[i].Dummy {
					p.Items[i].Wants[k].Rank = 0
				}
			}
		}
	}
	return p
}

func outcomeOf(a *Answer) outcome {
	return outcome{a.Weight, a.RankTotal, a.Cost, a.People, a.Trades}
}
