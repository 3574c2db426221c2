// Package resample changes the rate of a sound: any rate from 8 to 384 kHz to any other.
//
// Between two rates in the ratio up:down, output frame k lies at input time
// k·down/up. There the package sums the input around it, weighted by a low-pass
// filter: a sinc under a Kaiser window, cut at half the lower of the two rates,
// so that nothing above folds back. Only `up` different fractions of an input
// frame occur, so the filter is tabled at those (a polyphase filter). Odd pairs
// of rates, whose table would be too large, use a table of 2048 phases and
// interpolate between neighbours.
//
// What it keeps, at 44.1 kHz out: flat to 20 kHz within 0.001 dB; everything from
// 22.05 kHz up at least 120 dB down; linear phase; no delay (frame 0 is frame 0).
// Edges scale with the lower rate: flat to 20/22.05 of half of it. Sums are float64, so
// the result is rounded once. Output holds ceil(n·to/from) frames for n of input.
package resample

import (
	"fmt"
	"io"
	"math"

	"ferric/audio"
	"ferric/dsp"

	"github.com/tphakala/simd/f64"
)

const (
	rejectDB  = 130            // design figure of the stop band; tests hold 120
	passShare = 20000. / 22050 // of half the lower rate
	maxTable  = 1 << 18        // numbers in the largest exact table (2 MiB)
	manyPhase = 2048           // phases an output frame of the interpolated table: its error is under -130 dB
)

// Filter is the table for one pair of rates. It is immutable: one serves many streams at once.
type Filter struct {
	from, to audio.Rate
	up, down int64 // to:from in lowest terms
	taps     int   // a phase, even
	phases   int   // in table, not counting the last, which closes the interpolation
	exact    bool  // phases == up
	table    [][]float64
}

// NewFilter designs the filter from one rate to another, each 8000 to 384000 Hz.
func NewFilter(from, to audio.Rate) (*Filter, error) {
	for _, r := range []audio.Rate{from, to} {
		if r < 8000 || r > 384000 {
			return nil, fmt.Errorf("resample: a rate of %d Hz is outside 8000 to 384000", r)
		}
	}
	g := gcd(int64(from), int64(to))
	f := &Filter{from: from, to: to, up: int64(to) / g, down: int64(from) / g}

	// In cycles an input frame: the stop band begins at half the lower rate.
	stop := 0.5 * math.Min(1, float64(to)/float64(from))
	pass := stop * passShare
	reach := dsp.KaiserLength(rejectDB, stop-pass)/2 + 1
	f.taps = 2 * reach
	f.phases, f.exact = int(f.up), true
	if f.up*int64(f.taps) > maxTable {
		f.phases, f.exact = int(math.Ceil(manyPhase*2*stop)), false
	}
	f.fill(reach, pass+stop)
	return f, nil
}

// fill tables the filter whose transition is centred on width/2, reach taps to either side.
func (f *Filter) fill(reach int, width float64) {
	beta := dsp.KaiserBeta(rejectDB)
	scale := 1 / dsp.BesselI0(beta)
	f.table = make([][]float64, f.phases+1)
	for p := range f.table {
		frac := float64(p) / float64(f.phases)
		row := make([]float64, f.taps)
		var sum float64
		for k := range row {
			x := float64(k-reach+1) - frac
			w := x / float64(reach)
			row[k] = dsp.Sinc(width*x) * dsp.BesselI0(beta*math.Sqrt(math.Max(0, 1-w*w))) * scale
			sum += row[k]
		}
		for k := range row {
			row[k] /= sum
		}
		f.table[p] = row
	}
}

// Length is how many frames come of n: those whose time lies within the input. -1 (unknown) stays -1.
func (f *Filter) Length(n audio.Frames) audio.Frames {
	if n < 0 {
		return -1
	}
	return (n*audio.Frames(f.up) + audio.Frames(f.down) - 1) / audio.Frames(f.down)
}

// New reads src at rate to. It returns src itself when it has that rate already.
func New(src audio.Source, to audio.Rate) (audio.Source, error) {
	if src.Format().Rate == to {
		return src, nil
	}
	f, err := NewFilter(src.Format().Rate, to)
	if err != nil {
		return nil, err
	}
	return f.Source(src)
}

// Source reads src through the filter. Closing it closes src. The error says that src has another rate than the filter.
func (f *Filter) Source(src audio.Source) (audio.Source, error) {
	form := src.Format()
	if form.Rate != f.from {
		return nil, fmt.Errorf("resample: a filter from %d Hz cannot read %d Hz", f.from, form.Rate)
	}
	if f.from == f.to {
		return src, nil
	}
	s := &stream{f: f, src: src, in: audio.NewBlock(form.Channels, readFrames)}
	s.window = make([][]float32, 0, form.Channels)
	for range form.Channels {
		// Frame 0 stands in the middle of the filter: silence comes before it.
		s.hist = append(s.hist, make([]float64, f.taps/2-1, f.taps+2*readFrames))
	}
	s.total = -1
	return s, nil
}

// readFrames is how much is asked of the source at a time.
const readFrames = 4096

// stream is one sound on its way through a Filter.
type stream struct {
	f      *Filter
	src    audio.Source
	in     [][]float32
	window [][]float32

	hist [][]float64 // input around the next outputs
	pos  int         // in hist: where the taps of the next output begin
	frac int64       // of the next output, in 1/up frames

	read, done audio.Frames // input taken, output given
	total      audio.Frames // output in all, -1 until the input has ended
	err        error        // what the source ended with
}

func (s *stream) Format() audio.Format {
	form := s.src.Format()
	form.Rate = s.f.to
	return form
}

func (s *stream) Length() audio.Frames { return s.f.Length(s.src.Length()) }

func (s *stream) Close() error { return s.src.Close() }

// ReadFrames follows audio.Source.
func (s *stream) ReadFrames(dst [][]float32) (int, error) {
	want := len(dst[0])
	if want == 0 {
		return 0, nil
	}
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
	if n == 0 {
		return 0, s.err
	}
	return n, nil
}

// ready is how many outputs the history holds all the input for.
func (s *stream) ready() int {
	spare := len(s.hist[0]) - s.pos - s.f.taps // whole frames the taps may still move
	if spare < 0 {
		return 0
	}
	// The largest k with (frac + (k-1)·down)/up <= spare.
	return int(((int64(spare)+1)*s.f.up-1-s.frac)/s.f.down) + 1
}

// refill takes a block from the source, or silence once it has ended.
func (s *stream) refill() {
	for c, h := range s.hist {
		keep := copy(h, h[s.pos:])
		s.hist[c] = h[:keep]
	}
	s.pos = 0
	n := readFrames
	if s.total < 0 {
		var err error
		n, err = s.src.ReadFrames(s.in)
		if err != nil {
			s.err = err
			s.total = s.f.Length(s.read)
			if err != io.EOF && err != io.ErrUnexpectedEOF {
				s.total = s.done
			}
			return
		}
		s.read += audio.Frames(n)
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
func (s *stream) produce(dst [][]float32, at, n int) {
	f := s.f
	var pos int
	var frac int64
	for c, h := range s.hist {
		pos, frac = s.pos, s.frac
		out := dst[c][at : at+n]
		for i := range out {
			under := h[pos : pos+f.taps]
			if f.exact {
				out[i] = float32(f64.DotProductUnsafe(f.table[frac], under))
			} else {
				out[i] = float32(f.between(frac, under))
			}
			frac += f.down
			pos += int(frac / f.up)
			frac %= f.up
		}
	}
	s.pos, s.frac = pos, frac
	s.done += audio.Frames(n)
}

// between interpolates the two phases of the table around frac/up.
func (f *Filter) between(frac int64, under []float64) float64 {
	at := float64(frac) * float64(f.phases) / float64(f.up)
	p := int(at)
	a := at - float64(p)
	lo := f64.DotProductUnsafe(f.table[p], under)
	hi := f64.DotProductUnsafe(f.table[p+1], under)
	return lo + float64(a*(hi-lo))
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
