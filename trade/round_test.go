package trade

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
)

// shape of a generated round.
type shape struct {
	people, items, titles int
	wanted                float64 // mean number of titles that a person wants, per item offered
	share                 float64 // part of these that goes on each list
	snob                  float64 // spread of how much better than the item offered a wanted one must be
	tail                  float64 // how steeply popularity falls: the title at place k is wanted as 1/k^tail
}

// makeRound writes a round with long-tailed popularity: some people bring much, some titles are wanted by many and
// offered in several copies; for each title of several copies that somebody wants they have a dummy, "only one of these".
func makeRound(s shape, seed uint64) *Problem {
	r := rand.New(rand.NewPCG(seed, 1))
	p := &Problem{Owners: s.people}
	bring := make([]float64, s.people)
	total := 0.0
	for u := range bring {
		bring[u] = math.Exp(r.NormFloat64() * 0.9)
		total += bring[u]
	}
	value := make([]float64, s.titles)
	for t := range value {
		value[t] = r.Float64()
	}
	copies := make([][]int32, s.titles)
	var mine [][]int32 = make([][]int32, s.people)
	for u := range bring {
		n := max(1, int(bring[u]/total*float64(s.items)+0.5))
		for range n {
			// Common titles are the less valued ones.
			t := int(float64(s.titles) * math.Pow(r.Float64(), 1.3))
			i := int32(len(p.Items))
			p.Items = append(p.Items, Item{Owner: int32(u), Title: int32(t + 1)})
			mine[u] = append(mine[u], i)
			copies[t] = append(copies[t], i)
		}
	}
	for t := range copies {
		for k, i := range copies[t] {
			p.Items[i].Name = fmt.Sprintf("%05d-COPY%d", t, k+1)
		}
	}
	sort.Float64s(value)
	// popularity: cumulative weights over titles, heavy at the valued end
	cum := make([]float64, s.titles+1)
	for t := range value {
		cum[t+1] = cum[t] + math.Pow(float64(s.titles-t), -s.tail)
	}
	for u := range s.people {
		n := len(mine[u])
		want := int(s.wanted * float64(n) * math.Exp(r.NormFloat64()*0.5))
		want = min(max(want, 3), 40+s.titles/10)
		type wish struct {
			item  int32
			value float64
			like  float64
		}
		var wishes []wish
		got := map[int]bool{}
		for range want {
			x := r.Float64() * cum[s.titles]
			t := sort.SearchFloat64s(cum, x) - 1
			if t < 0 || got[t] || len(copies[t]) == 0 {
				continue
			}
			got[t] = true
			var theirs []int32
			for _, c := range copies[t] {
				if p.Items[c].Owner != int32(u) {
					theirs = append(theirs, c)
				}
			}
			w := wish{value: value[t], like: r.Float64() + value[t]}
			switch len(theirs) {
			case 0:
				continue
			case 1:
				w.item = theirs[0]
			default:
				w.item = int32(len(p.Items))
				d := Item{Name: fmt.Sprintf("%%%05d (%d)", t, u), Owner: int32(u), Dummy: true}
				for _, c := range theirs {
					d.Wants = append(d.Wants, Want{Item: c})
				}
				p.Items = append(p.Items, d)
			}
			wishes = append(wishes, w)
		}
		sort.Slice(wishes, func(a, b int) bool { return wishes[a].like > wishes[b].like })
		for _, i := range mine[u] {
			t := int(p.Items[i].Title - 1)
			rank := int32(1)
			for _, w := range wishes {
				if w.value > value[t]+s.snob*r.NormFloat64()+0.02 && r.Float64() < s.share {
					p.Items[i].Wants = append(p.Items[i].Wants, Want{w.item, rank})
					rank++
					if r.IntN(8) == 0 {
						rank += 9
					}
				}
			}
		}
	}
	return p
}

var (
	gen500   = shape{42, 482, 500, 4.5, 0.75, 3, 1.2}
	gen2000  = shape{139, 1906, 1900, 6, 0.75, 3, 1.25}
	gen10000 = shape{780, 9595, 9000, 10, 0.75, 3, 1.3}
	gen50000 = shape{4053, 47575, 45000, 14, 0.75, 3, 1.3}
	genLarge = shape{223, 2900, 2400, 120, 1.0, 0.15, 1.2}
)
