package demo

import "math"

// rate is the sampling rate of the whole album in hertz.
const rate = 44100

// Oscillators read one period of a wave from a table with a 32-bit phase that
// wraps by itself: its top bits are the place in the table, the rest the
// fraction for a straight line between two neighbours. With 2048 points the
// error of a sine read so is below -118 dB.
const (
	tableBits = 11
	tableLen  = 1 << tableBits
	fracBits  = 32 - tableBits
	fracMask  = 1<<fracBits - 1
)

// table is one period of a wave, with its first point again at the end.
type table [tableLen + 1]float32

// at reads the table at phase ph.
func (t *table) at(ph uint32) float32 {
	i := ph >> fracBits
	a, b := t[i], t[i+1]
	return a + (b-a)*(float32(int32(ph&fracMask))*(1.0/(1<<fracBits)))
}

// step is the phase increment a frame for a frequency.
func step(hz float64) uint32 { return uint32(hz / rate * (1 << 32)) }

// hertz is the frequency of a pitch in semitones: 69 is A4 = 440 Hz, equal temperament.
func hertz(pitch float64) float64 { return 440 * math.Exp2((pitch-69)/12) }

// partials gives the amplitude of harmonic n (1, 2, 3...) of a wave.
type partials func(n int) float64

// wave is one timbre as tables of growing numbers of harmonics, so that no note holds any above the band.
type wave [len(waveSizes)]*table

var waveSizes = [...]int{1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192}

// bandTop is the frequency above which a wave has no harmonics.
const bandTop = 17000

// fit picks the fullest table whose harmonics all lie below bandTop at hz.
func (w *wave) fit(hz float64) *table {
	best := w[0]
	for i, n := range waveSizes {
		if float64(n)*hz > bandTop {
			break
		}
		best = w[i]
	}
	return best
}

// kit is what every instrument of the album shares: its tables. It is read only.
type kit struct {
	sine   *table
	warm   wave // rounder than a sawtooth: strings, pads
	saw    wave // 1/n: brass, basses under a filter
	hollow wave // odd harmonics: clarinets, stopped pipes
	glass  wave // few harmonics, widely spaced
	organ  wave // principals at 16', 8', 4', 2 2/3', 2' over a fundamental an octave down
	flute  wave // stopped organ flutes 8' and 4', over the same fundamental
}

func newKit() *kit {
	k := &kit{sine: new(table)}
	for i := range k.sine {
		k.sine[i] = float32(math.Sin(2 * math.Pi * float64(i) / tableLen))
	}
	k.warm = k.wave(func(n int) float64 { return math.Pow(float64(n), -1.3) * math.Exp(-float64(n)/40) })
	k.saw = k.wave(func(n int) float64 { return 1 / float64(n) })
	k.hollow = k.wave(func(n int) float64 {
		if n%2 == 0 {
			return 0.04 / float64(n)
		}
		return math.Pow(float64(n), -1.3)
	})
	k.glass = k.wave(func(n int) float64 {
		return [12]float64{1, 0.08, 0.3, 0, 0.16, 0, 0.1, 0, 0, 0.05, 0, 0.04}[min(n, 12)-1] * taper(n)
	})
	k.organ = k.wave(func(n int) float64 {
		return map[int]float64{1: 0.42, 2: 1, 3: 0.12, 4: 0.62, 6: 0.3, 8: 0.26, 10: 0.07, 12: 0.13, 16: 0.1, 20: 0.03, 24: 0.03, 32: 0.02}[n]
	})
	k.flute = k.wave(func(n int) float64 { return map[int]float64{1: 0.1, 2: 1, 4: 0.22, 6: 0.1, 10: 0.02}[n] })
	return k
}

func taper(n int) float64 {
	if n > 12 {
		return 0
	}
	return 1
}

// wave builds the tables of a timbre. A harmonic of a whole number is read from
// the sine table itself, point for point, so that this takes no trigonometry.
// Harmonics start at phases that keep the peak low (a sum of equal phases would be a spike).
func (k *kit) wave(amp partials) wave {
	var w wave
	for i, size := range waveSizes {
		w[i] = k.single(amp, size)
	}
	return w
}

// single is one table of the first size harmonics, scaled to an RMS of 0.5.
func (k *kit) single(amp partials, size int) *table {
	t := new(table)
	var power float64
	for n := 1; n <= size; n++ {
		a := amp(n)
		if a == 0 {
			continue
		}
		power += a * a / 2
		start := n * n * 137 // quadratic phases spread the energy over the period
		for j := range tableLen {
			t[j] += float32(a) * k.sine[(j*n+start)&(tableLen-1)]
		}
	}
	scale := float32(0.5 / math.Sqrt(max(power, 1e-12)))
	for j := range tableLen {
		t[j] *= scale
	}
	t[tableLen] = t[0]
	return t
}
