package master

import (
	"math"

	"ferric/audio"
	"ferric/audio/loudness"
	"ferric/dsp"
	"ferric/tape"
)

// trebleConfig is the treble limiter for a formulation at the line-up's recording level.
func trebleConfig(f tape.Formulation) dsp.TrebleConfig {
	cfg := dsp.TrebleConfig{ReferenceDB: NewLineUp(f).ReferenceDB, ReleaseMS: trebleRelease * 1000}
	for _, hz := range []float64{400, 1000, 10000, 15000} {
		cfg.Saturation = append(cfg.Saturation, dsp.Level{Hz: hz, DB: f.SaturationDB(hz)})
	}
	return cfg
}

const (
	trebleRelease = 0.05 // seconds
	trebleBands   = 3
)

// trebleMix is what treble is made of from one hop on: of each band its share in
// what the limiter hears, and its K-weighted power, both channels together,
// for a unit of all that is heard.
type trebleMix struct {
	hop         int32
	heard, loud [trebleBands]float32
}

// trebleWindow is how much is looked at to learn that: 12 ms.
const trebleWindow = 512

// trebleCurve is what every track of an album is heard through; it is only read.
type trebleCurve struct {
	taps []float32
	// By bin of a window, from the lowest edge of treble: power gain of
	// the limiter's ear, and of K-weighting.
	edge  [trebleBands + 1]int
	heard []float64
	loud  []float64
}

func newTrebleCurve(rate audio.Rate, f tape.Formulation) *trebleCurve {
	c := &trebleCurve{taps: dsp.TrebleWeighting(float64(rate), trebleConfig(f))}
	shelf, high := loudness.KWeighting(float64(rate))
	for i, hz := range dsp.TrebleEdges() {
		c.edge[i] = int(math.Round(hz * trebleWindow / float64(rate)))
	}
	c.edge[trebleBands] = trebleWindow/2 + 1
	for b := c.edge[0]; b <= trebleWindow/2; b++ {
		freq := float64(b) / trebleWindow
		hz := freq * float64(rate)
		k := shelf.Response(hz, float64(rate)) * high.Response(hz, float64(rate))
		c.heard = append(c.heard, dsp.FIRPower(c.taps, freq))
		c.loud = append(c.loud, real(k)*real(k)+imag(k)*imag(k))
	}
	return c
}

// trebleEar hears a track as the treble limiter will.
type trebleEar struct {
	curve  *trebleCurve
	hop    int
	buf    [2][]float32 // trebleWindow frames before the block, and the block
	out    []float32
	sum    [2]float64
	filled int
	level  []uint8

	fft    *dsp.FFT
	window []float64
	wave   []float64
	bins   []complex128
	mix    []trebleMix
	top    uint8 // highest level so far
	looked uint8 // level that asked for the last look
	asked  int32 // hop that asked for a look not yet taken, or -1
}

func newTrebleEar(curve *trebleCurve, hop int, expect audio.Frames) *trebleEar {
	e := &trebleEar{
		curve: curve, hop: hop, level: room[uint8](expect, hop), out: make([]float32, 2*blockFrames), asked: -1,
		fft:    dsp.NewFFT(trebleWindow),
		window: make([]float64, trebleWindow),
		wave:   make([]float64, trebleWindow),
		bins:   make([]complex128, trebleWindow/2+1),
	}
	dsp.Hann(e.window)
	for c := range e.buf {
		e.buf[c] = make([]float32, trebleWindow+blockFrames)
	}
	return e
}

// write takes at most blockFrames frames.
func (e *trebleEar) write(block [][]float32) {
	n, reach := len(block[0]), len(e.curve.taps)-1
	for c, x := range block {
		copy(e.buf[c][trebleWindow:], x)
		dsp.Convolve(e.out[c*blockFrames:][:n], e.buf[c][trebleWindow-reach:trebleWindow+n], e.curve.taps)
	}
	for at := 0; at < n; {
		run := min(n-at, e.hop-e.filled)
		for c := range e.sum {
			var sum float64
			for _, v := range e.out[c*blockFrames+at:][:run] {
				sum += float64(float64(v) * float64(v))
			}
			e.sum[c] += sum
		}
		at += run
		if e.filled += run; e.filled == e.hop {
			e.note(trebleScale().encode(levelDB(max(e.sum[0], e.sum[1])/float64(e.hop))), at)
			e.sum, e.filled = [2]float64{}, 0
		}
	}
	for c := range e.buf {
		copy(e.buf[c], e.buf[c][n:n+trebleWindow])
	}
}

// note takes the level of a hop that ends at a frame of the block. Where treble
// is within 15 dB of the loudest so far, it looks at what the treble is made
// of: at every onset, and else every 46 ms. It waits until the hop stands in the
// middle of the window.
func (e *trebleEar) note(level uint8, at int) {
	hop := int32(len(e.level))
	e.level = append(e.level, level)
	e.top = max(e.top, level)
	if e.asked >= 0 {
		if hop == e.asked+int32(trebleWindow/2/e.hop) {
			e.look(e.asked, at)
			e.asked = -1
		}
		return
	}
	since := hop
	if n := len(e.mix); n > 0 {
		since -= e.mix[n-1].hop
	}
	if level > 0 && int(level)+15*4 >= int(e.top) && (len(e.mix) == 0 || since >= 32 || int(level) >= int(e.looked)+3*4) {
		e.asked, e.looked = hop, level
	}
}

func (e *trebleEar) look(hop int32, at int) {
	var heard, loud [2][trebleBands]float64
	var whole [2]float64
	for c := range e.buf {
		for i, v := range e.buf[c][at : at+trebleWindow] {
			e.wave[i] = float64(v) * e.window[i]
		}
		e.fft.Forward(e.bins, e.wave)
		for b := range trebleBands {
			for i := e.curve.edge[b]; i < e.curve.edge[b+1]; i++ {
				x := e.bins[i]
				p, k := float64(real(x)*real(x))+float64(imag(x)*imag(x)), i-e.curve.edge[0]
				heard[c][b] += float64(e.curve.heard[k] * p)
				loud[c][b] += float64(e.curve.loud[k] * p)
			}
			whole[c] += heard[c][b]
		}
	}
	top := 0
	if whole[1] > whole[0] {
		top = 1
	}
	if whole[top] == 0 {
		return
	}
	m := trebleMix{hop: hop}
	for b := range trebleBands {
		m.heard[b] = float32(heard[top][b] / whole[top])
		m.loud[b] = float32((loud[0][b] + loud[1][b]) / whole[top])
	}
	e.mix = append(e.mix, m)
}

// trebleForecast says how much loudness the treble limiter will take.
type trebleForecast struct {
	env     *envelope
	powers  *[256]float64 // of trebleScale
	scale   float64       // of power: the gain, and the limit
	free    uint8         // no hop below this is touched
	at      int           // mix in force
	release float64
	gain    [trebleBands]float64
	idle    bool
}

func newTrebleForecast(env *envelope, powers *[256]float64, gainDB float64, rate audio.Rate) *trebleForecast {
	hop := float64(hopFrames(rate))
	return &trebleForecast{
		env: env, powers: powers, idle: true,
		scale:   math.Pow(10, (gainDB+3.01)/10),
		free:    trebleScale().encode(-gainDB - 3.01), // the limit is a sine of amplitude 1, whose mean square is a half
		release: 1 - math.Exp(-hop/(trebleRelease*float64(rate))),
		gain:    [trebleBands]float64{1, 1, 1},
	}
}

// power of the treble of hop h, gain included, 1 at the limit.
func (f *trebleForecast) power(h int) float64 {
	if h < 0 || h >= len(f.env.treble) {
		return 0
	}
	return f.powers[f.env.treble[h]] * f.scale
}

// step is the K-weighted power, before the gain, that hop h loses.
func (f *trebleForecast) step(h int) float64 {
	treble := f.env.treble
	if h >= len(treble) || len(f.env.mix) == 0 {
		return 0
	}
	// The limiter hears two hops at once, and has its gain in place around them.
	from, to := max(0, h-1), min(h+2, len(treble))
	loud := false
	for _, code := range treble[from:to] {
		loud = loud || code > f.free
	}
	if !loud && f.idle {
		return 0
	}
	for f.at+1 < len(f.env.mix) && int(f.env.mix[f.at+1].hop) <= h+4 {
		f.at++
	}
	mix := &f.env.mix[f.at]
	need := [trebleBands]float64{1, 1, 1}
	if loud {
		heard := max((f.power(h-1)+f.power(h))/2, (f.power(h)+f.power(h+1))/2)
		if heard > 1 {
			need = bandGains(heard, &mix.heard)
		}
	}
	f.idle = true
	lost := 0.0
	for b := range f.gain {
		if f.gain[b] += (1 - f.gain[b]) * f.release; f.gain[b] > need[b] {
			f.gain[b] = need[b]
		}
		if f.gain[b] < 0.9999 {
			f.idle = false
			lost += float64(mix.loud[b]) * (1 - f.gain[b]*f.gain[b])
		}
	}
	return lost * f.powers[treble[h]]
}

// bandGains brings bands of the given shares of total, above 1, down to 1
// together: the highest come down to a common level.
func bandGains(total float64, share *[trebleBands]float32) [trebleBands]float64 {
	level := 1.0 / trebleBands
	for range trebleBands {
		rest, n := 1.0, trebleBands
		for _, s := range share {
			if p := total * float64(s); p <= level {
				rest -= p
				n--
			}
		}
		if n == 0 {
			break
		}
		level = rest / float64(n)
	}
	var g [trebleBands]float64
	for b, s := range share {
		g[b] = 1
		if p := total * float64(s); p > level {
			g[b] = math.Sqrt(level / p)
		}
	}
	return g
}
