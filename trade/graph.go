package trade

import (
	"cmp"
	"fmt"
	"slices"
)

// graph is a problem as places and wants, in the order of names: every number that depends on how the problem was
// written down is gone. A place is an item, or one of the k of a dummy with capacity k.
// Place i may receive place to[e], at rank[e], for e in [start[i], start[i+1]). Forbidden, repeated and own wants are left out.
type graph struct {
	n      int
	item   []int32 // index in Problem.Items of each place
	first  []int32 // first place of each item
	owner  []int32 // owner of each place, numbered in the order of the names of their first items
	owners int
	weight []int32 // 0: a dummy
	start  []int32
	to     []int32
	rank   []int32
}

func newGraph(p *Problem) (*graph, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	order := make([]int32, len(p.Items))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(p.Items[a].Name, p.Items[b].Name) })
	n, wants := 0, 0
	for k, i := range order {
		it := &p.Items[i]
		if k > 0 && it.Name == p.Items[order[k-1]].Name {
			return nil, fmt.Errorf("%w: two items are called %q", ErrProblem, it.Name)
		}
		n += it.places()
		wants += it.places() * len(it.Wants)
	}
	g := &graph{n: n, item: make([]int32, 0, n), first: make([]int32, len(p.Items)), owner: make([]int32, n),
		weight: make([]int32, n), start: make([]int32, n+1), to: make([]int32, 0, wants), rank: make([]int32, 0, wants)}
	number := make([]int32, p.Owners)
	for _, i := range order {
		it := &p.Items[i]
		g.first[i] = int32(len(g.item))
		if number[it.Owner] == 0 {
			g.owners++
			number[it.Owner] = int32(g.owners)
		}
		for range it.places() {
			k := len(g.item)
			g.item = append(g.item, i)
			g.owner[k] = number[it.Owner] - 1
			g.weight[k] = int32(it.weight())
		}
	}
	banned := make(map[Ban]bool, len(p.Bans))
	for _, b := range p.Bans {
		banned[b] = true
	}
	at := make([]int32, len(p.Items)) // 1 + where the want of an item by the present place stands
	for i := range g.n {
		g.start[i] = int32(len(g.to))
		from := g.item[i]
		it := &p.Items[from]
		low := int32(len(g.to))
		for _, w := range it.Wants {
			if k := at[w.Item]; k > low {
				for k := k - 1; int(k) < len(g.to) && g.item[g.to[k]] == w.Item; k++ {
					g.rank[k] = min(g.rank[k], w.Rank)
				}
				continue
			}
			if w.Item == from || !p.mayReceive(it, &p.Items[w.Item], banned) {
				continue
			}
			at[w.Item] = int32(len(g.to)) + 1
			for k := range int32(p.Items[w.Item].places()) {
				g.to = append(g.to, g.first[w.Item]+k)
				g.rank = append(g.rank, w.Rank)
			}
		}
	}
	g.start[g.n] = int32(len(g.to))
	return g, nil
}

// mayReceive tells whether rules, not wishes, let the owner of it have what.
func (p *Problem) mayReceive(it, what *Item, banned map[Ban]bool) bool {
	switch {
	case what.Dummy:
		return true
	case what.Owner == it.Owner:
		return false
	case what.Refuses != 0 && p.Region != nil && what.Refuses>>p.Region[it.Owner]&1 == 1:
		return false
	}
	return len(banned) == 0 || !banned[Ban{what.Owner, it.Owner}]
}

// components finds the strongly connected components of n nodes whose arrows next lists (Tarjan's algorithm, without
// recursion). It returns the component of each node and their number. They are numbered against the arrows: an arrow
// never leads from a component to one with a higher number.
func components(n int, start []int32, next func(e int32) int32) ([]int32, int) {
	comp := make([]int32, n)
	num := make([]int32, n) // order of the first visit; 0: not visited
	low := make([]int32, n)
	edge := make([]int32, n) // next arrow to look at
	var path, stack []int32
	count, index := int32(0), int32(0)
	for i := range comp {
		comp[i] = -1
	}
	for root := range int32(n) {
		if num[root] != 0 {
			continue
		}
		visit := func(v int32) {
			index++
			num[v], low[v], edge[v] = index, index, start[v]
			path = append(path, v)
			stack = append(stack, v)
		}
		visit(root)
		for len(path) > 0 {
			v := path[len(path)-1]
			if e := edge[v]; e < start[v+1] {
				edge[v]++
				if w := next(e); w >= 0 && comp[w] < 0 {
					if num[w] == 0 {
						visit(w)
					} else {
						low[v] = min(low[v], num[w])
					}
				}
				continue
			}
			path = path[:len(path)-1]
			if len(path) > 0 {
				u := path[len(path)-1]
				low[u] = min(low[u], low[v])
			}
			if low[v] < num[v] {
				continue
			}
			for {
				w := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				comp[w] = count
				if w == v {
					break
				}
			}
			count++
		}
	}
	return comp, int(count)
}
