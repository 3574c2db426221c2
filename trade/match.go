package trade

import "context"

// matching is a solution of the assignment problem on a field, with prices. What slot k receives costs mul times its rank,
// and its own costs keep[k]. Prices u (of receiving) and v (of sending) satisfy u[k] + v[s] <= cost for every edge,
// with equality for the matched ones: that is what makes the matching a cheapest one, and proves it.
type matching struct {
	f    *field
	mul  int64
	keep []int64
	// Who goes with whom: sender of each receiver, receiver of each sender; -1 none.
	gets, goes []int32
	u, v       []int64
	steps      int64

	// Work space of the searches.
	dist  []int64
	seen  []int32
	round int32
	via   []int32
	edge  []int32
	done  []int32
	queue heap
}

func newMatching(f *field) *matching {
	n := f.size()
	m := &matching{f: f, keep: make([]int64, n), gets: make([]int32, n), goes: make([]int32, n), u: make([]int64, n), v: make([]int64, n),
		dist: make([]int64, n), seen: make([]int32, n), via: make([]int32, n), edge: make([]int32, n)}
	for k := range m.gets {
		m.gets[k], m.goes[k] = -1, -1
	}
	return m
}

// cost of edge e of slot k.
func (m *matching) cost(k, e int32) int64 {
	if e == m.f.start[k] && m.f.own[k] {
		return m.keep[k]
	}
	return m.mul * int64(m.f.rank[e])
}

// bound is the sum of the prices: no solution costs less.
func (m *matching) bound() int64 {
	sum := int64(0)
	for k := range m.u {
		sum += m.u[k] + m.v[k]
	}
	return sum
}

// heap is a binary heap of senders by distance, with stale entries left in place.
type heap struct {
	dist []int64
	slot []int32
}

func (h *heap) push(d int64, s int32) {
	h.dist, h.slot = append(h.dist, d), append(h.slot, s)
	i := len(h.dist) - 1
	for i > 0 {
		up := (i - 1) / 2
		if h.dist[up] <= d {
			break
		}
		h.dist[i], h.slot[i] = h.dist[up], h.slot[up]
		i = up
	}
	h.dist[i], h.slot[i] = d, s
}

func (h *heap) pop() (int64, int32) {
	d, s := h.dist[0], h.slot[0]
	n := len(h.dist) - 1
	ld, ls := h.dist[n], h.slot[n]
	h.dist, h.slot = h.dist[:n], h.slot[:n]
	if n == 0 {
		return d, s
	}
	i := 0
	for {
		c := 2*i + 1
		if c >= n {
			break
		}
		if c+1 < n && h.dist[c+1] < h.dist[c] {
			c++
		}
		if h.dist[c] >= ld {
			break
		}
		h.dist[i], h.slot[i] = h.dist[c], h.slot[c]
		i = c
	}
	h.dist[i], h.slot[i] = ld, ls
	return d, s
}

func (h *heap) reset() { h.dist, h.slot = h.dist[:0], h.slot[:0] }

// solve finds a cheapest matching from nothing.
func (m *matching) solve(ctx context.Context) error {
	f, n := m.f, int32(m.f.size())
	const none = int64(1) << 62
	for s := range m.v {
		m.v[s] = none
	}
	for k := range n {
		for e := f.start[k]; e < f.start[k+1]; e++ {
			s := f.to[e]
			m.v[s] = min(m.v[s], m.cost(k, e))
		}
	}
	free := make([]int32, n)
	for k := range n {
		low := none
		for e := f.start[k]; e < f.start[k+1]; e++ {
			low = min(low, m.cost(k, e)-m.v[f.to[e]])
		}
		m.u[k] = low
		m.gets[k], m.goes[k] = -1, -1
		free[k] = k
	}
	m.steps += 2 * int64(len(f.to))
	for range 2 {
		free = m.bid(free)
	}
	return m.finish(ctx, free)
}

// bid lets free receivers take their best offer at the price at which the second best is as good, even from others, who
// then bid in turn (the augmenting row reduction of Jonker and Volgenant). It returns those left over.
func (m *matching) bid(free []int32) []int32 {
	f := m.f
	const none = int64(1) << 62
	var left []int32
	limit := 4 * len(free)
	for len(free) > 0 {
		k := free[len(free)-1]
		free = free[:len(free)-1]
		first, second, best, next := none, none, int32(-1), int32(-1)
		for e := f.start[k]; e < f.start[k+1]; e++ {
			s := f.to[e]
			c := m.cost(k, e) - m.v[s]
			if c < first {
				first, second, best, next = c, first, s, best
			} else if c < second {
				second, next = c, s
			}
		}
		m.steps += int64(f.start[k+1] - f.start[k])
		m.u[k] = first
		old := m.goes[best]
		if first < second && second < none {
			m.v[best] -= second - first
			m.u[k] = second
		} else if old >= 0 && next >= 0 && m.goes[next] < 0 {
			best, old = next, -1
		}
		if first == second && old >= 0 {
			left = append(left, k)
			continue
		}
		m.gets[k], m.goes[best] = best, k
		if old >= 0 {
			m.gets[old] = -1
			if limit--; limit > 0 {
				free = append(free, old)
			} else {
				left = append(left, old)
			}
		}
	}
	return left
}

// finish matches the receivers that are left free, one after the other.
func (m *matching) finish(ctx context.Context, free []int32) error {
	for x, k := range free {
		if x%64 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		m.augment(k)
	}
	return nil
}

// setKeep changes what slot k pays for its own and mends the prices. It reports true if that leaves k unmatched.
func (m *matching) setKeep(k int32, cost int64) bool {
	f := m.f
	first := f.start[k]
	s := f.to[first]
	m.keep[k] = cost
	slack := cost - m.u[k] - m.v[s]
	if slack == 0 || slack > 0 && m.gets[k] != s {
		return false
	}
	if slack > 0 { // its own is matched and became dearer: raise its price as far as its wants allow
		room := slack
		for e := first + 1; e < f.start[k+1]; e++ {
			room = min(room, m.mul*int64(f.rank[e])-m.u[k]-m.v[f.to[e]])
		}
		m.steps += int64(f.start[k+1] - first)
		m.u[k] += room
		if room == slack {
			return false
		}
	} else {
		m.u[k] += slack
		if m.gets[k] == s {
			return false
		}
	}
	m.goes[m.gets[k]] = -1
	m.gets[k] = -1
	return true
}

// augment matches the free receiver root along a shortest path at present prices, and moves the prices so that they stay
// a proof. It reports false if there is no path, which cannot be where a perfect matching exists.
func (m *matching) augment(root int32) bool {
	f := m.f
	m.round++
	m.queue.reset()
	m.done = m.done[:0] // settled senders
	stack := m.edge[:0] // senders at the present distance, to be settled next
	last, end := int64(1)<<62, int32(-1)
	k, d := root, int64(0)
	for {
		e, stop := f.start[k], f.start[k+1]
		m.steps += int64(stop - e)
		base := d - m.u[k]
		for ; e < stop; e++ {
			s := f.to[e]
			nd := base + m.cost(k, e) - m.v[s]
			if nd >= last || m.seen[s] == m.round && nd >= m.dist[s] {
				continue
			}
			m.seen[s], m.dist[s], m.via[s] = m.round, nd, k
			switch {
			case m.goes[s] < 0:
				last, end = nd, s
			case nd == d:
				stack = append(stack, s)
			default:
				m.queue.push(nd, s)
			}
		}
		if last == d && end >= 0 {
			break
		}
		s := int32(-1)
		if n := len(stack); n > 0 {
			s = stack[n-1]
			stack = stack[:n-1]
		} else {
			for len(m.queue.dist) > 0 {
				if m.queue.dist[0] >= last {
					break
				}
				dd, x := m.queue.pop()
				if dd == m.dist[x] && dd >= d {
					s, d = x, dd
					break
				}
			}
			if s < 0 {
				break
			}
		}
		m.done = append(m.done, s)
		k = m.goes[s]
	}
	if end < 0 {
		return false
	}
	m.u[root] += last
	for _, s := range m.done {
		if gain := last - m.dist[s]; gain > 0 {
			m.v[s] -= gain
			m.u[m.goes[s]] += gain
		}
	}
	for s := end; ; {
		k := m.via[s]
		prev := m.gets[k]
		m.gets[k], m.goes[s] = s, k
		if k == root {
			return true
		}
		s = prev
	}
}
