package trade

import (
	"cmp"
	"context"
	"slices"
)

// scale is the fixed point of tolls and prices of the later objectives.
const scale = 1 << 12

// hunt closes in on one later objective in one part, from both sides.
//
// The side constraints ("at least need people trade", "no more weight than room stays at home") are not those of an
// assignment. They are replaced by tolls on keeping one's own, one for each person and one for weight (Lagrange
// multipliers); then what is left is an assignment problem, whose prices bound the objective from below for any tolls.
// Subgradient steps look for tolls that bound it well, and the matchings met on the way, mended, are good answers.
//
// Every objective is minimised: people are counted as those who do not trade.
type hunt struct {
	p         *part
	objective Objective
	limits

	m      *matching
	toll   []int64 // of each person, times scale
	weight int64   // of each unit of weight, times scale

	best  []int32 // who gets what in the best answer
	value int64   // its objective

	// The best bound so far, times scale, with its proof.
	bound    int64
	proof    proof
	budget   int64
	spent    int64
	progress func()

	// In a branch: what is fixed, and what that adds to the costs of keeping one's own and to the bound.
	fixed  []Fix
	force  int64
	bias   []int64 // by slot
	offset int64
	leaves []leaf  // if the part was searched by cases
	mixed  []int32 // by slot: in how many rounds it kept its own
	rounds int32

	step, slope []int64 // the direction of the tolls, times unitStep, and what the present matching says of it

	items []int32 // scratch: items that each person trades
	order []int32 // scratch: people by toll
}

const (
	unitStep = 16
	keepStep = 8 // of unitStep: how much of a step goes on in the next
)

// proof is a set of tolls with its prices.
type proof struct {
	u, v, toll []int64
	weight     int64
}

func newHunt(p *part, obj Objective, l limits, start []int32, budget int64) *hunt {
	h := &hunt{p: p, objective: obj, limits: l, m: newMatching(p.f), toll: make([]int64, len(p.owners)), bias: make([]int64, p.f.size()),
		best: slices.Clone(start), budget: budget, bound: -1 << 62, items: make([]int32, len(p.owners))}
	if obj == ObjectiveRank {
		h.m.mul = scale
	}
	h.value = h.measure(start)
	return h
}

// measure is the objective of an answer.
func (h *hunt) measure(gets []int32) int64 {
	if h.objective == ObjectivePeople {
		return int64(len(h.p.owners) - h.p.trading(gets, h.items))
	}
	rank, untraded := h.p.f.total(gets)
	if h.objective == ObjectiveTrades {
		return untraded
	}
	return rank
}

// keepCost is what slot k pays for its own at present tolls.
func (h *hunt) keepCost(k int32) int64 {
	w := int64(h.p.f.weight[k])
	c := h.weight * w
	if h.objective == ObjectiveTrades {
		c += scale * w
	}
	if u := h.p.who[k]; u >= 0 {
		c += h.toll[u]
	}
	return c + h.bias[k]
}

// run hunts until bound and value meet or the budget is spent.
func (h *hunt) run(ctx context.Context) error {
	p, m := h.p, h.m
	if h.objective == ObjectivePeople && h.fixed == nil {
		for u, n := range p.count {
			h.toll[u] = scale / int64(n)
		}
	}
	for k := range m.keep {
		m.keep[k] = h.keepCost(int32(k))
	}
	if err := m.solve(ctx); err != nil {
		return err
	}
	h.mixed = make([]int32, p.f.size())
	pace, stall := int64(1024), 0 // step length, of 1024
	h.step, h.slope = make([]int64, len(p.owners)), make([]int64, len(p.owners))
	for round := 0; ; round++ {
		bound, norm := h.weigh()
		h.rounds++
		for k := range h.mixed {
			if p.f.stays(m.gets, int32(k)) {
				h.mixed[k]++
			}
		}
		if bound > h.bound {
			if bound-h.bound > scale/64 {
				stall = 0
			}
			h.keepProof(bound)
		}
		if round < 4 || round%4 == 0 || bound == h.bound {
			h.offer()
		}
		if h.progress != nil {
			h.progress()
		}
		if h.closed() || norm == 0 || m.steps+h.spent > h.budget {
			return nil
		}
		if stall++; stall > 8 {
			stall, pace = 0, pace*7/10
			if pace < 8 {
				return nil
			}
		}
		gap := max(h.value*scale-bound, scale/8)
		length := pace * gap * unitStep * unitStep / norm // of 1024
		if err := h.move(ctx, length); err != nil {
			return err
		}
	}
}

// closed tells that no answer can be better than the best.
func (h *hunt) closed() bool { return ceilDiv(h.bound, scale) >= h.value }

// allowance is what the bound has besides the prices: what the tolls take for items that may stay.
func (h *hunt) allowance() int64 {
	sum := h.offset - h.weight*max(0, h.room)
	for u, n := range h.p.count {
		sum -= h.toll[u] * int64(n)
	}
	for _, u := range h.asked() {
		sum += h.toll[u]
	}
	return sum
}

// asked are the people of whom it is asked that they trade: everybody if people are the objective, otherwise as many as
// are needed, those with the lowest tolls (of these, those who trade now).
func (h *hunt) asked() []int32 {
	h.order = h.order[:0]
	for u := range h.toll {
		h.order = append(h.order, int32(u))
	}
	if h.objective != ObjectivePeople {
		slices.SortFunc(h.order, func(a, b int32) int {
			return cmp.Or(cmp.Compare(h.toll[a], h.toll[b]), cmp.Compare(min(1, h.items[b]), min(1, h.items[a])), cmp.Compare(a, b))
		})
		h.order = h.order[:h.need]
	}
	return h.order
}

// weigh computes the bound at present tolls and the direction in which the tolls should move: up for people who are
// missing, down for those who trade more than once, and on in the direction of the steps before (which keeps the steps
// from swinging to and fro). It returns the squared length of the direction, 0 if no direction can be better.
func (h *hunt) weigh() (bound, norm int64) {
	p, m := h.p, h.m
	p.trading(m.gets, h.items)
	bound = m.bound() + h.allowance()
	for u := range h.step {
		h.step[u] = h.step[u] * keepStep / unitStep
		h.slope[u] = -int64(h.items[u])
	}
	for _, u := range h.order {
		h.slope[u]++
	}
	flat := true
	for u, g := range h.slope {
		low, high := h.toll[u] == 0, h.objective == ObjectivePeople && h.toll[u] == scale
		if g < 0 && low || g > 0 && high {
			g = 0
		}
		flat = flat && g == 0
		h.step[u] += g * unitStep
		if h.step[u] < 0 && low || h.step[u] > 0 && high {
			h.step[u] = 0
		}
		norm += h.step[u] * h.step[u]
	}
	if h.room >= 0 {
		_, untraded := p.f.total(m.gets)
		if over := untraded - h.room; over > 0 || h.weight > 0 {
			norm += over * over * unitStep * unitStep
			flat = flat && over == 0
		}
	}
	if flat {
		return bound, 0
	}
	return bound, max(norm, 1)
}

// move takes a step (its length of 1024) and solves again from the present matching.
func (h *hunt) move(ctx context.Context, length int64) error {
	p, m := h.p, h.m
	var free []int32
	if h.room >= 0 {
		_, untraded := p.f.total(m.gets)
		h.weight = max(0, h.weight+(untraded-h.room)*length/1024)
	}
	for u, g := range h.step {
		if g != 0 {
			d := g * length / (1024 * unitStep)
			if d == 0 {
				d = max(-1, min(1, g))
			}
			h.toll[u] = max(0, h.toll[u]+d)
			if h.objective == ObjectivePeople {
				h.toll[u] = min(scale, h.toll[u])
			}
		}
	}
	for k := range m.keep {
		if k := int32(k); p.f.own[k] {
			if c := h.keepCost(k); c != m.keep[k] && m.setKeep(k, c) {
				free = append(free, k)
			}
		}
	}
	return m.finish(ctx, free)
}

func (h *hunt) keepProof(bound int64) {
	h.bound = bound
	h.proof.u = append(h.proof.u[:0], h.m.u...)
	h.proof.v = append(h.proof.v[:0], h.m.v...)
	h.proof.toll = append(h.proof.toll[:0], h.toll...)
	h.proof.weight = h.weight
}

// offer mends the present matching so that it keeps the side constraints, and keeps it if it is the best.
func (h *hunt) offer() {
	gets := slices.Clone(h.m.gets)
	mend := mender{h: h, gets: gets, goes: slices.Clone(h.m.goes)}
	if !mend.run() {
		return
	}
	if value := h.measure(gets); value < h.value {
		h.best, h.value = gets, value
	}
}

func ceilDiv(a, b int64) int64 {
	q := a / b
	if a%b > 0 {
		q++
	}
	return q
}
