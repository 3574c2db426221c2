package trade

// newFace leaves of a field, once a cheapest matching with its prices is known, the wants that lie in at least one
// cheapest matching, and no others. These are the tight wants (whose prices add up to their cost) with both ends in one
// strongly connected component of the residual graph: exchange along any of its cycles leaves the cost as it is. All
// cheapest matchings of the field are the perfect matchings of its face, so a search in it can lose nothing.
//
// The result has one field for each component of more than one slot, a slot being a pair of the matching.
func newFace(g *graph, m *matching) []*field {
	f, n := m.f, m.f.size()
	start, to := make([]int32, n+1), make([]int32, 0, n)
	for k := range int32(n) {
		for e := f.start[k]; e < f.start[k+1]; e++ {
			if s := f.to[e]; s != m.gets[k] && m.tightAt(k, e) {
				to = append(to, m.goes[s])
			}
		}
		start[k+1] = int32(len(to))
	}
	m.steps += int64(len(f.to) + len(to))
	comp, count := components(n, start, func(e int32) int32 { return to[e] })
	members, first := bucket(comp, count)
	slot := make([]int32, n)
	var fields []*field
	for c := range count {
		list := members[first[c]:first[c+1]]
		if len(list) == 1 {
			continue
		}
		edges := len(list)
		for x, k := range list {
			slot[k] = int32(x)
			edges += int(start[k+1] - start[k])
		}
		sub := newField(len(list), edges)
		for _, k := range list {
			e := f.start[k]
			own := f.own[k] && m.tightAt(k, e) && comp[m.goes[f.to[e]]] == int32(c)
			sub.add(g, f.recv[k], f.send[m.gets[k]], own)
			for ; e < f.start[k+1]; e++ {
				if t := m.goes[f.to[e]]; comp[t] == int32(c) && m.tightAt(k, e) {
					sub.edge(slot[t], f.rank[e])
				}
			}
			sub.close()
		}
		fields = append(fields, sub)
	}
	return fields
}

// tightAt tells whether the prices of edge e of slot k add up to its cost.
func (m *matching) tightAt(k, e int32) bool { return m.cost(k, e) == m.u[k]+m.v[m.f.to[e]] }

// bucket sorts indices by their class: those of class c are list[first[c]:first[c+1]], in order.
func bucket(class []int32, count int) (list, first []int32) {
	first = make([]int32, count+1)
	for _, c := range class {
		first[c+1]++
	}
	for c := range count {
		first[c+1] += first[c]
	}
	at := append([]int32(nil), first...)
	list = make([]int32, len(class))
	for k, c := range class {
		list[at[c]] = int32(k)
		at[c]++
	}
	return list, first
}
