package vorbis

import (
	"math"
	mathbits "math/bits"
	"slices"
)

// A codebook maps Huffman codes to numbers and, for most books, the numbers to
// short vectors (Vorbis I, section 3).
type codebook struct {
	dim    int
	values []float32 // dim for each entry; nil for a book of numbers only

	fast  [1 << fastBits]int32 // entry<<5 | length; 0: longer, or none
	codes []uint32             // the longer ones, left-aligned, ascending
	long  []int32              // their entries, as in fast
}

const fastBits = 10

// What a setup may ask for, over all its books: ten times what real ones do.
const (
	maxEntries = 1 << 17
	maxValues  = 1 << 20
)

// budget counts what books have used of the limits.
type budget struct{ entries, values int }

func (c *codebook) parse(b *bits, left *budget) (why string) {
	if b.read(24) != 0x564342 {
		return "a codebook does not begin as one"
	}
	c.dim = b.read(16)
	n := b.read(24)
	if left.entries -= n; left.entries < 0 || n == 0 && b.over {
		return "too many codebook entries"
	}
	lengths := make([]uint8, n)
	if b.flag() { // ordered: how many of each length, ascending
		length := b.read(5) + 1
		for i := 0; i < n; length++ {
			run := b.read(mathbits.Len(uint(n - i)))
			if run > n-i || length > 32 {
				return "codebook lengths do not add up"
			}
			for range run {
				lengths[i] = uint8(length)
				i++
			}
			if b.over {
				return "the setup ends early"
			}
		}
	} else {
		sparse := b.flag()
		for i := range lengths {
			if !sparse || b.flag() {
				lengths[i] = uint8(b.read(5) + 1)
			}
		}
	}
	if b.over {
		return "the setup ends early"
	}
	if !c.assign(lengths) {
		return "codebook lengths make no code"
	}

	kind := b.read(4)
	if kind == 0 {
		return ""
	}
	if kind > 2 {
		return "reserved kind of codebook"
	}
	if c.dim == 0 || n == 0 {
		return "a codebook of empty vectors"
	}
	if c.dim > maxValues || n > maxValues/c.dim {
		return "codebook vectors are too many"
	}
	if left.values -= n * c.dim; left.values < 0 {
		return "codebook vectors are too many"
	}
	low, step := unpack(uint32(b.read(32))), unpack(uint32(b.read(32)))
	width := b.read(4) + 1
	sequence := b.flag()
	count := n * c.dim
	if kind == 1 {
		count = root(n, c.dim)
	}
	steps := make([]float32, count)
	for i := range steps {
		steps[i] = float32(b.read(width))
	}
	if b.over {
		return "the setup ends early"
	}
	c.values = make([]float32, n*c.dim)
	for e := range n {
		div := 1
		last := float32(0)
		for k := range c.dim {
			i := e*c.dim + k
			var m float32
			if kind == 1 {
				m = steps[e/div%count]
				if div <= n {
					div *= count
				}
			} else {
				m = steps[i]
			}
			c.values[i] = m*step + low + last
			if sequence {
				last = c.values[i]
			}
		}
	}
	return ""
}

// assign gives each entry the lowest free code of its length.
func (c *codebook) assign(lengths []uint8) bool {
	var free [33]uint32 // the free code of each length, left-aligned
	used := 0
	type longCode struct {
		code  uint32
		entry int32
	}
	var longs []longCode
	put := func(entry int, length uint8, code uint32) {
		v := int32(entry)<<5 | int32(length-1)
		if length > fastBits {
			longs = append(longs, longCode{code, v})
			return
		}
		for i := mathbits.Reverse32(code); i < 1<<fastBits; i += 1 << length {
			c.fast[i] = v + 1
		}
	}
	for e, length := range lengths {
		if length == 0 {
			continue
		}
		used++
		if used == 1 {
			for i := uint8(1); i <= length; i++ {
				free[i] = 1 << (32 - i)
			}
			put(e, length, 0)
			continue
		}
		z := length
		for z > 0 && free[z] == 0 {
			z--
		}
		if z == 0 {
			return false // more codes than there is room
		}
		code := free[z]
		free[z] = 0
		for i := length; i > z; i-- {
			free[i] = code + 1<<(32-i)
		}
		put(e, length, code)
	}
	if used == 1 { // a single entry answers to either bit
		for i := range c.fast {
			if c.fast[i] == 0 {
				c.fast[i] = c.fast[0]
			}
		}
	}
	slices.SortFunc(longs, func(a, b longCode) int {
		if a.code < b.code {
			return -1
		}
		return 1
	})
	for _, l := range longs {
		c.codes = append(c.codes, l.code)
		c.long = append(c.long, l.entry+1)
	}
	return true
}

// next decodes one entry, -1 when the packet is over or holds no code.
func (c *codebook) next(b *bits) int {
	w := b.peek()
	v := c.fast[w&(1<<fastBits-1)]
	if v == 0 {
		code := mathbits.Reverse32(uint32(w))
		lo, hi := 0, len(c.codes)
		for lo < hi { // the last code that is not above
			mid := int(uint(lo+hi) >> 1)
			if c.codes[mid] <= code {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		if lo == 0 {
			b.over = true
			return -1
		}
		v = c.long[lo-1]
		if length := (v-1)&31 + 1; (code^c.codes[lo-1])>>(32-length) != 0 {
			b.over = true
			return -1
		}
	}
	v--
	b.skip(int(v&31) + 1)
	if b.over {
		return -1
	}
	return int(v >> 5)
}

// vector decodes one vector, nil when the packet is over.
func (c *codebook) vector(b *bits) []float32 {
	e := c.next(b)
	if e < 0 {
		return nil
	}
	return c.values[e*c.dim : e*c.dim+c.dim]
}

// unpack reads Vorbis' own 32-bit floating point.
func unpack(x uint32) float32 {
	m := float64(x & 0x1fffff)
	if x>>31 != 0 {
		m = -m
	}
	return float32(math.Ldexp(m, int(x>>21&0x3ff)-788))
}

// root is the greatest r with r^dim <= n.
func root(n, dim int) int {
	fits := func(r int) bool {
		p := 1
		for range dim {
			if p *= r; p > n {
				return false
			}
			if r <= 1 {
				return true
			}
		}
		return true
	}
	r := 1
	for fits(r + 1) {
		r++
	}
	return r
}
