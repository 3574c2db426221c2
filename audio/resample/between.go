package resample

import (
	"ferric/audio"

	"github.com/tphakala/simd/f64"
)

// densePhases is how finely the filter is tabled for odd pairs of rates, in phases an output
// frame. Straight lines between them are wrong by (π/densePhases)²/8, -131 dB, at most.
const densePhases = 2048

// between resamples odd pairs of rates, whose table of exact phases would be too large: it
// interpolates between the two nearest of a dense table. Its sums are float64 and their
// order is the vector unit's, so on another kind of processor about one sample in ten million may
// differ in its last bit.
type between struct {
	stream
	hist [][]float64 // input around the next outputs
	pos  int         // in hist: where the taps of the next output begin
	frac int64       // of the next output, in 1/up frames
}

func newBetween(s stream) *between {
	b := &between{stream: s}
	for range s.in {
		// Frame 0 stands in the middle of the filter: silence comes before it.
		b.hist = append(b.hist, make([]float64, s.f.reach-1, s.f.taps()+2*readFrames))
	}
	return b
}

// ReadFrames follows audio.Source.
func (s *between) ReadFrames(dst [][]float32) (int, error) {
	want := len(dst[0])
	n := 0
	for n < want {
		can := min(want-n, s.ready())
		if s.total >= 0 {
			can = int(min(audio.Frames(can), s.total-s.done))
		}
		if can > 0 {
			s.produce(dst, n, can)
			n += can
			continue
		}
		if s.total >= 0 && s.done == s.total {
			break
		}
		s.refill()
	}
	if n == 0 && want > 0 {
		return 0, s.err
	}
	return n, nil
}

// ready is how many outputs the history holds all the input for.
func (s *between) ready() int {
	spare := len(s.hist[0]) - s.pos - s.f.taps() // whole frames that the taps may still move
	if spare < 0 {
		return 0
	}
	// The largest k with (frac + (k-1)·down)/up <= spare.
	return int(((int64(spare)+1)*s.f.up-1-s.frac)/s.f.down) + 1
}

// refill takes a block from the source, or silence once it has ended.
func (s *between) refill() {
	// The taps of the next output may begin beyond what is there, when the rate falls by much.
	gone := min(s.pos, len(s.hist[0]))
	for c, h := range s.hist {
		s.hist[c] = h[:copy(h, h[gone:])]
	}
	s.pos -= gone
	n := readFrames
	if s.total < 0 {
		if n = s.take(readFrames); n == 0 {
			return
		}
	} else {
		for _, b := range s.in {
			clear(b)
		}
	}
	for c, b := range s.in {
		h := s.hist[c]
		for _, v := range b[:n] {
			h = append(h, float64(v))
		}
		s.hist[c] = h
	}
}

// produce writes n frames to dst from frame at.
func (s *between) produce(dst [][]float32, at, n int) {
	f := s.f
	var pos int
	var frac int64
	for c, h := range s.hist {
		pos, frac = s.pos, s.frac
		out := dst[c][at : at+n]
		for i := range out {
			out[i] = float32(f.interpolate(frac, h[pos:pos+f.taps()]))
			frac += f.down
			pos += int(frac / f.up)
			frac %= f.up
		}
	}
	s.pos, s.frac = pos, frac
	s.done += audio.Frames(n)
}

// interpolate is the filter at frac/up over the input under its taps.
func (f *stage) interpolate(frac int64, under []float64) float64 {
	at := float64(frac) * float64(len(f.dense)-1) / float64(f.up)
	p := int(at)
	a := at - float64(p)
	lo := f64.DotProductUnsafe(f.dense[p], under)
	hi := f64.DotProductUnsafe(f.dense[p+1], under)
	return lo + float64(a*(hi-lo))
}
