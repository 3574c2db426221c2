package master

import (
	"math"
	"time"

	"github.com/tphakala/simd/f32"

	"ferric/audio"
	"ferric/dsp"
)

// envelope is a track in steps of a 700th of a second: the true peak, the power
// and the treble of each, four bytes in all. It is enough to foretell what the
// limiters will do at any gain.
type envelope struct {
	peak   []uint16    // level codes of the highest point, either channel
	power  []uint8     // of powerScale: the mean square, both channels together
	treble []uint8     // of trebleScale: the treble's mean square as the treble limiter hears it, the louder channel; nil when flat
	mix    []trebleMix // where treble is high
}

// hopFrames is the length of a step: a whole number of steps makes 100 ms.
func hopFrames(rate audio.Rate) int {
	if rate == 48000 {
		return 64
	}
	return 63
}

// Peaks count hundredths of a decibel from −300 dB up; 0 is silence.
func encodeDB(db float64) uint16 {
	return uint16(min(max(math.Round((db+300)*100), 0), math.MaxUint16))
}

func decodeDB(code uint16) float64 { return float64(code)/100 - 300 }

// scale is decibels in a byte; 0 is everything under the floor. Sums over
// hundreds of hops do not mind the rounding.
type scale struct{ floor, step float64 }

func powerScale() scale  { return scale{-140, 0.6} }
func trebleScale() scale { return scale{-50, 0.25} }

func (s scale) encode(db float64) uint8 {
	return uint8(min(max(math.Round((db-s.floor)/s.step), 0), math.MaxUint8))
}

// powers of every code; nothing for 0.
func (s scale) powers() *[256]float64 {
	var p [256]float64
	for code := 1; code < len(p); code++ {
		p[code] = math.Pow(10, (s.floor+s.step*float64(code))/10)
	}
	return &p
}

const hopsPerTile = 64

// hopper turns a stereo stream into an envelope, and notes overs and silences on the way.
type hopper struct {
	rate   audio.Rate
	hop    int
	finder *dsp.PeakFinder
	buf    [2][]float32 // reach-1 frames before the tile, the tile, reach after
	fill   int
	points []float32
	spare  []float32
	env    envelope
	done   audio.Frames // frames behind the hops made so far
	length audio.Frames // frames written

	top      float32
	topAt    audio.Frames
	overs    int
	lastOver int // hop of the last over

	silences []Silence
	muteFrom int // hop where silence began, -1 in sound
	sounded  bool
}

// newHopper makes a hopper for about expect frames.
func newHopper(rate audio.Rate, expect audio.Frames) *hopper {
	h := &hopper{rate: rate, hop: hopFrames(rate), finder: dsp.NewPeakFinder(4), lastOver: math.MinInt / 2, muteFrom: -1}
	h.env.peak, h.env.power = room[uint16](expect, h.hop), room[uint8](expect, h.hop)
	size := h.hop*hopsPerTile + 2*h.finder.Reach() - 1
	h.buf = [2][]float32{make([]float32, size), make([]float32, size)}
	h.fill = h.finder.Reach() - 1
	h.points = make([]float32, h.hop*hopsPerTile)
	h.spare = make([]float32, h.hop*hopsPerTile)
	return h
}

// room is an empty slice for the hops of so many frames.
func room[T uint8 | uint16](frames audio.Frames, hop int) []T {
	return make([]T, 0, int(max(frames, 0))/hop+hopsPerTile)
}

func (h *hopper) write(block [][]float32) {
	h.length += audio.Frames(len(block[0]))
	h.push(block)
}

func (h *hopper) push(block [][]float32) {
	for at, n := 0, len(block[0]); at < n; {
		took := 0
		for c := range h.buf {
			took = copy(h.buf[c][h.fill:], block[c][at:])
		}
		at += took
		if h.fill += took; h.fill == len(h.buf[0]) {
			h.tile()
			keep := 2*h.finder.Reach() - 1
			for c := range h.buf {
				copy(h.buf[c], h.buf[c][len(h.buf[c])-keep:])
			}
			h.fill = keep
		}
	}
}

// tile makes the hops of one full buffer.
func (h *hopper) tile() {
	first := h.finder.Reach() - 1
	size := h.hop * hopsPerTile
	var peaks [hopsPerTile]float32
	var powers [hopsPerTile]float64
	for _, x := range h.buf {
		in := x[first : first+size]
		// Twelve decibels under anything that a limiter may be asked to touch, samples will do.
		fine := float64(f32.MaxAbs(x)) > 0.05
		if fine {
			h.finder.Between(h.points, x, h.spare)
		}
		for k := range peaks {
			hop := in[k*h.hop : (k+1)*h.hop]
			var square float64
			for _, v := range hop {
				square += float64(float64(v) * float64(v))
			}
			powers[k] += square
			if square > 0 {
				peaks[k] = max(peaks[k], f32.MaxAbs(hop))
			}
			if fine {
				peaks[k] = max(peaks[k], f32.Max(h.points[k*h.hop:(k+1)*h.hop]))
			}
		}
	}
	for k, peak := range peaks {
		if h.done >= h.length && h.length > 0 {
			return // only padding is left
		}
		h.note(peak, powers[k]/float64(2*h.hop))
		h.done += audio.Frames(h.hop)
	}
}

// note takes one hop.
func (h *hopper) note(peak float32, power float64) {
	n := len(h.env.peak)
	h.env.peak = append(h.env.peak, encodeDB(audio.DB(float64(peak))))
	h.env.power = append(h.env.power, powerScale().encode(levelDB(power)))
	if peak > h.top {
		h.top, h.topAt = peak, h.done
	}
	if peak > 1 {
		if n-h.lastOver > 7 {
			h.overs++
		}
		h.lastOver = n
	}
	silent := levelDB(power) < soundDB
	switch {
	case silent && h.muteFrom < 0:
		h.muteFrom = n
	case !silent && h.muteFrom >= 0:
		h.mute(n, !h.sounded)
		h.muteFrom = -1
	}
	h.sounded = h.sounded || !silent
}

func (h *hopper) mute(to int, edge bool) {
	from := at(audio.Frames(h.muteFrom*h.hop), h.rate)
	until := at(min(audio.Frames(to*h.hop), h.length), h.rate)
	if (until-from >= longEdge || !edge && until-from >= longMute) && len(h.silences) < 20 {
		h.silences = append(h.silences, Silence{from, until, edge})
	}
}

func (h *hopper) finish() {
	pad := audio.NewBlock(2, len(h.buf[0]))
	h.push(pad)
	if h.muteFrom >= 0 {
		h.mute(len(h.env.peak), true)
	}
}

// body is the RMS of the last 3 s in dBFS.
func (h *hopper) body() float64 {
	hops := int(3 * time.Second.Seconds() * float64(h.rate) / float64(h.hop))
	tail := h.env.power[max(0, len(h.env.power)-hops):]
	sum, powers := 0.0, powerScale().powers()
	for _, code := range tail {
		sum += powers[code]
	}
	return levelDB(sum / float64(max(1, len(tail))))
}
