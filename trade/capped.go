package trade

import (
	"cmp"
	"context"
	"slices"
)

// Circles of at most k items. This is NP-hard from three upwards, and not an assignment problem: the circles that are
// short enough are listed one by one, and a set of them is chosen that share nothing (set packing). Where everything is
// done, the choice is exact; where the work limit ends it, it is the best found, with a bound.

// packing is the list of all circles that are short enough, and the best choice among them.
type packing struct {
	g      *graph
	pol    Policy
	budget int64
	steps  int64

	// A hop leads from one real item to another, perhaps over dummies. Items are given by their first places.
	hops  [][]hop
	hopTo [][]int32 // items with a hop to this one

	path     []hop // of the ring that is being listed
	count    int   // hops
	circles  []ring
	complete bool      // all short circles are listed
	whole    int       // of the circles: those up to the length at which all were listed
	by       [][]int32 // circles that use each place (the first of an item)
}

type hop struct {
	to   int32
	rank int32
	via  []int32
}

// ring is a circle as a set: what it uses, what it is worth.
type ring struct {
	hops   []hop // the last leads back to the first item, lead
	lead   int32
	uses   []int32 // places, dummies too, sorted
	weight int64
	rank   int64
}

const (
	maxRings = 1 << 18
	maxHops  = 1 << 21
	maxRing  = 64 // longer ones are not listed
	maxVia   = 16 // dummies between two items
)

// list finds the circles, shortest first, until there are too many or the budget is spent.
func (x *packing) list(ctx context.Context, comp []int32) error {
	g := x.g
	x.complete = true
	x.hops, x.hopTo = make([][]hop, g.n), make([][]int32, g.n)
	var reals []int32
	for i := range int32(g.n) {
		if g.weight[i] > 0 {
			reals = append(reals, i)
			x.reach(i, i, comp, nil, 0)
			for _, h := range x.hops[i] {
				x.hopTo[h.to] = append(x.hopTo[h.to], i)
			}
		}
	}
	near := make([]int32, g.n) // hops from here back to the lead, at most; 0: too many
	longest := min(x.pol.MaxCircle, len(reals))
	if longest > maxRing {
		longest, x.complete = maxRing, false
	}
	for length := 2; length <= longest; length++ {
		for _, lead := range reals {
			if err := ctx.Err(); err != nil {
				return err
			}
			marked := []int32{lead}
			near[lead] = 1
			for at := 0; at < len(marked); at++ {
				d := near[marked[at]]
				if int(d) > length-1 {
					break
				}
				for _, i := range x.hopTo[marked[at]] {
					if i > lead && near[i] == 0 {
						near[i] = d + 1
						marked = append(marked, i)
					}
				}
				x.steps += int64(len(x.hopTo[marked[at]]))
			}
			x.extend(lead, lead, length, near)
			for _, i := range marked {
				near[i] = 0
			}
			if x.steps > x.budget || len(x.circles) >= maxRings {
				x.complete = false
				return nil
			}
		}
		x.whole = len(x.circles)
	}
	return nil
}

// reach adds the hops from item to whatever at leads to.
func (x *packing) reach(item, at int32, comp []int32, via []int32, rank int32) {
	g := x.g
	for e := g.start[at]; e < g.start[at+1]; e++ {
		to := g.to[e]
		x.steps++
		if comp[to] != comp[item] || to > 0 && g.item[to] == g.item[to-1] || to == item {
			continue // on no circle, or not the first place of a dummy
		}
		if x.steps > x.budget || x.count >= maxHops {
			x.complete = false
			return
		}
		if g.weight[to] > 0 {
			x.count++
			x.hops[item] = append(x.hops[item], hop{to, rank + g.rank[e], via})
			continue
		}
		if slices.Contains(via, to) {
			continue
		}
		if len(via) >= maxVia {
			x.complete = false
			continue
		}
		x.reach(item, to, comp, append(slices.Clip(via), to), rank+g.rank[e])
	}
}

// extend completes the ring from lead along x.path, which has come to at, in as many hops as are left.
func (x *packing) extend(lead, at int32, left int, near []int32) {
	for _, h := range x.hops[at] {
		if x.steps++; x.steps > x.budget || len(x.circles) >= maxRings {
			return
		}
		if left == 1 {
			if h.to == lead {
				x.add(lead, h)
			}
			continue
		}
		if h.to <= lead || near[h.to] == 0 || int(near[h.to]) > left || slices.ContainsFunc(x.path, func(o hop) bool { return o.to == h.to }) {
			continue
		}
		x.path = append(x.path, h)
		x.extend(lead, h.to, left-1, near)
		x.path = x.path[:len(x.path)-1]
	}
}

func (x *packing) add(lead int32, last hop) {
	r := ring{lead: lead, hops: append(slices.Clone(x.path), last)}
	for _, h := range r.hops {
		r.uses = append(r.uses, h.to)
		r.uses = append(r.uses, h.via...)
		r.weight += int64(x.g.weight[h.to])
		r.rank += int64(h.rank)
	}
	slices.Sort(r.uses)
	for k := 0; k < len(r.uses); {
		n := 1
		for k+n < len(r.uses) && r.uses[k+n] == r.uses[k] {
			n++
		}
		if n > x.places(r.uses[k]) {
			return
		}
		k += n
	}
	x.circles = append(x.circles, r)
}

// places is how often a place (the first of its item) can be used.
func (x *packing) places(i int32) int {
	n := int32(1)
	for int(i+n) < x.g.n && x.g.item[i+n] == x.g.item[i] {
		n++
	}
	return int(n)
}

// worth is what a choice of rings is worth, or may be worth at best.
type worth struct {
	weight, rank int64
	people       int
}

// compare is below 0 if a is better.
func (pol Policy) compare(a, b worth) int {
	w, p, r := cmp.Compare(b.weight, a.weight), cmp.Compare(b.people, a.people), cmp.Compare(a.rank, b.rank)
	switch pol.Order {
	case PeopleTradesRank:
		return cmp.Or(p, w, r)
	case TradesRankPeople:
		return cmp.Or(w, r, p)
	}
	return cmp.Or(w, p, r)
}

// capped solves the problem with a cap on circles. The first stage stays the proof that no arrangement at all trades
// more; what the search adds has no shorter proof than itself, so that its effort is written down for Verify to repeat.
func (s *solver) capped(ctx context.Context, comp []int32) error {
	if err := s.exact(ctx, step{objective: ObjectiveTrades, exact: true}); err != nil {
		return err
	}
	found, err := s.g.pack(ctx, s.opt.Policy, s.opt.Effort, comp)
	if err != nil {
		return err
	}
	gets := make([]int32, s.g.n)
	for i := range gets {
		gets[i] = int32(i)
	}
	found.arrange(gets)
	if !found.Closed {
		s.g.trim(s.fields, s.gets, s.opt.Policy, min(s.opt.Effort/8, trimEffort))
		if err := s.refill(ctx); err != nil {
			return err
		}
		rank, untraded, people := s.g.count(s.gets)
		other := worth{s.g.totalWeight() - untraded, rank, people}
		if s.opt.Policy.compare(other, found.value) < 0 {
			gets, found.value = s.gets, other
		}
	}
	s.gets = gets
	s.cap = &found.Capped
	s.steps += found.steps
	s.report(ObjectiveTrades, found.value.weight, found.Weight)
	return nil
}

// trimEffort is the most steps spent on cutting the circles of an arrangement without a cap.
const trimEffort = 1 << 26

// refill solves again for what a cut arrangement has left at home, and cuts again, until that brings nothing.
func (s *solver) refill(ctx context.Context) error {
	for range 16 {
		rest := s.g.rest(s.gets)
		fields, _ := prune(s.p, rest, s.opt.Seed)
		gets := make([]int32, rest.n)
		for i := range gets {
			gets[i] = int32(i)
		}
		for _, f := range fields {
			m := newMatching(f)
			var err error
			if m.costs(ObjectiveTrades, 0) {
				err = m.layers(ctx)
			} else {
				err = m.solve(ctx)
			}
			if err != nil {
				return err
			}
			for k, to := range m.gets {
				gets[f.recv[k]] = f.send[to]
			}
			s.steps += m.steps
		}
		rest.trim(fields, gets, s.opt.Policy, min(s.opt.Effort/64, trimEffort/8))
		gain := false
		for i, j := range gets {
			if int(j) != i {
				s.gets[i] = j
				gain = true
			}
		}
		if !gain {
			break
		}
	}
	return nil
}

// rest is the graph of the places that an arrangement leaves alone.
func (g *graph) rest(gets []int32) *graph {
	r := *g
	r.start, r.to, r.rank = make([]int32, g.n+1), nil, nil
	for i := range int32(g.n) {
		if gets[i] == i {
			for e := g.start[i]; e < g.start[i+1]; e++ {
				if j := g.to[e]; gets[j] == j {
					r.to, r.rank = append(r.to, j), append(r.rank, g.rank[e])
				}
			}
		}
		r.start[i+1] = int32(len(r.to))
	}
	return &r
}

// trim makes an arrangement with the most trades keep to the cap: first it cuts circles whatever the ranks become, which
// loses no trade, then it keeps of each circle that is still too long the longest part that one want closes.
func (g *graph) trim(fields []*field, gets []int32, pol Policy, budget int64) {
	x := g.shorten(fields, gets, pol.Seed, budget, true)
	for i := range int32(g.n) {
		if gets[i] != i && int(x.size[x.circle[i]]) > pol.MaxCircle {
			x.close(i, int64(pol.MaxCircle))
		}
	}
}

// close keeps of the circle of place i the longest part of at most most real places that one want closes.
func (x *shortener) close(i int32, most int64) {
	c := x.circle[i]
	var places []int32
	for k := i; ; {
		places = append(places, k)
		if k = x.gets[k]; k == i {
			break
		}
	}
	end, head, best := int32(-1), int32(-1), int64(0)
	for _, k := range places {
		f, slot := x.rows[k].f, x.rows[k].k
		if f == nil {
			continue
		}
		for e, stop := f.wants(slot); e < stop; e++ {
			t := f.send[f.to[e]]
			if x.circle[t] != c || t == x.gets[k] || x.gets[t] == t {
				continue
			}
			// t to k, closed by k receiving t
			n := x.between(x.goes[t], k)
			if t == k {
				n = 0
			}
			if n > best && n <= most {
				end, head, best = k, t, n
			}
		}
	}
	keep := map[int32]bool{}
	if end >= 0 {
		for k := head; ; k = x.gets[k] {
			keep[k] = true
			if k == end {
				break
			}
		}
	}
	for _, k := range places {
		if !keep[k] {
			x.gets[k], x.goes[k] = k, k
		}
	}
	if end >= 0 {
		x.gets[end], x.goes[head] = head, end
		x.label(head, c)
	}
}

// packed is the result of a search for circles of limited length.
type packed struct {
	Capped
	x      *packing
	chosen []int32
	value  worth
	steps  int64
}

func (g *graph) pack(ctx context.Context, pol Policy, effort int64, comp []int32) (*packed, error) {
	x := &packing{g: g, pol: pol, budget: effort / 8}
	if err := x.list(ctx, comp); err != nil {
		return nil, err
	}
	x.budget = max(x.budget, 1<<20)
	most, first, exact := x.swaps(ctx)
	if !x.complete && x.whole > 0 { // begin with the best choice among the lengths that are all there
		y := *x
		y.circles, y.complete = x.circles[:x.whole], true
		groups, err := y.choose(ctx, nil)
		if err != nil {
			return nil, err
		}
		for _, c := range groups {
			first = append(first, c.best...)
		}
	}
	groups, err := x.choose(ctx, first)
	if err != nil {
		return nil, err
	}
	r := &packed{x: x, steps: x.steps, Capped: Capped{Effort: effort, Closed: x.complete, Listed: x.complete}}
	for _, c := range groups {
		r.chosen = append(r.chosen, c.best...)
		r.value.weight += c.value.weight
		r.value.people += c.value.people
		r.value.rank += c.value.rank
		r.Weight += c.bound
		r.Closed = r.Closed && c.closed
	}
	if exact {
		r.Weight = min(r.Weight, most)
	}
	on := make([]bool, g.owners)
	for _, c := range x.circles {
		for _, i := range c.uses {
			if o := g.owner[i]; g.weight[i] > 0 && !on[o] {
				on[o] = true
				r.People++
			}
		}
	}
	if r.Closed {
		r.People, r.Rank = r.value.people, r.value.rank
	}
	return r, nil
}

// arrange writes the chosen circles down by places, the first free place of a dummy each time.
func (r *packed) arrange(gets []int32) {
	g := r.x.g
	used := make([]int32, g.n)
	for _, c := range r.chosen {
		at := r.x.circles[c].lead
		for _, h := range r.x.circles[c].hops {
			for _, d := range h.via {
				place := d + used[d]
				used[d]++
				gets[at] = place
				at = place
			}
			gets[at] = h.to
			at = h.to
		}
	}
}
