package deck

import (
	"math"

	"ferric/dsp"
)

// reader moves the tape past the head: it finds the sound at any place between
// the samples, where flutter puts it, by a windowed sinc.
type reader struct {
	oxide   *oxide
	flutter *flutter
	table   [][taps]float32 // phases+1 rows: taps for each fraction of a sample
	every   int64           // samples from one reckoned displacement to the next
	cell    int64           // which the four numbers belong to
	known   bool
	near    [4]float64 // displacement in samples at cell-1 .. cell+2
}

const (
	taps   = 32
	phases = 512
	unit   = 1 << 32 // of a place: 32 bits of fraction
)

// newReader puts a head to the tape; twin, which may be nil, has the same.
func newReader(o *oxide, f *flutter, twin *reader) *reader {
	r := &reader{oxide: o, flutter: f, every: int64(32 * o.scale)}
	if twin != nil {
		r.table = twin.table
		return r
	}
	r.table = make([][taps]float32, phases+1)
	beta := dsp.KaiserBeta(80)
	for p := range r.table {
		var sum float64
		var row [taps]float64
		for i := range row {
			x := float64(i-(taps/2-1)) - float64(p)/phases
			w := 1 - x*x/(taps*taps/4)
			if w > 0 {
				row[i] = dsp.Sinc(x) * dsp.BesselI0(beta*math.Sqrt(w)) / dsp.BesselI0(beta)
			}
			sum += row[i]
		}
		for i := range row {
			r.table[p][i] = float32(row[i] / sum)
		}
	}
	return r
}

// displaced is the place that passes the head when at should: flutter added, both in 1/unit samples.
func (r *reader) displaced(at int64) int64 {
	sample := at >> 32
	cell := sample / r.every
	if sample < 0 {
		cell = (sample - r.every + 1) / r.every
	}
	if cell != r.cell || !r.known {
		from := 0
		if r.known && cell == r.cell+1 {
			copy(r.near[:], r.near[1:])
			from = 3
		}
		for i := from; i < 4; i++ {
			seconds := float64((cell+int64(i)-1)*r.every) / r.oxide.rate
			r.near[i] = r.flutter.at(seconds) * r.oxide.rate
		}
		r.cell, r.known = cell, true
	}
	t := float64(at-cell*r.every<<32) / (float64(r.every) * unit)
	// Catmull-Rom.
	a, b, c, d := r.near[0], r.near[1], r.near[2], r.near[3]
	v := b + 0.5*t*(c-a+t*(2*a-5*b+4*c-d+t*(3*(b-c)+d-a)))
	return at + int64(v*unit)
}

// tileAt is the tile that a sample lies in.
func (r *reader) tileAt(sample int64) int64 {
	tile := int64(r.oxide.tile)
	if sample < 0 {
		return (sample - tile + 1) / tile
	}
	return sample / tile
}

// read is the sound at a place, left and right.
func (r *reader) read(at int64) (left, right float32) {
	sample := at >> 32
	k := r.tileAt(sample)
	ch := r.oxide.stages.read.at(k - 1)
	from := int(sample-(k-1)*int64(r.oxide.tile)) - (taps/2 - 1)
	frac := uint32(at)
	row := frac >> 23
	mu := float32(frac&(1<<23-1)) * (1.0 / (1 << 23))
	a, b := &r.table[row], &r.table[row+1]
	l := (*[taps]float32)(ch[0][from : from+taps])
	q := (*[taps]float32)(ch[1][from : from+taps])
	var l0, l1, r0, r1 float32
	for i := 0; i < taps; i += 2 {
		c0 := a[i] + float32(mu*(b[i]-a[i]))
		c1 := a[i+1] + float32(mu*(b[i+1]-a[i+1]))
		l0 += float32(c0 * l[i])
		l1 += float32(c1 * l[i+1])
		r0 += float32(c0 * q[i])
		r1 += float32(c1 * q[i+1])
	}
	return l0 + l1, r0 + r1
}

// readApart is the sound at a place by a head that stands at a slant: left from skew ahead of it and right from as
// far behind, less than a tile's length both. The tiles are those of the place itself, so that they need not be
// made again for one channel and then for the other.
func (r *reader) readApart(at, skew int64) (left, right float32) {
	k := r.tileAt(at >> 32)
	ch := r.oxide.stages.read.at(k - 1)
	start := (k - 1) * int64(r.oxide.tile)
	return r.interpolate(ch[0], start, at+skew), r.interpolate(ch[1], start, at-skew)
}

// interpolate finds the sound at a place in samples that begin with sample start.
func (r *reader) interpolate(ch []float32, start, at int64) float32 {
	from := int(at>>32-start) - (taps/2 - 1)
	frac := uint32(at)
	row := frac >> 23
	mu := float32(frac&(1<<23-1)) * (1.0 / (1 << 23))
	a, b := &r.table[row], &r.table[row+1]
	x := (*[taps]float32)(ch[from : from+taps])
	var even, odd float32
	for i := 0; i < taps; i += 2 {
		even += float32((a[i] + float32(mu*(b[i]-a[i]))) * x[i])
		odd += float32((a[i+1] + float32(mu*(b[i+1]-a[i+1]))) * x[i+1])
	}
	return even + odd
}
