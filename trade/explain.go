package trade

import "context"

// Why says why an item did not trade, or that it did.
type Why uint8

const (
	Traded       Why = iota
	WantsNothing     // its want list is empty, or names nothing that may come
	Unwanted         // nobody wants it, or nobody who wants it may have it
	Outside          // it stands outside every circle: no chain of wants leads from it back to it
	Better           // everyone who wants it got something that they ranked better
	Tied             // some other arrangement as good in the first objective contains it; people, ranks, cap or the seed decided
	Crowded          // it is in no arrangement that is best in the first objective: see Reason.Cost
)

func (w Why) String() string {
	return [...]string{"traded", "wants nothing that is offered", "nobody wants it", "outside every circle", "all who want it got something better",
		"in another arrangement with as many trades", "in no arrangement with the most trades", ""}[w&7]
}

// Reason explains one item.
type Reason struct {
	Item int32
	Why  Why
	// Always: the item trades in every arrangement that is best in the first objective (with the policy's cost, or the
	// most trades; circles of any length). Ever: in at least one.
	Always, Ever bool
	// Wanters are those who listed it (over dummies too), in the order of names, and what they got.
	Wanters []Wanter
	// Component is how many real items can share circles with this one, itself included; 0 if it is Outside.
	Component int
	// Reaches is how many real items its wants lead to, over any number of steps, and ReachedFrom how many lead to it.
	// If it is Outside, no item is in both sets.
	Reaches, ReachedFrom int
	// Cost is how much of the first objective (trades, by weight) is lost if this item must trade: 0 if Ever, -1 if it
	// cannot trade at all.
	Cost int64
}

// Wanter is an item for which an item was wanted, and how it went.
type Wanter struct {
	Item    int32
	Rank    int32 // rank of the want (the sum along dummies, the lowest if there are several ways)
	Got     int32 // what it got instead (or this item), or -1
	GotRank int32 // rank of what it got
}

// Explainer answers questions about an answer. It holds the analysis of the whole round and is not safe for
// concurrent use.
type Explainer struct {
	p    *Problem
	g    *graph
	gets []int32
	comp []int32
	real []int // real items of each component

	back, from []int32 // arrows turned round: place i is wanted by from[back[i]:back[i+1]]

	home  []int32 // field of each place, -1 none
	slot  []int32
	first []*matching // of each field: best in the first objective
	ever  []bool
	stay  []bool // may stay at home in some arrangement best in the first objective

	seen  []int32
	round int32
}

// Explain analyses a round and its answer.
func Explain(ctx context.Context, p *Problem, a *Answer) (*Explainer, error) {
	g, err := newGraph(p)
	if err != nil {
		return nil, err
	}
	gets, err := g.follow(p, a)
	if err != nil {
		return nil, err
	}
	fields, comp := prune(p, g, a.Policy.Seed)
	x := &Explainer{p: p, g: g, gets: gets, comp: comp, real: make([]int, g.n), home: make([]int32, g.n), slot: make([]int32, g.n),
		ever: make([]bool, g.n), stay: make([]bool, g.n), seen: make([]int32, g.n), first: make([]*matching, len(fields))}
	for i, c := range comp {
		if g.weight[i] > 0 {
			x.real[c]++
		}
		x.home[i], x.stay[i] = -1, true
	}
	x.turn()
	objective := a.Policy.plan()[0].objective
	err = each(len(fields), func(i int) error {
		m := newMatching(fields[i])
		x.first[i] = m
		var err error
		if m.costs(objective, a.Policy.NonTradeCost) {
			err = m.layers(ctx)
		} else {
			err = m.solve(ctx)
		}
		if err != nil {
			return err
		}
		for k, r := range m.f.recv {
			x.home[r], x.slot[r] = int32(i), int32(k)
			x.ever[r] = !m.f.stays(m.gets, int32(k))
			x.stay[r] = !x.ever[r]
		}
		for _, f := range newFace(g, m) {
			for k, r := range f.recv {
				x.ever[r] = true
				x.stay[r] = x.stay[r] || f.own[k]
			}
		}
		return nil
	})
	return x, err
}

// turn lays out the wants from the side of what is wanted.
func (x *Explainer) turn() {
	g := x.g
	x.back = make([]int32, g.n+1)
	x.from = make([]int32, len(g.to))
	for _, j := range g.to {
		x.back[j+1]++
	}
	for i := range g.n {
		x.back[i+1] += x.back[i]
	}
	at := append([]int32(nil), x.back...)
	for i := range int32(g.n) {
		for _, j := range g.to[g.start[i]:g.start[i+1]] {
			x.from[at[j]] = i
			at[j]++
		}
	}
}

// Item explains one item. Dummies are explained like items that nobody wants to count.
func (x *Explainer) Item(item int32) Reason {
	if item < 0 || int(item) >= len(x.p.Items) {
		return Reason{Item: item, Cost: -1}
	}
	g, i := x.g, x.g.first[item]
	r := Reason{Item: item, Cost: -1, Wanters: x.wanters(i)}
	r.Reaches = x.spread(i, g.start, g.to)
	r.ReachedFrom = x.spread(i, x.back, x.from)
	if h := x.home[i]; h >= 0 && x.real[x.comp[i]] > 1 {
		r.Component = x.real[x.comp[i]]
		r.Ever, r.Always = x.ever[i], !x.stay[i]
		r.Cost = 0
		if !r.Ever {
			r.Cost = x.force(x.first[h], x.slot[i])
		}
	}
	better := len(r.Wanters) > 0
	for _, w := range r.Wanters {
		better = better && w.Got >= 0 && w.GotRank < w.Rank
	}
	switch {
	case x.gets[i] != i:
		r.Why = Traded
	case g.start[i] == g.start[i+1]:
		r.Why = WantsNothing
	case len(r.Wanters) == 0:
		r.Why = Unwanted
	case r.Component == 0:
		r.Why = Outside
	case better:
		r.Why = Better
	case r.Ever:
		r.Why = Tied
	default:
		r.Why = Crowded
	}
	return r
}

// spread counts the real places that arrows lead to from place i, itself left out.
func (x *Explainer) spread(i int32, start, to []int32) (count int) {
	x.round++
	x.seen[i] = x.round
	queue := []int32{i}
	for n := 0; n < len(queue); n++ {
		k := queue[n]
		for _, j := range to[start[k]:start[k+1]] {
			if x.seen[j] != x.round {
				x.seen[j] = x.round
				queue = append(queue, j)
				if x.g.weight[j] > 0 {
					count++
				}
			}
		}
	}
	return count
}

// wanters walks back from place i over dummies to real items, by the lowest rank.
func (x *Explainer) wanters(i int32) []Wanter {
	g := x.g
	rank := map[int32]int32{i: 0} // of dummies, and of the item itself
	found := map[int32]int32{}
	for queue := []int32{i}; len(queue) > 0; queue = queue[1:] {
		j := queue[0]
		for _, k := range x.from[x.back[j]:x.back[j+1]] {
			r := rank[j] + x.rank(k, j)
			table := rank
			if g.weight[k] > 0 {
				table = found
			}
			if old, ok := table[k]; ok && old <= r {
				continue
			}
			table[k] = r
			if g.weight[k] == 0 {
				queue = append(queue, k)
			}
		}
	}
	var list []Wanter
	for k := range int32(g.n) {
		r, ok := found[k]
		if !ok || k == i {
			continue
		}
		w := Wanter{Item: g.item[k], Rank: r, Got: -1}
		if x.gets[k] != k {
			at := k
			for {
				w.GotRank += x.rank(at, x.gets[at])
				if at = x.gets[at]; g.weight[at] > 0 {
					break
				}
			}
			w.Got = g.item[at]
		}
		list = append(list, w)
	}
	return list
}

func (x *Explainer) rank(i, j int32) int32 {
	g := x.g
	for e := g.start[i]; e < g.start[i+1]; e++ {
		if g.to[e] == j {
			return g.rank[e]
		}
	}
	return 0
}

// force is what it costs that slot root, which stays in every best solution, trades: the shortest cycle through it by
// reduced costs.
func (x *Explainer) force(m *matching, root int32) int64 {
	f := m.f
	dist := make([]int64, f.size())
	for k := range dist {
		dist[k] = 1 << 62
	}
	least := int64(1) << 62
	var queue heap
	for k, d := root, int64(0); ; {
		for e := f.start[k]; e < f.start[k+1]; e++ {
			s := f.to[e]
			if s == m.gets[k] {
				continue
			}
			t := m.goes[s]
			nd := d + m.cost(k, e) - m.u[k] - m.v[s]
			if nd >= least || nd >= dist[t] {
				continue
			}
			dist[t] = nd
			if t == root {
				least = nd
				continue
			}
			queue.push(nd, t)
		}
		k = -1
		for len(queue.dist) > 0 && k < 0 {
			if dd, t := queue.pop(); dd == dist[t] {
				k, d = t, dd
			}
		}
		if k < 0 {
			break
		}
	}
	if least == 1<<62 {
		return -1
	}
	return least
}
