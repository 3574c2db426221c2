package trade

import "context"

// pairs finds the most disjoint pairs in a graph: Edmonds' algorithm, which shrinks odd cycles (blossoms) to one node.
// It decides circles of two exactly, where no dummy is in them: an item is a node, a swap that both want an edge.
type pairs struct {
	next   [][]int32 // neighbours of each node
	mate   []int32   // -1: alone
	parent []int32   // of nodes met at odd distance from the root
	base   []int32   // of the blossom that a node is in
	even   []bool
	bloom  []bool
	mark   []int32
	round  int32
	steps  int64
}

// solve reports false if the budget ends it; the pairs found so far are disjoint in any case.
func (x *pairs) solve(ctx context.Context, budget int64) bool {
	n := len(x.next)
	x.mate, x.parent, x.base = make([]int32, n), make([]int32, n), make([]int32, n)
	x.even, x.bloom, x.mark = make([]bool, n), make([]bool, n), make([]int32, n)
	for v := range x.mate {
		x.mate[v] = -1
	}
	for v := range x.next {
		for _, w := range x.next[v] {
			if x.mate[v] < 0 && x.mate[w] < 0 {
				x.mate[v], x.mate[w] = w, int32(v)
			}
		}
	}
	for v := range int32(n) {
		if x.mate[v] >= 0 {
			continue
		}
		if x.steps > budget || ctx.Err() != nil {
			return false
		}
		for w := x.search(v); w >= 0; { // turn the path round
			p := x.parent[w]
			next := x.mate[p]
			x.mate[w], x.mate[p] = p, w
			w = next
		}
	}
	return true
}

// search grows a tree of alternating paths from root and returns the free node at the end of one, or -1.
func (x *pairs) search(root int32) int32 {
	for v := range x.base {
		x.base[v], x.parent[v], x.even[v] = int32(v), -1, false
	}
	x.steps += int64(len(x.base))
	x.even[root] = true
	queue := []int32{root}
	for at := 0; at < len(queue); at++ {
		v := queue[at]
		x.steps += int64(len(x.next[v]))
		for _, w := range x.next[v] {
			switch {
			case x.base[v] == x.base[w] || x.mate[v] == w:
			case w == root || x.mate[w] >= 0 && x.parent[x.mate[w]] >= 0:
				b := x.common(v, w)
				clear(x.bloom)
				x.shrink(v, b, w)
				x.shrink(w, b, v)
				for u := range x.base {
					if x.bloom[x.base[u]] {
						x.base[u] = b
						if !x.even[u] {
							x.even[u] = true
							queue = append(queue, int32(u))
						}
					}
				}
				x.steps += 2 * int64(len(x.base))
			case x.parent[w] < 0:
				x.parent[w] = v
				if x.mate[w] < 0 {
					return w
				}
				x.even[x.mate[w]] = true
				queue = append(queue, x.mate[w])
			}
		}
	}
	return -1
}

// common is the base of the nearest blossom that the paths from both nodes to the root share.
func (x *pairs) common(a, b int32) int32 {
	x.round++
	for {
		a = x.base[a]
		x.mark[a] = x.round
		if x.mate[a] < 0 {
			break
		}
		a = x.parent[x.mate[a]]
	}
	for {
		b = x.base[b]
		if x.mark[b] == x.round {
			return b
		}
		b = x.parent[x.mate[b]]
	}
}

// shrink marks the blossom on the path from v down to base b; child is the node beyond v on the other side.
func (x *pairs) shrink(v, b, child int32) {
	for x.base[v] != b {
		x.bloom[x.base[v]], x.bloom[x.base[x.mate[v]]] = true, true
		x.parent[v] = child
		child = x.mate[v]
		v = x.parent[child]
	}
}

// swaps solves the case of circles of two without dummies and weights. It returns the most items that trade and the
// circles of one such choice, or false if the case is another.
func (x *packing) swaps(ctx context.Context) (int64, []int32, bool) {
	if x.pol.MaxCircle != 2 || !x.complete {
		return 0, nil, false
	}
	m := pairs{next: make([][]int32, x.g.n)}
	ring := make(map[[2]int32]int32, len(x.circles))
	for c, r := range x.circles {
		if len(r.uses) != 2 || r.weight != 2 {
			return 0, nil, false
		}
		ring[[2]int32{r.uses[0], r.uses[1]}] = int32(c)
		m.next[r.uses[0]] = append(m.next[r.uses[0]], r.uses[1])
		m.next[r.uses[1]] = append(m.next[r.uses[1]], r.uses[0])
	}
	done := m.solve(ctx, max(x.budget, 1<<24))
	x.steps += m.steps
	if !done {
		return 0, nil, false
	}
	var chosen []int32
	for v, w := range m.mate {
		if int32(v) < w {
			chosen = append(chosen, ring[[2]int32{int32(v), w}])
		}
	}
	return int64(2 * len(chosen)), chosen, true
}
