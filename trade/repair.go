package trade

import (
	"context"
	"slices"
)

// Keep says what Repair leaves alone.
type Keep uint8

const (
	// KeepMost trades as much as is possible without the items that are gone and, among such answers, changes the
	// fewest wants that are used.
	KeepMost Keep = iota
	// KeepCircles leaves every circle alone that lost nothing, and makes the most of the rest.
	KeepCircles
)

// Repaired is a mended answer.
type Repaired struct {
	// Problem is what is left of the problem, and Answer the arrangement, counted against it, without certificate.
	Problem *Problem
	Answer  *Answer
	// Proof is the answer to Asked, the problem that was solved, with its certificate. With KeepMost the ranks of Asked
	// are 0 for the wants that were used before and 1 for others, so that the RankTotal of Proof counts changes. With
	// KeepCircles Asked has nothing that the kept circles use.
	Asked *Problem
	Proof *Answer
	// Changes, as indices of real items, in order.
	Changes Changes
}

// Changes tells what a repair did to the items that are not gone.
type Changes struct {
	Same    []int32 // get what they got before
	Other   []int32 // get something else
	Dropped []int32 // got something before and get nothing now
	Joined  []int32 // get something now and got nothing before
}

// Repair mends an answer after the owners of the items gone dropped out. Without a change in what is gone it returns
// what it was given. The effort and the progress of opt apply; its policy is that of the answer.
func Repair(ctx context.Context, p *Problem, old *Answer, gone []int32, keep Keep, opt Options) (*Repaired, error) {
	g, err := newGraph(p)
	if err != nil {
		return nil, err
	}
	before, err := g.follow(p, old)
	if err != nil {
		return nil, err
	}
	isGone := make([]bool, len(p.Items))
	for _, i := range gone {
		if i < 0 || int(i) >= len(p.Items) {
			return nil, wrong("no item %d", i)
		}
		isGone[i] = true
	}
	r := &Repaired{Problem: p.Without(gone)}
	var moves []Move
	opt.Policy = old.Policy
	if keep == KeepCircles {
		r.Asked = r.Problem.withoutCircles(old, isGone, &moves)
	} else {
		r.Asked = r.Problem.asChanges(g, before)
		opt.Policy.Order, opt.Policy.NonTradeCost = TradesRankPeople, 0
	}
	if r.Proof, err = Solve(ctx, r.Asked, opt); err != nil {
		return nil, err
	}
	for _, c := range r.Proof.Circles {
		moves = append(moves, c.Moves...)
	}
	if r.Answer, err = Arrange(r.Problem, old.Policy, moves); err != nil {
		return nil, err
	}
	r.Changes = changes(old, r.Answer, isGone)
	return r, nil
}

// asChanges is the problem with the ranks replaced: 0 for wants that were used before, 1 for others.
func (p *Problem) asChanges(g *graph, before []int32) *Problem {
	q := *p
	q.Items = slices.Clone(p.Items)
	for i := range q.Items {
		it := &q.Items[i]
		it.Wants = slices.Clone(it.Wants)
		for k := range it.Wants {
			w := &it.Wants[k]
			w.Rank = 1
			for x := range int32(it.places()) {
				if g.item[before[g.first[i]+x]] == w.Item && before[g.first[i]+x] != g.first[i]+x {
					w.Rank = 0
				}
			}
		}
	}
	return &q
}

// withoutCircles is the problem without what the circles use that lost nothing; their moves are added to kept.
func (p *Problem) withoutCircles(old *Answer, gone []bool, kept *[]Move) *Problem {
	used := make([]int32, len(p.Items))
	for _, c := range old.Circles {
		whole := true
		for _, m := range c.Moves {
			whole = whole && !gone[m.Item] && !slices.ContainsFunc(m.Via, func(d int32) bool { return gone[d] })
		}
		if !whole {
			continue
		}
		*kept = append(*kept, c.Moves...)
		for _, m := range c.Moves {
			used[m.Item]++
			for _, d := range m.Via {
				used[d]++
			}
		}
	}
	var out []int32
	for i := range p.Items {
		if int(used[i]) >= p.Items[i].places() {
			out = append(out, int32(i))
		}
	}
	q := p.Without(out)
	for i := range q.Items {
		if it := &q.Items[i]; it.Dummy && used[i] > 0 && int(used[i]) < it.places() {
			it.Capacity -= used[i]
		}
	}
	return q
}

func changes(old, now *Answer, gone []bool) (c Changes) {
	had, has := make([]int32, len(gone)), make([]int32, len(gone)) // 1 + what each gets
	for _, x := range old.Circles {
		for _, m := range x.Moves {
			had[m.Item] = m.Gets + 1
		}
	}
	for _, x := range now.Circles {
		for _, m := range x.Moves {
			has[m.Item] = m.Gets + 1
		}
	}
	for i := range gone {
		switch {
		case gone[i] || had[i] == 0 && has[i] == 0:
		case had[i] == has[i]:
			c.Same = append(c.Same, int32(i))
		case has[i] == 0:
			c.Dropped = append(c.Dropped, int32(i))
		case had[i] == 0:
			c.Joined = append(c.Joined, int32(i))
		default:
			c.Other = append(c.Other, int32(i))
		}
	}
	return c
}

// Without is the problem with items withdrawn: they keep their places, want nothing and are wanted by nobody.
func (p *Problem) Without(gone []int32) *Problem {
	out := make([]bool, len(p.Items))
	for _, i := range gone {
		if i >= 0 && int(i) < len(out) {
			out[i] = true
		}
	}
	q := *p
	q.Items = slices.Clone(p.Items)
	for i := range q.Items {
		it := &q.Items[i]
		if out[i] {
			it.Wants = nil
			continue
		}
		lost := func(w Want) bool { return w.Item >= 0 && int(w.Item) < len(out) && out[w.Item] }
		if slices.ContainsFunc(it.Wants, lost) {
			it.Wants = slices.DeleteFunc(slices.Clone(it.Wants), lost)
		}
	}
	return &q
}
