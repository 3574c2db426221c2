package trade

// mender changes a matching along alternating cycles so that more people trade.
type mender struct {
	h          *hunt
	gets, goes []int32
	items      []int32 // items that each person trades
	people     int

	dist       []int64 // scratch of cheapest
	seen, from []int32
	round      int32
}

// run reports whether the matching keeps the side constraints now.
func (c *mender) run() bool {
	h, p := c.h, c.h.p
	c.items = make([]int32, len(p.owners))
	c.people = p.trading(c.gets, c.items)
	if h.objective == ObjectivePeople {
		c.free()
		return true
	}
	if short := h.must - c.people; short > 0 {
		if short > 8+h.must/16 {
			return false
		}
		for c.people < h.must {
			if !c.cheapest() {
				return false
			}
		}
	}
	if h.room >= 0 {
		if _, untraded := p.f.total(c.gets); untraded > h.have {
			return false
		}
	}
	return true
}

// last tells whether keeping its own at slot k would end its owner's trading.
func (c *mender) last(k int32) bool {
	u := c.h.p.who[k]
	return u >= 0 && c.items[u] == 1
}

// free brings in people who cost nobody their place. An idle item can trade at no cost exactly if it lies on a cycle of
// the residual graph without the arrows that would make somebody idle.
func (c *mender) free() {
	h, f := c.h, c.h.p.f
	n := f.size()
	from := make([]int32, n) // search: the slot that displaces this one
	seen := make([]int32, n)
	round := int32(0)
	var queue []int32
	for gained := true; gained; {
		gained = false
		h.spent += int64(len(f.to)) * 2
		// slot owning edge e is not known to components, so the arrows are laid out with the forbidden ones as -1.
		arrows := make([]int32, len(f.to))
		for k := range int32(n) {
			for e := f.start[k]; e < f.start[k+1]; e++ {
				arrows[e] = c.arrow(k, e)
			}
		}
		comp, count := components(n, f.start, func(e int32) int32 { return arrows[e] })
		size := make([]int32, count)
		for _, x := range comp {
			size[x]++
		}
		for u := range c.items {
			if c.items[u] > 0 {
				continue
			}
			for _, root := range h.p.slots[h.p.first[u]:h.p.first[u+1]] {
				if size[comp[root]] < 2 {
					continue
				}
				// breadth first from root back to root
				round++
				queue = append(queue[:0], root)
				found := false
				for x := 0; x < len(queue) && !found; x++ {
					k := queue[x]
					h.spent += int64(f.start[k+1] - f.start[k])
					for e := f.start[k]; e < f.start[k+1]; e++ {
						t := c.arrow(k, e)
						if t < 0 || seen[t] == round {
							continue
						}
						seen[t] = round
						from[t] = k
						if t == root {
							found = true
							break
						}
						queue = append(queue, t)
					}
				}
				if found && c.turn(root, from) {
					gained = true
					break
				}
			}
		}
	}
}

// arrow is the slot displaced if slot k took edge e, or -1 if it may not or does already.
func (c *mender) arrow(k, e int32) int32 {
	f := c.h.p.f
	s := f.to[e]
	if s == c.gets[k] || e == f.start[k] && f.own[k] && c.last(k) {
		return -1
	}
	return c.goes[s]
}

// turn moves along the cycle through root, and moves back if that does not bring people in.
func (c *mender) turn(root int32, from []int32) bool {
	var cycle, had []int32
	for t := root; ; {
		cycle = append(cycle, t)
		had = append(had, c.gets[t])
		t = from[t]
		if t == root {
			break
		}
	}
	for x := range cycle {
		k := cycle[(x+1)%len(cycle)] // displaces cycle[x]
		c.gets[k], c.goes[had[x]] = had[x], k
	}
	before := c.people
	c.people = c.h.p.trading(c.gets, c.items)
	if c.people > before {
		return true
	}
	for x, k := range cycle {
		c.gets[k], c.goes[had[x]] = had[x], k
	}
	c.people = c.h.p.trading(c.gets, c.items)
	return false
}

// cheapest brings in the person who costs least by the prices of the hunt's matching.
func (c *mender) cheapest() bool {
	h, f, m := c.h, c.h.p.f, c.h.m
	n := f.size()
	if c.dist == nil {
		c.dist, c.seen, c.from = make([]int64, n), make([]int32, n), make([]int32, n)
	}
	least, at := int64(1)<<62, int32(-1)
	var from []int32
	var queue heap
	for u := range c.items {
		if c.items[u] > 0 {
			continue
		}
		for _, root := range h.p.slots[h.p.first[u]:h.p.first[u+1]] {
			c.round++
			queue.reset()
			k, d := root, int64(0)
			for {
				h.spent += int64(f.start[k+1] - f.start[k])
				for e := f.start[k]; e < f.start[k+1]; e++ {
					t := c.arrow(k, e)
					if t < 0 {
						continue
					}
					nd := d + m.cost(k, e) - m.u[k] - m.v[f.to[e]]
					if nd >= least || c.seen[t] == c.round && nd >= c.dist[t] {
						continue
					}
					c.seen[t], c.dist[t], c.from[t] = c.round, nd, k
					if t == root {
						least, at = nd, root
						from = append(from[:0], c.from...)
						continue
					}
					queue.push(nd, t)
				}
				k = -1
				for len(queue.dist) > 0 && queue.dist[0] < least {
					if dd, x := queue.pop(); dd == c.dist[x] {
						k, d = x, dd
						break
					}
				}
				if k < 0 {
					break
				}
			}
			if h.spent+m.steps > h.budget {
				return false
			}
		}
	}
	return at >= 0 && c.turn(at, from)
}
