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
	if c.closed = c.x.complete; c.closed {
		c.drop()
		c.search(ctx)
	}
	if c.closed {
		c.bound = c.value.weight
	}
	return ctx.Err()
}

// prices looks for prices of low sum that no circle exceeds (the dual of the packing), by subgradient steps towards
// the worth of a first choice.
func (c *choice) prices() {
	x := c.x
	var places []int32
	for _, r := range c.rings {
		places = append(places, x.circles[r].uses...)
	}
	slices.Sort(places)
	places = slices.Compact(places)
	at := make(map[int32]int32, len(places))
	for k, i := range places {
		c.price[i] = scale * int64(x.g.weight[i])
		at[i] = int32(k)
	}
	uses := make([][]int32, len(c.rings)) // as positions in places
	for n, r := range c.rings {
		for _, i := range x.circles[r].uses {
			uses[n] = append(uses[n], at[i])
		}
	}
	c.fill(c.rings)
	c.keep()
	c.empty()
	if !x.complete { // then they would bound nothing
		for _, i := range places {
			c.bound += c.price[i] * int64(c.left[i]) / scale
		}
		return
	}
	target := c.value.weight * scale

	price, kept := make([]int64, len(places)), make([]int64, len(places))
	slope, step := make([]int64, len(places)), make([]int64, len(places))
	for k, i := range places {
		price[k] = c.price[i]
	}
	best := int64(1) << 62
	pace, stop := int64(1024), c.budget-c.budget/3
	for stall := 0; c.budget > stop; {
		sum := int64(0)
		for k, i := range places {
			slope[k] = int64(c.left[i])
			sum += price[k] * slope[k]
		}
		for n, r := range c.rings {
			over := scale * x.circles[r].weight
			for _, k := range uses[n] {
				over -= price[k]
			}
			if over > 0 {
				sum += over
				for _, k := range uses[n] {
					slope[k]--
				}
			}
			c.budget -= int64(len(uses[n]))
		}
		if stall++; sum < best {
			if best-sum > scale/64 {
				stall = 0
			}
			best = sum
			copy(kept, price)
		} else if stall > 12 {
			stall, pace = 0, pace*3/4
			if pace < 8 {
				break
			}
		}
		norm := int64(0)
		for k, g := range slope {
			step[k] = step[k]/2 + g*unitStep
			if price[k] == 0 && step[k] > 0 {
				step[k] = 0
			}
			norm += step[k] * step[k]
		}
		if norm == 0 || sum <= target {
			break
		}
		length := pace * (sum - target) * unitStep / norm // of 1024
		for k, g := range step {
			price[k] = max(0, price[k]-g*length/1024)
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

// fill takes the circles of a list that fit, in order; empty gives all back.
func (c *choice) fill(list []int32) {
	for _, r := range list {
		if c.fits(r) {
			c.take(r, 1)
		}
	}
}

func (c *choice) empty() {
	for len(c.chosen) > 0 {
		c.take(c.chosen[len(c.chosen)-1], -1)
	}
}

func (c *choice) keep() {
	c.best = append(c.best[:0], c.chosen...)
	c.value = c.now
}

// improve starts from the better of two choices, that of prices and one of the circles that waste least by the prices,
// then forces circles in at random and fills up again, as long as that does not make it worse.
func (c *choice) improve(ctx context.Context) {
	x := c.x
	order := slices.Clone(c.rings)
	slices.SortStableFunc(order, func(a, b int32) int {
		ra, rb := &x.circles[a], &x.circles[b]
		return cmp.Or(cmp.Compare(c.excess(rb), c.excess(ra)), cmp.Compare(rb.weight, ra.weight), cmp.Compare(ra.rank, rb.rank), cmp.Compare(a, b))
	})
	c.fill(slices.DeleteFunc(slices.Clone(order), func(r int32) bool { return !c.start[r] }))
	c.fill(order)
	if x.pol.compare(c.now, c.value) < 0 {
		c.keep()
	} else {
		c.empty()
		c.fill(c.best)
	}
	random := x.pol.Seed
	stop := c.budget / 3
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
		c.empty()
		c.fill(before)
	}
	c.empty()
}

// drop takes out the circles that are in no choice as heavy as the best: the prices leave too little if one is taken.
func (c *choice) drop() {
	if c.x.pol.Order == PeopleTradesRank {
		return // a lighter choice may have more people
	}
	sum, counted := int64(0), map[int32]bool{}
	for _, r := range c.rings {
		for _, i := range c.x.circles[r].uses {
			if !counted[i] {
				counted[i] = true
				sum += c.price[i] * int64(c.left[i])
			}
		}
	}
	for _, r := range c.rings {
		if sum+c.excess(&c.x.circles[r]) < c.value.weight*scale {
			c.blocked[r]++
		}
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
				c.budget -= int64(len(x.circles[r].uses))
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
