package trade

import (
	"cmp"
	"context"
	"slices"
)

// choice is the choosing of circles in one independent group of them.
type choice struct {
	x     *packing
	rings []int32 // circles of the group
	real  []int32 // real items in them (first places)

	price []int64 // by place, times scale: no circle is worth more than the prices of what it uses
	bound int64   // no choice weighs more

	start   []bool  // by circle: part of a good choice
	left    []int32 // how often each place can still be used
	blocked []int32 // by circle: how many of its places are used up
	cover   []int32 // by owner: items that trade
	now     worth
	chosen  []int32
	best    []int32
	value   worth
	any     bool
	closed  bool // every choice was weighed
	budget  int64
}

// choose finds the best set of circles, group by group.
// first lists circles that make a good choice to begin with, if one is known.
func (x *packing) choose(ctx context.Context, first []int32) (groups []*choice, err error) {
	g := x.g
	x.by = make([][]int32, g.n)
	head := make([]int32, g.n+g.owners)
	for i := range head {
		head[i] = int32(i)
	}
	find := func(i int32) int32 {
		for head[i] != i {
			head[i] = head[head[i]]
			i = head[i]
		}
		return i
	}
	for c, r := range x.circles {
		for k, i := range r.uses {
			if k == 0 || r.uses[k-1] != i {
				x.by[i] = append(x.by[i], int32(c))
			}
			to := i
			if g.weight[i] > 0 {
				to = int32(g.n) + g.owner[i]
			}
			for _, to := range []int32{to, r.uses[0]} {
				a, b := find(i), find(to)
				head[max(a, b)] = min(a, b)
			}
		}
	}
	number := map[int32]int{}
	for c, r := range x.circles {
		root := find(r.uses[0])
		n, ok := number[root]
		if !ok {
			n = len(groups)
			number[root] = n
			groups = append(groups, &choice{x: x})
		}
		groups[n].rings = append(groups[n].rings, int32(c))
	}
	left, cover := make([]int32, g.n), make([]int32, g.owners)
	for i := range left {
		left[i] = int32(x.places(int32(i)))
	}
	start := make([]bool, len(x.circles))
	for _, r := range first {
		start[r] = true
	}
	price, blocked := make([]int64, g.n), make([]int32, len(x.circles))
	err = each(len(groups), func(i int) error {
		c := groups[i]
		c.left, c.blocked, c.cover, c.price, c.start = left, blocked, cover, price, start
		c.budget = max(1<<16, x.budget*int64(len(c.rings))/int64(len(x.circles)))
		return c.run(ctx)
	})
	return groups, err
}

func (c *choice) run(ctx context.Context) error {
	for _, r := range c.rings {
		for _, h := range c.x.circles[r].hops {
			c.real = append(c.real, h.to)
		}
	}
	slices.Sort(c.real)
	c.real = slices.Compact(c.real)
	c.prices()
	c.improve(ctx)
	c.any = true
	c.closed = true
	c.search(ctx)
	if c.closed {
		c.bound = c.value.weight
	}
	return ctx.Err()
}

// prices looks for prices of low sum that no circle exceeds (the dual of the packing), by subgradient steps.
func (c *choice) prices() {
	x := c.x
	var places []int32
	for _, r := range c.rings {
		places = append(places, x.circles[r].uses...)
	}
	slices.Sort(places)
	places = slices.Compact(places)
	for _, i := range places {
		c.price[i] = scale * int64(x.g.weight[i])
	}
	best, use := int64(1)<<62, make(map[int32]int64, len(places))
	var kept []int64
	pace := int64(64)
	for round, stall := 0, 0; round < 300 && c.budget > 0; round++ {
		sum := int64(0)
		for _, i := range places {
			sum += c.price[i] * int64(c.left[i])
			use[i] = int64(c.left[i])
		}
		for _, r := range c.rings {
			ring := &x.circles[r]
			c.budget -= int64(len(ring.uses))
			if over := c.excess(ring); over > 0 {
				sum += over
				for _, i := range ring.uses {
					use[i]--
				}
			}
		}
		if sum < best {
			best, stall = sum, 0
			kept = kept[:0]
			for _, i := range places {
				kept = append(kept, c.price[i])
			}
		} else if stall++; stall > 10 {
			stall, pace = 0, pace*3/4
			if pace == 0 {
				break
			}
		}
		for _, i := range places {
			c.price[i] = max(0, c.price[i]-pace*max(-4, min(4, use[i])))
		}
	}
	c.bound = best / scale
	for k, i := range places {
		c.price[i] = kept[k]
	}
	// The search wants prices that no circle exceeds.
	for _, r := range c.rings {
		ring := &x.circles[r]
		if over := c.excess(ring); over > 0 {
			c.price[ring.lead] += over
		}
	}
}

// excess is by how much a circle is worth more than the prices of what it uses.
func (c *choice) excess(r *ring) int64 {
	sum := scale * r.weight
	for _, i := range r.uses {
		sum -= c.price[i]
	}
	return sum
}

func (c *choice) fits(r int32) bool {
	if c.blocked[r] > 0 {
		return false
	}
	uses := c.x.circles[r].uses
	for k := 1; k < len(uses); k++ { // a dummy that it passes twice
		if uses[k] == uses[k-1] && c.left[uses[k]] < 2 {
			return false
		}
	}
	return true
}

// take chooses a circle, or gives it back with by -1.
func (c *choice) take(r, by int32) {
	x := c.x
	ring := &x.circles[r]
	for _, i := range ring.uses {
		c.spend(i, by)
		if x.g.weight[i] > 0 {
			o := x.g.owner[i]
			if by > 0 && c.cover[o] == 0 {
				c.now.people++
			}
			c.cover[o] += by
			if by < 0 && c.cover[o] == 0 {
				c.now.people--
			}
		}
	}
	c.now.weight += int64(by) * ring.weight
	c.now.rank += int64(by) * ring.rank
	if by > 0 {
		c.chosen = append(c.chosen, r)
	} else if k := slices.Index(c.chosen, r); k >= 0 {
		c.chosen = slices.Delete(c.chosen, k, k+1)
	}
}

// spend uses a place once, or frees it with by -1.
func (c *choice) spend(i, by int32) {
	if by < 0 && c.left[i] == 0 || by > 0 && c.left[i] == 1 {
		for _, r := range c.x.by[i] {
			c.blocked[r] += by
		}
		c.budget -= int64(len(c.x.by[i]))
	}
	c.left[i] -= by
}

func (c *choice) keep() {
	c.best = append(c.best[:0], c.chosen...)
	c.value = c.now
}

// improve makes a first choice, the circles that waste least by the prices first, then forces circles in at random and
// fills up again, as long as that does not make it worse.
func (c *choice) improve(ctx context.Context) {
	x := c.x
	order := slices.Clone(c.rings)
	slices.SortStableFunc(order, func(a, b int32) int {
		ra, rb := &x.circles[a], &x.circles[b]
		return cmp.Or(cmp.Compare(c.excess(rb), c.excess(ra)), cmp.Compare(rb.weight, ra.weight), cmp.Compare(ra.rank, rb.rank), cmp.Compare(a, b))
	})
	for _, known := range []bool{true, false} {
		for _, r := range order {
			if c.start[r] == known && c.fits(r) {
				c.take(r, 1)
			}
		}
	}
	c.keep()
	random := x.pol.Seed
	stop := c.budget - c.budget/4
	for n := 0; n < 40*len(order) && c.budget > stop && ctx.Err() == nil; n++ {
		random += 0x9e3779b97f4a7c15
		r := order[mix(random)%uint64(len(order))]
		if slices.Contains(c.chosen, r) {
			continue
		}
		before := slices.Clone(c.chosen)
		uses := x.circles[r].uses
		var freed []int32
		for _, o := range before {
			c.budget -= 4
			if !c.fits(r) && slices.ContainsFunc(x.circles[o].uses, func(i int32) bool { return slices.Contains(uses, i) }) {
				c.take(o, -1)
				freed = append(freed, x.circles[o].uses...)
			}
		}
		if c.fits(r) {
			c.take(r, 1)
		}
		for _, i := range freed {
			for _, o := range x.by[i] {
				if c.fits(o) {
					c.take(o, 1)
				}
			}
			c.budget -= int64(len(x.by[i]))
		}
		if x.pol.compare(c.now, c.value) <= 0 {
			c.keep()
			continue
		}
		for _, o := range slices.Clone(c.chosen) {
			c.take(o, -1)
		}
		for _, o := range before {
			c.take(o, 1)
		}
	}
	for _, o := range slices.Clone(c.chosen) {
		c.take(o, -1)
	}
}

// search weighs every choice that could still be better than the best: it takes the item with the fewest circles left
// and tries each of them, then none.
func (c *choice) search(ctx context.Context) {
	x, g := c.x, c.x.g
	if c.budget < 0 || ctx.Err() != nil {
		c.closed = false
		return
	}
	// What may be reached from here: what the open items can count for, and what the prices leave.
	best := c.now
	open, priced := int64(0), int64(0)
	pick, fewest := int32(-1), 1<<30
	met := map[int32]bool{}
	counted := map[int32]bool{}
	for _, i := range c.real {
		if c.left[i] == 0 {
			continue
		}
		live := 0
		for _, r := range x.by[i] {
			c.budget--
			if c.fits(r) {
				live++
				for _, d := range x.circles[r].uses {
					if !counted[d] {
						counted[d] = true
						priced += c.price[d] * int64(c.left[d])
					}
				}
			}
		}
		if live == 0 {
			continue
		}
		open += int64(g.weight[i])
		if o := g.owner[i]; c.cover[o] == 0 && !met[o] {
			met[o] = true
			best.people++
		}
		if live < fewest {
			pick, fewest = i, live
		}
	}
	best.weight += min(open, priced/scale)
	if x.pol.compare(best, c.value) >= 0 {
		return
	}
	if pick < 0 {
		c.keep()
		return
	}
	for _, r := range x.by[pick] {
		if c.fits(r) {
			c.take(r, 1)
			c.search(ctx)
			c.take(r, -1)
		}
	}
	c.spend(pick, 1)
	c.search(ctx)
	c.spend(pick, -1)
}

// mix is the finaliser of splitmix64.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}
