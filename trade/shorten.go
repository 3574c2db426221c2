package trade

// shortener cuts circles into shorter ones where that changes nothing else: two places of one circle that may take each
// other's at the same ranks together part it in two. It lowers the sum of the squared lengths, first greedily, then by
// joining two circles at a random place and cutting again, as long as that is no worse. This is the last objective; it
// is searched, not proven.
type shortener struct {
	g          *graph
	gets, goes []int32
	rows       []row   // of each place: what it may receive
	circle     []int32 // of each place that moves
	at         []int32 // position in its circle
	reals      []int32 // real places of its circle before it
	size       []int32 // of each circle, in real places
	budget     int64
	any        bool // whatever the ranks become
}

type row struct {
	f *field
	k int32
}

// shorten changes gets. The wants that may be used are those of the fields, with any, whatever their ranks.
func (g *graph) shorten(fields []*field, gets []int32, seed uint64, budget int64, any bool) *shortener {
	x := &shortener{g: g, gets: gets, goes: make([]int32, g.n), rows: make([]row, g.n), circle: make([]int32, g.n),
		at: make([]int32, g.n), reals: make([]int32, g.n), budget: budget, any: any}
	for _, f := range fields {
		for k, i := range f.recv {
			x.rows[i] = row{f, int32(k)}
		}
	}
	var moving []int32
	for i, j := range gets {
		x.goes[j] = int32(i)
		x.circle[i] = -1
	}
	for i := range int32(g.n) {
		if gets[i] != i && x.circle[i] < 0 {
			x.size = append(x.size, 0)
			x.label(i, int32(len(x.size)-1))
		}
		if gets[i] != i && x.rows[i].f != nil {
			moving = append(moving, i)
		}
	}
	for _, i := range moving {
		x.cutAt(i)
	}
	if len(moving) == 0 {
		return x
	}
	for tries := 64 * len(moving); tries > 0 && x.budget > 0; tries-- {
		x.budget -= 8
		seed += 0x9e3779b97f4a7c15
		r := mix(seed)
		i := moving[r%uint64(len(moving))]
		if gets[i] != i {
			x.rejoin(i, r>>32)
		}
	}
	return x
}

// label walks the circle of place i and gives it the number c. Dummies that are left alone go out of use.
func (x *shortener) label(i, c int32) {
	n, reals := int32(0), int32(0)
	for k := i; ; {
		x.circle[k], x.at[k], x.reals[k] = c, n, reals
		n++
		if x.g.weight[k] > 0 {
			reals++
		}
		if k = x.gets[k]; k == i {
			break
		}
	}
	x.budget -= int64(n)
	x.size[c] = reals
	if reals == 0 {
		for k := i; x.gets[k] != k; {
			next := x.gets[k]
			x.gets[k], x.goes[k] = k, k
			k = next
		}
	}
}

// rankTo is the rank at which place i may receive place j, -1 if it may not.
func (x *shortener) rankTo(i, j int32) int64 {
	f, k := x.rows[i].f, x.rows[i].k
	if f == nil {
		return -1
	}
	e, end := f.wants(k)
	x.budget -= int64(end - e)
	for ; e < end; e++ {
		if f.send[f.to[e]] == j {
			return int64(f.rank[e])
		}
	}
	return -1
}

// swaps calls yield for every place j with which i could exchange what they get, for the same ranks together.
func (x *shortener) swaps(i int32, yield func(j int32) bool) {
	f, k := x.rows[i].f, x.rows[i].k
	now := x.rankTo(i, x.gets[i])
	if now < 0 {
		return
	}
	e, end := f.wants(k)
	for ; e < end; e++ {
		t := f.send[f.to[e]]
		j := x.goes[t]
		if j == i || j == t {
			continue
		}
		back := x.rankTo(j, x.gets[i])
		if back >= 0 && (x.any || back+int64(f.rank[e]) == now+x.rankTo(j, t)) && !yield(j) {
			return
		}
	}
}

func (x *shortener) swap(i, j int32) {
	x.gets[i], x.gets[j] = x.gets[j], x.gets[i]
	x.goes[x.gets[i]], x.goes[x.gets[j]] = i, j
}

// between is how many real places lie behind i up to j in their circle.
func (x *shortener) between(i, j int32) int64 {
	behind := func(k int32) int32 {
		n := x.reals[k]
		if x.g.weight[k] > 0 {
			n++
		}
		return n
	}
	n := behind(j) - behind(i)
	if n < 0 || n == 0 && x.at[j] < x.at[i] {
		n += x.size[x.circle[i]]
	}
	return int64(n)
}

// cutAt parts the circle of i as well as it can, as long as it can.
func (x *shortener) cutAt(i int32) {
	for x.gets[i] != i {
		best, gain := int32(-1), int64(0)
		n := int64(x.size[x.circle[i]])
		x.swaps(i, func(j int32) bool {
			if x.circle[j] == x.circle[i] {
				a := x.between(i, j)
				if g := a * (n - a); g > gain {
					best, gain = j, g
				}
			}
			return true
		})
		if best < 0 {
			return
		}
		x.swap(i, best)
		x.size = append(x.size, 0)
		c := x.circle[i]
		x.label(best, int32(len(x.size)-1))
		x.label(i, c)
	}
}

// rejoin joins the circle of i with another one and cuts it elsewhere, if that is no worse.
func (x *shortener) rejoin(i int32, r uint64) {
	var other []int32
	x.swaps(i, func(j int32) bool {
		if x.circle[j] != x.circle[i] {
			other = append(other, j)
		}
		return len(other) < 16
	})
	if len(other) == 0 {
		return
	}
	j := other[r%uint64(len(other))]
	a, b := x.circle[i], x.circle[j]
	before := int64(x.size[a])*int64(x.size[a]) + int64(x.size[b])*int64(x.size[b])
	x.swap(i, j)
	x.label(i, a)
	n := int64(x.size[a])
	from, to, least := int32(-1), int32(-1), before+1
	for k, steps := i, 0; steps == 0 || k != i; steps++ {
		next := x.gets[k]
		if x.rows[k].f != nil {
			x.swaps(k, func(l int32) bool {
				if x.circle[l] != a || k == i && l == j || k == j && l == i {
					return true
				}
				m := x.between(k, l)
				if sum := m*m + (n-m)*(n-m); m > 0 && m < n && sum < least {
					from, to, least = k, l, sum
				}
				return true
			})
		}
		k = next
	}
	if from < 0 {
		x.swap(i, j)
		x.label(i, a)
		x.label(j, b)
		return
	}
	x.swap(from, to)
	x.label(from, a)
	x.label(to, b)
	x.cutAt(from)
	if x.gets[to] != to {
		x.cutAt(to)
	}
}
