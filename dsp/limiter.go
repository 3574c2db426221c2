package dsp

import (
	"math"

	"github.com/tphakala/simd/f32"
)

// LimiterConfig describes a Limiter. Zero fields mean the defaults below.
type LimiterConfig struct {
	CeilingDB float64 // highest true peak of the output in dBTP
	MarginDB  float64 // held below the ceiling, for meters that interpolate in another way
	LookMS    float64 // how long the gain takes to move down before a peak
	ReleaseMS float64 // time constant of the way back after a short peak
	SlowMS    float64 // time constant of the way back after long work, so that dense passages do not pump
}

// The defaults of LimiterConfig. Measured by ffmpeg's ebur128, limited music comes out up to 0.05 dB, and white noise,
// the worst there is, 0.09 dB over ceiling less margin.
const (
	LimiterCeilingDB = -1.0
	LimiterMarginDB  = 0.15
	LimiterLookMS    = 3.0
	LimiterReleaseMS = 60.0
	LimiterSlowMS    = 400.0
)

// Limiter keeps the true peak of a programme under a ceiling, all channels by one gain so that
// the stereo image stays. While nothing would exceed the ceiling its output is its input, bit
// for bit, Latency frames late.
//
// It looks ahead. For each frame it finds the gain that the wave around it needs, samples and points
// between them; takes the least over a window; lets that rise slowly; and averages it over the same
// window. An average of values that all cover the peak is never above what the peak needs, so the
// gain arrives in time, and it moves smoothly: a corner in the gain would be a click.
type Limiter struct {
	ceiling float32
	tiles   tiles
	hist    [][]float32 // keep frames before the tile, and the tile
	keep    int
	frame   int64 // input frames before the tile
	stats   Activity

	// What the wave needs
	coarse, fine *PeakFinder // at a quarter of a sample, and between those where a quarter comes close
	bound        float32     // of either
	high         []float32   // peaks, where they exceed the ceiling: of the interval before the tile, then of each frame and the interval after it
	scratch      []float32
	need         []float32 // gain that each frame needs; then the gain that it gets

	// What it gets, one frame after another. Gains are counted in whole parts of
	// gainOne, so that running sums come back exactly to where they were.
	look       int // frames of the window
	least      minWindow
	gain, slow float64
	fast, long float64 // shares a frame
	idleShare  float64 // long, over a tile
	box        [2]movingSum
	scale      float64
	settled    int // frames since a gain was below 1
}

const (
	tileFrames = 128 // 2.9 ms at 44.1 kHz
	gainOne    = 1 << 30
	nearPeak   = 0.92 // a 4x reading may be 0.7 dB low (BS.1770-4 annex 2): look closer from here on
	gainSnap   = 1e-3 // 0.009 dB: the way back ends here
)

// NewLimiter makes a limiter for a number of channels at rate hertz.
func NewLimiter(channels int, rate float64, cfg LimiterConfig) *Limiter {
	or := func(v, d float64) float64 {
		if v == 0 {
			return d
		}
		return v
	}
	l := &Limiter{
		ceiling: float32(Ratio(or(cfg.CeilingDB, LimiterCeilingDB) - or(cfg.MarginDB, LimiterMarginDB))),
		tiles:   newTiles(channels, tileFrames),
		stats:   Activity{Rate: rate},
		high:    make([]float32, tileFrames+1),
		scratch: make([]float32, tileFrames),
		need:    make([]float32, tileFrames),
		gain:    1,
		slow:    1,
		fast:    NewOnePole(or(cfg.ReleaseMS, LimiterReleaseMS)/1000, rate).K,
		long:    NewOnePole(or(cfg.SlowMS, LimiterSlowMS)/1000, rate).K,
	}
	l.idleShare = 1 - math.Pow(1-l.long, tileFrames)
	if rate < 88200 {
		l.coarse = newPeakFinder([]float64{1. / 4, 2. / 4, 3. / 4})
		l.fine = newPeakFinder([]float64{1. / 8, 3. / 8, 5. / 8, 7. / 8})
	} else {
		l.coarse = newPeakFinder([]float64{1. / 2})
		l.fine = newPeakFinder([]float64{1. / 4, 3. / 4})
	}
	l.bound = float32(max(l.coarse.Bound(), l.fine.Bound()) * (1 + 1e-6))

	// Two moving averages, one after the other, weigh the window like a triangle.
	half := max(1, int(or(cfg.LookMS, LimiterLookMS)/1000*rate/2))
	l.box = [2]movingSum{newMovingSum(half, gainOne), newMovingSum(half+1, gainOne*int64(half))}
	l.scale = 1 / (gainOne * float64(half) * float64(half+1))
	l.look = 2 * half
	l.least = newMinWindow(l.look)
	l.settled = l.look

	l.keep = l.lag() + peakReach
	l.hist = planar(channels, l.keep+tileFrames)
	return l
}

// lag is how many frames the frame that leaves is behind the one that comes in: the finder's
// reach, for the last interval to be interpolated, and the window.
func (l *Limiter) lag() int { return peakReach + l.look - 1 }

// Latency is the delay in frames.
func (l *Limiter) Latency() int { return l.lag() + tileFrames }

// Activity is what the limiter did so far, by position in the programme.
func (l *Limiter) Activity() *Activity { return &l.stats }

// Process limits block in place; see Latency.
func (l *Limiter) Process(block [][]float32) { l.tiles.run(block, l.tile) }

// tile takes the tile in and makes the tile out.
func (l *Limiter) tile() {
	for c, h := range l.hist {
		copy(h, h[tileFrames:])
		copy(h[l.keep:], l.tiles.in[c])
	}
	busy := l.find()
	leaving := l.keep - l.lag()
	at := l.frame - int64(l.lag())
	l.frame += tileFrames
	if !busy && l.gain == 1 && l.settled >= l.look {
		l.slow += (1 - l.slow) * l.idleShare
		for c, h := range l.hist {
			copy(l.tiles.out[c], h[leaving:])
		}
		return
	}
	l.stats.add(at, l.shape())
	for c, h := range l.hist {
		f32.Mul(l.tiles.out[c], h[leaving:leaving+tileFrames], l.need)
	}
}

// find sets need to the gain that each frame needs, and says whether any is below 1. The frames are those
// whose intervals to both sides can be interpolated now: a tile of them, peakReach before the newest.
func (l *Limiter) find() bool {
	// high[0] is the interval before the tile, which was the last of the tile before.
	high := l.high[1:]
	l.high[0] = l.high[tileFrames]
	clear(high)
	from := l.keep - peakReach
	for _, h := range l.hist {
		src := h[from-peakReach+1:]
		around := f32.MaxAbs(src)
		if around*l.bound <= l.ceiling {
			continue
		}
		top := l.coarse.raise(high, src, l.scratch, l.ceiling)
		if max(top, around) > l.ceiling*nearPeak {
			raiseAbs(high, h[from:from+tileFrames])
			l.fine.raise(high, src, l.scratch, l.ceiling)
		}
	}
	if f32.MaxAbs(l.high) <= l.ceiling {
		for i := range l.need {
			l.need[i] = 1
		}
		return false
	}
	for i := range l.need {
		l.need[i] = 1
		if p := max(l.high[i], l.high[i+1]); p > l.ceiling {
			l.need[i] = l.ceiling / p
		}
	}
	return true
}

// shape turns what the frames need into the gains that the frames leaving now get.
func (l *Limiter) shape() (work stint) {
	work.least = 1
	for i, need := range l.need {
		least := float64(l.least.push(need))
		l.slow += float64((least - l.slow) * l.long)
		rise := max(float64((l.slow-l.gain)*l.fast), float64((1-l.gain)*l.long))
		l.gain = min(least, l.gain+rise)
		if l.gain > 1-gainSnap && least == 1 {
			l.gain = 1
		}
		l.settled++
		if l.gain < 1 {
			l.settled = 0
		}
		sum := l.box[1].push(l.box[0].push(int64(l.gain * gainOne)))
		g := float64(sum) * l.scale
		l.need[i] = float32(g)
		work.note(g)
	}
	return work
}

// movingSum is the sum of the last n values.
type movingSum struct {
	ring []int64
	at   int
	sum  int64
}

func newMovingSum(n int, start int64) movingSum {
	m := movingSum{ring: make([]int64, n), sum: start * int64(n)}
	for i := range m.ring {
		m.ring[i] = start
	}
	return m
}

func (m *movingSum) push(v int64) int64 {
	m.sum += v - m.ring[m.at]
	m.ring[m.at] = v
	m.at++
	if m.at == len(m.ring) {
		m.at = 0
	}
	return m.sum
}

// minWindow is the least of the last n values, which start as 1. It keeps only those that can still become
// the least: a rising queue.
type minWindow struct {
	n          int
	at         int64
	value      []float32
	when       []int64
	head, size int
}

func newMinWindow(n int) minWindow {
	return minWindow{n: n, value: make([]float32, n+1), when: make([]int64, n+1)}
}

func (w *minWindow) push(v float32) float32 {
	w.at++
	for w.size > 0 {
		last := w.head + w.size - 1
		if last >= len(w.value) {
			last -= len(w.value)
		}
		if w.value[last] < v {
			break
		}
		w.size--
	}
	end := w.head + w.size
	if end >= len(w.value) {
		end -= len(w.value)
	}
	w.value[end], w.when[end] = v, w.at
	w.size++
	if w.when[w.head] <= w.at-int64(w.n) {
		w.size--
		w.head++
		if w.head == len(w.value) {
			w.head = 0
		}
	}
	return w.value[w.head]
}
