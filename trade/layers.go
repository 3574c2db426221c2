package trade

import "context"

// layers solves the assignment problem for the case that wants cost nothing and keeping one's own costs 0 or 1, where
// almost all prices are tied and augmenting one path at a time would search the same plateau again and again.
type layers struct {
	f      *field
	keep   []int32
	u      []int32 // price of receiving
	sender []sender
	gets   []int32
	level  []int32
	edge   []int32
	via    []int32
	queue  []int32
	steps  int64
}

// sender is a slot as it sends: its price, and the slot that it goes to, -1 if none. They are read together.
type sender struct{ v, goes int32 }

const far = 1<<31 - 1

// layers repeats: take as many paths along tight wants as there are, shortest first (Hopcroft and Karp); measure the
// distance at present prices from the unmatched receivers to the nearest unmatched sender; move the prices by it.
func (m *matching) layers(ctx context.Context) error {
	f, n := m.f, m.f.size()
	x := layers{f: f, keep: make([]int32, n), u: make([]int32, n), sender: make([]sender, n), gets: m.gets, level: make([]int32, n),
		edge: make([]int32, n), via: m.via}
	free := make([]int32, n)
	for k := range free {
		free[k] = int32(k)
		x.keep[k] = int32(m.keep[k])
		x.sender[k].goes = -1
	}
	for {
		free = x.tight(free)
		if len(free) == 0 {
			break
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		x.raise(free)
	}
	for k, s := range x.sender {
		m.u[k], m.v[k], m.goes[k] = int64(x.u[k]), int64(s.v), s.goes
	}
	m.steps += x.steps
	return nil
}

// raise moves the prices so that an unmatched sender comes within reach of the free receivers. Distances are small
// numbers, so a list for each takes the place of a heap.
func (x *layers) raise(free []int32) {
	f := x.f
	dist := x.edge // of each sender
	for s := range dist {
		dist[s] = far
	}
	nearest := int32(far)
	var near [][]int32
	relax := func(k, d int32) {
		e, end := f.start[k], f.start[k+1]
		x.steps += int64(end - e)
		base := d - x.u[k]
		if f.own[k] {
			base += x.keep[k] // only for the first
		}
		for first := f.own[k]; e < end; e++ {
			s := f.to[e]
			nd := base - x.sender[s].v
			if first {
				first = false
				base -= x.keep[k]
			}
			if nd >= dist[s] || nd > nearest {
				continue
			}
			dist[s] = nd
			if x.sender[s].goes < 0 {
				nearest = nd
				continue
			}
			for int(nd) >= len(near) {
				near = append(near, nil)
			}
			near[nd] = append(near[nd], s)
		}
	}
	for _, k := range free {
		relax(k, 0)
	}
	for d := int32(0); int(d) < len(near) && d < nearest; d++ {
		for n := 0; n < len(near[d]) && d < nearest; n++ {
			if s := near[d][n]; dist[s] == d {
				relax(x.sender[s].goes, d)
			}
		}
	}
	for _, k := range free {
		x.u[k] += nearest
	}
	for s, d := range dist {
		if d < nearest {
			x.sender[s].v -= nearest - d
			x.u[x.sender[s].goes] += nearest - d
		}
	}
}

// tight matches as many of the free receivers as it can along wants whose prices are tight, and returns the others.
func (x *layers) tight(free []int32) []int32 {
	f, level := x.f, x.level
	var path []int32
	for len(free) > 0 {
		for k := range level {
			level[k] = far
		}
		queue := append(x.queue[:0], free...)
		for _, k := range free {
			level[k] = 0
		}
		last := int32(far) // level from which an unmatched sender was seen
		for n := 0; n < len(queue); n++ {
			k := queue[n]
			next := level[k] + 1
			if next > last {
				break
			}
			u := x.u[k]
			row := f.to[f.start[k]:f.start[k+1]]
			x.steps += int64(len(row))
			if f.own[k] {
				if s := x.sender[row[0]]; u+s.v == x.keep[k] {
					if s.goes < 0 {
						last = next
					} else if level[s.goes] == far {
						level[s.goes] = next
						queue = append(queue, s.goes)
					}
				}
				row = row[1:]
			}
			for _, t := range row {
				if s := x.sender[t]; u+s.v == 0 {
					if s.goes < 0 {
						last = next
					} else if level[s.goes] == far {
						level[s.goes] = next
						queue = append(queue, s.goes)
					}
				}
			}
		}
		x.queue = queue
		if last == far {
			break
		}
		for _, k := range queue {
			x.edge[k] = f.start[k]
		}
		left := free[:0]
		for _, root := range free {
			path = append(path[:0], root)
			if !x.descend(&path, last) {
				left = append(left, root)
				continue
			}
			for _, k := range path {
				level[k] = far
				x.gets[k] = x.via[k]
				x.sender[x.via[k]].goes = k
			}
		}
		free = left
	}
	return free
}

// descend looks depth first for an unmatched sender, a level at each step, from the receiver that is alone on the path.
func (x *layers) descend(path *[]int32, last int32) bool {
	f, level := x.f, x.level
search:
	for len(*path) > 0 {
		k := (*path)[len(*path)-1]
		next := level[k] + 1
		u, end := x.u[k], f.start[k+1]
		own := x.edge[k] == f.start[k] && f.own[k]
		for e := x.edge[k]; e < end; e++ {
			t := f.to[e]
			s := x.sender[t]
			cost := int32(0)
			if own {
				cost, own = x.keep[k], false
			}
			if u+s.v != cost {
				continue
			}
			if s.goes < 0 {
				x.via[k], x.edge[k] = t, end
				return true
			}
			if next < last && level[s.goes] == next {
				x.via[k], x.edge[k] = t, e+1
				*path = append(*path, s.goes)
				continue search
			}
		}
		x.edge[k] = end
		level[k] = far
		*path = (*path)[:len(*path)-1]
	}
	return false
}
