package deck

import (
	"math"

	"ferric/deck/internal/weight"
	"ferric/dsp"
	"ferric/tape"
)

// electronics is the replay amplifier: what comes after the head, in time rather than along the tape.
type electronics struct {
	filters  []dsp.Biquad
	state    [2][]dsp.BiquadState
	leak     float64 // of one channel into the other
	noise    float64
	hum      [3]pointer
	motor    [2]float64 // amplitude of the whine and of twice it
	whine    float64    // cycles of it a sample of tape
	key      float64
	keyFade  float64
	keyAt    float64
	keyNoise uint64
	seed     uint64
	clock    uint64 // frames since power on
	out      float64
}

type pointer struct {
	re, im   float64 // of a turning pointer
	cos, sin float64
	amp      float64
}

const settle = 4096 // frames after which filters and pointers are tidied up

func newElectronics(c Config, rate float64) electronics {
	m := c.Machine
	e := electronics{
		leak: dsp.Ratio(-m.SeparationDB),
		noise: dsp.Ratio(m.NoiseDBA) / math.Sqrt(2*integrate(20, min(20000, rate/2), func(hz float64) float64 {
			return math.Pow(10, weight.ADB(hz)/10) / 6 * 2 / rate
		})),
		motor:   [2]float64{dsp.Ratio(m.MotorDB), dsp.Ratio(m.MotorDB - 8)},
		whine:   160 / rate, // a small governed motor at 2400 revolutions a minute, four poles: a choice
		key:     dsp.Ratio(m.KeyDB),
		keyFade: math.Exp(-1 / (0.012 * rate)),
		seed:    dsp.Hash(seedOf("electronics of "+m.Name), 0),
		out:     dsp.Ratio(c.DolbyDBFS),
	}
	for i, level := range [3]float64{0, -6, -10} { // 50 Hz and what a rectifier adds
		s, co := math.Sincos(2 * math.Pi * 50 * float64(i+1) / rate)
		e.hum[i] = pointer{1, 0, co, s, dsp.Ratio(m.HumDB + level)}
	}
	e.filters = append(e.filters, shelfBetween(c.Formulation.EQ, m.eq(c.Formulation), rate))
	if m.BumpHz > 0 {
		e.filters = append(e.filters, dsp.Peak2(m.BumpHz, 1.2, m.BumpDB, rate))
	}
	if m.LowHz > 0 {
		e.filters = append(e.filters, dsp.HighPass2(m.LowHz, math.Sqrt2/2, rate))
	}
	if m.HighHz > 0 && m.HighHz < 0.45*rate {
		e.filters = append(e.filters, dsp.LowPass2(m.HighHz, math.Sqrt2/2, rate))
	}
	for c := range e.state {
		e.state[c] = make([]dsp.BiquadState, len(e.filters))
	}
	return e
}

// shelfBetween is what a machine set to one replay curve makes of a tape recorded for
// another, (1+s·played)/(1+s·recorded) inverted as it is heard: the time constants
// are exact at low frequencies and at the corner, by the bilinear transform.
func shelfBetween(recorded, played tape.ReplayEQ, rate float64) dsp.Biquad {
	if recorded == played {
		return dsp.Biquad{B0: 1}
	}
	// Replay gain rises as √(1+(ωt)²); the recording fell by its own.
	k := 2 * rate
	zero, pole := played.Treble*k, recorded.Treble*k
	a0 := 1 + pole
	return dsp.Biquad{B0: (1 + zero) / a0, B1: (1 - zero) / a0, A1: (1 - pole) / a0}
}

// strike clicks a key.
func (e *electronics) strike() { e.keyAt, e.keyNoise = e.key, e.keyNoise+1 }

// step makes one frame: what the head gives, through the amplifier, to full scale ±1 and never over it.
func (e *electronics) step(left, right float64, place int64) (float32, float32) {
	l := left + float64(e.leak*right)
	r := right + float64(e.leak*left)
	for i := range e.filters {
		f := &e.filters[i]
		l = e.state[0][i].Step(f, l)
		r = e.state[1][i].Step(f, r)
	}
	h := dsp.Hash(e.seed, e.clock)
	l += e.noise * float64(int32(h&0xffff)-int32(h>>16&0xffff)) * (1.0 / 65536)
	r += e.noise * float64(int32(h>>32&0xffff)-int32(h>>48)) * (1.0 / 65536)
	var both float64
	for i := range e.hum {
		t := &e.hum[i]
		t.re, t.im = float64(t.re*t.cos)-float64(t.im*t.sin), float64(t.re*t.sin)+float64(t.im*t.cos)
		both += t.amp * t.im
	}
	if e.motor[0] > 1e-9 {
		// The motor turns with the tape, so its whine is a function of the place too.
		turn := float64(place) * (e.whine / unit)
		s := quickSine(turn)
		both += e.motor[0]*s + e.motor[1]*quickSine(2*turn)
	}
	if e.keyAt > 1e-7 {
		e.keyAt *= e.keyFade
		both += e.keyAt * dsp.Triangular(e.seed+e.keyNoise, e.clock)
	}
	e.clock++
	if e.clock%settle == 0 {
		e.tidy()
	}
	return limit((l + both) * e.out), limit((r + both) * e.out)
}

func (e *electronics) tidy() {
	for c := range e.state {
		for i := range e.state[c] {
			e.state[c][i].Settle()
		}
	}
	for i := range e.hum { // rounding must not let a pointer grow
		t := &e.hum[i]
		g := 1.5 - 0.5*(t.re*t.re+t.im*t.im)
		t.re *= g
		t.im *= g
	}
}

// limit leaves what is under 0.9 and bends what is over towards 1, which it never passes.
func limit(v float64) float32 {
	const knee = 0.9
	a := math.Abs(v)
	if a <= knee {
		return float32(v)
	}
	if !(a < 1e9) {
		return 0
	}
	x := (a - knee) / (1 - knee)
	return float32(math.Copysign(knee+(1-knee)*x/(1+x), v))
}

// quickSine is sin(2π·turns), within 1e-3: a whine needs no more.
func quickSine(turns float64) float64 {
	x := turns - math.Floor(turns) - 0.5
	y := -x * (8 - 16*math.Abs(x))
	return y * (0.775 + 0.225*math.Abs(y))
}
