package trade

import (
	"cmp"
	"slices"
)

// part is a piece of the search for the later objectives that touches no other: fields joined by the people who have
// something undecided in them.
type part struct {
	f *field
	// who is, for each slot that may keep its own or trade it, its person (numbered within the part), else -1.
	// People who trade in any case are not counted and have no number.
	who    []int32
	owners []int32 // owner of each person
	count  []int32 // undecided items of each person
	first  []int32 // slots of person u: slots[first[u]:first[u+1]]
	slots  []int32
}

// partition joins fields into parts. sure[o] tells that owner o trades in any case.
func partition(fields []*field, owners int, sure []bool) []*part {
	head := make([]int32, len(fields))
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
	home := make([]int32, owners) // 1 + a field of each undecided owner
	for i, f := range fields {
		for k, own := range f.own {
			if o := f.owner[k]; own && f.weight[k] > 0 && !sure[o] {
				if home[o] == 0 {
					home[o] = int32(i) + 1
				}
				a, b := find(int32(i)), find(home[o]-1)
				head[max(a, b)] = min(a, b)
			}
		}
	}
	groups := make([][]*field, len(fields))
	for i, f := range fields {
		r := find(int32(i))
		groups[r] = append(groups[r], f)
	}
	var parts []*part
	for _, group := range groups {
		if len(group) > 0 {
			parts = append(parts, newPart(join(group), sure))
		}
	}
	slices.SortFunc(parts, func(a, b *part) int { return cmp.Compare(slices.Min(a.f.recv), slices.Min(b.f.recv)) })
	return parts
}

// join lays fields side by side.
func join(fields []*field) *field {
	if len(fields) == 1 {
		return fields[0]
	}
	slots, edges := 0, 0
	for _, f := range fields {
		slots += f.size()
		edges += len(f.to)
	}
	all := newField(slots, edges)
	for _, f := range fields {
		shift, base := int32(all.size()), int32(len(all.to))
		all.recv = append(all.recv, f.recv...)
		all.send = append(all.send, f.send...)
		all.own = append(all.own, f.own...)
		all.weight = append(all.weight, f.weight...)
		all.owner = append(all.owner, f.owner...)
		all.rank = append(all.rank, f.rank...)
		for _, s := range f.to {
			all.to = append(all.to, s+shift)
		}
		for _, e := range f.start[1:] {
			all.start = append(all.start, e+base)
		}
	}
	return all
}

func newPart(f *field, sure []bool) *part {
	p := &part{f: f, who: make([]int32, f.size())}
	number := map[int32]int32{}
	for k := range p.who {
		p.who[k] = -1
		if o := f.owner[k]; f.own[k] && f.weight[k] > 0 && !sure[o] {
			u, ok := number[o]
			if !ok {
				u = int32(len(p.owners))
				number[o] = u
				p.owners = append(p.owners, o)
				p.count = append(p.count, 0)
			}
			p.who[k] = u
			p.count[u]++
		}
	}
	p.first = make([]int32, len(p.owners)+1)
	for u, c := range p.count {
		p.first[u+1] = p.first[u] + c
	}
	p.slots = make([]int32, p.first[len(p.owners)])
	at := append([]int32(nil), p.first...)
	for k, u := range p.who {
		if u >= 0 {
			p.slots[at[u]] = int32(k)
			at[u]++
		}
	}
	return p
}

// stays tells whether slot k keeps its own in a solution.
func (f *field) stays(gets []int32, k int32) bool { return f.own[k] && gets[k] == f.to[f.start[k]] }

// trading counts the undecided items that each person trades, and the people who trade any.
func (p *part) trading(gets []int32, items []int32) (people int) {
	for u := range items {
		items[u] = 0
		for _, k := range p.slots[p.first[u]:p.first[u+1]] {
			if !p.f.stays(gets, k) {
				items[u]++
			}
		}
		if items[u] > 0 {
			people++
		}
	}
	return people
}

// total is the sum of the ranks and of the weight that stays at home.
func (f *field) total(gets []int32) (rank, untraded int64) {
	for k := range int32(len(gets)) {
		if f.stays(gets, k) {
			untraded += int64(f.weight[k])
			continue
		}
		rank += int64(f.rankOf(k, gets[k]))
	}
	return rank, untraded
}

// rankOf is the rank at which slot k receives s.
func (f *field) rankOf(k, s int32) int32 {
	for e, end := f.wants(k); e < end; e++ {
		if f.to[e] == s {
			return f.rank[e]
		}
	}
	return 0
}

// now is the present solution within the part, by slots; false if it leaves the part.
func (p *part) now(gets []int32) ([]int32, bool) {
	local := make([]int32, p.f.size())
	if !p.f.locate(gets, local) {
		return nil, false
	}
	return local, true
}

// locate finds the slots that the slots of the field receive from.
func (f *field) locate(gets, local []int32) bool {
	for k := range int32(len(local)) {
		e, end := f.start[k], f.start[k+1]
		for e < end && f.send[f.to[e]] != gets[f.recv[k]] {
			e++
		}
		if e == end {
			return false
		}
		local[k] = f.to[e]
	}
	return true
}
