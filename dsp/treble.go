package dsp

import (
	"math"

	"github.com/tphakala/simd/f32"
)

// Level is a point of a curve over frequency.
type Level struct{ Hz, DB float64 }

// Curve is a level over frequency, its points in rising order of frequency. Between points it is straight
// in dB over the logarithm of frequency; before the first it stays; after the last it goes on as it came.
type Curve []Level

// At is the level at hz. An empty curve is +Inf: it limits nothing.
func (c Curve) At(hz float64) float64 {
	switch {
	case len(c) == 0:
		return math.Inf(1)
	case len(c) == 1 || hz <= c[0].Hz:
		return c[0].DB
	}
	i := 1
	for i < len(c)-1 && hz > c[i].Hz {
		i++
	}
	a, b := c[i-1], c[i]
	return a.DB + (b.DB-a.DB)*math.Log(hz/a.Hz)/math.Log(b.Hz/a.Hz)
}

// TrebleConfig describes a TrebleLimiter. Zero fields mean the defaults stated.
type TrebleConfig struct {
	// Saturation is how high a sustained tone can be recorded, in dB over the level
	// that is ReferenceDB in the programme.
	Saturation Curve
	// ReferenceDB is the level of a sine, in dB re a full-scale sine, that is recorded at 0 dB of the curve.
	ReferenceDB float64
	ReleaseMS   float64 // time constant of the way back; default 50 ms
}

// TrebleLimiter turns treble down where the tape would saturate, and only there.
//
// Why tape needs it: playback boosts treble no more than the standard says (the corner at 120 µs or 70 µs), yet
// a cassette loses far more at wavelengths of a few micrometres, so the recorder lifts treble before the
// head. Lifted treble reaches the coating's limit long before bass does: a good ferric tape of 1994 took
// a tone of 400 Hz 6.6 dB higher than one of 10 kHz, and 12.6 dB higher than one of 15 kHz (measured on
// audiochrome.blogspot.com, 2018). Beyond the limit more input gives less output (smithnet.org.uk,
// Tape Recording Calibration and Metering) and a spray of intermodulation. Treble held at the limit sounds better.
//
// How: a linear-phase filter weighs the treble by the inverse of the saturation curve, so that 1 is the limit
// at every frequency from 4 kHz up (half of it at 3 kHz, nothing of it under 2 kHz). Where its level over 3 ms, that of a
// sine of the same power, exceeds 1 on any channel, three bands (2.9, 7.5 and 11.5 kHz up) are turned down:
// those that stand highest over the curve, by the least that brings the whole to 1. Bands are subtracted
// from the delayed programme; where all gains are 1 nothing is subtracted, and the output is the input,
// bit for bit, Latency frames late. All channels get the same gains.
type TrebleLimiter struct {
	tiles tiles
	hop   int         // frames: the step in which level and gain are known
	hist  [][]float32 // keep frames before the tile, and the tile
	keep  int
	frame int64 // input frames before the tile
	stats Activity
	inert bool // no curve, or no treble at this rate

	// Finding the level
	weigh   []float32            // taps, programme to treble re limit
	bands   [bandCount][]float32 // taps, high-passes at the lower edge of each band
	treble  [][]float32          // weighted; windowHops-1 hops and the high-passes' reach before the tile's hops
	bandSig [bandCount][]float32 // one channel's treble in bands
	power   []float64            // mean square of each hop, of the channel looked at
	target  [][bandCount]float64 // gains asked for, a hop of the tile
	release float64

	// Making the gain
	recent [][bandCount]float64 // targets of the last holdHops hops
	gain   [bandCount]float64   // after release
	past   [][bandCount]float64 // the last smoothHops of gain
	last   [bandCount]float64   // smoothed, at the end of the hop before
	quiet  int                  // hops since anything was asked

	// Applying it
	share [bandCount][]float32 // of each high-pass to be subtracted, a frame
	part  []float32
}

const (
	bandCount  = 3
	windowHops = 4 // of one level: 2.9 ms
	smoothHops = 4
	holdHops   = windowHops + smoothHops // a gain covers every window that its hop is part of, through smoothing and ramp
	aheadHops  = holdHops - 1            // from the hop that leaves to the newest
	tileHops   = 16
)

// TrebleEdges are where the bands of a TrebleLimiter begin, in hertz: the gain of its high-passes is one half there.
func TrebleEdges() [3]float64 { return [bandCount]float64{2900, 7500, 11500} }

// NewTrebleLimiter makes a limiter for a number of channels at rate hertz. Without a
// curve, or at rates with no treble (under 16 kHz), it passes everything, still Latency frames late.
func NewTrebleLimiter(channels int, rate float64, cfg TrebleConfig) *TrebleLimiter {
	hop := 32 * max(1, int(math.Round(rate/44100)))
	l := &TrebleLimiter{
		hop:   hop,
		tiles: newTiles(channels, tileHops*hop),
		stats: Activity{Rate: rate},
		inert: len(cfg.Saturation) == 0 || rate < 16000,
	}
	if cfg.ReleaseMS == 0 {
		cfg.ReleaseMS = 50
	}
	l.release = NewOnePole(cfg.ReleaseMS/1000, rate/float64(hop)).K

	l.weigh = TrebleWeighting(rate, cfg)
	for b, edge := range TrebleEdges() {
		l.bands[b] = Float32(HighPass(trebleTaps(rate), min(edge/rate, 0.49), 60))
		l.share[b] = make([]float32, l.tiles.size)
		l.bandSig[b] = make([]float32, (tileHops+windowHops-1)*hop)
		l.gain[b], l.last[b] = 1, 1
	}
	l.part = make([]float32, l.tiles.size)
	l.treble = planar(channels, (tileHops+windowHops-1)*hop+2*reach(l.bands[0]))
	l.power = make([]float64, tileHops+windowHops-1)
	l.target = ones(tileHops)
	l.recent = ones(holdHops)
	l.past = ones(smoothHops)
	l.quiet = holdHops + smoothHops

	l.keep = l.lag() + reach(l.bands[0])
	l.hist = planar(channels, l.keep+l.tiles.size)
	return l
}

// trebleTaps is the length of every filter of a TrebleLimiter: 1.4 ms, odd.
func trebleTaps(rate float64) int { return int(63*max(rate, 22050)/44100)/2*2 + 1 }

// TrebleWeighting is the filter through which a TrebleLimiter of this configuration hears: a
// sine at the saturation limit comes out with amplitude 1. Its taps are symmetric and odd in number.
func TrebleWeighting(rate float64, cfg TrebleConfig) []float32 {
	n := trebleTaps(rate)
	taps := make([]float64, n)
	if len(cfg.Saturation) == 0 {
		return Float32(taps)
	}
	const grid = 2048
	for k := range grid {
		f := (float64(k) + 0.5) / (2 * grid)
		g := trebleShape(f*rate) / Ratio(cfg.Saturation.At(f*rate)+cfg.ReferenceDB)
		if g == 0 {
			continue
		}
		for i := range taps {
			taps[i] += g * math.Cos(2*math.Pi*f*float64(i-n/2)) / grid
		}
	}
	window := make([]float64, n)
	Kaiser(window, KaiserBeta(50))
	for i := range taps {
		taps[i] *= window[i]
	}
	return Float32(taps)
}

// trebleShape is how much of a tone at hz counts as treble.
func trebleShape(hz float64) float64 {
	x := min(max((hz-2000)/2000, 0), 1)
	return 0.5 - 0.5*math.Cos(math.Pi*x)
}

// reach is how far a symmetric filter looks to either side.
func reach(taps []float32) int { return (len(taps) - 1) / 2 }

func ones(n int) [][bandCount]float64 {
	v := make([][bandCount]float64, n)
	for i := range v {
		v[i] = [bandCount]float64{1, 1, 1}
	}
	return v
}

// lag is how many frames the frame that leaves is behind the one that comes in.
func (l *TrebleLimiter) lag() int { return reach(l.weigh) + reach(l.bands[0]) + aheadHops*l.hop }

// Latency is the delay in frames.
func (l *TrebleLimiter) Latency() int { return l.lag() + l.tiles.size }

// Activity is what the limiter did so far, by position in the programme. Its decibels are those of the band turned down most.
func (l *TrebleLimiter) Activity() *Activity { return &l.stats }

// Process limits block in place; see Latency.
func (l *TrebleLimiter) Process(block [][]float32) { l.tiles.run(block, l.tile) }

// tile takes the tile in and makes the tile out.
func (l *TrebleLimiter) tile() {
	size := l.tiles.size
	for c, h := range l.hist {
		copy(h, h[size:])
		copy(h[l.keep:], l.tiles.in[c])
	}
	leaving := l.keep - l.lag()
	at := l.frame - int64(l.lag())
	l.frame += int64(size)

	asked := !l.inert && l.listen()
	if !asked && l.quiet >= holdHops+smoothHops && l.gain == [bandCount]float64{1, 1, 1} {
		for c, h := range l.hist {
			copy(l.tiles.out[c], h[leaving:])
		}
		return
	}
	l.stats.add(at, l.shape())
	for c, h := range l.hist {
		out := l.tiles.out[c]
		copy(out, h[leaving:leaving+size])
		for b, taps := range l.bands {
			if f32.MaxAbs(l.share[b]) == 0 {
				continue
			}
			Convolve(l.part, h[leaving-reach(taps):], taps)
			f32.Mul(l.part, l.part, l.share[b])
			f32.Sub(out, out, l.part)
		}
	}
}

// listen sets target for the hops of the tile and says whether any of them asks for less than 1.
func (l *TrebleLimiter) listen() bool {
	asked := false
	for c, t := range l.treble {
		before := len(t) - l.tiles.size
		copy(t, t[l.tiles.size:])
		// The newest treble that can be known is the filter's reach before the newest programme.
		Convolve(t[before:], l.hist[c][l.keep-2*reach(l.weigh):], l.weigh)
		// A wave that never exceeds this holds no sine-equivalent above 1.
		if f32.MaxAbs(t) <= math.Sqrt2/2 {
			continue
		}
		edge := reach(l.bands[0])
		inner := t[edge : len(t)-edge]
		for h := range l.power {
			l.power[h] = meanSquare(inner[h*l.hop : (h+1)*l.hop])
		}
		loud := false
		for h := range tileHops {
			loud = loud || windowPower(l.power[h:]) > 1
		}
		if !loud {
			continue
		}
		if !asked {
			asked = true
			copy(l.target, ones(tileHops))
		}
		l.ask(t, inner)
	}
	return asked
}

// meanSquare is twice the mean square of x: the squared amplitude of a sine of the same power.
func meanSquare(x []float32) float64 {
	var s float64
	for _, v := range x {
		s += float64(float64(v) * float64(v))
	}
	return 2 * s / float64(len(x))
}

// product is meanSquare of two signals multiplied.
func product(x, y []float32) float64 {
	var s float64
	y = y[:len(x)]
	for i, v := range x {
		s += float64(float64(v) * float64(y[i]))
	}
	return 2 * s / float64(len(x))
}

func windowPower(hops []float64) float64 {
	return (hops[0] + hops[1] + hops[2] + hops[3]) / windowHops
}

// ask lowers the targets to what one channel's treble needs; inner is the stretch of t that the high-passes can filter.
func (l *TrebleLimiter) ask(t, inner []float32) {
	// Bands that add up to the treble: what each high-pass takes away from the one below.
	copy(l.bandSig[0], inner)
	for b := 1; b < bandCount; b++ {
		Convolve(l.bandSig[b], t, l.bands[b])
		f32.Sub(l.bandSig[b-1], l.bandSig[b-1], l.bandSig[b])
	}
	for h := range tileHops {
		total := windowPower(l.power[h:])
		if total <= 1 {
			continue
		}
		from, to := h*l.hop, (h+windowHops)*l.hop
		var own [bandCount]float64       // power of each band
		var cross [bandCount - 1]float64 // of each with the next
		for b, s := range l.bandSig {
			own[b] = meanSquare(s[from:to])
			if b > 0 {
				cross[b-1] = product(l.bandSig[b-1][from:to], s[from:to])
			}
		}
		g := bandGains(total, own, cross)
		for b := range g {
			l.target[h][b] = min(l.target[h][b], g[b])
		}
	}
}

// bandGains finds gains that bring treble of power total (above 1) down to 1. The bands that stand
// highest come down to a common level first; then, since neighbours share what lies on their edge and
// add up in step, all come down by what is still too much.
func bandGains(total float64, own [bandCount]float64, cross [bandCount - 1]float64) [bandCount]float64 {
	sum := own[0] + own[1] + own[2]
	if sum <= 0 {
		return [bandCount]float64{1, 1, 1}
	}
	var p [bandCount]float64
	for b := range p {
		p[b] = own[b] * total / sum
	}
	level := commonLevel(p)
	g := [bandCount]float64{1, 1, 1}
	for b := range g {
		if p[b] > level {
			g[b] = math.Sqrt(level / p[b])
		}
	}
	after := 0.0
	for b := range g {
		after += float64(g[b] * g[b] * own[b])
		if b > 0 {
			after += float64(2 * g[b-1] * g[b] * cross[b-1])
		}
	}
	if after > 1 {
		for b := range g {
			g[b] /= math.Sqrt(after)
		}
	}
	return g
}

// commonLevel is the level at which values p, cut to it, add up to 1; their sum is above 1.
func commonLevel(p [bandCount]float64) float64 {
	rest, n := 1.0, bandCount
	level := rest / float64(n)
	for range bandCount {
		// Bands under the level keep what they have; the others share the rest.
		rest, n = 1, bandCount
		for _, v := range p {
			if v <= level {
				rest -= v
				n--
			}
		}
		if n == 0 {
			return math.Inf(1)
		}
		level = rest / float64(n)
	}
	return level
}

// shape turns targets into the shares of the high-passes to subtract from the tile that leaves.
func (l *TrebleLimiter) shape() (work stint) {
	work.least = 1
	for h := range tileHops {
		copy(l.recent, l.recent[1:])
		l.recent[holdHops-1] = l.target[h]
		copy(l.past, l.past[1:])
		l.quiet++
		var next [bandCount]float64
		for b := range bandCount {
			hold := 1.0
			for _, t := range l.recent {
				hold = min(hold, t[b])
			}
			if hold < 1 {
				l.quiet = 0
			}
			l.gain[b] = min(hold, l.gain[b]+float64((1-l.gain[b])*l.release))
			if hold == 1 && l.gain[b] > 1-gainSnap {
				l.gain[b] = 1
			}
			if l.gain[b] < 1 {
				l.quiet = 0
			}
			l.past[smoothHops-1][b] = l.gain[b]
			next[b] = (l.past[0][b] + l.past[1][b] + l.past[2][b] + l.past[3][b]) / smoothHops
		}
		for i := range l.hop {
			a := float64(i) / float64(l.hop)
			before, least := 0.0, 1.0
			for b := range bandCount {
				g := l.last[b] + float64(a*(next[b]-l.last[b]))
				// Band b is high-pass b less high-pass b+1, so high-pass b carries the step from the band below.
				l.share[b][h*l.hop+i] = float32((1 - g) - before)
				before = 1 - g
				least = min(least, g)
			}
			work.note(least)
		}
		l.last = next
	}
	copy(l.target, ones(tileHops))
	return work
}
