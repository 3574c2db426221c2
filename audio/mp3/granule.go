package mp3

import "math"

// granule is the side information of 576 samples of one channel, and what follows from it.
type granule struct {
	bits       int // of scale factors and spectrum together
	bigValues  int // pairs
	gain       int
	scaleCode  int
	blockType  int // 0 long, 1 start, 2 short, 3 stop
	mixed      bool
	tables     [3]int
	subGain    [3]int
	region     [2]int // first line of regions 1 and 2
	preflag    bool
	scaleShift int // 1 or 2: steps of a scale factor are 2^-(shift/2)
	quadTable  int

	scale  [39]int // scale factors in the order of bands
	noPan  [39]bool
	bands  bands
	filled int // lines that may not be zero
}

// bands cuts the 576 lines: long bands, then short ones, each once a window.
type bands struct {
	width [39]int
	n     int
	long  int // how many of them are long
}

const shortBlocks = 2

// bandTables holds the three cuts for every rate: long, short, mixed.
var bandTables = func() (t [9][3]bands) {
	for r := range t {
		long := func(b *bands, n int) {
			for i := range n {
				b.width[i] = longEdges[r][i+1] - longEdges[r][i]
			}
			b.n, b.long = n, n
		}
		short := func(b *bands, from int) {
			for i := from; i < 13; i++ {
				for range 3 {
					b.width[b.n] = shortEdges[r][i+1] - shortEdges[r][i]
					b.n++
				}
			}
		}
		long(&t[r][0], 22)
		short(&t[r][1], 0)
		mixed := 8 // long bands up to line 36
		if r >= 3 {
			mixed = 6
		}
		long(&t[r][2], mixed)
		short(&t[r][2], 3)
	}
	return t
}()

// parseSide reads the side information of a frame.
func (d *decoder) parseSide(b *bits, h *header) (mainBegin int, why string) {
	channels := h.channels()
	if h.version == 0 {
		mainBegin = b.read(9)
		b.read(7 - 2*channels) // private bits
		for c := range channels {
			d.share[c] = b.read(4)
		}
	} else {
		mainBegin = b.read(8)
		b.read(channels) // private bits
	}
	for g := range h.granules() {
		for c := range channels {
			if why := d.side[g][c].parse(b, h); why != "" {
				return 0, why
			}
		}
	}
	return mainBegin, ""
}

func (g *granule) parse(b *bits, h *header) (why string) {
	*g = granule{}
	g.bits, g.bigValues, g.gain = b.read(12), b.read(9), b.read(8)
	if g.bigValues > 288 {
		return "too many values in a frame"
	}
	if h.version == 0 {
		g.scaleCode = b.read(4)
	} else {
		g.scaleCode = b.read(9)
	}
	rate := h.version*3 + h.rateCode
	if b.read(1) != 0 { // window switching
		g.blockType = b.read(2)
		g.mixed = b.read(1) != 0
		if g.blockType == 0 {
			return "reserved block type"
		}
		g.tables[0], g.tables[1] = b.read(5), b.read(5)
		for w := range g.subGain {
			g.subGain[w] = b.read(3)
		}
		// Region 1 reaches to the end; region 0 holds 36 lines, or 8 long bands.
		g.region = [2]int{longEdges[rate][8], 576}
		if g.blockType == shortBlocks {
			g.region[0] = 36
			if rate == 8 {
				g.region[0] = 72
			}
		}
	} else {
		for i := range g.tables {
			g.tables[i] = b.read(5)
		}
		r0 := b.read(4) + 1
		r1 := r0 + b.read(3) + 1
		g.region = [2]int{longEdges[rate][min(r0, 22)], longEdges[rate][min(r1, 22)]}
		g.mixed = false
	}
	if h.version == 0 {
		g.preflag = b.read(1) != 0
	}
	g.scaleShift = 1 + b.read(1)
	g.quadTable = 32 + b.read(1)
	shape := 0
	if g.blockType == shortBlocks {
		shape = 1
		if g.mixed {
			shape = 2
		}
	} else {
		g.mixed = false
	}
	g.bands = bandTables[rate][shape]
	return ""
}

// readScale reads MPEG-1 scale factors; shared says which of four groups are those of the granule before.
func (g *granule) readScale(b *bits, shared int, before *granule) {
	low, high := scaleBits[g.scaleCode][0], scaleBits[g.scaleCode][1]
	if g.blockType == shortBlocks {
		split := 18 // bands 0 to 5 of three windows
		if g.mixed {
			split = 8 + 9
		}
		for i := range g.bands.n - 3 {
			if i < split {
				g.scale[i] = b.read(low)
			} else {
				g.scale[i] = b.read(high)
			}
		}
		return
	}
	i := 0
	for group, end := range [4]int{6, 11, 16, 21} {
		n := low
		if group >= 2 {
			n = high
		}
		for ; i < end; i++ {
			if shared>>(3-group)&1 != 0 {
				g.scale[i] = before.scale[i]
			} else {
				g.scale[i] = b.read(n)
			}
		}
	}
}

// readScale2 reads MPEG-2 scale factors; pan says that they are positions of the right channel in intensity stereo.
func (g *granule) readScale2(b *bits, pan bool) {
	var length [4]int
	row := 0
	code := g.scaleCode
	if pan {
		switch code >>= 1; {
		case code < 180:
			row, length = 3, [4]int{code / 36, code % 36 / 6, code % 6}
		case code < 244:
			code -= 180
			row, length = 4, [4]int{code >> 4, code >> 2 & 3, code & 3}
		default:
			code -= 244
			row, length = 5, [4]int{code / 3, code % 3}
		}
	} else {
		switch {
		case code < 400:
			row, length = 0, [4]int{(code >> 4) / 5, (code >> 4) % 5, code >> 2 & 3, code & 3}
		case code < 500:
			code -= 400
			row, length = 1, [4]int{(code >> 2) / 5, (code >> 2) % 5, code & 3}
		default:
			code -= 500
			row, length = 2, [4]int{code / 3, code % 3}
			g.preflag = true
		}
	}
	shape := 0
	if g.blockType == shortBlocks {
		shape = 1
		if g.mixed {
			shape = 2
		}
	}
	i := 0
	for k, n := range scaleCounts[shape][row] {
		for range n {
			g.scale[i] = b.read(length[k])
			g.noPan[i] = pan && length[k] > 0 && g.scale[i] == 1<<length[k]-1
			i++
		}
	}
}

// The requantiser's tables: x^(4/3), and 2^(q/4) for q from -quarterLow on.
const (
	maxValue   = 15 + 1<<13
	quarterLow = 400
)

var powers = func() (t [maxValue]float32) {
	for i := range t {
		t[i] = float32(math.Pow(float64(i), 4.0/3))
	}
	return t
}()

var quarters = func() (t [quarterLow + 64]float32) {
	for i := range t {
		t[i] = float32(math.Exp2(float64(i-quarterLow) / 4))
	}
	return t
}()

// gainOf is the factor of band i.
func (g *granule) gainOf(i int) float32 {
	q := g.gain - 210
	s := g.scale[i]
	if i < g.bands.long {
		if g.preflag && g.bands.long == 22 {
			s += pretab[i]
		}
	} else {
		q -= 8 * g.subGain[(i-g.bands.long)%3]
	}
	q -= s << g.scaleShift
	return quarters[min(max(q+quarterLow, 0), len(quarters)-1)]
}

// readSpectrum decodes the lines of a granule, up to bit end, and requantises them.
func (g *granule) readSpectrum(b *bits, end int, out *[576]float32) {
	clear(out[:])
	band, bandEnd := 0, g.bands.width[0]
	gain := g.gainOf(0)
	at := 0
	big := min(2*g.bigValues, 576)
	for r := range 3 {
		stop := big
		if r < 2 {
			stop = min(big, g.region[r])
		}
		table := lookups[g.tables[r]]
		lin := int(linBits[g.tables[r]])
		for at < stop && b.p < end {
			if at == bandEnd {
				band++
				bandEnd += g.bands.width[band]
				gain = g.gainOf(band)
			}
			if table == nil {
				at = min(stop, bandEnd)
				continue
			}
			w := b.peek()
			e := table.find(w)
			n := int(e >> 8)
			w <<= n
			x, y := int(e>>4&15), int(e&15)
			if x != 0 {
				if x == 15 && lin > 0 {
					x += int(w >> (64 - lin))
					w <<= lin
					n += lin
				}
				v := powers[x] * gain
				out[at] = math.Float32frombits(math.Float32bits(v) | uint32(w>>32)&(1<<31))
				w <<= 1
				n++
			}
			if y != 0 {
				if y == 15 && lin > 0 {
					y += int(w >> (64 - lin))
					w <<= lin
					n += lin
				}
				v := powers[y] * gain
				out[at+1] = math.Float32frombits(math.Float32bits(v) | uint32(w>>32)&(1<<31))
				n++
			}
			b.p += n
			at += 2
		}
	}
	if b.p > end { // a damaged frame: the last pair is not of this granule
		at = max(0, at-2)
		out[at], out[at+1] = 0, 0
	}
	g.filled = at
	table := lookups[g.quadTable]
	for at+4 <= 576 && b.p < end {
		w := b.peek()
		e := table.find(w)
		n := int(e >> 8)
		w <<= n
		quad := at
		for k := range 4 {
			if at == bandEnd {
				band++
				bandEnd += g.bands.width[band]
				gain = g.gainOf(band)
			}
			if e>>(3-k)&1 != 0 {
				out[at] = math.Float32frombits(math.Float32bits(gain) | uint32(w>>32)&(1<<31))
				w <<= 1
				n++
			}
			at++
		}
		if b.p += n; b.p > end {
			clear(out[quad:at])
			at = quad
			break
		}
		g.filled = at
	}
	b.p = end
}
