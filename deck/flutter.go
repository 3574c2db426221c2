package deck

import (
	"math"

	"ferric/deck/internal/weight"
	"ferric/dsp"
	"ferric/tape"
)

// flutter is by how much the tape is early or late at each place: the sum of
// what turns in the machine (take-up hub, pinch roller, capstan) and of a noise
// that falls with frequency up to 200 Hz. One or two sines are not flutter: a real
// recorder's jitter is broadband.
//
// It is a function of place on the tape alone. Noise is five layers of random numbers
// at regular places, joined by cubic splines; each layer reaches up to one of the bands in
// which the jitter of a cheap recorder was measured (github.com/Magnus-Gille/cassette-ai),
// and its strength is such that each band has its share.
type flutter struct {
	seed    uint64
	layers  [5]layer
	reel    peak // Hz is not used: once a turn of the hub
	pinch   peak
	capstan peak
	spool   tape.Spool
}

type layer struct {
	every  float64 // seconds between numbers
	spread float64 // standard deviation of the numbers, seconds of displacement
}

type peak struct{ hz, amp, phase float64 }

// measuredBands are hertz and rms seconds of jitter of that recorder.
var measuredBands = [5]struct{ lo, hi, rms float64 }{
	{0.05, 1, 809e-6}, {1, 5, 177e-6}, {5, 23, 33.9e-6}, {23, 47, 11.1e-6}, {47, 200, 8.9e-6},
}

func newFlutter(seed uint64, m Machine, l tape.Length) *flutter {
	f := &flutter{seed: seed, spool: l.Spool()}
	phase := func(i uint64) float64 { return 2 * math.Pi * dsp.Uniform(seed, 1000+i) }
	v := float64(tape.Speed)
	f.reel = peak{0.45, measuredBands[0].rms * math.Sqrt(2*m.ReelShare), phase(0)}
	f.pinch = peak{v / (math.Pi * m.PinchMM * 1e-3), 0, phase(1)}
	f.capstan = peak{v / (math.Pi * m.CapstanMM * 1e-3), 0, phase(2)}
	inBand := [5]float64{}
	inBand[0] = f.reel.amp * f.reel.amp / 2
	for _, p := range []*peak{&f.pinch, &f.capstan} {
		for b, band := range measuredBands {
			if p.hz >= band.lo && p.hz < band.hi {
				p.amp = band.rms * math.Sqrt(2*m.PeakShare)
				inBand[b] += p.amp * p.amp / 2
			}
		}
	}
	// How much of each layer's power falls into each band.
	var share [5][5]float64
	for k := range f.layers {
		f.layers[k].every = 0.45 / measuredBands[k].hi
		for b, band := range measuredBands {
			share[b][k] = integrate(band.lo, band.hi, func(hz float64) float64 { return splinePower(hz, f.layers[k].every) })
		}
	}
	var power [5]float64
	for range 60 {
		for b, band := range measuredBands {
			rest := band.rms*band.rms - inBand[b]
			for k := range power {
				if k != b {
					rest -= share[b][k] * power[k]
				}
			}
			power[b] = max(rest, 0) / share[b][b]
		}
	}
	// Scale everything to the machine's weighted flutter.
	var sum float64
	speed := func(hz float64) float64 { g := 2 * math.Pi * hz * dsp.Ratio(weight.FlutterDB(hz)); return g * g }
	for k := range power {
		sum += power[k] * integrate(0.05, 300, func(hz float64) float64 { return splinePower(hz, f.layers[k].every) * speed(hz) })
	}
	for _, p := range []peak{f.reel, f.pinch, f.capstan} {
		sum += p.amp * p.amp / 2 * speed(p.hz)
	}
	scale := m.FlutterWRMSPct / 100 / math.Sqrt(sum)
	for k := range f.layers {
		f.layers[k].spread = scale * math.Sqrt(power[k])
	}
	f.reel.amp *= scale
	f.pinch.amp *= scale
	f.capstan.amp *= scale
	return f
}

// splinePower is the one-sided power density of unit random numbers every t seconds joined by cubic B-splines.
func splinePower(hz, t float64) float64 {
	s := dsp.Sinc(hz * t)
	s *= s
	s *= s
	return 2 * t * s * s
}

// integrate over a logarithmic grid.
func integrate(lo, hi float64, f func(float64) float64) float64 {
	const n = 400
	step := math.Log(hi/lo) / n
	var sum float64
	for i := range n {
		hz := lo * math.Exp((float64(i)+0.5)*step)
		sum += f(hz) * hz * step
	}
	return sum
}

// at is the displacement, in seconds, at seconds of play from the start of the side.
func (f *flutter) at(seconds float64) float64 {
	var d float64
	for k := range f.layers {
		l := &f.layers[k]
		x := seconds / l.every
		i := math.Floor(x)
		t := x - i
		seed, n := f.seed+uint64(k)*0x9e3779b97f4a7c15, uint64(int64(i))
		// The cubic B-spline's four weights.
		u := 1 - t
		w0 := u * u * u / 6
		w3 := t * t * t / 6
		w1 := 2.0/3 - t*t*(1-t/2)
		w2 := 1 - w0 - w1 - w3
		d += l.spread * (w0*even(seed, n) + w1*even(seed, n+1) + w2*even(seed, n+2) + w3*even(seed, n+3))
	}
	turns := f.spool.Turns(tape.Metres(max(seconds, 0) * float64(tape.Speed)))
	d += f.reel.amp * math.Sin(2*math.Pi*turns+f.reel.phase)
	d += f.pinch.amp * math.Sin(2*math.Pi*f.pinch.hz*seconds+f.pinch.phase)
	d += f.capstan.amp * math.Sin(2*math.Pi*f.capstan.hz*seconds+f.capstan.phase)
	return d
}

// even is a number of variance 1, evenly spread around 0.
func even(seed, n uint64) float64 { return (dsp.Uniform(seed, n) - 0.5) * 3.4641016151377544 }
