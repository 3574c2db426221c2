package trade

import (
	"context"
	"slices"
)

// leaf is one case of a part, with the best bound found for it.
type leaf struct {
	fixed []Fix
	force int64
	bound int64
	proof proof
}

const (
	maxLeaves    = 256     // cases of one part
	maxLeafSlots = 1 << 20 // slots of all its cases together: what their prices may take
)

// search hunts, and where the bound stays below the best, divides: one item stays, or it trades.
func (h *hunt) search(ctx context.Context) error {
	if err := h.run(ctx); err != nil || h.closed() {
		return err
	}
	if err := h.settleRanks(ctx); err != nil || h.closed() {
		return err
	}
	root := leaf{bound: h.bound, proof: h.proof}
	if err := h.divide(ctx, h); err != nil {
		return err
	}
	least := int64(1) << 62
	for _, l := range h.leaves {
		least = min(least, l.bound)
	}
	h.bound, h.proof = root.bound, root.proof
	if len(h.leaves) > 1 && ceilDiv(least, scale) > ceilDiv(h.bound, scale) {
		h.bound = least
	} else {
		h.leaves = nil
	}
	return nil
}

// settleRanks gives the best ranks to exactly the items that trade in the best answer: that is an assignment problem,
// and it keeps every side constraint.
func (h *hunt) settleRanks(ctx context.Context) error {
	if h.objective != ObjectiveRank {
		return nil
	}
	m := newMatching(h.p.f)
	m.mul = 1
	rank, _ := h.p.f.total(h.best)
	for k := range m.keep {
		if h.p.f.weight[k] > 0 {
			if m.keep[k] = rank + 1; h.p.f.stays(h.best, int32(k)) {
				m.keep[k] = -rank - 1
			}
		}
	}
	if err := m.solve(ctx); err != nil {
		return err
	}
	h.spent += m.steps
	if value := h.measure(m.gets); value < h.value {
		h.best, h.value = m.gets, value
	}
	return nil
}

// divide splits the case of c, unless it is settled or the work is done.
func (h *hunt) divide(ctx context.Context, c *hunt) error {
	k := int32(-1)
	if ceilDiv(c.bound, scale) < h.value && len(h.leaves) < maxLeaves && (len(h.leaves)+2)*h.p.f.size() < maxLeafSlots &&
		h.m.steps+h.spent < h.budget {
		k = c.fork()
	}
	if k < 0 {
		h.leaves = append(h.leaves, leaf{c.fixed, c.force, c.bound, c.proof})
		return nil
	}
	for _, stay := range []bool{true, false} {
		n := newHunt(h.p, h.objective, h.limits, h.best, h.budget-h.spent-h.m.steps)
		copy(n.toll, c.proof.toll)
		n.weight = c.proof.weight
		n.fixed = append(slices.Clip(c.fixed), Fix{h.p.f.recv[k], stay})
		n.force = max(c.force, 4*scale*(h.value+2))
		n.assumeFixed()
		if err := n.run(ctx); err != nil {
			return err
		}
		h.spent += n.m.steps + n.spent
		if n.value < h.value {
			h.value, h.best = n.value, n.best
		}
		n.m = nil
		if err := h.divide(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// fork chooses the item on which the rounds of the hunt agreed least, -1 if all are fixed.
func (h *hunt) fork() int32 {
	best, most := int32(-1), int32(-1)
	for k, own := range h.p.f.own {
		if !own || h.p.f.weight[k] == 0 || h.bias[k] != 0 {
			continue
		}
		if score := min(h.mixed[k], h.rounds-h.mixed[k]); score > most {
			best, most = int32(k), score
		}
	}
	return best
}

// assumeFixed sets what the fixed items add: breaking one costs force.
func (h *hunt) assumeFixed() bool {
	clear(h.bias)
	h.offset = 0
	for _, f := range h.fixed {
		k := slices.Index(h.p.f.recv, f.Place)
		if k < 0 || !h.p.f.own[k] || h.bias[k] != 0 {
			return false
		}
		if f.Stay {
			h.bias[k], h.offset = -h.force, h.offset+h.force
		} else {
			h.bias[k] = h.force
		}
	}
	return true
}

// branch writes a case down. Places and owners are in their order, which does not depend on how the part was found.
func (l *leaf) branch(part int, h *hunt) Branch {
	b := Branch{Part: int32(part), Fixed: l.fixed, Force: l.force, WeightToll: l.proof.weight}
	recv, send, owners := h.p.sorted()
	for _, k := range recv {
		b.Receive = append(b.Receive, l.proof.u[k])
	}
	for _, k := range send {
		b.Send = append(b.Send, l.proof.v[k])
	}
	for _, u := range owners {
		b.Toll = append(b.Toll, l.proof.toll[u])
	}
	return b
}

// sorted lists slots by receiving place and by sending place, and people by owner.
func (p *part) sorted() (recv, send, owners []int32) {
	by := func(key []int32) []int32 {
		list := make([]int32, len(key))
		for k := range list {
			list[k] = int32(k)
		}
		slices.SortFunc(list, func(a, b int32) int { return int(key[a]) - int(key[b]) })
		return list
	}
	return by(p.f.recv), by(p.f.send), by(p.owners)
}

// assume takes over the case that a branch states.
func (h *hunt) assume(b *Branch, receive, send []int64) error {
	recv, sender, owners := h.p.sorted()
	if len(b.Receive) != len(recv) || len(b.Send) != len(sender) || len(b.Toll) != len(owners) {
		return wrong("a case of part %d has the wrong size", b.Part)
	}
	h.fixed, h.force, h.weight = b.Fixed, b.Force, b.WeightToll
	if limit := int64(1) << 50; h.force < 0 || h.force > limit || !h.assumeFixed() {
		return wrong("a case of part %d fixes what cannot be fixed", b.Part)
	}
	inRange := func(v int64) bool { return v > -1<<58/int64(len(recv)+1) && v < 1<<58/int64(len(recv)+1) }
	for x, k := range recv {
		if receive[h.p.f.recv[k]] = b.Receive[x]; !inRange(b.Receive[x]) {
			return wrong("a price is out of range")
		}
	}
	for x, k := range sender {
		if send[h.p.f.send[k]] = b.Send[x]; !inRange(b.Send[x]) {
			return wrong("a price is out of range")
		}
	}
	for x, u := range owners {
		h.toll[u] = b.Toll[x]
	}
	return nil
}

// covered checks that the cases are all leaves of one tree: from depth on they split on the same item, both ways.
func (p *part) covered(g *graph, cases []Branch, depth int) error {
	if len(cases) == 1 && len(cases[0].Fixed) == depth {
		return nil
	}
	var halves [2][]Branch
	for _, b := range cases {
		if len(b.Fixed) <= depth || b.Fixed[depth].Place != cases[0].Fixed[depth].Place {
			return wrong("the cases of part %d do not make a tree", b.Part)
		}
		half := 0
		if b.Fixed[depth].Stay {
			half = 1
		}
		halves[half] = append(halves[half], b)
	}
	for _, half := range halves {
		if len(half) == 0 {
			return wrong("a case of part %d is missing", cases[0].Part)
		}
		if err := p.covered(g, half, depth+1); err != nil {
			return err
		}
	}
	return nil
}
