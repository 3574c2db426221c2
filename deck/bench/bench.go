// Package bench is the service bench: meters that read a deck, real or
// modelled, from a recording of test tones.
//
// A deck is judged by a handful of numbers that have stayed the same for fifty
// years. How steadily the tape runs ([Flutter]: wow and flutter, weighted as
// the ear hears it, AES6-2008 / IEC 60386) and how fast (speed error). How
// evenly it plays bass and treble ([Level] of tones). How clean a loud tone is
// ([ThirdHarmonic], and from it the level at which it reaches 3 %, [MOL]) and
// how much treble fits on the tape ([SOL]). How quiet silence is ([NoiseDBA]),
// how much of one channel is heard in the other ([Separation]), and whether the
// gap of the head stands square to the tape ([Azimuth]).
//
// Every meter is a function of samples at a rate in hertz and of nothing else,
// so it cannot know whether a model or a machine made them. Levels are dB
// relative to a sine of amplitude 1; a caller who knows which level on the
// recording is Dolby level subtracts that. [Survey] finds the tones in a
// recording by itself.
package bench

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"ferric/deck/internal/weight"
	"ferric/dsp"
)

// ErrSignal is wrapped by errors about a recording that cannot be read this way.
var ErrSignal = errors.New("not measurable")

// Report is what a bench reads of a deck. A figure that could not be measured
// is nil, and absent from JSON. Levels are dB relative to Dolby level.
type Report struct {
	FlutterWeightedPct *float64           `json:"wow_flutter_weighted_pct,omitempty"` // two-sigma peak
	FlutterWRMSPct     *float64           `json:"wow_flutter_wrms_pct,omitempty"`
	SpeedErrorPct      *float64           `json:"speed_error_pct,omitempty"`
	NoiseDBA           *float64           `json:"noise_dba,omitempty"`
	K3ReferencePct     *float64           `json:"k3_reference_pct,omitempty"` // third harmonic at Dolby level
	MOL400DB           *float64           `json:"mol400_db,omitempty"`        // 400 Hz with 3 % third harmonic
	SOL10kDB           *float64           `json:"sol10k_db,omitempty"`        // the most 10 kHz that comes back
	SeparationDB       *float64           `json:"separation_db,omitempty"`    // at 1 kHz, the worse of the two ways
	OtherSideDB        *float64           `json:"other_side_db,omitempty"`    // how far below lies the other side, at 1 kHz
	AzimuthArcmin      *float64           `json:"azimuth_arcmin,omitempty"`
	ResponseDB         map[string]float64 `json:"response_db,omitempty"` // by hertz, relative to the level at 400 Hz (else to the tone nearest to it)
}

// ResponseTones are the 13 frequencies at which a response is read, in hertz.
func ResponseTones() [13]float64 {
	return [13]float64{31.5, 63, 125, 250, 400, 1000, 2000, 4000, 6300, 8000, 10000, 12500, 15000}
}

// bandPower is the power of x within lo to hi hertz, as the squared amplitude
// of a sine of the same power. It averages Hann-windowed spectra that overlap
// by half, so x may be of any length; shorter than a window it is padded.
func bandPower(x []float64, rate, lo, hi float64, window int) float64 {
	spectrum := power(x, window)
	bin := rate / float64(window)
	var sum float64
	for k, p := range spectrum {
		if hz := float64(k) * bin; hz >= lo && hz <= hi {
			sum += p
		}
	}
	return sum
}

// power is Welch's estimate: power[k] of each bin, scaled so that the bins of a
// sine add up to its amplitude squared.
func power(x []float64, window int) []float64 {
	fft := dsp.NewFFT(window)
	win := make([]float64, window)
	dsp.Hann(win)
	buf := make([]float64, window)
	spec := make([]complex128, window/2+1)
	out := make([]float64, window/2+1)
	count := 0
	for at := 0; at == 0 || at+window <= len(x); at += window / 2 {
		n := copy(buf, x[at:])
		clear(buf[n:])
		for i := range buf {
			buf[i] *= win[i]
		}
		fft.Forward(spec, buf)
		for k, v := range spec {
			out[k] += real(v)*real(v) + imag(v)*imag(v)
		}
		count++
	}
	// A periodic Hann window has Σw² = 3n/8; a one-sided spectrum holds half of each sine's power.
	short := 1.0
	if len(x) > 0 && len(x) < window {
		short = float64(window) / float64(len(x))
	}
	scale := 4 / (float64(count) * float64(window) * float64(window) * 3 / 8) * short
	for k := range out {
		out[k] *= scale
	}
	return out
}

// windowFor is a window long enough to keep tones apart at hz, no longer than the recording.
func windowFor(n int, rate, hz float64) int {
	want := max(rate/20, 24*rate/hz) // 24 periods, at least 50 ms
	w := 1024
	for float64(w) < want && w < 1<<17 {
		w *= 2
	}
	for w > n && w > 256 {
		w /= 2
	}
	return w
}

// Level is the level of the tone near hz in x, in dB relative to a sine of
// amplitude 1. The tone may stray by 3 % and flutter: all power within 4 % of hz counts.
func Level(x []float64, rate, hz float64) float64 {
	w := windowFor(len(x), rate, hz)
	margin := max(0.04*hz, 2.5*rate/float64(w))
	return dsp.PowerDB(bandPower(x, rate, hz-margin, hz+margin, w))
}

// ThirdHarmonic is the share of the third harmonic in a tone of hz, in percent
// of the fundamental. The noise around it is measured and taken off.
func ThirdHarmonic(x []float64, rate, hz float64) float64 {
	w := windowFor(len(x), rate, hz)
	spec := power(x, w)
	bin := rate / float64(w)
	band := func(centre, half float64) (sum float64, bins int) {
		for k := max(0, int((centre-half)/bin)); k <= int((centre+half)/bin) && k < len(spec); k++ {
			sum += spec[k]
			bins++
		}
		return sum, bins
	}
	half := max(0.02*hz, 3*bin)
	first, _ := band(hz, max(0.04*hz, 3*bin))
	third, n := band(3*hz, 2*half)
	below, m := band(3*hz-6*half, 2*half)
	above, o := band(3*hz+6*half, 2*half)
	if m+o > 0 {
		third -= (below + above) / float64(m+o) * float64(n)
	}
	if first <= 0 {
		return 0
	}
	return 100 * math.Sqrt(max(third, 0)/first)
}

// Point is one step of a series of rising tones.
type Point struct {
	LevelDB float64 // of the fundamental as it comes back
	K3Pct   float64
}

// MOL is the level at which the third harmonic reaches 3 %, between two steps
// of a series in rising order. It is false when the series does not reach it.
func MOL(series []Point) (float64, bool) {
	const limit = 3.0
	for i := 1; i < len(series); i++ {
		a, b := series[i-1], series[i]
		if a.K3Pct < limit && b.K3Pct >= limit && a.K3Pct > 0 {
			x := math.Log(limit/a.K3Pct) / math.Log(b.K3Pct/a.K3Pct)
			return a.LevelDB + x*(b.LevelDB-a.LevelDB), true
		}
	}
	return 0, false
}

// SOL is the highest level that came back of a series of rising tones. It is
// false when the last step was the highest: the tape could have taken more.
func SOL(levelsDB []float64) (float64, bool) {
	best := 0
	for i, l := range levelsDB {
		if l > levelsDB[best] {
			best = i
		}
	}
	if len(levelsDB) == 0 || best == len(levelsDB)-1 {
		return 0, false
	}
	return levelsDB[best], true
}

// NoiseDBA is the A-weighted level of x between 20 Hz and 20 kHz, in dB relative to a sine of amplitude 1.
func NoiseDBA(x []float64, rate float64) float64 {
	w := 1 << 14
	for w > len(x) && w > 256 {
		w /= 2
	}
	bin := rate / float64(w)
	var sum float64
	for k, p := range power(x, w) {
		if hz := float64(k) * bin; hz >= 20 && hz <= 20000 {
			sum += p * math.Pow(10, weight.ADB(hz)/10)
		}
	}
	return dsp.PowerDB(sum)
}

// Separation is how far below the driven channel the tone near hz lies in the
// other, in dB. Noise beside the tone is measured and taken off.
func Separation(driven, other []float64, rate, hz float64) float64 {
	return Level(driven, rate, hz) - LevelBesideNoise(other, rate, hz)
}

// LevelBesideNoise is Level for a tone that hardly stands out: a narrow band, less the noise that its neighbours hold.
func LevelBesideNoise(x []float64, rate, hz float64) float64 {
	w := 1 << 15
	for w > len(x) && w > 256 {
		w /= 2
	}
	half := max(0.02*hz, 3*rate/float64(w))
	tone := bandPower(x, rate, hz-half, hz+half, w)
	noise := (bandPower(x, rate, hz-3.5*half, hz-1.5*half, w) + bandPower(x, rate, hz+1.5*half, hz+3.5*half, w)) / 2
	return dsp.PowerDB(max(tone-noise, tone*1e-3))
}

// String is the report in one line, for logs.
func (r Report) String() string {
	s := ""
	for _, f := range []struct {
		name string
		v    *float64
	}{
		{"wf", r.FlutterWeightedPct}, {"wrms", r.FlutterWRMSPct}, {"speed", r.SpeedErrorPct}, {"noise", r.NoiseDBA}, {"k3", r.K3ReferencePct},
		{"mol", r.MOL400DB}, {"sol", r.SOL10kDB}, {"sep", r.SeparationDB}, {"other", r.OtherSideDB}, {"azimuth", r.AzimuthArcmin},
	} {
		if f.v != nil {
			s += fmt.Sprintf("%s %.3f ", f.name, *f.v)
		}
	}
	for _, hz := range ResponseTones() {
		if v, ok := r.ResponseDB[strconv.FormatFloat(hz, 'f', -1, 64)]; ok {
			s += fmt.Sprintf("%g:%+.1f ", hz, v)
		}
	}
	return strings.TrimSpace(s)
}
