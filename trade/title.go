package trade

import (
	"cmp"
	"fmt"
	"slices"
)

// Loose is a title of which an owner may still get several copies, because their lists name different copies of it.
type Loose struct{ Owner, Title int32 }

// OneOfEachTitle is the problem in which nobody gets two copies of a title: where an owner's lists name several copies, a
// dummy "one of these" takes their place. That is what people otherwise write by hand, so that they do not end up with
// three copies. Items keep their indices; the dummies are added after them and named after owner and title with a space
// in front, so that their names cannot be those of a want list's own.
//
// A list names the dummy at the lowest rank that it gave any of the copies, and a copy costs on top what it ranked lower,
// where all lists agree on that; where they do not, the copies count alike. Where the lists of an owner name different
// copies of one title there is no such dummy: these are returned, as they were.
func (p *Problem) OneOfEachTitle() (*Problem, []Loose, error) {
	if err := p.Validate(); err != nil {
		return nil, nil, err
	}
	// every want of a copy of a title that has one, by owner, title and list
	type wish struct {
		Loose
		list int32
		Want
	}
	var wishes []wish
	for i, it := range p.Items {
		for _, w := range it.Wants {
			if to := &p.Items[w.Item]; !to.Dummy && to.Title > 0 && to.Owner != it.Owner {
				wishes = append(wishes, wish{Loose{it.Owner, to.Title}, int32(i), w})
			}
		}
	}
	slices.SortFunc(wishes, func(a, b wish) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Title, b.Title), cmp.Compare(a.list, b.list), cmp.Compare(a.Item, b.Item), cmp.Compare(a.Rank, b.Rank))
	})
	wishes = slices.CompactFunc(wishes, func(a, b wish) bool { return a.Loose == b.Loose && a.list == b.list && a.Item == b.Item })

	q := *p
	q.Items = slices.Clone(p.Items)
	names := make(map[string]bool, len(p.Items))
	for _, it := range p.Items {
		names[it.Name] = true
	}
	first := map[int32]string{} // an owner is named after their first item, since numbers carry no meaning
	for _, it := range p.Items {
		if n, ok := first[it.Owner]; !ok || it.Name < n {
			first[it.Owner] = it.Name
		}
	}
	var loose []Loose
	for len(wishes) > 0 {
		n := 1
		for n < len(wishes) && wishes[n].Loose == wishes[0].Loose {
			n++
		}
		group := wishes[:n]
		wishes = wishes[n:]
		// Lists stand one after the other, each with the copies in order.
		size := 1
		for size < n && group[size].list == group[0].list {
			size++
		}
		several, alike := size > 1, n%size == 0
		for k := 1; k < n; k++ {
			if group[k].list == group[k-1].list {
				several = true
			}
			if alike && (group[k].Item != group[k%size].Item || group[k].list != group[k/size*size].list) {
				alike = false
			}
		}
		if !several {
			if !alike { // lists of one copy each, of different ones
				loose = append(loose, group[0].Loose)
			}
			continue
		}
		if !alike {
			loose = append(loose, group[0].Loose)
			continue
		}
		copyName := p.Items[group[0].Item].Name
		for _, w := range group {
			copyName = min(copyName, p.Items[w.Item].Name)
		}
		dummy := Item{Name: fmt.Sprintf(" one of %s for %s", copyName, first[group[0].Owner]), Owner: group[0].Owner, Dummy: true}
		if names[dummy.Name] {
			return nil, nil, fmt.Errorf("%w: an item is called %q", ErrProblem, dummy.Name)
		}
		names[dummy.Name] = true
		extra, same := make([]int32, size), true
		for k := 0; k < n; k += size {
			list := group[k : k+size]
			low := slices.MinFunc(list, func(a, b wish) int { return cmp.Compare(a.Rank, b.Rank) }).Rank
			for x, w := range list {
				if k == 0 {
					extra[x] = w.Rank - low
				}
				same = same && extra[x] == w.Rank-low
			}
			it := &q.Items[list[0].list]
			var wants []Want
			placed := false
			for _, w := range it.Wants {
				if to := &q.Items[w.Item]; to.Dummy || to.Title != group[0].Title || to.Owner == it.Owner {
					wants = append(wants, w)
				} else if !placed {
					wants = append(wants, Want{int32(len(q.Items)), low})
					placed = true
				}
			}
			it.Wants = wants
		}
		for x, w := range group[:size] {
			if !same {
				extra[x] = 0
			}
			dummy.Wants = append(dummy.Wants, Want{w.Item, extra[x]})
		}
		q.Items = append(q.Items, dummy)
	}
	return &q, loose, nil
}
