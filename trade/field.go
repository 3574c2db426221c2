package trade

import (
	"cmp"
	"slices"
)

// field is a part of the graph in which every want can be of use, laid out for the solvers.
//
// It is an assignment of slots to slots: slot k is the pair of a place that receives, recv[k], and a place that sends,
// send[k]. At first both are the same place; on the face of a solution, where the two sides of a place can belong to
// different components, they are a pair of the solution. Slot k may receive from slots to[e], for e in
// [start[k], start[k+1]). If own[k], the first of these means that the place keeps its own.
type field struct {
	recv, send []int32
	start, to  []int32
	rank       []int32
	own        []bool
	weight     []int32 // of recv[k]; 0: a dummy
	owner      []int32 // of recv[k]
}

func (f *field) size() int { return len(f.recv) }

// edges of slot k that are not its own.
func (f *field) wants(k int32) (from, to int32) {
	from = f.start[k]
	if f.own[k] {
		from++
	}
	return from, f.start[k+1]
}

// prune leaves the places that lie on circles, and the wants within one strongly connected component: no other want can
// be part of a circle. The result is one field for each component; each has the order of a hash of seed and name, which
// is the tie-break. comp gives the component of each place, numbered against the arrows.
func prune(p *Problem, g *graph, seed uint64) (fields []*field, comp []int32) {
	comp, count := components(g.n, g.start, func(e int32) int32 { return g.to[e] })
	size := make([]int32, count)
	for _, c := range comp {
		size[c]++
	}
	type key struct {
		hash  uint64
		place int32
	}
	members := make([][]key, count)
	for i, c := range comp {
		if size[c] > 1 {
			members[c] = append(members[c], key{hashName(seed, p.Items[g.item[i]].Name), int32(i)})
		}
	}
	slot := make([]int32, g.n)
	for c := range members {
		m := members[c]
		if len(m) == 0 {
			continue
		}
		slices.SortFunc(m, func(a, b key) int {
			return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.place, b.place))
		})
		edges, real := len(m), false
		for k, x := range m {
			slot[x.place] = int32(k)
			real = real || g.weight[x.place] > 0
			for e := g.start[x.place]; e < g.start[x.place+1]; e++ {
				if comp[g.to[e]] == int32(c) {
					edges++
				}
			}
		}
		if !real {
			continue
		}
		f := newField(len(m), edges)
		for _, x := range m {
			f.add(g, x.place, x.place, true)
			f.edge(int32(f.size()-1), 0)
			for e := g.start[x.place]; e < g.start[x.place+1]; e++ {
				if j := g.to[e]; comp[j] == int32(c) {
					f.edge(slot[j], g.rank[e])
				}
			}
			f.close()
		}
		fields = append(fields, f)
	}
	return fields, comp
}

func newField(slots, edges int) *field {
	f := &field{recv: make([]int32, 0, slots), send: make([]int32, 0, slots), start: make([]int32, 1, slots+1),
		to: make([]int32, 0, edges), rank: make([]int32, 0, edges), own: make([]bool, 0, slots),
		weight: make([]int32, 0, slots), owner: make([]int32, 0, slots)}
	return f
}

// add begins a slot, edge adds a want to it (its own first), close ends it.
func (f *field) add(g *graph, recv, send int32, own bool) {
	f.recv = append(f.recv, recv)
	f.send = append(f.send, send)
	f.own = append(f.own, own)
	f.weight = append(f.weight, g.weight[recv])
	f.owner = append(f.owner, g.owner[recv])
}

func (f *field) edge(to, rank int32) {
	f.to = append(f.to, to)
	f.rank = append(f.rank, rank)
}

func (f *field) close() { f.start = append(f.start, int32(len(f.to))) }

// hashName is FNV-1a over the seed and the name, then mixed so that neighbours part.
func hashName(seed uint64, name string) uint64 {
	h := uint64(14695981039346656037)
	for range 8 {
		h = (h ^ seed&0xff) * 1099511628211
		seed >>= 8
	}
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	h ^= h >> 30
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 27
	h *= 0x94d049bb133111eb
	return h ^ h>>31
}
