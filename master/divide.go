package master

import (
	"math/bits"
	"slices"

	"ferric/audio"
)

// division is blocks dealt to two sides, in playing order, with the sides' lengths.
type division struct {
	sides  [2][]block
	length [2]audio.Frames
}

// longer is the length of the longer side, which the tape must hold.
func (d *division) longer() audio.Frames { return max(d.length[0], d.length[1]) }

// better says that d is to be preferred: a side A at least as long as side B
// comes first, then the shorter tape. Equals are not better, so whoever was first stays.
func (d *division) better(than *division) bool {
	if than == nil {
		return true
	}
	if a, b := d.length[0] >= d.length[1], than.length[0] >= than.length[1]; a != b {
		return a
	}
	return d.longer() < than.longer()
}

func (s *score) measure(a, b []block) *division {
	d := &division{sides: [2][]block{a, b}}
	_, d.length[0] = s.side(a)
	_, d.length[1] = s.side(b)
	return d
}

// cut finds the best division in album order: the first k blocks on side A.
func (s *score) cut(blocks []block) *division {
	var best *division
	for k := 0; k <= len(blocks); k++ {
		if s.cuttable(blocks, k) {
			if d := s.measure(blocks[:k], blocks[k:]); d.better(best) {
				best = d
			}
		}
	}
	return best
}

func (s *score) cuttable(blocks []block, k int) bool {
	for i, b := range blocks {
		side := 0
		if i >= k {
			side = 1
		}
		if b.side != either && b.side != side || b.first && i != 0 && i != k || b.last && i != k-1 && i != len(blocks)-1 {
			return false
		}
	}
	return true
}

// possible says whether any division obeys the blocks' wishes.
func (s *score) possible(blocks []block) bool {
	if s.keep {
		for k := 0; k <= len(blocks); k++ {
			if s.cuttable(blocks, k) {
				return true
			}
		}
		return false
	}
	return len(castings(blocks)) > 0
}

// casting is one way to give every block that must open or close a side its
// side: openers and closers per side, and every block's side or either.
type casting struct {
	opener, closer [2]int // block, or -1
	side           []int
}

// castings lists the ways in which the wishes can be obeyed: at most four,
// since each side has one opener and one closer.
func castings(blocks []block) []casting {
	start := casting{opener: [2]int{-1, -1}, closer: [2]int{-1, -1}}
	for _, b := range blocks {
		start.side = append(start.side, b.side)
	}
	open := []casting{start}
	for i, b := range blocks {
		if !b.first && !b.last {
			continue
		}
		var next []casting
		for _, c := range open {
			for side := range 2 {
				if c.side[i] != either && c.side[i] != side ||
					b.first && c.opener[side] >= 0 || b.last && c.closer[side] >= 0 {
					continue
				}
				n := c
				n.side = slices.Clone(c.side)
				n.side[i] = side
				if b.first {
					n.opener[side] = i
				}
				if b.last {
					n.closer[side] = i
				}
				next = append(next, n)
			}
		}
		open = next
	}
	// A block that both opens and closes its side stands there alone.
	return slices.DeleteFunc(open, func(c casting) bool {
		for side := range 2 {
			only := c.opener[side]
			if only < 0 || c.closer[side] != only {
				continue
			}
			for i := range c.side {
				if i == only {
					continue
				}
				if c.side[i] == side {
					return true
				}
				c.side[i] = 1 - side
			}
		}
		return false
	})
}

// layers is the most memory that the search may take for its table, in bits.
const layers = 8 << 23

// divide finds the division that needs the shortest tape, whatever the order
// of the sides' contents on the album, keeping it inside each side.
//
// The length of a side is the sum of its blocks and of the gaps before all of
// them but the one that opens it. Once it is known which block opens which
// side, what remains is a subset sum: which lengths can the shorter side have?
// That is answered for every tail of the album by one table of bits, a row a
// tail, a bit a length in units of a millisecond or a little more. The best
// bit is the last one not beyond the half. Blocks are rounded to whole units,
// so the answer is within half a unit a block of the true optimum; the nearest
// candidates are then weighed by the frame.
func (s *score) divide(blocks []block) *division {
	var best *division
	for _, c := range castings(blocks) {
		for _, short := range []int{1, 0} {
			if short == 0 && best != nil && best.length[0] >= best.length[1] {
				continue // side B can be the shorter one, so it is
			}
			if d := s.search(blocks, c, short); d != nil && d.better(best) {
				best = d
			}
		}
	}
	return best
}

// search finds the best division of one casting with the given side as the shorter one.
func (s *score) search(blocks []block, c casting, short int) *division {
	// The blocks to be dealt, as they would stand on a side: all but those that
	// open one by wish, and those that close one at the end.
	var free, closers []int
	total := audio.Frames(0)
	for i, b := range blocks {
		total += b.length + b.gap
		switch i {
		case c.opener[0], c.opener[1]:
		case c.closer[0], c.closer[1]:
			closers = append(closers, i)
		default:
			free = append(free, i)
		}
	}
	free = append(free, closers...)
	unit := max(audio.Frames(s.rate)/1000, total/2*audio.Frames(len(free)+1)/layers+1)
	if s.coarse {
		unit = max(unit, audio.Frames(s.rate)/20)
	}
	weight := func(i int) int { return int((blocks[i].length + blocks[i].gap + unit/2) / unit) }
	slack := len(blocks)/2 + 2
	size := int(total/2/unit) + slack + 1
	table := newBitTable(len(free)+1, size)
	table.set(len(free), 0)
	for n := len(free) - 1; n >= 0; n-- {
		side := c.side[free[n]]
		if side != short {
			table.or(n, n+1, 0)
		}
		if side != 1-short {
			table.or(n, n+1, weight(free[n]))
		}
	}
	tail := make([]audio.Frames, len(free)+1) // frames of free[n:] with their gaps
	for n := len(free) - 1; n >= 0; n-- {
		tail[n] = tail[n+1] + blocks[free[n]].length + blocks[free[n]].gap
	}

	var best *division
	// finish deals free[n:] in every promising way after the ones before it stand on their sides.
	finish := func(n int, dealt [2][]int) {
		var base [2]audio.Frames
		for side := range 2 {
			for k, i := range dealt[side] {
				base[side] += blocks[i].length
				if k > 0 {
					base[side] += blocks[i].gap
				}
			}
		}
		// No division can beat the half; one within a unit of it is as good as any.
		floor := (base[0] + base[1] + tail[n]) / 2
		if best != nil && best.length[short] <= best.length[1-short] && best.longer() <= floor+unit {
			return
		}
		half := int((base[1-short] + tail[n] - base[short]) / 2 / unit)
		tries := 0
		for r := table.last(n, min(half+slack, size-1)); r >= 0 && tries < 2*slack; r = table.last(n, r-1) {
			tries++
			d := s.deal(blocks, c, free[n:], dealt, table, n, r, short, weight)
			if d.better(best) {
				best = d
			}
			if r < half-slack || best.length[short] <= best.length[1-short] && best.longer() <= floor+unit {
				break // what follows is longer, or no shorter by more than a unit
			}
		}
	}
	// open enumerates which free block opens each side that no wish opens.
	var open func(n int, dealt [2][]int)
	open = func(n int, dealt [2][]int) {
		if len(dealt[0]) > 0 && len(dealt[1]) > 0 || n == len(free) {
			finish(n, dealt)
			return
		}
		for _, side := range []int{0, 1} {
			if want := c.side[free[n]]; want != either && want != side {
				continue
			}
			next := dealt
			next[side] = append(slices.Clip(dealt[side]), free[n])
			open(n+1, next)
		}
	}
	var dealt [2][]int
	for side := range 2 {
		if c.opener[side] >= 0 {
			dealt[side] = []int{c.opener[side]}
		}
	}
	open(0, dealt)
	return best
}

// deal reads a division out of the table: the remaining blocks so that those
// on the short side weigh r. Where both would do, a block goes to side A, so
// that the album's beginning stays together on it.
func (s *score) deal(blocks []block, c casting, rest []int, dealt [2][]int, table *bitTable, n, r, short int, weight func(int) int) *division {
	sides := [2][]int{slices.Clone(dealt[0]), slices.Clone(dealt[1])}
	for k, i := range rest {
		onLong := c.side[i] != short && table.has(n+k+1, r)
		onShort := c.side[i] != 1-short && r >= weight(i) && table.has(n+k+1, r-weight(i))
		side := 1 - short
		if onShort && (!onLong || short == 0) {
			side = short
			r -= weight(i)
		}
		sides[side] = append(sides[side], i)
	}
	var order [2][]block
	for side := range 2 {
		slices.SortStableFunc(sides[side], func(x, y int) int { return rank(c, side, x) - rank(c, side, y) })
		for _, i := range sides[side] {
			order[side] = append(order[side], blocks[i])
		}
	}
	return s.measure(order[0], order[1])
}

// rank is album order but for the side's opener and closer.
func rank(c casting, side, i int) int {
	switch i {
	case c.opener[side]:
		return -1
	case c.closer[side]:
		return len(c.side)
	}
	return i
}

// bitTable is rows of bits, all of one size.
type bitTable struct {
	words int
	size  int
	bits  []uint64
}

func newBitTable(rows, size int) *bitTable {
	words := (size + 63) / 64
	return &bitTable{words, size, make([]uint64, rows*words)}
}

func (t *bitTable) row(n int) []uint64 { return t.bits[n*t.words : (n+1)*t.words] }
func (t *bitTable) set(n, bit int)     { t.row(n)[bit/64] |= 1 << (bit % 64) }
func (t *bitTable) has(n, bit int) bool {
	return bit >= 0 && bit < t.size && t.row(n)[bit/64]>>(bit%64)&1 == 1
}

// or adds row from, shifted up by shift bits, to row to; bits beyond the size are lost.
func (t *bitTable) or(to, from, shift int) {
	dst, src := t.row(to), t.row(from)
	skip, up := shift/64, uint(shift%64)
	for i := skip; i < t.words; i++ {
		w := src[i-skip] << up
		if up > 0 && i > skip {
			w |= src[i-skip-1] >> (64 - up)
		}
		dst[i] |= w
	}
}

// last is the highest set bit of row n that is not above bit, or -1.
func (t *bitTable) last(n, bit int) int {
	if bit < 0 {
		return -1
	}
	row := t.row(n)
	w := row[bit/64] << (63 - bit%64) >> (63 - bit%64)
	for i := bit / 64; ; {
		if w != 0 {
			return i*64 + bits.Len64(w) - 1
		}
		if i--; i < 0 {
			return -1
		}
		w = row[i]
	}
}
