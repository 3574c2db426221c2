// Package resample changes the rate of a sound: any rate from 8 to 384 kHz to any other.
//
// Between two rates in the ratio up:down, output frame k lies at input time
// k·down/up. There the package sums the input around it, weighted by a low-pass
// filter: a sinc under a Kaiser window, cut at half the lower of the two rates,
// so that nothing above folds back. Only up different fractions of an input
// frame occur, so the filter is tabled at those: a polyphase filter. Much higher rates are halved first.
//
// What it keeps, at 44.1 kHz out: flat to 20 kHz within 0.001 dB; everything from
// 22.05 kHz up at least 120 dB down; linear phase; no delay (frame 0 is frame 0);
// arithmetic adds noise 140 dB (rms) under full scale. Edges scale with the lower rate:
// flat to 20/22.05 of half of it. Output holds ceil(n·to/from) frames for n of input.
//
// The same input gives the same bytes on every amd64 processor with fused
// multiply-add (dsp.Convolve says why; docs/decisions/0003-own-dsp.md has the rest). Odd pairs of rates, such as 44,056 to 44,100, are
// the exception: see between.go.
package resample

import (
	"fmt"
	"io"
	"math"

	"ferric/audio"
	"ferric/dsp"
)

const (
	rejectDB  = 130            // design figure of the stop band; tests hold 120
	halveDB   = 150            // of the halving stages, whose few taps cost little
	passShare = 20000. / 22050 // of half the lower rate
	maxTable  = 1 << 20        // taps in the largest exact table (4 MiB)
	maxDown   = 4096           // rows of the largest exact input matrix
)

// Filter is what one pair of rates needs. It is immutable: one serves many streams at once.
//
// A rate four times the new one or more is first halved, once or more often: the halving filter may be short, because
// what it lets fold lands above what the last stage keeps.
type Filter struct {
	from, to audio.Rate
	stages   []*stage // one after another; at least one unless from is to
}

// stage is the table for one change of rate.
type stage struct {
	up, down int64   // output to input rate in lowest terms
	reach    int     // input frames to either side
	width    float64 // of the sinc: its cut-off is width/2 cycles an input frame

	even  [][]float32 // taps of each of the up phases; nil for an odd pair
	dense [][]float64 // phases to interpolate between, for an odd pair
}

// NewFilter designs the filter from one rate to another, each 8000 to 384000 Hz.
func NewFilter(from, to audio.Rate) (*Filter, error) {
	for _, r := range []audio.Rate{from, to} {
		if r < 8000 || r > 384000 {
			return nil, fmt.Errorf("resample: a rate of %d Hz is outside 8000 to 384000", r)
		}
	}
	f := &Filter{from: from, to: to}
	keep := float64(min(from, to)) / 2 // hertz from where on nothing may be left
	rate := from
	for rate%2 == 0 && rate >= 4*to {
		f.stages = append(f.stages, newStage(int64(rate), int64(rate/2), passShare*keep, float64(rate/2)-keep, halveDB))
		rate /= 2
	}
	if rate != to {
		f.stages = append(f.stages, newStage(int64(rate), int64(to), passShare*keep, keep, rejectDB))
	}
	return f, nil
}

// newStage designs a low-pass from pass to stop hertz, reject dB down.
func newStage(from, to int64, pass, stop, reject float64) *stage {
	g := gcd(from, to)
	f := &stage{up: to / g, down: from / g}
	pass, stop = pass/float64(from), stop/float64(from)
	f.reach = dsp.KaiserLength(reject, stop-pass)/2 + 1
	f.width = pass + stop
	if f.up*int64(f.taps()) > maxTable || f.down > maxDown {
		f.dense = f.table(int(math.Ceil(densePhases*2*stop))+1, reject)
		return f
	}
	for _, row := range f.table(int(f.up), reject) {
		f.even = append(f.even, dsp.Float32(row))
	}
	return f
}

func (f *stage) taps() int { return 2 * f.reach }

// table computes n phases and one more, which closes the circle. Tap k of phase p weighs the
// input frame k-reach+1-p/n after the one that the output frame follows.
func (f *stage) table(n int, reject float64) [][]float64 {
	beta := dsp.KaiserBeta(reject)
	table := make([][]float64, n+1)
	for p := range table {
		frac := float64(p) / float64(n)
		row := make([]float64, f.taps())
		var sum float64
		for k := range row {
			x := float64(k-f.reach+1) - frac
			w := x / float64(f.reach)
			row[k] = dsp.Sinc(f.width*x) * dsp.BesselI0(beta*math.Sqrt(math.Max(0, 1-w*w)))
			sum += row[k]
		}
		for k := range row {
			row[k] /= sum
		}
		table[p] = row
	}
	return table
}

// length is how many frames come of n; -1 (unknown) stays -1.
func (f *stage) length(n audio.Frames) audio.Frames {
	if n < 0 {
		return -1
	}
	up, down := audio.Frames(f.up), audio.Frames(f.down)
	return n/down*up + (n%down*up+down-1)/down
}

// Length is how many frames come of n: those whose time lies within the input. -1 (unknown) stays -1.
func (f *Filter) Length(n audio.Frames) audio.Frames {
	g := gcd(int64(f.from), int64(f.to))
	whole := stage{up: int64(f.to) / g, down: int64(f.from) / g}
	return whole.length(n)
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
	if from := src.Format().Rate; from != f.from {
		return nil, fmt.Errorf("resample: a filter from %d Hz cannot read %d Hz", f.from, from)
	}
	input := &counted{Source: src}
	var out audio.Source = input
	rate := f.from
	for _, st := range f.stages {
		rate = audio.Rate(int64(rate) * st.up / st.down)
		out = newStream(st, out, rate)
	}
	switch len(f.stages) {
	case 0:
		return src, nil
	case 1:
		return out, nil
	}
	return &chain{Source: out, f: f, input: input}, nil
}

// counted is a source that keeps count of what was read of it.
type counted struct {
	audio.Source
	read  audio.Frames
	ended bool
}

func (c *counted) ReadFrames(dst [][]float32) (int, error) {
	n, err := c.Source.ReadFrames(dst)
	c.read += audio.Frames(n)
	c.ended = c.ended || err != nil
	return n, err
}

// chain is the last of several stages. Each rounds its length up; chain takes away what that makes too much.
type chain struct {
	audio.Source
	f     *Filter
	input *counted
	done  audio.Frames
}

func (c *chain) Length() audio.Frames { return c.f.Length(c.input.Length()) }

func (c *chain) ReadFrames(dst [][]float32) (int, error) {
	for {
		n, err := c.Source.ReadFrames(dst)
		if c.input.ended {
			n = int(min(audio.Frames(n), c.f.Length(c.input.read)-c.done))
		}
		c.done += audio.Frames(n)
		if n > 0 || err != nil || len(dst[0]) == 0 {
			return n, err
		}
		// Only the frame too many came: go on to the source's own end.
	}
}

// readFrames is how much is asked of the source at a time.
const readFrames = 4096

// stream is what both kinds of resampled source share: a sound on its way through a stage.
type stream struct {
	f    *stage
	src  audio.Source
	to   audio.Rate
	in   [][]float32
	view [][]float32 // of in

	read  audio.Frames // input taken
	done  audio.Frames // output given
	total audio.Frames // output in all, -1 until the input has ended
	err   error        // what the source ended with
}

func newStream(f *stage, src audio.Source, to audio.Rate) audio.Source {
	channels := src.Format().Channels
	s := stream{f: f, src: src, to: to, in: audio.NewBlock(channels, readFrames), view: make([][]float32, 0, channels), total: -1}
	if f.dense != nil {
		return newBetween(s)
	}
	return newPolyphase(s)
}

func (s *stream) Format() audio.Format {
	form := s.src.Format()
	form.Rate = s.to
	return form
}

func (s *stream) Length() audio.Frames { return s.f.length(s.src.Length()) }

func (s *stream) Close() error { return s.src.Close() }

// take reads the next block of at most limit frames into s.in and returns how many there are; 0 at the end, when total is known.
func (s *stream) take(limit int) int {
	s.view = audio.Window(s.view, s.in, 0, min(limit, readFrames))
	n, err := s.src.ReadFrames(s.view)
	for idle := 0; n == 0 && err == nil; idle++ {
		if idle == 100 {
			err = io.ErrNoProgress
			break
		}
		n, err = s.src.ReadFrames(s.view)
	}
	if err != nil {
		s.err = err
		s.total = s.f.length(s.read)
		return 0
	}
	s.read += audio.Frames(n)
	return n
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
